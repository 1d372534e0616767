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

    /// Every lane of `x` changed by `f`, which gets several of them one after another, and how
    /// long each is.
    pub(crate) fn map(&self, mut x: Tensor, f: impl Fn(&mut [f32], usize)) -> Tensor {
        if x.is_empty() {
            return x;
        }
        let (data, len, together) = (x.as_mut_slice(), self.len, self.together());
        let Some((starts, offsets)) = &self.scattered else {
            data.chunks_mut(together * len).for_each(|lanes| f(lanes, len));
            return x;
        };
        let mut lanes = Vec::with_capacity(together * len);
        for starts in starts.chunks(together) {
            gather(data, starts, offsets, &mut lanes);
            f(&mut lanes, len);
            scatter(&lanes, data, starts, offsets);
        }
        x
    }

    /// Every lane of `dy` changed by `f`, which also sees the lanes of `kept` in the same places.
    pub(crate) fn chain(
        &self,
        kept: &Tensor,
        mut dy: Tensor,
        f: impl Fn(&[f32], &mut [f32], usize),
    ) -> Result<Tensor> {
        same_shape(kept.shape(), &dy)?;
        if dy.is_empty() {
            return Ok(dy);
        }
        let (len, together) = (self.len, self.together());
        let (kept, data) = (kept.as_slice(), dy.as_mut_slice());
        let Some((starts, offsets)) = &self.scattered else {
            let lanes = kept.chunks(together * len).zip(data.chunks_mut(together * len));
            lanes.for_each(|(kept, dy)| f(kept, dy, len));
            return Ok(dy);
        };
        let (mut kept_lanes, mut lanes) = (Vec::with_capacity(together * len), Vec::new());
        for starts in starts.chunks(together) {
            gather(kept, starts, offsets, &mut kept_lanes);
            gather(data, starts, offsets, &mut lanes);
            f(&kept_lanes, &mut lanes, len);
            scatter(&lanes, data, starts, offsets);
        }
        Ok(dy)
    }

    /// How many lanes are worked on at a time: a few thousand numbers, which stay in the L1 cache
    /// from one loop over them to the next.
    fn together(&self) -> usize {
        (2048 / self.len).max(1)
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

/// The positions in memory of all indices along `axes`, the others being 0, row by row.
fn positions(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    axes.iter().fold(vec![0], |positions, &axis| {
        let stride: usize = shape[axis + 1..].iter().product();
        let steps = |base: usize| (0..shape[axis]).map(move |i| base + i * stride);
        positions.into_iter().flat_map(steps).collect()
    })
}

fn gather(data: &[f32], starts: &[usize], offsets: &[usize], lanes: &mut Vec<f32>) {
    lanes.clear();
    for start in starts {
        lanes.extend(offsets.iter().map(|offset| data[start + offset]));
    }
}

fn scatter(lanes: &[f32], data: &mut [f32], starts: &[usize], offsets: &[usize]) {
    for (start, lane) in starts.iter().zip(lanes.chunks_exact(offsets.len())) {
        for (value, offset) in lane.iter().zip(offsets) {
            data[start + offset] = *value;
        }
    }
}
