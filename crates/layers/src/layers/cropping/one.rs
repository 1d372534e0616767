//! Cropping1D: a sequence without its ends.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{super::frame::cropped, backward, forward};
use crate::{Borders, DataFormat, One};

/// y\[t, f\] = x\[t + before, f\].
///
/// From (batch, steps, channels) to (batch, steps - before - behind, channels), of which something
/// must be left. The channels stand last.
///
/// ```
/// use ceratops_layers::{Cropping1D, Input, sequential};
///
/// let model = sequential![Input::new([4, 1]), Cropping1D::new([1, 2])]?;
/// assert_eq!(model.predict([[[1.0], [2.0], [3.0], [4.0]]])?, [[[2.0]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Cropping1D`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cropping1D {
    /// How many steps are cut off before and behind; 1 and 1 by default.
    pub cropping: Borders<One>,
}

impl Default for Cropping1D {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Cropping1D {
    /// The layer that cuts off so many steps: 1 on both sides, or `[1, 2]`.
    pub fn new(cropping: impl Into<Borders<One>>) -> Self {
        Self { cropping: cropping.into() }
    }
}

impl Layer for Cropping1D {
    const CLASS_NAME: &'static str = "Cropping1D";
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        cropped(input, self.cropping, DataFormat::ChannelsLast)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        forward(x, self.cropping, DataFormat::ChannelsLast, cx)
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        backward(&shape, self.cropping, DataFormat::ChannelsLast, &dy)
    }
}
