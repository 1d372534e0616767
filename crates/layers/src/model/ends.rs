//! The ends of a model: what its inputs and outputs are called, and their shapes.

use std::collections::{HashMap, HashSet};

use ceratops_core::{Shape, Structure};

use super::{Call, Model, Nest, Value, entrance};
use crate::Node;

impl Model {
    /// The names of the inputs: those of their layers.
    pub fn input_names(&self) -> Vec<&str> {
        self.inputs.iter().map(Node::name).collect()
    }

    /// The names of the outputs, as Keras reports their losses: those of the layers that make them.
    /// One that comes again is numbered: `dense_1`.
    pub fn output_names(&self) -> Vec<String> {
        let mut taken = HashSet::with_capacity(self.outputs.len());
        // For each base the smallest number that may be free.
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let name = |&output: &Value| {
            let base = self.maker(output).map_or("", Node::name);
            let number = numbers.entry(base).or_default();
            loop {
                let name = if *number == 0 { base.to_owned() } else { format!("{base}_{number}") };
                *number += 1;
                if taken.insert(name.clone()) {
                    return name;
                }
            }
        };
        self.outputs.iter().map(name).collect()
    }

    /// The names under which the inputs are given: their keys where the model was made of a dictionary
    /// of inputs, as Keras' `Model({"left": a, "right": b}, ...)`, else those of
    /// [`Model::input_names`].
    pub fn input_keys(&self) -> Vec<String> {
        let names = || self.input_names().into_iter().map(str::to_owned).collect();
        self.input_nest.keys().unwrap_or_else(names)
    }

    /// The names under which labels, losses and metrics of the outputs are given and reported: their
    /// keys where the model was made of a dictionary of outputs, else those of
    /// [`Model::output_names`].
    pub fn output_keys(&self) -> Vec<String> {
        self.output_nest.keys().unwrap_or_else(|| self.output_names())
    }

    /// What is given for inputs by their keys or by the names of their layers, by their keys.
    pub fn by_input_keys<T>(&self, given: Structure<T>) -> Structure<T> {
        by_keys(given, &self.input_keys(), &self.input_names())
    }

    /// What is given for outputs by their keys or by their names, by their keys.
    pub fn by_output_keys<T>(&self, given: Structure<T>) -> Structure<T> {
        by_keys(given, &self.output_keys(), &self.output_names())
    }

    /// The shapes of the inputs, batch first; none before they are known.
    pub fn input_shapes(&self) -> Vec<&Shape> {
        self.inputs.iter().filter_map(entrance::batch_shape).collect()
    }

    /// Whether whole numbers of any size can be given, as `i64`, for the input in that place: an input of strings, or
    /// one that only layers such as IntegerLookup read.
    pub fn takes_whole_numbers(&self, input: usize) -> bool {
        let Some(shape) = self.inputs.get(input).and_then(entrance::batch_shape) else {
            return false;
        };
        let text = shape.clone().of_text();
        let of = |value: Value| match value == input {
            true => Some(text.clone()),
            false => self.shape_of(value).cloned(),
        };
        let takes = |call: &Call| {
            let shapes: Option<Vec<Shape>> = call.inputs.iter().map(|&value| of(value)).collect();
            let node = &self.layers[call.layer];
            shapes.is_some_and(|s| node.shapes_of_call(&s, call.manner.arguments()).is_ok())
        };
        let mut readers = self.calls.iter().filter(|call| call.inputs.contains(&input)).peekable();
        readers.peek().is_some() && readers.all(takes)
    }

    /// The shape of the only input, batch first; `None` before it is known, and where there are
    /// several. A batch size that it names is no more than a note: the model takes any number of
    /// samples, as in Keras.
    pub fn input_shape(&self) -> Option<&Shape> {
        match &self.inputs[..] {
            [only] => entrance::batch_shape(only),
            _ => None,
        }
    }

    /// The shapes of the outputs, batch first; none before they are known.
    pub fn output_shapes(&self) -> Vec<&Shape> {
        self.outputs.iter().filter_map(|&output| self.shape_of(output)).collect()
    }

    /// The shape of the only output, batch first; `None` before it is known, and where there are
    /// several.
    pub fn output_shape(&self) -> Option<&Shape> {
        match self.outputs[..] {
            [only] => self.shape_of(only),
            _ => None,
        }
    }
}

fn by_keys<T>(given: Structure<T>, keys: &[String], names: &[impl AsRef<str>]) -> Structure<T> {
    let Structure::Named(named) = given else { return given };
    let key = |name: String| match names.iter().position(|known| known.as_ref() == name) {
        Some(place) if !keys.contains(&name) => keys.get(place).cloned().unwrap_or(name),
        _ => name,
    };
    Structure::Named(named.into_iter().map(|(name, value)| (key(name), value)).collect())
}

impl Nest {
    /// The keys of a plain dictionary.
    fn keys(&self) -> Option<Vec<String>> {
        let Self::Keys(items) = self else { return None };
        let key = |(key, item): &(String, Self)| matches!(item, Self::Leaf).then(|| key.clone());
        items.iter().map(key).collect()
    }
}
