//! GaussianNoise: adds normal numbers, while training.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use ceratops_weights::{Initializer, initializers::RandomNormal};
use serde::{Deserialize, Serialize};

/// y = x + ε with ε from N(0, stddev²), while training; y = x otherwise.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::GaussianNoise;
///
/// let x = Tensor::zeros(&[1, 1000]);
/// let (y, _) = GaussianNoise::new(0.5).forward(x.clone(), &mut Context::inference())?;
/// assert_eq!(y, x);
/// let (y, _) = GaussianNoise::new(0.5).forward(x, &mut Context::training(0, 0, 0))?;
/// assert!((y.sum() / 1000.0).abs() < 0.1);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.GaussianNoise`, which takes no `stddev` above 1 from version 3 on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GaussianNoise {
    /// The standard deviation of the noise.
    pub stddev: f64,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
}

impl GaussianNoise {
    /// The layer whose noise has this standard deviation.
    pub fn new(stddev: f64) -> Self {
        Self { stddev, ..Self::default() }
    }

    builders! {
        seed
    }
}

/// Numbers from N(mean, stddev²), of which `seed` tells two layers' apart.
pub(super) fn normal(
    (mean, stddev): (f64, f64),
    seed: Option<u64>,
    shape: &[usize],
    cx: &mut Context,
) -> Result<Tensor> {
    let mut rng = cx.rng();
    rng.set_stream(seed.unwrap_or(0));
    Initializer::from(RandomNormal::new(mean, stddev)).draw(shape, &mut rng)
}

impl Layer for GaussianNoise {
    const CLASS_NAME: &'static str = "GaussianNoise";
    const KEEPS_MASK: bool = true;
    type Saved = ();

    fn validate(&self) -> Result<()> {
        if self.stddev >= 0.0 && self.stddev.is_finite() {
            return Ok(());
        }
        Err(Error::argument("stddev", "a number >= 0", self.stddev))
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        let saved = cx.save(|| ());
        if !cx.is_training() || self.stddev == 0.0 {
            return Ok((x, saved));
        }
        let noise = normal((0.0, self.stddev), self.seed, x.shape(), cx)?;
        Ok((x.zip_map(&noise, |x, noise| x + noise)?, saved))
    }

    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(dy))
    }
}
