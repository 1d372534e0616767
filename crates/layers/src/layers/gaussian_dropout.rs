//! GaussianDropout: multiplies by normal numbers, while training.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::gaussian_noise::normal;

/// y = x · ε with ε from N(1, rate / (1 - rate)), while training; y = x otherwise.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::GaussianDropout;
///
/// let x = Tensor::full(&[1, 1000], 1.0);
/// let (y, _) = GaussianDropout::new(0.2).forward(x, &mut Context::training(0, 0, 0))?;
/// assert!((y.sum() / 1000.0 - 1.0).abs() < 0.1);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from
/// Overfitting", section 10; Keras, `keras.layers.GaussianDropout`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GaussianDropout {
    /// The share that Dropout would drop for as much noise. With 1, which has no finite noise, the
    /// layer cannot be trained.
    pub rate: f64,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
}

impl GaussianDropout {
    /// The layer of this rate.
    pub fn new(rate: f64) -> Self {
        Self { rate, ..Self::default() }
    }

    builders! {
        seed
    }
}

impl Layer for GaussianDropout {
    const CLASS_NAME: &'static str = "GaussianDropout";
    const KEEPS_MASK: bool = true;
    /// What each number was multiplied by; none where all were left as they are.
    type Saved = Option<Tensor>;

    fn validate(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.rate) {
            return Err(Error::argument("rate", "a number from 0 to 1", self.rate));
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        if !cx.is_training() || self.rate == 0.0 {
            return Ok((x, cx.save(|| None)));
        }
        if self.rate >= 1.0 {
            return Err(Error::argument("rate", "a number below 1 in training", self.rate));
        }
        let stddev = (self.rate / (1.0 - self.rate)).sqrt();
        let noise = normal((1.0, stddev), self.seed, x.shape(), cx)?;
        let y = x.zip_map(&noise, |x, noise| x * noise)?;
        Ok((y, cx.save(|| Some(noise))))
    }

    fn backward(
        &self,
        noise: Option<Tensor>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let Some(noise) = noise else { return Ok(Some(dy)) };
        dy.zip_map(&noise, |dy, noise| dy * noise).map(Some)
    }
}
