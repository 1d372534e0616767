//! BatchNormalization: brings every channel to mean 0 and variance 1.

mod channels;
mod places;
mod statistics;

use std::collections::BTreeMap;

use ceratops_core::{Context, Error, Gradients, Layer, Mask, Param, Result, Rng, Shape, Tensor};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use self::statistics::{Statistics, parts, shares};
use super::{Axes, rules::Rules, shape_error};

/// y = gamma · (x - mean) / √(variance + epsilon) + beta, for each channel (index along `axis`).
///
/// While training, mean and (population) variance are those of the batch, and
/// moving = momentum · moving + (1 - momentum) · batch is kept for later; otherwise they are the
/// moving ones. A frozen layer always uses the moving ones, as in Keras.
///
/// Steps that are masked do not count for mean and variance, but are normalized like the others. The
/// mask has all axes of the input but the last; if nothing counts, mean and variance are 0.
///
/// Weights, one number a channel: `gamma` (if `scale`), `beta` (if `center`), `moving_mean`,
/// `moving_variance`; with `renorm` also `moving_stddev`, `renorm_mean` and `renorm_stddev`, which
/// only training needs. Of several axes each combination of indices is a channel, and the weights
/// have the input's axes, those that are not named being 1.
///
/// Renormalization is not there as yet: a model that has it can be asked, but not trained.
///
/// ```
/// use ceratops_layers::{BatchNormalization, Input, sequential};
///
/// let model = sequential![Input::new([28, 28, 8]), BatchNormalization::new()]?;
/// assert_eq!(model.count_params(), 4 * 8);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Ioffe and Szegedy 2015, "Batch Normalization"; Keras,
/// `keras.layers.BatchNormalization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchNormalization {
    /// The axis or axes of the channels; -1, the last, by default. Keras 3 takes one only.
    pub axis: Axes,
    /// How slowly the moving statistics follow; 0.99 by default.
    pub momentum: f64,
    /// Added to the variance; 0.001 by default.
    pub epsilon: f64,
    /// Whether there is a beta.
    pub center: bool,
    /// Whether there is a gamma.
    pub scale: bool,
    /// Beta's first values.
    pub beta_initializer: Initializer,
    /// Gamma's first values.
    pub gamma_initializer: Initializer,
    /// The moving mean's first values.
    pub moving_mean_initializer: Initializer,
    /// The moving variance's first values.
    pub moving_variance_initializer: Initializer,
    /// A penalty on beta.
    pub beta_regularizer: Option<Regularizer>,
    /// A penalty on gamma.
    pub gamma_regularizer: Option<Regularizer>,
    /// A condition on beta.
    pub beta_constraint: Option<Constraint>,
    /// A condition on gamma.
    pub gamma_constraint: Option<Constraint>,
    /// Whether the moving variance follows n / (n - 1) times that of a batch of images, n being the
    /// numbers of a channel, as in Keras 2, where a batch of images also counts whole whatever is
    /// masked. Models from there have it; Keras 3 has no such argument.
    pub unbiased_variance: bool,
    /// Whether training corrects the batch's statistics by the moving ones.
    pub renorm: bool,
    /// How slowly the statistics of the correction follow; 0.99 by default.
    pub renorm_momentum: f64,
    /// The limits of the correction: `rmin`, `rmax`, `dmax`.
    pub renorm_clipping: Option<BTreeMap<String, f64>>,
    #[serde(skip)]
    gamma: Option<Param>,
    #[serde(skip)]
    beta: Option<Param>,
    #[serde(skip)]
    moving_mean: Option<Param>,
    #[serde(skip)]
    moving_variance: Option<Param>,
    /// What renormalization remembers.
    #[serde(skip)]
    of_renorm: Vec<Param>,
}

impl Default for BatchNormalization {
    fn default() -> Self {
        Self {
            axis: Axes::from(-1),
            momentum: 0.99,
            epsilon: 0.001,
            center: true,
            scale: true,
            beta_initializer: "zeros".into(),
            gamma_initializer: "ones".into(),
            moving_mean_initializer: "zeros".into(),
            moving_variance_initializer: "ones".into(),
            beta_regularizer: None,
            gamma_regularizer: None,
            beta_constraint: None,
            gamma_constraint: None,
            unbiased_variance: false,
            renorm: false,
            renorm_momentum: 0.99,
            renorm_clipping: None,
            gamma: None,
            beta: None,
            moving_mean: None,
            moving_variance: None,
            of_renorm: Vec::new(),
        }
    }
}

