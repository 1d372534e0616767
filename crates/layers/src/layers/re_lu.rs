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
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
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

    /// Whether the derivative is the same at y as at x. A cut loses x = max_value, and a slope
    /// below a threshold other than 0 moves y to its other side.
    fn has_slope_in_y(&self) -> bool {
        self.max_value.is_none() && (self.threshold == 0.0 || self.negative_slope == 0.0)
    }
}

impl Layer for ReLU {
    const CLASS_NAME: &'static str = "ReLU";
    const KEEPS_MASK: bool = true;
    /// The output where it tells the slope, else the input.
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
        let input = (!self.has_slope_in_y()).then(|| cx.save(|| x.clone()));
        let y = relu(x, negative_slope, max_value, threshold);
        let saved = input.unwrap_or_else(|| cx.save(|| y.clone()));
        Ok((y, saved))
    }

    fn backward(&self, kept: Tensor, dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        let (negative_slope, max_value, threshold) = self.arguments();
        relu_backward(&kept, dy, negative_slope, max_value, threshold).map(Some)
    }
}
