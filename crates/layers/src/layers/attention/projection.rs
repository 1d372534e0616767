//! Projection: the dense layers within attention, whose kernels have an axis for the heads.

use ceratops_core::{Context, Error, Gradients, Param, Result, Rng, Tensor};
use ceratops_weights::Regularizer;

use super::super::{
    rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation,
    kernels::{Matrix, MatrixMut, add_bias, add_bias_gradient, matmul, matmul_add},
};

/// y = activation(x · kernel + bias), the kernel taken as a matrix.
#[derive(Debug, Clone)]
pub(super) struct Projection {
    kernel: Param,
    bias: Option<Param>,
    /// How many numbers it reads of each vector.
    inputs: usize,
    activation: AnyActivation,
}

/// What governs the weights of a projection.
pub(super) struct Governing<'a> {
    pub(super) kernel: rules::Rules<'a>,
    /// Nothing where there is no bias.
    pub(super) bias: Option<rules::Rules<'a>>,
}

impl Governing<'_> {
    /// Refuses what makes no sense for the weights and for the penalty on what is put out.
    pub(super) fn validate(&self, penalty: Option<&Regularizer>) -> Result<()> {
        let linear = AnyActivation::default();
        Tail { activation: &linear, regularizer: penalty, own: 0 }.validate()?;
        self.kernel.validate()?;
        self.bias.as_ref().map_or(Ok(()), rules::Rules::validate)
    }
}

impl Projection {
    /// The projection from the axes `from` of a vector to the axes `to`.
    pub(super) fn new(
        governing: &Governing<'_>,
        from: &[usize],
        to: &[usize],
        activation: AnyActivation,
        rng: &mut Rng,
    ) -> Result<Self> {
        let summed: Vec<usize> = (0..from.len()).collect();
        let shape = [from, to].concat();
        let kernel = governing.kernel.kernel("kernel", &shape, &summed, rng)?;
        let bias = governing.bias.as_ref().map(|bias| bias.weight("bias", to, rng)).transpose()?;
        Ok(Self { kernel, bias, inputs: from.iter().product(), activation })
    }

    fn outputs(&self) -> usize {
        self.kernel.value().len().checked_div(self.inputs).unwrap_or(0)
    }

    fn tail<'a>(&'a self, regularizer: Option<&'a Regularizer>) -> Tail<'a> {
        Tail { activation: &self.activation, regularizer, own: 0 }
    }

    /// What comes of the vectors of `x`, one in each row; a penalty on that is added to the loss.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        penalty: Option<&Regularizer>,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<SavedTail>)> {
        if !x.len().is_multiple_of(self.inputs.max(1)) {
            let expected = format!("vectors of {} numbers", self.inputs);
            return Err(Error::shape("input", expected, x.shape(), ""));
        }
        let outputs = self.outputs();
        let rows = x.len().checked_div(self.inputs).unwrap_or(0);
        let mut y = Tensor::for_overwrite(&[rows, outputs]);
        let kernel = Matrix::new(self.kernel.value().as_slice(), outputs);
        let to = MatrixMut::new(y.as_mut_slice(), outputs);
        matmul(Matrix::new(x.as_slice(), self.inputs), kernel, to);
        match &self.bias {
            Some(bias) => add_bias(&mut y, bias.value()),
            None => y = y.flushed(),
        }
        self.tail(penalty).forward(y, cx)
    }

    /// dL/dx, in the shape of `x`, if it is wanted.
    pub(super) fn backward(
        &self,
        x: &Tensor,
        saved: SavedTail,
        dy: Tensor,
        penalty: Option<&Regularizer>,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let outputs = self.outputs();
        let rows = x.len().checked_div(self.inputs).unwrap_or(0);
        let dy = dy.reshape(&[rows, outputs])?;
        let dz = self.tail(penalty).backward(saved, dy, dw)?;
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(1)) {
            add_bias_gradient(&dz, dbias);
        }
        let (rows, dz) =
            (Matrix::new(x.as_slice(), self.inputs), Matrix::new(dz.as_slice(), outputs));
        if let Some(dkernel) = dw.get(0) {
            matmul_add(rows.transposed(), dz, MatrixMut::new(dkernel.as_mut_slice(), outputs));
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        let mut dx = Tensor::for_overwrite(x.shape());
        let kernel = Matrix::new(self.kernel.value().as_slice(), outputs).transposed();
        matmul(dz, kernel, MatrixMut::new(dx.as_mut_slice(), self.inputs));
        Ok(Some(dx))
    }

    pub(super) fn params(&self) -> impl Iterator<Item = &Param> {
        std::iter::once(&self.kernel).chain(&self.bias)
    }

    pub(super) fn params_mut(&mut self) -> impl Iterator<Item = &mut Param> {
        std::iter::once(&mut self.kernel).chain(&mut self.bias)
    }
}
