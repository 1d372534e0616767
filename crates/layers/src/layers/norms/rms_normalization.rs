//! RMSNormalization: divides every sample by its root mean square.

use ceratops_core::{Context, Error, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_weights::Initializer;
use serde::{Deserialize, Serialize};

use super::{
    super::{Axes, rules::Rules},
    SavedNorm, Together, check_epsilon, known, numbers, place_of,
    rows::{Learned, Rule, Size},
};

/// y = scale · x / √(mean(x²) + epsilon), the mean going over the numbers along `axis`, for each index
/// along the other axes.
///
/// Weights: `scale`, with the lengths of the axes of `axis`. A mask ends here, as in Keras.
///
/// ```
/// use ceratops_layers::{Input, RMSNormalization, sequential};
///
/// let model = sequential![Input::new([2]), RMSNormalization::new()]?;
/// let y = model.predict([[1.0, 7.0]])?.map(|y| (5.0 * y).round());
/// assert_eq!(y.as_slice(), [1.0, 7.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization"; Keras,
/// `keras.layers.RMSNormalization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct RMSNormalization {
    /// The axis or axes that are normalized together, the last ones; -1 by default.
    pub axis: Axes,
    /// Added to the mean; 0.000001 by default.
    pub epsilon: f64,
    #[serde(skip)]
    scale: Option<Param>,
}

impl Default for RMSNormalization {
    fn default() -> Self {
        Self { axis: Axes::from(-1), epsilon: 1e-6, scale: None }
    }
}

impl RMSNormalization {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Normalizes along this axis, or these together.
    #[must_use]
    pub fn axis(self, axis: impl Into<Axes>) -> Self {
        Self { axis: axis.into(), ..self }
    }

    /// Adds this to the mean of the squares.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    fn rule(&self) -> Rule {
        let size = Size::Mean { epsilon: self.epsilon };
        Rule { centers: false, about_mean: false, size }
    }
}

impl Layer for RMSNormalization {
    const CLASS_NAME: &'static str = "RMSNormalization";
    type Saved = SavedNorm;

    fn validate(&self) -> Result<()> {
        check_epsilon(self.epsilon)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let last = Together::of(&self.axis, input.ndim())?.order().is_none();
        match last {
            true => Ok(input.clone()),
            // Keras lays the scale along the last axes, whichever it was made for.
            false => {
                let found = format!("{:?}", self.axis.as_slice());
                Err(Error::argument("axis", "the last axis, or several last ones", found))
            }
        }
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        Together::of(&self.axis, input.ndim())?;
        self.axis = self.axis.sorted();
        let axes = self.axis.as_slice().iter();
        let lengths = axes.map(|&axis| known(input, place_of(axis, input.ndim())?));
        let shape = lengths.collect::<Result<Vec<usize>>>()?;
        let ones = Initializer::from("ones");
        self.scale = Some(Rules::new(&ones, &None, &None).weight("scale", &shape, rng)?);
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedNorm>)> {
        let together = Together::of(&self.axis, x.ndim())?;
        let len = together.len(x.shape());
        let learned = Learned { gain: numbers(self.scale.as_ref(), true, len)?, offset: None };
        let mut x = together.gathered(x)?;
        let kept = cx.save(|| x.clone());
        let rows = self.rule().forward(x.as_mut_slice(), len, learned);
        Ok((together.scattered(x)?, kept.map(|x| SavedNorm::new(x, rows))))
    }

    fn backward(
        &self,
        saved: SavedNorm,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let together = Together::of(&self.axis, dy.ndim())?;
        let len = together.len(dy.shape());
        let mut dy = together.gathered(dy)?;
        if let Some(dscale) = dw.get(0) {
            let to = Some(dscale.as_mut_slice());
            self.rule().add_gradients(&saved, dy.as_slice(), len, to, None);
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        let scale = numbers(self.scale.as_ref(), true, len)?;
        self.rule().backward(&saved, dy.as_mut_slice(), len, scale);
        together.scattered(dy).map(Some)
    }

    fn params(&self) -> Vec<&Param> {
        self.scale.iter().collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.scale.iter_mut().collect()
    }
}
