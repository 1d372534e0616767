//! Tensors as batches: the samples stand along the first axis.

use std::ops::Range;

use ndarray::Dimension;

use super::{Buffer, Tensor};
use crate::{Error, Result, Shape, Text};

impl Tensor {
    /// The number of samples: the length of the first axis (0 for a scalar).
    pub fn batch(&self) -> usize {
        self.shape().first().copied().unwrap_or(0)
    }

    /// How many numbers one sample has.
    pub fn sample_len(&self) -> usize {
        self.shape().iter().skip(1).product()
    }

    /// The samples of `range`, copied.
    pub fn batch_slice(&self, range: Range<usize>) -> Result<Self> {
        let (n, sample) = (self.batch(), self.sample_len());
        if range.start > range.end || range.end > n {
            return Err(Error::argument(
                "range",
                format!("a part of 0..{n}"),
                format!("{range:?}"),
            ));
        }
        let numbers = &self.as_slice()[range.start * sample..range.end * sample];
        self.with_samples(range.len(), Buffer::copy_of(numbers))
    }

    /// The samples at `indices`, in that order, copied.
    pub fn batch_gather(&self, indices: &[usize]) -> Result<Self> {
        let (n, sample, all) = (self.batch(), self.sample_len(), self.as_slice());
        if let Some(i) = indices.iter().find(|&&i| i >= n) {
            return Err(Error::argument("index", format!("less than {n}"), i));
        }
        let mut buffer = Buffer::for_overwrite(indices.len() * sample);
        let out = buffer.as_mut_slice();
        if sample == 1 {
            // Labels mostly are single numbers, for each of which a copy would be a call.
            out.iter_mut().zip(indices).for_each(|(to, &i)| *to = all[i]);
        } else {
            for (to, &i) in out.chunks_exact_mut(sample.max(1)).zip(indices) {
                to.copy_from_slice(&all[i * sample..(i + 1) * sample]);
            }
        }
        self.with_samples(indices.len(), buffer)
    }

    /// The tensors one after another along the first axis; their other axes must agree, but for how long
    /// strings are.
    pub fn concat(parts: &[Self]) -> Result<Self> {
        let Some(first) = parts.first() else {
            return Err(Error::Data("nothing to concatenate: the list of tensors is empty".into()));
        };
        let differs = |part: &&Self| part.shape().get(1..) != first.shape().get(1..);
        if let Some(part) = parts.iter().find(differs) {
            if parts.iter().all(Text::is_in) {
                return Text::concat(parts)?.to_tensor();
            }
            let expected = Shape::of(first.shape());
            return Err(Error::shape("a part to concatenate", expected, part.shape(), ""));
        }
        let mut buffer = Buffer::for_overwrite(parts.iter().map(Self::len).sum());
        let mut rest = buffer.as_mut_slice();
        for part in parts {
            let (to, behind) = rest.split_at_mut(part.len());
            to.copy_from_slice(part.as_slice());
            rest = behind;
        }
        first.with_samples(parts.iter().map(Self::batch).sum(), buffer)
    }

    /// So many samples like those of this tensor; a scalar has none.
    fn with_samples(&self, batch: usize, buffer: Buffer) -> Result<Self> {
        let mut shape = self.shape.clone();
        let Some(first) = shape.slice_mut().first_mut() else {
            return Err(Error::shape("the tensor", "(batch, ...)", self.shape(), ""));
        };
        *first = batch;
        Ok(Self { shape, buffer })
    }
}
