//! Normalization: brings the features of data to mean 0 and variance 1, once and for all.

mod adapt;
mod moments;

use ceratops_core::{Context, Error, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    places::{Places, map_with},
    shape_error,
};
use crate::Numbers;

/// y = (x - mean) / √variance, for each feature (index along `axis`); with `invert`
/// y = x · √variance + mean. A deviation √variance below 1e-7 counts as that much.
///
/// Mean and variance are those of some data, found by [`Normalization::adapt`], or they are given.
/// Training does not change them, unlike those of [`BatchNormalization`](crate::BatchNormalization).
///
/// Weights, unless they are given: `mean` and `variance`, one number for each feature, and `count`,
/// which Keras keeps for old files.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Dense, Input, Normalization, sequential};
///
/// let x = Tensor::from([[0.0, 7.0], [2.0, 9.0]]);
/// let mut normalization = Normalization::new();
/// normalization.adapt(&x)?;
/// let mut model = sequential![Input::new([2]), normalization, Dense::new(1)]?;
/// assert_eq!(model.layer_outputs(&x)?[0], [[-1.0, -1.0], [1.0, 1.0]].into());
///
/// // Or once the layer is in its model:
/// model.get_layer_mut("normalization")?.adapt(&x)?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Normalization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Normalization {
    /// The axes whose places have a mean and a variance of their own, the batch being axis 0;
    /// negative ones count from the end. \[-1\], the last, by default; none for a single mean.
    #[serde(deserialize_with = "axes")]
    pub axis: Vec<isize>,
    /// Whether to undo what the layer does otherwise.
    pub invert: bool,
    /// The means, if they are given: one number, or lists as long as the axes.
    pub mean: Option<Numbers>,
    /// The variances, if they are given.
    pub variance: Option<Numbers>,
    #[serde(skip)]
    found: Option<Found>,
}

/// What `adapt` finds.
#[derive(Debug, Clone)]
struct Found {
    mean: Param,
    variance: Param,
    count: Param,
    /// Whether data was seen, so that the numbers must not get lost.
    adapted: bool,
}

/// The least deviation: Keras' `epsilon()`.
const EPSILON: f32 = 1e-7;

impl Default for Normalization {
    fn default() -> Self {
        Self { axis: vec![-1], invert: false, mean: None, variance: None, found: None }
    }
}

impl Normalization {
    /// The layer with Keras' defaults, to be adapted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a mean of its own for each place along these axes: `[-1]`, `[1, 2]`, or `[]` for a
    /// single one (`axis=None` in Keras).
    #[must_use]
    pub fn axis(self, axis: impl IntoIterator<Item = isize>) -> Self {
        Self { axis: axis.into_iter().collect(), ..self }
    }

    /// Gives the means; the variances must be given too.
    #[must_use]
    pub fn mean(self, mean: impl Into<Numbers>) -> Self {
        Self { mean: Some(mean.into()), ..self }
    }

    /// Gives the variances.
    #[must_use]
    pub fn variance(self, variance: impl Into<Numbers>) -> Self {
        Self { variance: Some(variance.into()), ..self }
    }

    /// Undoes what the layer does otherwise.
    #[must_use]
    pub fn invert(self, invert: bool) -> Self {
        Self { invert, ..self }
    }

    /// The axes that are kept, counted from 0, in order.
    fn kept(&self, ndim: usize) -> Result<Vec<usize>> {
        let mut kept = Vec::with_capacity(self.axis.len());
        for &axis in &self.axis {
            let from_start = if axis < 0 { axis.saturating_add_unsigned(ndim) } else { axis };
            let from_start = usize::try_from(from_start).ok();
            let from_start = from_start.filter(|axis| (1..ndim).contains(axis));
            kept.push(from_start.ok_or_else(|| wrong_axis(axis, ndim))?);
        }
        kept.sort_unstable();
        match kept.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(twice) => Err(Error::argument("axis", "each axis once", twice[0])),
            None => Ok(kept),
        }
    }

    /// Means of that shape, one axis for each that is kept, as they stand among the axes of a sample:
    /// aligned to the last of these.
    fn aligned(&self, means: &[usize], ndim: usize) -> Result<Vec<usize>> {
        let mut dims = vec![1; ndim.saturating_sub(1)];
        let places = self.kept(ndim)?.into_iter().rev();
        for (axis, len) in places.zip(means.iter().rev()) {
            dims[axis - 1] = *len;
        }
        Ok(dims)
    }

    /// The means and deviations for samples of that shape, as patterns.
    fn patterns(&self, sample: &[usize]) -> Result<[Vec<f32>; 2]> {
        let (shape, mean, variance) = match (&self.mean, &self.variance, &self.found) {
            (Some(mean), Some(variance), _) => (mean.shape(), mean.to_f32(), variance.to_f32()),
            (_, _, Some(Found { mean, variance, .. })) => {
                let [mean, variance] = [mean, variance].map(Param::value);
                (mean.shape(), mean.as_slice().to_vec(), variance.as_slice().to_vec())
            }
            _ => return super::built(None).map(|_| [Vec::new(), Vec::new()]),
        };
        let dims = self.aligned(shape, sample.len() + 1)?;
        let Some(places) = Places::new(&dims, sample).filter(|_| mean.len() == variance.len())
        else {
            let expected = format!("samples that fit means of shape {}", Shape::of(shape));
            return Err(Error::shape("input", expected, sample, ""));
        };
        // Not `max`, which would make a number of what is none.
        let deviation = |variance: f32| {
            let deviation = variance.sqrt();
            if deviation < EPSILON { EPSILON } else { deviation }
        };
        let deviations: Vec<f32> = variance.into_iter().map(deviation).collect();
        Ok([places.spread(&mean), places.spread(&deviations)])
    }

    /// Refuses given means that do not fit inputs of that shape.
    fn check_given(&self, input: &Shape) -> Result<()> {
        let Some(mean) = &self.mean else { return Ok(()) };
        let dims = self.aligned(mean.shape(), input.ndim())?;
        let lens = input.axes().get(1..).unwrap_or_default();
        let fits =
            |(own, len): (&usize, &Option<usize>)| *own == 1 || len.is_none_or(|len| len == *own);
        if mean.shape().len() <= self.axis.len() && dims.iter().zip(lens).all(fits) {
            return Ok(());
        }
        let expected = format!("a number, or lists that fit the axes {:?} of {input}", self.axis);
        let found = format!("lists of shape {}", Shape::of(mean.shape()));
        Err(Error::argument("mean", expected, found))
    }
}

