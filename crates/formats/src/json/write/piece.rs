//! Piece: a layer or a model on its way out.

use ceratops_core::{Error, Param, Result, Shape};
use ceratops_layers::{Model, Node};
use serde_json::{Map, Value};

use crate::json::log::join;

/// A layer with its entry in the short words of Keras 3, and what only its model knows of it.
#[derive(Debug, Clone)]
pub(in crate::json) struct Piece {
    pub(in crate::json) class_name: String,
    pub(in crate::json) name: String,
    /// Where its entry stands in the document that Keras 3 would have.
    pub(in crate::json) path: String,
    /// Its config; that of a model is without the layers.
    pub(in crate::json) config: Map<String, Value>,
    /// What else its entry says: `module`, `registered_name`.
    pub(in crate::json) rest: Map<String, Value>,
    /// The shape of its input, batch first, once it is built.
    pub(in crate::json) input: Option<Shape>,
    /// The shapes of its inputs, once it is built.
    pub(in crate::json) inputs: Vec<Shape>,
    /// The shape of its output, batch first, once it is built.
    pub(in crate::json) output: Option<Shape>,
    /// Whether it has weights.
    pub(in crate::json) weighs: bool,
    /// The weights that their constraint would change now.
    pub(in crate::json) unconstrained: Vec<String>,
    /// The mode that it always runs in, if not in its model's.
    pub(in crate::json) training: Option<bool>,
    /// What becomes of masks at it, if not what its class does.
    pub(in crate::json) masks: Option<String>,
    /// The layers that a layer holds, each under its key in the config, which is without them.
    pub(in crate::json) held: Vec<(&'static str, Self)>,
    /// The layers of a model, its Input included.
    pub(in crate::json) layers: Option<Vec<Self>>,
    /// The calls of a layer in a functional model, in the words of Keras 3.
    pub(in crate::json) calls: Option<Vec<Value>>,
}

impl Piece {
    /// A whole model.
    pub(in crate::json) fn of_model(model: &Model) -> Result<Self> {
        Self::new(model.to_entry()?, String::new()).holding(model)
    }

    /// A layer by itself.
    pub(in crate::json) fn of_node(node: &Node) -> Result<Self> {
        let entry = node.to_entry()?;
        let shape = entry.pointer("/build_config/input_shape").cloned().unwrap_or_default();
        let input: Option<Shape> = serde_json::from_value(shape).unwrap_or_default();
        Self::new(entry, String::new()).standing(node, input)
    }

    fn new(mut entry: Value, path: String) -> Self {
        let mut rest = entry.as_object_mut().map(std::mem::take).unwrap_or_default();
        let mut config = match rest.remove("config") {
            Some(Value::Object(config)) => config,
            _ => Map::new(),
        };
        // Keras 2 does so without being told, and the others know of no such thing.
        config.shift_remove("unbiased_variance");
        // Who does not renormalize says nothing of how; Keras 3 adds it.
        if config.get("renorm") == Some(&false.into()) {
            for key in ["renorm", "renorm_momentum", "renorm_clipping"] {
                config.shift_remove(key);
            }
        }
        let class_name = match rest.remove("class_name") {
            Some(Value::String(class_name)) => class_name,
            _ => String::new(),
        };
        // The shapes below tell whether and for what the layer is built.
        rest.remove("build_config");
        let mut training = rest.remove("training").and_then(|training| training.as_bool());
        let masks = rest.remove("masks").and_then(|masks| masks.as_str().map(str::to_owned));
        rest.remove("name");
        let mut calls = match rest.remove("inbound_nodes") {
            Some(Value::Array(calls)) => Some(calls),
            _ => None,
        };
        for call in calls.iter_mut().flatten().filter_map(Value::as_object_mut) {
            training = call.remove("training").and_then(|mode| mode.as_bool()).or(training);
        }
        let name = config.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let (input, output, weighs, unconstrained, layers) = (None, None, false, Vec::new(), None);
        let held = Vec::new();
        Self {
            class_name,
            name,
            path,
            config,
            rest,
            input,
            inputs: Vec::new(),
            output,
            weighs,
            unconstrained,
            training,
            masks,
            held,
            layers,
            calls,
        }
    }

    /// The piece of `node`, whose input has that shape.
    fn standing(self, node: &Node, input: Option<Shape>) -> Result<Self> {
        let output = node.output_shape().cloned();
        let input = input.filter(|_| node.is_built());
        let params = node.params();
        let unconstrained = params.iter().filter(|param| !keeps_to_its_constraint(param));
        let unconstrained = unconstrained.map(|param| param.name().to_owned()).collect();
        let inputs = node.input_shapes().to_vec();
        let piece =
            Self { input, inputs, output, weighs: !params.is_empty(), unconstrained, ..self };
        match node.as_model() {
            Some(model) => piece.holding(model),
            None => piece.around(node),
        }
    }

    /// The piece of a layer with those that it holds.
    fn around(mut self, node: &Node) -> Result<Self> {
        for (key, held) in node.held() {
            let Some(entry) = self.config.shift_remove(key) else { continue };
            let path = join(&self.path, &format!("config.{key}"));
            let input = held.input_shapes().first().cloned();
            self.held.push((key, Self::new(entry, path).standing(held, input)?));
        }
        Ok(self)
    }

