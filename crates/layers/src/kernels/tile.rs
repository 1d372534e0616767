//! The product of which convolutions are made: tiles of the result that stay in registers.
//!
//! A tile has up to 6 rows of 4 vectors, or 12 rows of 2: of AVX-512's 32 registers 24 hold sums.
//! Each step over k loads 4 vectors of b and 6 numbers of a for 24 multiply-adds. Nothing is
//! copied into another order first: rows of a may overlap, as the patches of an image do.

use pulp::{Arch, Simd, WithSimd};

/// The columns of a product must be a multiple of this: the numbers of the widest vector.
pub(crate) const COLUMNS: usize = 16;

/// c\[i, j\] = start + Σ a\[i, k\] · b\[k, j\], the sum going over several pieces of a and b.
#[derive(Debug)]
pub(crate) struct Product<'a> {
    pub(crate) a: Rows<'a>,
    /// The rows of b, whose columns are neighbours, lie so far apart.
    pub(crate) b: (&'a [f32], usize),
    pub(crate) pieces: Pieces,
    /// The length of k in each piece.
    pub(crate) len: usize,
    /// How many rows of c there are, and how many columns.
    pub(crate) size: (usize, usize),
    pub(crate) start: Start<'a>,
}

/// The first factor: a\[i, k\] stands at i · `down` + k · `right`, where one of both is 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) numbers: &'a [f32],
    pub(crate) down: usize,
    pub(crate) right: usize,
}

/// Where the pieces begin, in rows and columns: piece (i, j) of a at i · `down` + j · `right`, those
/// of b one after another, `step` apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pieces {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) down: usize,
    pub(crate) right: usize,
    pub(crate) step: usize,
}

impl Pieces {
    /// The whole as one piece.
    pub(crate) const ONE: Self = Self::column(1, 0, 0);

    /// So many pieces, `down` apart in a and `step` in b.
    pub(crate) const fn column(rows: usize, down: usize, step: usize) -> Self {
        Self { rows, columns: 1, down, right: 0, step }
    }

    /// Where each piece begins, in a and in b.
    pub(crate) fn starts(self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.rows * self.columns).map(move |piece| self.start(piece))
    }

    #[inline(always)]
    fn start(self, piece: usize) -> (usize, usize) {
        let (row, column) = (piece / self.columns, piece % self.columns);
        (row * self.down + column * self.right, piece * self.step)
    }
}

/// What the sums begin with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start<'a> {
    Zero,
    /// What c holds.
    Sum,
    /// A number for each column.
    Bias(&'a [f32]),
}

impl Product<'_> {
    /// Writes the product to `c`, whose rows lie `row` apart.
    pub(crate) fn write(self, c: &mut [f32], row: usize) {
        Arch::new().dispatch(Run { product: self, c, row });
    }
}

struct Run<'a, 'c> {
    product: Product<'a>,
    c: &'c mut [f32],
    row: usize,
}

impl WithSimd for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let columns = self.product.size.1;
        let most = if S::REGISTER_COUNT >= 32 { 4 } else { 2 };
        let mut j = 0;
        while j < columns {
            let vectors = ((columns - j) / S::F32_LANES).clamp(1, most);
            match vectors {
                1 => self.column::<S, 1>(simd, j),
                2 => self.column::<S, 2>(simd, j),
                3 => self.column::<S, 3>(simd, j),
                _ => self.column::<S, 4>(simd, j),
            }
            j += vectors * S::F32_LANES;
        }
    }
}

impl Run<'_, '_> {
    /// All rows of the `N` vectors of columns from `j` on.
    #[inline(always)]
    fn column<S: Simd, const N: usize>(&mut self, simd: S, j: usize) {
        let rows = self.product.size.0;
        // More rows would not fit in the registers.
        let tall = N <= 2 && S::REGISTER_COUNT >= 32;
        let mut i = 0;
        while i < rows {
            i += match rows - i {
                12.. if tall => self.tile::<S, 12, N>(simd, i, j),
                6.. => self.tile::<S, 6, N>(simd, i, j),
                4 => self.tile::<S, 4, N>(simd, i, j),
                3 | 5 => self.tile::<S, 3, N>(simd, i, j),
                2 => self.tile::<S, 2, N>(simd, i, j),
                _ => self.tile::<S, 1, N>(simd, i, j),
            };
        }
    }

    /// `M` rows of `N` vectors; says how many rows these are.
    #[inline(always)]
    fn tile<S: Simd, const M: usize, const N: usize>(
        &mut self,
        simd: S,
        i: usize,
        j: usize,
    ) -> usize {
        let Product { a, b: (b, step), pieces, len, start, .. } = self.product;
        let width = N * S::F32_LANES;
        let c = &mut self.c[i * self.row + j..];
        let mut sums = [[simd.splat_f32s(0.0); N]; M];
        match start {
            Start::Zero => {}
            Start::Bias(bias) => sums = [load::<S, N>(&bias[j..]); M],
            Start::Sum => sums = std::array::from_fn(|m| load::<S, N>(&c[m * self.row..])),
        }
        for piece in 0..pieces.rows * pieces.columns {
            let (at, from) = pieces.start(piece);
            let b = b[from + j..].chunks(step).take(len);
            if a.right == 1 {
                let row = |m| &a.numbers[at + (i + m) * a.down..][..len];
                let rows: [&[f32]; M] = std::array::from_fn(row);
                for (k, b) in (0..len).zip(b) {
                    let b = load::<S, N>(b);
                    for m in 0..M {
                        add(simd, &mut sums[m], rows[m][k], b);
                    }
                }
            } else {
                let numbers = &a.numbers[at + i..];
                for (k, b) in b.enumerate() {
                    let (a, b) = (&numbers[k * a.right..][..M], load::<S, N>(b));
                    for m in 0..M {
                        add(simd, &mut sums[m], a[m], b);
                    }
                }
            }
        }
        for (m, sums) in sums.into_iter().enumerate() {
            let c = S::as_mut_simd_f32s(&mut c[m * self.row..][..width]).0;
            c[..N].copy_from_slice(&sums);
        }
        M
    }
}

#[inline(always)]
fn load<S: Simd, const N: usize>(numbers: &[f32]) -> [S::f32s; N] {
    let vectors = S::as_simd_f32s(&numbers[..N * S::F32_LANES]).0;
    std::array::from_fn(|n| vectors[n])
}

/// sums += a · b
#[inline(always)]
fn add<S: Simd, const N: usize>(simd: S, sums: &mut [S::f32s; N], a: f32, b: [S::f32s; N]) {
    let a = simd.splat_f32s(a);
    for n in 0..N {
        sums[n] = simd.mul_add_e_f32s(a, b[n], sums[n]);
    }
}
