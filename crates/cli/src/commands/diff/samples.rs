//! What two models make of the same samples, layer by layer.

use ceratops::{
    Error, Result, Tensor,
    core::{Inputs, Shape, Text},
    formats::Loaded,
    layers::Model,
    rng,
    weights::{Initializer, initializers::RandomUniform},
};

use crate::leaf::{Leaf, leaves};

/// How many samples are drawn.
const SAMPLES: usize = 4;

/// How long an axis of open length is in a drawn sample.
const OPEN: usize = 16;

/// The most numbers that are drawn for a sample.
const MOST_NUMBERS: usize = 1 << 24;

/// The outputs of both models, or why there are none.
#[derive(Debug)]
pub(super) enum Outputs {
    /// Of every layer of A, and of every layer of B.
    Both {
        /// What the samples are.
        samples: String,
        a: Vec<Tensor>,
        b: Vec<Tensor>,
    },
    /// None, and the reason.
    None(String),
}

/// The outputs of both models for the `given` samples, or for some drawn from `seed`.
pub(super) fn outputs(a: &Loaded, b: &Loaded, given: Option<Inputs>, seed: u64) -> Result<Outputs> {
    if !(a.has_weights && b.has_weights) {
        let which = match (a.has_weights, b.has_weights) {
            (false, false) => "neither file holds",
            (false, true) => "A holds no",
            _ => "B holds no",
        };
        return Ok(Outputs::None(format!("{which} weights")));
    }
    let of = |x: Inputs, samples: &str| -> Result<Outputs> {
        let count = x.iter().map(Tensor::batch).max().unwrap_or(0);
        let outputs = |name: &str, model: &Model, x: Inputs| {
            of_layers(model, x).map_err(|e| Error::Data(format!("{name}: {e}")))
        };
        let for_b = as_b_takes(&a.model, &b.model, x.clone());
        Ok(Outputs::Both {
            samples: format!("{count} {samples}"),
            a: outputs("A", &a.model, x)?,
            b: outputs("B", &b.model, for_b)?,
        })
    };
    match given {
        Some(x) => of(x, "samples"),
        // That drawn samples do not fit is no fault of the user's.
        None => Ok(drawn(&a.model, seed)
            .and_then(|x| of(x, "drawn samples"))
            .unwrap_or_else(|error| Outputs::None(format!("{error}; give samples with --input")))),
    }
}

/// The output of each of the [`leaves`] of `model`; of one that is called several times that of the last
/// call.
fn of_layers(model: &Model, x: Inputs) -> Result<Vec<Tensor>> {
    let (calls, outputs) = (model.leaf_calls(), model.leaf_outputs(x)?);
    let of = |leaf: &Leaf<'_>| {
        let call = calls.iter().rposition(|call| std::ptr::eq(call.node, leaf.node));
        let output = call.and_then(|call| outputs.get(call).cloned());
        output.ok_or_else(|| Error::Model(format!("{leaf} has no output")))
    };
    leaves(model).iter().map(of).collect()
}

/// The samples of A's inputs for B: by the same names, or where it has others, in the same order.
fn as_b_takes(a: &Model, b: &Model, x: Inputs) -> Inputs {
    let (ours, theirs) = (a.input_keys(), b.input_keys());
    match x {
        Inputs::Named(named) if ours.iter().any(|name| !theirs.contains(name)) => {
            let of = |name: &String| named.iter().find(|(known, _)| known == name);
            Inputs::List(ours.iter().filter_map(of).map(|(_, x)| x.clone()).collect())
        }
        x => x,
    }
}

/// Strings for an input of strings: numbers from 0, which layers for integers take too.
fn words(shape: &Shape) -> Result<Tensor> {
    let sample = shape.axes().iter().skip(1).map(|len| len.unwrap_or(1));
    let dims: Vec<usize> = std::iter::once(SAMPLES).chain(sample).collect();
    let len = dims.iter().try_fold(1usize, |len, &axis| len.checked_mul(axis));
    match len.filter(|len| *len <= MOST_NUMBERS) {
        Some(len) => Text::new(&dims, (0..len).map(|n| n.to_string()).collect())?.to_tensor(),
        None => Err(Error::Model(format!("samples of shape {shape} are too large to draw"))),
    }
}

/// Samples of the shapes that the model takes, between -1 and 1.
fn drawn(model: &Model, seed: u64) -> Result<Inputs> {
    let shapes = model.input_shapes();
    if shapes.is_empty() {
        return Err(Error::Model("A does not say what shape its input has".into()));
    }
    let mut rng = rng(seed);
    let mut draw = |shape: &Shape| {
        if shape.is_text() {
            return words(shape);
        }
        let axes = shape.axes().iter().skip(1);
        let sample: Vec<usize> = axes.map(|len| len.unwrap_or(OPEN)).collect();
        let len = sample.iter().try_fold(1usize, |len, &axis| len.checked_mul(axis));
        if len.is_none_or(|len| len > MOST_NUMBERS) {
            return Err(Error::Model(format!("samples of shape {shape} are too large to draw")));
        }
        let uniform = RandomUniform { seed: None, minval: -1.0, maxval: 1.0 };
        Initializer::from(uniform).draw(&[&[SAMPLES], sample.as_slice()].concat(), &mut rng)
    };
    let mut all: Vec<Tensor> = shapes.into_iter().map(&mut draw).collect::<Result<_>>()?;
    Ok(if all.len() == 1 { Inputs::One(all.swap_remove(0)) } else { Inputs::List(all) })
}
