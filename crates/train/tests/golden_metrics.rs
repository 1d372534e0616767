//! Every metric against real Keras 3, after each of three batches of unequal size.
//!
//! The cases are in `tests/golden/metrics.json`, written by `make_metrics.py` beside it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::Tensor;
use ceratops_train::{
    Metric,
    metrics::{self, AnyMetric},
};
use common::{array, golden};
use serde_json::{Value, json};

/// What may differ, relative to the number or to one; Keras computes in f32.
const TOLERANCE: f64 = 2e-6;

fn metric(case: &Value) -> Box<dyn Metric> {
    match metrics::from_json(&case["metric"]).unwrap() {
        AnyMetric::Metric(metric) => metric,
        AnyMetric::Named(name) => metrics::get(&name).unwrap(),
    }
}

/// The faults of a metric on data, with weights or without.
fn faults(golden: &Value, case: &Value, expected: &Value, weights: Option<&Tensor>) -> Vec<String> {
    let mut metric = metric(case);
    let data = &golden["data"][case["data"].as_str().unwrap()];
    let (y_true, y_pred) = (array(&data[0]), array(&data[1]));
    let (mut start, mut faults) = (0, Vec::new());
    for (batch, size) in golden["batches"].as_array().unwrap().iter().enumerate() {
        let part = start..start + size.as_u64().unwrap() as usize;
        start = part.end;
        let (t, p) =
            (y_true.batch_slice(part.clone()).unwrap(), y_pred.batch_slice(part.clone()).unwrap());
        let updated = match weights {
            Some(weights) => metric.update_weighted(&t, &p, &weights.batch_slice(part).unwrap()),
            None => metric.update(&t, &p),
        };
        if let Err(error) = updated {
            return vec![format!("{} on {}: {error}", case["metric"], case["data"])];
        }
        let found = metric.results();
        let expected = expected[batch].as_array().unwrap();
        let same = |(a, b): (&f64, &Value)| match b.as_f64() {
            Some(b) => (a - b).abs() <= TOLERANCE * b.abs().max(1.0),
            None => a.is_nan(),
        };
        if found.len() != expected.len() || !found.iter().zip(expected).all(same) {
            let weighted = weights.is_some();
            faults.push(format!(
                "{} on {} weighted: {weighted}, batch {batch}: {found:?}, Keras has {expected:?}",
                case["metric"], case["data"]
            ));
        }
    }
    faults
}

#[test]
fn results_are_those_of_keras() {
    let golden = golden("metrics.json");
    let (weights, row_weights) = (array(&golden["weights"]), array(&golden["row_weights"]));
    let cases = golden["cases"].as_array().unwrap();
    let mut all = Vec::new();
    for case in cases {
        for (key, weights) in
            [("results", None), ("weighted", Some(&weights)), ("row_weighted", Some(&row_weights))]
        {
            if let Some(expected) = case.get(key) {
                all.extend(faults(&golden, case, expected, weights));
            }
        }
    }
    assert!(cases.len() > 150, "{} cases", cases.len());
    assert!(all.is_empty(), "{} differ:\n{}", all.len(), all.join("\n"));
}

/// Whether two values are equal, whole numbers written with a point or without.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_array(), b.as_array()) {
        (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => a == b || a.as_f64().is_some() && a.as_f64() == b.as_f64(),
    }
}

/// What is written is what Keras wrote, and is read again.
#[test]
fn configs_are_those_of_keras() {
    let golden = golden("metrics.json");
    for case in golden["cases"].as_array().unwrap() {
        let found = metric(case).to_json().unwrap();
        let (class, expected) = (&case["metric"]["class_name"], &case["metric"]["config"]);
        assert_eq!(found["class_name"], *class);
        for (key, value) in expected.as_object().unwrap() {
            // Keras writes the axis of a metric's loss although it is the last, and lists as tensors.
            let usual = key == "axis" && *value == -1 && found["config"].get(key).is_none();
            let tensor = value.pointer("/config/value").unwrap_or(value);
            let (ours, theirs) = (&found["config"][key], tensor);
            assert!(usual || same(ours, theirs), "{class} {key}: {ours} {theirs}");
        }
        for key in found["config"].as_object().unwrap().keys() {
            assert!(expected.get(key).is_some(), "{class} {key}");
        }
        let again = metric(&json!({"metric": found}));
        assert_eq!(again.to_json().unwrap(), found);
    }
}
