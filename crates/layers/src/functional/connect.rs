//! Making a model of symbolic tensors.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ceratops_core::{Error, Result};

use super::{
    call::CallInputs,
    tensor::{Cell, KerasTensor, Made},
};
use crate::{
    Model, Node, entry,
    executor::in_node,
    model::{Draft, Listed, Nest, Parts, Source},
};

/// The inputs or the outputs of a model: a tensor, or a list of tensors.
pub trait Ends: CallInputs {}

impl<T: CallInputs> Ends for T {}

impl Model {
    /// The model that computes `outputs` of `inputs`, its weights drawn from seed 0.
    ///
    /// Layers without a name are named for their class, in the order in which they were called.
    ///
    /// # Errors
    /// For inputs that no [`Input`](crate::Input) stands for, or that are given twice; for an output that needs an
    /// input which is not among them; for two layers of one name.
    pub fn new(inputs: impl Ends, outputs: impl Ends) -> Result<Self> {
        Self::with_seed(0, inputs, outputs)
    }

    /// The same, its weights drawn from `seed`.
    pub fn with_seed(seed: u64, inputs: impl Ends, outputs: impl Ends) -> Result<Self> {
        let ((inputs, several_inputs), (outputs, several_outputs)) =
            (inputs.tensors(), outputs.tensors());
        check_inputs(&inputs)?;
        if outputs.is_empty() {
            return Err(Error::argument("outputs", "at least one tensor", "none"));
        }
        let found = Found::from(&inputs, &outputs)?;
        let mut model = Self::assemble(found.parts(seed, &inputs, &outputs)?)?;
        model.input_nest = Nest::of(inputs.len(), several_inputs);
        model.output_nest = Nest::of(outputs.len(), several_outputs);
        Ok(model)
    }
}

fn check_inputs(inputs: &[KerasTensor]) -> Result<()> {
    if inputs.is_empty() {
        return Err(Error::argument("inputs", "at least one tensor", "none"));
    }
    let mut seen = HashSet::with_capacity(inputs.len());
    for input in inputs {
        if !input.is_input() {
            let help = "begin the model at an Input, or take Model::up_to of another model";
            return Err(Error::argument("inputs", "tensors of Input layers", format!("{input:?}"))
                .with_help(help));
        }
        if !seen.insert(key(&input.made)) {
            return Err(Error::argument("inputs", "each input once", format!("{input:?} twice")));
        }
    }
    Ok(())
}

/// The calls that lead from inputs to outputs, in the order in which Keras finds them.
struct Found<'a> {
    /// Each behind those that it reads.
    calls: Vec<&'a Arc<Made>>,
    /// The layers in the order in which they were met.
    met: Vec<&'a Arc<Cell>>,
}

fn key<T>(arc: &Arc<T>) -> usize {
    Arc::as_ptr(arc).addr()
}

impl<'a> Found<'a> {
    /// Walks from the outputs to the inputs, depth first. The stack is our own, so that ten thousand
    /// layers in a row do not overflow that of the thread.
    fn from(inputs: &[KerasTensor], outputs: &'a [KerasTensor]) -> Result<Self> {
        let mut found = Self { calls: Vec::new(), met: Vec::new() };
        let (mut done, mut met) = (HashSet::new(), HashSet::new());
        let known: HashSet<usize> = inputs.iter().map(|input| key(&input.made)).collect();
        let mut stack: Vec<(&Arc<Made>, usize)> = Vec::new();
        for output in outputs {
            stack.push((&output.made, 0));
            while let Some((made, next)) = stack.pop() {
                if next == 0 {
                    if done.contains(&key(made)) {
                        continue;
                    }
                    if met.insert(key(&made.layer)) {
                        found.met.push(&made.layer);
                    }
                    if made.inputs.is_empty() && !known.contains(&key(made)) {
                        let name = made.layer.node().name().to_owned();
                        return Err(Error::Model(format!(
                            "the output needs the input \"{name}\" {}, which is not among the \
                             model's inputs",
                            made.shapes.first().map(ToString::to_string).unwrap_or_default()
                        )));
                    }
                }
                match made.inputs.get(next) {
                    Some(input) => {
                        stack.push((made, next + 1));
                        stack.push((&input.made, 0));
                    }
                    None => {
                        done.insert(key(made));
                        found.calls.push(made);
                    }
                }
            }
        }
        Ok(found)
    }

