//! Sums over a batch, and what BatchNormalization makes of them.
//!
//! A list of sums is a count for each channel, then a sum for each, then another one for each.

use std::borrow::Cow;

use ceratops_core::{Context, Error, Layer, Mask, Result, Tensor};

use super::{super::built, BatchNormalization};

/// The mean and the variance of each channel.
pub(super) struct Statistics<'a> {
    pub(super) mean: Cow<'a, [f32]>,
    pub(super) variance: Cow<'a, [f32]>,
}

impl Statistics<'_> {
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
    pub(super) fn statistics(
        &self,
        x: &Tensor,
        cx: &mut Context,
    ) -> Result<(Statistics<'_>, bool)> {
        if cx.is_training() && self.couples_samples() {
            let sums = match cx.sums() {
                Some(sums) => sums,
                None => self.moments(x, cx.mask())?.into(),
            };
            let batch = Statistics::of(&sums);
            // Keras 2 takes the unbiased variance where TensorFlow has one kernel for all of it: of
            // images whose channels are the last axis, or the first.
            let unbiased = self.has_one_kernel(x)?;
            let count = parts(&sums)[0].first().copied().unwrap_or(0.0);
            let scale = if unbiased && count > 1.0 { count / (count - 1.0) } else { 1.0 };
            self.follow(&batch, scale as f32, cx)?;
            return Ok((batch, true));
        }
        let [mean, variance] = [&self.moving_mean, &self.moving_variance]
            .map(|moving| built(moving.as_ref()).map(|moving| moving.value().as_slice().into()));
        Ok((Statistics { mean: mean?, variance: variance? }, false))
    }

    /// Whether Keras 2 has one kernel of TensorFlow's for all that the layer does to `x`, and the
    /// model comes from there.
    fn has_one_kernel(&self, x: &Tensor) -> Result<bool> {
        let of_images = x.ndim() == 4 && matches!(self.channel_axes(4)?[..], [1] | [3]);
        Ok(self.unbiased_variance && of_images)
    }

    /// For each number of `x` whether it counts; `None` where all do.
    pub(super) fn keep(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Vec<f32>>> {
        let Some(mask) = mask else { return Ok(None) };
        // That kernel knows no masks.
        if self.has_one_kernel(x)? {
            return Ok(None);
        }
        let (own, steps) = (mask.tensor().shape(), x.ndim().saturating_sub(1));
        if own.len() != steps {
            let help = "it must have all axes of the input but the last";
            return Err(Error::shape("mask", format!("{steps} axes"), own, help));
        }
        mask.spread(x.shape()).map(Some)
    }

    /// Count, Σ x and Σ x² of each channel.
    pub(super) fn moments(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Vec<f64>> {
        Ok(self.channels(x)?.moments(x, self.keep(x, mask)?.as_deref()))
    }

    /// Lets the moving statistics follow those of the batch, the variance being scaled before; every
    /// chunk says the same.
    fn follow(&self, batch: &Statistics<'_>, scale: f32, cx: &mut Context) -> Result<()> {
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

/// The counts and the two sums of each channel.
pub(super) fn parts(sums: &[f64]) -> [&[f64]; 3] {
    let (counts, sums) = sums.split_at(sums.len() / 3);
    let (first, second) = sums.split_at(sums.len() / 2);
    [counts, first, second]
}

/// The two sums of each channel over its count.
pub(super) fn shares(sums: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let [counts, first, second] = parts(sums);
    // Where nothing counts both are 0.
    let share =
        |sums: &[f64]| sums.iter().zip(counts).map(|(sum, count)| sum / count.max(1.0)).collect();
    (share(first), share(second))
}
