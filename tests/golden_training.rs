//! Training as real Keras trains: the same weights after 1 and after 20 steps, from the same start.
//!
//! The cases are in `tests/golden/training`, written by Keras; `tests/golden/README.md` says how.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use ceratops::{
    prelude::*,
    train::{losses, optimizers},
};
use serde_json::Value;
use support::{difference, tensor, tensors};

/// What may differ: outputs before any training, weights after one step, and after twenty.
const OUTPUTS: f32 = 3e-6;
const ONE_STEP: f32 = 1e-5;
/// What the first update itself may differ, relative to its own largest number; f32 weights cannot
/// hold it more exactly than `ROUNDING` of their own size.
const FIRST_UPDATE: f32 = 1e-3;
const ROUNDING: f32 = 3e-7;
const TWENTY_STEPS: f32 = 2e-4;
const LOSSES: f64 = 1e-4;

/// On its TensorFlow backend Keras hands the logits of a closing softmax or sigmoid to any
/// crossentropy, so that binary crossentropy takes the sigmoid of a softmax's logits. The other
/// backends take the probabilities that the model gives, and so does Ceratops.
const ANOTHER_FUNCTION_IN_TENSORFLOW: [&str; 3] = [
    "loss_binary_crossentropy_softmax",
    "loss_categorical_crossentropy_sigmoid",
    "loss_sparse_categorical_crossentropy_sigmoid",
];

#[test]
fn weights_follow_those_of_keras() {
    let mut faults = Vec::new();
    let cases = support::cases("training");
    assert!(cases.len() > 200);
    for (name, case) in cases {
        match faults_of(&case) {
            Ok(found) if ANOTHER_FUNCTION_IN_TENSORFLOW.contains(&name.as_str()) => {
                assert!(!found.is_empty(), "{name} is the same function now");
            }
            // One departure brings many others; the first says where it began.
            Ok(found) => faults.extend(found.first().map(|fault| format!("{name}: {fault}"))),
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

/// The model of a case, with its first weights and its frozen layers.
fn model(case: &Value) -> Result<Sequential> {
    let mut model = Sequential::from_json(&case["model"].to_string())?;
    model.set_weights(&tensors(&case["weights"]))?;
    for name in case["frozen"].as_array().into_iter().flatten() {
        model.get_layer_mut(name.as_str().unwrap_or_default())?.set_trainable(false);
    }
    Ok(model)
}

fn faults_of(case: &Value) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut check = |what: &str, difference: f32, allowed: f32| {
        if difference.is_nan() || difference > allowed {
            faults.push(format!("{what} differ by {difference:e}"));
        }
    };
    let model = model(case)?;
    let first = model.get_weights();
    let (x, y) = (tensor(&case["x"]), tensor(&case["y"]));
    let weights = case.get("sample_weight").filter(|w| !w.is_null()).map(tensor);
    check("outputs", difference(&model.predict(&x)?, &tensor(&case["outputs_before"])), OUTPUTS);

    let metrics: Vec<&str> =
        case["metrics"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let loss = match case.get("loss_from").filter(|config| !config.is_null()) {
        Some(config) => losses::from_json(config)?,
        None => losses::get(case["loss"].as_str().unwrap_or_default())?,
    };
    let mut model = model.compile(optimizers::from_json(&case["optimizer"])?, loss, metrics)?;
    let batch = case["batch_size"].as_u64().unwrap_or(32) as usize;
    for step in 0..case["steps"].as_u64().unwrap_or(0) as usize {
        // The batches in their order, and again from the first.
        let start = step % x.batch().div_ceil(batch) * batch;
        let range = start..(start + batch).min(x.batch());
        let (x, y) = (x.batch_slice(range.clone())?, y.batch_slice(range.clone())?);
        let logs = match &weights {
            Some(w) => model.train_on_weighted_batch(&x, &y, &w.batch_slice(range)?)?,
            None => model.train_on_batch(&x, &y)?,
        };
        let expected = case["losses"][step].as_f64().unwrap_or(f64::NAN);
        check(
            &format!("the losses of step {step} ({} and {expected})", logs["loss"]),
            ((logs["loss"] - expected).abs() / expected.abs().max(1e-2)) as f32,
            LOSSES as f32,
        );
        let allowed = if step == 0 { ONE_STEP } else { TWENTY_STEPS };
        if let Some(expected) = case["after"].get((step + 1).to_string()) {
            for ((param, expected), first) in
                model.params().into_iter().zip(tensors(expected)).zip(&first)
            {
                let what = format!("{} after {} steps", param.name(), step + 1);
                check(&what, difference(param.value(), &expected), allowed);
                if step == 0 {
                    let what = format!("the first updates of {}", param.name());
                    check(&what, update_difference(param.value(), &expected, first), FIRST_UPDATE);
                }
            }
        }
    }
    let outputs = tensor(&case["outputs_after"]);
    check("outputs after training", difference(&model.predict(&x)?, &outputs), TWENTY_STEPS);
    Ok(faults)
}

/// The largest difference of two updates from `start`, less what rounding explains, relative to
/// the largest number of the second update.
fn update_difference(a: &Tensor, b: &Tensor, start: &Tensor) -> f32 {
    let largest =
        |values: &mut dyn Iterator<Item = f32>| values.fold(0.0, |m: f32, x| m.max(x.abs()));
    let weight = largest(&mut start.as_slice().iter().copied());
    let update = largest(&mut b.as_slice().iter().zip(start.as_slice()).map(|(b, s)| b - s));
    let error = largest(&mut a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| a - b));
    (error - ROUNDING * weight).max(0.0) / update.max(f32::MIN_POSITIVE)
}
