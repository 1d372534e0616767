//! Looking into a model: its layers one by one, what each puts out, and what comes back to it.

use std::ops::Range;

use ceratops_core::{Context, IntoInputs, Result, Tensor};

use super::{Model, passes::of_one_output};
use crate::{
    Node,
    executor::{self, Flow, Logits, LossFn, LossesFn, ModelPass, Pass, PassOptions, Plan, Watch},
};

/// A call of a layer that holds no others: one of the [`leaves`](Model::leaves).
#[derive(Debug, Clone)]
pub struct LeafCall<'a> {
    /// The layer's path: `dense`, or `encoder/dense` in a nested model.
    pub path: String,
    /// The layer.
    pub node: &'a Node,
    /// Where its weights stand among those of the model.
    pub weights: Range<usize>,
    /// For each of its inputs the call that makes it; `None` for an input of the model.
    pub reads: Vec<Option<usize>>,
    /// The output of the model that it makes, if nothing else reads that: a loss may take over the
    /// activation that closes it.
    pub closes: Option<usize>,
}

impl Model {
    /// The calls of the layers that hold no others, in the order in which data pass through them,
    /// each with the layer's path: `dense`, or `encoder/dense` in a nested model. A layer that is
    /// called twice comes twice.
    ///
    /// ```
    /// use ceratops_layers::{Dense, Input, IntoNode, sequential};
    ///
    /// let encoder = sequential![Dense::new(4), Dense::new(2)]?.with_name("encoder");
    /// let model = sequential![Input::new([8]), encoder, Dense::new(1).named("head")]?;
    /// let paths: Vec<String> = model.leaves().into_iter().map(|(path, _)| path).collect();
    /// assert_eq!(paths, ["encoder/dense", "encoder/dense_1", "head"]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn leaves(&self) -> Vec<(String, &Node)> {
        let steps = Plan::in_order(self).steps.into_iter();
        steps.map(|step| (step.path(), step.node)).collect()
    }

    /// The same calls with what else is to be known of them.
    pub fn leaf_calls(&self) -> Vec<LeafCall<'_>> {
        let plan = Plan::in_order(self);
        let mut makers = vec![None; plan.slots];
        let steps = plan.steps.iter().zip(&plan.closing).enumerate();
        steps
            .map(|(i, (step, closes))| {
                step.outputs.clone().for_each(|slot| makers[slot] = Some(i));
                LeafCall {
                    path: step.path(),
                    node: step.node,
                    weights: step.params.clone(),
                    reads: step.inputs.iter().map(|&slot| makers[slot]).collect(),
                    closes: *closes,
                }
            })
            .collect()
    }

    /// The output of every layer for the samples of `x`, in inference mode; of a layer that is called
    /// several times that of the last call, of one of several outputs the first.
    pub fn layer_outputs(&self, x: impl IntoInputs) -> Result<Vec<Tensor>> {
        let mut outputs = vec![Tensor::zeros(&[0]); self.layers.len()];
        let mut values: Vec<Tensor> = self.checked_inputs(x.into())?.into_iter().collect();
        let mut masks = vec![None; values.len()];
        let cx = &mut Context::inference();
        let mode = cx.mode();
        for call in &self.calls {
            let node = &self.layers[call.layer];
            let at = |e| executor::in_node(e, node, call.layer);
            let xs = call.inputs.iter().map(|&value| values[value].clone()).collect();
            let taken: Vec<_> = call.inputs.iter().map(|&value| masks[value].clone()).collect();
            let mut made = vec![None; call.outputs.len()];
            if self.schedule.makes_masks() {
                let xs: &ceratops_core::Tensors = &xs;
                made = node.layer().output_masks(xs, &taken).map_err(at)?;
                made.resize(call.outputs.len(), None);
                cx.set_masks(taken);
            }
            cx.set_mode(self.mode_of(call).unwrap_or(mode));
            cx.set_arguments(call.manner.arguments.clone());
            let (ys, _) = node.forward(xs, call.outputs.len(), &call.shapes, cx).map_err(at)?;
            if let Some(y) = ys.first() {
                outputs[call.layer] = y.clone();
            }
            values.extend(ys);
            masks.extend(made);
        }
        Ok(outputs)
    }

    /// The output of each of the [`leaves`](Self::leaves) for the samples of `x`, in inference mode.
    pub fn leaf_outputs(&self, x: impl IntoInputs) -> Result<Vec<Tensor>> {
        let plan = Plan::in_order(self);
        let mut flow = Flow::new(&plan, self.checked_inputs(x.into())?, &[]);
        let (mut outputs, cx) = (Vec::with_capacity(plan.steps.len()), &mut Context::inference());
        for i in 0..plan.steps.len() {
            flow.forward(&plan, i, cx, Logits::NONE)?;
            outputs.extend(flow.output_of(&plan, i).cloned());
        }
        Ok(outputs)
    }

    /// Runs the model on `x` in inference mode, and shows what each of the [`leaves`](Self::leaves)
    /// puts out. The batch goes through in chunks, each before a [`Watch`] of its own; these are
    /// returned in the order of the chunks.
    pub fn watch<W: Watch>(&self, x: impl IntoInputs, watch: impl Fn() -> W) -> Result<Vec<W>> {
        executor::watch(self, &self.checked_inputs(x.into())?, watch)
    }

    /// The same in training mode with the way back: [`Model::train_pass`], looked into. The
    /// chunks, and with them what Dropout draws, are those of `train_pass`; but where
    /// samples are coupled, as by BatchNormalization, the batch stays in one piece.
    pub fn watch_training<W: Watch>(
        &self,
        x: &Tensor,
        options: PassOptions,
        loss: &LossFn<'_>,
        watch: impl Fn() -> W,
    ) -> Result<(Pass, Vec<W>)> {
        self.one_output()?;
        let losses = of_one_output(loss);
        let (pass, watches) = self.watch_training_all(x, options, &losses, watch)?;
        Ok((pass.single()?, watches))
    }

    /// The same for any number of inputs and outputs: [`Model::train_pass_all`], looked into.
    pub fn watch_training_all<W: Watch>(
        &self,
        x: impl IntoInputs,
        options: PassOptions,
        losses: &LossesFn<'_>,
        watch: impl Fn() -> W,
    ) -> Result<(ModelPass, Vec<W>)> {
        executor::watch_training(self, &self.checked_inputs(x.into())?, options, losses, watch)
    }
}
