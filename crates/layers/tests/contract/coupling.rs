//! Layers that couple samples through sums: the batch in chunks is the batch as a whole.

use std::{ops::Range, sync::Arc};

use ceratops_core::{AnyLayer, Context, Gradients, Layer, Mask, Rng, Shape, Tensor};
use ceratops_layers::BatchNormalization;
use rand::SeedableRng;

use crate::{
    assert_near, pass,
    samples::{draw, samples},
    training,
};

/// The outputs, the gradients of x and those of the weights, of a batch in chunks; `None` for a
/// layer that needs the whole batch.
fn in_chunks(
    layer: &dyn AnyLayer,
    x: &Tensor,
    dy: &Tensor,
    mask: Option<&Mask>,
    cuts: &[Range<usize>],
) -> Option<(Tensor, Tensor, Vec<Option<Tensor>>)> {
    let part = |tensor: &Tensor, range: &Range<usize>| tensor.batch_slice(range.clone()).unwrap();
    let masked = |cut: &Range<usize>| mask.map(|mask| mask.batch_slice(cut.clone()).unwrap());
    let sums =
        cuts.iter().map(|cut| layer.forward_sums(&part(x, cut), masked(cut).as_ref()).unwrap());
    let sums: Arc<[f64]> = add(sums.collect::<Option<Vec<_>>>()?).into();
    let (ys, saved): (Vec<_>, Vec<_>) = cuts
        .iter()
        .map(|cut| {
            let mut cx = training();
            cx.set_sums(Some(sums.clone()));
            cx.set_masks(vec![masked(cut)]);
            layer.forward(part(x, cut), &mut cx).unwrap()
        })
        .unzip();
    let mut slots = Gradients::slots(layer.params());
    let mut sums = Vec::new();
    for (cut, saved) in cuts.iter().zip(&saved) {
        let mut dw = Gradients::new(&mut slots, true);
        sums.push(layer.backward_sums(saved.as_ref(), &part(dy, cut), &mut dw).unwrap());
    }
    let sums = add(sums);
    let dxs: Vec<Tensor> = cuts
        .iter()
        .zip(saved)
        .map(|(cut, saved)| {
            let mut dw = Gradients::new(&mut slots, true).with_sums(Some(&sums));
            layer.backward(saved, part(dy, cut), &mut dw).unwrap().unwrap()
        })
        .collect();
    Some((Tensor::concat(&ys).unwrap(), Tensor::concat(&dxs).unwrap(), slots))
}

fn add(parts: Vec<Vec<f64>>) -> Vec<f64> {
    let add = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(b).map(|(a, b)| a + b).collect();
    parts.into_iter().reduce(add).unwrap()
}

#[test]
fn a_coupled_batch_may_be_cut_anywhere() {
    let mut tried = 0;
    for sample in samples() {
        let (layer, x) = (sample.built(4), sample.x(5));
        let y = layer.forward(x.clone(), &mut training()).unwrap().0;
        let dy = draw(y.shape(), 5);
        let (y, dx, dw) = pass(&*layer, &x, &dy, training());
        let Some(chunks) = in_chunks(&*layer, &x, &dy, None, &[0..2, 2..2, 2..5]) else { continue };
        assert!(layer.couples_samples(), "{layer:?}");
        assert_near(&chunks.0, &y, &format!("y of {layer:?}"));
        assert_near(&chunks.1, &dx, &format!("dx of {layer:?}"));
        for (chunks, whole) in chunks.2.iter().zip(&dw) {
            assert_eq!(chunks.is_some(), whole.is_some());
            if let (Some(chunks), Some(whole)) = (chunks, whole) {
                assert_near(chunks, whole, &format!("dw of {layer:?}"));
            }
        }
        tried += 1;
    }
    assert_eq!(tried, 9, "the samples of BatchNormalization and Equalization");
}

/// The formulas of a channel in f64.
struct Exact {
    y: Vec<f64>,
    dx: Vec<f64>,
    dgamma: f64,
    variance: f64,
}

fn exact(x: &[f64], dy: &[f64], gamma: f64, beta: f64, epsilon: f64) -> Exact {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let center = mean(x);
    let variance = mean(&x.iter().map(|x| (x - center).powi(2)).collect::<Vec<_>>());
    let deviation = (variance + epsilon).sqrt();
    let normal: Vec<f64> = x.iter().map(|x| (x - center) / deviation).collect();
    let dots: Vec<f64> = normal.iter().zip(dy).map(|(n, dy)| n * dy).collect();
    let (mean_dy, mean_dot) = (mean(dy), mean(&dots));
    let slope = |(n, dy): (&f64, &f64)| gamma / deviation * (dy - mean_dy - n * mean_dot);
    Exact {
        y: normal.iter().map(|n| gamma * n + beta).collect(),
        dx: normal.iter().zip(dy).map(slope).collect(),
        dgamma: dots.iter().sum(),
        variance,
    }
}

