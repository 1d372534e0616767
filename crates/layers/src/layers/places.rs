//! Which number of an array goes with each number of a sample.

use ceratops_core::{Tensor, vectorize};

/// How many numbers a pattern has at least: short ones would make short loops.
const PATTERN: usize = 512;

/// For each place of a sample the number of an array that goes with it, where the array is stretched
/// along axes on which it has length 1, as NumPy broadcasts it.
#[derive(Debug)]
pub(super) struct Places {
    /// The number's index in the array. After so many places the first number comes again.
    period: Vec<usize>,
}

impl Places {
    /// The places of an array of shape `dims` in samples of that shape; nothing if it does not fit.
    pub(super) fn new(dims: &[usize], sample: &[usize]) -> Option<Self> {
        let outer = dims.iter().take_while(|len| **len == 1).count();
        let dims = &dims[outer..];
        let inner = &sample[sample.len().checked_sub(dims.len())?..];
        let mut period = vec![0];
        for (&own, &len) in dims.iter().zip(inner) {
            if own != 1 && own != len {
                return None;
            }
            let index = |i: usize| if own == 1 { 0 } else { i };
            let along = |before: &usize| {
                let first = before * own;
                (0..len).map(move |i| first + index(i))
            };
            period = period.iter().flat_map(along).collect();
        }
        Some(Self { period })
    }

    /// After how many places the first number comes again.
    pub(super) fn period(&self) -> usize {
        self.period.len()
    }

    /// The same over a longer period, which must be that of other places in the same sample: periods
    /// are whole axes, the last ones, so that the longer is a multiple of the shorter.
    pub(super) fn widened(self, period: usize) -> Self {
        Self { period: self.period.repeat(period / self.period.len().max(1)) }
    }

    /// The numbers of `array` for some whole periods of places.
    pub(super) fn spread<T: Copy>(&self, array: &[T]) -> Vec<T> {
        let period: Vec<T> = self.period.iter().map(|&index| array[index]).collect();
        period.repeat(PATTERN.div_ceil(period.len().max(1)))
    }

    /// The sums over all places of each of `count` numbers, of what stands in whole periods.
    pub(super) fn fold(&self, pattern: &[f64], count: usize) -> Vec<f64> {
        let mut sums = vec![0.0; count];
        for period in pattern.chunks(self.period.len().max(1)) {
            period.iter().zip(&self.period).for_each(|(value, &index)| sums[index] += value);
        }
        sums
    }
}

/// f(x, a, b) of every number of `x` and those at its place in two patterns; in place where the
/// numbers are not shared.
pub(super) fn map_with(
    mut x: Tensor,
    [a, b]: [&[f32]; 2],
    f: impl Fn(f32, f32, f32) -> f32,
) -> Tensor {
    let numbers = x.as_mut_slice();
    vectorize(
        #[inline(always)]
        move || {
            let f = f;
            for numbers in numbers.chunks_mut(a.len().max(1)) {
                for ((x, a), b) in numbers.iter_mut().zip(a).zip(b) {
                    *x = f(*x, *a, *b);
                }
            }
        },
    );
    x
}
