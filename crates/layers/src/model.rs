//! Model: layers, and how they are called one on the output of others.

mod assemble;
mod call;
mod config;
mod connections;
mod ends;
pub(crate) mod entrance;
pub(crate) mod extent;
mod functional;
mod layer;
pub(crate) mod names;
mod nest;
mod order;
mod passes;
mod predictions;
pub(crate) mod schedule;
pub(crate) mod states;
mod summarize;
mod up_to;
mod watch;
mod weights;

use std::fmt;

use ceratops_core::{Error, Inputs, IntoInputs, Mode, Purpose, Result, Rng, Shape, Tensor};

pub(crate) use self::assemble::{Draft, Parts, Source};
pub(crate) use self::call::{Call, Form, Manner, Value};
pub use self::connections::{LayerCall, Origin};
pub(crate) use self::extent::Extent;
use self::names::Names;
pub(crate) use self::nest::Nest;
pub use self::predictions::Predictions;
pub(crate) use self::schedule::{Schedule, only_places};
pub use self::watch::LeafCall;
use crate::{Input, Node, advice::advise, executor};

/// A model: layers, and how they are called one on the output of others, from inputs to outputs.
///
/// [`Model::new`] makes one of symbolic tensors, as Keras' functional API does;
/// [`Sequential`](crate::Sequential) makes one whose layers stand in a row.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Add, CallLayer, Dense, Input, Model};
///
/// let x = Input::new([4]).tensor();
/// let h = Dense::new(4).activation("relu").call(&x)?;
/// let y = Dense::new(2).call(&Add::new().call([&x, &h])?)?;
/// let model = Model::new([&x], [&y])?;
/// assert_eq!(model.predict(Tensor::zeros(&[3, 4]))?.shape(), [3, 2]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// A model is a plain value: a layer that stands in two models is two layers, each with weights of
/// its own.
///
/// Source: Keras, `keras.Model`.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) name: Option<String>,
    pub(crate) seed: u64,
    /// Whether weights are made as zeros, because others will take their place at once.
    pub(crate) blank: bool,
    /// Whether it is a chain that layers can be added to.
    pub(crate) sequential: bool,
    /// Whether Keras has it as a functional model, although its layers stand in a row here.
    pub(crate) functional: bool,
    /// The input layers; none where a chain does not know its input yet.
    pub(crate) inputs: Vec<Node>,
    pub(crate) layers: Vec<Node>,
    /// In an order in which each stands behind those that it reads.
    pub(crate) calls: Vec<Call>,
    pub(crate) outputs: Vec<Value>,
    /// How the inputs are given, and the outputs.
    pub(crate) input_nest: Nest,
    pub(crate) output_nest: Nest,
    /// Input layers and layers together, in Keras' order.
    pub(crate) listed: Vec<Listed>,
    pub(crate) schedule: Schedule,
    /// The layers' names; nothing where they may have changed since they were gathered.
    pub(crate) names: Option<Names>,
}

/// An input layer or another layer, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    Input(usize),
    Layer(usize),
}

impl Model {
    /// The model's name: `functional` or `sequential`, or with nested models `sequential_1` and so
    /// on, as Keras counts them.
    pub fn name(&self) -> String {
        let base = if self.sequential { "sequential" } else { "functional" };
        self.name.clone().unwrap_or_else(|| {
            let mut names = Names::default();
            self.all_names().into_iter().for_each(|name| names.take(name));
            names.free(base, &[])
        })
    }

    /// The same model under a name of its own.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Whether the model is a [`Sequential`](crate::Sequential), and not made of symbolic tensors.
    pub fn is_sequential(&self) -> bool {
        self.sequential
    }

    /// Whether the model is a functional one to Keras: made of symbolic tensors, or read from the config
    /// of such a model whose layers form a chain. Files that tell layers apart by class have its weights
    /// under that name.
    pub fn is_functional(&self) -> bool {
        self.functional || !self.sequential
    }

    /// The layers, without the inputs: in a row, or in Keras' order, by their distance from the
    /// outputs.
    pub fn layers(&self) -> &[Node] {
        &self.layers
    }

    /// The layers, to be changed: their weights, whether they are frozen.
    pub fn layers_mut(&mut self) -> &mut [Node] {
        self.names = None;
        &mut self.layers
    }

    /// The layer of that name.
    pub fn get_layer(&self, name: &str) -> Result<&Node> {
        let found = self.inputs.iter().chain(&self.layers).find(|node| node.name() == name);
        found.ok_or_else(|| self.no_layer(name))
    }

    /// The layer of that name, to be changed.
    pub fn get_layer_mut(&mut self, name: &str) -> Result<&mut Node> {
        let index = self.layers.iter().position(|node| node.name() == name);
        let index = index.ok_or_else(|| self.no_layer(name))?;
        Ok(&mut self.layers_mut()[index])
    }

    fn no_layer(&self, name: &str) -> Error {
        let help = format!("the model has {} layers; see its summary()", self.layers.len());
        advise(Error::unknown("layer", name, self.layers.iter().map(Node::name)), help)
    }

    /// Whether every layer has its weights.
    pub fn is_built(&self) -> bool {
        !self.inputs.is_empty() && self.layers.iter().all(Node::is_built)
    }