    /// How far each layer is from the outputs: the longest way of any of its calls.
    fn depths(&self) -> HashMap<usize, usize> {
        let (mut of_calls, mut of_layers): (HashMap<_, usize>, HashMap<_, usize>) =
            Default::default();
        for made in self.calls.iter().rev() {
            let layer = of_layers.entry(key(&made.layer)).or_default();
            let depth = (*layer).max(of_calls.get(&key(made)).copied().unwrap_or(0));
            *layer = depth;
            for input in &made.inputs {
                let before = of_calls.entry(key(&input.made)).or_default();
                *before = (*before).max(depth + 1);
            }
        }
        of_layers
    }

    /// The layers in Keras' order: the farthest from the outputs first, then as they were met. Inputs
    /// that nothing needs stand last.
    fn in_order(&self, inputs: &'a [KerasTensor]) -> Vec<&'a Arc<Cell>> {
        let depths = self.depths();
        let unused = inputs.iter().map(|input| &input.made.layer);
        let unused = unused.filter(|layer| !depths.contains_key(&key(layer)));
        let mut layers: Vec<_> = unused.chain(self.met.iter().copied()).collect();
        layers
            .sort_by_key(|layer| std::cmp::Reverse(depths.get(&key(layer)).copied().unwrap_or(0)));
        layers
    }

    fn parts(
        &self,
        seed: u64,
        inputs: &'a [KerasTensor],
        outputs: &[KerasTensor],
    ) -> Result<Parts> {
        let order = self.in_order(inputs);
        let names = names(&order)?;
        let (mut layers, mut listed, mut places) = (Vec::new(), Vec::new(), HashMap::new());
        let mut input_nodes: Vec<Option<Node>> = vec![None; inputs.len()];
        let places_by = |key: fn(&KerasTensor) -> usize| -> HashMap<usize, usize> {
            inputs.iter().enumerate().map(|(place, input)| (key(input), place)).collect()
        };
        let (input_layers, input_calls) =
            (places_by(|input| key(&input.made.layer)), places_by(|input| key(&input.made)));
        for layer in &order {
            let node = Node { name: names.get(&key(layer)).cloned(), ..layer.node().clone() };
            match input_layers.get(&key(layer)) {
                Some(&place) => {
                    listed.push(Listed::Input(place));
                    input_nodes[place] = Some(node);
                }
                None => {
                    places.insert(key(layer), layers.len());
                    listed.push(Listed::Layer(layers.len()));
                    layers.push(node);
                }
            }
        }
        let input = |made: &Arc<Made>| input_calls.get(&key(made)).copied();
        let mut calls: Vec<&Arc<Made>> =
            self.calls.iter().copied().filter(|made| input(made).is_none()).collect();
        // A layer's calls are numbered in the order in which they were made.
        calls.sort_by_key(|made| made.number);
        let of_call: HashMap<usize, usize> =
            calls.iter().enumerate().map(|(i, made)| (key(made), i)).collect();
        let source = |tensor: &KerasTensor| match input(&tensor.made) {
            Some(place) => Source::Input(place),
            None => {
                Source::Output(of_call.get(&key(&tensor.made)).copied().unwrap_or(0), tensor.index)
            }
        };
        let drafts = calls.iter().map(|made| Draft {
            layer: places.get(&key(&made.layer)).copied().unwrap_or(0),
            inputs: made.inputs.iter().map(source).collect(),
            manner: made.manner.clone(),
            path: None,
        });
        Ok(Parts {
            name: None,
            seed,
            blank: false,
            inputs: input_nodes.into_iter().flatten().collect(),
            layers,
            drafts: drafts.collect(),
            outputs: outputs.iter().map(source).collect(),
            listed,
        })
    }
}

/// The name of each layer: its own, or that of its class with the first free number, in the order in
/// which the layers were first called.
fn names(layers: &[&Arc<Cell>]) -> Result<HashMap<usize, String>> {
    let mut in_order = layers.to_vec();
    in_order.sort_by_key(|layer| layer.number);
    let (mut names, mut taken) = (HashMap::new(), HashSet::new());
    for (i, layer) in in_order.iter().enumerate() {
        let node = layer.node();
        let own = node.name.clone().or_else(|| node.as_model().and_then(|m| m.name.clone()));
        let Some(name) = own else { continue };
        if !taken.insert(name.clone()) {
            let message = format!("another layer of the model is named \"{name}\" too");
            return Err(in_node(Error::Model(message), &node, i));
        }
        names.insert(key(layer), name);
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for layer in in_order {
        if names.contains_key(&key(layer)) {
            continue;
        }
        let base = entry::snake_case(layer.node().class_name());
        let count = counts.entry(base.clone()).or_default();
        let name = loop {
            let name = if *count == 0 { base.clone() } else { format!("{base}_{count}") };
            *count += 1;
            if taken.insert(name.clone()) {
                break name;
            }
        };
        names.insert(key(layer), name);
    }
    Ok(names)
}
