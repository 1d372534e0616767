//! Which numbers of a tensor go where: for each axis of the output an axis of the input, and which places
//! of it.

use ceratops_core::{Error, Result, Shape, Tensor};

/// Stands for a place that nothing of the input goes to.
const NOWHERE: usize = usize::MAX;
/// The longest axis that is made.
const LONGEST: usize = 1 << 28;

/// The places of an axis that are taken, one behind the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Places {
    All,
    /// From, up to, and in steps of, as Python counts.
    Slice([Option<i64>; 3]),
    /// Each so many places further on, the last ones in front.
    Rolled(i64),
    /// All so many times.
    Tiled(usize),
    /// Each so many times.
    Repeated(usize),
    /// Others in front and behind.
    Padded(usize, usize, Padding),
    /// These, counted from the end where they are below 0.
    Listed(Vec<i64>),
    /// One of so many equal parts.
    Part(usize, usize),
    /// A single one, so many times; or so many.
    Stretched(usize),
}

/// What stands where an axis is longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    Constant,
    /// What stands on the other side of the first one.
    Reflect,
    /// The same with the first one itself.
    Symmetric,
}

/// An axis of the output.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Axis {
    /// One that the input has not, of that length.
    New(usize),
    /// These places of that axis of the input.
    Of(usize, Places),
}

/// What an output consists of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) axes: Vec<Axis>,
    /// Axes of which one place is taken, and which.
    pub(super) picks: Vec<(usize, i64)>,
}

impl Places {
    /// How many there are of an axis of that length.
    fn len(&self, len: Option<usize>) -> Result<Option<usize>> {
        let known = |count: Option<usize>| {
            let count = count.filter(|&count| count <= LONGEST).map(Some);
            count.ok_or_else(|| {
                Error::argument("shape", "an axis that fits in memory", "a longer one")
            })
        };
        match (self, len) {
            (Self::All | Self::Rolled(_), len) => Ok(len),
            (Self::Listed(list), None) => known(Some(list.len())),
            (Self::Stretched(count), None) => known(Some(*count)),
            (_, None) => Ok(None),
            (Self::Tiled(count) | Self::Repeated(count), Some(len)) => {
                known(len.checked_mul(*count))
            }
            (Self::Padded(before, after, _), Some(len)) => {
                known(len.checked_add(*before).and_then(|len| len.checked_add(*after)))
            }
            (Self::Slice(slice), Some(len)) => known(Some(sliced(*slice, len)?.2)),
            (Self::Listed(list), Some(len)) => {
                list.iter().try_for_each(|&place| picked(place, len).map(drop))?;
                known(Some(list.len()))
            }
            (Self::Part(_, count), Some(len)) if len.is_multiple_of(*count) && *count > 0 => {
                known(Some(len / count))
            }
            (Self::Part(_, count), Some(len)) => {
                let found = format!("{count} parts of {len}");
                Err(Error::argument("sections", "a number that divides the axis", found))
            }
            (Self::Stretched(count), Some(len)) if len == 1 || len == *count => known(Some(*count)),
            (Self::Stretched(count), Some(len)) => {
                let expected = format!("an axis of length 1 or {count}");
                Err(Error::argument("shape", expected, format!("one of length {len}")))
            }
        }
    }

    /// The places of an axis of that length.
    fn list(&self, len: usize) -> Result<Vec<usize>> {
        // What would not fit in memory is refused.
        self.len(Some(len))?;
        Ok(match self {
            Self::Slice(slice) => {
                let (from, step, count) = sliced(*slice, len)?;
                let place = |i| usize::try_from(from + i * step).unwrap_or(NOWHERE);
                (0..count as i64).map(place).collect()
            }
            Self::Rolled(by) => {
                let by = usize::try_from(by.rem_euclid(len.max(1) as i64)).unwrap_or(0);
                (len - by.min(len)..len).chain(0..len - by.min(len)).collect()
            }
            Self::Tiled(count) => (0..*count).flat_map(|_| 0..len).collect(),
            Self::Repeated(count) => {
                (0..len).flat_map(|place| std::iter::repeat_n(place, *count)).collect()
            }
            Self::Padded(before, after, padding) => padded(*before, *after, *padding, len)?,
            Self::Listed(list) => {
                list.iter().map(|&place| picked(place, len)).collect::<Result<_>>()?
            }
            Self::Part(index, count) => {
                let each = len / count.max(&1);
                (index * each..(index + 1) * each).collect()
            }
            Self::Stretched(count) if len == 1 => vec![0; *count],
            Self::All | Self::Stretched(_) => (0..len).collect(),
        })
    }
}

/// The place counted from 0.
fn picked(place: i64, len: usize) -> Result<usize> {
    let from_start = if place < 0 { place.saturating_add_unsigned(len as u64) } else { place };
    let from_start = usize::try_from(from_start).ok().filter(|from_start| *from_start < len);
    from_start.ok_or_else(|| {
        Error::argument("index", format!("a place of an axis of length {len}"), place)
    })
}

/// Where a slice begins, its step, and how many places it has.
fn sliced([start, stop, step]: [Option<i64>; 3], len: usize) -> Result<(i64, i64, usize)> {
    let (step, len) = (step.unwrap_or(1), i64::try_from(len).unwrap_or(i64::MAX));
    if step == 0 {
        return Err(Error::argument("step", "a number other than 0", "0"));
    }
    // Behind an end there is nothing to walk over: walking back, the end in front is -1.
    let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let bound = |bound: Option<i64>, default: i64| match bound {
        None => default,
        Some(bound) if bound < 0 => bound.saturating_add(len).clamp(low, high),
        Some(bound) => bound.clamp(low, high),
    };
    let (from, to) = match step > 0 {
        true => (bound(start, low), bound(stop, high)),
        false => (bound(start, high), bound(stop, low)),
    };
    let walked = if step > 0 { to - from } else { from - to };
    let stride = usize::try_from(step.unsigned_abs()).unwrap_or(NOWHERE);
    Ok((from, step, usize::try_from(walked).unwrap_or(0).div_ceil(stride)))
}

