//! Sequential: a model whose layers stand in a row.

mod config;
mod layer;
mod summarize;
mod weights;

use std::{collections::HashSet, fmt};

use ceratops_core::{Context, Error, Layer, Result, Rng, Shape, Tensor};
use rand::SeedableRng;

use crate::{
    Input, IntoNode, Node,
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
/// let y = model.predict(&Tensor::zeros(&[2, 4]))?;
/// assert_eq!(y.shape(), [2, 3]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Without an [`Input`], or an `input_shape` on the first layer, the weights are made when the
/// model first sees data, or by [`Sequential::build`].
///
/// Source: Keras, `keras.Sequential`.
#[derive(Debug, Clone, Default)]
pub struct Sequential {
    name: Option<String>,
    seed: u64,
    input: Option<Node>,
    nodes: Vec<Node>,
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
        Self::default()
    }

    /// An empty model whose weights will be drawn from `seed`. Without this the seed is 0, so
    /// that the same program always makes the same weights.
    pub fn with_seed(seed: u64) -> Self {
        Self { seed, ..Self::default() }
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
        self.name.clone().unwrap_or_else(|| self.free_name("sequential", &[]))
    }

    /// Appends a layer. Its weights are made at once if the input's shape is known.
    ///
    /// Refused are: arguments that the layer cannot work with, a shape it does not take, a name
    /// that another layer has, an `Input` that is not the first. The model is then unchanged.
    pub fn add(&mut self, layer: impl Into<Node>) -> Result<&mut Self> {
        let mut node = layer.into();
        let name = match (node.name.take(), node.downcast_ref::<Self>()) {
            (Some(name), _) => name,
            (None, Some(Self { name: Some(name), .. })) => name.clone(),
            (None, nested) => {
                let taken = nested.map_or_else(Vec::new, Self::all_names);
                self.free_name(&entry::snake_case(node.class_name()), &taken)
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
            let output = node.build(&shape, &mut self.rng(index));
            output.map_err(|e| in_node(e, &node, index))?;
        }
        self.nodes.push(node);
        if let Some(shape) = entrance {
            self.enter(shape);
        }
        Ok(self)
    }

    /// Takes the last layer off, and returns it.
    pub fn pop(&mut self) -> Result<Node> {
        self.nodes.pop().ok_or_else(|| Error::Model("there are no layers in the model".into()))
    }

    /// The layers in order, without the input.
    pub fn layers(&self) -> &[Node] {
        &self.nodes
    }

    /// The layers, to be changed: their weights, whether they are frozen.
    pub fn layers_mut(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// The layer of that name.
    pub fn get_layer(&self, name: &str) -> Result<&Node> {
        let found = self.nodes.iter().find(|node| node.name() == name);
        found.ok_or_else(|| self.no_layer(name))
    }

    /// The layer of that name, to be changed.
    pub fn get_layer_mut(&mut self, name: &str) -> Result<&mut Node> {
        let error = self.no_layer(name);
        self.nodes.iter_mut().find(|node| node.name() == name).ok_or(error)
    }

    fn no_layer(&self, name: &str) -> Error {
        let help = format!("the model has {} layers; see its summary()", self.nodes.len());
        advise(Error::unknown("layer", name, self.nodes.iter().map(Node::name)), help)
    }

    /// Makes the weights for inputs of shape `input`, batch axis included.
    pub fn build(&mut self, input: impl Into<Shape>) -> Result<()> {
        let mut shape = input.into().with_axis(0, None);
        check_input(&shape)?;
        if let Some(own) = self.input_shape().filter(|own| **own != shape) {
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

    /// Puts an Input of that shape before the first layer.
    fn enter(&mut self, batch_shape: Shape) {
        let name = self.free_name("input_layer", &[]);
        self.input = Some(Input { batch_shape }.named(name));
    }

    /// Whether every layer has its weights.
    pub fn is_built(&self) -> bool {
        self.input.is_some() && self.nodes.iter().all(Node::is_built)
    }

    /// The shape of the input, batch first; `None` before it is known.
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
    pub fn predict(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.test_pass(x, false)?.0)
    }

    /// The output of [`Sequential::predict`], with `logits` without its closing softmax or sigmoid
    /// where it has one ([`Layer::closing_activation`]); and the losses that layers added
    /// themselves ([`Context::add_loss`]). `evaluate` is built
    /// on it.
    pub fn test_pass(&self, x: &Tensor, logits: bool) -> Result<(Tensor, f64)> {
        executor::predict(&self.nodes, &self.checked_input(x)?, logits)
    }

    /// The output of every layer for the samples of `x`, in inference mode.
    pub fn layer_outputs(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        let mut y = self.checked_input(x)?;
        let mut outputs = Vec::with_capacity(self.nodes.len());
        for (i, node) in self.nodes.iter().enumerate() {
            let output = node.forward(y, &mut Context::inference());
            y = output.map_err(|e| in_node(e, node, i))?.0;
            outputs.push(y.clone());
        }
        Ok(outputs)
    }

    /// One pass in training mode: output, loss and gradients. `fit` is built on it.
    pub fn train_pass(&self, x: &Tensor, options: PassOptions, loss: &LossFn<'_>) -> Result<Pass> {
        let x = self.checked_input(x)?;
        if x.batch() == 0 {
            return Err(Error::Data("cannot train on a batch without samples".into()));
        }
        executor::train(&self.nodes, &x, options, loss)
    }

    /// `x` as the model takes it, or an error that says how to change it.
    fn checked_input(&self, x: &Tensor) -> Result<Tensor> {
        let Some(shape) = self.input_shape().filter(|_| self.is_built()) else {
            return Err(Error::Model(
                "the model has no weights yet: give it an Input, call build(shape), or fit it"
                    .into(),
            ));
        };
        // As in Keras, a vector stands for a column.
        let single = shape.last().is_none_or(|len| len == 1);
        let x = if x.ndim() == 1 && shape.ndim() == 2 && single {
            x.clone().reshape(&[x.len(), 1])?
        } else {
            x.clone()
        };
        if shape.admits(x.shape()) {
            return Ok(x);
        }
        let what = format!("input of model \"{}\"", self.name());
        Err(Error::shape(what, shape, x.shape(), input_help(shape, x.shape())))
    }

    fn set_input(&mut self, mut node: Node) -> Result<()> {
        if let Some(first) = self.input.as_ref().or(self.nodes.first()) {
            return Err(Error::Model(format!(
                "Input \"{}\" must come first, but the model begins with {} \"{}\" already",
                node.name(),
                first.class_name(),
                first.name()
            )));
        }
        if let (Some(shape), Some(input)) = (node.input_shape.take(), node.downcast_mut::<Input>())
        {
            input.batch_shape = shape;
        }
        let shape = input_shape(&node);
        check_input(&shape)?;
        node.built = Some(shape.clone());
        node.output_shape = Some(shape);
        self.input = Some(node);
        Ok(())
    }

    fn check_name(&self, name: &str, node: &Node) -> Result<()> {
        if name.is_empty() || name.contains('/') {
            let expected = "a name that is not empty and has no `/`";
            return Err(Error::argument("name", expected, format!("{name:?}")));
        }
        match self.input.iter().chain(&self.nodes).find(|other| other.name() == name) {
            None => Ok(()),
            Some(other) => Err(Error::Model(format!(
                "the model has a layer \"{name}\" ({}) already; give the new {} another name with \
                 .named(...)",
                other.class_name(),
                node.class_name()
            ))),
        }
    }

    /// `base`, or with the first number that is free here and not `taken`: `base_1`.
    fn free_name(&self, base: &str, taken: &[String]) -> String {
        let own = self.all_names();
        let taken: HashSet<&String> = own.iter().chain(taken).collect();
        let numbered = (1..).map(|n| format!("{base}_{n}"));
        let mut names = std::iter::once(base.to_owned()).chain(numbered);
        names.find(|name| !taken.contains(name)).unwrap_or_default()
    }

    /// The names of the layers, those in nested models included.
    fn all_names(&self) -> Vec<String> {
        let nested = |node: &Node| node.downcast_ref::<Self>().map(Self::all_names);
        self.input
            .iter()
            .chain(&self.nodes)
            .flat_map(|node| nested(node).into_iter().flatten().chain([node.name().to_owned()]))
            .collect()
    }

    /// The shape that the next layer will take, if it is known.
    fn end_shape(&self) -> Option<Shape> {
        self.output_shape().cloned()
    }

    /// A generator for the weights of layer `index`, which do not depend on the other layers.
    fn rng(&self, index: usize) -> Rng {
        let mut rng = Rng::seed_from_u64(self.seed);
        rng.set_stream(index as u64);
        rng
    }
}

/// The shape of the input that a first layer itself describes.
fn entrance_of(node: &Node) -> Result<Option<Shape>> {
    let nested = node.downcast_ref::<Sequential>().and_then(Sequential::input_shape);
    let shape = node.input_shape.as_ref().or(nested);
    shape.map_or(Ok(()), check_input)?;
    Ok(shape.cloned())
}

/// Refuses an input without a batch axis, and one whose samples are empty.
fn check_input(shape: &Shape) -> Result<()> {
    if shape.ndim() == 0 || shape.axes().iter().flatten().any(|&len| len == 0) {
        let expected = "a batch axis and positive lengths behind it";
        return Err(Error::argument("input_shape", expected, shape));
    }
    Ok(())
}

fn input_shape(input: &Node) -> Shape {
    input.downcast_ref::<Input>().map(|input| input.batch_shape.clone()).unwrap_or_default()
}

/// What to do about data of shape `found` where the model takes `expected`.
fn input_help(expected: &Shape, found: &[usize]) -> String {
    let sample = expected.axes().get(1..).unwrap_or_default();
    let fits = |dims: &[usize]| Shape::from(sample.to_vec()).admits(dims);
    if fits(found) {
        return "this looks like one sample; put a batch axis of 1 in front".into();
    }
    if sample.last() == Some(&Some(1)) && expected.ndim() == found.len() + 1 {
        return "add a channel axis of 1 at the end with reshape".into();
    }
    if let ([height, width, channels], [_, first, ..]) = (sample, found)
        && Some(*first) == *channels
        && Shape::from([*channels, *height, *width]).admits(&found[1..])
    {
        return "the channels stand first; move them to the end, axes in the order 0, 2, 3, 1"
            .into();
    }
    let size = sample.iter().try_fold(1usize, |size, len| size.checked_mul((*len)?));
    if size.is_some() && size == found.get(1..).map(|dims| dims.iter().product()) {
        return "each sample has the right size; reshape the data".into();
    }
    "None stands for any length; the other lengths must agree".into()
}

impl fmt::Display for Sequential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary().fmt(f)
    }
}
