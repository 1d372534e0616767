//! Permute: the axes of each sample in another order.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::expect_ndim;

/// y = x with its axes in another order: axis i of y is axis `dims`\[i\] of x, axes of a sample being
/// counted from 1.
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::Permute;
///
/// let shape = Permute::new([3, 1, 2]).output_shape(&Shape::batched([28, 20, 8]))?;
/// assert_eq!(shape, Shape::batched([8, 28, 20]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Permute`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permute {
    /// The order of the axes, counted from 1: the batch axis stays where it is.
    pub dims: Vec<usize>,
}

impl Permute {
    /// The layer that puts the axes in the order `dims`: `[2, 1]` swaps two.
    pub fn new(dims: impl Into<Vec<usize>>) -> Self {
        Self { dims: dims.into() }
    }

    /// The order of all axes, the batch included.
    fn order(&self) -> Vec<usize> {
        [&[0], self.dims.as_slice()].concat()
    }
}

impl Layer for Permute {
    const CLASS_NAME: &'static str = "Permute";
    type Saved = ();

    fn validate(&self) -> Result<()> {
        let mut sorted = self.dims.clone();
        sorted.sort_unstable();
        if sorted.iter().copied().eq(1..=self.dims.len()) {
            return Ok(());
        }
        let expected = format!("each axis from 1 to {} once", self.dims.len());
        Err(Error::argument("dims", expected, format!("{:?}", self.dims))
            .with_help("axes of a sample are counted from 1"))
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.validate()?;
        let axes = format!("a batch axis and {} more", self.dims.len());
        expect_ndim(input, self.dims.len() + 1, &axes, "`dims` must name each axis of a sample")?;
        let lens: Vec<Option<usize>> =
            self.order().iter().map(|&axis| input.axes()[axis]).collect();
        Ok(Shape::from(lens))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        Ok((x.permuted(&self.order())?, cx.save(|| ())))
    }

    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        let order = self.order();
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
        dy.permuted(&back).map(Some)
    }
}
