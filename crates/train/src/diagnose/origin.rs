//! Where the first number came from that is not finite.

use std::fmt;

use ceratops_core::{Inputs, Param, Tensor, Text};
use ceratops_layers::{LeafCall, Model};
use serde::Serialize;

use super::{
    layer::LayerDiagnosis,
    report::{Place, short},
    statistics::Statistics,
    update::Step,
};

/// From here on a product of a few such numbers leaves the range of f32, which ends at 3.4e38.
const NEAR_OVERFLOW: f64 = 1e12;

/// What to do about numbers that do not fit.
const KEEP_SMALL: &str = "f32 ends at 3.4e38: scale the data, or keep the weights small (a lower \
                          learning rate, clipnorm).";

/// What a number is that is not finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum NotFinite {
    /// Not a number: what 0/0, inf - inf or the logarithm of -1 give.
    NaN,
    /// Larger than f32 can hold, of either sign.
    Infinite,
}

/// The first place at which a number is not finite: in the data, else in the weights, else on the
/// way through the model, to the loss, back and to the next update. It prints as a sentence that
/// says what to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "place", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// In the data.
    Data {
        /// `x` or `y`, of the data or of the batch.
        array: &'static str,
        /// The input or output whose samples they are, where the model has several: its name, or its
        /// place as it was given.
        of: Option<String>,
        /// The first such sample, from 0.
        sample: usize,
        /// Where in the sample.
        position: Vec<usize>,
        /// What stands there.
        value: NotFinite,
        /// How many samples have such numbers.
        samples: usize,
    },
    /// In a weight.
    Weight {
        /// Its path: `dense/kernel`.
        weight: String,
        /// The first such position in it.
        position: Vec<usize>,
        /// What stands there.
        value: NotFinite,
        /// How many of its numbers are so.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// In the output of a layer whose input and weights are finite.
    Output {
        /// The layer's name or path.
        layer: String,
        /// Its class.
        class_name: &'static str,
        /// What it gives.
        value: NotFinite,
        /// The largest number in its input, its sign left aside.
        largest_input: f64,
        /// The largest number in its weights.
        largest_weight: f64,
    },
    /// In the loss of a finite output.
    Loss {
        /// What it is.
        value: NotFinite,
        /// The largest number in the model's output.
        largest_output: f64,
    },
    /// In the gradient, on the way back from a finite loss.
    Gradient {
        /// The layer that makes it; `None` if the loss itself does.
        layer: Option<String>,
        /// What it makes.
        value: NotFinite,
    },
    /// In the next update, though gradients and weights are finite.
    Update {
        /// The weight's path.
        weight: String,
        /// What it would become.
        value: NotFinite,
    },
}

impl NotFinite {
    fn of(number: f64) -> Option<Self> {
        match number {
            x if x.is_nan() => Some(Self::NaN),
            x if x.is_infinite() => Some(Self::Infinite),
            _ => None,
        }
    }

    /// What is not finite among numbers; NaN where there is both, since it follows from the other.
    fn among(numbers: &Statistics) -> Option<Self> {
        match (numbers.infinite, numbers.nan) {
            (0, 0) => None,
            (_, 0) => Some(Self::Infinite),
            _ => Some(Self::NaN),
        }
    }
}

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::NaN { "NaN" } else { "infinite" })
    }
}

/// In the samples or labels of `arrays`, which are called `array`.
pub(super) fn in_data(array: &'static str, arrays: &Inputs) -> Option<Origin> {
    let of = |place: usize| match arrays {
        Inputs::One(_) => None,
        Inputs::List(_) => Some(place.to_string()),
        Inputs::Named(all) => all.get(place).map(|(name, _)| format!("\"{name}\"")),
    };
    arrays.iter().enumerate().find_map(|(place, tensor)| {
        let (at, value) = first(tensor).filter(|_| !Text::is_in(tensor))?;
        let len = tensor.sample_len().max(1);
        let rows = tensor.as_slice().chunks(len);
        let samples = rows.filter(|row| row.iter().any(|x| !x.is_finite())).count();
        let position = position(at % len, tensor.shape().get(1..).unwrap_or_default());
        Some(Origin::Data { array, of: of(place), sample: at / len, position, value, samples })
    })
}

/// In the weights of `model`.
pub(super) fn in_weights(model: &Model) -> Option<Origin> {
    weights(model).into_iter().find_map(|(weight, param)| {
        let (at, value) = first(param.value())?;
        let count = param.value().as_slice().iter().filter(|x| !x.is_finite()).count();
        let position = position(at, param.value().shape());
        Some(Origin::Weight { weight, position, value, count, of: param.value().len() })
    })
}

/// The weights of `model` in their order, each with its path.
pub(super) fn weights(model: &Model) -> Vec<(String, &Param)> {
    let mut leaves = model.leaf_calls();
    leaves.sort_by_key(|leaf| leaf.weights.start);
    // A layer that is called twice has its weights once.
    leaves.retain(|leaf| !leaf.weights.is_empty());
    leaves.dedup_by_key(|leaf| leaf.weights.start);
    let own = leaves.into_iter().flat_map(|LeafCall { path, node, .. }| {
        node.params().into_iter().map(move |param| (format!("{path}/{}", param.name()), param))
    });
    own.collect()
}

