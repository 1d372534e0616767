//! Calling layers on symbolic tensors.

use std::sync::Arc;

use ceratops_core::{Arguments, Error, Result, Rng, Shape};
use serde_json::Value;

use super::tensor::{Cell, KerasTensor};
use crate::{
    Input, Node, entry,
    model::{Form, Manner, entrance::settle_input},
};

impl Input {
    /// The symbolic tensor that stands for this input: Keras' `keras.Input(shape)`. Name it with
    /// [`named`](crate::IntoNode::named) first: `Input::new([4]).named("image").tensor()`.
    pub fn tensor(self) -> KerasTensor {
        Node::from(self).tensor()
    }
}

impl Node {
    /// The symbolic tensor that stands for this input layer.
    ///
    /// Another layer has none; it is [called](CallLayer::call).
    pub fn tensor(mut self) -> KerasTensor {
        let shape = settle_input(&mut self);
        KerasTensor::input(self, shape)
    }

    /// The shapes of the outputs of this layer, called on inputs of these shapes.
    pub(super) fn called_on(&self, inputs: &[Shape], arguments: &Arguments) -> Result<Vec<Shape>> {
        self.layer.validate().map_err(|e| self.at(e))?;
        self.shapes_of_call(inputs, arguments).map_err(|e| self.at(e))
    }

    /// Refuses inputs for which the weights do not fit that a call on inputs of the shapes `first` gives
    /// the layer. The weights made here are no more than shapes.
    pub(super) fn called_again(&self, first: &[Shape], inputs: &[Shape]) -> Result<()> {
        let mut tried = self.clone();
        for inputs in [first, inputs] {
            tried.build_for(inputs, &mut Rng::blank()).map_err(|e| self.at(e))?;
        }
        Ok(())
    }

    /// `error`, saying in which layer it happened; its place in a model is not known yet.
    fn at(&self, error: Error) -> Error {
        let name = self.name.clone().unwrap_or_else(|| entry::snake_case(self.class_name()));
        match error {
            error @ Error::InLayer { .. } => error,
            error => Error::Model(format!("{} \"{name}\": {error}", self.class_name())),
        }
    }
}

/// What a layer is called on: a tensor, or a list of tensors.
pub trait CallInputs {
    /// The tensors, and whether they are a list.
    #[doc(hidden)]
    fn tensors(self) -> (Vec<KerasTensor>, bool);
}

impl CallInputs for &KerasTensor {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (vec![self.clone()], false)
    }
}

impl CallInputs for KerasTensor {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (vec![self], false)
    }
}

impl<const N: usize> CallInputs for [&KerasTensor; N] {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (self.into_iter().cloned().collect(), true)
    }
}

impl<const N: usize> CallInputs for [KerasTensor; N] {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (self.into(), true)
    }
}

impl CallInputs for &[KerasTensor] {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (self.to_vec(), true)
    }
}

impl CallInputs for Vec<KerasTensor> {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (self, true)
    }
}

impl CallInputs for Vec<&KerasTensor> {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (self.into_iter().cloned().collect(), true)
    }
}

impl CallInputs for &[&KerasTensor] {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (self.iter().copied().cloned().collect(), true)
    }
}

impl CallInputs for &Vec<KerasTensor> {
    fn tensors(self) -> (Vec<KerasTensor>, bool) {
        (self.clone(), true)
    }
}

