//! HeldLayer: a layer within a layer.

use ceratops_core::{
    AnyLayer, Arguments, Closing, Context, Error, Gradients, Mask, Mode, Param, Part, Result, Rng,
    Saved, Shape, Tensor,
};
use rand::RngCore;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Node, Registry, entry};

/// The `layer` of a wrapper such as `TimeDistributed`: any layer or model with its name and flag, or a
/// config entry of which only a [`Registry`] can make one.
///
/// A layer that holds one reads and writes it by serde, implements [`Resolve`], stands in the registry by
/// [`Entry::resolving`](crate::Entry::resolving), and hands on to it what it is itself asked for: `validate`,
/// `output_shape`, `build`, `params`, `params_mut`, `parts`, `held`, `freeze`, `set_held_trainable`,
/// `couples_samples`, `is_stateful`, `reset_state`, `memories` and `remember`.
#[derive(Debug, Clone)]
pub struct HeldLayer {
    held: State,
    /// Whether the weights that the layer came with are still to be kept, once, in `build`.
    brought: bool,
}

#[derive(Debug, Clone)]
enum State {
    Layer(Box<Node>),
    Unresolved(Value),
}

/// A layer that holds objects of which only a registry can make them from their configs, such as another
/// layer: [`Entry::resolving`](crate::Entry::resolving).
pub trait Resolve {
    /// Makes the objects that are still configs. Errors say at which key of the layer's config.
    fn resolve(&mut self, registry: &Registry) -> Result<()>;
}

impl HeldLayer {
    /// The layer, with its name and flag.
    ///
    /// # Errors
    /// If there is none, or none was made of its config yet.
    pub fn node(&self) -> Result<&Node> {
        match &self.held {
            State::Layer(node) => Ok(node),
            State::Unresolved(entry) => Err(unresolved(entry)),
        }
    }

    /// The layer, to be changed.
    pub fn node_mut(&mut self) -> Result<&mut Node> {
        match &mut self.held {
            State::Layer(node) => Ok(node),
            State::Unresolved(entry) => Err(unresolved(entry)),
        }
    }

    fn layer(&self) -> Result<&dyn AnyLayer> {
        self.node().map(Node::layer)
    }

    /// The layer's name; without one, it is named for its class.
    pub fn name(&self) -> String {
        match &self.held {
            State::Layer(node) => node.own_name(),
            State::Unresolved(_) => String::new(),
        }
    }

    /// Makes the layer of its config, if that is not done yet; `key` is where it stands in its holder's.
    pub fn resolve(&mut self, key: &str, registry: &Registry) -> Result<()> {
        if let State::Unresolved(entry) = &self.held
            && !entry.is_null()
        {
            *self = registry.layer(entry).map_err(|e| e.at(key))?.into();
        }
        Ok(())
    }

    /// Refuses that there is no layer, and what the layer itself refuses.
    pub fn validate(&self) -> Result<()> {
        self.layer()?.validate()
    }