/// In the output of a layer, where the `input` and all weights are finite.
pub(super) fn in_outputs(
    model: &Model,
    input: &Statistics,
    layers: &[LayerDiagnosis],
) -> Option<Origin> {
    let at = layers.iter().position(|layer| !layer.output.is_finite())?;
    let (layer, calls) = (&layers[at], model.leaf_calls());
    let read = calls.get(at).into_iter().flat_map(|call| &call.reads);
    let read = read.map(|maker| maker.and_then(|i| layers.get(i)).map_or(input, |l| &l.output));
    let weights = layer.weights.iter().map(|weight| weight.values.largest());
    Some(Origin::Output {
        layer: layer.name.clone(),
        class_name: layer.class_name,
        value: NotFinite::among(&layer.output)?,
        largest_input: read.map(Statistics::largest).fold(0.0, f64::max),
        largest_weight: weights.fold(0.0, f64::max),
    })
}

/// In the loss, on the way back, or in the update, where all outputs are finite.
pub(super) fn in_step(model: &Model, layers: &[LayerDiagnosis], step: &Step) -> Option<Origin> {
    let calls = model.leaf_calls();
    if let Some(value) = NotFinite::of(step.loss) {
        let is_read = |i: usize| calls.iter().any(|call| call.reads.contains(&Some(i)));
        let last = layers.iter().enumerate().filter(|(i, _)| !is_read(*i));
        let largest_output = last.map(|(_, layer)| layer.output.largest()).fold(0.0, f64::max);
        return Some(Origin::Loss { value, largest_output });
    }
    in_gradients(&calls, layers).or_else(|| in_update(model, step))
}

/// Every layer makes the gradients of its weights, and those of its inputs, which are outputs of
/// layers before.
fn in_gradients(calls: &[LeafCall<'_>], layers: &[LayerDiagnosis]) -> Option<Origin> {
    (0..layers.len()).rev().find_map(|i| {
        let layer = &layers[i];
        if let Some(value) = layer.gradient.as_ref().and_then(NotFinite::among) {
            let behind = calls.iter().position(|call| call.reads.contains(&Some(i)));
            let behind = behind.and_then(|behind| layers.get(behind));
            return Some(Origin::Gradient { layer: behind.map(|layer| layer.name.clone()), value });
        }
        let gradients = layer.weights.iter().filter_map(|weight| weight.gradient.as_ref());
        let value = gradients.filter_map(NotFinite::among).next()?;
        Some(Origin::Gradient { layer: Some(layer.name.clone()), value })
    })
}

fn in_update(model: &Model, step: &Step) -> Option<Origin> {
    let mut weights = weights(model).into_iter().enumerate();
    weights.find_map(|(i, (weight, _))| {
        let (_, value) = first(step.after(i)?)?;
        Some(Origin::Update { weight, value })
    })
}

/// The first number that is not finite, and where it stands.
fn first(tensor: &Tensor) -> Option<(usize, NotFinite)> {
    let mut numbers = tensor.as_slice().iter().enumerate();
    numbers.find_map(|(at, x)| Some((at, NotFinite::of(f64::from(*x))?)))
}

/// The index along each axis of the number at `at`, counted row by row.
fn position(mut at: usize, shape: &[usize]) -> Vec<usize> {
    let mut position: Vec<usize> = Vec::with_capacity(shape.len());
    for len in shape.iter().rev().map(|len| (*len).max(1)) {
        position.push(at % len);
        at /= len;
    }
    position.reverse();
    position
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data { array, of, sample, position, value, samples } => write!(
                f,
                "{array}{} holds numbers that are not finite, in {samples} of its samples: the first \
                 is {value}, in sample {sample}{}. Leave such samples out, or replace what is \
                 missing.",
                of.as_ref().map_or(String::new(), |of| format!("[{of}]")),
                Place(position)
            ),
            Self::Weight { weight, position, value, count, of } => write!(
                f,
                "The weight {weight} is {value}{}, and {count} of its {of} numbers are not finite. \
                 Go back to weights that are finite, and train with a lower learning rate or with \
                 clipnorm.",
                Place(position)
            ),
            Self::Output { layer, class_name, value, largest_input, largest_weight } => {
                let reach = largest_input.max(*largest_weight);
                let (input, weight) = (short(*largest_input), short(*largest_weight));
                write!(
                    f,
                    "{layer} ({class_name}) is the first layer to give {value} numbers, from finite \
                     ones: its input reaches {input}, its weights {weight}. "
                )?;
                f.write_str(if reach >= NEAR_OVERFLOW {
                    KEEP_SMALL
                } else {
                    "Look at whether its function is defined for such numbers (a logarithm, a root \
                     or a division)."
                })
            }
            Self::Loss { value, largest_output } => {
                let reach = short(*largest_output);
                write!(
                    f,
                    "The loss is {value} although the model's output is finite: it reaches {reach}. "
                )?;
                f.write_str(if *largest_output >= NEAR_OVERFLOW {
                    KEEP_SMALL
                } else {
                    "Look at whether the labels are in the range that the loss takes."
                })
            }
            Self::Gradient { layer: None, value } => {
                write!(f, "The gradient of the loss is {value} although the loss is finite.")
            }
            Self::Gradient { layer: Some(layer), value } => write!(
                f,
                "The gradient becomes {value} on its way back through {layer}. Keep it smaller: \
                 scale the labels, or lower the learning rate before it comes to this."
            ),
            Self::Update { weight, value } => write!(
                f,
                "The next update makes the weight {weight} {value} although its gradient is \
                 finite. Lower the learning rate."
            ),
        }
    }
}
