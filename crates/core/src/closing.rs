//! Closing: the activation at a model's end that a loss can take over.

/// The activation at a model's end that a loss can take over, computing from its input (the
/// *logits*), which is more exact: it works where the probability has become 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Closing {
    /// softmax over the last axis, which categorical crossentropies can take over.
    Softmax,
    /// sigmoid, which binary crossentropy can take over.
    Sigmoid,
}

impl Closing {
    /// The activation of that name, if it can close a model.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Softmax, Self::Sigmoid].into_iter().find(|closing| closing.name() == name)
    }

    /// Keras' name of the activation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Softmax => "softmax",
            Self::Sigmoid => "sigmoid",
        }
    }
}
