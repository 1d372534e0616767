//! Frame: where a small volume lies within a large one. Padding puts it there, cropping takes it out;
//! each is the gradient of the other.

use std::ops::Range;

use ceratops_core::{Error, Result, Shape, Tensor};

use super::blocks::Blocks;
use crate::{Borders, DataFormat, Rank};

#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    blocks: usize,
    small: [usize; 3],
    large: [usize; 3],
    before: [usize; 3],
    inner: usize,
}

impl Frame {
    /// The frame of `borders` around a small volume of that shape.
    pub(super) fn around<R: Rank>(
        small: &[usize],
        borders: Borders<R>,
        data_format: DataFormat,
    ) -> Result<Self> {
        let Blocks { outer: blocks, lens: small, inner } = Blocks::of::<R>(data_format, small)?;
        let mut large = small;
        for (len, [before, behind]) in large.iter_mut().zip(borders.volume()) {
            let longer = len.checked_add(before).and_then(|len| len.checked_add(behind));
            *len = longer.ok_or_else(|| too_wide(borders))?;
        }
        let before = borders.volume().map(|[before, _]| before);
        Ok(Self { blocks, small, large, before, inner })
    }

    /// The frame of `borders` within a large volume of that shape.
    pub(super) fn within<R: Rank>(
        large: &[usize],
        borders: Borders<R>,
        data_format: DataFormat,
    ) -> Result<Self> {
        let Blocks { outer: blocks, lens: large, inner } = Blocks::of::<R>(data_format, large)?;
        let mut small = large;
        for (len, borders) in small.iter_mut().zip(borders.volume()) {
            *len = cut(*len, borders).unwrap_or(0);
        }
        let before = borders.volume().map(|[before, _]| before);
        Ok(Self { blocks, small, large, before, inner })
    }

    /// The small volume within zeros; `shape` is that of the large one.
    pub(super) fn surround(&self, small: &Tensor, shape: &[usize]) -> Result<Tensor> {
        let mut large = Tensor::try_for_overwrite(shape)?;
        let (from, to) = (small.as_slice(), large.as_mut_slice());
        to.fill(0.0);
        self.each_row(|small, large| to[large].copy_from_slice(&from[small]));
        Ok(large)
    }

    /// The small volume out of the large one; `shape` is that of the small one.
    pub(super) fn cut_out(&self, large: &Tensor, shape: &[usize]) -> Tensor {
        let mut small = Tensor::for_overwrite(shape);
        let (from, to) = (large.as_slice(), small.as_mut_slice());
        self.each_row(|small, large| to[small].copy_from_slice(&from[large]));
        small
    }

    /// Calls `row` with the ranges of each row of the small volume, in it and in the large one.
    fn each_row(&self, mut row: impl FnMut(Range<usize>, Range<usize>)) {
        let Self { small, large, before, inner, .. } = *self;
        let run = small[2] * inner;
        if run == 0 {
            return;
        }
        let mut start = 0;
        for block in 0..self.blocks {
            for plane in 0..small[0] {
                let plane = block * large[0] + before[0] + plane;
                for line in 0..small[1] {
                    let line = plane * large[1] + before[1] + line;
                    let place = (line * large[2] + before[2]) * inner;
                    row(start..start + run, place..place + run);
                    start += run;
                }
            }
        }
    }
}

/// What is left of `len` without its borders, if anything is.
fn cut(len: usize, [before, behind]: [usize; 2]) -> Option<usize> {
    len.checked_sub(before)?.checked_sub(behind).filter(|&len| len > 0)
}

fn too_wide<R: Rank>(borders: Borders<R>) -> Error {
    Error::argument("padding", "borders that can be counted", borders)
}

/// The shape of an input with `borders` around it.
pub(super) fn padded<R: Rank>(
    input: &Shape,
    borders: Borders<R>,
    data_format: DataFormat,
) -> Result<Shape> {
    let longer = |len: usize, [before, behind]: [usize; 2]| {
        let len = len.checked_add(before)?.checked_add(behind);
        len.filter(|&len| isize::try_from(len).is_ok())
    };
    resized(input, borders, data_format, longer, || too_wide(borders))
}

/// The shape of an input without `borders`.
pub(super) fn cropped<R: Rank>(
    input: &Shape,
    borders: Borders<R>,
    data_format: DataFormat,
) -> Result<Shape> {
    resized(input, borders, data_format, cut, || {
        let expected = format!("borders that leave something of {input}");
        Error::argument("cropping", expected, borders)
    })
}

fn resized<R: Rank>(
    input: &Shape,
    borders: Borders<R>,
    data_format: DataFormat,
    resize: impl Fn(usize, [usize; 2]) -> Option<usize>,
    misfit: impl Fn() -> Error,
) -> Result<Shape> {
    let mut last = data_format.places_last::<R>(input)?;
    for (axis, &borders) in (1..).zip(borders.pairs()) {
        if let Some(len) = last.axes()[axis] {
            last = last.with_axis(axis, Some(resize(len, borders).ok_or_else(&misfit)?));
        }
    }
    Ok(data_format.shape_from_last(&last))
}
