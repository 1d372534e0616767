//! Axes: along which axes of the output a loss takes its rows.

use ceratops_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// Along which axes of labels and predictions a loss is computed. What lies along them is a row,
/// and each row has a loss. Axis 0 counts the samples; negative axes count from the last, -1.
///
/// ```
/// use ceratops_train::losses::{Axes, Dice};
///
/// // A loss for each sample and class of an output of shape (batch, height, width, classes).
/// let dice = Dice::new().axis([1, 2]);
/// assert_eq!(dice.axis, Axes::Many(vec![1, 2]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Axes {
    /// One axis.
    One(i64),
    /// Several axes.
    Many(Vec<i64>),
    /// All of them, also that of the samples: one loss for the whole batch. Keras' `None`.
    All,
}

impl Axes {
    /// The last axis, along which most losses are computed.
    pub const LAST: Self = Self::One(-1);

    /// These axes of an array with `ndim` of them, in order.
    pub(super) fn of(&self, ndim: usize) -> Result<Vec<usize>> {
        let axes = match self {
            Self::One(axis) => std::slice::from_ref(axis),
            Self::Many(axes) => axes.as_slice(),
            Self::All => return Ok((0..ndim).collect()),
        };
        let mut found = Vec::with_capacity(axes.len());
        for &axis in axes {
            let index = if axis < 0 { axis + ndim as i64 } else { axis };
            match usize::try_from(index).ok().filter(|&index| index < ndim) {
                Some(index) if !found.contains(&index) => found.push(index),
                _ => {
                    let expected =
                        format!("different axes of {ndim}, counted from 0 or back from -1");
                    return Err(Error::argument("axis", expected, format!("{axes:?}")));
                }
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Whether rows reach over the samples of a batch with `ndim` axes.
    pub(crate) fn couple_samples(&self, ndim: usize) -> bool {
        // A vector counts as a column: its rows have one number.
        (ndim > 1 || *self == Self::All) && self.of(ndim).is_ok_and(|axes| axes.contains(&0))
    }
}

impl From<i64> for Axes {
    fn from(axis: i64) -> Self {
        Self::One(axis)
    }
}

impl<const N: usize> From<[i64; N]> for Axes {
    fn from(axes: [i64; N]) -> Self {
        Self::Many(axes.into())
    }
}

/// Where in an array of that shape the numbers stand whose order has the `rows` axes last; `None`
/// if they stand so already. With it the length of a row.
pub(super) fn order(shape: &[usize], rows: &[usize]) -> (Option<Vec<usize>>, usize) {
    let len = rows.iter().map(|&axis| shape[axis]).product();
    let kept = (0..shape.len()).filter(|axis| !rows.contains(axis));
    let axes: Vec<usize> = kept.chain(rows.iter().copied()).collect();
    if axes.is_sorted() {
        return (None, len);
    }
    let stride = |axis: usize| shape[axis + 1..].iter().product::<usize>();
    let mut places = vec![0];
    for axis in axes {
        let steps = (0..shape[axis]).map(|i| i * stride(axis));
        places = places.iter().flat_map(|&at| steps.clone().map(move |step| at + step)).collect();
    }
    (Some(places), len)
}
