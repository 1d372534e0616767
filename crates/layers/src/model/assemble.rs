//! Making a model of its layers and the calls between them.

use ceratops_core::{Error, Result, Shape};

use super::{
    Call, Extent, Listed, Manner, Model, Nest, Schedule, Value,
    entrance::{check_input, settle_input},
};
use crate::{Node, executor::in_node};

/// What a model is made of.
pub(crate) struct Parts {
    pub(crate) name: Option<String>,
    pub(crate) seed: u64,
    pub(crate) blank: bool,
    pub(crate) inputs: Vec<Node>,
    pub(crate) layers: Vec<Node>,
    /// Each behind those that it reads.
    pub(crate) drafts: Vec<Draft>,
    pub(crate) outputs: Vec<Source>,
    pub(crate) listed: Vec<Listed>,
}

/// A call whose shapes are not known yet.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) layer: usize,
    pub(crate) inputs: Vec<Source>,
    pub(crate) manner: Manner,
    /// Where it stands in a document.
    pub(crate) path: Option<String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// An input of the model, by its place.
    Input(usize),
    /// An output of a call, by the place of both.
    Output(usize, usize),
}

impl Model {
    /// The model of these parts, its weights made.
    pub(crate) fn assemble(parts: Parts) -> Result<Self> {
        let Parts { name, seed, blank, inputs, layers, drafts, outputs, listed } = parts;
        Extent::of(&layers, drafts.iter().map(|draft| draft.layer)).check()?;
        let mut model = Self {
            name,
            seed,
            blank,
            sequential: false,
            functional: false,
            inputs: Vec::with_capacity(inputs.len()),
            layers,
            calls: Vec::with_capacity(drafts.len()),
            outputs: Vec::new(),
            input_nest: Nest::Leaf,
            output_nest: Nest::Leaf,
            listed,
            schedule: Schedule::default(),
            names: None,
        };
        for mut input in inputs {
            check_input(&settle_input(&mut input))?;
            model.inputs.push(input);
        }
        // The shapes of all values, so that none is looked for.
        let mut shapes: Vec<Shape> =
            model.input_shapes().into_iter().map(|shape| shape.with_axis(0, None)).collect();
        for Draft { layer, inputs, manner, path } in drafts {
            let at = |e: Error| path.as_deref().map_or(e.clone(), |path| e.at(path));
            let inputs = inputs.into_iter().map(|source| model.value(source));
            let inputs: Vec<Value> = inputs.collect::<Result<_>>().map_err(at)?;
            let taken: Vec<Shape> = inputs.iter().map(|&value| shapes[value].clone()).collect();
            let mut rng = model.rng(layer);
            let node = model.layers.get_mut(layer).ok_or_else(|| no_such("layer"))?;
            let made = node
                .build(&taken, manner.arguments(), &mut rng)
                .map_err(|e| in_node(e, node, layer))?;
            let outputs = shapes.len()..shapes.len() + made.len();
            shapes.extend(made.iter().cloned());
            model.calls.push(Call { layer, inputs, outputs, shapes: made, manner });
        }
        let outputs = outputs.into_iter().map(|source| model.value(source));
        model.outputs = outputs.collect::<Result<_>>().map_err(|e| e.at("output_layers"))?;
        model.blank = false;
        model.check_batch_size()?;
        model.reschedule();
        Ok(model)
    }

    fn value(&self, source: Source) -> Result<Value> {
        match source {
            Source::Input(place) if place < self.inputs.len() => Ok(place),
            Source::Input(_) => Err(no_such("input")),
            Source::Output(call, index) => {
                let call = self.calls.get(call).ok_or_else(|| no_such("call"))?;
                let value = call.outputs.clone().nth(index);
                value.ok_or_else(|| no_output(&self.layers[call.layer], call.outputs.len(), index))
            }
        }
    }
}

fn no_output(node: &Node, count: usize, index: usize) -> Error {
    Error::Model(format!(
        "layer \"{}\" puts out {count} tensors, and output {index} of it is asked for; they are \
         counted from 0",
        node.name()
    ))
}

fn no_such(what: &str) -> Error {
    Error::Model(format!("a call names a {what} that is not there"))
}
