//! A model as a layer, so that models nest.

use std::collections::HashMap;

use ceratops_core::{
    Closing, Context, Error, Gradients, Mask, Mode, MultiLayer, Param, Part, Result, Rng, Shape,
    Tensor, Tensors,
};
use rand::RngCore;

use super::Model;
use crate::{
    Node, Operation, Sequential,
    executor::{Flow, Logits, Plan, in_node},
    inference::{infer, infer_one},
    snake_case,
};

impl MultiLayer for Model {
    const CLASS_NAME: &'static str = "Functional";
    type Saved = Flow;

    fn class_name(&self) -> &'static str {
        if self.sequential { "Sequential" } else { Self::CLASS_NAME }
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        self.check_shapes(inputs)?;
        let mut shapes = inputs.to_vec();
        for call in &self.calls {
            let node = &self.layers[call.layer];
            let taken: Vec<Shape> = call.inputs.iter().map(|&v| shapes[v].clone()).collect();
            let made = node.shapes_of_call(&taken, call.manner.arguments());
            shapes.extend(made.map_err(|e| in_node(e, node, call.layer))?);
        }
        Ok(self.outputs.iter().map(|&output| shapes[output].clone()).collect())
    }

    /// Its layers are asked one by one.
    fn reads_text(&self) -> bool {
        true
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        // A model that has its weights already keeps them.
        let ([input], false) = (inputs, self.is_built()) else { return Ok(()) };
        self.seed = rng.next_u64();
        self.blank = rng.is_blank();
        let built = self.build(input.clone());
        self.blank = false;
        built?;
        MultiLayer::params(self).iter().try_for_each(|param| rng.count(param.value().shape()))
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Flow>)> {
        let logits = Logits::from(cx.wants_logits());
        if cx.save(|| ()).is_none() {
            let masks = cx.masks().to_vec();
            return infer(self, xs, masks, cx, logits).map(|(ys, _)| (ys, None));
        }
        let plan = Plan::in_order(self);
        let mut flow = Flow::new(&plan, xs, cx.masks());
        for i in 0..plan.steps.len() {
            flow.forward(&plan, i, cx, logits)?;
        }
        let ys = flow.outputs(&plan)?.into();
        flow.forget_values();
        Ok((ys, Some(flow)))
    }

    fn backward_all(
        &self,
        mut flow: Flow,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let plan = Plan::in_order(self);
        for (&slot, dy) in plan.outputs.iter().zip(dys) {
            dy.map_or(Ok(()), |dy| flow.add(slot, dy))?;
        }
        for i in (0..plan.steps.len()).rev() {
            flow.backward(&plan, i, dw, None)?;
        }
        Ok(plan.inputs.iter().map(|&slot| flow.gradients[slot].take()).collect())
    }

    fn output_masks(&self, xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        let xs: Tensors = xs.iter().cloned().collect();
        let cx = &mut Context::inference();
        Ok(infer(self, xs, masks.to_vec(), cx, Logits::NONE)?.1)
    }

    fn makes_mask(&self) -> bool {
        self.schedule.makes_masks()
    }

    fn params(&self) -> Vec<&Param> {
        self.layers.iter().flat_map(crate::Node::params).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.layers.iter_mut().flat_map(crate::Node::params_mut).collect()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = vec![Part::own(Vec::new())];
        for (key, node) in self.keyed() {
            let attribute = format!("layers/{key}");
            let held = node.layer().parts().into_iter();
            parts.extend(held.map(|part| part.within(&attribute, node.name())));
        }
        parts
    }

    fn freeze(&mut self, frozen: bool) {
        let layers = self.layers.iter_mut();
        layers.for_each(|node| node.layer.freeze(frozen || !node.trainable));
    }

    fn set_held_trainable(&mut self, trainable: bool) {
        self.set_trainable(trainable);
    }

    fn couples_samples(&self) -> bool {
        self.couples(Mode::Training)
    }

    fn is_stateful(&self) -> bool {
        self.layers.iter().any(|node| node.layer.is_stateful())
    }

    fn reset_state(&self) {
        self.reset_states();
    }

    fn memories(&self) -> Vec<Vec<Tensor>> {
        self.layers.iter().flat_map(|node| node.layer.memories()).collect()
    }

    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        let mut rest = memories.into_iter();
        for node in &self.layers {
            let own = node.layer.memories().len();
            node.layer.remember(rest.by_ref().take(own).collect());
        }
    }

    fn closing_activation(&self) -> Option<Closing> {
        let &[output] = &self.outputs[..] else { return None };
        self.closing_of(0).filter(|_| output >= self.input_count())
    }

    fn forward_one(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Flow>)> {
        if cx.save(|| ()).is_none() && cx.mask().is_none() {
            let logits = Logits::from(cx.wants_logits());
            return Ok((infer_one(self, x, cx, logits)?, None));
        }
        let (ys, saved) = self.forward_all(x.into(), cx)?;
        Ok((ys.single()?, saved))
    }
}

