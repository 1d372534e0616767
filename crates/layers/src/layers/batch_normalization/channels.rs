//! What BatchNormalization computes of each channel, and does to it.

use ceratops_core::Tensor;

/// The mean and the variance of each channel.
pub(super) struct Statistics {
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
}

/// The statistics of a batch, summed in f64.
pub(super) fn statistics(x: &Tensor, axis: usize) -> Statistics {
    let channels = x.shape()[axis];
    let count = (x.len() / channels.max(1)).max(1) as f64;
    let mut mean = vec![0.0f64; channels];
    for_each_run(x.shape(), axis, x.as_slice(), |c, run| {
        mean[c] += run.iter().map(|&x| f64::from(x)).sum::<f64>();
    });
    mean.iter_mut().for_each(|mean| *mean /= count);
    let mut variance = vec![0.0f64; channels];
    for_each_run(x.shape(), axis, x.as_slice(), |c, run| {
        variance[c] += run.iter().map(|&x| (f64::from(x) - mean[c]).powi(2)).sum::<f64>();
    });
    Statistics {
        mean: mean.iter().map(|&mean| mean as f32).collect(),
        variance: variance.iter().map(|&variance| (variance / count) as f32).collect(),
    }
}

/// x = scale · x + shift, with the numbers of its channel.
pub(super) fn scale_and_shift(
    x: &mut Tensor,
    shape: &[usize],
    axis: usize,
    of: impl Fn(usize) -> (f32, f32),
) {
    let channels: Vec<(f32, f32)> = (0..shape[axis]).map(of).collect();
    let inner: usize = shape[axis + 1..].iter().product();
    for (i, run) in x.as_mut_slice().chunks_exact_mut(inner.max(1)).enumerate() {
        let (scale, shift) = channels[i % channels.len()];
        run.iter_mut().for_each(|x| *x = *x * scale + shift);
    }
}

/// Calls `f(channel, run)` for each run of neighbouring numbers of one channel.
fn for_each_run<'a>(
    shape: &[usize],
    axis: usize,
    x: &'a [f32],
    mut f: impl FnMut(usize, &'a [f32]),
) {
    let inner: usize = shape[axis + 1..].iter().product();
    for (i, run) in x.chunks_exact(inner.max(1)).enumerate() {
        f(i % shape[axis], run);
    }
}