    /// The layer or the input that makes a value.
    pub(crate) fn maker(&self, value: Value) -> Option<&Node> {
        match self.call_of(value) {
            Some(call) => self.layers.get(call.layer),
            None => self.inputs.get(value),
        }
    }

    /// The model's output for the samples of `x`, in inference mode.
    ///
    /// The model is not changed, and may be shared between threads. `x` has the shape of
    /// [`Model::input_shape`]; where a sample is a single number, a plain vector will do. Several
    /// inputs are given by their names, or in their order:
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{Add, CallLayer, Dense, Input, IntoNode, Model, sequential};
    ///
    /// let model = sequential![Input::new([2]), Dense::new(3)]?;
    /// let y = model.predict([[1.0, 2.0], [3.0, 4.0]])?;
    /// assert_eq!(y.shape(), [2, 3]);
    ///
    /// let a = Input::new([2]).named("a").tensor();
    /// let b = Input::new([2]).named("b").tensor();
    /// let sum = Model::new([&a, &b], [&Add::new().call([&a, &b])?])?;
    /// let (a, b) = (Tensor::from([[1.0, 2.0]]), Tensor::from([[3.0, 4.0]]));
    /// assert_eq!(sum.predict([("b", &b), ("a", &a)])?, Tensor::from([[4.0, 6.0]]));
    /// assert_eq!(sum.predict([&a, &b])?, Tensor::from([[4.0, 6.0]]));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For data that do not fit, and for a model of several outputs, which
    /// [`Model::predict_all`] gives.
    pub fn predict(&self, x: impl IntoInputs) -> Result<Tensor> {
        self.one_output()?;
        match x.into() {
            Inputs::One(x) => Ok(self.test_pass(&x, false)?.0),
            xs => {
                let xs = self.checked_inputs(xs)?;
                executor::predict(self, &xs, false.into())?.outputs.single()
            }
        }
    }

    /// All outputs for these samples, in inference mode, each under its name.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{CallLayer, Dense, Input, IntoNode, Model};
    ///
    /// let x = Input::new([4]).tensor();
    /// let digit = Dense::new(10).activation("softmax").named("digit").call(&x)?;
    /// let size = Dense::new(1).named("size").call(&x)?;
    /// let model = Model::new([&x], [&digit, &size])?;
    /// let y = model.predict_all(Tensor::zeros(&[2, 4]))?;
    /// assert_eq!(y["digit"].shape(), [2, 10]);
    /// assert_eq!(y[1].shape(), [2, 1]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn predict_all(&self, x: impl IntoInputs) -> Result<Predictions> {
        let xs = self.checked_inputs(x.into())?;
        let outputs = executor::predict(self, &xs, false.into())?.outputs;
        Ok(Predictions::new(self.output_names(), self.output_keys(), outputs))
    }

    /// A generator for the weights of layer `index`, which do not depend on the other layers.
    pub(crate) fn rng(&self, index: usize) -> Rng {
        if self.blank {
            return Rng::blank();
        }
        Purpose::Weights { layer: index as u64 }.rng(self.seed)
    }

    pub(crate) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(crate) fn calls(&self) -> &[Call] {
        &self.calls
    }

    pub(crate) fn outputs(&self) -> &[Value] {
        &self.outputs
    }

    /// How many values are inputs; a chain has one also before it is known.
    pub(crate) fn input_count(&self) -> usize {
        self.inputs.len().max(usize::from(self.sequential))
    }

    /// How many values there are: inputs, and outputs of calls.
    pub(crate) fn value_count(&self) -> usize {
        self.calls.last().map_or(self.input_count(), |call| call.outputs.end)
    }

    /// The call that makes a value; none for an input.
    fn call_of(&self, value: Value) -> Option<&Call> {
        let behind = self.calls.partition_point(|call| call.outputs.start <= value);
        self.calls.get(behind.checked_sub(1)?).filter(|call| call.outputs.contains(&value))
    }

    /// Whether samples look at each other in a run of that mode.
    pub(crate) fn couples(&self, mode: Mode) -> bool {
        self.calls.iter().any(|call| {
            let node = &self.layers[call.layer];
            node.couples_samples(call.manner.mode().unwrap_or(mode))
        })
    }

    /// The mode that overrides that of the run in a call.
    pub(crate) fn mode_of(&self, call: &Call) -> Option<Mode> {
        call.manner.mode().or_else(|| self.layers[call.layer].mode())
    }

    /// The shape of a value, where it is known.
    pub(crate) fn shape_of(&self, value: Value) -> Option<&Shape> {
        if value < self.input_count() {
            return self.inputs.get(value).and_then(entrance::batch_shape);
        }
        let call = self.call_of(value)?;
        call.shapes.get(value - call.outputs.start)
    }

    /// The shapes of all values.
    pub(crate) fn value_shapes(&self) -> impl Iterator<Item = Option<&Shape>> {
        (0..self.value_count()).map(|value| self.shape_of(value))
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary().fmt(f)
    }
}

/// The input layer of that shape, for a chain that does not know its input yet.
pub(crate) fn input_layer(batch_shape: Shape) -> Input {
    Input { batch_shape }
}