    /// The layers of a model, and those that a layer holds.
    pub(super) fn inner(&self) -> impl Iterator<Item = &Self> {
        self.layers.iter().flatten().chain(self.held.iter().map(|(_, piece)| piece))
    }

    /// The entries of the layers that a layer holds, each for its key in the config.
    pub(super) fn write_held(
        &mut self,
        mut write: impl FnMut(Self) -> Result<Value>,
    ) -> Result<Vec<(&'static str, Value)>> {
        let held = std::mem::take(&mut self.held);
        held.into_iter().map(|(key, piece)| Ok((key, write(piece)?))).collect()
    }

    /// The piece of `model`, with its layers.
    fn holding(mut self, model: &Model) -> Result<Self> {
        let entries = match self.config.shift_remove("layers") {
            Some(Value::Array(entries)) => entries,
            _ => return Err(Error::Model("the model has no list of layers".into())),
        };
        let mut shape = model.input_shape().cloned();
        // Each shape names the batch size that the Input does.
        let batch = shape.as_ref().and_then(|shape| shape.axes().first().copied().flatten());
        self.input.clone_from(&shape);
        let mut nodes = model.layers().iter();
        let mut layers = Vec::with_capacity(entries.len());
        for (i, entry) in entries.into_iter().enumerate() {
            let piece = Self::new(entry, join(&self.path, &format!("config.layers[{i}]")));
            if piece.class_name == "InputLayer" {
                let own = piece.config.get("batch_shape").cloned().unwrap_or_default();
                let own = serde_json::from_value(own).ok().or_else(|| shape.clone());
                layers.push(Self { input: own.clone(), output: own, ..piece });
            } else if let (Some(_), Some(node)) = (&piece.calls, nodes.as_slice().first()) {
                nodes.next();
                let [input] = node.input_shapes() else {
                    layers.push(piece.standing(node, None)?);
                    continue;
                };
                layers.push(piece.standing(node, Some(input.clone()))?);
            } else if let Some(node) = nodes.next() {
                shape = shape.map(|shape| shape.with_axis(0, batch));
                let piece = piece.standing(node, shape)?;
                shape = node.output_shape().map(|shape| shape.with_axis(0, batch));
                layers.push(Self { output: shape.clone(), ..piece });
            }
        }
        self.layers = Some(layers);
        Ok(self)
    }

    /// Where Keras has its class.
    pub(in crate::json) fn module(&self) -> &str {
        self.rest.get("module").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it is an operation, and no layer.
    pub(in crate::json) fn is_operation(&self) -> bool {
        self.module().starts_with("keras.src.ops")
    }

    /// An error about the value at `key` of the config, or about the layer where it is empty.
    pub(in crate::json) fn error(&self, key: &str, reason: impl std::fmt::Display) -> Error {
        let message = format!("{} \"{}\": {reason}", self.class_name, self.name);
        let path = if key.is_empty() { "" } else { "config" };
        match join(&join(&self.path, path), key) {
            whole if whole.is_empty() => Error::Model(message),
            path => Error::config(path, message),
        }
    }

    /// The entry as it is, with another config.
    pub(in crate::json) fn entry(&self, config: Map<String, Value>) -> Map<String, Value> {
        let mut entry = Map::new();
        let mut rest = self.rest.clone();
        if let Some(module) = rest.shift_remove("module") {
            entry.insert("module".into(), module);
        }
        entry.insert("class_name".into(), self.class_name.as_str().into());
        entry.insert("config".into(), config.into());
        entry.extend(rest);
        entry
    }
}

/// Whether the constraint of a weight, if it has one, leaves its numbers where they are.
fn keeps_to_its_constraint(param: &Param) -> bool {
    let Some(constraint) = param.constraint() else { return true };
    let (old, new) = (param.value().as_slice(), constraint.apply(param.value().clone()));
    // The norm that a constraint divides by is a little more than the true one.
    old.iter().zip(new.as_slice()).all(|(old, new)| (old - new).abs() <= 1e-4 * old.abs())
}

/// The class and the config of an entry, the config taken out; nothing if it is no entry.
pub(in crate::json) fn take_config(
    entry: &mut Map<String, Value>,
) -> Option<(String, Map<String, Value>)> {
    let class_name = entry.get("class_name")?.as_str()?.to_owned();
    let config = entry.get_mut("config")?.as_object_mut()?;
    Some((class_name, std::mem::take(config)))
}

/// The same config with these keys first, in this order.
pub(in crate::json) fn ordered(
    mut config: Map<String, Value>,
    first: &[&str],
) -> Map<String, Value> {
    let named = |key: &&str| Some((*key).to_owned()).zip(config.shift_remove(*key));
    let mut ordered: Map<String, Value> = first.iter().filter_map(named).collect();
    ordered.extend(config);
    ordered
}

/// The same config with `new` in the place of `old`.
pub(in crate::json) fn renamed(
    config: Map<String, Value>,
    old: &str,
    new: &str,
) -> Map<String, Value> {
    let name = |key: String| if key == old { new.to_owned() } else { key };
    config.into_iter().map(|(key, value)| (name(key), value)).collect()
}
