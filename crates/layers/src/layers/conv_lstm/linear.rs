//! The two convolutions of a ConvLSTM, with what is dropped before them.

use ceratops_core::{Param, Result, Tensor};

use super::super::recurrent::{Drops, dropped, join, split};
use crate::kernels::Convolution;

/// A convolution with the filters of four gates side by side.
pub(super) struct Linear<'a> {
    pub(super) convolution: Convolution,
    pub(super) kernel: &'a Param,
    pub(super) drops: &'a Drops,
}

const GATES: usize = 4;

impl Linear<'_> {
    /// The convolution for one gate, and its kernel.
    fn of_gate(&self, gate: usize) -> (Convolution, Param) {
        let filters = self.convolution.filters / GATES;
        let kernel = Param::new("kernel", split(self.kernel.value(), &[gate], GATES));
        (Convolution { filters, ..self.convolution }, kernel)
    }

    /// z = x ∗ kernel + bias, where x is (batch, places, channels), or such at all times.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        bias: Option<&Tensor>,
        shape: &[usize],
    ) -> Result<Tensor> {
        let mut z = Tensor::for_overwrite(shape);
        if self.drops.patterns().is_empty() {
            self.convolution.forward(&self.images(x)?, self.kernel, bias, &mut z);
            return Ok(z);
        }
        for (gate, pattern) in self.drops.patterns().iter().enumerate() {
            let (convolution, kernel) = self.of_gate(gate);
            let mut part = Tensor::for_overwrite(split(&z, &[gate], GATES).shape());
            let bias = bias.map(|bias| split(bias, &[gate], GATES));
            let x = self.images(&dropped(x, Some(pattern)))?;
            convolution.forward(&x, &kernel, bias.as_ref(), &mut part);
            join(&part, &[gate], GATES, &mut z);
        }
        Ok(z)
    }

    /// Adds dL/dkernel to `dkernel`.
    pub(super) fn kernel_gradient(
        &self,
        x: &Tensor,
        dz: &Tensor,
        dkernel: &mut Tensor,
    ) -> Result<()> {
        if self.drops.patterns().is_empty() {
            self.convolution.kernel_gradient(&self.images(x)?, dz, dkernel);
            return Ok(());
        }
        for (gate, pattern) in self.drops.patterns().iter().enumerate() {
            let mut part = split(dkernel, &[gate], GATES);
            let x = self.images(&dropped(x, Some(pattern)))?;
            let dz = split(dz, &[gate], GATES);
            self.of_gate(gate).0.kernel_gradient(&x, &dz, &mut part);
            join(&part, &[gate], GATES, dkernel);
        }
        Ok(())
    }

    /// dL/dx, in the shape of x.
    pub(super) fn input_gradient(&self, dz: &Tensor, x: &[usize]) -> Result<Tensor> {
        let zeros = || self.images(&Tensor::zeros(x));
        let mut dx = zeros()?;
        if self.drops.patterns().is_empty() {
            self.convolution.input_gradient(dz, self.kernel, &mut dx);
            return dx.reshape(x);
        }
        let mut dx = dx.reshape(x)?;
        for (gate, pattern) in self.drops.patterns().iter().enumerate() {
            let (convolution, kernel) = self.of_gate(gate);
            let mut part = zeros()?;
            convolution.input_gradient(&split(dz, &[gate], GATES), &kernel, &mut part);
            dx.add_scaled(1.0, &dropped(&part.reshape(x)?, Some(pattern)))?;
        }
        Ok(dx)
    }

    /// The images of all times as one batch.
    fn images(&self, x: &Tensor) -> Result<Tensor> {
        let places = self.kernel.value().ndim() - 1;
        let shape = x.shape();
        let (lead, image) = shape.split_at(shape.len().saturating_sub(places));
        x.clone().reshape(&[&[lead.iter().product()], image].concat())
    }
}
