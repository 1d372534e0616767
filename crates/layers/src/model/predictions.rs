//! Predictions: the outputs of a model, each under its name.

use std::ops::Index;

use ceratops_core::{Tensor, Tensors};

/// The outputs of a model, each under its name, in the model's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    names: Vec<String>,
    /// Other names, where the model was made of a dictionary of outputs.
    keys: Vec<String>,
    outputs: Tensors,
}

impl Predictions {
    pub(crate) fn new(names: Vec<String>, keys: Vec<String>, outputs: Tensors) -> Self {
        Self { names, keys, outputs }
    }

    /// The output of that name, if there is one; or of that key, where the model was made of a
    /// dictionary of outputs.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        let place = |names: &[String]| names.iter().position(|known| known == name);
        self.outputs.get(place(&self.keys).or_else(|| place(&self.names))?)
    }

    /// The names and outputs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.names.iter().map(String::as_str).zip(self.outputs.iter())
    }

    /// How many outputs there are.
    pub fn len(&self) -> usize {
        self.outputs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.outputs.is_empty()
    }

    /// The outputs in order, without their names.
    pub fn into_tensors(self) -> Vec<Tensor> {
        self.outputs.into_iter().collect()
    }
}

/// Panics where there is no such name, as Rust's maps do; [`Predictions::get`] does not.
impl Index<&str> for Predictions {
    type Output = Tensor;

    #[expect(clippy::panic, reason = "the contract of Index; `get` is the checked way")]
    fn index(&self, name: &str) -> &Tensor {
        self.get(name)
            .unwrap_or_else(|| panic!("no output is named \"{name}\"; there are {:?}", self.names))
    }
}

/// Panics where there is no such output, as slices do.
impl Index<usize> for Predictions {
    type Output = Tensor;

    fn index(&self, place: usize) -> &Tensor {
        &self.outputs[place]
    }
}
