//! Doors: what a model calls its inputs and outputs, by which data finds its place.

use ceratops_core::{Arrays, Error, Inputs, Result, Samples, Structure, Tensor, Text};

/// What a model calls its inputs and outputs, and which outputs are measured.
#[derive(Debug, Clone)]
pub(crate) struct Doors {
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    /// For each output whether it has a loss or a metric.
    pub(crate) measured: Vec<bool>,
}

impl Doors {
    /// The samples of each input.
    pub(super) fn inputs_of(&self, x: Arrays) -> Result<Vec<Samples>> {
        x.in_order("x", "input", &self.inputs)
    }

    /// The labels of each output; none where it is not measured.
    pub(super) fn labels_of(&self, y: Arrays) -> Result<Vec<Option<Samples>>> {
        let known = y.known_in_order("y", "output", &self.outputs)?;
        let each = known.into_iter().zip(&self.outputs).zip(&self.measured);
        each.map(|((y, name), &measured)| match y {
            None if measured => {
                let expected = format!("labels for the output \"{name}\", which is measured");
                Err(Error::argument("y", expected, "none"))
            }
            y => y.filter(|_| measured).map(numbers).transpose(),
        })
        .collect()
    }

    /// The weights of each output's samples: one tensor is for all outputs, as in Keras; one by name may
    /// be left out.
    pub(super) fn weights_of(&self, weights: Option<Inputs>) -> Result<Vec<Option<Tensor>>> {
        match weights {
            None => Ok(vec![None; self.outputs.len()]),
            Some(Structure::One(weights)) => Ok(vec![Some(weights); self.outputs.len()]),
            Some(weights) => weights.known_in_order("sample_weight", "output", &self.outputs),
        }
    }

    /// What errors call the samples of each input.
    pub(super) fn sample_names(&self) -> Vec<String> {
        which(&self.inputs).into_iter().map(|input| called("x", input.as_deref())).collect()
    }

    /// Which output errors name; nothing where there is one only.
    pub(super) fn which_output(&self) -> Vec<Option<String>> {
        which(&self.outputs)
    }
}

/// Labels that are whole numbers, given as `i64`, as numbers.
fn numbers(y: Samples) -> Result<Samples> {
    match y.in_memory().filter(|y| Text::is_in(y)) {
        Some(text) => {
            let help = "number the words from 0, and give the numbers";
            Ok(Text::of(text)?.to_numbers("y", help)?.into())
        }
        None => Ok(y),
    }
}

/// The names, where there are several.
fn which(names: &[String]) -> Vec<Option<String>> {
    let several = names.len() > 1;
    names.iter().map(|name| several.then(|| name.clone())).collect()
}

/// What errors call the data `what` of an input or output: `x`, or `x of "image"`.
pub(super) fn called(what: &str, which: Option<&str>) -> String {
    which.map_or_else(|| what.to_owned(), |name| format!("{what} of \"{name}\""))
}