/// A chain is the model that it makes.
impl MultiLayer for Sequential {
    const CLASS_NAME: &'static str = "Sequential";
    type Saved = Flow;

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        MultiLayer::output_shapes(&**self, inputs)
    }

    fn reads_text(&self) -> bool {
        true
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        (**self).build_all(inputs, rng)
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Flow>)> {
        (**self).forward_all(xs, cx)
    }

    fn backward_all(
        &self,
        saved: Flow,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        (**self).backward_all(saved, dys, dw)
    }

    fn output_masks(&self, xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        (**self).output_masks(xs, masks)
    }

    fn makes_mask(&self) -> bool {
        (**self).makes_mask()
    }

    fn params(&self) -> Vec<&Param> {
        MultiLayer::params(&**self)
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        MultiLayer::params_mut(&mut **self)
    }

    fn parts(&self) -> Vec<Part<'_>> {
        MultiLayer::parts(&**self)
    }

    fn freeze(&mut self, frozen: bool) {
        MultiLayer::freeze(&mut **self, frozen);
    }

    fn set_held_trainable(&mut self, trainable: bool) {
        MultiLayer::set_held_trainable(&mut **self, trainable);
    }

    fn couples_samples(&self) -> bool {
        (**self).couples_samples()
    }

    fn is_stateful(&self) -> bool {
        (**self).is_stateful()
    }

    fn reset_state(&self) {
        self.reset_states();
    }

    fn memories(&self) -> Vec<Vec<Tensor>> {
        (**self).memories()
    }

    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        (**self).remember(memories);
    }

    fn closing_activation(&self) -> Option<Closing> {
        (**self).closing_activation()
    }

    fn forward_one(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Flow>)> {
        (**self).forward_one(x, cx)
    }
}

impl Model {
    /// The layers by the keys under which Keras' weight files have them: the class, with a number from the
    /// second on.
    pub fn keyed(&self) -> impl Iterator<Item = (String, &Node)> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        // Operations are no layers to Keras.
        let layers = self.layers.iter().filter(|node| node.downcast_ref::<Operation>().is_none());
        layers.map(move |node| {
            let class = node.saved_class();
            let count = seen.entry(class).or_default();
            let (before, key) = (*count, snake_case(class));
            *count += 1;
            (if before == 0 { key } else { format!("{key}_{before}") }, node)
        })
    }

    /// The activation that closes output `place`, if a loss can take it over: if nothing else reads
    /// the output.
    pub fn closing_of(&self, place: usize) -> Option<Closing> {
        let call = self.made_by(*self.outputs.get(place)?)?;
        self.schedule.closes(call).filter(|&closed| closed == place)?;
        self.layers[self.calls[call].layer].layer().closing_activation()
    }

    /// Refuses inputs of other shapes than the model was built for.
    fn check_shapes(&self, inputs: &[Shape]) -> Result<()> {
        if inputs.len() != self.input_count() {
            let expected = format!("{} tensors", self.input_count());
            return Err(Error::argument("inputs", expected, inputs.len()));
        }
        match self.input_shapes().into_iter().zip(inputs).find(|(own, input)| !agree(own, input)) {
            None => Ok(()),
            Some((own, input)) => {
                let (expected, found) = (own.to_string(), input.to_string());
                let help = "the nested model was built for another input".into();
                Err(Error::Shape { what: "input".into(), expected, found, help })
            }
        }
    }
}

/// Whether a tensor can have both shapes.
fn agree(a: &Shape, b: &Shape) -> bool {
    let same = |(a, b): (&Option<usize>, &Option<usize>)| a.is_none() || b.is_none() || a == b;
    a.ndim() == b.ndim() && a.axes().iter().zip(b.axes()).all(same)
}