    /// The shape of the output for inputs of shape `input`.
    pub fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.layer()?.output_shape(input)
    }

    /// Makes the weights. Those that the layer came with, out of another model, stay.
    pub fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let keeps = std::mem::take(&mut self.brought);
        let node = self.node_mut()?;
        match node.as_model_mut() {
            Some(model) if model.is_built() && !keeps => {
                model.blank = rng.is_blank();
                let drawn = model.draw_weights(rng.next_u64());
                model.blank = false;
                drawn?;
            }
            None if !keeps => node.built = None,
            _ => {}
        }
        node.build(std::slice::from_ref(input), &Arguments::NONE, rng).map(drop)
    }

    /// The output, and what the gradient will need. The holder has `own` weights before those of the
    /// layer; the mask in `cx` goes to the layer.
    pub fn forward(
        &self,
        x: Tensor,
        cx: &mut Context,
        own: usize,
    ) -> Result<(Tensor, Option<Saved>)> {
        let node = self.node()?;
        let (first, mode) = (cx.first_param(), cx.mode());
        cx.set_first_param(first.saturating_add(own));
        cx.set_mode(node.mode().unwrap_or(mode));
        if node.masks.is_some() {
            cx.set_masks(Vec::new());
        }
        let made = node.layer().forward(x, cx);
        cx.set_first_param(first);
        cx.set_mode(mode);
        made
    }

    /// The gradient of the input; those of the layer's weights are added to those of the holder from
    /// place `own` on.
    pub fn backward(
        &self,
        saved: Option<Saved>,
        dy: Tensor,
        dw: &mut Gradients<'_>,
        own: usize,
    ) -> Result<Option<Tensor>> {
        let layer = self.layer()?;
        let wants_dx = dw.wants_dx();
        layer.backward(saved, dy, &mut dw.part(own, layer.params().len(), wants_dx))
    }

    /// The mask of the output for the input `x` and its mask.
    pub fn output_mask(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Mask>> {
        let (xs, masks) = (std::slice::from_ref(x), vec![mask.cloned()]);
        let [_, made] = self.node()?.masks(xs, masks, &Arguments::NONE)?;
        Ok(made.into_iter().next().flatten())
    }

    /// The weights.
    pub fn params(&self) -> Vec<&Param> {
        self.node().map_or_else(|_| Vec::new(), Node::params)
    }

    /// The weights, to be changed.
    pub fn params_mut(&mut self) -> Vec<&mut Param> {
        self.node_mut().map_or_else(|_| Vec::new(), Node::params_mut)
    }

    /// The parts of the layer, which its holder has under `attribute`.
    pub fn parts(&self, attribute: &str) -> Vec<Part<'_>> {
        let Ok(layer) = self.layer() else { return Vec::new() };
        let name = self.name();
        layer.parts().into_iter().map(|part| part.within(attribute, &name)).collect()
    }

    /// Freezes the weights, or lets those learn that are not frozen by themselves.
    pub fn freeze(&mut self, frozen: bool) {
        let Ok(node) = self.node_mut() else { return };
        let frozen = frozen || !node.trainable();
        node.layer.freeze(frozen);
    }

    /// Freezes the layer itself, or lets it learn again.
    pub fn set_trainable(&mut self, trainable: bool) {
        if let Ok(node) = self.node_mut() {
            node.set_trainable(trainable);
        }
    }

    /// Whether samples look at each other in a run of that mode.
    pub fn couples_samples(&self, mode: Mode) -> bool {
        self.node().is_ok_and(|node| node.couples_samples(mode))
    }

    /// Whether the layer keeps states from one batch to the next.
    pub fn is_stateful(&self) -> bool {
        self.layer().is_ok_and(AnyLayer::is_stateful)
    }

    /// Lets the layer forget them.
    pub fn reset_state(&self) {
        if let Ok(layer) = self.layer() {
            layer.reset_state();
        }
    }

    /// The states that the layer keeps.
    pub fn memories(&self) -> Vec<Vec<Tensor>> {
        self.layer().map_or_else(|_| Vec::new(), AnyLayer::memories)
    }

    /// Lets the layer go on from these.
    pub fn remember(&self, memories: Vec<Vec<Tensor>>) {
        if let Ok(layer) = self.layer() {
            layer.remember(memories);
        }
    }

    /// What a loss on logits takes over, if it can.
    pub fn closing_activation(&self) -> Option<Closing> {
        self.layer().ok()?.closing_activation()
    }
}

fn unresolved(entry: &Value) -> Error {
    match entry::class_name(entry) {
        Some(class_name) => {
            let known = Registry::builtin();
            Error::unknown("layer class", class_name, known.class_names())
        }
        None => Error::argument("layer", "a layer or a model", "none"),
    }
}

impl<N: Into<Node>> From<N> for HeldLayer {
    fn from(node: N) -> Self {
        let node = node.into();
        let brought = node.is_built() || node.as_model().is_some_and(crate::Model::is_built);
        Self { held: State::Layer(Box::new(node)), brought }
    }
}

/// No layer, which is refused.
impl Default for HeldLayer {
    fn default() -> Self {
        Self { held: State::Unresolved(Value::Null), brought: false }
    }
}

impl Serialize for HeldLayer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.held {
            State::Layer(node) => {
                node.to_entry().map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
            State::Unresolved(entry) => entry.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for HeldLayer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { held: State::Unresolved(Value::deserialize(deserializer)?), brought: false })
    }
}
