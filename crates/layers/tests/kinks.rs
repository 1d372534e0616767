//! Gradients where a function has a corner, as measured in Keras (TensorFlow).

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use ceratops_core::{AnyLayer, Context, Gradients, Rng, Shape, Tensor};
use ceratops_layers::{ELU, LeakyReLU, MaxPooling2D, PReLU, Padding, ReLU, ThresholdedReLU};
use ceratops_weights::initializers::Constant;
use rand::SeedableRng;

/// Each layer's corners, and points on either side.
const POINTS: [f32; 8] = [-3.0, -1.0, 0.0, 0.5, 1.0, 2.5, 6.0, 7.0];

/// The gradients of x and of each weight for dy = 1.
fn gradients(mut layer: impl AnyLayer, x: &Tensor) -> (Tensor, Vec<Option<Tensor>>) {
    layer.build(&Shape::of(x.shape()), &mut Rng::seed_from_u64(0)).unwrap();
    let (y, saved) = layer.forward(x.clone(), &mut Context::training(0, 0, 0)).unwrap();
    let mut slots = Gradients::slots(layer.params());
    let mut dw = Gradients::new(&mut slots, true);
    let dx = layer.backward(saved, Tensor::full(y.shape(), 1.0), &mut dw).unwrap().unwrap();
    (dx, slots)
}

fn assert_slopes(layer: impl AnyLayer, expected: [f32; 8]) {
    let text = format!("{layer:?}");
    let (dx, _) = gradients(layer, &Tensor::from([POINTS]));
    for ((x, dx), expected) in POINTS.iter().zip(dx.as_slice()).zip(expected) {
        assert!((dx - expected).abs() < 1e-6, "{text} at {x}: {dx}, not {expected}");
    }
}

#[test]
fn rectifiers() {
    let relu = ReLU::new;
    assert_slopes(relu(), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_slopes(relu().negative_slope(0.1), [0.1, 0.1, 0.1, 1.0, 1.0, 1.0, 1.0, 1.0]);
    // A maximum of 6 is relu6, which is flat at its bounds; any other is a clip, which is not.
    assert_slopes(relu().max_value(6.0), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    assert_slopes(relu().max_value(2.5), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    let leaky6 = || relu().negative_slope(0.1).max_value(6.0);
    assert_slopes(leaky6(), [0.1, 0.1, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    assert_slopes(leaky6().threshold(0.5), [0.1, 0.1, 0.1, 0.0, 1.0, 1.0, 1.0, 0.0]);
    assert_slopes(relu().threshold(0.5), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    let opens_late = relu().negative_slope(0.1).threshold(0.5);
    assert_slopes(opens_late, [0.1, 0.1, 0.1, 0.0, 1.0, 1.0, 1.0, 1.0]);
    assert_slopes(relu().threshold(1.0).max_value(1.0), [0.0; 8]);
    assert_slopes(ThresholdedReLU::new(0.5), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    assert_slopes(ThresholdedReLU::new(0.0), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn leaky_re_lu_leaks_at_zero() {
    assert_slopes(LeakyReLU::new(0.3), [0.3, 0.3, 0.3, 1.0, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn elu_has_slope_alpha_at_zero() {
    let [far, near] = [0.049_787_07, 0.367_879_45];
    assert_slopes(ELU::new(1.0), [far, near, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    for alpha in [0.5, 0.0, -0.5f32] {
        let left = [alpha * far, alpha * near, alpha];
        let right = [1.0; 5];
        let slopes: Vec<f32> = left.into_iter().chain(right).collect();
        assert_slopes(ELU::new(f64::from(alpha)), slopes.try_into().unwrap());
    }
}

#[test]
fn p_re_lu_is_flat_at_zero() {
    for alpha in [0.25, -0.25] {
        let layer = PReLU::new().alpha_initializer(Constant::new(alpha));
        let slope = alpha as f32;
        assert_slopes(layer.clone(), [slope, slope, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let (_, dw) = gradients(layer, &Tensor::from([POINTS]));
        assert_eq!(dw[0].as_ref().unwrap().as_slice(), [-3.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}

/// Of equal numbers the first under the window, row by row, gets the whole gradient; where windows
/// overlap, their gradients add up.
#[test]
fn max_pooling_ties_go_to_the_first() {
    let pool = |size: usize| MaxPooling2D::new(size);
    let same = Padding::Same;
    for (layer, expected) in [
        (pool(2), [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]),
        (pool(3).strides(1), [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
        (pool(2).strides(1).padding(same), [[1; 4]; 4]),
        (
            pool(3).strides(2).padding(same),
            [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]],
        ),
        (
            pool(3).strides(1).padding(same),
            [[4, 2, 2, 0], [2, 1, 1, 0], [2, 1, 1, 0], [0, 0, 0, 0]],
        ),
    ] {
        let expected = expected.as_flattened().iter().map(|&n| n as f32).collect::<Vec<_>>();
        let (dx, _) = gradients(layer.clone(), &Tensor::full(&[1, 4, 4, 1], 1.0));
        assert_eq!(dx.as_slice(), expected, "{layer:?}");
        let (dx, _) = gradients(layer.clone(), &Tensor::full(&[1, 4, 4, 1], f32::NEG_INFINITY));
        assert_eq!(dx.as_slice(), expected, "{layer:?} of -inf");
    }
}

/// TensorFlow on a CPU loses a NaN here; we keep it.
#[test]
fn max_pooling_keeps_nan() {
    for place in 0..4 {
        let mut x = Tensor::zeros(&[1, 2, 2, 1]);
        x.as_mut_slice()[place] = f32::NAN;
        for mut cx in [Context::inference(), Context::saving()] {
            let layer = MaxPooling2D::new(2);
            let (y, _) = AnyLayer::forward(&layer, x.clone(), &mut cx).unwrap();
            assert!(y.as_slice()[0].is_nan(), "at {place}");
        }
    }
}
