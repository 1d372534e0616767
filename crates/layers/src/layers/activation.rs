//! Activation: an activation function as a layer.

use ceratops_core::{Closing, Context, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor};
use serde::{Deserialize, Serialize};

use crate::{AnyActivation, WithActivation, any_activation::SavedActivation};

/// y = activation(x), shape unchanged (but for `glu`, which halves the last axis).
///
/// ```
/// use ceratops_layers::Activation;
///
/// let layer = Activation::new("tanh");
/// # let _ = layer;
/// ```
///
/// Source: Keras, `keras.layers.Activation`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Activation {
    /// The function, or its identifier.
    pub activation: AnyActivation,
}

impl Activation {
    /// The layer that applies `activation`.
    pub fn new(activation: impl Into<AnyActivation>) -> Self {
        Self { activation: activation.into() }
    }
}

impl WithActivation for Activation {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

impl Layer for Activation {
    const CLASS_NAME: &'static str = "Activation";
    const KEEPS_MASK: bool = true;
    type Saved = SavedActivation;

    fn validate(&self) -> Result<()> {
        self.activation.validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.activation.output_shape(input)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        self.activation.build(input, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedActivation>)> {
        self.activation.forward(x, cx, 0)
    }

    fn backward(
        &self,
        saved: SavedActivation,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        self.activation.backward(saved, dy, dw).map(Some)
    }

    fn params(&self) -> Vec<&Param> {
        self.activation.params()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        self.activation.parts_behind(Vec::new())
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.activation.params_mut()
    }

    fn couples_samples(&self) -> bool {
        self.activation.couples_samples()
    }

    fn closing_activation(&self) -> Option<Closing> {
        self.activation.closing()
    }
}
