//! An affine map: y = x · kernel + bias.

use ceratops_core::{Error, Result, Shape, Tensor};

use crate::{
    kernels::{Matrix, MatrixMut, matmul, matmul_add},
    layers::expect_ndim,
};

/// A map from (batch, inputs) to (batch, units).
#[derive(Debug, Clone, Copy)]
pub(super) struct Affine<'a> {
    pub(super) kernel: &'a [f32],
    pub(super) bias: Option<&'a [f32]>,
    pub(super) units: usize,
}

impl Affine<'_> {
    /// x · kernel + bias
    pub(super) fn of(self, x: &Tensor) -> Result<Tensor> {
        let inputs = self.kernel.len().checked_div(self.units).unwrap_or(0);
        if x.ndim() != 2 || x.sample_len() != inputs {
            return Err(Error::shape("input", format!("(batch, {inputs})"), x.shape(), ""));
        }
        let mut y = Tensor::for_overwrite(&[x.batch(), self.units]);
        let kernel = Matrix::new(self.kernel, self.units);
        let to = MatrixMut::new(y.as_mut_slice(), self.units);
        matmul(Matrix::new(x.as_slice(), inputs), kernel, to);
        if let Some(bias) = self.bias {
            let rows = y.as_mut_slice().chunks_exact_mut(self.units.max(1));
            rows.for_each(|row| row.iter_mut().zip(bias).for_each(|(y, b)| *y += b));
        }
        Ok(y)
    }

    /// Adds dL/dx = dz · kernelᵀ to `dx`.
    pub(super) fn add_dx(self, dz: &Tensor, dx: &mut Tensor) {
        let inputs = dx.sample_len();
        let kernel = Matrix::new(self.kernel, self.units).transposed();
        let dz = Matrix::new(dz.as_slice(), self.units);
        matmul_add(dz, kernel, MatrixMut::new(dx.as_mut_slice(), inputs));
    }
}

/// Adds dL/dkernel = xᵀ · dz to `dkernel`.
pub(super) fn add_dkernel(x: &Tensor, dz: &Tensor, dkernel: &mut [f32]) {
    let units = dz.sample_len();
    let x = Matrix::new(x.as_slice(), x.sample_len()).transposed();
    matmul_add(x, Matrix::new(dz.as_slice(), units), MatrixMut::new(dkernel, units));
}

/// Adds dL/dbias, the sum of dz over the batch, to `dbias`.
pub(super) fn add_dbias(dz: &Tensor, dbias: &mut [f32]) {
    let rows = dz.as_slice().chunks_exact(dz.sample_len().max(1));
    rows.for_each(|row| dbias.iter_mut().zip(row).for_each(|(sum, dz)| *sum += dz));
}

/// The length of the vectors of an input.
pub(super) fn inputs(input: &Shape) -> Result<usize> {
    expect_ndim(input, 2, "(batch, inputs)", "put a Flatten in front of it")?;
    input.last().ok_or_else(|| {
        Error::argument("input_shape", "a known length of the last axis", input)
            .with_help("set it in the Input: the kernel's size depends on it")
    })
}
