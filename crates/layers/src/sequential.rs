//! Sequential: a model whose layers stand in a row.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use ceratops_core::{Arguments, Error, Layer, Param, Result, Shape, Tensor};
use serde::Serialize;

use crate::{
    Input, IntoNode, Model, Node, entry,
    executor::in_node,
    model::{
        Call, Manner, Nest,
        entrance::{check_input, entrance_of, settle_input},
        input_layer,
        names::refused,
        states::no_batch_size,
    },
};

/// A model whose layers stand in a row, each taking the output of the one before.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Dense, Input, Sequential};
///
/// let mut model = Sequential::new();
/// model.add(Input::new([4]))?.add(Dense::new(8).activation("relu"))?.add(Dense::new(3))?;
/// let y = model.predict(Tensor::zeros(&[2, 4]))?;
/// assert_eq!(y.shape(), [2, 3]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Without an [`Input`], or an `input_shape` on the first layer, the weights are made when the
/// model first sees data, or by [`Sequential::build`].
///
/// It is a way to make a [`Model`], and can do all that a `Model` can, through `Deref`.
///
/// Source: Keras, `keras.Sequential`.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Sequential {
    model: Model,
}

/// A [`Sequential`] model of the listed layers: `sequential![Input::new([4]), Dense::new(3)]?`.
///
/// ```
/// use ceratops_layers::{Dense, Input, sequential};
///
/// let model = sequential![Input::new([4]), Dense::new(8).activation("relu"), Dense::new(3)]?;
/// assert_eq!(model.count_params(), 4 * 8 + 8 + 8 * 3 + 3);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[macro_export]
macro_rules! sequential {
    () => {
        $crate::Sequential::from_layers::<$crate::Node>([])
    };
    ($($layer:expr),* $(,)?) => {
        $crate::Sequential::from_layers([$($crate::Node::from($layer)),*])
    };
}

impl Sequential {
    /// An empty model.
    pub fn new() -> Self {
        Self::with_seed(0)
    }

    /// An empty model whose weights will be drawn from `seed`. Without this the seed is 0, so
    /// that the same program always makes the same weights.
    // Not inlined: with optimization rustc 1.95 takes two equal structs that are moved into two calls
    // of a closure for one, whose memory the first call has already given up or changed
    // (`seeds_make_the_weights` crashed in release).
    #[inline(never)]
    pub fn with_seed(seed: u64) -> Self {
        Self { model: Model::empty(seed) }
    }

    /// A model of these layers.
    pub fn from_layers<N: Into<Node>>(layers: impl IntoIterator<Item = N>) -> Result<Self> {
        let mut model = Self::new();
        for layer in layers {
            model.add(layer)?;
        }
        Ok(model)
    }

    /// The same model under a name of its own.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { model: self.model.with_name(name) }
    }

    /// Appends a layer. Its weights are made at once if the input's shape is known.
    ///
    /// Refused are: arguments that the layer cannot work with, a shape it does not take, a name
    /// that another layer has, an `Input` that is not the first. The model is then unchanged.
    pub fn add(&mut self, layer: impl Into<Node>) -> Result<&mut Self> {
        let node = layer.into();
        if let Some(name) = node.name.as_ref().filter(|name| name.contains('/')) {
            return Err(refused(name));
        }
        self.model.append(node)?;
        Ok(self)
    }

    /// Takes the last layer off, and returns it.
    pub fn pop(&mut self) -> Result<Node> {
        self.model.take_last()
    }

    /// Makes the weights for inputs of shape `input`, batch axis included.
    pub fn build(&mut self, input: impl Into<Shape>) -> Result<()> {
        self.model.build(input)
    }

    /// [`build`](Self::build) with zeros in place of drawn numbers, because others will take their
    /// place, or nobody will ask.
    pub fn build_blank(&mut self, input: impl Into<Shape>) -> Result<()> {
        self.model.blank = true;
        let built = self.model.build(input);
        self.model.blank = false;
        built
    }
}

/// What changes a [`Model`], once more: through `DerefMut` the borrow checker would refuse
/// `model.set_weights(&f(model.get_weights()))`.
impl Sequential {
    /// [`Model::set_weights`].
    pub fn set_weights(&mut self, weights: &[Tensor]) -> Result<()> {
        self.model.set_weights(weights)
    }

    /// [`Model::set_trainable`].
    pub fn set_trainable(&mut self, trainable: bool) {
        self.model.set_trainable(trainable);
    }

    /// [`Model::layers_mut`].
    pub fn layers_mut(&mut self) -> &mut [Node] {
        self.model.layers_mut()
    }

    /// [`Model::get_layer_mut`].
    pub fn get_layer_mut(&mut self, name: &str) -> Result<&mut Node> {
        self.model.get_layer_mut(name)
    }

    /// [`Model::params_mut`].
    pub fn params_mut(&mut self) -> Vec<&mut Param> {
        self.model.params_mut()
    }
}

impl Model {
    /// A chain without layers.
    pub(crate) fn empty(seed: u64) -> Self {
        let mut model = Self {
            name: None,
            seed,
            blank: false,
            sequential: true,
            functional: false,
            inputs: Vec::new(),
            layers: Vec::new(),
            calls: Vec::new(),
            outputs: vec![0],
            input_nest: Nest::Leaf,
            output_nest: Nest::Leaf,
            listed: Vec::new(),
            names: None,
            schedule: crate::model::Schedule::default(),
        };
        model.reschedule();
        model
    }

