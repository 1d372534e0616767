//! Flatten: each sample as one row.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use ndarray::{ArrayD, ArrayViewD};
use serde::{Deserialize, Serialize};

use crate::DataFormat;

/// y = the numbers of each sample in one row: (batch, ...) to (batch, features).
///
/// Channels that stand first are moved to the end before, as in Keras, so that both data formats
/// give the same row.
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::Flatten;
///
/// let shape = Flatten::new().output_shape(&Shape::batched([2, 3, 4]))?;
/// assert_eq!(shape, Shape::batched([24]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Flatten`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flatten {
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Flatten {
    /// The layer for images whose channels stand last.
    pub fn new() -> Self {
        Self::default()
    }

    builders! {
        data_format
    }

    /// The order of the axes with the channels moved to the end, if they must be.
    fn order(&self, ndim: usize) -> Option<Vec<usize>> {
        let moves = self.data_format == DataFormat::ChannelsFirst && ndim > 2;
        moves.then(|| [0].into_iter().chain(2..ndim).chain([1]).collect())
    }
}

impl Layer for Flatten {
    const CLASS_NAME: &'static str = "Flatten";
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let [batch, sample @ ..] = input.axes() else {
            return Err(Error::argument("input_shape", "a batch axis", input));
        };
        let features = sample.iter().copied().try_fold(1usize, |size, len| size.checked_mul(len?));
        Ok(Shape::from([*batch, features]))
    }

    fn forward(&self, mut x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let shape = cx.save(|| x.shape().to_vec());
        let rows = [x.shape().first().copied().unwrap_or(1), x.sample_len()];
        if let Some(order) = self.order(x.ndim()) {
            x = ArrayViewD::from(&x).permuted_axes(order).into();
        }
        Ok((x.reshape(&rows)?, shape))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let Some(order) = self.order(shape.len()) else { return dy.reshape(&shape).map(Some) };
        let moved: Vec<usize> = order.iter().map(|&axis| shape[axis]).collect();
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
        let dx: ArrayD<f32> = dy.reshape(&moved)?.into();
        Ok(Some(dx.permuted_axes(back).into()))
    }
}
