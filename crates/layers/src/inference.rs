//! A pass that only answers: the layers one after another, on the calling thread.

use ceratops_core::{Context, Result, Tensor};

use crate::{Node, executor::in_node};

/// The output of `nodes` for `x`. With `logits` the last one leaves out its closing activation.
pub(crate) fn infer(
    nodes: &[Node],
    mut x: Tensor,
    cx: &mut Context,
    logits: bool,
) -> Result<Tensor> {
    for (i, node) in nodes.iter().enumerate() {
        cx.set_wants_logits(logits && i + 1 == nodes.len());
        x = node.forward(x, cx).map_err(|e| in_node(e, node, i))?.0;
    }
    Ok(x)
}
