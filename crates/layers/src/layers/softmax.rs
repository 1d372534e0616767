//! Softmax: probabilities from scores, as a layer.

use ceratops_activations::{softmax_over, softmax_over_backward};
use ceratops_core::{Closing, Context, Error, Gradients, Layer, Mask, Result, Rng, Shape, Tensor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{shape_error, wrong_axis};

/// y = exp(x) / Σ exp(x), the sum going over one axis or over several together.
///
/// Numbers that are masked are left out of the sum, and y is 0 there, also where all are masked. Such
/// a mask has the axes of the input, each as long or 1. One with fewer axes, as Masking makes it, is
/// refused: Keras lays it along the last axes, where it does not fit or means something else.
///
/// ```
/// use ceratops_core::{Closing, Context, Layer, Tensor};
/// use ceratops_layers::Softmax;
///
/// let (y, _) = Softmax::new(-1).forward([[7.0, 7.0]].into(), &mut Context::inference())?;
/// assert_eq!(y, Tensor::from([[0.5, 0.5]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Softmax`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Softmax {
    /// The axis or axes, the batch being axis 0; negative ones count from the end. -1 by default.
    pub axis: Axes,
    /// How many axes the input has, once the layer is built.
    #[serde(skip)]
    ndim: Option<usize>,
}

/// One axis or several; in JSON a number or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axes(Vec<isize>);

impl Axes {
    /// The same axes, the smallest number first.
    pub(super) fn sorted(&self) -> Self {
        let mut axes = self.0.clone();
        axes.sort_unstable();
        Self(axes)
    }

    /// The axes as they were given.
    pub fn as_slice(&self) -> &[isize] {
        &self.0
    }
}

impl From<isize> for Axes {
    fn from(axis: isize) -> Self {
        Self(vec![axis])
    }
}

impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Self {
        Self(axes.into())
    }
}

impl Softmax {
    /// The layer that sums over `axis`: `-1`, or `[1, 2]`.
    pub fn new(axis: impl Into<Axes>) -> Self {
        Self { axis: axis.into(), ndim: None }
    }
}

impl Default for Softmax {
    fn default() -> Self {
        Self::new(-1)
    }
}

/// What the gradient needs: the output, unless it was left out, and which numbers count, if not all.
#[derive(Debug)]
pub struct SavedSoftmax {
    y: Option<Tensor>,
    keep: Option<Tensor>,
}

/// What Keras puts in the place of a number that is masked.
const MASKED: f32 = -1e9;

impl Layer for Softmax {
    const CLASS_NAME: &'static str = "Softmax";
    const KEEPS_MASK: bool = true;
    type Saved = SavedSoftmax;

    fn validate(&self) -> Result<()> {
        if self.axis.0.is_empty() {
            return Err(Error::argument("axis", "at least one axis", "none"));
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if input.ndim() < 2 {
            let help = "for a single vector call `softmax_1d` of the activations";
            return Err(shape_error(input, "(batch, ..., classes)", help));
        }
        // The batch is no axis to sum over: it is cut into chunks, which do not see each other.
        let behind_batch = |axis: isize| (1..input.ndim()).contains(&axis.unsigned_abs());
        match self.axis.0.iter().find(|&&axis| !behind_batch(axis)) {
            None => Ok(input.clone()),
            Some(wrong) => Err(wrong_axis(wrong, input.ndim())),
        }
    }

    fn build(&mut self, input: &Shape, _: &mut Rng) -> Result<()> {
        self.ndim = Some(input.ndim());
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedSoftmax>)> {
        let keep = cx.mask().map(|mask| stretched(mask, &x)).transpose()?;
        let x = chosen(x, keep.as_ref(), MASKED)?;
        if cx.wants_logits() && self.closing_activation().is_some() {
            return Ok((x, cx.save(|| SavedSoftmax { y: None, keep })));
        }
        let y = chosen(softmax_over(x, &self.axis.0)?, keep.as_ref(), 0.0)?;
        let saved = cx.save(|| SavedSoftmax { y: Some(y.clone()), keep });
        Ok((y, saved))
    }

    fn backward(
        &self,
        SavedSoftmax { y, keep }: SavedSoftmax,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dx = match y {
            Some(y) => softmax_over_backward(&y, dy, &self.axis.0)?,
            None => dy,
        };
        chosen(dx, keep.as_ref(), 0.0).map(Some)
    }

    fn closing_activation(&self) -> Option<Closing> {
        let last = self.ndim.map(|ndim| ndim as isize - 1);
        match *self.axis.0 {
            [axis] if axis == -1 || Some(axis) == last => Some(Closing::Softmax),
            _ => None,
        }
    }
}

/// For each number of `x` whether it counts.
fn stretched(mask: &Mask, x: &Tensor) -> Result<Tensor> {
    let own = mask.tensor().shape();
    let fits = |(own, x): (&usize, &usize)| *own == 1 || own == x;
    if own.len() == x.ndim() && own.iter().zip(x.shape()).all(fits) {
        return mask.tensor().clone().broadcast_to(x.shape());
    }
    let help = "Softmax leaves out single numbers, not steps: for the classes of each step take \
                Activation(\"softmax\"), which passes the mask on";
    Err(Error::shape("mask", Shape::of(x.shape()), own, help))
}

/// `x` where `keep` is not 0, else `other`.
fn chosen(x: Tensor, keep: Option<&Tensor>, other: f32) -> Result<Tensor> {
    match keep {
        Some(keep) => x.zip_map(keep, move |x, keep| if keep == 0.0 { other } else { x }),
        None => Ok(x),
    }
}

impl Serialize for Axes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self.0 {
            [axis] => axis.serialize(serializer),
            _ => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Axes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected an axis or a list of axes")]
        enum Form {
            One(isize),
            // TF.js counts in floating point.
            Real(f64),
            Several(Vec<isize>),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::One(axis) => axis.into(),
            Form::Real(axis) if axis.fract() == 0.0 => (axis as isize).into(),
            Form::Real(axis) => {
                return Err(serde::de::Error::custom(format!("{axis} is not an axis")));
            }
            Form::Several(axes) => Self(axes),
        })
    }
}
