//! What layers keep from one batch to the next.

use ceratops_core::{Error, MultiLayer, Result};

use super::{Model, entrance::batch_shape};
use crate::Node;

impl Model {
    /// Forgets what stateful layers keep from one batch to the next: the states before the next batch are
    /// zeros.
    ///
    /// ```
    /// use ceratops_layers::{GRU, Input, sequential};
    ///
    /// let model = sequential![Input::new([5, 2]).batch_size(3), GRU::new(4).stateful(true)]?;
    /// let x = ceratops_core::Tensor::full(&[3, 5, 2], 0.5);
    /// let (first, second) = (model.predict(&x)?, model.predict(&x)?);
    /// assert_ne!(first, second);
    /// model.reset_states();
    /// assert_eq!(model.predict(&x)?, first);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn reset_states(&self) {
        self.layers.iter().for_each(|node| node.layer.reset_state());
    }

    /// The length that all batches have, if a layer keeps states from one to the next.
    ///
    /// # Errors
    /// If there is such a layer, and the model's inputs name no length.
    pub fn stateful_batch_size(&self) -> Result<Option<usize>> {
        if self.is_stateful() { self.fixed_batch().map(Some) } else { Ok(None) }
    }

    /// The length of all batches, of which one layer at least keeps the states.
    fn fixed_batch(&self) -> Result<usize> {
        let lengths =
            self.inputs.iter().map(|input| batch_shape(input)?.axes().first().copied()?);
        let lengths: Option<Vec<usize>> = lengths.collect();
        match lengths.as_deref() {
            Some([first, others @ ..]) if others.iter().all(|other| other == first) => Ok(*first),
            _ => {
                let stateful = self.layers.iter().find(|node| node.layer.is_stateful());
                Err(no_batch_size(stateful.map(Node::name).unwrap_or_default()))
            }
        }
    }

    /// Refuses a model with a stateful layer whose batches may have any length.
    pub(crate) fn check_batch_size(&self) -> Result<()> {
        if self.inputs.is_empty() { Ok(()) } else { self.stateful_batch_size().map(drop) }
    }
}

/// Layer `name` is stateful, and batches may have any length.
pub(crate) fn no_batch_size(name: &str) -> Error {
    Error::argument("batch_shape", "one length of all batches", "an open one").with_help(format!(
        "layer \"{name}\" is stateful, and keeps a state for each sample of a batch; say how many there \
         are: Input::new(...).batch_size(32)"
    ))
}
