//! The test of the test: a layer whose gradients are a hundredth too large must not pass.

use ceratops_core::{Context, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_layers::Dense;
use rand::SeedableRng;
use serde::Serialize;

use crate::{gradients, samples::draw, saving};

/// A Dense that reports a gradient wrongly.
#[derive(Debug, Clone, Serialize)]
struct Flawed {
    dense: Dense,
    flaw: Flaw,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
enum Flaw {
    None,
    Input,
    Kernel,
    Bias,
}

impl Layer for Flawed {
    const CLASS_NAME: &'static str = "Flawed";
    type Saved = <Dense as Layer>::Saved;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.dense.output_shape(input)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        self.dense.build(input, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        self.dense.forward(x, cx)
    }

    fn backward(
        &self,
        saved: Self::Saved,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dx = self.dense.backward(saved, dy, dw)?;
        let scale = |on: Flaw| if self.flaw == on { 1.01 } else { 1.0 };
        for (i, flaw) in [Flaw::Kernel, Flaw::Bias].into_iter().enumerate() {
            for dw in dw.get(i).into_iter().flat_map(Tensor::as_mut_slice) {
                *dw *= scale(flaw);
            }
        }
        Ok(dx.map(|dx| dx.map(|dx| dx * scale(Flaw::Input))))
    }

    fn params(&self) -> Vec<&Param> {
        self.dense.params()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.dense.params_mut()
    }
}

#[test]
fn a_gradient_off_by_a_hundredth_is_caught() {
    for (flaw, caught) in [
        (Flaw::None, ""),
        (Flaw::Input, "of x "),
        (Flaw::Kernel, "of kernel "),
        (Flaw::Bias, "of bias "),
    ] {
        let mut layer = Flawed { dense: Dense::new(3).activation("tanh"), flaw };
        layer.build(&Shape::batched([4]), &mut Rng::seed_from_u64(0)).unwrap();
        let error = gradients::check(&layer, &draw(&[3, 4], 1), saving).err().unwrap_or_default();
        assert!(error.contains(caught) && error.is_empty() == (flaw == Flaw::None), "{error}");
    }
}
