//! What BatchNormalization computes of each channel, and does to it.

use ceratops_core::{Tensor, vectorize};

/// How the channels lie in memory: in turn, each as a run of so many neighbours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channels {
    count: usize,
    run: usize,
}

/// The mean and the variance of each channel.
pub(super) struct Statistics {
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
}

impl Channels {
    /// The channels along `axis` of a tensor of that shape.
    pub(super) fn along(shape: &[usize], axis: usize) -> Self {
        Self { count: shape[axis], run: shape[axis + 1..].iter().product() }
    }

    /// After so many numbers the first channel comes again.
    fn period(self) -> usize {
        (self.count * self.run).max(1)
    }

    /// How many numbers each channel has in a tensor of `len` numbers.
    pub(super) fn share(self, len: usize) -> f64 {
        len.checked_div(self.count).unwrap_or(0).max(1) as f64
    }

    /// `f(channel)` for each number of a period.
    pub(super) fn spread(self, f: impl Fn(usize) -> f32) -> Vec<f32> {
        (0..self.count).flat_map(|c| std::iter::repeat_n(f(c), self.run)).collect()
    }

    /// The sum of `f(i, x, n)` for each channel, in f64, over the numbers x of one tensor and n of
    /// another; i is the place within the period.
    pub(super) fn sums(self, x: &[f32], n: &[f32], f: impl Fn(usize, f64, f64) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0f64; self.period()];
        vectorize(
            #[inline(always)]
            || {
                for (x, n) in x.chunks_exact(self.period()).zip(n.chunks_exact(self.period())) {
                    for (i, ((sum, &x), &n)) in sums.iter_mut().zip(x).zip(n).enumerate() {
                        *sum += f(i, f64::from(x), f64::from(n));
                    }
                }
            },
        );
        let of_channel = |c: usize| sums[c * self.run..(c + 1) * self.run].iter().sum();
        (0..self.count).map(of_channel).collect()
    }

    /// The statistics of a batch.
    pub(super) fn statistics(self, x: &Tensor) -> Statistics {
        let (x, share) = (x.as_slice(), self.share(x.len()));
        let sums = self.sums(x, x, |_, x, _| x);
        let mean: Vec<f32> = sums.iter().map(|sum| (sum / share) as f32).collect();
        let center: Vec<f64> =
            sums.iter().flat_map(|sum| std::iter::repeat_n(sum / share, self.run)).collect();
        let squares = self.sums(x, x, |i, x, _| (x - center[i]) * (x - center[i]));
        Statistics { mean, variance: squares.iter().map(|sum| (sum / share) as f32).collect() }
    }

    /// x = scale · x + shift, with the numbers of its channel.
    pub(super) fn scale_and_shift(
        self,
        x: &mut Tensor,
        scale: impl Fn(usize) -> f32,
        shift: impl Fn(usize) -> f32,
    ) {
        let (scale, shift, x) = (self.spread(scale), self.spread(shift), x.as_mut_slice());
        vectorize(
            #[inline(always)]
            || {
                for x in x.chunks_exact_mut(self.period()) {
                    for ((x, scale), shift) in x.iter_mut().zip(&scale).zip(&shift) {
                        *x = *x * scale + shift;
                    }
                }
            },
        );
    }

    /// dy = slope · (dy - mean_dy - n · mean_dot), with the numbers of its channel; n is the
    /// normalized input.
    pub(super) fn center(
        self,
        dy: &mut Tensor,
        normalized: &Tensor,
        slope: impl Fn(usize) -> f32,
        mean_dy: impl Fn(usize) -> f32,
        mean_dot: impl Fn(usize) -> f32,
    ) {
        let [slope, mean_dy, mean_dot] =
            [self.spread(slope), self.spread(mean_dy), self.spread(mean_dot)];
        let (dy, n) = (dy.as_mut_slice(), normalized.as_slice());
        vectorize(
            #[inline(always)]
            || {
                for (dy, n) in dy.chunks_exact_mut(self.period()).zip(n.chunks_exact(self.period()))
                {
                    for (i, (dy, n)) in dy.iter_mut().zip(n).enumerate() {
                        *dy = slope[i] * (*dy - mean_dy[i] - n * mean_dot[i]);
                    }
                }
            },
        );
    }
}
