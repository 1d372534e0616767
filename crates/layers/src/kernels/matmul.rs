//! The matrix product: the one place that chooses whose it is.
//!
//! It is gemmkit's, which was the fastest of those tried on the products of small convolutional
//! networks and is called without `unsafe`. A large product is cut in blocks of rows, which the
//! cores share where the executor left some idle; the cuts do not depend on their number.

use std::ops::Range;

use ceratops_core::{Tensor, parallel, vectorize};
use gemmkit::{MatMut, MatRef, Parallelism, gemm};

/// A product of so many multiply-adds or more is cut.
const LARGE: usize = 1 << 22;
/// Into so many blocks at most,
const BLOCKS: usize = 8;
/// of so many rows at least: each block reads the whole second factor.
const BLOCK_ROWS: usize = 16;

/// A matrix in memory that somebody else owns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    /// How far apart neighbours of a column and of a row lie.
    strides: [isize; 2],
}

impl<'a> Matrix<'a> {
    /// `data`, row by row, in rows of so many `columns`.
    pub(crate) fn new(data: &'a [f32], columns: usize) -> Self {
        let rows = data.len().checked_div(columns).unwrap_or(0);
        Self { data, rows, columns, strides: [columns as isize, 1] }
    }

    /// Rows for columns.
    pub(crate) fn transposed(self) -> Self {
        let [down, right] = self.strides;
        Self { rows: self.columns, columns: self.rows, strides: [right, down], ..self }
    }

    /// Some of the rows.
    fn rows(self, range: Range<usize>) -> Self {
        let start = range.start * self.strides[0].unsigned_abs();
        Self { data: self.data.get(start..).unwrap_or_default(), rows: range.len(), ..self }
    }

    /// Some of the columns of a matrix that is not transposed.
    pub(crate) fn columns(self, range: Range<usize>) -> Self {
        let data = self.data.get(range.start..).unwrap_or_default();
        Self { data, columns: range.len(), ..self }
    }
}

/// A matrix to be written, row by row.
#[derive(Debug)]
pub(crate) struct MatrixMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    columns: usize,
    stride: isize,
}

impl<'a> MatrixMut<'a> {
    /// `data`, row by row, in rows of so many `columns`.
    pub(crate) fn new(data: &'a mut [f32], columns: usize) -> Self {
        let rows = data.len().checked_div(columns).unwrap_or(0);
        Self { data, rows, columns, stride: columns as isize }
    }

    /// Some of the columns.
    pub(crate) fn columns(self, range: Range<usize>) -> Self {
        let data = self.data.get_mut(range.start..).unwrap_or_default();
        Self { data, columns: range.len(), ..self }
    }
}

/// c = a · b
pub(crate) fn matmul(a: Matrix<'_>, b: Matrix<'_>, c: MatrixMut<'_>) {
    product(a, b, 0.0, c);
}

/// c += a · b
pub(crate) fn matmul_add(a: Matrix<'_>, b: Matrix<'_>, c: MatrixMut<'_>) {
    product(a, b, 1.0, c);
}

fn product(a: Matrix<'_>, b: Matrix<'_>, keep: f32, c: MatrixMut<'_>) {
    if a.data.is_empty() || b.data.is_empty() {
        // A sum of nothing.
        if keep == 0.0 {
            c.data.fill(0.0);
        }
        return;
    }
    let block = c.rows.div_ceil(BLOCKS).max(BLOCK_ROWS);
    if block >= c.rows || a.rows * a.columns * b.columns < LARGE {
        return serial(a, b, keep, c);
    }
    let row = c.stride as usize;
    let blocks = c.data.chunks_mut(block * row).enumerate();
    let mut blocks: Vec<_> = blocks.map(|(i, data)| (i * block, data)).collect();
    parallel::for_each(&mut blocks, |(start, data)| {
        let rows = block.min(c.rows - *start);
        let c = MatrixMut { data, rows, columns: c.columns, stride: c.stride };
        serial(a.rows(*start..*start + rows), b, keep, c);
    });
}

fn serial(a: Matrix<'_>, b: Matrix<'_>, keep: f32, c: MatrixMut<'_>) {
    let [a, b] = [a, b].map(|m| {
        let [down, right] = m.strides;
        MatRef::new(m.data, m.rows, m.columns, down, right)
    });
    let c = MatMut::new(c.data, c.rows, c.columns, c.stride, 1);
    gemm(1.0, a, b, keep, c, Parallelism::Serial);
}

/// Adds `bias` to each row of `y`.
pub(crate) fn add_bias(y: &mut Tensor, bias: &Tensor) {
    let bias = bias.as_slice();
    let y = y.as_mut_slice();
    vectorize(
        #[inline(always)]
        || {
            for row in y.chunks_exact_mut(bias.len().max(1)) {
                row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
            }
        },
    );
}

/// Adds the sum of the rows of `dy` to `dbias`.
pub(crate) fn add_bias_gradient(dy: &Tensor, dbias: &mut Tensor) {
    let (dy, dbias) = (dy.as_slice(), dbias.as_mut_slice());
    vectorize(
        #[inline(always)]
        || {
            for row in dy.chunks_exact(dbias.len().max(1)) {
                dbias.iter_mut().zip(row).for_each(|(sum, dy)| *sum += dy);
            }
        },
    );
}
