//! Dropout: forgets at random, while training.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

/// y = x / (1 - rate) with probability 1 - rate, else 0, while training; y = x otherwise.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::Dropout;
///
/// let x = Tensor::full(&[1, 1000], 1.0);
/// let (y, _) = Dropout::new(0.5).forward(x.clone(), &mut Context::inference())?;
/// assert_eq!(y, x);
/// let (y, _) = Dropout::new(0.5).forward(x, &mut Context::training(0, 0, 0))?;
/// assert!(y.as_slice().iter().all(|&y| y == 0.0 || y == 2.0));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from
/// Overfitting"; Keras, `keras.layers.Dropout`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dropout {
    /// The share of numbers that is dropped.
    pub rate: f64,
    /// Told apart by it, two layers drop different numbers; without, by their place.
    pub seed: Option<u64>,
    /// The shape of the pattern, in which 1 stands for an axis along which all is dropped
    /// together, and null (`None`) for the input's own length.
    pub noise_shape: Option<Vec<Option<usize>>>,
}

impl Dropout {
    /// The layer that drops this share.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(rate: f64) -> Self {
        Self { rate, ..Self::default() }
    }

    /// Tells the layer apart from others: two seeds, two patterns.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Draws a pattern of that shape: `[None, Some(1), None]` drops all along axis 1 together.
    #[must_use]
    pub fn noise_shape(self, noise_shape: impl Into<Vec<Option<usize>>>) -> Self {
        Self { noise_shape: Some(noise_shape.into()), ..self }
    }

    /// The length of each axis of the pattern for an input of shape `shape`.
    fn pattern(&self, shape: &[usize]) -> Result<Vec<usize>> {
        let Some(noise) = &self.noise_shape else { return Ok(shape.to_vec()) };
        self.output_shape(&Shape::of(shape))?;
        Ok(noise.iter().zip(shape).map(|(noise, &len)| noise.unwrap_or(len)).collect())
    }

    /// What each number is multiplied by.
    pub(super) fn mask(&self, shape: &[usize], cx: &mut Context) -> Result<Tensor> {
        let mut rng = cx.rng();
        rng.set_stream(self.seed.unwrap_or(0));
        let keep = 1.0 / (1.0 - self.rate) as f32;
        let pattern = self.pattern(shape)?;
        let mut drawn = Tensor::zeros(&pattern);
        for m in drawn.as_mut_slice() {
            *m = if rng.random::<f64>() < self.rate { 0.0 } else { keep };
        }
        if pattern == shape {
            return Ok(drawn);
        }
        let view = ndarray::ArrayViewD::from(&drawn);
        view.broadcast(shape).map(Tensor::from).ok_or_else(|| {
            Error::argument(
                "noise_shape",
                format!("a pattern for {shape:?}"),
                format!("{pattern:?}"),
            )
        })
    }
}

impl Layer for Dropout {
    const CLASS_NAME: &'static str = "Dropout";
    const KEEPS_MASK: bool = true;
    /// The mask; none where nothing was dropped.
    type Saved = Option<Tensor>;

    fn validate(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.rate) {
            return Err(Error::argument("rate", "a number from 0 to 1", self.rate));
        }
        match self.noise_shape.as_deref() {
            Some([Some(batch), ..]) => {
                Err(Error::argument("noise_shape", "None for the batch axis", batch))
            }
            _ => Ok(()),
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let fits = |(noise, len): (&Option<usize>, &Option<usize>)| {
            noise.is_none_or(|noise| noise == 1 || len.is_none_or(|len| noise == len))
        };
        let Some(noise) = &self.noise_shape else { return Ok(input.clone()) };
        if noise.len() == input.ndim() && noise.iter().zip(input.axes()).all(fits) {
            return Ok(input.clone());
        }
        let expected = format!("1 or None or the input's own length for each axis of {input}");
        Err(Error::argument("noise_shape", expected, Shape::from(noise.clone())))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Option<Tensor>>)> {
        if !cx.is_training() || self.rate == 0.0 {
            return Ok((x, cx.save(|| None)));
        }
        let mask = self.mask(x.shape(), cx)?;
        let y = x.zip_map(&mask, move |x, m| if m == 0.0 { 0.0 } else { x * m })?;
        Ok((y, cx.save(|| Some(mask))))
    }

    fn backward(
        &self,
        mask: Option<Tensor>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        match mask {
            Some(mask) => {
                dy.zip_map(&mask, move |dy, m| if m == 0.0 { 0.0 } else { dy * m }).map(Some)
            }
            None => Ok(Some(dy)),
        }
    }
}
