//! What two models make of the same samples, layer by layer.

use ceratops::{
    Error, Result, Tensor,
    formats::Loaded,
    layers::Model,
    rng,
    weights::{Initializer, initializers::RandomUniform},
};

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
pub(super) fn outputs(a: &Loaded, b: &Loaded, given: Option<Tensor>, seed: u64) -> Result<Outputs> {
    if !(a.has_weights && b.has_weights) {
        let which = match (a.has_weights, b.has_weights) {
            (false, false) => "neither file holds",
            (false, true) => "A holds no",
            _ => "B holds no",
        };
        return Ok(Outputs::None(format!("{which} weights")));
    }
    let of = |x: &Tensor, samples: String| -> Result<Outputs> {
        let outputs = |name: &str, model: &Model| {
            model.leaf_outputs(x).map_err(|e| Error::Data(format!("{name}: {e}")))
        };
        Ok(Outputs::Both { samples, a: outputs("A", &a.model)?, b: outputs("B", &b.model)? })
    };
    match given {
        Some(x) => of(&x, format!("{} samples", x.batch())),
        // That drawn samples do not fit is no fault of the user's.
        None => Ok(drawn(&a.model, seed)
            .and_then(|x| of(&x, format!("{SAMPLES} drawn samples")))
            .unwrap_or_else(|error| Outputs::None(format!("{error}; give samples with --input")))),
    }
}

/// Samples of the shape that the model takes, between -1 and 1.
fn drawn(model: &Model, seed: u64) -> Result<Tensor> {
    let shape = model
        .input_shape()
        .ok_or_else(|| Error::Model("A does not say what shape its input has".into()))?;
    let sample: Vec<usize> = shape.axes().iter().skip(1).map(|len| len.unwrap_or(OPEN)).collect();
    let len = sample.iter().try_fold(1usize, |len, &axis| len.checked_mul(axis));
    if len.is_none_or(|len| len > MOST_NUMBERS) {
        return Err(Error::Model(format!("samples of shape {shape} are too large to draw")));
    }
    let uniform = RandomUniform { seed: None, minval: -1.0, maxval: 1.0 };
    Initializer::from(uniform).draw(&[&[SAMPLES], sample.as_slice()].concat(), &mut rng(seed))
}
