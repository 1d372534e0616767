//! Layers that keep their states from batch to batch, as real Keras does: predictions one after the
//! other, `fit`, `evaluate`, and what a reset forgets.
//!
//! The cases are in `tests/golden/stateful`, written by Keras; `tests/golden/README.md` says how.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use ceratops::{prelude::*, train::optimizers};
use serde_json::Value;
use support::{difference, tensor, tensors};

/// What may differ before any training, and after it.
const OUTPUTS: f32 = 3e-6;
const TRAINED: f32 = 2e-4;

#[test]
fn states_are_those_of_keras() {
    let cases = support::cases("stateful");
    assert!(cases.len() > 30, "{} cases", cases.len());
    let mut faults = Vec::new();
    for (name, case) in cases {
        match faults_of(&case) {
            Ok(found) => faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}"))),
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
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
    let (x, y) = (tensor(&case["x"]), tensor(&case["y"]));
    let expected = tensors(&case["predictions"]);
    check("first outputs", difference(&model.predict(&x)?, &expected[0]), OUTPUTS);
    // A copy goes on where the model is, and leaves it there.
    let copy = model.clone();
    check("outputs of a copy", difference(&copy.predict(&x)?, &expected[1]), OUTPUTS);
    check("second outputs", difference(&model.predict(&x)?, &expected[1]), OUTPUTS);
    model.reset_states();
    check("outputs after a reset", difference(&model.predict(&x)?, &expected[0]), OUTPUTS);
    model.reset_states();

    let mut model = model.compile(optimizers::from_json(&case["optimizer"])?, "mse", ())?;
    let size = case["batch_size"].as_u64().unwrap() as usize;
    let options = FitOptions::new().epochs(2).batch_size(size).shuffle(false);
    let history = model.fit(&x, &y, options.verbose(Verbose::Silent))?;
    for (epoch, expected) in case["history"]["loss"].as_array().into_iter().flatten().enumerate() {
        let expected = expected.as_f64().unwrap();
        let off = (history["loss"][epoch] - expected).abs() / expected;
        check(&format!("losses of epoch {epoch}"), off as f32, 1e-4);
    }
    for (param, expected) in model.params().into_iter().zip(tensors(&case["after"])) {
        check(param.name(), difference(param.value(), &expected), TRAINED);
    }
    let expected = case["evaluate"]["loss"].as_f64().unwrap();
    let off = (model.evaluate(&x, &y)?["loss"] - expected).abs() / expected;
    check("losses of evaluate", off as f32, 1e-4);
    let expected = tensor(&case["predictions_after"]);
    check("outputs after training", difference(&model.predict(&x)?, &expected), TRAINED);
    Ok(faults)
}
