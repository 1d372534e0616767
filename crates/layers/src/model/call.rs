//! Call: one layer, called on values.

use std::ops::Range;

use ceratops_core::{Mode, Shape};

/// An input of a model, or an output of one of its calls: inputs first, then call after call.
pub(crate) type Value = usize;

/// One layer, called on values.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The layer's place in the model.
    pub(crate) layer: usize,
    pub(crate) inputs: Vec<Value>,
    pub(crate) outputs: Range<Value>,
    /// The shapes of the outputs; none before they are known.
    pub(crate) shapes: Vec<Shape>,
    /// The argument `training` of the call, where it overrides the mode of the run.
    pub(crate) training: Option<bool>,
    pub(crate) form: Form,
}

/// How a call is given its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Form {
    /// One tensor.
    #[default]
    Tensor,
    /// A list of tensors, as a merging layer takes.
    List,
    /// One tensor for each argument.
    Arguments,
}

impl Call {
    /// The mode that overrides that of the run.
    pub(crate) fn mode(&self) -> Option<Mode> {
        self.training.map(|training| if training { Mode::Training } else { Mode::Inference })
    }
}
