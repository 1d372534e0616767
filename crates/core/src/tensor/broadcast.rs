//! Broadcasting, as NumPy has it: axes are lined up from the last one on, and those of length 1, or
//! that are not there, are stretched.

use super::{Buffer, Tensor, size};
use crate::{Error, Result, Shape};

/// The shape that tensors of these two shapes have together.
///
/// ```
/// use ceratops_core::broadcast;
///
/// assert_eq!(broadcast(&[2, 1, 3], &[5, 1])?, [2, 5, 3]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>> {
    let ndim = a.len().max(b.len());
    let length = |dims: &[usize], axis: usize| {
        (axis + dims.len()).checked_sub(ndim).map_or(1, |axis| dims[axis])
    };
    (0..ndim)
        .map(|axis| match (length(a, axis), length(b, axis)) {
            (a, b) if a == b => Ok(a),
            (1, b) => Ok(b),
            (a, 1) => Ok(a),
            _ => {
                let help = "lengths must be equal, or one of them 1";
                Err(Error::shape("the second tensor", Shape::of(a), b, help))
            }
        })
        .collect()
}

impl Tensor {
    /// `f(a, b)` for each pair of numbers, both tensors being stretched to their common shape; in
    /// place where `self` has that shape and its numbers are not shared.
    pub fn broadcast_map(self, other: &Self, f: impl Fn(f32, f32) -> f32) -> Result<Self> {
        if self.shape() == other.shape() {
            return self.zip_map(other, f);
        }
        let shape = broadcast(self.shape(), other.shape())?;
        let stretched = self.broadcast_to(&shape)?;
        stretched.zip_map(&other.clone().broadcast_to(&shape)?, f)
    }

    /// The numbers stretched to `shape`, which all axes must allow.
    pub fn broadcast_to(self, shape: &[usize]) -> Result<Self> {
        if self.shape() == shape {
            return Ok(self);
        }
        if broadcast(self.shape(), shape)? != shape {
            let help = "only axes of length 1 can be stretched";
            return Err(Error::shape("a tensor to stretch", Shape::of(shape), self.shape(), help));
        }
        let len = size(shape).ok_or_else(|| {
            Error::argument("shape", "a size that fits in memory", format!("{shape:?}"))
        })?;
        let mut buffer = Buffer::for_overwrite(len);
        let numbers = self.as_slice();
        for_each_row(self.shape(), shape, |from, step, to| {
            let row = &mut buffer.as_mut_slice()[to];
            match step {
                0 => row.fill(numbers[from]),
                _ => row.copy_from_slice(&numbers[from..from + row.len()]),
            }
        });
        Ok(Self { shape: ndarray::IxDyn(shape), buffer })
    }

    /// The numbers added up along the axes along which a tensor of `shape` was stretched: what the
    /// gradient of a stretched tensor is for the tensor itself.
    pub fn sum_to(self, shape: &[usize]) -> Result<Self> {
        if self.shape() == shape {
            return Ok(self);
        }
        if broadcast(shape, self.shape())? != self.shape() {
            let help = "only stretched axes can be added up";
            return Err(Error::shape("a tensor to add up", Shape::of(shape), self.shape(), help));
        }
        let mut sum = Self::zeros(shape);
        let (numbers, total) = (self.as_slice(), sum.as_mut_slice());
        for_each_row(shape, self.shape(), |to, step, from| {
            let row = &numbers[from];
            match step {
                0 => total[to] += row.iter().map(|&x| f64::from(x)).sum::<f64>() as f32,
                _ => total[to..to + row.len()].iter_mut().zip(row).for_each(|(sum, x)| *sum += x),
            }
        });
        Ok(sum)
    }
}

/// Calls `row(small, step, large)` for each row (last axis) of a tensor of shape `large`, to which
/// one of shape `small` was stretched: where the row begins in the small one, whether it walks
/// along there (1) or stands still (0), and the row's range in the large one.
fn for_each_row(
    small: &[usize],
    large: &[usize],
    mut row: impl FnMut(usize, usize, std::ops::Range<usize>),
) {
    let Some((&len, outer)) = large.split_last() else { return row(0, 1, 0..1) };
    let lead = large.len() - small.len();
    // The step of each axis in the small tensor; 0 where it is stretched.
    let mut steps = vec![0; large.len()];
    let mut step = 1;
    for (axis, &dim) in small.iter().enumerate().rev() {
        steps[lead + axis] = if dim == 1 { 0 } else { step };
        step *= dim;
    }
    // A row of one number is copied, not filled.
    let along = if len == 1 { 1 } else { steps[large.len() - 1] };
    let rows: usize = outer.iter().product();
    let (mut index, mut from) = (vec![0; outer.len()], 0);
    for i in 0..rows {
        row(from, along, i * len..(i + 1) * len);
        for axis in (0..outer.len()).rev() {
            index[axis] += 1;
            from += steps[axis];
            if index[axis] < outer[axis] {
                break;
            }
            from -= steps[axis] * outer[axis];
            index[axis] = 0;
        }
    }
}

impl Tensor {
    /// The tensor with its axes in another order, as NumPy's `transpose`: axis `i` of the result is
    /// axis `order[i]` of this one.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0]]);
    /// assert_eq!(x.permuted(&[1, 0])?.shape(), [3, 1]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn permuted(&self, order: &[usize]) -> Result<Self> {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..self.ndim()) {
            let expected = format!("each axis from 0 to {} once", self.ndim().saturating_sub(1));
            return Err(Error::argument("order", expected, format!("{order:?}")));
        }
        let view = self.view::<ndarray::IxDyn>("(...)")?;
        Ok(view.permuted_axes(order.to_vec()).into())
    }
}
