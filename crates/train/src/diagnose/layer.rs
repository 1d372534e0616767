//! What is found of one layer, and of its weights.

use ceratops_core::{Param, Shape, Tensor};
use ceratops_layers::{LeafCall, Model};
use serde::Serialize;

use super::{
    attention::{AttentionDiagnosis, Entropies},
    nature::Nature,
    probe::{Plan, Seen},
    statistics::Statistics,
    update::Step,
};

/// What was found of one layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerDiagnosis {
    /// Its name; in a nested model its path, `encoder/dense`.
    pub name: String,
    /// Its class.
    pub class_name: &'static str,
    /// The shape of its output.
    pub output_shape: Option<Shape>,
    /// The numbers that it put out: its activations.
    pub output: Statistics,
    /// The share of its units (features, filters) that gave 0 for every sample; `None` unless its
    /// activation is a rectifier that is flat below 0.
    pub dead: Option<f64>,
    /// The share of its values in the outer hundredths of sigmoid's or tanh's range (and of their
    /// kin's), at the largest value of a relu6; of a softmax the share of rows in which one
    /// probability is above 0.99; of a recurrent layer the share of its gates. `None` where nothing
    /// saturates.
    pub saturated: Option<f64>,
    /// The gradient of the loss by its output; where the loss works on logits, by these.
    pub gradient: Option<Statistics>,
    /// Its weights, in Keras' order.
    pub weights: Vec<WeightDiagnosis>,
    /// How far the next update moves the weights that learn, as a part of how large they are: both
    /// measured by the norm of all of them together.
    pub update_to_weight: Option<f64>,
    /// The slopes it learned, if it is a PReLU or has one for an activation.
    pub slopes: Option<Slopes>,
    /// How widely it looks around, if it is attention.
    pub attention: Option<AttentionDiagnosis>,
    /// What its activation is.
    #[serde(skip)]
    pub(super) nature: Nature,
}

/// What was found of one weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightDiagnosis {
    /// Its name within the layer: `kernel`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Whether the optimizer updates it.
    pub learns: bool,
    /// Its numbers.
    pub values: Statistics,
    /// Their gradient, that of a penalty included.
    pub gradient: Option<Statistics>,
    /// The norm of the next update.
    pub update: Option<f64>,
    /// The same as a part of the weight's norm; `None` for a weight of zeros.
    pub update_to_weight: Option<f64>,
}

/// The slopes that a PReLU learned for numbers below 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Slopes {
    /// Their numbers: how many, from where to where.
    pub values: Statistics,
    /// The share of negative ones.
    pub negative: f64,
    /// The share of those that are 0, so that nothing passes, as in ReLU.
    pub zero: f64,
    /// The share of those above 1, which let more pass below 0 than above.
    pub above_one: f64,
}

/// A diagnosis for each of the leaves of `model`.
pub(super) fn layers(
    model: &Model,
    plan: &Plan,
    seen: &[Seen],
    step: Option<&Step>,
) -> Vec<LayerDiagnosis> {
    let layer = |(i, (call, seen)): (usize, (LeafCall<'_>, &Seen))| {
        let node = call.node;
        let params = node.params();
        let weight = |(param, k): (&&Param, usize)| weight(param, k, step);
        let weights: Vec<WeightDiagnosis> = params.iter().zip(call.weights).map(weight).collect();
        let nature = plan.nature(i);
        LayerDiagnosis {
            name: call.path,
            class_name: node.class_name(),
            output_shape: node.output_shape().cloned(),
            output: seen.output,
            dead: seen.dead(),
            saturated: seen.saturated(),
            gradient: seen.gradient,
            update_to_weight: update_to_weight(&weights),
            weights,
            attention: seen.entropies.as_ref().map(Entropies::mean),
            slopes: (nature == Nature::Slopes).then(|| slopes(&params)).flatten(),
            nature,
        }
    };
    model.leaf_calls().into_iter().zip(seen).enumerate().map(layer).collect()
}

fn weight(param: &Param, index: usize, step: Option<&Step>) -> WeightDiagnosis {
    let values = Statistics::of(param.value().as_slice());
    let update = step.and_then(|step| step.update(index, param));
    WeightDiagnosis {
        name: param.name().to_owned(),
        shape: param.value().shape().to_vec(),
        learns: param.learns(),
        values,
        gradient: step
            .and_then(|step| step.gradient(index))
            .map(|dw| Statistics::of(dw.as_slice())),
        update,
        update_to_weight: ratio(update, values.norm),
    }
}

/// That of the weights that learn, taken together.
fn update_to_weight(weights: &[WeightDiagnosis]) -> Option<f64> {
    let learning =
        || weights.iter().filter_map(|weight| Some((weight.update?, weight.values.norm)));
    let update = learning().map(|(update, _)| update).reduce(f64::hypot);
    ratio(update, learning().fold(0.0, |norm, (_, next)| norm.hypot(next)))
}

fn ratio(update: Option<f64>, norm: f64) -> Option<f64> {
    update.filter(|_| norm > 0.0).map(|update| update / norm)
}

/// The slopes among the weights of a layer; a layer that holds a PReLU has them behind its own.
fn slopes(params: &[&Param]) -> Option<Slopes> {
    let alpha: &Tensor = params.iter().rev().find(|param| param.name() == "alpha")?.value();
    let share = |is: &dyn Fn(f32) -> bool| {
        let some = alpha.as_slice().iter().filter(|alpha| is(**alpha)).count();
        some as f64 / alpha.len().max(1) as f64
    };
    Some(Slopes {
        values: Statistics::of(alpha.as_slice()),
        negative: share(&|alpha| alpha < 0.0),
        zero: share(&|alpha| alpha == 0.0),
        above_one: share(&|alpha| alpha > 1.0),
    })
}
