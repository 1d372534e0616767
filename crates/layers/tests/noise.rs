//! What the layers draw that make noise: its mean, its variance, and whom it hits.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use ceratops_core::{AnyLayer, Context, Gradients, Tensor};
use ceratops_layers::{
    AlphaDropout, DataFormat, GaussianDropout, GaussianNoise, SpatialDropout1D, SpatialDropout2D,
    SpatialDropout3D,
};

const COUNT: usize = 100_000;

fn trained(layer: &dyn AnyLayer, x: Tensor, step: u64) -> Tensor {
    layer.forward(x, &mut Context::training(1, step, 0)).unwrap().0
}

fn mean_and_variance(x: &Tensor) -> (f64, f64) {
    let numbers = || x.as_slice().iter().map(|&x| f64::from(x));
    let mean = numbers().sum::<f64>() / x.len() as f64;
    (mean, numbers().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64)
}

/// Within five standard errors of a mean, and two hundredths of a variance.
fn assert_moments(y: &Tensor, mean: f64, variance: f64, what: &str) {
    let found = mean_and_variance(y);
    let error = 5.0 * (variance / y.len() as f64).sqrt();
    assert!((found.0 - mean).abs() < error, "{what}: mean {} and not {mean}", found.0);
    let off = (found.1 - variance).abs();
    assert!(off < 0.02 * variance, "{what}: variance {} and not {variance}", found.1);
}

#[test]
fn gaussian_noise_has_its_moments() {
    let y = trained(&GaussianNoise::new(0.3), Tensor::full(&[1, COUNT], 2.0), 0);
    assert_moments(&y, 2.0, 0.09, "GaussianNoise");
    // rate / (1 - rate) = 1/4, and x = 2 scales it.
    let y = trained(&GaussianDropout::new(0.2), Tensor::full(&[1, COUNT], 2.0), 0);
    assert_moments(&y, 2.0, 1.0, "GaussianDropout");
}

/// Numbers of mean 0 and variance 1 stay so.
#[test]
fn alpha_dropout_keeps_mean_and_variance() {
    let noise = GaussianNoise::new(1.0);
    let x = trained(&noise, Tensor::zeros(&[1, COUNT]), 3);
    for rate in [0.1, 0.5] {
        let y = trained(&AlphaDropout::new(rate), x.clone(), 0);
        assert_moments(&y, 0.0, 1.0, "AlphaDropout");
        let y = trained(&AlphaDropout::new(rate), Tensor::full(&[1, COUNT], 1.0), 0);
        let kept = y.as_slice().iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let dropped = y.as_slice().iter().filter(|&&y| y != kept).count() as f64 / COUNT as f64;
        assert!((dropped - rate).abs() < 0.01, "{dropped} and not {rate}");
    }
}

#[test]
fn seeds_and_steps_tell_the_noise_apart() {
    let x = || Tensor::full(&[1, 8], 1.0);
    let pairs: [[Box<dyn AnyLayer>; 2]; 4] = [
        [Box::new(GaussianNoise::new(0.5)), Box::new(GaussianNoise::new(0.5).seed(1))],
        [Box::new(GaussianDropout::new(0.5)), Box::new(GaussianDropout::new(0.5).seed(1))],
        [Box::new(AlphaDropout::new(0.5)), Box::new(AlphaDropout::new(0.5).seed(1))],
        [Box::new(AlphaDropout::new(0.4).seed(5)), Box::new(AlphaDropout::new(0.4).seed(6))],
    ];
    for [a, b] in pairs {
        assert_eq!(trained(&*a, x(), 0), trained(&*a, x(), 0), "{a:?}");
        assert_ne!(trained(&*a, x(), 0), trained(&*b, x(), 0), "{a:?} and {b:?}");
        let steps = (0..4).map(|step| trained(&*a, x(), step));
        assert!(steps.skip(1).any(|y| y != trained(&*a, x(), 0)), "{a:?}");
    }
}

/// All places of a channel are dropped together, whole samples are not, and as many as they should.
#[test]
fn spatial_dropout_drops_whole_channels() {
    let first = DataFormat::ChannelsFirst;
    let of: [(Box<dyn AnyLayer>, &[usize], bool); 5] = [
        (Box::new(SpatialDropout1D::new(0.25)), &[50, 4, 40], false),
        (Box::new(SpatialDropout2D::new(0.25)), &[50, 2, 3, 40], false),
        (Box::new(SpatialDropout2D::new(0.25).data_format(first)), &[50, 40, 2, 3], true),
        (Box::new(SpatialDropout3D::new(0.25)), &[50, 2, 1, 2, 40], false),
        (Box::new(SpatialDropout3D::new(0.25).data_format(first)), &[50, 40, 2, 1, 2], true),
    ];
    for (layer, shape, first) in of {
        let mut cx = Context::training(1, 0, 0);
        let (y, saved) = layer.forward(Tensor::full(shape, 3.0), &mut cx).unwrap();
        let mut slots = Vec::new();
        let mut dw = Gradients::new(&mut slots, true);
        let dx = layer.backward(saved, Tensor::full(shape, 3.0), &mut dw).unwrap().unwrap();
        assert_eq!(dx, y, "{layer:?}");
        // With the places in the middle: (batch, channels, places).
        let places = y.len() / (50 * 40);
        let y = match first {
            true => y.reshape(&[50, 40, places]).unwrap(),
            false => y.reshape(&[50, places, 40]).unwrap().permuted(&[0, 2, 1]).unwrap(),
        };
        let mut dropped = 0;
        for channel in y.as_slice().chunks(places) {
            assert!(channel.iter().all(|y| *y == channel[0]), "{layer:?}");
            assert!(channel[0] == 0.0 || (channel[0] - 4.0).abs() < 1e-6, "{layer:?}");
            dropped += usize::from(channel[0] == 0.0);
        }
        // 2,000 channels: five standard errors are 97.
        assert!(dropped.abs_diff(500) < 97, "{layer:?}: {dropped}");
    }
}
