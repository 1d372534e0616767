//! Every loss against real Keras 3: values and gradients, with options, weights and reductions.
//!
//! The cases are in `tests/golden/losses.json`, written by `make_losses.py` beside it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_train::losses;
use common::{array, golden};

/// What may differ, relative to the number and to the largest of its array; Keras computes in f32.
const EACH: f64 = 4e-6;
const LARGEST: f64 = 4e-7;

#[test]
fn values_and_gradients_are_those_of_keras() {
    let (mut faults, cases) = (Vec::new(), golden("losses.json"));
    let cases = cases.as_array().unwrap();
    for (i, case) in cases.iter().enumerate() {
        let loss = losses::from_json(&case["loss"]).unwrap();
        let (y_true, y_pred) = (array(&case["y_true"]), array(&case["y_pred"]));
        let weights = case.get("sample_weight").map(array);
        let (value, gradient) =
            losses::value_and_gradient(&*loss, &y_true, &y_pred, weights.as_ref()).unwrap();
        let again = losses::value(&*loss, &y_true, &y_pred, weights.as_ref()).unwrap();
        if (again - value).abs() > 1e-12 * value.abs() {
            faults.push(format!("{i} {}: {again} {value}", case["loss"]));
        }
        let expected = array(&case["gradient"]);
        assert_eq!(gradient.shape(), expected.shape());
        let numbers = gradient.as_slice().iter().zip(expected.as_slice());
        let gradients = numbers.map(|(&a, &b)| (f64::from(a), f64::from(b)));
        let largest = expected.as_slice().iter().fold(0.0_f64, |max, &x| max.max(x.abs().into()));
        let value = (value, case["value"].as_f64().unwrap());
        let far = |(a, b): (f64, f64), largest: f64| {
            let gap = (a - b).abs();
            gap.is_nan() || gap > EACH * b.abs() + LARGEST * largest
        };
        let gradients: Vec<_> = gradients.filter(|&pair| far(pair, largest)).collect();
        if far(value, 1.0) || !gradients.is_empty() {
            faults.push(format!("{i} {}: {value:?} {gradients:?}", case["loss"]));
        }
    }
    assert!(cases.len() > 300, "{} cases", cases.len());
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}