impl BatchNormalization {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    builders! {
        epsilon center scale beta_initializer gamma_initializer moving_mean_initializer
        moving_variance_initializer beta_regularizer gamma_regularizer beta_constraint
        gamma_constraint
    }

    /// Finds the channels along this axis, or these.
    #[must_use]
    pub fn axis(self, axis: impl Into<Axes>) -> Self {
        Self { axis: axis.into(), ..self }
    }

    /// Lets the moving statistics follow so slowly.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    fn gamma_rules(&self) -> Rules<'_> {
        Rules::new(&self.gamma_initializer, &self.gamma_regularizer, &self.gamma_constraint)
    }

    fn beta_rules(&self) -> Rules<'_> {
        Rules::new(&self.beta_initializer, &self.beta_regularizer, &self.beta_constraint)
    }

    /// gamma and beta of each channel, of which there are `count`.
    fn gamma_and_beta(&self, count: usize) -> Result<[Tensor; 2]> {
        let numbers = |param: &Option<Param>, otherwise| match param {
            Some(param) => param.value().clone().reshape(&[count]),
            None => Ok(of_each(&[count], |_| otherwise)),
        };
        Ok([numbers(&self.gamma, 1.0)?, numbers(&self.beta, 0.0)?])
    }
}

/// A number for each channel, in memory that lives on.
fn of_each(shape: &[usize], number: impl Fn(usize) -> f32) -> Tensor {
    let mut numbers = Tensor::for_overwrite(shape);
    numbers.as_mut_slice().iter_mut().enumerate().for_each(|(i, to)| *to = number(i));
    numbers
}

/// What the gradient needs: the input, which numbers of it count if not all, mean and
/// 1 / √(variance + epsilon) of each channel, and whether the batch made them.
#[derive(Debug)]
pub struct SavedBatchNormalization {
    x: Tensor,
    keep: Option<Vec<f32>>,
    mean: Vec<f32>,
    inverse: Tensor,
    of_batch: bool,
}

impl Layer for BatchNormalization {
    const CLASS_NAME: &'static str = "BatchNormalization";
    const KEEPS_MASK: bool = true;
    type Saved = SavedBatchNormalization;

