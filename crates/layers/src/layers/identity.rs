//! Identity: the input itself.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

/// y = x: a place that can be named.
///
/// Source: Keras, `keras.layers.Identity`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {}

impl Identity {
    /// The layer; it has no arguments.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Layer for Identity {
    const CLASS_NAME: &'static str = "Identity";
    const KEEPS_MASK: bool = true;
    type Saved = ();

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        Ok((x, cx.save(|| ())))
    }

    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(dy))
    }
}
