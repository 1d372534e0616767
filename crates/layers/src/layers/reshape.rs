//! Reshape: the same numbers in another shape.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

/// y = the numbers of each sample, row by row, in the shape `target_shape`.
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::Reshape;
///
/// let shape = Reshape::new([28, -1, 1]).output_shape(&Shape::batched([784]))?;
/// assert_eq!(shape, Shape::batched([28, 28, 1]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Reshape`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reshape {
    /// The shape of a sample, without the batch axis; one length may be -1, and is then found.
    pub target_shape: Vec<i64>,
}

impl Reshape {
    /// The layer that gives each sample the shape `target_shape`.
    pub fn new(target_shape: impl Into<Vec<i64>>) -> Self {
        Self { target_shape: target_shape.into() }
    }

    /// The shape of a sample of `size` numbers; nothing if they do not fit.
    fn sample(&self, size: usize) -> Option<Vec<usize>> {
        let known = |&len: &i64| usize::try_from(len).ok();
        let product =
            self.target_shape.iter().filter_map(known).try_fold(1usize, usize::checked_mul)?;
        let open = self.target_shape.contains(&-1);
        let fits = if open { product > 0 && size.is_multiple_of(product) } else { product == size };
        let rest = size.checked_div(product).unwrap_or(0);
        fits.then(|| self.target_shape.iter().map(|len| known(len).unwrap_or(rest)).collect())
    }

    fn misfit(&self, input: &Shape) -> Error {
        let expected = format!("as many numbers as a sample of {input} has");
        Error::argument("target_shape", expected, format!("{:?}", self.target_shape))
            .with_help("one length may be -1, and is then found")
    }
}

impl Layer for Reshape {
    const CLASS_NAME: &'static str = "Reshape";
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        let open = self.target_shape.iter().filter(|&&len| len == -1).count();
        if open > 1 || self.target_shape.iter().any(|&len| len < -1) {
            let expected = "lengths, of which one may be -1";
            return Err(Error::argument(
                "target_shape",
                expected,
                format!("{:?}", self.target_shape),
            ));
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let batch = input.axes().first().copied().flatten();
        let axes: Vec<Option<usize>> = match input.features() {
            Ok(features) => {
                let size = features.iter().try_fold(1usize, |size, &len| size.checked_mul(len));
                let sample = size.and_then(|size| self.sample(size));
                let sample = sample.ok_or_else(|| self.misfit(input))?;
                sample.into_iter().map(Some).collect()
            }
            // Of an input with open lengths, -1 stays open.
            Err(_) => self.target_shape.iter().map(|&len| usize::try_from(len).ok()).collect(),
        };
        Ok(Shape::from([vec![batch], axes].concat()))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let shape = x.shape().to_vec();
        let misfit = || self.misfit(&Shape::of(&shape));
        let sample = self.sample(x.sample_len()).ok_or_else(misfit)?;
        let y = x.reshape(&[vec![shape.first().copied().unwrap_or(1)], sample].concat())?;
        Ok((y, cx.save(|| shape)))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        dy.reshape(&shape).map(Some)
    }
}
