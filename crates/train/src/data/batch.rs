//! Batch: some samples, from which one update is made.

use ceratops_core::{Inputs, IntoInputs, Tensor};

/// Some samples with a label each, and maybe a weight each, from which one update is made. The first
/// axis of all three counts the samples. A model of several inputs takes a tensor for each, in their
/// order or by their names; so with outputs and their labels.
///
/// ```
/// use ceratops_core::{Inputs, Tensor};
/// use ceratops_train::Batch;
///
/// let batch = Batch::new([[0.0, 1.0], [1.0, 0.0]], [1.0, 0.0]).with_sample_weight([1.0, 2.0]);
/// assert_eq!(batch.len(), 2);
/// assert_eq!(batch.sample_weight, Some(Inputs::One([1.0, 2.0].into())));
///
/// let (image, age) = (Tensor::zeros(&[2, 8, 8, 1]), Tensor::zeros(&[2, 1]));
/// let batch = Batch::new([("image", &image), ("age", &age)], [1.0, 0.0]);
/// assert_eq!(batch.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The samples.
    pub x: Inputs,
    /// Their labels, the right answers.
    pub y: Inputs,
    /// A weight for each sample in the loss, of all outputs or of each.
    pub sample_weight: Option<Inputs>,
}

impl Batch {
    /// The samples `x` with labels `y`.
    pub fn new(x: impl IntoInputs, y: impl IntoInputs) -> Self {
        Self { x: x.into(), y: y.into(), sample_weight: None }
    }

    /// The same with a weight for each sample.
    #[must_use]
    pub fn with_sample_weight(self, weights: impl IntoInputs) -> Self {
        Self { sample_weight: Some(weights.into()), ..self }
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.x.iter().next().map_or(0, Tensor::batch)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
