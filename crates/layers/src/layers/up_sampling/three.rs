//! UpSampling3D: each voxel several times.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{backward, enlarged, forward, validate};
use crate::{DataFormat, Extent, Three};

/// y\[d, r, c, f\] = x\[⌊d / s⌋, ⌊r / s⌋, ⌊c / s⌋, f\], with a size s of its own for each axis.
///
/// From (batch, depth, height, width, channels) to the same with axes s times as long.
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::UpSampling3D;
///
/// let shape = UpSampling3D::new([1, 2, 3]).output_shape(&Shape::batched([4, 5, 6, 2]))?;
/// assert_eq!(shape, Shape::batched([4, 10, 18, 2]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.UpSampling3D`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpSampling3D {
    /// How often each voxel comes along each axis; 2 by default.
    pub size: Extent<Three>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for UpSampling3D {
    fn default() -> Self {
        Self::new(2)
    }
}

impl UpSampling3D {
    /// The layer that gives each voxel `size` times (2, or a number for each axis).
    pub fn new(size: impl Into<Extent<Three>>) -> Self {
        Self { size: size.into(), data_format: DataFormat::ChannelsLast }
    }

    builders! {
        data_format
    }
}

impl Layer for UpSampling3D {
    const CLASS_NAME: &'static str = "UpSampling3D";
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        validate(self.size)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        enlarged(input, self.size, self.data_format)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let y = forward(&x, self.size, self.data_format)?;
        Ok((y, cx.save(|| x.shape().to_vec())))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        backward(&shape, dy, self.size, self.data_format).map(Some)
    }
}