    /// Appends a layer to a chain: [`Sequential::add`]. The name of one from a file may have a `/`, as in
    /// Keras 2.
    pub(crate) fn append(&mut self, mut node: Node) -> Result<()> {
        self.expect_row()?;
        let name = match (node.name.take(), node.as_model()) {
            (Some(name), _) => name,
            (None, Some(Self { name: Some(name), .. })) => name.clone(),
            (None, nested) => {
                let taken = nested.map_or_else(Vec::new, Self::all_names);
                self.names().free(&entry::snake_case(node.class_name()), &taken)
            }
        };
        let index = self.layers.len();
        self.check_name(&name, &node)?;
        node.name = Some(name);
        if node.class_name() == Input::CLASS_NAME {
            return self.set_input(node);
        }
        self.schedule.extent().with(&node).check().map_err(|e| in_node(e, &node, index))?;
        node.layer.validate().map_err(|e| in_node(e, &node, index))?;
        let first = index == 0 && self.inputs.is_empty();
        let entrance = if first { entrance_of(&node)? } else { None };
        let mut shapes = Vec::new();
        if let Some(shape) = self.output_shape().cloned().or_else(|| entrance.clone()) {
            let built =
                node.build(&[shape.with_axis(0, None)], &Arguments::NONE, &mut self.rng(index));
            shapes = built.map_err(|e| in_node(e, &node, index))?;
            one_output(&shapes, &node, index)?;
            let input = self.input_shape().or(entrance.as_ref());
            if node.layer.is_stateful() && input.is_some_and(|input| input.axes()[0].is_none()) {
                return Err(in_node(no_batch_size(node.name()), &node, index));
            }
        }
        let (input, end) = (self.outputs.first().copied().unwrap_or(0), self.value_count());
        self.names().insert(&node);
        self.layers.push(node);
        let outputs = end..end + 1;
        self.calls.push(Call {
            layer: index,
            inputs: vec![input],
            outputs,
            shapes,
            manner: Manner::default(),
        });
        self.outputs = vec![end];
        self.schedule_last();
        if let Some(shape) = entrance {
            self.enter(shape);
        }
        Ok(())
    }

    /// Refuses to change a model whose layers are no row.
    fn expect_row(&self) -> Result<()> {
        if self.sequential {
            return Ok(());
        }
        Err(Error::Model(format!(
            "\"{}\" is a graph of layers, which has no last one: make it the first layer of a Sequential \
             and add to that",
            self.name()
        )))
    }

    /// Takes the last layer off a chain.
    fn take_last(&mut self) -> Result<Node> {
        self.expect_row()?;
        let no_layers = || Error::Model("there are no layers in the model".into());
        let node = self.layers.pop().ok_or_else(no_layers)?;
        if let Some(call) = self.calls.pop() {
            self.outputs = call.inputs;
        }
        self.names = None;
        self.reschedule();
        Ok(node)
    }

    fn set_input(&mut self, mut node: Node) -> Result<()> {
        if let Some(first) = self.inputs.first().or(self.layers.first()) {
            return Err(Error::Model(format!(
                "Input \"{}\" must come first, but the model begins with {} \"{}\" already",
                node.name(),
                first.class_name(),
                first.name()
            )));
        }
        check_input(&settle_input(&mut node))?;
        self.names().insert(&node);
        self.inputs = vec![node];
        Ok(())
    }

    /// Puts an Input of that shape before the first layer.
    fn enter(&mut self, batch_shape: Shape) {
        let name = self.names().free("input_layer", &[]);
        let mut node = input_layer(batch_shape).named(name);
        settle_input(&mut node);
        self.names().insert(&node);
        self.inputs = vec![node];
    }

    /// Makes the weights of a chain for inputs of shape `input`, batch axis included.
    pub fn build(&mut self, input: impl Into<Shape>) -> Result<()> {
        let mut shape = input.into().with_axis(0, None);
        check_input(&shape)?;
        if let Some(own) = self.input_shape().filter(|own| own.with_axis(0, None) != shape) {
            let message = format!("the model takes inputs of shape {own}, not {shape}");
            return Err(Error::Model(message));
        }
        if !self.sequential {
            return Ok(());
        }
        let (mut layers, mut calls, entrance) =
            (self.layers.clone(), self.calls.clone(), shape.clone());
        for (index, (node, call)) in layers.iter_mut().zip(&mut calls).enumerate() {
            let output = node.build(&[shape], &Arguments::NONE, &mut self.rng(index));
            call.shapes = output.map_err(|e| in_node(e, node, index))?;
            shape = one_output(&call.shapes, node, index)?.clone();
        }
        (self.layers, self.calls) = (layers, calls);
        if self.inputs.is_empty() {
            self.enter(entrance);
        }
        Ok(())
    }
}

/// The shape of the only output of a layer in a row.
fn one_output<'a>(shapes: &'a [Shape], node: &Node, index: usize) -> Result<&'a Shape> {
    match shapes {
        [only] => Ok(only),
        _ => {
            let message = format!(
                "it has {} outputs, and layers in a row take one; call it, and make a Model",
                shapes.len()
            );
            Err(in_node(Error::Model(message), node, index))
        }
    }
}

impl Deref for Sequential {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl DerefMut for Sequential {
    fn deref_mut(&mut self) -> &mut Model {
        &mut self.model
    }
}

impl From<Model> for Sequential {
    /// Sees any model as one that layers can be added to, if it has one output.
    fn from(model: Model) -> Self {
        Self { model }
    }
}

impl From<Sequential> for Model {
    fn from(sequential: Sequential) -> Self {
        sequential.model
    }
}

impl Default for Sequential {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Sequential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}
