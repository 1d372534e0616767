//! ELU: a rectifier that levels off below zero.

use ceratops_activations::{elu, elu_backward};
use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

/// f(x) = x for x > 0, alpha · (exp(x) - 1) for x <= 0.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::ELU;
///
/// let (y, _) = ELU::new(1.0).forward([[-100.0, 0.0, 2.0]].into(), &mut Context::inference())?;
/// assert_eq!(y, Tensor::from([[-1.0, 0.0, 2.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Clevert et al. 2016, "Fast and Accurate Deep Network Learning by Exponential Linear
/// Units"; Keras, `keras.layers.ELU`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ELU {
    /// Where it levels off, negated; 1 by default.
    pub alpha: f64,
}

impl ELU {
    /// The layer that levels off at -alpha.
    pub fn new(alpha: f64) -> Self {
        Self { alpha }
    }
}

impl Default for ELU {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Layer for ELU {
    const CLASS_NAME: &'static str = "ELU";
    const KEEPS_MASK: bool = true;
    /// The output; the input where alpha < 0, for then two inputs have the same output.
    type Saved = Tensor;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Tensor>)> {
        let alpha = self.alpha as f32;
        let input = (alpha < 0.0).then(|| x.clone());
        let y = elu(x, alpha);
        let saved = cx.save(|| input.unwrap_or_else(|| y.clone()));
        Ok((y, saved))
    }

    fn backward(&self, kept: Tensor, dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        let alpha = self.alpha as f32;
        if alpha < 0.0 {
            // dL/dx = dy above 0, dy · alpha · exp(x) below
            return dy
                .zip_map(&kept, |dy, x| if x > 0.0 { dy } else { dy * alpha * x.exp() })
                .map(Some);
        }
        elu_backward(&kept, dy, alpha).map(Some)
    }
}
