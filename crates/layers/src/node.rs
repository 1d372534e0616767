//! A layer in its place in a model: with its name, its flag and its shapes.

mod masks;
mod running;

use ceratops_core::{AnyLayer, Error, Mode, MultiLayer, Param, Result, Samples, Shape, Tensor};
use serde_json::Value;

pub(crate) use self::masks::MaskRule;
use crate::{
    Discretization, HeldLayer, IntegerLookup, Model, Normalization, Sequential, StringLookup,
    TextVectorization, entry, registry::Common,
};

/// A layer with what only its container knows: its name, whether it is frozen, its shapes.
///
/// Every layer becomes one by `into()`, or by [`IntoNode`]'s methods where it needs a name of its
/// own:
///
/// ```
/// use ceratops_layers::{Dense, IntoNode, Sequential};
///
/// let mut model = Sequential::new();
/// model.add(Dense::new(8).with_input_shape([4]))?.add(Dense::new(3).named("scores"))?;
/// assert_eq!(model.get_layer("scores")?.class_name(), "Dense");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Node {
    pub(crate) name: Option<String>,
    pub(crate) layer: Box<dyn AnyLayer>,
    pub(crate) trainable: bool,
    pub(crate) training: Option<bool>,
    /// What becomes of masks here, if not what its class does.
    pub(crate) masks: Option<MaskRule>,
    pub(crate) input_shape: Option<Shape>,
    /// The shapes that it was built for, those of its first call.
    pub(crate) built: Option<Vec<Shape>>,
    /// The shapes of the outputs of its last call.
    pub(crate) output_shapes: Vec<Shape>,
}

/// What a layer can be told before it is added to a model.
pub trait IntoNode: Into<Node> {
    /// The layer under a name of its own; without, it is named for its class (`conv2d_1`).
    fn named(self, name: impl Into<String>) -> Node {
        Node { name: Some(name.into()), ..self.into() }
    }

    /// The layer with weights that training leaves alone: Keras' `trainable=False`.
    fn frozen(self) -> Node {
        let mut node = self.into();
        node.set_trainable(false);
        node
    }

    /// The layer with the shape of one sample of its input, for the first layer of a model.
    fn with_input_shape(self, sample: impl Into<Shape>) -> Node {
        Node { input_shape: Some(Shape::batched(sample)), ..self.into() }
    }
}

impl<T: Into<Node>> IntoNode for T {}

impl<L: MultiLayer> From<L> for Node {
    fn from(layer: L) -> Self {
        Self {
            name: None,
            layer: Box::new(layer),
            trainable: true,
            training: None,
            masks: None,
            input_shape: None,
            built: None,
            output_shapes: Vec::new(),
        }
    }
}

impl Node {
    /// A layer read from a config.
    pub(crate) fn loaded(layer: Box<dyn AnyLayer>, common: Common) -> Self {
        let Common { name, trainable, input_shape } = common;
        let trainable = trainable.unwrap_or(true);
        let (training, masks, built, output_shapes) = (None, None, None, Vec::new());
        Self { name, layer, trainable, training, masks, input_shape, built, output_shapes }
    }

