//! What the path of a layer means: `dense`, `tower[1]`, `split[0][1]`, `encoder/dense`.

use ceratops_core::{Error, Result};

use crate::Model;

/// A call of a layer, by its place among those of the model.
pub(super) struct End<'a> {
    pub(super) call: usize,
    /// One of its outputs, if it is said which.
    pub(super) output: Option<usize>,
    /// The path within the nested model that is called.
    pub(super) within: Option<&'a str>,
}

/// What stands behind the name of a layer.
#[derive(Default)]
struct Tail<'a> {
    call: Option<usize>,
    output: Option<usize>,
    within: Option<&'a str>,
}

impl Model {
    /// What a path means in this model.
    pub(super) fn end<'a>(&self, path: &'a str) -> Result<End<'a>> {
        let (layer, tail) = self.find(path).ok_or_else(|| self.no_layer(path))?;
        let mut calls = (0..self.calls.len()).filter(|&call| self.calls[call].layer == layer);
        let count = calls.clone().count();
        let name = self.layers[layer].name();
        if tail.call.is_none() && count > 1 {
            let behind = tail.within.map(|within| format!("/{within}")).unwrap_or_default();
            let ways: Vec<String> =
                (0..count.min(3)).map(|call| format!("\"{name}[{call}]{behind}\"")).collect();
            let (ways, more) = (ways.join(" or "), if count > 3 { " and so on" } else { "" });
            return Err(Error::Model(format!(
                "the layer \"{name}\" is called {count} times; say which call is meant: {ways}{more}"
            )));
        }
        let Some(call) = calls.nth(tail.call.unwrap_or(0)) else {
            return Err(too_few(path, name, count, "calls"));
        };
        let outputs = self.calls[call].outputs.len();
        match tail.output {
            Some(output) if output >= outputs => Err(too_few(path, name, outputs, "outputs")),
            output => Ok(End { call, output, within: tail.within }),
        }
    }

    /// The layer that a path begins with: the one of the longest name, since names of Keras 2 may have
    /// a `/`.
    fn find<'a>(&self, path: &'a str) -> Option<(usize, Tail<'a>)> {
        let tail = |name: &str| match path.strip_prefix(name)? {
            "" => Some(Tail::default()),
            rest => Tail::read(rest),
        };
        let found = self.layers.iter().enumerate();
        let found = found.filter_map(|(i, node)| Some((i, node.name().len(), tail(node.name())?)));
        found.max_by_key(|&(_, len, _)| len).map(|(i, _, tail)| (i, tail))
    }
}

impl<'a> Tail<'a> {
    /// `[call]`, `[call][output]`, `/path` or `[call]/path`.
    fn read(rest: &'a str) -> Option<Self> {
        let (call, rest) = number(rest);
        let (output, rest) = if call.is_some() { number(rest) } else { (None, rest) };
        match (output, rest.strip_prefix('/')) {
            (_, None) if rest.is_empty() => Some(Self { call, output, within: None }),
            (None, Some(within)) => Some(Self { call, output, within: Some(within) }),
            _ => None,
        }
    }
}

/// A number in brackets, if the text begins with one, and what follows.
fn number(text: &str) -> (Option<usize>, &str) {
    let parts = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    match parts.and_then(|(number, rest)| Some((number.parse().ok()?, rest))) {
        Some((number, rest)) => (Some(number), rest),
        None => (None, text),
    }
}

fn too_few(path: &str, name: &str, count: usize, what: &str) -> Error {
    Error::Model(format!("\"{path}\": the layer \"{name}\" has {count} {what}, counted from 0"))
}