/// y, dx and dgamma of several chunks are those of the formula in f64 to a millionth, also where
/// the mean is far from 0.
#[test]
fn batch_normalization_in_chunks_is_exact() {
    let (samples, channels) = (151, 3);
    for offset in [0.0, 30.0] {
        let mut bn = BatchNormalization::new().momentum(0.0);
        Layer::build(&mut bn, &Shape::batched([2, channels]), &mut Rng::seed_from_u64(0)).unwrap();
        for param in Layer::params_mut(&mut bn) {
            param.value_mut().copy_from_slice(&[0.5, 1.5, 2.0]);
        }
        let x = draw(&[samples, 2, channels], 1).map(move |x| x + offset);
        let dy = draw(&[samples, 2, channels], 2);
        let (y, dx, dw) = in_chunks(&bn, &x, &dy, None, &[0..64, 64..128, 128..151]).unwrap();
        let mut cx = Context::training(0, 0, 0);
        Layer::forward(&bn, x.clone(), &mut cx).unwrap();
        let updates = cx.take_updates();
        for c in 0..channels {
            let of = |tensor: &Tensor| -> Vec<f64> {
                tensor.as_slice().iter().skip(c).step_by(channels).map(|&x| x.into()).collect()
            };
            let weight = [0.5, 1.5, 2.0][c];
            let exact = exact(&of(&x), &of(&dy), weight, weight, 0.001);
            assert_exact(&of(&y), &exact.y, offset);
            assert_exact(&of(&dx), &exact.dx, offset);
            assert_exact(&of(dw[0].as_ref().unwrap()), &[exact.dgamma], offset);
            assert_exact(&of(dw[1].as_ref().unwrap()), &[of(&dy).iter().sum()], offset);
            assert_exact(&of(&updates[1].value), &[exact.variance], 0.0);
        }
    }
}

/// Fails unless all are within a millionth of the largest, or of the offset that f32 had to carry.
fn assert_exact(found: &[f64], exact: &[f64], offset: f32) {
    let scale = exact.iter().fold(1.0f64, |max, x| max.max(x.abs())).max(offset.into());
    assert_eq!(found.len(), exact.len());
    for (found, exact) in found.iter().zip(exact) {
        assert!((found - exact).abs() <= 1e-6 * scale, "{found} and {exact}");
    }
}

/// The variance of numbers that are all far from 0 keeps the digits of an f32.
#[test]
fn a_mean_of_a_thousand_deviations_does_not_spoil_the_variance() {
    let mut bn = BatchNormalization::new().momentum(0.0);
    Layer::build(&mut bn, &Shape::batched([1]), &mut Rng::seed_from_u64(0)).unwrap();
    let x = draw(&[1000, 1], 1).map(|x| x + 1000.0);
    let numbers: Vec<f64> = x.as_slice().iter().map(|&x| x.into()).collect();
    let mut cx = Context::training(0, 0, 0);
    Layer::forward(&bn, x, &mut cx).unwrap();
    let variance = exact(&numbers, &numbers, 1.0, 0.0, 0.0).variance;
    assert_exact(&[cx.take_updates()[1].value.as_slice()[0].into()], &[variance], 0.0);
}

/// The same where steps are masked; a chunk may have none that counts.
#[test]
fn a_masked_batch_may_be_cut_anywhere() {
    let mut keep = Tensor::full(&[5, 3], 1.0);
    [0, 1, 2, 4, 8, 9].into_iter().for_each(|step| keep.as_mut_slice()[step] = 0.0);
    let mask = Mask::from(keep);
    for axis in [-1, 1] {
        let mut layer = BatchNormalization::new().axis(axis);
        Layer::build(&mut layer, &Shape::batched([3, 2]), &mut Rng::seed_from_u64(1)).unwrap();
        let (x, dy) = (draw(&[5, 3, 2], 4), draw(&[5, 3, 2], 5));
        let mut cx = training();
        cx.set_masks(vec![Some(mask.clone())]);
        let (y, dx, dw) = pass(&layer, &x, &dy, cx);
        let cuts = [0..1, 1..2, 2..2, 2..5];
        let chunks = in_chunks(&layer, &x, &dy, Some(&mask), &cuts).unwrap();
        assert_near(&chunks.0, &y, "y");
        assert_near(&chunks.1, &dx, "dx");
        for (chunks, whole) in chunks.2.iter().flatten().zip(dw.iter().flatten()) {
            assert_near(chunks, whole, "dw");
        }
    }
}
