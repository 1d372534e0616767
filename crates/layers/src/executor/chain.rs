//! A chain of nodes, one after another, up and back.

use std::ops::Range;

use ceratops_core::{Context, Error, Gradients, Result, Saved, Tensor, Update};

use crate::Node;

/// Nodes in a row, with what a pass asks of them again and again, found out once.
pub(crate) struct Chain<'a> {
    pub(super) nodes: &'a [Node],
    /// Where the weights of each node stand among those of all.
    params: Vec<Range<usize>>,
    /// The first node with a weight that learns.
    first_learning: usize,
    /// How many numbers learn.
    pub(super) learning_numbers: usize,
}

impl<'a> Chain<'a> {
    /// The chain of these nodes.
    pub(crate) fn new(nodes: &'a [Node]) -> Self {
        let (mut params, mut end) = (Vec::with_capacity(nodes.len()), 0);
        let (mut first_learning, mut learning_numbers) = (nodes.len(), 0);
        for (i, node) in nodes.iter().enumerate() {
            let own = node.params();
            params.push(end..end + own.len());
            end += own.len();
            for param in own.into_iter().filter(|param| param.learns()) {
                first_learning = first_learning.min(i);
                learning_numbers += param.value().len();
            }
        }
        Self { nodes, params, first_learning, learning_numbers }
    }

    /// A zeroed gradient for each weight that learns.
    pub(super) fn slots(&self) -> Vec<Option<Tensor>> {
        Gradients::slots(self.nodes.iter().flat_map(Node::params))
    }

    /// The nodes before, between and behind those that couple samples.
    pub(super) fn bodies(&self) -> Vec<Range<usize>> {
        let mut bodies = Vec::new();
        let mut start = 0;
        for (i, node) in self.nodes.iter().enumerate() {
            if node.couples_samples(true) {
                bodies.push(start..i);
                start = i + 1;
            }
        }
        bodies.push(start..self.nodes.len());
        bodies
    }

    /// Runs the nodes of `range` on `x`, and pushes what each saved.
    pub(crate) fn forward(
        &self,
        range: Range<usize>,
        mut x: Tensor,
        cx: &mut Context,
        logits: bool,
        saved: &mut Vec<Option<Saved>>,
    ) -> Result<Tensor> {
        let base = cx.first_param();
        for i in range {
            let (node, params) = (&self.nodes[i], &self.params[i]);
            cx.set_first_param(base + params.start);
            cx.set_wants_logits(logits && i + 1 == self.nodes.len());
            let before = cx.updates().len();
            let (y, kept) = node.forward(x, cx).map_err(|e| in_node(e, node, i))?;
            check_updates(&cx.updates()[before..], base + params.start..base + params.end)
                .map_err(|e| in_node(e, node, i))?;
            // They were those of the first node.
            cx.set_sums(None);
            saved.push(kept);
            x = y;
        }
        cx.set_first_param(base);
        Ok(x)
    }

    /// Runs the nodes of `range` back from `dy`, as far down as a gradient is wanted, and pops what
    /// each saved; `dw` holds the gradients of all nodes, and the sums for the last of `range`.
    pub(crate) fn backward(
        &self,
        range: Range<usize>,
        saved: &mut Vec<Option<Saved>>,
        mut dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let (wants_dx, mut sums) = (dw.wants_dx(), dw.sums());
        for i in range.rev() {
            if !wants_dx && i < self.first_learning {
                return Ok(None);
            }
            let mut own = self.part(i, wants_dx, dw).with_sums(sums.take());
            let node = &self.nodes[i];
            let dx = node.backward(saved.pop().flatten(), dy, &mut own);
            let Some(dx) = dx.map_err(|e| in_node(e, node, i))? else { return Ok(None) };
            dy = dx;
        }
        Ok(Some(dy))
    }

    /// What `x`, a chunk of the batch, adds to the sums for the forward of node `i`, which couples
    /// samples; `None` if it needs the whole batch, or if there is no such node.
    pub(super) fn forward_sums(&self, i: usize, x: &Tensor) -> Result<Option<Vec<f64>>> {
        let Some(node) = self.nodes.get(i) else { return Ok(None) };
        node.layer().forward_sums(x).map_err(|e| in_node(e, node, i))
    }

    /// What `dy` adds to the sums for the backward of node `i`; `None` if its gradients are not
    /// wanted.
    pub(super) fn backward_sums(
        &self,
        i: usize,
        saved: Option<&Saved>,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Vec<f64>>> {
        if i < self.first_learning {
            return Ok(None);
        }
        let (node, mut own) = (&self.nodes[i], self.part(i, false, dw));
        node.backward_sums(saved, dy, &mut own).map(Some).map_err(|e| in_node(e, node, i))
    }

    /// The gradients of node `i`.
    fn part<'g>(&self, i: usize, wants_dx: bool, dw: &'g mut Gradients<'_>) -> Gradients<'g> {
        let Range { start, end } = self.params[i];
        dw.part(start, end - start, wants_dx || i > self.first_learning)
    }
}

/// Refuses updates of weights that are not the layer's own.
fn check_updates(updates: &[Update], own: Range<usize>) -> Result<()> {
    match updates.iter().find(|update| !own.contains(&update.index)) {
        None => Ok(()),
        Some(update) => {
            let expected = format!("the index of one of the layer's {} weights", own.len());
            let found = update.index.saturating_sub(own.start);
            Err(Error::argument("index", expected, format!("{found} in Context::assign")))
        }
    }
}

/// `error`, saying at which node it happened.
pub(crate) fn in_node(error: Error, node: &Node, index: usize) -> Error {
    error.in_layer(node.class_name(), node.name(), index)
}
