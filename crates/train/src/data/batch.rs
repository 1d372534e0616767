//! Batch: some samples, from which one update is made.

use ceratops_core::Tensor;

/// Some samples with a label each, and maybe a weight each, from which one update is made. The first
/// axis of all three counts the samples.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_train::Batch;
///
/// let batch = Batch::new([[0.0, 1.0], [1.0, 0.0]], [1.0, 0.0]).with_sample_weight([1.0, 2.0]);
/// assert_eq!(batch.x.shape(), [2, 2]);
/// assert_eq!(batch.sample_weight, Some(Tensor::from([1.0, 2.0])));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The samples.
    pub x: Tensor,
    /// Their labels, the right answers.
    pub y: Tensor,
    /// A weight for each sample in the loss.
    pub sample_weight: Option<Tensor>,
}

impl Batch {
    /// The samples `x` with labels `y`.
    pub fn new(x: impl Into<Tensor>, y: impl Into<Tensor>) -> Self {
        Self { x: x.into(), y: y.into(), sample_weight: None }
    }

    /// The same with a weight for each sample.
    #[must_use]
    pub fn with_sample_weight(self, weights: impl Into<Tensor>) -> Self {
        Self { sample_weight: Some(weights.into()), ..self }
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.x.batch()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