/// Calls layers on symbolic tensors, as Keras does by `layer(x)`.
///
/// ```
/// use ceratops_layers::{CallLayer, Concatenate, Dense, Input, Model};
///
/// let left = Input::new([4]).tensor();
/// let right = Input::new([4]).tensor();
/// // One layer, called twice: its weights are shared.
/// let tower = Dense::new(8).activation("relu").shared();
/// let both = Concatenate::new().call([&tower.call(&left)?, &tower.call(&right)?])?;
/// let model = Model::new([&left, &right], [&Dense::new(1).call(&both)?])?;
/// assert_eq!(model.count_params(), (4 * 8 + 8) + (16 + 1));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub trait CallLayer: Into<Node> {
    /// What the layer puts out when it is called on `inputs`. Whether they fit is checked at once;
    /// its weights are made by [`Model::new`](crate::Model::new).
    ///
    /// # Errors
    /// For inputs that the layer does not take, and for a layer of several outputs, which
    /// [`CallLayer::call_all`] gives.
    fn call(self, inputs: impl CallInputs) -> Result<KerasTensor> {
        self.shared().call(inputs)
    }

    /// All that a layer of several outputs puts out, such as a model that is called as a layer.
    fn call_all(self, inputs: impl CallInputs) -> Result<Vec<KerasTensor>> {
        self.shared().call_all(inputs)
    }

    /// The layer as one that can be called several times, with the same weights.
    fn shared(self) -> SharedLayer {
        SharedLayer {
            layer: Cell::new(self.into()),
            training: None,
            arguments: Arguments::NONE,
            tensors: Vec::new(),
        }
    }
}

impl<L: Into<Node>> CallLayer for L {}

/// A layer that can be called several times, with the same weights. A clone is the same layer.
#[derive(Clone)]
pub struct SharedLayer {
    layer: Arc<Cell>,
    training: Option<bool>,
    arguments: Arguments,
    /// The tensors among the arguments.
    tensors: Vec<KerasTensor>,
}

impl std::fmt::Debug for SharedLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SharedLayer").field(&*self.layer.node()).finish()
    }
}

impl SharedLayer {
    /// The same layer, whose calls run in training mode or in inference mode, whatever the model
    /// does: the argument `training` of a call in Keras 2.
    #[must_use]
    pub fn training(self, training: bool) -> Self {
        Self { training: Some(training), ..self }
    }

    /// The same layer, whose calls are given an argument besides their inputs. That the layer takes it
    /// is checked at the call.
    ///
    /// ```
    /// use ceratops_layers::{CallLayer, Dense, Input};
    ///
    /// let x = Input::new([4]).tensor();
    /// let error = Dense::new(3).shared().argument("use_causal_mask", true).call(&x).unwrap_err();
    /// assert!(error.to_string().contains("takes no argument `use_causal_mask`"));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    #[must_use]
    pub fn argument(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { arguments: self.arguments.with_value(name, value), ..self }
    }

    /// The same layer, whose calls are given a tensor besides their inputs.
    #[must_use]
    pub fn tensor_argument(mut self, name: impl Into<String>, tensor: &KerasTensor) -> Self {
        self.tensors.push(tensor.clone());
        Self { arguments: self.arguments.with_tensor(name), ..self }
    }

    /// What the layer puts out when it is called on `inputs`: [`CallLayer::call`].
    pub fn call(&self, inputs: impl CallInputs) -> Result<KerasTensor> {
        let outputs = self.call_all(inputs)?;
        let count = outputs.len();
        let mut outputs = outputs.into_iter();
        match (outputs.next(), outputs.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(Error::Model(format!(
                "{} has {count} outputs; call it with call_all",
                self.layer.node().class_name()
            ))),
        }
    }

    /// All that the layer puts out when it is called on `inputs`.
    pub fn call_all(&self, inputs: impl CallInputs) -> Result<Vec<KerasTensor>> {
        let (mut inputs, list) = inputs.tensors();
        if inputs.is_empty() {
            return Err(Error::argument("inputs", "at least one tensor", "none"));
        }
        let form = match list {
            true if !self.layer.node().layer().input_names().is_empty() => Form::Arguments,
            true => Form::List,
            false => Form::Tensor,
        };
        inputs.extend(self.tensors.iter().cloned());
        let arguments = Some(&self.arguments).filter(|arguments| !arguments.is_empty());
        let arguments = arguments.map(|arguments| Arc::new(arguments.clone()));
        KerasTensor::call(&self.layer, inputs, Manner { form, training: self.training, arguments })
    }
}

/// What an operation puts out on these tensors, each an argument of its own.
pub(crate) fn call_operation(node: Node, tensors: Vec<KerasTensor>) -> Result<Vec<KerasTensor>> {
    KerasTensor::call(&Cell::new(node), tensors, Manner::operation())
}
