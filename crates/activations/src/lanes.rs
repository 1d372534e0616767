//! Lanes: the numbers of a tensor that differ only in their index along some axes.

use ceratops_core::{Error, Result, Tensor};

use crate::chain::same_shape;

/// How a tensor of one shape falls into lanes.
pub(crate) struct Lanes {
    len: usize,
    /// Where the lanes begin, and how far from there their numbers lie; `None` where the axes are
    /// the last ones, so that each lane is one piece of memory.
    scattered: Option<(Vec<usize>, Vec<usize>)>,
}

impl Lanes {
    /// The lanes along `axes`, negative ones counted from the end.
    pub(crate) fn along(shape: &[usize], axes: &[isize]) -> Result<Self> {
        if let [axis] = axes
            && resolve(*axis, shape)? + 1 == shape.len()
        {
            return Ok(Self { len: shape.last().copied().unwrap_or(0), scattered: None });
        }
        let mut along = Vec::with_capacity(axes.len());
        for &axis in axes {
            let index = resolve(axis, shape)?;
            if along.contains(&index) {
                return Err(Error::argument("axis", "different axes", format!("{axes:?}")));
            }
            along.push(index);
        }
        if along.is_empty() {
            return Err(Error::argument("axis", "at least one axis", "none"));
        }
        along.sort_unstable();
        let len = along.iter().map(|&axis| shape[axis]).product();
        if along[0] + along.len() == shape.len() {
            return Ok(Self { len, scattered: None });
        }
        let across: Vec<usize> = (0..shape.len()).filter(|axis| !along.contains(axis)).collect();
        Ok(Self { len, scattered: Some((positions(shape, &across), positions(shape, &along))) })
    }

    /// Every lane of `x` changed by `f`.
    pub(crate) fn map(&self, mut x: Tensor, f: impl Fn(&mut [f32])) -> Tensor {
        if x.is_empty() {
            return x;
        }
        let data = x.as_mut_slice();
        let Some((starts, offsets)) = &self.scattered else {
            data.chunks_exact_mut(self.len).for_each(f);
            return x;
        };
        let mut lane = Vec::with_capacity(self.len);
        for start in starts {
            gather(data, *start, offsets, &mut lane);
            f(&mut lane);
            scatter(&lane, data, *start, offsets);
        }
        x
    }

    /// Every lane of `dy` changed by `f`, which also sees the lane of `kept` in the same place.
    pub(crate) fn chain(
        &self,
        kept: &Tensor,
        mut dy: Tensor,
        f: impl Fn(&[f32], &mut [f32]),
    ) -> Result<Tensor> {
        same_shape(kept.shape(), &dy)?;
        if dy.is_empty() {
            return Ok(dy);
        }
        let (kept, data) = (kept.as_slice(), dy.as_mut_slice());
        let Some((starts, offsets)) = &self.scattered else {
            let lanes = kept.chunks_exact(self.len).zip(data.chunks_exact_mut(self.len));
            lanes.for_each(|(kept, dy)| f(kept, dy));
            return Ok(dy);
        };
        let (mut kept_lane, mut lane) = (Vec::with_capacity(self.len), Vec::new());
        for start in starts {
            gather(kept, *start, offsets, &mut kept_lane);
            gather(data, *start, offsets, &mut lane);
            f(&kept_lane, &mut lane);
            scatter(&lane, data, *start, offsets);
        }
        Ok(dy)
    }
}

/// The index of `axis`, which counts from the end where it is negative.
pub(crate) fn resolve<T>(axis: isize, shape: &[T]) -> Result<usize> {
    let ndim = shape.len();
    let index = if axis < 0 { ndim.checked_add_signed(axis) } else { Some(axis.unsigned_abs()) };
    index.filter(|&index| index < ndim).ok_or_else(|| {
        let expected = match ndim {
            0 => "a tensor with axes".to_owned(),
            _ => format!("-{ndim} to {} for a tensor of {ndim} axes", ndim - 1),
        };
        Error::argument("axis", expected, axis)
    })
}

/// The largest number of a lane; NaN if there is one among them.
pub(crate) fn largest(lane: &[f32]) -> f32 {
    // Written so that NaN, once met, stays: `f32::max` would drop it.
    lane.iter().fold(f32::NEG_INFINITY, |max, &x| if x > max || x.is_nan() { x } else { max })
}

/// The positions in memory of all indices along `axes`, the others being 0, row by row.
fn positions(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    axes.iter().fold(vec![0], |positions, &axis| {
        let stride: usize = shape[axis + 1..].iter().product();
        let steps = |base: usize| (0..shape[axis]).map(move |i| base + i * stride);
        positions.into_iter().flat_map(steps).collect()
    })
}

fn gather(data: &[f32], start: usize, offsets: &[usize], lane: &mut Vec<f32>) {
    lane.clear();
    lane.extend(offsets.iter().map(|offset| data[start + offset]));
}

fn scatter(lane: &[f32], data: &mut [f32], start: usize, offsets: &[usize]) {
    for (value, offset) in lane.iter().zip(offsets) {
        data[start + offset] = *value;
    }
}
