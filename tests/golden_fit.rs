//! `fit` and `evaluate` as real Keras does them: histories, their keys, and the weights after.
//!
//! The cases are in `tests/golden/fit`, written by Keras; `tests/golden/README.md` says how.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use ceratops::{
    prelude::*,
    train::{losses, optimizers},
};
use serde_json::Value;
use support::{difference, tensor, tensors};

/// What may differ, relative to the number itself.
const LOGS: f64 = 1e-4;
const WEIGHTS: f32 = 2e-4;

/// What Keras' `fit` and `compile` can be told and ours cannot, yet.
const UNKNOWN: [&str; 1] = ["validation_batch_size"];

#[test]
fn histories_equal_those_of_keras() {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (name, case) in support::cases("fit") {
        let says = |value: &Value| !value.is_null() && *value != Value::Array(Vec::new());
        let listed = case["fit"]["validation_freq"].is_array();
        if listed
            || UNKNOWN.iter().any(|key| says(&case["fit"][key]) || says(&case["compile"][key]))
        {
            continue;
        }
        compared += 1;
        match faults_of(&case) {
            Ok(found) => faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}"))),
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    assert!(compared > 30, "{compared} cases");
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

fn faults_of(case: &Value) -> Result<Vec<String>> {
    let mut model = Sequential::from_json(&case["model"].to_string())?;
    model.set_weights(&tensors(&case["weights"]))?;
    let compile = &case["compile"];
    let loss = match (compile.get("loss_from"), &compile["loss"]) {
        (None | Some(Value::Null), name) => losses::get(name.as_str().unwrap_or_default())?,
        (Some(config), _) => losses::from_json(config)?,
    };
    let metrics: Vec<&str> = strings(&compile["metrics"]);
    let optimizer = optimizers::from_json(&compile["optimizer"])?;
    let weighted = strings(&compile["weighted_metrics"]);
    let mut model = model.compile(optimizer, loss, metrics)?.with_weighted_metrics(weighted)?;

    let (x, y) = (tensor(&case["x"]), tensor(&case["y"]));
    let history = model.fit(&x, &y, options(case))?;
    let mut faults = Vec::new();
    if history.history.names().collect::<Vec<_>>() != strings(&case["history_keys"]) {
        faults.push(format!("keys {:?}", history.history.names().collect::<Vec<_>>()));
    }
    if serde_json::to_value(&history.epoch).unwrap_or_default() != case["epoch"] {
        faults.push(format!("epochs {:?}", history.epoch));
    }
    for (name, values) in history.history.iter() {
        for (epoch, (value, expected)) in
            values.iter().zip(numbers(&case["history"][name])).enumerate()
        {
            check(&mut faults, &format!("{name} of epoch {epoch}"), *value, expected);
        }
    }
    let logs = match sample_weight(case, "sample_weight") {
        Some(weights) => model.evaluate_weighted(&x, &y, &weights)?,
        None => model.evaluate(&x, &y)?,
    };
    for key in strings(&case["evaluate_keys"]) {
        let expected = case["evaluate"][key].as_f64().unwrap_or(f64::NAN);
        check(&mut faults, &format!("evaluate: {key}"), logs[key], expected);
    }
    for (param, expected) in model.params().into_iter().zip(tensors(&case["after"])) {
        let difference = difference(param.value(), &expected);
        if difference.is_nan() || difference > WEIGHTS {
            faults.push(format!("{} differs by {difference:e}", param.name()));
        }
    }
    Ok(faults)
}

fn options(case: &Value) -> FitOptions<'static> {
    let fit = &case["fit"];
    let number = |key: &str| fit[key].as_u64().map(|n| n as usize);
    let mut options = FitOptions::new()
        .verbose(Verbose::Silent)
        .shuffle(fit["shuffle"].as_bool().unwrap_or(true))
        .epochs(number("epochs").unwrap_or(1))
        .batch_size(number("batch_size").unwrap_or(32))
        .initial_epoch(number("initial_epoch").unwrap_or(0));
    if let Some(fraction) = fit["validation_split"].as_f64() {
        options = options.validation_split(fraction);
    }
    if let Some(epochs) = number("validation_freq") {
        options = options.validation_freq(epochs);
    }
    if let Some(weights) = sample_weight(case, "sample_weight") {
        options = options.sample_weight(weights);
    }
    if let Some(weights) = case["class_weight"].as_object() {
        let weight = |(class, weight): (&String, &Value)| {
            (class.parse().unwrap(), weight.as_f64().unwrap() as f32)
        };
        options = options.class_weight(weights.iter().map(weight));
    }
    if let Some(data) = case.get("validation_data") {
        options = options.validation_data(tensor(&data["x"]), tensor(&data["y"]));
        if let Some(weights) = sample_weight(data, "sample_weight") {
            options = options.validation_sample_weight(weights);
        }
    }
    options
}

fn sample_weight(value: &Value, key: &str) -> Option<Tensor> {
    value.get(key).filter(|weights| !weights.is_null()).map(tensor)
}

fn check(faults: &mut Vec<String>, what: &str, value: f64, expected: f64) {
    let difference = (value - expected).abs() / expected.abs().max(1e-2);
    if difference.is_nan() || difference > LOGS {
        faults.push(format!("{what}: {value}, Keras has {expected}"));
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}
