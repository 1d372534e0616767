//! Call: one layer, called on values.

use std::{ops::Range, sync::Arc};

use ceratops_core::{Arguments, Mode, Shape};

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
    pub(crate) manner: Manner,
}

/// How a call is made, apart from its inputs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manner {
    pub(crate) form: Form,
    /// The argument `training`, where it overrides the mode of the run.
    pub(crate) training: Option<bool>,
    /// What is given besides the inputs, if anything; the tensors of these stand behind the inputs.
    pub(crate) arguments: Option<Arc<Arguments>>,
}

impl Manner {
    /// That of an operation, which gets its operands one by one.
    pub(crate) fn operation() -> Self {
        Self { form: Form::Arguments, ..Self::default() }
    }
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

impl Manner {
    /// The mode that overrides that of the run.
    pub(crate) fn mode(&self) -> Option<Mode> {
        self.training.map(|training| if training { Mode::Training } else { Mode::Inference })
    }

    /// What is given besides the inputs.
    pub(crate) fn arguments(&self) -> &Arguments {
        self.arguments.as_deref().unwrap_or(const { &Arguments::NONE })
    }
}
