//! Models that branch, trained as real Keras 3 and tf_keras train them: the same losses, metrics and
//! weights, from the same start.
//!
//! The cases are in `tests/golden/graphs`, written by Keras; `tests/golden/README.md` says how.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use ceratops::{
    core::Inputs,
    prelude::*,
    train::{losses::Losses, metrics::Metrics, optimizers},
};
use serde_json::Value;
use support::{difference, tensor, tensors};

/// What may differ: outputs before any training, weights after one step and after twenty.
const OUTPUTS: f32 = 3e-6;
const ONE_STEP: f32 = 1e-5;
const TWENTY_STEPS: f32 = 2e-4;
const LOGS: f64 = 1e-4;

#[test]
fn graphs_train_as_in_keras() {
    let cases = support::cases("graphs");
    assert!(cases.len() > 40);
    let mut faults = Vec::new();
    for (name, case) in cases {
        match faults_of(&case) {
            // One departure brings many others; the first says where it began.
            Ok(found) => faults.extend(found.first().map(|fault| format!("{name}: {fault}"))),
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

/// But for chains, which are a Sequential here, and for masks, which are not written.
#[test]
fn json_is_that_of_keras() {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (name, case) in support::cases("graphs") {
        let model = Sequential::from_json(&case["model"].to_string()).unwrap();
        if case["dialect"] != "keras3"
            || model.is_sequential()
            || case["model"].to_string().contains("NotEqual")
        {
            continue;
        }
        let written: Value = serde_json::from_str(&model.to_json().unwrap()).unwrap();
        faults.extend(unlike(&written, &case["model"], "").map(|at| format!("{name}: {at}")));
        compared += 1;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(compared >= 12, "{compared}");
}

/// Where two JSON values differ.
fn unlike(a: &Value, b: &Value, at: &str) -> Option<String> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if a.keys().all(|key| b.contains_key(key)) => b
            .iter()
            .find_map(|(key, b)| unlike(a.get(key)?, b, &format!("{at}.{key}")))
            .or_else(|| {
                let missing = b.keys().find(|key| !a.contains_key(*key))?;
                Some(format!("{at}.{missing} is missing"))
            }),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().find_map(|(i, (a, b))| unlike(a, b, &format!("{at}[{i}]")))
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
        (a, b) if a == b => None,
        (a, b) => Some(format!("{at} is {a}, Keras has {b}")),
    }
}

/// The arrays of `{"name": array}`.
fn named(value: &Value) -> Vec<(String, Tensor)> {
    let all = value.as_object().into_iter().flatten();
    all.map(|(name, array)| (name.clone(), tensor(array))).collect()
}

fn rows(of: &[(String, Tensor)], start: usize, end: usize) -> Result<Inputs> {
    let part = |x: &Tensor| x.batch_slice(start..end.min(x.batch()));
    Inputs::Named(of.to_vec()).try_map(|x| part(&x))
}

fn faults_of(case: &Value) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut check = |what: &str, difference: f32, allowed: f32| {
        if difference.is_nan() || difference > allowed {
            faults.push(format!("{what} differ by {difference:e}"));
        }
    };
    let mut model = Sequential::from_json(&case["model"].to_string())?;
    model.set_weights(&tensors(&case["weights"]))?;
    let (x, y, weights) = (named(&case["x"]), named(&case["y"]), named(&case["sample_weight"]));
    let all = x[0].1.batch();
    let predicted = |model: &Model, key: &str| -> Result<f32> {
        let y = model.predict_all(rows(&x, 0, all)?)?;
        let expected = named(&case[key]);
        Ok(expected
            .iter()
            .map(|(name, y_keras)| difference(&y[name.as_str()], y_keras))
            .fold(0.0, f32::max))
    };
    check("outputs", predicted(&model, "outputs_before")?, OUTPUTS);

    let (losses, mut unknown) = (Losses::from_json(&case["loss"])?, Vec::new());
    let metrics = Metrics::from_json("metrics", &case["metrics"], &mut unknown);
    let weighted = Metrics::from_json("weighted_metrics", &case["weighted_metrics"], &mut unknown);
    assert!(unknown.is_empty(), "{unknown:?}");
    let model = model.compile(optimizers::from_json(&case["optimizer"])?, losses, metrics)?;
    let mut model = model.with_weighted_metrics(weighted)?;
    model = match &case["loss_weights"] {
        Value::Array(list) => {
            model.with_loss_weights(list.iter().filter_map(Value::as_f64).collect::<Vec<_>>())
        }
        Value::Object(named) => {
            let named = named.iter().filter_map(|(name, w)| Some((name.clone(), w.as_f64()?)));
            model.with_loss_weights(named.collect::<Vec<_>>())
        }
        _ => model,
    };
    let batch = case["batch_size"].as_u64().unwrap_or(32) as usize;
    for step in 0..case["steps"].as_u64().unwrap_or(0) as usize {
        let start = step % all.div_ceil(batch) * batch;
        let part = |of| rows(of, start, start + batch);
        let logs = match weights.is_empty() {
            true => model.train_on_batch(part(&x)?, part(&y)?)?,
            false => model.train_on_weighted_batch(part(&x)?, part(&y)?, part(&weights)?)?,
        };
        let expected = case["logs"][step].as_object().unwrap();
        let mut names: Vec<&str> = expected.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(logs.names().collect::<Vec<_>>(), names);
        for (name, value) in expected {
            let value = value.as_f64().unwrap_or(f64::NAN);
            let difference = (logs[name.as_str()] - value).abs() / value.abs().max(1e-2);
            check(
                &format!("{name} of step {step} ({} and {value})", logs[name.as_str()]),
                difference as f32,
                LOGS as f32,
            );
        }
        let allowed = if step == 0 { ONE_STEP } else { TWENTY_STEPS };
        if let Some(expected) = case["after"].get((step + 1).to_string()) {
            for (param, expected) in model.params().into_iter().zip(tensors(expected)) {
                let what = format!("{} after {} steps", param.name(), step + 1);
                check(&what, difference(param.value(), &expected), allowed);
            }
        }
    }
    check("outputs after training", predicted(&model, "outputs_after")?, TWENTY_STEPS);
    Ok(faults)
}
