//! ReLU: the rectifier, with its options.

use ceratops_activations::{relu, relu_backward};
use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

/// f(x) = max_value for x >= max_value, x for threshold < x < max_value,
/// negative_slope · (x - threshold) for x <= threshold.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::ReLU;
///
/// let x = Tensor::from([[-10.0, -1.0, 0.5, 10.0]]);
/// let (y, _) = ReLU::new().max_value(6.0).forward(x, &mut Context::inference())?;
/// assert_eq!(y, Tensor::from([[0.0, 0.0, 0.5, 6.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.ReLU`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReLU {
    /// The largest output; none by default.
    pub max_value: Option<f64>,
    /// The slope below the threshold; 0 by default.
    pub negative_slope: f64,
    /// Where the rectifier opens; 0 by default.
    pub threshold: f64,
}

impl ReLU {
    /// The plain rectifier.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cuts the output there.
    #[must_use]
    pub fn max_value(self, max_value: f64) -> Self {
        Self { max_value: Some(max_value), ..self }
    }

    /// Lets that much through below the threshold.
    #[must_use]
    pub fn negative_slope(self, negative_slope: f64) -> Self {
        Self { negative_slope, ..self }
    }

    /// Opens there.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> Self {
        Self { threshold, ..self }
    }

    fn arguments(&self) -> (f32, Option<f32>, f32) {
        let max_value = self.max_value.map(|max| max as f32);
        (self.negative_slope as f32, max_value, self.threshold as f32)
    }
}

impl Layer for ReLU {
    const CLASS_NAME: &'static str = "ReLU";
    type Saved = Tensor;

    fn validate(&self) -> Result<()> {
        let max_value = self.max_value.unwrap_or(0.0);
        for (argument, value) in [
            ("max_value", max_value),
            ("negative_slope", self.negative_slope),
            ("threshold", self.threshold),
        ] {
            if value.is_nan() || value < 0.0 {
                return Err(Error::argument(argument, "a number >= 0", value));
            }
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Tensor>)> {
        let (negative_slope, max_value, threshold) = self.arguments();
        let saved = cx.save(|| x.clone());
        Ok((relu(x, negative_slope, max_value, threshold), saved))
    }

    fn backward(&self, x: Tensor, dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        let (negative_slope, max_value, threshold) = self.arguments();
        relu_backward(&x, dy, negative_slope, max_value, threshold).map(Some)
    }
}
