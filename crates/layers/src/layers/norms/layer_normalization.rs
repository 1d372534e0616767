//! LayerNormalization: brings every sample to mean 0 and variance 1.

use ceratops_core::{Context, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::{
    super::{Axes, rules::Rules},
    SavedNorm, Together, check_epsilon, known, numbers, place_of,
    rows::{Learned, Rule, Size},
};

/// y = gamma · (x - mean) / √(variance + epsilon) + beta, where mean and variance are those of the
/// numbers along `axis`, for each index along the other axes.
///
/// With `rms_scaling` the mean is not subtracted, and there is no beta: y = gamma · x / √(variance +
/// epsilon). The variance still is that about the mean, so that this is no root mean square; for that take
/// [`RMSNormalization`](crate::RMSNormalization).
///
/// Weights: `gamma` (if `scale`) and `beta` (if `center`), each with the lengths of the axes of `axis`.
///
/// ```
/// use ceratops_layers::{Input, LayerNormalization, sequential};
///
/// let model = sequential![Input::new([2, 4]), LayerNormalization::new()]?;
/// assert_eq!(model.count_params(), 2 * 4);
/// let y = model.predict([[[1.0, 1.0, 3.0, 3.0], [5.0, 5.0, 5.0, 5.0]]])?.map(f32::round);
/// assert_eq!(y.as_slice(), [-1.0, -1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Ba, Kiros and Hinton 2016, "Layer Normalization"; Keras, `keras.layers.LayerNormalization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct LayerNormalization {
    /// The axis or axes that are normalized together; -1, the last, by default.
    pub axis: Axes,
    /// Added to the variance; 0.001 by default.
    pub epsilon: f64,
    /// Whether there is a beta.
    pub center: bool,
    /// Whether there is a gamma.
    pub scale: bool,
    /// Whether the mean is left where it is. Keras 3 keeps it for older models.
    pub rms_scaling: bool,
    /// Beta's first values.
    pub beta_initializer: Initializer,
    /// Gamma's first values.
    pub gamma_initializer: Initializer,
    /// A penalty on beta.
    pub beta_regularizer: Option<Regularizer>,
    /// A penalty on gamma.
    pub gamma_regularizer: Option<Regularizer>,
    /// A condition on beta.
    pub beta_constraint: Option<Constraint>,
    /// A condition on gamma.
    pub gamma_constraint: Option<Constraint>,
    #[serde(skip)]
    gamma: Option<Param>,
    #[serde(skip)]
    beta: Option<Param>,
}

impl Default for LayerNormalization {
    fn default() -> Self {
        Self {
            axis: Axes::from(-1),
            epsilon: 0.001,
            center: true,
            scale: true,
            rms_scaling: false,
            beta_initializer: "zeros".into(),
            gamma_initializer: "ones".into(),
            beta_regularizer: None,
            gamma_regularizer: None,
            beta_constraint: None,
            gamma_constraint: None,
            gamma: None,
            beta: None,
        }
    }
}

impl LayerNormalization {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    builders! {
        epsilon center scale beta_initializer gamma_initializer beta_regularizer
        gamma_regularizer beta_constraint gamma_constraint
    }

    /// Normalizes along this axis, or these together.
    #[must_use]
    pub fn axis(self, axis: impl Into<Axes>) -> Self {
        Self { axis: axis.into(), ..self }
    }

    /// Leaves the mean where it is, or not (the default).
    #[must_use]
    pub fn rms_scaling(self, rms_scaling: bool) -> Self {
        Self { rms_scaling, ..self }
    }

    fn gamma_rules(&self) -> Rules<'_> {
        Rules::new(&self.gamma_initializer, &self.gamma_regularizer, &self.gamma_constraint)
    }

    fn beta_rules(&self) -> Rules<'_> {
        Rules::new(&self.beta_initializer, &self.beta_regularizer, &self.beta_constraint)
    }

    /// gamma, one for each of so many numbers.
    fn gain(&self, len: usize) -> Result<Option<&[f32]>> {
        numbers(self.gamma.as_ref(), self.scale || self.rms_scaling, len)
    }

    /// beta, one for each of so many numbers.
    fn offset(&self, len: usize) -> Result<Option<&[f32]>> {
        numbers(self.beta.as_ref(), self.center && !self.rms_scaling, len)
    }

    fn rule(&self) -> Rule {
        let size = Size::Mean { epsilon: self.epsilon };
        Rule { centers: !self.rms_scaling, about_mean: true, size }
    }
}

impl Layer for LayerNormalization {
    const CLASS_NAME: &'static str = "LayerNormalization";
    const KEEPS_MASK: bool = true;
    type Saved = SavedNorm;

    fn validate(&self) -> Result<()> {
        check_epsilon(self.epsilon)?;
        self.gamma_rules().validate()?;
        self.beta_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Together::of(&self.axis, input.ndim()).map(|_| input.clone())
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        Together::of(&self.axis, input.ndim())?;
        self.axis = self.axis.sorted();
        let axes = self.axis.as_slice().iter();
        let lengths = axes.map(|&axis| known(input, place_of(axis, input.ndim())?));
        let shape = lengths.collect::<Result<Vec<usize>>>()?;
        (self.gamma, self.beta) = (None, None);
        if self.scale || self.rms_scaling {
            self.gamma = Some(self.gamma_rules().weight("gamma", &shape, rng)?);
        }
        if self.center && !self.rms_scaling {
            self.beta = Some(self.beta_rules().weight("beta", &shape, rng)?);
        }
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedNorm>)> {
        let together = Together::of(&self.axis, x.ndim())?;
        let len = together.len(x.shape());
        let learned = Learned { gain: self.gain(len)?, offset: self.offset(len)? };
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
        let gamma = self.gain(len)?;
        if let (Some(_), Some(dgamma)) = (gamma, dw.get(0)) {
            let to = Some(dgamma.as_mut_slice());
            self.rule().add_gradients(&saved, dy.as_slice(), len, to, None);
        }
        let place = self.gamma.iter().count();
        if let (Some(_), Some(dbeta)) = (&self.beta, dw.get(place)) {
            let to = Some(dbeta.as_mut_slice());
            self.rule().add_gradients(&saved, dy.as_slice(), len, None, to);
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        self.rule().backward(&saved, dy.as_mut_slice(), len, gamma);
        together.scattered(dy).map(Some)
    }

    fn params(&self) -> Vec<&Param> {
        self.gamma.iter().chain(&self.beta).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.gamma.iter_mut().chain(&mut self.beta).collect()
    }
}
