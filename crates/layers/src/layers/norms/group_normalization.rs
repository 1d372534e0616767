//! GroupNormalization: brings groups of channels of every sample to mean 0 and variance 1.

use ceratops_core::{Context, Error, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::{
    super::{rules::Rules, shape_error},
    SavedNorm, check_epsilon, known, numbers, place_of,
    rows::{Learned, Rule, Size},
};

/// y = gamma · (x - mean) / √(variance + epsilon) + beta, where mean and variance are those of all
/// numbers of a sample in a group of neighbouring channels (indices along `axis`).
///
/// Weights, one number a channel: `gamma` (if `scale`) and `beta` (if `center`).
///
/// ```
/// use ceratops_layers::{GroupNormalization, Input, sequential};
///
/// let model = sequential![Input::new([28, 28, 8]), GroupNormalization::new(4)]?;
/// assert_eq!(model.count_params(), 2 * 8);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Wu and He 2018, "Group Normalization"; Keras, `keras.layers.GroupNormalization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupNormalization {
    /// How many groups the channels fall into; 32 by default. With -1 each channel is one (Instance
    /// Normalization).
    pub groups: isize,
    /// The axis of the channels; -1, the last, by default.
    pub axis: isize,
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

impl Default for GroupNormalization {
    fn default() -> Self {
        Self {
            groups: 32,
            axis: -1,
            epsilon: 0.001,
            center: true,
            scale: true,
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

impl GroupNormalization {
    /// The layer of that many groups, else with Keras' defaults.
    pub fn new(groups: isize) -> Self {
        Self { groups, ..Self::default() }
    }

    builders! {
        epsilon center scale beta_initializer gamma_initializer beta_regularizer
        gamma_regularizer beta_constraint gamma_constraint
    }

    /// Finds the channels along this axis.
    #[must_use]
    pub fn axis(self, axis: isize) -> Self {
        Self { axis, ..self }
    }

    fn gamma_rules(&self) -> Rules<'_> {
        Rules::new(&self.gamma_initializer, &self.gamma_regularizer, &self.gamma_constraint)
    }

    fn beta_rules(&self) -> Rules<'_> {
        Rules::new(&self.beta_initializer, &self.beta_regularizer, &self.beta_constraint)
    }

    fn rule(&self) -> Rule {
        let size = Size::Mean { epsilon: self.epsilon };
        Rule { centers: true, about_mean: true, size }
    }

    /// How many groups so many channels fall into.
    fn count(&self, channels: usize) -> Result<usize> {
        let groups = usize::try_from(self.groups).unwrap_or(channels);
        match groups > 0 && channels > 0 && channels.is_multiple_of(groups) {
            true => Ok(groups),
            false => {
                let expected = format!("a divisor of the number of channels, {channels}, or -1");
                Err(Error::argument("groups", expected, self.groups))
            }
        }
    }

    /// How the numbers of `x` lie.
    fn layout(&self, x: &Tensor) -> Result<Layout> {
        let axis = place_of(self.axis, x.ndim())?;
        let channels = x.shape()[axis];
        let groups = self.count(channels)?;
        let sample: usize = x.shape()[1..].iter().product();
        let [len, spread] = [sample / groups, sample / channels];
        Ok(Layout { axis, channels, len, spread })
    }

    /// A weight for each number of a sample, whose channels come first.
    fn spread(param: Option<&Param>, wanted: bool, layout: &Layout) -> Result<Option<Tensor>> {
        let Some(own) = numbers(param, wanted, layout.channels)? else { return Ok(None) };
        let mut spread = Tensor::for_overwrite(&[layout.channels, layout.spread]);
        let rows = spread.as_mut_slice().chunks_exact_mut(layout.spread.max(1));
        rows.zip(own).for_each(|(row, number)| row.fill(*number));
        Ok(Some(spread))
    }
}

/// How the numbers of an input lie: the axis of its channels, how many these are, how long a group is,
/// and how many numbers of a sample are in a channel.
struct Layout {
    axis: usize,
    channels: usize,
    len: usize,
    spread: usize,
}

impl Layout {
    /// `x` with the channels behind the batch, so that a group is one piece of memory.
    fn gathered(&self, x: Tensor) -> Result<Tensor> {
        self.moved(x, self.axis, 1)
    }

    /// The other way.
    fn scattered(&self, x: Tensor) -> Result<Tensor> {
        self.moved(x, 1, self.axis)
    }

    fn moved(&self, x: Tensor, from: usize, to: usize) -> Result<Tensor> {
        if from == to {
            return Ok(x);
        }
        let mut order: Vec<usize> = (0..x.ndim()).collect();
        let axis = order.remove(from);
        order.insert(to, axis);
        x.permuted(&order)
    }

    /// Adds up what each channel's numbers have.
    fn add_channels(&self, of_numbers: &Tensor, sum: &mut Tensor) {
        let rows = of_numbers.as_slice().chunks_exact(self.spread.max(1));
        for (sum, row) in sum.as_mut_slice().iter_mut().zip(rows) {
            *sum += row.iter().map(|d| f64::from(*d)).sum::<f64>() as f32;
        }
    }
}

impl Layer for GroupNormalization {
    const CLASS_NAME: &'static str = "GroupNormalization";
    const KEEPS_MASK: bool = true;
    type Saved = SavedNorm;

    fn validate(&self) -> Result<()> {
        if self.groups == 0 || self.groups < -1 {
            let expected = "a positive integer, or -1 for as many as there are channels";
            return Err(Error::argument("groups", expected, self.groups));
        }
        check_epsilon(self.epsilon)?;
        self.gamma_rules().validate()?;
        self.beta_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if input.ndim() < 2 {
            let help = "give the input at least one axis behind the batch axis";
            return Err(shape_error(input, "(batch, ..., channels)", help));
        }
        let axis = place_of(self.axis, input.ndim())?;
        if let Some(channels) = input.axes()[axis] {
            self.count(channels)?;
        }
        Ok(input.clone())
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let channels = known(input, place_of(self.axis, input.ndim())?)?;
        // Keras says from then on how many they are.
        self.groups = self.count(channels)?.cast_signed();
        (self.gamma, self.beta) = (None, None);
        if self.scale {
            self.gamma = Some(self.gamma_rules().weight("gamma", &[channels], rng)?);
        }
        if self.center {
            self.beta = Some(self.beta_rules().weight("beta", &[channels], rng)?);
        }
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedNorm>)> {
        let layout = self.layout(&x)?;
        let gamma = Self::spread(self.gamma.as_ref(), self.scale, &layout)?;
        let beta = Self::spread(self.beta.as_ref(), self.center, &layout)?;
        let mut x = layout.gathered(x)?;
        let kept = cx.save(|| x.clone());
        let (gain, offset) =
            (gamma.as_ref().map(Tensor::as_slice), beta.as_ref().map(Tensor::as_slice));
        let rows = self.rule().forward(x.as_mut_slice(), layout.len, Learned { gain, offset });
        Ok((layout.scattered(x)?, kept.map(|x| SavedNorm::new(x, rows))))
    }

    fn backward(
        &self,
        saved: SavedNorm,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let layout = self.layout(&dy)?;
        let mut dy = layout.gathered(dy)?;
        let of_numbers = || Tensor::zeros(&[layout.channels, layout.spread]);
        if let (Some(_), Some(dgamma)) = (&self.gamma, dw.get(0)) {
            let mut sums = of_numbers();
            let to = Some(sums.as_mut_slice());
            self.rule().add_gradients(&saved, dy.as_slice(), layout.len, to, None);
            layout.add_channels(&sums, dgamma);
        }
        if let (Some(_), Some(dbeta)) = (&self.beta, dw.get(self.gamma.iter().count())) {
            let mut sums = of_numbers();
            let to = Some(sums.as_mut_slice());
            self.rule().add_gradients(&saved, dy.as_slice(), layout.len, None, to);
            layout.add_channels(&sums, dbeta);
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        let gamma = Self::spread(self.gamma.as_ref(), self.scale, &layout)?;
        let gain = gamma.as_ref().map(Tensor::as_slice);
        self.rule().backward(&saved, dy.as_mut_slice(), layout.len, gain);
        layout.scattered(dy).map(Some)
    }

    fn params(&self) -> Vec<&Param> {
        self.gamma.iter().chain(&self.beta).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.gamma.iter_mut().chain(&mut self.beta).collect()
    }
}
