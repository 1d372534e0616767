//! The matrix product: the one place that chooses whose it is.

use ceratops_core::Tensor;
use ndarray::{ArrayView2, ArrayViewMut2, linalg::general_mat_mul};

/// c = a · b, on one thread.
pub(crate) fn matmul(
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    mut c: ArrayViewMut2<'_, f32>,
) {
    general_mat_mul(1.0, &a, &b, 0.0, &mut c);
}

/// c += a · b, on one thread.
pub(crate) fn matmul_add(
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    mut c: ArrayViewMut2<'_, f32>,
) {
    general_mat_mul(1.0, &a, &b, 1.0, &mut c);
}

/// Adds `bias` to each row of `y`.
pub(crate) fn add_bias(y: &mut Tensor, bias: &Tensor) {
    let bias = bias.as_slice();
    for row in y.as_mut_slice().chunks_exact_mut(bias.len().max(1)) {
        for (y, b) in row.iter_mut().zip(bias) {
            *y += b;
        }
    }
}

/// Adds the sum of the rows of `dy` to `dbias`.
pub(crate) fn add_bias_gradient(dy: &Tensor, dbias: &mut Tensor) {
    let dbias = dbias.as_mut_slice();
    for row in dy.as_slice().chunks_exact(dbias.len().max(1)) {
        for (sum, dy) in dbias.iter_mut().zip(row) {
            *sum += dy;
        }
    }
}
