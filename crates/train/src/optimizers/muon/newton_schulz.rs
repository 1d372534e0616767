//! The Newton-Schulz iteration, by which a matrix becomes nearly orthogonal.

use ndarray::Array2;

use crate::optimizers::elementwise::{map_each, sum_of_squares};

/// X becomes a X + (b A + c A²) X, where A = X Xᵀ, some times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Polynomial {
    pub(super) a: f32,
    pub(super) b: f32,
    pub(super) c: f32,
    pub(super) times: usize,
}

/// What becomes of the matrix divided by its norm.
pub(super) fn orthogonalized(mut matrix: Array2<f32>, polynomial: Polynomial) -> Array2<f32> {
    if let Some(numbers) = matrix.as_slice_mut() {
        let norm = sum_of_squares(numbers).sqrt() as f32 + 1e-7;
        map_each(numbers, move |x| x / norm);
    }
    // A is the smaller, the fewer rows there are.
    if matrix.nrows() > matrix.ncols() {
        applied(matrix.reversed_axes(), polynomial).reversed_axes()
    } else {
        applied(matrix, polynomial)
    }
}

fn applied(mut x: Array2<f32>, Polynomial { a, b, c, times }: Polynomial) -> Array2<f32> {
    for _ in 0..times {
        let squares = x.dot(&x.t());
        let factor = b * &squares + c * squares.dot(&squares);
        x = a * &x + factor.dot(&x);
    }
    x
}
