//! Doors: what a model calls its inputs and outputs, by which data finds its place.

use ceratops_core::{Arrays, Error, Inputs, Result, Samples, Structure, Tensor};

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
        x.in_order("x", "input", &names(&self.inputs))
    }

    /// The labels of each output; none where it is not measured.
    pub(super) fn labels_of(&self, y: Arrays) -> Result<Vec<Option<Samples>>> {
        let known = y.known_in_order("y", "output", &names(&self.outputs))?;
        let each = known.into_iter().zip(&self.outputs).zip(&self.measured);
        each.map(|((y, name), &measured)| match y {
            None if measured => {
                let expected = format!("labels for the output \"{name}\", which is measured");
                Err(Error::argument("y", expected, "none"))
            }
            y => Ok(y.filter(|_| measured)),
        })
        .collect()
    }

    /// The weights of each output's samples: one tensor is for all outputs, as in Keras; one by name may
    /// be left out.
    pub(super) fn weights_of(&self, weights: Option<Inputs>) -> Result<Vec<Option<Tensor>>> {
        match weights {
            None => Ok(vec![None; self.outputs.len()]),
            Some(Structure::One(weights)) => Ok(vec![Some(weights); self.outputs.len()]),
            Some(weights) => {
                weights.known_in_order("sample_weight", "output", &names(&self.outputs))
            }
        }
    }

    /// What errors call the samples of each input.
    pub(super) fn sample_names(&self) -> Vec<String> {
        called("x", &self.inputs)
    }

    /// What errors call the labels of each output.
    pub(crate) fn label_names(&self) -> Vec<String> {
        called("y", &self.outputs)
    }
}

fn names(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// `x`, or where there are several `x of "image"`.
fn called(what: &str, names: &[String]) -> Vec<String> {
    match names {
        [_] => vec![what.to_owned()],
        names => names.iter().map(|name| format!("{what} of \"{name}\"")).collect(),
    }
}