fn padded(before: usize, after: usize, padding: Padding, len: usize) -> Result<Vec<usize>> {
    let edge = match padding {
        Padding::Constant => {
            let outside = |count| std::iter::repeat_n(NOWHERE, count);
            return Ok(outside(before).chain(0..len).chain(outside(after)).collect());
        }
        Padding::Reflect => 1,
        Padding::Symmetric => 0,
    };
    if before.max(after) + edge > len {
        let found = format!("{} for an axis of length {len}", before.max(after));
        return Err(Error::argument("pad_width", "no more than there is to reflect", found));
    }
    let front = (edge..edge + before).rev();
    let back = (len - edge - after..len - edge).rev();
    Ok(front.chain(0..len).chain(back).collect())
}

impl Plan {
    /// All axes of a tensor of `ndim`, as they are.
    pub(super) fn whole(ndim: usize) -> Self {
        Self {
            axes: (0..ndim).map(|axis| Axis::Of(axis, Places::All)).collect(),
            picks: Vec::new(),
        }
    }

    /// The same with other places of an axis.
    pub(super) fn with(mut self, axis: usize, places: Places) -> Self {
        if let Some(own) = self.axes.get_mut(axis) {
            *own = Axis::Of(axis, places);
        }
        self
    }

    /// The shape of what is taken of a tensor of that shape.
    pub(super) fn shape(&self, input: &Shape) -> Result<Shape> {
        let len = |axis: usize| input.axes().get(axis).copied().flatten();
        for &(axis, place) in &self.picks {
            len(axis).map_or(Ok(0), |len| picked(place, len))?;
        }
        let axes = self.axes.iter().map(|axis| match axis {
            Axis::New(len) => Ok(Some(*len)),
            Axis::Of(axis, places) => places.len(len(*axis)),
        });
        Ok(axes.collect::<Result<Vec<_>>>()?.into())
    }

    /// The offsets in a tensor of that shape, axis by axis of the output, and that of the picks.
    fn offsets(&self, dims: &[usize]) -> Result<(Vec<Vec<usize>>, usize)> {
        let step = |axis: usize| dims[axis + 1..].iter().product::<usize>();
        let mut base = 0;
        for &(axis, place) in &self.picks {
            base += picked(place, dims[axis])? * step(axis);
        }
        let offsets = self.axes.iter().map(|axis| match axis {
            Axis::New(len) => Ok(vec![0; *len]),
            Axis::Of(axis, places) => {
                let (step, mut list) = (step(*axis), places.list(dims[*axis])?);
                list.iter_mut().filter(|place| **place != NOWHERE).for_each(|place| *place *= step);
                Ok(list)
            }
        });
        Ok((offsets.collect::<Result<Vec<_>>>()?, base))
    }

    /// What is taken of `x`; `fill` stands where nothing goes.
    pub(super) fn take(&self, x: &Tensor, fill: f32) -> Result<Tensor> {
        let (offsets, base) = self.offsets(x.shape())?;
        let shape: Vec<usize> = offsets.iter().map(Vec::len).collect();
        let mut y = Tensor::try_full(&shape, fill)?;
        let Some((last, outer)) = offsets.split_last() else { return Ok(y) };
        let numbers = x.as_slice();
        let is_run = last.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
        let mut rows = y.as_mut_slice().chunks_exact_mut(last.len().max(1));
        for_each_row(outer, Some(base), &mut |from| {
            let (Some(row), Some(from)) = (rows.next(), from) else { return };
            match last.first() {
                Some(&first) if is_run && first != NOWHERE => {
                    row.copy_from_slice(&numbers[from + first..from + first + row.len()]);
                }
                _ => {
                    let pairs = row.iter_mut().zip(last).filter(|(_, place)| **place != NOWHERE);
                    pairs.for_each(|(y, place)| *y = numbers[from + place]);
                }
            }
        });
        Ok(y)
    }

    /// Adds what `dy` has to where it was taken from.
    pub(super) fn give_back(&self, dy: &Tensor, dx: &mut Tensor) -> Result<()> {
        let (offsets, base) = self.offsets(dx.shape())?;
        let Some((last, outer)) = offsets.split_last() else { return Ok(()) };
        let numbers = dx.as_mut_slice();
        let mut rows = dy.as_slice().chunks_exact(last.len().max(1));
        for_each_row(outer, Some(base), &mut |from| {
            let (Some(row), Some(from)) = (rows.next(), from) else { return };
            let pairs = row.iter().zip(last).filter(|(_, place)| **place != NOWHERE);
            pairs.for_each(|(dy, place)| numbers[from + place] += dy);
        });
        Ok(())
    }
}

/// Calls `row` with where each row of the output begins in the input; nothing for one that is outside.
fn for_each_row(axes: &[Vec<usize>], from: Option<usize>, row: &mut impl FnMut(Option<usize>)) {
    let Some((first, others)) = axes.split_first() else { return row(from) };
    for &offset in first {
        let from = from.filter(|_| offset != NOWHERE).map(|from| from + offset);
        for_each_row(others, from, row);
    }
}
