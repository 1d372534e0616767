//! AlphaDropout: forgets at random what SELU gave, while training.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::Dropout;

/// y = a · x + b with probability 1 - rate, else a · α' + b, while training; y = x otherwise. α' is what
/// SELU gives of numbers far below zero, and a and b keep numbers of mean 0 and variance 1 so:
/// a = 1 / √((1 - rate)(1 + rate · α'²)), b = -a · rate · α'.
///
/// ```
/// use ceratops_layers::{AlphaDropout, Dense, Input, sequential};
///
/// let dense = Dense::new(64).activation("selu").kernel_initializer("lecun_normal");
/// let model = sequential![Input::new([8]), dense, AlphaDropout::new(0.1), Dense::new(1)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Klambauer et al. 2017, "Self-Normalizing Neural Networks"; Keras,
/// `keras.layers.AlphaDropout`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlphaDropout {
    /// The share of numbers that is dropped. With 1 the layer cannot be trained.
    pub rate: f64,
    /// Told apart by it, two layers drop different numbers; without, by their place.
    pub seed: Option<u64>,
    /// The shape of the pattern, in which 1 stands for an axis along which all is dropped
    /// together, and null (`None`) for the input's own length.
    pub noise_shape: Option<Vec<Option<usize>>>,
}

/// What SELU gives of numbers far below zero.
const ALPHA: f64 = -1.673_263_242_354_377_2 * 1.050_700_987_355_480_5;

impl AlphaDropout {
    /// The layer that drops this share.
    pub fn new(rate: f64) -> Self {
        Self { rate, ..Self::default() }
    }

    builders! {
        seed
    }

    /// Draws a pattern of that shape: `[None, Some(1), None]` drops all along axis 1 together.
    #[must_use]
    pub fn noise_shape(self, noise_shape: impl Into<Vec<Option<usize>>>) -> Self {
        Self { noise_shape: Some(noise_shape.into()), ..self }
    }

    /// The layer that drops the same numbers.
    fn dropout(&self) -> Dropout {
        let Self { rate, seed, noise_shape } = self.clone();
        Dropout { rate, seed, noise_shape }
    }

    /// a and b.
    fn scale_and_shift(&self) -> (f64, f64) {
        let a = 1.0 / ((1.0 - self.rate) * (1.0 + self.rate * ALPHA * ALPHA)).sqrt();
        (a, -a * ALPHA * self.rate)
    }
}

impl Layer for AlphaDropout {
    const CLASS_NAME: &'static str = "AlphaDropout";
    const KEEPS_MASK: bool = true;
    /// Which numbers were kept: those that are not 0. None where all were left as they are.
    type Saved = Option<Tensor>;

    fn validate(&self) -> Result<()> {
        self.dropout().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.dropout().output_shape(input)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        if !cx.is_training() || self.rate == 0.0 {
            return Ok((x, cx.save(|| None)));
        }
        if self.rate >= 1.0 {
            return Err(Error::argument("rate", "a number below 1 in training", self.rate));
        }
        let kept = self.dropout().mask(x.shape(), cx)?;
        let (a, b) = self.scale_and_shift();
        let (a, b, dropped) = (a as f32, b as f32, (a * ALPHA + b) as f32);
        let y = x.zip_map(&kept, move |x, kept| if kept == 0.0 { dropped } else { a * x + b })?;
        Ok((y, cx.save(|| Some(kept))))
    }

    fn backward(
        &self,
        kept: Option<Tensor>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let (Some(kept), a) = (kept, self.scale_and_shift().0 as f32) else {
            return Ok(Some(dy));
        };
        dy.zip_map(&kept, move |dy, kept| if kept == 0.0 { 0.0 } else { a * dy }).map(Some)
    }
}
