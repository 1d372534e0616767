//! Sequential: a model whose layers stand in a row.

mod config;
mod entrance;
mod layer;
mod names;
mod summarize;
mod watch;
mod weights;

use std::fmt;

use ceratops_core::{Context, Error, Layer, Purpose, Result, Rng, Shape, Tensor};

use self::{
    entrance::{check_input, entrance_of},
    names::Names,
};
use crate::{
    Input, Node,
    advice::advise,
    entry,
    executor::{self, LossFn, Pass, PassOptions, in_node},
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
/// Source: Keras, `keras.Sequential`.
#[derive(Debug, Clone)]
pub struct Sequential {
    name: Option<String>,
    seed: u64,
    /// Whether weights are made as zeros, because others will take their place at once.
    blank: bool,
    /// Whether Keras has it as a Functional model.
    functional: bool,
    input: Option<Node>,
    nodes: Vec<Node>,
    /// The layers' names; nothing where they may have changed since they were gathered.
    names: Option<Names>,
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
        Self {
            name: None,
            seed,
            blank: false,
            functional: false,
            input: None,
            nodes: Vec::new(),
            names: None,
        }
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
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The model's name: `sequential`, or with nested models `sequential_1` and so on, as Keras
    /// counts them.
    pub fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let mut names = Names::default();
            self.all_names().into_iter().for_each(|name| names.take(name));
            names.free("sequential", &[])
        })
    }

    /// Whether the model was read from the config of a Functional model, whose layers form a chain:
    /// files that tell layers apart by class have its weights under that name.
    pub fn is_functional(&self) -> bool {
        self.functional
    }

    /// Appends a layer. Its weights are made at once if the input's shape is known.
    ///
    /// Refused are: arguments that the layer cannot work with, a shape it does not take, a name
    /// that another layer has, an `Input` that is not the first. The model is then unchanged.
    pub fn add(&mut self, layer: impl Into<Node>) -> Result<&mut Self> {
        let node = layer.into();
        if let Some(name) = node.name.as_ref().filter(|name| name.contains('/')) {
            return Err(names::refused(name));
        }
        self.place(node)
    }

    /// [`Sequential::add`] of a layer from a file, whose name may have a `/`, as in Keras 2.
    fn place(&mut self, mut node: Node) -> Result<&mut Self> {
        let name = match (node.name.take(), node.downcast_ref::<Self>()) {
            (Some(name), _) => name,
            (None, Some(Self { name: Some(name), .. })) => name.clone(),
            (None, nested) => {
                let taken = nested.map_or_else(Vec::new, Self::all_names);
                self.names().free(&entry::snake_case(node.class_name()), &taken)
            }
        };
        let index = self.nodes.len();
        self.check_name(&name, &node)?;
        node.name = Some(name);
        if node.class_name() == Input::CLASS_NAME {
            self.set_input(node)?;
            return Ok(self);
        }
        node.layer.validate().map_err(|e| in_node(e, &node, index))?;
        let first = index == 0 && self.input.is_none();
        let entrance = if first { entrance_of(&node)? } else { None };
        if let Some(shape) = self.end_shape().or_else(|| entrance.clone()) {
            let output = node.build(&shape.with_axis(0, None), &mut self.rng(index));
            output.map_err(|e| in_node(e, &node, index))?;
        }
        self.names().insert(&node);
        self.nodes.push(node);
        if let Some(shape) = entrance {
            self.enter(shape);
        }
        Ok(self)
    }

    /// Takes the last layer off, and returns it.
    pub fn pop(&mut self) -> Result<Node> {
        self.names = None;
        self.nodes.pop().ok_or_else(|| Error::Model("there are no layers in the model".into()))
    }

    /// The layers in order, without the input.
    pub fn layers(&self) -> &[Node] {
        &self.nodes
    }

    /// The layers, to be changed: their weights, whether they are frozen.
    pub fn layers_mut(&mut self) -> &mut [Node] {
        self.names = None;
        &mut self.nodes
    }

    /// The layer of that name.
    pub fn get_layer(&self, name: &str) -> Result<&Node> {
        let found = self.nodes.iter().find(|node| node.name() == name);
        found.ok_or_else(|| self.no_layer(name))
    }

    /// The layer of that name, to be changed.
    pub fn get_layer_mut(&mut self, name: &str) -> Result<&mut Node> {
        let index = self.nodes.iter().position(|node| node.name() == name);
        let index = index.ok_or_else(|| self.no_layer(name))?;
        Ok(&mut self.layers_mut()[index])
    }

    fn no_layer(&self, name: &str) -> Error {
        let help = format!("the model has {} layers; see its summary()", self.nodes.len());
        advise(Error::unknown("layer", name, self.nodes.iter().map(Node::name)), help)
    }

    /// Makes the weights for inputs of shape `input`, batch axis included.
    pub fn build(&mut self, input: impl Into<Shape>) -> Result<()> {
        let mut shape = input.into().with_axis(0, None);
        check_input(&shape)?;
        if let Some(own) = self.input_shape().filter(|own| own.with_axis(0, None) != shape) {
            let message = format!("the model takes inputs of shape {own}, not {shape}");
            return Err(Error::Model(message));
        }
        let (mut nodes, entrance) = (self.nodes.clone(), shape.clone());
        for (index, node) in nodes.iter_mut().enumerate() {
            let output = node.build(&shape, &mut self.rng(index));
            shape = output.map_err(|e| in_node(e, node, index))?;
        }
        self.nodes = nodes;
        if self.input.is_none() {
            self.enter(entrance);
        }
        Ok(())
    }

    /// [`build`](Self::build) with zeros in place of drawn numbers, because others will take their
    /// place, or nobody will ask.
    pub fn build_blank(&mut self, input: impl Into<Shape>) -> Result<()> {
        self.blank = true;
        let built = self.build(input);
        self.blank = false;
        built
    }

    /// Whether every layer has its weights.
    pub fn is_built(&self) -> bool {
        self.input.is_some() && self.nodes.iter().all(Node::is_built)
    }

    /// The shape of the input, batch first; `None` before it is known. A batch size that it names is
    /// no more than a note: the model takes any number of samples, as in Keras.
    pub fn input_shape(&self) -> Option<&Shape> {
        self.input.as_ref().and_then(Node::downcast_ref::<Input>).map(|input| &input.batch_shape)
    }

    /// The shape of the output, batch first; `None` before it is known.
    pub fn output_shape(&self) -> Option<&Shape> {
        self.nodes.last().map_or_else(|| self.input_shape(), Node::output_shape)
    }

    /// The model's output for the samples of `x`.
    ///
    /// The model is not changed, and may be shared between threads. `x` has the shape of
    /// [`Sequential::input_shape`]; where a sample is a single number, a plain vector will do.
    ///
    /// ```
    /// use ceratops_layers::{Dense, Input, sequential};
    ///
    /// let model = sequential![Input::new([2]), Dense::new(3)]?;
    /// let y = model.predict([[1.0, 2.0], [3.0, 4.0]])?;
    /// assert_eq!(y.shape(), [2, 3]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn predict(&self, x: impl Into<Tensor>) -> Result<Tensor> {
        Ok(self.test_pass(&x.into(), false)?.0)
    }

    /// The output of [`Sequential::predict`], with `logits` without its closing softmax or sigmoid
    /// where it has one ([`Layer::closing_activation`]); and the losses that layers added
    /// themselves ([`Context::add_loss`]). `evaluate` is built
    /// on it.
    pub fn test_pass(&self, x: &Tensor, logits: bool) -> Result<(Tensor, f64)> {
        executor::predict(&self.nodes, &self.checked_input(x)?, logits)
    }

    /// The output of every layer for the samples of `x`, in inference mode.
    pub fn layer_outputs(&self, x: impl Into<Tensor>) -> Result<Vec<Tensor>> {
        outputs_of(&self.nodes, self.checked_input(&x.into())?)
    }

    /// One pass in training mode: output, loss and gradients. `fit` is built on it.
    pub fn train_pass(&self, x: &Tensor, options: PassOptions, loss: &LossFn<'_>) -> Result<Pass> {
        let x = self.checked_input(x)?;
        if x.batch() == 0 {
            return Err(Error::Data("cannot train on a batch without samples".into()));
        }
        executor::train(&self.nodes, &x, options, loss)
    }

    /// The shape that the next layer will take, if it is known.
    fn end_shape(&self) -> Option<Shape> {
        self.output_shape().cloned()
    }

    /// A generator for the weights of layer `index`, which do not depend on the other layers.
    fn rng(&self, index: usize) -> Rng {
        if self.blank {
            return Rng::blank();
        }
        Purpose::Weights { layer: index as u64 }.rng(self.seed)
    }
}

/// The output of every node, in inference mode.
fn outputs_of(nodes: &[Node], mut y: Tensor) -> Result<Vec<Tensor>> {
    let (mut outputs, mut cx) = (Vec::with_capacity(nodes.len()), Context::inference());
    for (i, node) in nodes.iter().enumerate() {
        y = node.forward(y, &mut cx).map_err(|e| in_node(e, node, i))?.0;
        outputs.push(y.clone());
    }
    Ok(outputs)
}

impl Default for Sequential {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Sequential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary().fmt(f)
    }
}
