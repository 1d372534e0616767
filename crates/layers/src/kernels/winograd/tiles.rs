//! A transform along both axes of many tiles, for all channels.

use pulp::{Arch, Simd, WithSimd};

use super::transform::Transform;

/// Where the numbers of square tiles stand; those of one channel lie side by side.
#[derive(Debug, Clone, Copy)]
pub(super) enum Layout {
    /// Number (i, j) of all tiles in the matrix i · side + j, a tile being a row of it.
    Stack { side: usize, matrix: usize, row: usize },
    /// As pixels of images, tiles `step` pixels apart, the first at pixel (-before, -before).
    Image { step: usize, before: [usize; 2], size: [usize; 2], tiles: [usize; 2], channels: usize },
}

/// Where nothing stands: outside of the image.
const OUTSIDE: usize = usize::MAX;

/// Where the numbers of one tile stand: number (i, j) at `rows[i] + columns[j]`.
#[derive(Debug, Clone, Copy)]
struct Places<const N: usize> {
    rows: [usize; N],
    columns: [usize; N],
}

impl Layout {
    /// The places of a tile; in a stack tiles are counted from the `first`.
    #[inline(always)]
    fn places<const N: usize>(&self, tile: usize, first: usize) -> Places<N> {
        let mut places = Places { rows: [OUTSIDE; N], columns: [OUTSIDE; N] };
        match *self {
            Self::Stack { side, matrix, row } => {
                for i in 0..N {
                    places.rows[i] = (tile - first) * row + i * side * matrix;
                    places.columns[i] = i * matrix;
                }
            }
            Self::Image { step, before, size: [height, width], tiles: [down, right], channels } => {
                let (image, row, column) =
                    (tile / (down * right), tile / right % down, tile % right);
                for i in 0..N {
                    // Before the image they wrap around to numbers that are too large.
                    let row = (row * step + i).wrapping_sub(before[0]);
                    let column = (column * step + i).wrapping_sub(before[1]);
                    if row < height {
                        places.rows[i] = (image * height + row) * width * channels;
                    }
                    if column < width {
                        places.columns[i] = column * channels;
                    }
                }
            }
        }
        places
    }
}

impl<const N: usize> Places<N> {
    #[inline(always)]
    fn inside(&self) -> bool {
        let mut inside = true;
        for i in 0..N {
            inside &= self.rows[i] != OUTSIDE && self.columns[i] != OUTSIDE;
        }
        inside
    }

    #[inline(always)]
    fn at(&self, i: usize, j: usize) -> Option<usize> {
        let (row, column) = (self.rows[i], self.columns[j]);
        (row != OUTSIDE && column != OUTSIDE).then(|| row + column)
    }
}

/// Transforms tiles of `N` x `N` numbers into tiles of `M` x `M`; what is missing counts as 0.
#[derive(Debug)]
pub(super) struct Tiles<'a, T, const N: usize, const M: usize> {
    pub(super) transform: T,
    pub(super) from: (&'a [f32], Layout),
    pub(super) to: (&'a mut [f32], Layout),
    /// Which of the tiles; in a stack they are counted from the first of these.
    pub(super) tiles: std::ops::Range<usize>,
    pub(super) channels: usize,
    pub(super) finish: Finish<'a>,
}

/// What becomes of the numbers that stand where the results go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Finish<'a> {
    Replace,
    /// Replaced, a number for each channel being added to the results.
    Bias(&'a [f32]),
    /// Added to.
    Add,
}

impl<T: Transform<N, M>, const N: usize, const M: usize> Tiles<'_, T, N, M> {
    pub(super) fn run(self) {
        Arch::new().dispatch(self);
    }
}

impl<T: Transform<N, M>, const N: usize, const M: usize> WithSimd for Tiles<'_, T, N, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for tile in self.tiles.clone() {
            let from = self.from.1.places::<N>(tile, self.tiles.start);
            let to = self.to.1.places::<M>(tile, self.tiles.start);
            // Most tiles lie wholly inside: for them there is nothing to ask at each number.
            if from.inside() && to.inside() {
                self.tile::<S, true>(simd, &from, &to);
            } else {
                self.tile::<S, false>(simd, &from, &to);
            }
        }
    }
}

impl<T: Transform<N, M>, const N: usize, const M: usize> Tiles<'_, T, N, M> {
    #[inline(always)]
    fn tile<S: Simd, const INSIDE: bool>(&mut self, simd: S, from: &Places<N>, to: &Places<M>) {
        // Loops, since closures would not be compiled for the vectors at hand.
        for channel in (0..self.channels).step_by(S::F32_LANES) {
            let mut rows = [[simd.splat_f32s(0.0); M]; N];
            for i in 0..N {
                let mut numbers = [simd.splat_f32s(0.0); N];
                for j in 0..N {
                    if INSIDE || from.at(i, j).is_some() {
                        let at = from.rows[i] + from.columns[j] + channel;
                        numbers[j] = read::<S>(&self.from.0[at..]);
                    }
                }
                rows[i] = self.transform.apply(simd, numbers);
            }
            for j in 0..M {
                let mut numbers = [simd.splat_f32s(0.0); N];
                for i in 0..N {
                    numbers[i] = rows[i][j];
                }
                let numbers = self.transform.apply(simd, numbers);
                for i in 0..M {
                    if INSIDE || to.at(i, j).is_some() {
                        let at = to.rows[i] + to.columns[j] + channel;
                        self.finish.write(simd, numbers[i], channel, &mut self.to.0[at..]);
                    }
                }
            }
        }
    }
}

impl Finish<'_> {
    #[inline(always)]
    fn write<S: Simd>(self, simd: S, number: S::f32s, channel: usize, to: &mut [f32]) {
        let to = S::as_mut_simd_f32s(&mut to[..S::F32_LANES]).0;
        to[0] = match self {
            Self::Replace => number,
            Self::Bias(bias) => simd.add_f32s(number, read::<S>(&bias[channel..])),
            Self::Add => simd.add_f32s(number, to[0]),
        };
    }
}

#[inline(always)]
fn read<S: Simd>(numbers: &[f32]) -> S::f32s {
    S::as_simd_f32s(&numbers[..S::F32_LANES]).0[0]
}
