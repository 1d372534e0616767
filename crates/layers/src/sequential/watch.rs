//! Looking into a model: its layers one by one, what each puts out, and what comes back to it.

use ceratops_core::{Result, Tensor};

use super::{Sequential, outputs_of};
use crate::{
    Node,
    executor::{self, LossFn, Pass, PassOptions, Watch},
};

impl Sequential {
    /// The layers that hold no others, in the order in which data pass through them, each with its
    /// path: `dense`, or `encoder/dense` in a nested model.
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
        let mut leaves = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            match node.downcast_ref::<Self>() {
                None => leaves.push((node.name().to_owned(), node)),
                Some(model) => {
                    let path = |(path, leaf)| (format!("{}/{path}", node.name()), leaf);
                    leaves.extend(model.leaves().into_iter().map(path));
                }
            }
        }
        leaves
    }

    /// The output of each of the [`leaves`](Self::leaves) for the samples of `x`, in inference mode.
    pub fn leaf_outputs(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        outputs_of(&self.flat(), self.checked_input(x)?)
    }

    /// Runs the model on `x` in inference mode, and shows what each of the [`leaves`](Self::leaves)
    /// puts out. The batch goes through in chunks, each before a [`Watch`] of its own; these are
    /// returned in the order of the chunks.
    pub fn watch<W: Watch>(&self, x: &Tensor, watch: impl Fn() -> W) -> Result<Vec<W>> {
        executor::watch(&self.flat(), &self.checked_input(x)?, watch)
    }

    /// The same in training mode with the way back: [`Sequential::train_pass`], looked into. The
    /// chunks, and with them what Dropout draws, are those of `train_pass`; but where
    /// samples are coupled, as by BatchNormalization, the batch stays in one piece.
    pub fn watch_training<W: Watch>(
        &self,
        x: &Tensor,
        options: PassOptions,
        loss: &LossFn<'_>,
        watch: impl Fn() -> W,
    ) -> Result<(Pass, Vec<W>)> {
        executor::watch_training(&self.flat(), &self.checked_input(x)?, options, loss, watch)
    }

    /// The leaves in a row. Their weights are shared, not copied.
    fn flat(&self) -> Vec<Node> {
        self.flat_in(None)
    }

    /// The same in a model that is always in that mode, if in any.
    fn flat_in(&self, training: Option<bool>) -> Vec<Node> {
        let mut leaves = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let training = node.training().or(training);
            match node.downcast_ref::<Self>() {
                Some(model) => leaves.extend(model.flat_in(training)),
                None => leaves.push(Node { training, ..node.clone() }),
            }
        }
        leaves
    }
}