/// The error for an axis that an input of `ndim` axes lacks, or that is the batch.
fn wrong_axis(axis: isize, ndim: usize) -> Error {
    if ndim > 1 {
        return super::wrong_axis(axis, ndim);
    }
    let expected = "none for samples that are single numbers";
    Error::argument("axis", expected, axis).with_help("take a single mean: .axis([])")
}

impl Layer for Normalization {
    const CLASS_NAME: &'static str = "Normalization";
    const KEEPS_MASK: bool = true;
    type Saved = ();

    fn validate(&self) -> Result<()> {
        let (Some(mean), Some(variance)) = (&self.mean, &self.variance) else {
            let (given, missing) = match (&self.mean, &self.variance) {
                (None, None) => return Ok(()),
                (Some(_), _) => ("mean", "variance"),
                _ => ("variance", "mean"),
            };
            let expected = format!("a value, as `{given}` has one");
            return Err(Error::argument(missing, expected, "None"));
        };
        mean.validate("mean")?;
        variance.validate("variance")?;
        if let Some(negative) = variance.values().iter().find(|variance| **variance < 0.0) {
            return Err(Error::argument("variance", "numbers >= 0", negative));
        }
        if mean.shape() != variance.shape() {
            let expected = format!("lists of shape {}, as `mean`", Shape::of(mean.shape()));
            return Err(Error::argument("variance", expected, Shape::of(variance.shape())));
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if input.ndim() == 0 {
            return Err(shape_error(input, "(batch, ...)", "give the input a batch axis"));
        }
        self.kept(input.ndim())?;
        self.check_given(input)?;
        Ok(input.clone())
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        self.prepare(input, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        let [mean, deviation] = self.patterns(x.shape().get(1..).unwrap_or_default())?;
        let patterns = [&mean[..], &deviation[..]];
        let y = match self.invert {
            false => map_with(x, patterns, |x, mean, deviation| (x - mean) / deviation),
            true => map_with(x, patterns, |x, mean, deviation| mean + x * deviation),
        };
        Ok((y, cx.save(|| ())))
    }

    fn backward(&self, (): (), dy: Tensor, dw: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        if !dw.wants_dx() {
            return Ok(None);
        }
        let [mean, deviation] = self.patterns(dy.shape().get(1..).unwrap_or_default())?;
        let patterns = [&mean[..], &deviation[..]];
        // dL/dx = dy / √variance, or dy · √variance where that is undone
        Ok(Some(match self.invert {
            false => map_with(dy, patterns, |dy, _, deviation| dy / deviation),
            true => map_with(dy, patterns, |dy, _, deviation| dy * deviation),
        }))
    }

    fn params(&self) -> Vec<&Param> {
        let found = self.found.iter();
        found.flat_map(|found| [&found.mean, &found.variance, &found.count]).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        let found = self.found.iter_mut();
        found.flat_map(|found| [&mut found.mean, &mut found.variance, &mut found.count]).collect()
    }
}

/// Reads a list of axes, a single one, or none.
fn axes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<isize>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected an axis, a list of axes, or null")]
    enum Form {
        One(isize),
        List(Vec<isize>),
    }
    Ok(match Option::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Form::One(axis)) => vec![axis],
        Some(Form::List(axes)) => axes,
    })
}
