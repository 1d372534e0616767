//! What BatchNormalization computes of each channel, and does to it.
//!
//! Each loop here reads one or two tensors once and does a handful of operations a number, so that
//! memory is the limit and not arithmetic.

use ceratops_core::{Result, Tensor, vectorize};

/// How many numbers a pattern has at least: short ones would make short loops.
const PATTERN: usize = 512;

/// How the channels lie in memory: in turn, each as a run of so many neighbours, or mixed.
#[derive(Debug, Clone)]
pub(super) struct Channels {
    count: usize,
    run: usize,
    /// Where channels of several axes lie mixed, the channel of each place up to where the first
    /// one comes again; else nothing.
    mixed: Vec<usize>,
}

impl Channels {
    /// The channels along these axes, which are in order, of a tensor of that shape.
    pub(super) fn along(shape: &[usize], axes: &[usize]) -> Self {
        let (first, last) = (axes.first().map_or(0, |&axis| axis), axes.last().map_or(0, |&a| a));
        let run = shape[last + 1..].iter().product();
        let count = axes.iter().map(|&axis| shape[axis]).product();
        if last + 1 - first == axes.len() {
            return Self { count, run, mixed: Vec::new() };
        }
        // From axis to axis: each place becomes as many as the next axis is long, which are
        // channels of their own if that axis is named.
        let mixed = (first..shape.len()).fold(vec![0], |places, axis| {
            let (len, named) = (shape[axis], axes.contains(&axis));
            let split = |place| (0..len).map(move |i| if named { place * len + i } else { place });
            places.into_iter().flat_map(split).collect()
        });
        Self { count, run, mixed }
    }

    /// After so many numbers the first channel comes again.
    fn period(&self) -> usize {
        if self.mixed.is_empty() { (self.count * self.run).max(1) } else { self.mixed.len() }
    }

    /// Some whole periods.
    fn pattern(&self) -> usize {
        PATTERN.div_ceil(self.period()) * self.period()
    }

    /// The number of its channel for each place in a pattern.
    fn spread(&self, numbers: &[f32]) -> Tensor {
        let mut pattern = Tensor::for_overwrite(&[self.pattern()]);
        let (first, rest) = pattern.as_mut_slice().split_at_mut(self.period());
        if self.mixed.is_empty() {
            let runs = first.chunks_mut(self.run.max(1));
            runs.zip(numbers).for_each(|(run, number)| run.fill(*number));
        } else {
            let places = first.iter_mut().zip(&self.mixed);
            places.for_each(|(place, &channel)| *place = numbers[channel]);
        }
        rest.chunks_mut(first.len()).for_each(|period| period.copy_from_slice(first));
        pattern
    }

    /// The sums over each channel of what stands in a pattern.
    fn fold(&self, pattern: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        for period in pattern.chunks_exact(self.period()) {
            if self.mixed.is_empty() {
                let runs = period.chunks_exact(self.run.max(1));
                sums.iter_mut().zip(runs).for_each(|(sum, run)| run.iter().for_each(|x| *sum += x));
            } else {
                self.mixed.iter().zip(period).for_each(|(&channel, x)| sums[channel] += x);
            }
        }
        sums
    }

    /// The first number of each channel.
    fn first(&self, x: &[f32]) -> Vec<f32> {
        let mut first = vec![0.0; self.count];
        if self.mixed.is_empty() {
            let runs = x.chunks(self.run.max(1));
            first.iter_mut().zip(runs).for_each(|(first, run)| *first = run[0]);
        } else {
            let places = self.mixed.iter().zip(x).rev();
            places.for_each(|(&channel, &x)| first[channel] = x);
        }
        first
    }

    /// How many numbers each channel has in a tensor of `len` numbers, or of those that count.
    fn counts(&self, len: usize, keep: Option<&[f32]>) -> Vec<f64> {
        let Some(keep) = keep else {
            return vec![len.checked_div(self.count).unwrap_or(0) as f64; self.count];
        };
        let mut pattern = vec![0.0; self.pattern()];
        for keep in keep.chunks(pattern.len()) {
            pattern.iter_mut().zip(keep).for_each(|(count, keep)| *count += f64::from(*keep));
        }
        self.fold(&pattern)
    }

    /// Count, Σ x and Σ x² of each channel, of the numbers that count if not all do.
    ///
    /// Calculated from x - c, where c is the first number of the channel: so Σ x² / n - mean² does
    /// not lose its digits where the numbers lie close together and far from 0.
    pub(super) fn moments(&self, x: &Tensor, keep: Option<&[f32]>) -> Vec<f64> {
        let mut first = self.first(x.as_slice());
        // A number that is none, or infinite, would spoil all others.
        first.iter_mut().filter(|c| !c.is_finite()).for_each(|c| *c = 0.0);
        let kept = keep.map(|keep| self.chosen(x, keep, &first));
        let x = kept.as_ref().unwrap_or(x);
        let mut sums = self.sums((x, &first), (x, &first), keep);
        for (i, c) in first.into_iter().enumerate() {
            let (c, count, sum) = (f64::from(c), sums[i], sums[self.count + i]);
            sums[2 * self.count + i] += c * (2.0 * sum + c * count);
            sums[self.count + i] += c * count;
        }
        sums
    }

