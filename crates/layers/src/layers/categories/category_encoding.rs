//! CategoryEncoding: numbers of categories as zeros and ones.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{OutputMode, nothing};

/// y\[i\] = 1 where category i comes in the sample, else 0 (`MultiHot`); with `Count`, how often it comes; with
/// `OneHot`, for each number by itself.
///
/// From (batch, n) to (batch, num_tokens); `OneHot` makes (batch, n, num_tokens), without the axis n where
/// that is 1. Numbers that are no category, below 0 or too large, count nowhere.
///
/// ```
/// use ceratops_layers::{CategoryEncoding, Input, OutputMode, sequential};
///
/// let count = CategoryEncoding::new(4).output_mode(OutputMode::Count);
/// let model = sequential![Input::new([3]), count]?;
/// assert_eq!(model.predict([[1.0, 3.0, 1.0]])?, [[0.0, 2.0, 0.0, 1.0]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.CategoryEncoding`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoryEncoding {
    /// How many categories there are.
    pub num_tokens: usize,
    /// In what form they come out.
    pub output_mode: OutputMode,
}

/// Without a number of categories, which `validate` refuses: Keras has no default for it.
impl Default for CategoryEncoding {
    fn default() -> Self {
        Self::new(0)
    }
}

impl CategoryEncoding {
    /// The layer for so many categories.
    pub fn new(num_tokens: usize) -> Self {
        Self { num_tokens, output_mode: OutputMode::MultiHot }
    }

    builders! { output_mode }
}

impl Layer for CategoryEncoding {
    const CLASS_NAME: &'static str = "CategoryEncoding";
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        if self.num_tokens == 0 {
            return Err(Error::argument("num_tokens", "an integer >= 1", 0));
        }
        match self.output_mode {
            OutputMode::OneHot | OutputMode::MultiHot | OutputMode::Count => Ok(()),
            other => {
                let expected = "\"one_hot\", \"multi_hot\" or \"count\"";
                Err(Error::argument("output_mode", expected, format!("{other:?}")))
            }
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.output_mode.shape(input, Some(self.num_tokens))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let index = |x: &f32| (*x > -1.0).then_some(*x as usize);
        let indices: Vec<Option<usize>> = x.as_slice().iter().map(index).collect();
        let y = self.output_mode.encode(&indices, x.shape(), self.num_tokens, None)?;
        Ok((y, cx.save(|| x.shape().to_vec())))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        _: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        Ok(nothing(&shape))
    }
}
