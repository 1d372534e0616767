//! Mask: which time steps of a tensor count.

use crate::{Error, Result, Shape, Tensor};

/// Which steps of a tensor count: 1 where one does, 0 where it does not. It has the leading axes of
/// the tensor it goes with, as (batch, time) beside (batch, time, features), and travels beside it
/// from layer to layer.
///
/// ```
/// use ceratops_core::{Mask, Tensor};
///
/// let mask = Mask::from(Tensor::from([[1.0, 1.0, 0.0]]));
/// assert_eq!(mask.count(), 2.0);
/// ```
///
/// Source: Keras, "Understanding masking and padding".
#[derive(Debug, Clone, PartialEq)]
pub struct Mask(Tensor);

impl From<Tensor> for Mask {
    /// Every number but 0 counts.
    fn from(keep: Tensor) -> Self {
        Self(keep.map(|keep| if keep == 0.0 { 0.0 } else { 1.0 }))
    }
}

impl Mask {
    /// The mask as zeros and ones.
    pub fn tensor(&self) -> &Tensor {
        &self.0
    }

    /// How many steps count.
    pub fn count(&self) -> f64 {
        self.0.sum()
    }

    /// By how much the steps that count weigh more, where `kept` of `total` do, so that a mean over all
    /// steps is one over those that count: total / (kept + 1e-7), as Keras has it.
    pub fn scale(total: usize, kept: f64) -> f64 {
        total as f64 / (kept + 1e-7)
    }

    /// The weight of each step: 0 where it does not count; else 1, or that of `weights`, which has one for
    /// each step or one for each sample.
    pub fn weigh(&self, weights: Option<&[f32]>) -> Vec<f32> {
        let keep = self.0.as_slice();
        let Some(weights) = weights else { return keep.to_vec() };
        let steps = (keep.len() / weights.len().max(1)).max(1);
        let weight = |i: usize| weights.get(i / steps).copied().unwrap_or(0.0);
        keep.iter().enumerate().map(|(i, keep)| keep * weight(i)).collect()
    }

    /// A step counts where it does in either mask; their axes of length 1 are stretched.
    pub fn or(&self, other: &Self) -> Result<Self> {
        self.joined(other, f32::max)
    }

    /// A step counts where it does in both masks; their axes of length 1 are stretched.
    pub fn and(&self, other: &Self) -> Result<Self> {
        self.joined(other, f32::min)
    }

    fn joined(&self, other: &Self, join: impl Fn(f32, f32) -> f32) -> Result<Self> {
        self.0.clone().broadcast_map(&other.0, join).map(Self)
    }

    /// The masks of consecutive samples as one.
    pub fn concat(parts: &[Self]) -> Result<Self> {
        let parts: Vec<Tensor> = parts.iter().map(|part| part.0.clone()).collect();
        Tensor::concat(&parts).map(Self)
    }

    /// The mask of these samples.
    pub fn batch_slice(&self, range: std::ops::Range<usize>) -> Result<Self> {
        self.0.batch_slice(range).map(Self)
    }

    /// For each number of a tensor of shape `dims`, whether it counts: the mask stretched along the
    /// axes that it lacks.
    pub fn spread(&self, dims: &[usize]) -> Result<Vec<f32>> {
        let own = self.0.shape();
        if dims.get(..own.len()) != Some(own) {
            let expected = Shape::of(dims.get(..own.len()).unwrap_or(dims));
            return Err(Error::shape("mask", expected, own, "it must go with the tensor's steps"));
        }
        let each: usize = dims[own.len()..].iter().product();
        let keep = self.0.as_slice().iter();
        Ok(keep.flat_map(|keep| std::iter::repeat_n(*keep, each)).collect())
    }
}
