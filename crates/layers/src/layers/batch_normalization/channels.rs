//! What BatchNormalization computes of each channel, and does to it.
//!
//! Each loop here reads one or two tensors once and does a handful of operations a number, so that
//! memory is the limit and not arithmetic.

use ceratops_core::{Result, Tensor, vectorize};

/// How many numbers a pattern has at least: short ones would make short loops.
const PATTERN: usize = 512;

/// How the channels lie in memory: in turn, each as a run of so many neighbours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channels {
    count: usize,
    run: usize,
}

impl Channels {
    /// The channels along `axis` of a tensor of that shape.
    pub(super) fn along(shape: &[usize], axis: usize) -> Self {
        Self { count: shape[axis], run: shape[axis + 1..].iter().product() }
    }

    /// After so many numbers the first channel comes again.
    fn period(self) -> usize {
        (self.count * self.run).max(1)
    }

    /// Some whole periods.
    fn pattern(self) -> usize {
        PATTERN.div_ceil(self.period()) * self.period()
    }

    /// The number of its channel for each place in a pattern.
    fn spread(self, numbers: &[f32]) -> Vec<f32> {
        let mut period = Vec::with_capacity(self.period());
        numbers.iter().for_each(|number| period.extend(std::iter::repeat_n(*number, self.run)));
        period.repeat(self.pattern() / self.period())
    }

    /// The sums over each channel of what stands in a pattern.
    fn fold(self, pattern: &[f64]) -> impl Iterator<Item = f64> {
        (0..self.count).map(move |c| {
            let periods = pattern.chunks_exact(self.period());
            periods.flat_map(|period| &period[c * self.run..(c + 1) * self.run]).sum()
        })
    }

    /// How many numbers each channel has in a tensor of `len` numbers.
    fn share(self, len: usize) -> f64 {
        len.checked_div(self.count).unwrap_or(0) as f64
    }

    /// Count, Σ x of each channel, and Σ x² of each channel.
    pub(super) fn moments(self, x: &Tensor) -> Vec<f64> {
        self.sums(x, x, &vec![0.0; self.count])
    }

    /// Count, Σ a of each channel, and Σ a · (b - center) of each channel.
    pub(super) fn sums(self, a: &Tensor, b: &Tensor, center: &[f32]) -> Vec<f64> {
        let center = self.spread(center);
        let mut sums = [vec![0.0; center.len()], vec![0.0; center.len()]];
        let [sum, dot] = &mut sums;
        let (sum, dot, center) = (&mut sum[..], &mut dot[..], &center[..]);
        let (a, b) = (a.as_slice(), b.as_slice());
        vectorize(
            #[inline(always)]
            move || add_sums(a, b, center, sum, dot),
        );
        let count = std::iter::once(self.share(a.len()));
        count.chain(sums.iter().flat_map(|sums| self.fold(sums))).collect()
    }

    /// y = (x - mean) · scale + shift, with the numbers of its channel; in the place of x, unless
    /// that is to be kept.
    pub(super) fn normalize(
        self,
        mut x: Tensor,
        [mean, scale, shift]: [&[f32]; 3],
        keep: bool,
    ) -> Result<Tensor> {
        let channel = [mean, scale, shift].map(|numbers| self.spread(numbers));
        let channel = [&channel[0][..], &channel[1][..], &channel[2][..]];
        if keep {
            let mut y = Tensor::for_overwrite(x.shape());
            normalize_into(x.as_slice(), y.as_mut_slice(), channel, self.pattern());
            return Ok(y);
        }
        normalize_in_place(x.as_mut_slice(), channel, self.pattern());
        Ok(x)
    }

