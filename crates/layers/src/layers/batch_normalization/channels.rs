//! What BatchNormalization computes of each channel, and does to it.
//!
//! Each loop here reads one or two tensors once and does a handful of operations a number, so that
//! memory is the limit and not arithmetic.

use ceratops_core::{Result, Tensor, vectorize};

/// How many numbers a pattern has at least: short ones would make short loops.
const PATTERN: usize = 128;

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
        let run = |number: &f32| std::iter::repeat_n(*number, self.run);
        (0..self.pattern() / self.period()).flat_map(|_| numbers.iter().flat_map(run)).collect()
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
        let (mut sums, mut squares) = (vec![0.0; self.pattern()], vec![0.0; self.pattern()]);
        let (sum, square, x) = (&mut sums[..], &mut squares[..], x.as_slice());
        vectorize(
            #[inline(always)]
            move || {
                for x in x.chunks(self.pattern()) {
                    for ((sum, square), x) in sum.iter_mut().zip(&mut *square).zip(x) {
                        let x = f64::from(*x);
                        *sum += x;
                        *square += x * x;
                    }
                }
            },
        );
        let count = std::iter::once(self.share(x.len()));
        count.chain(self.fold(&sums)).chain(self.fold(&squares)).collect()
    }

    /// Count, Σ dy of each channel, and Σ dy · (x - mean) of each channel.
    pub(super) fn products(self, dy: &Tensor, x: &Tensor, mean: &[f32]) -> Vec<f64> {
        let mean = self.spread(mean);
        let (mut sums, mut dots) = (vec![0.0; self.pattern()], vec![0.0; self.pattern()]);
        let (sum, dot, mean) = (&mut sums[..], &mut dots[..], &mean[..]);
        let (dy, x) = (dy.as_slice(), x.as_slice());
        vectorize(
            #[inline(always)]
            move || {
                for (dy, x) in dy.chunks(self.pattern()).zip(x.chunks(self.pattern())) {
                    let sums = sum.iter_mut().zip(&mut *dot);
                    for ((((sum, dot), dy), x), mean) in sums.zip(dy).zip(x).zip(mean) {
                        let dy = f64::from(*dy);
                        *sum += dy;
                        *dot += dy * f64::from(x - mean);
                    }
                }
            },
        );
        let count = std::iter::once(self.share(dy.len()));
        count.chain(self.fold(&sums)).chain(self.fold(&dots)).collect()
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
            let y = normalized(x.as_slice(), channel, self.pattern());
            return Tensor::new(x.shape(), y);
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

fn normalized(x: &[f32], [mean, scale, shift]: [&[f32]; 3], pattern: usize) -> Vec<f32> {
    vectorize(
        #[inline(always)]
        move || {
            let mut y = Vec::with_capacity(x.len());
            for x in x.chunks(pattern) {
                let numbers = x.iter().zip(mean).zip(scale).zip(shift);
                y.extend(numbers.map(|(((x, mean), scale), shift)| (x - mean) * scale + shift));
            }
            y
        },
    )
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
