//! ThresholdedReLU: the identity above a threshold.

use ceratops_activations::{relu, relu_backward};
use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

/// f(x) = x for x > theta, 0 for x <= theta.
///
/// Keras 3 has it no more; there it is written as `ReLU(threshold=theta)`, the same function.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::ThresholdedReLU;
///
/// let x = Tensor::from([[-1.0, 0.5, 1.0, 1.5]]);
/// let (y, _) = ThresholdedReLU::new(1.0).forward(x, &mut Context::inference())?;
/// assert_eq!(y, Tensor::from([[0.0, 0.0, 0.0, 1.5]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Konda et al. 2015, "Zero-bias autoencoders and the benefits of co-adapting features";
/// Keras 2, `tf.keras.layers.ThresholdedReLU`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThresholdedReLU {
    /// The threshold; 1 by default.
    pub theta: f64,
}

impl ThresholdedReLU {
    /// The layer that opens at `theta`.
    pub fn new(theta: f64) -> Self {
        Self { theta }
    }
}

impl Default for ThresholdedReLU {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Layer for ThresholdedReLU {
    const CLASS_NAME: &'static str = "ThresholdedReLU";
    const KEEPS_MASK: bool = true;
    /// The output.
    type Saved = Tensor;

    fn validate(&self) -> Result<()> {
        if self.theta >= 0.0 {
            return Ok(());
        }
        Err(Error::argument("theta", "a number >= 0", self.theta))
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Tensor>)> {
        // y is above theta where x is, and needs no memory beside x.
        let y = relu(x, 0.0, None, self.theta as f32);
        let saved = cx.save(|| y.clone());
        Ok((y, saved))
    }

    fn backward(&self, y: Tensor, dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        relu_backward(&y, dy, 0.0, None, self.theta as f32).map(Some)
    }
}