    fn validate(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(Error::argument("momentum", "a number from 0 to 1", self.momentum));
        }
        if self.epsilon.is_nan() || self.epsilon < 0.0 {
            return Err(Error::argument("epsilon", "a number >= 0", self.epsilon));
        }
        self.gamma_rules().validate()?;
        self.beta_rules().validate()?;
        self.moving_mean_initializer.validate()?;
        self.moving_variance_initializer.validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if input.ndim() < 2 {
            let help = "give the input at least one axis behind the batch axis";
            return Err(shape_error(input, "(batch, ..., channels)", help));
        }
        self.channel_axes(input.ndim()).map(|_| input.clone())
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let shape = self.weight_shape(input)?;
        (self.gamma, self.beta) = (None, None);
        if self.scale {
            self.gamma = Some(self.gamma_rules().weight("gamma", &shape, rng)?);
        }
        if self.center {
            self.beta = Some(self.beta_rules().weight("beta", &shape, rng)?);
        }
        let mean = self.moving_mean_initializer.draw(&shape, rng)?;
        self.moving_mean = Some(Param::new("moving_mean", mean).non_trainable());
        let variance = self.moving_variance_initializer.draw(&shape, rng)?;
        self.moving_variance = Some(Param::new("moving_variance", variance).non_trainable());
        self.of_renorm = if self.renorm { self.begin_renorm()? } else { Vec::new() };
        Ok(())
    }

    fn forward(
        &self,
        x: Tensor,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<SavedBatchNormalization>)> {
        if self.renorm && cx.is_training() && self.couples_samples() {
            let message =
                "renormalization (renorm=true) cannot be trained as yet; freeze the layer";
            return Err(Error::Model(message.into()));
        }
        let channels = self.channels(&x)?;
        let (Statistics { mean, variance }, of_batch) = self.statistics(&x, cx)?;
        let epsilon = self.epsilon as f32;
        let count = [mean.len()];
        let inverse = of_each(&count, |i| 1.0 / (variance[i] + epsilon).sqrt());
        let [gamma, beta] = self.gamma_and_beta(mean.len())?;
        let scale = gamma.zip_map(&inverse, |gamma, i| gamma * i)?;
        let kept = cx.save(|| x.clone());
        let keep = kept.as_ref().filter(|_| of_batch).map(|x| self.keep(x, cx.mask()));
        let numbers = [&mean, scale.as_slice(), beta.as_slice()];
        let y = channels.normalize(x, numbers, kept.is_some())?;
        let keep = keep.transpose()?.flatten();
        let saved = kept.map(|x| {
            let mean = mean.into_owned();
            SavedBatchNormalization { x, keep, mean, inverse, of_batch }
        });
        Ok((y, saved))
    }

    fn backward(
        &self,
        saved: SavedBatchNormalization,
        mut dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let channels = self.channels(&dy)?;
        let learns = (0..2).any(|i| dw.get(i).is_some());
        let own = match dw.sums() {
            None if saved.of_batch || learns => self.backward_sums(&saved, &dy, dw)?,
            _ => Vec::new(),
        };
        let SavedBatchNormalization { x, keep, mean, inverse, of_batch } = saved;
        let count = mean.len();
        let [gamma, _] = self.gamma_and_beta(count)?;
        let scale = gamma.zip_map(&inverse, |gamma, i| gamma * i)?;
        // dL/dx = gamma / σ · (dy - mean(dy) - (x - mean) / σ² · mean(dy · (x - mean))), where the
        // means, over what counts, come in only if the batch made the statistics, and only where x
        // counts
        let (mut shift, mut slope) = (vec![0.0; count], vec![0.0; count]);
        if of_batch {
            let (dys, dots) = shares(dw.sums().unwrap_or(&own));
            shift = dys.iter().map(|dy| *dy as f32).collect();
            slope =
                dots.iter().zip(inverse.as_slice()).map(|(dot, i)| *dot as f32 * i * i).collect();
        }
        let numbers = [scale.as_slice(), &shift, &mean, &slope];
        match keep {
            Some(keep) => channels.center_kept(&mut dy, &x, &keep, numbers),
            None => channels.center(&mut dy, &x, numbers),
        }
        Ok(Some(dy))
    }

    fn params(&self) -> Vec<&Param> {
        let learned = self.gamma.iter().chain(&self.beta);
        let moving = self.moving_mean.iter().chain(&self.moving_variance);
        learned.chain(moving).chain(&self.of_renorm).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        let learned = self.gamma.iter_mut().chain(&mut self.beta);
        let moving = self.moving_mean.iter_mut().chain(&mut self.moving_variance);
        learned.chain(moving).chain(&mut self.of_renorm).collect()
    }

    fn couples_samples(&self) -> bool {
        !self.moving_mean.as_ref().is_some_and(Param::is_frozen)
    }

    /// Count, Σ x and Σ x² of each channel.
    fn masked_sums(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Vec<f64>>> {
        self.moments(x, mask).map(Some)
    }

    /// Count, Σ dy and Σ dy · (x - mean) of each channel, which are also dL/dbeta and, over σ,
    /// dL/dgamma.
    fn backward_sums(
        &self,
        saved: &SavedBatchNormalization,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>> {
        let SavedBatchNormalization { x, keep, mean, inverse, .. } = saved;
        let sums = self.channels(dy)?.gradient_sums(dy, x, mean, keep.as_deref());
        let [_, dys, dots] = parts(&sums);
        if let (Some(_), Some(dgamma)) = (&self.gamma, dw.get(0)) {
            let inverse = inverse.as_slice();
            for ((dgamma, dot), i) in dgamma.as_mut_slice().iter_mut().zip(dots).zip(inverse) {
                *dgamma += (dot * f64::from(*i)) as f32;
            }
        }
        if let (Some(_), Some(dbeta)) = (&self.beta, dw.get(self.gamma.iter().count())) {
            for (dbeta, dy) in dbeta.as_mut_slice().iter_mut().zip(dys) {
                *dbeta += *dy as f32;
            }
        }
        Ok(sums)
    }
}
