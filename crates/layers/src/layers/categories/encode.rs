//! In what form categories come out.

use ceratops_core::{Error, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

/// In what form categories come out: the `output_mode` argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputMode {
    /// Their numbers.
    #[default]
    Int,
    /// A 1 at the place of each, zeros elsewhere.
    OneHot,
    /// A 1 at the place of each that comes in a sample.
    #[serde(alias = "binary")]
    MultiHot,
    /// How often each comes in a sample.
    Count,
    /// The same, weighed by how rare each is.
    #[serde(alias = "tf-idf")]
    TfIdf,
}

/// The most numbers of one answer.
const MOST: usize = 1 << 32;

impl OutputMode {
    /// The shape of `depth` categories in that form, for an input of that shape.
    pub(super) fn shape(self, input: &Shape, depth: Option<usize>) -> Result<Shape> {
        let (axes, ndim) = (input.axes(), input.ndim());
        if ndim == 0 {
            return Err(Error::argument("input", "a batch axis", input));
        }
        let rest = match self {
            Self::Int => return Ok(Shape::from(axes.to_vec())),
            Self::OneHot if ndim > 1 && input.last() == Some(1) => &axes[..ndim - 1],
            Self::OneHot => axes,
            _ if ndim == 2 => &axes[..1],
            _ => {
                let expected = "(batch, categories), of which each sample has some";
                return Err(Error::shape("input", expected, &known(input), "reshape it"));
            }
        };
        Ok(Shape::from([rest, &[depth]].concat()))
    }

    /// Categories in that form: `None` is one that does not count. `weights` are those of TfIdf.
    pub(super) fn encode(
        self,
        indices: &[Option<usize>],
        shape: &[usize],
        depth: usize,
        weights: Option<&[f32]>,
    ) -> Result<Tensor> {
        let numbers = |index: &Option<usize>| index.map_or(0.0, |index| index as f32);
        if self == Self::Int {
            return Tensor::new(shape, indices.iter().map(numbers).collect());
        }
        let output = known(&self.shape(&Shape::of(shape), Some(depth))?);
        let len = output.iter().try_fold(1usize, |len, axis| len.checked_mul(*axis));
        if len.is_none_or(|len| len > MOST) {
            let found = format!("{output:?}");
            return Err(Error::argument("output_mode", "an output that fits into memory", found));
        }
        let mut y = Tensor::zeros(&output);
        let each = if self == Self::OneHot { 1 } else { shape.last().copied().unwrap_or(1) };
        let rows = indices.chunks(each.max(1)).zip(y.as_mut_slice().chunks_mut(depth.max(1)));
        for (indices, row) in rows {
            for index in indices.iter().flatten() {
                let Some(place) = row.get_mut(*index) else { continue };
                *place = if matches!(self, Self::Count | Self::TfIdf) { *place + 1.0 } else { 1.0 };
            }
            let weights = weights.filter(|_| self == Self::TfIdf).unwrap_or_default();
            row.iter_mut().zip(weights).for_each(|(count, weight)| *count *= weight);
        }
        Ok(y)
    }
}

/// Lengths for a message, 0 where one is open.
fn known(shape: &Shape) -> Vec<usize> {
    shape.axes().iter().map(|len| len.unwrap_or(0)).collect()
}
