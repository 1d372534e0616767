//! Sequential as a layer, so that models nest.

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Result, Rng, Saved, Shape, Tensor,
};
use rand::RngCore;

use super::Sequential;
use crate::{
    Node,
    executor::{Chain, in_node},
    inference::infer,
};

impl Layer for Sequential {
    const CLASS_NAME: &'static str = "Sequential";
    type Saved = Vec<Option<Saved>>;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if let Some(own) = self.input_shape().filter(|own| !agree(own, input)) {
            let (expected, found) = (own.to_string(), input.to_string());
            let help = "the nested model was built for another input".into();
            return Err(Error::Shape { what: "input".into(), expected, found, help });
        }
        let mut shape = input.clone();
        for (index, node) in self.nodes.iter().enumerate() {
            shape = node.layer().output_shape(&shape).map_err(|e| in_node(e, node, index))?;
        }
        Ok(shape)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        // A model that has its weights already keeps them.
        if !self.is_built() {
            self.seed = rng.next_u64();
            self.blank = rng.is_blank();
            let built = Self::build(self, input.clone());
            self.blank = false;
            built?;
        }
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        let (logits, mut saved) = (cx.wants_logits(), Vec::new());
        if cx.save(|| ()).is_none() {
            return infer(&self.nodes, x, cx, logits).map(|y| (y, None));
        }
        let whole = 0..self.nodes.len();
        let y = Chain::new(&self.nodes).forward(whole, x, cx, logits, &mut saved)?;
        Ok((y, cx.save(|| saved)))
    }

    fn backward(
        &self,
        mut saved: Self::Saved,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        Chain::new(&self.nodes).backward(0..self.nodes.len(), &mut saved, dy, dw)
    }

    fn params(&self) -> Vec<&Param> {
        self.nodes.iter().flat_map(Node::params).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.nodes.iter_mut().flat_map(Node::params_mut).collect()
    }

    fn couples_samples(&self) -> bool {
        self.nodes.iter().any(|node| node.couples_samples(true))
    }

    fn closing_activation(&self) -> Option<Closing> {
        self.nodes.last().and_then(|node| node.layer().closing_activation())
    }
}

/// Whether a tensor can have both shapes.
fn agree(a: &Shape, b: &Shape) -> bool {
    let same = |(a, b): (&Option<usize>, &Option<usize>)| a.is_none() || b.is_none() || a == b;
    a.ndim() == b.ndim() && a.axes().iter().zip(b.axes()).all(same)
}
