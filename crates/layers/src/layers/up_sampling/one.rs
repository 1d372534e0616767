//! UpSampling1D: each step several times.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{backward, enlarged, forward, validate};
use crate::{DataFormat, Extent, One};

/// y\[t, f\] = x\[⌊t / size⌋, f\].
///
/// From (batch, steps, channels) to (batch, size · steps, channels). The channels stand last.
///
/// ```
/// use ceratops_layers::{Input, UpSampling1D, sequential};
///
/// let model = sequential![Input::new([2, 1]), UpSampling1D::new(2)]?;
/// let y = model.predict([[[1.0], [2.0]]])?;
/// assert_eq!(y, [[[1.0], [1.0], [2.0], [2.0]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.UpSampling1D`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpSampling1D {
    /// How often each step comes; 2 by default.
    pub size: usize,
}

impl Default for UpSampling1D {
    fn default() -> Self {
        Self::new(2)
    }
}

impl UpSampling1D {
    /// The layer that gives each step `size` times.
    pub fn new(size: usize) -> Self {
        Self { size }
    }

    fn extent(&self) -> Extent<One> {
        self.size.into()
    }
}

impl Layer for UpSampling1D {
    const CLASS_NAME: &'static str = "UpSampling1D";
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        validate(self.extent())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        enlarged(input, self.extent(), DataFormat::ChannelsLast)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let y = forward(&x, self.extent(), DataFormat::ChannelsLast)?;
        Ok((y, cx.save(|| x.shape().to_vec())))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        backward(&shape, dy, self.extent(), DataFormat::ChannelsLast).map(Some)
    }
}
