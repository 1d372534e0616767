//! What holds for every built-in activation.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use ceratops_activations::*;
use ceratops_core::{Shape, Tensor};
use common::{reference, scalar};

const SHAPES: &[&[usize]] = &[
    &[],
    &[1],
    &[7],
    &[0],
    &[1, 2],
    &[3, 4],
    &[5, 0],
    &[0, 4],
    &[2, 3, 6],
    &[2, 1, 2, 4],
    &[1, 300],
];

/// All but `threshold`, which has no default arguments.
fn activations() -> impl Iterator<Item = Activation> {
    names().filter(|name| *name != "threshold").map(|name| Activation::get(name).unwrap())
}

/// x and f'(x) for `activation`, whatever it keeps.
fn dx(activation: &Activation, x: &Tensor, dy: Tensor) -> Tensor {
    let y = activation.call(x.clone()).unwrap();
    activation.backward(if activation.keeps() == Keeps::Input { x } else { &y }, dy).unwrap()
}

/// Numbers from -7 to 7 that keep off all knees, which lie at multiples of 1/2.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let draws = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1 << 24) as f32 * 14.0 - 7.0
    });
    draws.filter(|x| (2.0 * x - (2.0 * x).round()).abs() > 0.01).take(count).collect()
}

/// The reference's y for each row of x, one after another.
fn rows(name: &str, x: &[f64], row: usize) -> Vec<f64> {
    x.chunks(row.max(1)).flat_map(|x| reference(name, x)).collect()
}

#[test]
fn values_and_gradients_agree_with_f64() {
    for activation in activations() {
        let name = activation.name();
        let mut checked = 0;
        for shape in SHAPES {
            let Ok(y_shape) = activation.output_shape(&Shape::of(shape)) else {
                continue;
            };
            let y_shape: Vec<usize> = y_shape.axes().iter().map(|len| len.unwrap()).collect();
            let (count, row) = (shape.iter().product(), shape.last().copied().unwrap_or(1));
            let x = Tensor::new(shape, numbers(count, 1)).unwrap();
            let y = activation.call(x.clone()).unwrap();
            assert_eq!(y.shape(), y_shape, "{name}");
            let dy = Tensor::new(&y_shape, numbers(y.len(), 2)).unwrap();
            let dx = dx(&activation, &x, dy.clone());
            assert_eq!(dx.shape(), *shape, "{name}");

            let x: Vec<f64> = x.as_slice().iter().map(|&x| f64::from(x)).collect();
            for (y, expected) in y.as_slice().iter().zip(rows(name, &x, row)) {
                let error = (f64::from(*y) - expected).abs();
                assert!(error <= 1e-6 * expected.abs().max(1e-3), "{name}: {y} not {expected}");
            }
            for i in 0..x.len() {
                let loss = |step: f64| {
                    let mut x = x.clone();
                    x[i] += step;
                    let y = rows(name, &x, row);
                    y.iter().zip(dy.as_slice()).map(|(y, dy)| y * f64::from(*dy)).sum::<f64>()
                };
                let numerical = (loss(1e-5) - loss(-1e-5)) / 2e-5;
                let error = (f64::from(dx.as_slice()[i]) - numerical).abs();
                let scale = numerical.abs().max(1.0);
                assert!(error < 3e-6 * scale, "{name}{shape:?} at {}: {error}", x[i]);
                checked += 1;
            }
        }
        assert!(checked > 300, "{name} took too few shapes");
    }
}

#[test]
fn every_digit_counts_from_1e_4_to_80() {
    for (name, f) in names().filter_map(|name| Some((name, scalar(name)?))) {
        let activation = Activation::get(name).unwrap();
        for step in 0..2000 {
            let size = 1e-4 * (80f32 / 1e-4).powf(step as f32 / 2000.0);
            for x in [size, -size] {
                let y = activation.call(x.into()).unwrap().as_slice()[0];
                let (x, y) = (f64::from(x), f64::from(y));
                let h = 1e-6 * x.abs();
                // No more can be asked than that y belongs to an x that is off by 1e-6.
                let slack = x.abs() * ((f(x + h) - f(x - h)) / (2.0 * h)).abs();
                let error = (y - f(x)).abs();
                // A weight of x below the normal numbers is 0.
                let smallest = f64::from(f32::MIN_POSITIVE) * x.abs().max(1.0);
                assert!(error <= 1e-6 * (f(x).abs() + slack) + smallest, "{name}({x}) = {y}");
            }
        }
    }
}

#[test]
fn nan_in_is_nan_out() {
    for activation in activations() {
        let y = activation.call([[1.0, f32::NAN, -1.0, 2.0]].into()).unwrap();
        if scalar(activation.name()).is_some() {
            let nan: Vec<bool> = y.as_slice().iter().map(|y| y.is_nan()).collect();
            assert_eq!(nan, [false, true, false, false], "{activation}");
        } else {
            assert!(y.as_slice().iter().any(|y| y.is_nan()), "{activation}");
        }
    }
    for (slope, max_value, threshold) in [
        (0.1, None, 0.0),
        (0.0, Some(6.0), 0.0),
        (0.0, Some(1.0), -1.0),
        (0.0, None, 0.5),
        (0.1, Some(1.0), 0.5),
    ] {
        assert!(relu(f32::NAN, slope, max_value, threshold).as_slice()[0].is_nan());
    }
    assert!(threshold(f32::NAN, 0.5, 7.0).as_slice()[0].is_nan());
    // The sign of a NaN must not matter to the sort within sparsemax.
    for nan in [f32::NAN, -f32::NAN] {
        assert!(sparsemax([[nan, 1.0, -5.0]], -1).unwrap().as_slice().iter().all(|y| y.is_nan()));
    }
}

#[test]
fn far_out_nothing_overflows() {
    for activation in activations() {
        for row in [[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4], [-1e4, -1e4], [0.0, -0.0]] {
            let x = Tensor::from([row]);
            let y = activation.call(x.clone()).unwrap();
            let dy = Tensor::full(y.shape(), 1.0);
            let dx = dx(&activation, &x, dy);
            for value in y.as_slice().iter().chain(dx.as_slice()) {
                let overflows = activation.name() == "exponential" && *value == f32::INFINITY;
                assert!(value.is_finite() || overflows, "{activation} of {row:?}: {y}, {dx}");
            }
        }
    }
}

#[test]
fn an_unshared_tensor_is_worked_on_in_place() {
    for activation in activations().filter(|activation| activation.name() != "glu") {
        let x = Tensor::from([[1.0, -2.0], [3.0, 0.5]]);
        let address = x.as_slice().as_ptr();
        let y = activation.call(x).unwrap();
        assert_eq!(y.as_slice().as_ptr(), address, "{activation}");

        let shared = y.clone();
        activation.call(shared).unwrap();
        assert_eq!(y.as_slice().as_ptr(), address, "{activation}");
    }
}

#[test]
fn a_dy_of_another_shape_is_refused() {
    for activation in activations() {
        let kept = Tensor::from([[0.5, 0.25], [0.5, 0.25]]);
        let error = activation.backward(&kept, [1.0, 2.0, 3.0].into()).unwrap_err().to_string();
        assert!(error.starts_with("dy: expected shape (2, "), "{activation}: {error}");
    }
}

#[test]
fn identifiers_are_unique_and_resolve() {
    let mut seen = std::collections::HashSet::new();
    for entry in BUILTIN {
        for identifier in entry.identifiers() {
            assert!(seen.insert(identifier), "{identifier} stands twice");
            assert_eq!(Activation::get(identifier).unwrap().name(), entry.name);
        }
        assert!(!entry.formula.is_empty());
    }
}
