//! Pools at their corners: equal numbers, NaN, masks, sizes that the contract's samples do not have.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use ceratops_core::{AnyLayer, Context, Gradients, Mask, Tensor};
use ceratops_layers::{
    AdaptiveMaxPooling2D, AveragePooling2D, AveragePooling3D, DataFormat, GlobalAveragePooling1D,
    GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D, MaxPooling1D, MaxPooling3D,
    Padding,
};

/// y, and the gradient of x for dy = 1.
fn pass(layer: impl AnyLayer, x: &Tensor, mask: Option<Mask>) -> (Tensor, Tensor) {
    let mut cx = Context::saving();
    cx.set_masks(vec![mask]);
    let (y, saved) = layer.forward(x.clone(), &mut cx).unwrap();
    let mut slots = Vec::new();
    let mut dw = Gradients::new(&mut slots, true);
    let dx = layer.backward(saved, Tensor::full(y.shape(), 1.0), &mut dw).unwrap().unwrap();
    (y, dx)
}

/// As measured in Keras (TensorFlow), but for three dimensions, where it gives each of them all.
#[test]
fn of_equal_numbers_the_first_counts_or_all_share() {
    let x = Tensor::from([[[[0.0], [1.0], [0.0]], [[1.0], [0.0], [1.0]]]]);
    let third = 1.0 / 3.0;
    let (_, dx) = pass(GlobalMaxPooling2D::new(), &x, None);
    assert_eq!(dx.as_slice(), [0.0, third, 0.0, third, 0.0, third]);
    // Rows come first, so that the first column with a maximum counts.
    let (_, dx) = pass(AdaptiveMaxPooling2D::new(1), &x, None);
    assert_eq!(dx.as_slice(), [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let (_, dx) = pass(MaxPooling3D::new(2), &Tensor::full(&[1, 2, 2, 2, 1], 1.0), None);
    assert_eq!(dx.as_slice(), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let x = Tensor::new(&[1, 2, 2, 1, 1], vec![0.0, 1.0, 1.0, 0.0]).unwrap();
    let (_, dx) = pass(MaxPooling3D::new([2, 2, 1]), &x, None);
    assert_eq!(dx.as_slice(), [0.0, 1.0, 0.0, 0.0]);
}

#[test]
fn nan_stays() {
    for place in 0..3 {
        let mut x = Tensor::from([[[1.0], [2.0], [3.0]]]);
        x.as_mut_slice()[place] = f32::NAN;
        assert!(pass(MaxPooling1D::new(3), &x, None).0.as_slice()[0].is_nan());
        assert!(pass(GlobalMaxPooling1D::new(), &x, None).0.as_slice()[0].is_nan());
        let first = GlobalMaxPooling1D::new().data_format(DataFormat::ChannelsFirst);
        let x = x.reshape(&[1, 1, 3]).unwrap();
        assert!(pass(first, &x, None).0.as_slice()[0].is_nan());
    }
}

/// As measured in Keras: averages of what is inside.
#[test]
fn pads_are_no_part_of_a_mean() {
    let pool = AveragePooling2D::new(3).strides(2).padding(Padding::Same);
    let (y, dx) = pass(pool, &Tensor::full(&[1, 4, 4, 1], 1.0), None);
    assert_eq!(y.as_slice(), [1.0; 4]);
    let row = [1.0 / 9.0, 1.0 / 9.0, 5.0 / 18.0, 1.0 / 6.0];
    let near = |a: &f32, b: &f32| (a - b).abs() < 1e-6;
    assert!(dx.as_slice()[..4].iter().zip(&row).all(|(a, b)| near(a, b)), "{dx:?}");
    let pool = AveragePooling3D::new(3).strides(2).padding(Padding::Same);
    let (y, dx) = pass(pool, &Tensor::full(&[1, 4, 4, 4, 1], 1.0), None);
    assert_eq!(y.as_slice(), [1.0; 8]);
    assert!(near(&dx.as_slice()[2], &0.092_592_6), "{dx:?}");
}

/// Masked steps count nothing, whatever stands there; of nothing the mean is NaN, as in Keras.
#[test]
fn the_mean_of_a_sequence_leaves_out_what_is_masked() {
    let mask = || Some(Mask::from(Tensor::from([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0; 3]])));
    let (x, none) = (|t: f32| [t, 10.0 * t], f32::NAN);
    let steps = [[x(1.0), x(none), x(3.0)], [x(none), x(5.0), x(6.0)], [x(7.0), x(8.0), x(9.0)]];
    let (y, dx) = pass(GlobalAveragePooling1D::new(), &Tensor::from(steps), mask());
    assert_eq!(y.as_slice()[..4], [2.0, 20.0, 5.0, 50.0]);
    assert!(y.as_slice()[4..].iter().all(|y| y.is_nan()));
    let slopes: Vec<f32> = dx.as_slice().iter().copied().step_by(2).collect();
    assert_eq!(slopes, [0.5, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    // Channels first: (batch, channels, steps), and the mask is the same.
    let turned = Tensor::from(steps).permuted(&[0, 2, 1]).unwrap();
    let first = GlobalAveragePooling1D::new().data_format(DataFormat::ChannelsFirst).keepdims(true);
    let (z, dz) = pass(first, &turned, mask());
    assert_eq!(z.shape(), [3, 2, 1]);
    assert_eq!(z.as_slice()[..4], y.as_slice()[..4]);
    assert_eq!(dz.permuted(&[0, 2, 1]).unwrap(), dx);
    // No other pool reads it.
    let x = Tensor::from([[[1.0], [2.0], [9.0]]]);
    let mask = Some(Mask::from(Tensor::from([[1.0, 1.0, 0.0]])));
    assert_eq!(pass(GlobalMaxPooling1D::new(), &x, mask).0.as_slice(), [9.0]);
}

/// A mean of many numbers is exact to the last bits, whichever way they stand.
#[test]
fn the_mean_of_many_is_exact() {
    let (n, channels) = (100_003, 3);
    let x: Vec<f32> = (0..n * channels).map(|i| 1.0 + (i * 7919 % 1000) as f32 / 1e4).collect();
    let exact = |channel: usize| {
        let own = x.iter().skip(channel).step_by(channels).map(|&x| f64::from(x));
        (own.sum::<f64>() / n as f64) as f32
    };
    let exact: Vec<f32> = (0..channels).map(exact).collect();
    let x = Tensor::new(&[1, n, 1, channels], x.clone()).unwrap();
    let (y, _) = pass(GlobalAveragePooling2D::new(), &x, None);
    let first = GlobalAveragePooling2D::new().data_format(DataFormat::ChannelsFirst);
    let (z, _) = pass(first, &x.permuted(&[0, 3, 1, 2]).unwrap(), None);
    for y in [y, z] {
        for (y, exact) in y.as_slice().iter().zip(&exact) {
            assert!((y - exact).abs() <= f32::EPSILON * exact, "{y} and {exact}");
        }
    }
}
