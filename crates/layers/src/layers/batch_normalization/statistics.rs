//! Sums over a batch, and what BatchNormalization makes of them.
//!
//! A list of sums is a count, then one sum for each channel, then another one for each.

use ceratops_core::{Context, Layer, Result, Tensor};

use super::{super::built, BatchNormalization};

/// The mean and the variance of each channel.
pub(super) struct Statistics {
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
}

impl Statistics {
    /// From count, Σ x and Σ x²: mean = Σ x / count, variance = Σ x² / count - mean².
    ///
    /// The difference loses as many digits as the square of mean / deviation has. The sums being
    /// f64, enough are left for an f32 as long as a mean is not 10,000 deviations.
    pub(super) fn of(sums: &[f64]) -> Self {
        let (means, squares) = shares(sums);
        let variance = |(mean, square): (&f64, f64)| {
            let variance = square - mean * mean;
            // Not `max`, which would make 0 of what is not a number.
            if variance < 0.0 { 0.0 } else { variance as f32 }
        };
        Self {
            variance: means.iter().zip(squares).map(variance).collect(),
            mean: means.iter().map(|mean| *mean as f32).collect(),
        }
    }
}

impl BatchNormalization {
    /// The statistics to normalize `x` with, and whether they are those of the batch.
    pub(super) fn statistics(&self, x: &Tensor, cx: &mut Context) -> Result<(Statistics, bool)> {
        if cx.is_training() && self.couples_samples() {
            let sums = cx.sums().map_or_else(|| Ok(self.channels(x)?.moments(x).into()), Ok)?;
            let batch = Statistics::of(&sums);
            // Keras 2 takes the unbiased variance where TensorFlow has one kernel for all of it: of
            // images whose channels are the last axis, or the first.
            let of_images = x.ndim() == 4 && matches!(*self.channel_axes(4)?, [1] | [3]);
            let unbiased = self.unbiased_variance && of_images;
            let count = parts(&sums).0;
            let scale = if unbiased && count > 1.0 { count / (count - 1.0) } else { 1.0 };
            self.follow(&batch, scale as f32, cx)?;
            return Ok((batch, true));
        }
        let [mean, variance] = [&self.moving_mean, &self.moving_variance]
            .map(|moving| built(moving.as_ref()).map(|moving| moving.value().as_slice().to_vec()));
        Ok((Statistics { mean: mean?, variance: variance? }, false))
    }

    /// Lets the moving statistics follow those of the batch, the variance being scaled before; every
    /// chunk says the same.
    fn follow(&self, batch: &Statistics, scale: f32, cx: &mut Context) -> Result<()> {
        let first = self.gamma.iter().chain(&self.beta).count();
        let shape = built(self.moving_mean.as_ref())?.value().shape();
        let both = [(&batch.mean, 1.0), (&batch.variance, scale)];
        for (i, (new, scale)) in both.into_iter().enumerate() {
            let new: Vec<f32> = new.iter().map(|new| new * scale).collect();
            cx.follow(first + i, Tensor::new(shape, new)?, self.momentum as f32);
        }
        Ok(())
    }
}

/// The count and the two sums of each channel.
pub(super) fn parts(sums: &[f64]) -> (f64, &[f64], &[f64]) {
    let (count, sums) = sums.split_first().unwrap_or((&0.0, &[]));
    let (first, second) = sums.split_at(sums.len() / 2);
    (*count, first, second)
}

/// The two sums of each channel over the count.
pub(super) fn shares(sums: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (count, first, second) = parts(sums);
    let share = |sums: &[f64]| sums.iter().map(|sum| sum / count.max(1.0)).collect();
    (share(first), share(second))
}