    /// The layer's name; empty before it is added to a model.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// The layer's class, as Keras spells it.
    pub fn class_name(&self) -> &'static str {
        self.layer.class_name()
    }

    /// The class under which Keras' weight files have the layer: that of a model that Keras has as a
    /// functional one is Functional.
    pub fn saved_class(&self) -> &'static str {
        match self.as_model() {
            Some(model) if model.is_functional() => "Functional",
            _ => self.class_name(),
        }
    }

    /// The layer itself, if it is an `L`.
    ///
    /// ```
    /// # use ceratops_layers::{Dense, IntoNode};
    /// let node = Dense::new(3).named("scores");
    /// assert_eq!(node.downcast_ref::<Dense>().map(|dense| dense.units), Some(3));
    /// ```
    pub fn downcast_ref<L: MultiLayer>(&self) -> Option<&L> {
        self.layer.as_any().downcast_ref()
    }

    /// The layer itself, to be changed, if it is an `L`.
    pub fn downcast_mut<L: MultiLayer>(&mut self) -> Option<&mut L> {
        self.layer.as_any_mut().downcast_mut()
    }

    /// The layers that the layer holds, as TimeDistributed does, each under its key in the config.
    pub fn held(&self) -> Vec<(&'static str, &Self)> {
        let mut nodes = Vec::new();
        for (key, held) in self.layer.held() {
            let node = held.downcast_ref().map(HeldLayer::node);
            nodes.extend(node.and_then(Result::ok).map(|node| (key, node)));
        }
        nodes
    }

    /// The model, if the layer is one.
    pub fn as_model(&self) -> Option<&Model> {
        self.downcast_ref::<Sequential>().map(|chain| &**chain).or_else(|| self.downcast_ref())
    }

    /// The model, to be changed, if the layer is one.
    pub fn as_model_mut(&mut self) -> Option<&mut Model> {
        if self.downcast_ref::<Sequential>().is_some() {
            return self.downcast_mut::<Sequential>().map(|chain| &mut **chain);
        }
        self.downcast_mut()
    }

    /// The layer.
    pub fn layer(&self) -> &dyn AnyLayer {
        &*self.layer
    }

    pub(crate) fn into_layer(self) -> Box<dyn AnyLayer> {
        self.layer
    }

    /// Whether training changes the weights.
    pub fn trainable(&self) -> bool {
        self.trainable
    }

    /// Freezes the layer, or lets it learn again: Keras' `layer.trainable = ...`.
    pub fn set_trainable(&mut self, trainable: bool) {
        self.trainable = trainable;
        self.layer.set_held_trainable(trainable);
        self.apply_trainable();
    }

    /// The mode that the layer always runs in; `None`, the usual case, if the model's own counts.
    pub fn training(&self) -> Option<bool> {
        self.training
    }

    /// Runs the layer in training mode always, or never, whatever the model does; `None` lets the
    /// model's own mode count. It is what a call `layer(x, training=False)` means in a functional
    /// model of Keras 2, and holds for all layers of a nested model that have no such mode
    /// themselves.
    ///
    /// In training mode BatchNormalization takes the statistics of whatever batch it is given, and
    /// Dropout drops, also in `predict`; there the moving statistics do not follow.
    ///
    /// ```
    /// # use ceratops_layers::{BatchNormalization, Input, Node, sequential};
    /// let mut node = Node::from(BatchNormalization::new());
    /// node.set_training(Some(true));
    /// let model = sequential![Input::new([1]), node]?;
    /// let y = model.predict([[1.0], [3.0]])?.map(f32::round);
    /// assert_eq!(y.as_slice(), [-1.0, 1.0]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn set_training(&mut self, training: Option<bool>) {
        self.training = training;
    }

    /// The mode that the layer always runs in, if it has one.
    pub(crate) fn mode(&self) -> Option<Mode> {
        self.training.map(|training| if training { Mode::Training } else { Mode::Inference })
    }

    /// Whether samples look at each other here, in a run of that mode.
    pub(crate) fn couples_samples(&self, mode: Mode) -> bool {
        let mode = self.mode().unwrap_or(mode);
        match self.as_model() {
            Some(model) => model.couples(mode),
            None if mode == Mode::Training => self.layer.couples_samples(),
            None => self.layer.couples_always(),
        }
    }

    fn apply_trainable(&mut self) {
        // A nested model has told its own layers, of which some may be frozen.
        if self.as_model().is_none() {
            self.layer.freeze(!self.trainable);
        }
    }

    /// Whether the weights are made.
    pub fn is_built(&self) -> bool {
        self.built.is_some()
    }

    /// The shape of the output, batch first; `None` before the layer is built. Of a layer that was
    /// called several times it is that of the last call, of several outputs the first.
    pub fn output_shape(&self) -> Option<&Shape> {
        self.output_shapes.first()
    }

    /// The shapes of the inputs that the layer was built for; none before it is built.
    pub fn input_shapes(&self) -> &[Shape] {
        self.built.as_deref().unwrap_or_default()
    }

    /// The shapes of all outputs; none before the layer is built.
    pub fn output_shapes(&self) -> &[Shape] {
        &self.output_shapes
    }

    /// The weights with what governs them, in Keras' order; empty before the layer is built.
    pub fn params(&self) -> Vec<&Param> {
        self.layer.params()
    }

    /// The weights, to be changed; see [`Node::set_weights`] for the checked way.
    pub fn params_mut(&mut self) -> Vec<&mut Param> {
        self.layer.params_mut()
    }

    /// The number of weights, each number counted.
    pub fn count_params(&self) -> usize {
        self.params().iter().map(|param| param.value().len()).sum()
    }

    /// The weights' values, in Keras' order.
    pub fn get_weights(&self) -> Vec<Tensor> {
        self.params().iter().map(|param| param.value().clone()).collect()
    }

    /// Replaces the weights' values; their number and shapes must be the layer's own.
    pub fn set_weights(&mut self, weights: &[Tensor]) -> Result<()> {
        let name = self.name().to_owned();
        set_values(self.params_mut(), weights, |_| format!("layer \"{name}\""))
    }

    /// Takes what the layer needs to know of data, such as mean and variance, or a vocabulary, from these
    /// samples: Keras' `layer.adapt(data)`.
    ///
    /// # Errors
    /// For a layer that has nothing to adapt, and those of [`Normalization::adapt`] and the others.
    pub fn adapt(&mut self, samples: impl Into<Samples>) -> Result<()> {
        let samples = samples.into();
        if let Some(layer) = self.downcast_mut::<Normalization>() {
            layer.adapt(samples)?;
        } else if let Some(layer) = self.downcast_mut::<Discretization>() {
            layer.adapt(samples)?;
        } else if let Some(layer) = self.downcast_mut::<StringLookup>() {
            layer.adapt(samples)?;
        } else if let Some(layer) = self.downcast_mut::<IntegerLookup>() {
            layer.adapt(samples)?;
        } else if let Some(layer) = self.downcast_mut::<TextVectorization>() {
            layer.adapt(samples)?;
        } else {
            return Err(Error::Model(format!(
                "{} \"{}\" has nothing to adapt to data; Normalization, Discretization, StringLookup, \
                 IntegerLookup and TextVectorization have",
                self.class_name(),
                self.name()
            )));
        }
        self.apply_trainable();
        Ok(())
    }

    /// Its name; before it has one, that of its class.
    pub(crate) fn own_name(&self) -> String {
        match (&self.name, self.as_model()) {
            (Some(name), _) => name.clone(),
            (None, Some(model)) => model.name(),
            (None, None) => entry::snake_case(self.class_name()),
        }
    }

    /// Keras' JSON entry of the layer; before it has a name, under that of its class.
    pub fn to_entry(&self) -> Result<Value> {
        let mut entry = entry::write(&*self.layer, &self.own_name(), self.trainable)?;
        if let (Some([shape]), true) = (self.built.as_deref(), !self.layer.params().is_empty()) {
            entry["build_config"] = serde_json::json!({ "input_shape": shape });
        }
        if let Some(training) = self.training {
            entry["training"] = training.into();
        }
        if let Some(masks) = self.masks {
            entry["masks"] = masks.word().into();
        }
        Ok(entry)
    }
}

/// Sets the values of `params`, all or none; `owner` says whose parameter `i` is.
pub(crate) fn set_values(
    params: Vec<&mut Param>,
    values: &[Tensor],
    owner: impl Fn(usize) -> String,
) -> Result<()> {
    if params.is_empty() && !values.is_empty() {
        let message = "there are no weights to set yet; build the model first, or give it an Input";
        return Err(Error::Model(message.into()));
    }
    if params.len() != values.len() {
        let expected = format!("{} tensors, one for each weight", params.len());
        return Err(Error::argument("weights", expected, format!("{} tensors", values.len())));
    }
    for (i, (param, value)) in params.iter().zip(values).enumerate() {
        if param.value().shape() != value.shape() {
            let what = format!("weight \"{}\" of {} (tensor {i})", param.name(), owner(i));
            let expected = Shape::of(param.value().shape());
            return Err(Error::shape(what, expected, value.shape(), ""));
        }
    }
    for (param, value) in params.into_iter().zip(values) {
        param.set_value(value.clone())?;
    }
    Ok(())
}
