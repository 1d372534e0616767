//! LSTM's weights: what governs them, their first values, their gradients.

use ceratops_core::{Gradients, Param, Result, Rng, Tensor};

use super::{super::rules::Rules, LSTM, Masks, WEIGHTS};
use crate::kernels::add_bias_gradient;

impl LSTM {
    /// What governs the kernel, the recurrent kernel and the bias.
    pub(super) fn rules(&self) -> [Rules<'_>; WEIGHTS] {
        [
            Rules::new(&self.kernel_initializer, &self.kernel_regularizer, &self.kernel_constraint),
            Rules::new(
                &self.recurrent_initializer,
                &self.recurrent_regularizer,
                &self.recurrent_constraint,
            ),
            Rules::new(&self.bias_initializer, &self.bias_regularizer, &self.bias_constraint),
        ]
    }

    /// The bias' first values: as the initializer has it, but 1 for f if that is wanted.
    fn first_bias(&self, rng: &mut Rng) -> Result<Tensor> {
        let mut draw = |len| self.bias_initializer.draw(&[len], rng);
        if !self.unit_forget_bias {
            return draw(self.units.saturating_mul(4));
        }
        let before = draw(self.units)?;
        Tensor::concat(&[
            before,
            Tensor::full(&[self.units], 1.0),
            draw(self.units.saturating_mul(2))?,
        ])
    }

    /// The kernel, the recurrent kernel and the bias, if there is one.
    pub(super) fn draw(
        &self,
        features: usize,
        rng: &mut Rng,
    ) -> Result<(Option<Param>, Option<Param>, Option<Param>)> {
        let columns = self.units.saturating_mul(4);
        let [kernel, recurrent, bias] = self.rules();
        let kernel = kernel.weight("kernel", &[features, columns], rng)?;
        let recurrent = recurrent.weight("recurrent_kernel", &[self.units, columns], rng)?;
        let bias = if self.use_bias { Some(bias.of("bias", self.first_bias(rng)?)?) } else { None };
        Ok((Some(kernel), Some(recurrent), bias))
    }

    /// Adds what each sample and time says of the weights.
    pub(super) fn add_gradients(
        &self,
        [x, hidden]: [&Tensor; 2],
        masks: &[Masks; 2],
        dz: &Tensor,
        dw: &mut Gradients<'_>,
    ) {
        // dL/dkernel = xᵀ · dz
        if let Some(dkernel) = dw.get(0) {
            masks[0].weight_gradient(x, dz, dkernel);
        }
        // dL/drecurrent_kernel = h₋₁ᵀ · dz
        if let Some(drecurrent) = dw.get(1) {
            masks[1].weight_gradient(hidden, dz, drecurrent);
        }
        // dL/dbias = the sum of dz over samples and times
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(2)) {
            add_bias_gradient(dz, dbias);
        }
    }
}