    /// dx = scale · (dy - shift - (x - mean) · slope), with the numbers of its channel, in the place
    /// of dy.
    pub(super) fn center(
        self,
        dy: &mut Tensor,
        x: &Tensor,
        [scale, shift, mean, slope]: [&[f32]; 4],
    ) {
        let channel = [scale, shift, mean, slope].map(|numbers| self.spread(numbers));
        let [scale, shift, mean, slope] = &channel;
        let (scale, shift, mean, slope) = (&scale[..], &shift[..], &mean[..], &slope[..]);
        let (dy, x) = (dy.as_mut_slice(), x.as_slice());
        vectorize(
            #[inline(always)]
            move || {
                for (dy, x) in dy.chunks_mut(self.pattern()).zip(x.chunks(self.pattern())) {
                    let channel = scale.iter().zip(shift).zip(mean).zip(slope);
                    let numbers = dy.iter_mut().zip(x).zip(channel);
                    for ((dy, x), (((scale, shift), mean), slope)) in numbers {
                        *dy = scale * (*dy - shift - (x - mean) * slope);
                    }
                }
            },
        );
    }
}

/// How many rows, each as long as a pattern, are added up before the sums are touched.
const ROWS: usize = 4;

/// For each place in a pattern, sum += Σ a and dot += Σ a · (b - center).
#[inline(always)]
fn add_sums(a: &[f32], b: &[f32], center: &[f32], sum: &mut [f64], dot: &mut [f64]) {
    let block = (ROWS * center.len()).max(1);
    let (a_blocks, b_blocks) = (a.chunks_exact(block), b.chunks_exact(block));
    let rest = a_blocks.remainder().chunks(center.len().max(1));
    let rest = rest.zip(b_blocks.remainder().chunks(center.len().max(1)));
    // `for_each` would call a function that is not compiled for the vectors at hand.
    for (a, b) in a_blocks.zip(b_blocks) {
        add_rows(rows::<ROWS>(a, center.len()), rows(b, center.len()), center, sum, dot);
    }
    for (a, b) in rest {
        add_rows([a], [b], center, sum, dot);
    }
}

/// `N` rows of that length.
#[inline(always)]
fn rows<const N: usize>(numbers: &[f32], len: usize) -> [&[f32]; N] {
    let mut rows = [numbers; N];
    for (row, part) in rows.iter_mut().zip(numbers.chunks_exact(len)) {
        *row = part;
    }
    rows
}

#[inline(always)]
fn add_rows<const N: usize>(
    a: [&[f32]; N],
    b: [&[f32]; N],
    center: &[f32],
    sum: &mut [f64],
    dot: &mut [f64],
) {
    // The same length of all, so that the loop needs no checks.
    let len = a.iter().chain(&b).map(|row| row.len()).min().unwrap_or(0).min(center.len());
    let (a, b) = (a.map(|row| &row[..len]), b.map(|row| &row[..len]));
    let (center, sum, dot) = (&center[..len], &mut sum[..len], &mut dot[..len]);
    for i in 0..len {
        let (mut row_sum, mut row_dot) = (0.0, 0.0);
        for (a, b) in a.iter().zip(&b) {
            let a = f64::from(a[i]);
            row_sum += a;
            row_dot += a * f64::from(b[i] - center[i]);
        }
        sum[i] += row_sum;
        dot[i] += row_dot;
    }
}

fn normalize_into(x: &[f32], y: &mut [f32], [mean, scale, shift]: [&[f32]; 3], pattern: usize) {
    vectorize(
        #[inline(always)]
        move || {
            for (x, y) in x.chunks(pattern).zip(y.chunks_mut(pattern)) {
                let numbers = x.iter().zip(y).zip(mean).zip(scale).zip(shift);
                for ((((x, y), mean), scale), shift) in numbers {
                    *y = (x - mean) * scale + shift;
                }
            }
        },
    );
}

fn normalize_in_place(x: &mut [f32], [mean, scale, shift]: [&[f32]; 3], pattern: usize) {
    vectorize(
        #[inline(always)]
        move || {
            for x in x.chunks_mut(pattern) {
                let numbers = x.iter_mut().zip(mean).zip(scale).zip(shift);
                for (((x, mean), scale), shift) in numbers {
                    *x = (*x - mean) * scale + shift;
                }
            }
        },
    );
}
