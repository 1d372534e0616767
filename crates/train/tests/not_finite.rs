//! Predictions that are NaN or infinite: losses and metrics say of them what Keras says, or the limit
//! where Keras has none.
//!
//! The cases are in `tests/golden/not_finite.json`, written by `make_not_finite.py` beside it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::Tensor;
use ceratops_train::{
    Metric, losses,
    metrics::{self, AnyMetric},
};
use common::golden;
use serde_json::{Value, json};

/// What may differ; Keras computes in f32.
const TOLERANCE: f64 = 2e-6;

fn numbers(values: &Value) -> Vec<f64> {
    let number = |value: &Value| match value.as_str() {
        Some(name) => name.parse().unwrap(),
        None => value.as_f64().unwrap(),
    };
    values.as_array().unwrap().iter().map(number).collect()
}

fn tensor(shape: &[usize], values: &Value) -> Tensor {
    Tensor::new(shape, numbers(values).iter().map(|&x| x as f32).collect()).unwrap()
}

fn metric(entry: &Value) -> Box<dyn Metric> {
    match metrics::from_json(entry).unwrap() {
        AnyMetric::Metric(metric) => metric,
        AnyMetric::Named(name) => metrics::get(&name).unwrap(),
    }
}

fn ours(case: &Value) -> Vec<f64> {
    let rows: Vec<usize> =
        case["rows"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let (y_true, y_pred) = (tensor(&rows, &case["y_true"]), tensor(&[1, 4], &case["y_pred"]));
    let entry = json!({"class_name": case["class_name"], "config": case["config"]});
    if case["kind"] == "loss" {
        let loss = losses::from_json(&entry).unwrap();
        let value = losses::value(&*loss, &y_true, &y_pred, None).unwrap();
        let again = losses::value_and_gradient(&*loss, &y_true, &y_pred, None).unwrap().0;
        assert!(same(value, again), "{case}: {value} and {again}");
        return vec![value];
    }
    let mut metric = metric(&entry);
    metric.update(&y_true, &y_pred).unwrap();
    metric.results()
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()) || (a - b).abs() <= TOLERANCE
}

/// What is right where Keras' way of computing makes NaN of an infinite prediction, although the loss
/// goes to a number or to infinity with it: these are the limits.
fn limit(case: &Value) -> Option<f64> {
    let of_class = case["y_pred"][1].is_string();
    let sign = if case["y_pred"].to_string().contains("-Inf") { -1.0 } else { 1.0 };
    let is_logits = case["config"]["from_logits"] == true;
    match case["class_name"].as_str()? {
        _ if case["y_pred"].to_string().contains("NaN") => None,
        // |gap| - ln 2
        "LogCosh" | "LogCoshError" => Some(f64::INFINITY),
        // max(1 - p of the class + the largest other p, 0)
        "CategoricalHinge" if of_class => Some(if sign > 0.0 { 0.0 } else { f64::INFINITY }),
        // (1 - 0.3^0.5) / 0.5, whatever the others are
        "CategoricalGeneralizedCrossEntropy" if !of_class => Some(2.0 * (1.0 - 0.3_f64.sqrt())),
        // ln(e^x + ...) - 0.3, and without that class where x is -infinity
        "CategoricalCrossentropy" | "SparseCategoricalCrossentropy" if is_logits && !of_class => {
            let others: f64 = [0.3_f64, 0.6, 0.1].map(f64::exp).iter().sum();
            Some(if sign > 0.0 { f64::INFINITY } else { others.ln() - 0.3 })
        }
        _ => None,
    }
}

#[test]
fn losses_and_metrics_are_those_of_keras() {
    let golden = golden("not_finite.json");
    let cases = golden.as_array().unwrap();
    let faults = cases.iter().filter_map(|case| {
        let found = ours(case);
        let right = limit(case).map_or_else(|| numbers(&case["value"]), |limit| vec![limit]);
        let fits =
            found.len() == right.len() && found.iter().zip(&right).all(|(a, b)| same(*a, *b));
        let what = format!("{} {} of {}", case["class_name"], case["config"], case["y_pred"]);
        (!fits).then(|| format!("{what}: {found:?}, right is {right:?}"))
    });
    let faults: Vec<String> = faults.collect();
    assert!(cases.len() > 250, "{} cases", cases.len());
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}
