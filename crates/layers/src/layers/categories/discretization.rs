//! Discretization: sorts numbers into bins.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Samples, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{OutputMode, nothing};

/// y = how many boundaries are at most x; a number that is a boundary counts to the bin above it.
///
/// The boundaries are given, or found by [`Discretization::adapt`] so that about as many of some numbers lie in
/// each bin.
///
/// ```
/// use ceratops_layers::{Discretization, Input, sequential};
///
/// let model = sequential![Input::new([1]), Discretization::new([0.0, 1.0])]?;
/// assert_eq!(model.predict([[-1.0], [0.0], [7.0]])?, [[0.0], [1.0], [2.0]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Discretization`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Discretization {
    /// Where a bin ends and the next begins, in order.
    pub bin_boundaries: Option<Vec<f64>>,
    /// How many bins to find.
    pub num_bins: Option<usize>,
    /// How exactly they are found: the smaller, the more numbers are looked at.
    pub epsilon: f64,
    /// In what form the bins come out.
    pub output_mode: OutputMode,
    /// Whether Keras keeps the output in a form that leaves out zeros; here it is never so.
    pub sparse: bool,
}

/// With neither boundaries nor bins, which `validate` refuses.
impl Default for Discretization {
    fn default() -> Self {
        let (bin_boundaries, num_bins) = (None, None);
        let output_mode = OutputMode::Int;
        Self { bin_boundaries, num_bins, epsilon: 0.01, output_mode, sparse: false }
    }
}

impl Discretization {
    /// The layer with these boundaries.
    pub fn new(bin_boundaries: impl Into<Vec<f64>>) -> Self {
        Self { bin_boundaries: Some(bin_boundaries.into()), ..Self::default() }
    }

    /// The layer that finds boundaries for so many bins.
    pub fn with_bins(num_bins: usize) -> Self {
        Self { num_bins: Some(num_bins), ..Self::default() }
    }

    builders! { output_mode }

    /// Sets how exactly bins are found.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Finds boundaries such that each bin has about as many of these numbers, in place of earlier ones.
    ///
    /// ```
    /// use ceratops_layers::Discretization;
    ///
    /// let mut layer = Discretization::with_bins(4);
    /// layer.adapt([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])?;
    /// assert_eq!(layer.bin_boundaries, Some(vec![2.0, 4.0, 6.0]));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Without numbers, and for a layer whose boundaries are given.
    pub fn adapt(&mut self, samples: impl Into<Samples>) -> Result<()> {
        let samples = samples.into();
        let Some(bins) = self.num_bins else {
            let help = "give num_bins in place of bin_boundaries, or do without adapt";
            let expected = "None for a layer that is adapted";
            return Err(Error::argument("bin_boundaries", expected, "boundaries").with_help(help));
        };
        let numbers = samples.read(0..samples.len())?;
        if numbers.is_empty() || numbers.as_slice().iter().any(|x| x.is_nan()) {
            return Err(Error::Data("cannot adapt to no numbers, or to NaN".into()));
        }
        let summary = Summary::of(numbers.as_slice(), self.epsilon).compressed(self.epsilon);
        let mut ends = summary.compressed(1.0 / bins.max(1) as f64).values;
        ends.pop();
        self.bin_boundaries = Some(ends.into_iter().map(f64::from).collect());
        Ok(())
    }

    fn depth(&self) -> Option<usize> {
        self.bin_boundaries.as_ref().map(|ends| ends.len() + 1).or(self.num_bins)
    }
}

/// Some of many numbers in order, and for how many each stands.
struct Summary {
    values: Vec<f32>,
    weights: Vec<f32>,
}

impl Summary {
    fn of(numbers: &[f32], epsilon: f64) -> Self {
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable_by(f32::total_cmp);
        let step = (sorted.len() as f64 * epsilon).max(1.0);
        let values: Vec<f32> =
            sorted.into_iter().skip((step - 1.0) as usize).step_by(step as usize).collect();
        Self { weights: vec![step as f32; values.len()], values }
    }

    /// As many numbers as there are steps of `epsilon` up to 1, at equal shares of the weight.
    fn compressed(self, epsilon: f64) -> Self {
        if (self.values.len() as f64) * epsilon < 1.0 {
            return self;
        }
        let mut sums = self.weights;
        let mut sum = 0.0f32;
        sums.iter_mut().for_each(|weight| {
            sum += *weight;
            *weight = sum;
        });
        let shares: Vec<f64> = sums.iter().map(|at| f64::from(at / sum)).collect();
        let steps = (1.0 / epsilon).ceil() as usize;
        let at = |step: usize| epsilon + step as f64 * epsilon;
        let values = (0..steps).map(|i| between(at(i), &shares, &self.values) as f32).collect();
        let totals: Vec<f64> = (0..steps).map(|i| between(at(i), &shares, &sums)).collect();
        let before = std::iter::once(&0.0).chain(&totals);
        let weights = totals.iter().zip(before).map(|(to, from)| (to - from) as f32).collect();
        Self { values, weights }
    }
}

/// The value at `x` on the line through the points (`xs`, `ys`), held at its ends.
fn between(x: f64, xs: &[f64], ys: &[f32]) -> f64 {
    let value = |i: usize| f64::from(ys[i]);
    let above = xs.partition_point(|at| *at <= x);
    if above == 0 {
        return value(0);
    }
    if above == xs.len() {
        return value(above - 1);
    }
    let slope = (value(above) - value(above - 1)) / (xs[above] - xs[above - 1]);
    slope * (x - xs[above - 1]) + value(above - 1)
}

impl Layer for Discretization {
    const CLASS_NAME: &'static str = "Discretization";
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        match (&self.bin_boundaries, self.num_bins) {
            (None, None) => {
                let expected = "boundaries, or a number for `num_bins`";
                return Err(Error::argument("bin_boundaries", expected, "null"));
            }
            (_, Some(bins)) if bins == 0 || bins > 1 << 24 => {
                return Err(Error::argument("num_bins", "1 to 16,777,216", bins));
            }
            (Some(ends), _) if !ends.is_sorted() => {
                let found = format!("{:?}", &ends[..ends.len().min(20)]);
                return Err(Error::argument("bin_boundaries", "boundaries in rising order", found));
            }
            _ => {}
        }
        if !(self.epsilon > 0.0 && self.epsilon <= 1.0) || self.epsilon < 1e-6 {
            return Err(Error::argument("epsilon", "a number from 1e-6 to 1", self.epsilon));
        }
        match self.output_mode {
            OutputMode::TfIdf => {
                Err(Error::argument("output_mode", "\"int\", \"one_hot\", ...", "\"tf_idf\""))
            }
            _ => Ok(()),
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.output_mode.shape(input, self.depth())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let Some(ends) = &self.bin_boundaries else {
            let message =
                "the layer has no boundaries yet: give them, or call adapt with some data";
            return Err(Error::Model(message.into()));
        };
        let ends: Vec<f32> = ends.iter().map(|end| *end as f32).collect();
        // A NaN lies below no boundary.
        let is_below = |x: &f32, end: &f32| x < end;
        let bin = |x: &f32| Some(ends.partition_point(|end| !is_below(x, end)));
        let bins: Vec<Option<usize>> = x.as_slice().iter().map(bin).collect();
        let y = self.output_mode.encode(&bins, x.shape(), ends.len() + 1, None)?;
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
