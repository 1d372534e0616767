//! The derivatives at the knees, which are what Keras 3 has on TensorFlow.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_activations::*;
use ceratops_core::Tensor;

/// f'(x) of a built-in activation.
fn at(name: &str, x: f32) -> f32 {
    let activation = Activation::get(name).unwrap();
    let x = Tensor::from(x);
    let kept = match activation.keeps() {
        Keeps::Input => x,
        Keeps::Output => activation.call(x).unwrap(),
    };
    activation.backward(&kept, 1.0.into()).unwrap().as_slice()[0]
}

#[test]
fn builtin_functions() {
    let table: &[(&str, &[(f32, f32)])] = &[
        ("relu", &[(0.0, 0.0), (-0.0, 0.0)]),
        ("leaky_relu", &[(0.0, 0.2), (-0.0, 0.2)]),
        ("relu6", &[(0.0, 0.0), (6.0, 0.0)]),
        // Keras says 2 for celu, which is wrong: the derivative is 1 from both sides.
        ("celu", &[(0.0, 1.0), (-0.0, 1.0)]),
        ("elu", &[(0.0, 1.0), (-0.0, 1.0)]),
        ("selu", &[(0.0, 1.050701), (-0.0, 1.050701)]),
        ("softsign", &[(0.0, 1.0)]),
        ("soft_shrink", &[(0.5, 0.0), (-0.5, 0.0), (0.50001, 1.0)]),
        ("hard_shrink", &[(0.5, 0.0), (-0.5, 0.0), (0.50001, 1.0)]),
        ("sparse_plus", &[(-1.0, 0.0), (1.0, 1.0)]),
        ("sparse_sigmoid", &[(-1.0, 0.0), (1.0, 0.0), (0.9999999, 0.5)]),
        ("hard_sigmoid", &[(-3.0, 0.0), (3.0, 0.0), (2.9999, 1.0 / 6.0)]),
        ("keras2>hard_sigmoid", &[(-2.5, 0.2), (2.5, 0.2), (2.5001, 0.0), (-2.5001, 0.0)]),
        ("hard_silu", &[(-3.0, 0.0), (3.0, 1.0), (0.0, 0.5)]),
        ("hard_tanh", &[(-1.0, 1.0), (1.0, 1.0), (1.00001, 0.0)]),
        ("squareplus", &[(0.0, 0.5)]),
    ];
    for (name, knees) in table {
        for &(x, expected) in *knees {
            assert_eq!(at(name, x), expected, "{name} at {x}");
        }
    }
}

#[test]
fn relu_with_arguments() {
    for (slope, max_value, threshold, x, expected) in [
        (0.1, None, 0.0, 0.0, 0.1),
        (0.1, Some(6.0), 0.0, 0.0, 0.0),
        (0.0, Some(6.0), 0.0, 6.0, 0.0),
        (0.1, Some(6.0), 0.0, 6.0, 0.0),
        (0.0, Some(2.5), 0.0, 2.5, 1.0),
        (0.0, Some(2.5), 0.0, 2.6, 0.0),
        (0.1, Some(6.0), 0.5, 6.0, 1.0),
        (0.1, Some(6.0), 0.5, 0.5, 0.0),
        (0.0, None, 0.5, 0.5, 0.0),
        (0.0, None, -1.0, -0.5, 1.0),
        (0.0, Some(6.0), -1.0, -0.5, 0.0),
        (0.0, Some(6.0), -1.0, 0.0, 1.0),
    ] {
        let dx = relu_backward(&x.into(), 1.0.into(), slope, max_value, threshold).unwrap();
        let case = format!("relu({x}, {slope}, {max_value:?}, {threshold})");
        assert_eq!(dx.as_slice()[0], expected, "{case}");
    }
}

#[test]
fn functions_with_arguments() {
    // threshold, as ThresholdedReLU, is strict.
    let dx = threshold_backward(&[0.5, 0.6].into(), [1.0, 1.0].into(), 0.5).unwrap();
    assert_eq!(dx, Tensor::from([0.0, 1.0]));
    // At 0 elu's derivative is that of the side below it.
    let dx = elu_backward(&0.0.into(), 1.0.into(), 2.0).unwrap();
    assert_eq!(dx, Tensor::from(2.0));
    // The second 2 is exactly tau: Keras lets its dy through, and takes it off the first.
    let dx = sparsemax_backward(&[[3.0, 2.0, 0.0]].into(), [[5.0, -2.0, 7.0]].into(), -1).unwrap();
    assert_eq!(dx, Tensor::from([[2.0, -2.0, 0.0]]));
}
