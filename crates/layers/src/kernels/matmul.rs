//! The matrix product: the one place that chooses whose it is.
//!
//! It is gemmkit's, which was the fastest of those tried on the products of small convolutional
//! networks and is called without `unsafe`. Where the executor found only one chunk, so that the
//! other cores are idle, they share a large product; how it is cut does not depend on their number.

use std::ops::Range;

use ceratops_core::{Tensor, flushed, parallel, vectorize};
use gemmkit::{MatMut, MatRef, Parallelism, gemm};

/// A product of so many multiply-adds or more is cut, where it has the cores for itself.
const LARGE: usize = 1 << 22;
/// Into how many parts.
const PARTS: usize = 4;
/// With fewer rows than this the columns are cut: each part reads the other factor as a whole.
const MANY_ROWS: usize = 256;

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

    /// Some of the columns.
    pub(crate) fn columns(self, range: Range<usize>) -> Self {
        let start = range.start * self.strides[1].unsigned_abs();
        let data = self.data.get(start..).unwrap_or_default();
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
    if parallel::is_spread() || a.rows.saturating_mul(a.columns).saturating_mul(b.columns) < LARGE {
        serial(a, b, keep, c);
    } else if c.rows >= MANY_ROWS {
        by_rows(a, b, keep, c);
    } else {
        by_columns(a, b, keep, c);
    }
}

/// The product in blocks of rows, at the same time.
fn by_rows(a: Matrix<'_>, b: Matrix<'_>, keep: f32, c: MatrixMut<'_>) {
    let block = c.rows.div_ceil(PARTS);
    let blocks = c.data.chunks_mut(block * c.stride as usize).enumerate();
    let mut blocks: Vec<_> = blocks.map(|(i, data)| (i * block, data)).collect();
    parallel::for_each(&mut blocks, |(start, data)| {
        let rows = block.min(c.rows - *start);
        let c = MatrixMut { data, rows, columns: c.columns, stride: c.stride };
        serial(a.rows(*start..*start + rows), b, keep, c);
    });
}

/// The product in blocks of columns, at the same time: each in memory of its own, since the
/// columns of c are no slices.
fn by_columns(a: Matrix<'_>, b: Matrix<'_>, keep: f32, c: MatrixMut<'_>) {
    let (rows, width) = (c.rows, c.columns.div_ceil(PARTS));
    let starts = (0..c.columns).step_by(width);
    let blocks = starts.map(|start| (start..(start + width).min(c.columns), None));
    let mut blocks: Vec<(Range<usize>, Option<Tensor>)> = blocks.collect();
    parallel::for_each(&mut blocks, |(columns, part)| {
        let mut own = Tensor::for_overwrite(&[rows, columns.len()]);
        let c = MatrixMut::new(own.as_mut_slice(), columns.len());
        serial(a, b.columns(columns.clone()), 0.0, c);
        *part = Some(own);
    });
    for (columns, part) in &blocks {
        let Some(part) = part else { continue };
        let lines = c.data.chunks_mut(c.stride as usize).zip(part.as_slice().chunks(columns.len()));
        for (line, part) in lines {
            for (c, part) in line[columns.clone()].iter_mut().zip(part) {
                *c = if keep == 0.0 { *part } else { *c + part };
            }
        }
    }
}

fn serial(a: Matrix<'_>, b: Matrix<'_>, keep: f32, c: MatrixMut<'_>) {
    let [a, b] = [a, b].map(|m| {
        let [down, right] = m.strides;
        MatRef::new(m.data, m.rows, m.columns, down, right)
    });
    let c = MatMut::new(c.data, c.rows, c.columns, c.stride, 1);
    gemm(1.0, a, b, keep, c, Parallelism::Serial);
}

/// Adds `bias` to each row of `y`. What is below the normal numbers becomes 0, since the next layer
/// would take long for it.
pub(crate) fn add_bias(y: &mut Tensor, bias: &Tensor) {
    let bias = bias.as_slice();
    let y = y.as_mut_slice();
    vectorize(
        #[inline(always)]
        || {
            for row in y.chunks_exact_mut(bias.len().max(1)) {
                row.iter_mut().zip(bias).for_each(|(y, b)| *y = flushed(*y + b));
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
