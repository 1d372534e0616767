//! The axes over which a norm is taken.

use ceratops_core::{Error, Result, Tensor};
use ndarray::{ArrayD, Axis, Zip};
use serde::{Deserialize, Serialize};

/// What Keras adds to a norm before it divides by it.
const EPSILON: f64 = 1e-7;

/// The axes over which a norm is taken; negative ones count from the last.
///
/// For a Dense kernel of shape `(inputs, units)` axis 0, the default, gives one norm a unit. For a
/// Conv2D kernel of shape `(rows, columns, channels, filters)` the axes `[0, 1, 2]` give one norm
/// a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected an axis, a list of axes, or null for all axes")]
pub enum Axes {
    /// One axis.
    One(i64),
    /// Several axes.
    Many(Vec<i64>),
    /// All axes: one norm for the whole weight.
    All,
}

impl Default for Axes {
    fn default() -> Self {
        Self::One(0)
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

impl From<Vec<i64>> for Axes {
    fn from(axes: Vec<i64>) -> Self {
        Self::Many(axes)
    }
}

impl Axes {
    /// The axes of a weight of that shape, counted from 0.
    pub(super) fn of(&self, shape: &[usize]) -> Result<Vec<Axis>> {
        let given = match self {
            Self::One(axis) => std::slice::from_ref(axis),
            Self::Many(axes) => axes,
            Self::All => return Ok((0..shape.len()).map(Axis).collect()),
        };
        let mut axes = Vec::with_capacity(given.len());
        for &axis in given {
            let from_start =
                if axis < 0 { axis.saturating_add_unsigned(shape.len() as u64) } else { axis };
            let known = usize::try_from(from_start).ok().filter(|&axis| axis < shape.len());
            let known = known.map(Axis).ok_or_else(|| no_such(axis, shape))?;
            if axes.contains(&known) {
                return Err(Error::argument("axis", "each axis once", format!("{given:?}")));
            }
            axes.push(known);
        }
        Ok(axes)
    }

    /// `w · desired(norm) / (1e-7 + norm)`; `w` itself if it lacks the axes.
    pub(super) fn rescale(&self, w: Tensor, desired: impl Fn(f64) -> f64) -> Tensor {
        let Ok(axes) = self.of(w.shape()) else { return w };
        let mut w = ArrayD::from(w);
        let mut squares = w.mapv(|w| f64::from(w).powi(2));
        for axis in axes {
            squares = squares.sum_axis(axis).insert_axis(axis);
        }
        let scales = squares.mapv_into(|square| {
            let norm = square.sqrt();
            desired(norm) / (EPSILON + norm)
        });
        Zip::from(&mut w).and_broadcast(&scales).for_each(|w, &scale| {
            *w = (f64::from(*w) * scale) as f32;
        });
        w.into()
    }
}

fn no_such(axis: i64, shape: &[usize]) -> Error {
    let rank = shape.len();
    let expected = match rank {
        0 => "no axis, for the weight is a single number".to_owned(),
        _ => format!("an axis from -{rank} to {} of the weight of shape {shape:?}", rank - 1),
    };
    Error::argument("axis", expected, axis)
}
