//! LeakyReLU: a rectifier that lets a little through.

use ceratops_activations::{leaky_relu, leaky_relu_backward};
use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

/// f(x) = x for x > 0, negative_slope · x for x <= 0.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::LeakyReLU;
///
/// let x = Tensor::from([[-3.0, -1.0, 0.0, 2.0]]);
/// let (y, _) = LeakyReLU::new(0.5).forward(x, &mut Context::inference())?;
/// assert_eq!(y, Tensor::from([[-1.5, -0.5, 0.0, 2.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Maas et al. 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models";
/// Keras, `keras.layers.LeakyReLU`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeakyReLU {
    /// The slope below zero; 0.3 by default. Keras 2 calls it `alpha`.
    pub negative_slope: f64,
}

impl LeakyReLU {
    /// The layer with this slope below zero.
    pub fn new(negative_slope: f64) -> Self {
        Self { negative_slope }
    }
}

impl Default for LeakyReLU {
    fn default() -> Self {
        Self::new(0.3)
    }
}

impl Layer for LeakyReLU {
    const CLASS_NAME: &'static str = "LeakyReLU";
    const KEEPS_MASK: bool = true;
    /// The output.
    type Saved = Tensor;

    fn validate(&self) -> Result<()> {
        if self.negative_slope >= 0.0 {
            return Ok(());
        }
        Err(Error::argument("negative_slope", "a number >= 0", self.negative_slope))
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Tensor>)> {
        // y has the sign of x, the slope being at least 0, and needs no memory beside x.
        let y = leaky_relu(x, self.negative_slope as f32);
        let saved = cx.save(|| y.clone());
        Ok((y, saved))
    }

    fn backward(&self, y: Tensor, dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        leaky_relu_backward(&y, dy, self.negative_slope as f32).map(Some)
    }
}