    /// x where it counts, else the number of its channel.
    fn chosen(&self, x: &Tensor, keep: &[f32], others: &[f32]) -> Tensor {
        let (mut x, others) = (x.clone(), self.spread(others));
        let others = others.as_slice();
        let rows = x.as_mut_slice().chunks_mut(others.len()).zip(keep.chunks(others.len()));
        for (x, keep) in rows {
            let numbers = x.iter_mut().zip(keep).zip(others);
            let masked = numbers.filter(|((_, keep), _)| **keep == 0.0);
            masked.for_each(|((x, _), other)| *x = *other);
        }
        x
    }

    /// How many numbers count, Σ dy and Σ dy · (x - mean) of each channel. The sums go over all: what
    /// is masked is normalized too.
    pub(super) fn gradient_sums(
        &self,
        dy: &Tensor,
        x: &Tensor,
        mean: &[f32],
        keep: Option<&[f32]>,
    ) -> Vec<f64> {
        self.sums((dy, &vec![0.0; self.count]), (x, mean), keep)
    }

    /// How many numbers count, Σ (a - c) and Σ (a - c) · (b - d) of each channel.
    fn sums(
        &self,
        (a, c): (&Tensor, &[f32]),
        (b, d): (&Tensor, &[f32]),
        keep: Option<&[f32]>,
    ) -> Vec<f64> {
        let (c, d) = (self.spread(c), self.spread(d));
        let (c, d) = (c.as_slice(), d.as_slice());
        let mut sums = [vec![0.0; c.len()], vec![0.0; c.len()]];
        let [sum, dot] = &mut sums;
        let (sum, dot, centers) = (&mut sum[..], &mut dot[..], [c, d]);
        let (a, b) = (a.as_slice(), b.as_slice());
        vectorize(
            #[inline(always)]
            move || add_sums(a, b, centers, sum, dot),
        );
        let mut list = self.counts(a.len(), keep);
        list.extend(sums.iter().flat_map(|sums| self.fold(sums)));
        list
    }

    /// y = (x - mean) · scale + shift, with the numbers of its channel; in the place of x, unless
    /// that is to be kept.
    pub(super) fn normalize(
        &self,
        mut x: Tensor,
        [mean, scale, shift]: [&[f32]; 3],
        keep: bool,
    ) -> Result<Tensor> {
        let channel = [mean, scale, shift].map(|numbers| self.spread(numbers));
        let channel = channel.each_ref().map(Tensor::as_slice);
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
        &self,
        dy: &mut Tensor,
        x: &Tensor,
        [scale, shift, mean, slope]: [&[f32]; 4],
    ) {
        let channel = [scale, shift, mean, slope].map(|numbers| self.spread(numbers));
        let [scale, shift, mean, slope] = channel.each_ref().map(Tensor::as_slice);
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

    /// The same where x counts; elsewhere dx = scale · dy.
    pub(super) fn center_kept(
        &self,
        dy: &mut Tensor,
        x: &Tensor,
        keep: &[f32],
        [scale, shift, mean, slope]: [&[f32]; 4],
    ) {
        let channel = [scale, shift, mean, slope].map(|numbers| self.spread(numbers));
        let [scale, shift, mean, slope] = channel.each_ref().map(Tensor::as_slice);
        let len = self.pattern();
        let rows = dy.as_mut_slice().chunks_mut(len).zip(x.as_slice().chunks(len));
        for ((dy, x), keep) in rows.zip(keep.chunks(len)) {
            let channel = scale.iter().zip(shift).zip(mean).zip(slope);
            for (((dy, x), keep), (((scale, shift), mean), slope)) in
                dy.iter_mut().zip(x).zip(keep).zip(channel)
            {
                let own = if *keep == 0.0 { 0.0 } else { shift + (x - mean) * slope };
                *dy = scale * (*dy - own);
            }
        }
    }
}

/// How many rows, each as long as a pattern, are added up in f32 before they go to sums in f64.
const ROWS: usize = 8;

/// For each place in a pattern, sum += Σ (a - c) and dot += Σ (a - c) · (b - d).
#[inline(always)]
fn add_sums(a: &[f32], b: &[f32], centers: [&[f32]; 2], sum: &mut [f64], dot: &mut [f64]) {
    let pattern = sum.len().max(1);
    let (a_blocks, b_blocks) = (a.chunks_exact(ROWS * pattern), b.chunks_exact(ROWS * pattern));
    let rest = a_blocks.remainder().chunks(pattern).zip(b_blocks.remainder().chunks(pattern));
    // `for_each` would call a function that is not compiled for the vectors at hand.
    for (a, b) in a_blocks.zip(b_blocks) {
        add_rows(rows::<ROWS>(a, pattern), rows(b, pattern), centers, sum, dot);
    }
    for (a, b) in rest {
        add_rows([a], [b], centers, sum, dot);
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
    [c, d]: [&[f32]; 2],
    sum: &mut [f64],
    dot: &mut [f64],
) {
    // The same length of all, so that the loop needs no checks.
    let len = a.iter().chain(&b).map(|row| row.len()).min().unwrap_or(0).min(sum.len());
    let (a, b) = (a.map(|row| &row[..len]), b.map(|row| &row[..len]));
    let (c, d, sum, dot) = (&c[..len], &d[..len], &mut sum[..len], &mut dot[..len]);
    for i in 0..len {
        let (mut row_sum, mut row_dot) = (0.0, 0.0);
        for row in 0..N {
            let a = a[row][i] - c[i];
            row_sum += a;
            row_dot += a * (b[row][i] - d[i]);
        }
        sum[i] += f64::from(row_sum);
        dot[i] += f64::from(row_dot);
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
