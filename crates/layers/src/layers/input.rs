//! Input: says what shape a model's input has.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

/// y = x: the entrance of a model. It is not among the model's layers and has no weights.
///
/// ```
/// use ceratops_layers::{Dense, Input, Sequential};
///
/// let mut model = Sequential::new();
/// model.add(Input::new([4]))?.add(Dense::new(3))?;
/// assert_eq!(model.output_shape().map(ToString::to_string).as_deref(), Some("(None, 3)"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.Input`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Input {
    /// The input's shape with its batch axis.
    pub batch_shape: Shape,
}

impl Input {
    /// An input whose samples have the shape `sample`: `[28, 28, 1]`, or with open lengths
    /// `[None, None, Some(3)]`.
    pub fn new(sample: impl Into<Shape>) -> Self {
        Self { batch_shape: Shape::batched(sample) }
    }

    /// Fixes the number of samples in each batch, which stateful layers must know.
    #[must_use]
    pub fn batch_size(self, samples: usize) -> Self {
        Self { batch_shape: self.batch_shape.with_axis(0, Some(samples)) }
    }

    /// An input of strings, `keras.Input(sample, dtype="string")`: `[1]` for one in each sample.
    ///
    /// Layers that make numbers of strings must stand behind it, and they take whole numbers of any size,
    /// given as `i64`, as well.
    ///
    /// ```
    /// use ceratops_layers::{Input, StringLookup, sequential};
    ///
    /// let lookup = StringLookup::new().vocabulary(["red", "green"]);
    /// let model = sequential![Input::text([1]), lookup]?;
    /// assert_eq!(model.predict(["green", "blue"])?, [[2.0], [0.0]].into());
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn text(sample: impl Into<Shape>) -> Self {
        Self { batch_shape: Shape::batched(sample).of_text() }
    }
}

impl Layer for Input {
    const CLASS_NAME: &'static str = "InputLayer";
    const READS_TEXT: bool = true;
    type Saved = ();

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        Ok((x, cx.save(|| ())))
    }

    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(dy))
    }
}
