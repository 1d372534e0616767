//! The rows of a matrix, each brought to one size, and the gradient of that.

use ceratops_core::{Tensor, vectorize};

/// What becomes of a row: y = (x - shift) · inverse · gain + offset, where inverse is one over its size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// Whether the mean is subtracted.
    pub(super) centers: bool,
    /// Whether the size is that of the distances from the mean, not of the numbers themselves.
    pub(super) about_mean: bool,
    pub(super) size: Size,
}

/// How large the numbers of a row are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    /// √(mean(x²) + epsilon)
    Mean { epsilon: f64 },
    /// √Σx²; one over that is at most `largest`.
    Sum { largest: f32 },
}

/// The gain and the offset of each number, as long as some rows one after another, which they begin
/// again with the next ones.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Learned<'a> {
    pub(super) gain: Option<&'a [f32]>,
    pub(super) offset: Option<&'a [f32]>,
}

/// What the gradient needs: the input, as rows, and for each row its mean and one over its size.
#[derive(Debug)]
pub struct SavedNorm {
    pub(super) x: Tensor,
    rows: Vec<[f32; 2]>,
}

impl SavedNorm {
    pub(super) fn new(x: Tensor, rows: Vec<[f32; 2]>) -> Self {
        Self { x, rows }
    }
}

impl Rule {
    /// Mean, and one over the size.
    #[inline(always)]
    fn statistics(self, row: &[f32]) -> [f32; 2] {
        let count = row.len() as f64;
        let mean = match self.centers || self.about_mean {
            true => sum(row, row, |x, _| f64::from(x)) / count,
            false => 0.0,
        };
        let about = if self.about_mean { mean } else { 0.0 };
        let squares = sum(row, row, |x, _| (f64::from(x) - about).powi(2));
        let inverse = match self.size {
            Size::Mean { epsilon } => (1.0 / (squares / count + epsilon).sqrt()) as f32,
            // A row of zeros has no size, but stays: 0 times something finite.
            Size::Sum { largest } => ((1.0 / squares.sqrt()) as f32).min(largest),
        };
        [mean as f32, inverse]
    }

    /// Changes each row of so many numbers; returns what was found of each.
    pub(super) fn forward(
        self,
        x: &mut [f32],
        len: usize,
        Learned { gain, offset }: Learned<'_>,
    ) -> Vec<[f32; 2]> {
        let len = len.max(1);
        let (gain, offset) = (Repeated::of(gain, len), Repeated::of(offset, len));
        let one = |(i, row): (usize, &mut [f32])| {
            let [mean, inverse] = self.statistics(row);
            let shift = if self.centers { mean } else { 0.0 };
            row.iter_mut().for_each(|x| *x = (*x - shift) * inverse);
            if let Some(gain) = gain.row(i) {
                row.iter_mut().zip(gain).for_each(|(x, gain)| *x *= gain);
            }
            if let Some(offset) = offset.row(i) {
                row.iter_mut().zip(offset).for_each(|(x, b)| *x += b);
            }
            [mean, inverse]
        };
        vectorize(
            #[inline(always)]
            || x.chunks_exact_mut(len).enumerate().map(one).collect(),
        )
    }

    /// Turns `dy` into dL/dx, in rows of so many numbers:
    ///
    /// dL/dx = inverse · (g - mean(g)) - inverse³ / count · (x - m) · Σ g (x - shift), with g = gain · dy,
    /// where the mean of g is left out if the rule does not center, and the last part of a row whose size
    /// is cut.
    pub(super) fn backward(
        self,
        saved: &SavedNorm,
        dy: &mut [f32],
        len: usize,
        gain: Option<&[f32]>,
    ) {
        let len = len.max(1);
        let (gain, x) = (Repeated::of(gain, len), saved.x.as_slice());
        let rows = x.chunks_exact(len).zip(dy.chunks_exact_mut(len)).zip(&saved.rows);
        vectorize(
            #[inline(always)]
            || {
                for (i, ((x, g), &[mean, inverse])) in rows.enumerate() {
                    if let Some(gain) = gain.row(i) {
                        g.iter_mut().zip(gain).for_each(|(g, w)| *g *= w);
                    }
                    let shift = if self.centers { mean } else { 0.0 };
                    let about = if self.about_mean { mean } else { 0.0 };
                    let along = sum(g, x, |g, x| f64::from(g) * f64::from(x - shift));
                    let (divisor, cut) = match self.size {
                        Size::Mean { .. } => (len as f64, false),
                        Size::Sum { largest } => (1.0, inverse >= largest),
                    };
                    let slope =
                        if cut { 0.0 } else { along / divisor * f64::from(inverse).powi(2) };
                    let (slope, mean_g) = (
                        slope as f32,
                        match self.centers {
                            true => (sum(g, g, |g, _| f64::from(g)) / len as f64) as f32,
                            false => 0.0,
                        },
                    );
                    for (g, x) in g.iter_mut().zip(x) {
                        *g = (*g - mean_g - (x - about) * slope) * inverse;
                    }
                }
            },
        );
    }

    /// Adds dL/dgain and dL/doffset, each if it is wanted.
    pub(super) fn add_gradients(
        self,
        saved: &SavedNorm,
        dy: &[f32],
        len: usize,
        dgain: Option<&mut [f32]>,
        doffset: Option<&mut [f32]>,
    ) {
        let len = len.max(1);
        if let Some(doffset) = doffset {
            let period = doffset.len().max(1);
            for dy in dy.chunks_exact(period) {
                doffset.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
            }
        }
        let Some(dgain) = dgain else { return };
        let rows = (dgain.len() / len).max(1);
        let all = saved.x.as_slice().chunks_exact(len).zip(dy.chunks_exact(len));
        for (i, ((x, dy), &[mean, inverse])) in all.zip(&saved.rows).enumerate() {
            let shift = if self.centers { mean } else { 0.0 };
            let start = (i % rows) * len;
            let sums = dgain[start..].iter_mut().zip(x.iter().zip(dy));
            sums.for_each(|(sum, (x, dy))| *sum += dy * (x - shift) * inverse);
        }
    }
}

/// Weights for some rows, which begin again with the next ones.
#[derive(Clone, Copy)]
struct Repeated<'a> {
    weights: Option<&'a [f32]>,
    len: usize,
}

impl<'a> Repeated<'a> {
    fn of(weights: Option<&'a [f32]>, len: usize) -> Self {
        Self { weights, len }
    }

    /// The weights of row `i`.
    #[inline(always)]
    fn row(self, i: usize) -> Option<&'a [f32]> {
        let weights = self.weights?;
        let start = (i % (weights.len() / self.len).max(1)) * self.len;
        weights.get(start..start + self.len)
    }
}

/// The sum of f(a, b) over two rows, in eight sums at a time, as vectors have it.
#[inline(always)]
fn sum(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f64) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += f(a[i], b[i]);
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| f(*a, *b)).sum();
    sums.iter().sum::<f64>() + rest
}
