//! What to do about what was found: a sentence for each thing that is unusual.

use std::fmt;

use serde::Serialize;

use super::{
    Diagnosis, LayerDiagnosis,
    nature::Nature,
    report::{percent, short},
};

/// How many samples it takes to call a unit dead: a batch of Keras'. That a unit rests for a few
/// samples is what rectifiers are for (Glorot, Bordes and Bengio 2011).
pub const SAMPLES_FOR_DEAD: usize = 32;
/// The share of dead units that is spoken of. Some are in most networks; 40 % is what the course
/// CS231n of Stanford gives for a learning rate that is too high.
pub const DEAD: f64 = 0.4;
/// The share of saturated values in a hidden layer that is spoken of: where it is most of them, the
/// layers below learn through the few others (Glorot and Bengio 2010).
pub const SATURATED: f64 = 0.5;
/// How many times as wide as the data, or as 1, a layer's output may spread. Initializations are
/// made to keep the variance as it is (Glorot and Bengio 2010, He et al. 2015).
pub const GROWN: f64 = 1e3;
/// By what factor the gradient may shrink or grow from the last layer to the first. The same sources
/// want 1; twenty layers of sigmoids make it 1e12 or more.
pub const GRADIENT: f64 = 1e3;
/// The update, as a part of the weights, from which on it is called large. About 1e-3 is a rule of
/// thumb (Karpathy, CS231n); the first steps of Adam are often ten to a hundred times that.
pub const LARGE_UPDATE: f64 = 0.5;
/// The update below which a layer stands still: f32 keeps seven digits.
pub const SMALL_UPDATE: f64 = 1e-7;
/// The part of the loss that the gradient promises for a change of all weights by their own size,
/// below which there is nothing left to learn.
pub const LEARNED: f64 = 1e-3;
/// The root mean square of data that are spoken of as not scaled: learning is fastest near 1
/// (LeCun et al. 1998, "Efficient BackProp").
pub const UNSCALED: f64 = 10.0;
/// How many keys each query of a head looks at, as the exponential of its entropy, below which attention is
/// said to have collapsed: training becomes unstable there (Zhai et al. 2023, "Stabilizing Transformer
/// Training by Preventing Attention Entropy Collapse").
pub const COLLAPSED: f64 = 1.05;
/// The share of a PReLU's slopes that is spoken of when they are outside 0 to 1. He et al. 2015
/// learned slopes in that range, most of them below 0.3, but for a first layer.
pub const SLOPES: f64 = 0.5;

/// What is unusual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AdviceKind {
    /// NaN or an infinite number: [`Diagnosis::origin`] says where. There is no other advice then.
    NotFinite,
    /// More than [`DEAD`] of a layer's units give 0 for all samples.
    DeadUnits,
    /// More than [`SATURATED`] of a hidden layer's values.
    Saturated,
    /// A head of attention that looks at one key only: fewer than [`COLLAPSED`].
    CollapsedAttention,
    /// A softmax over one unit, which always gives 1.
    SoftmaxOfOne,
    /// Activations that grow by more than [`GROWN`].
    GrowingActivations,
    /// A gradient that shrinks by more than [`GRADIENT`] on its way to the first layer.
    VanishingGradient,
    /// One that grows so.
    ExplodingGradient,
    /// None at all gets there.
    NoGradient,
    /// An update above [`LARGE_UPDATE`].
    LargeUpdate,
    /// All updates below [`SMALL_UPDATE`], while there is something to learn.
    SmallUpdate,
    /// Most slopes of a PReLU are negative.
    NegativeSlopes,
    /// Most are above 1.
    SteepSlopes,
    /// The data are far from 1.
    UnscaledInput,
}

/// Something unusual, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What it is.
    pub kind: AdviceKind,
    /// The layer's name or path, if it is one layer's.
    pub layer: Option<String>,
    /// The sentence.
    pub sentence: String,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// All that is unusual. What is not finite makes the rest unusual too, and is told alone.
pub(super) fn advice(diagnosis: &Diagnosis) -> Vec<Advice> {
    if let Some(origin) = &diagnosis.origin {
        return vec![new(AdviceKind::NotFinite, None, origin.to_string())];
    }
    let hidden = diagnosis.layers.len().saturating_sub(1);
    let layers = diagnosis.layers.iter().enumerate();
    // Behind a layer of which nothing is left every unit is as good as dead.
    let silent = diagnosis.layers.iter().position(|layer| layer.dead == Some(1.0));
    let of_layer = |(i, layer)| {
        [
            dead(layer, diagnosis.samples).filter(|_| silent.is_none_or(|silent| i <= silent)),
            if i < hidden || gated(layer) { saturated(layer) } else { softmax_of_one(layer) },
            slopes(layer),
            collapsed(layer),
        ]
    };
    let of_model = [grown(diagnosis), gradient(diagnosis), large(diagnosis), small(diagnosis)];
    let all = [unscaled(diagnosis)].into_iter().chain(layers.flat_map(of_layer)).chain(of_model);
    all.flatten().collect()
}

fn new(kind: AdviceKind, layer: Option<&LayerDiagnosis>, sentence: String) -> Advice {
    Advice { kind, layer: layer.map(|layer| layer.name.clone()), sentence }
}

fn unscaled(diagnosis: &Diagnosis) -> Option<Advice> {
    let mut classes = diagnosis.layers.iter().map(|layer| layer.class_name);
    let first = classes.find(|class| !["Flatten", "Reshape"].contains(class))?;
    let scales = first.contains("Normalization") || ["Rescaling", "Embedding"].contains(&first);
    let rms = diagnosis.input.rms();
    let sentence = || {
        format!(
            "The data are about {} in size, and reach {}: scale them to about 1, say by their \
             mean and standard deviation (pixels: divide by 255).",
            short(rms),
            short(diagnosis.input.largest())
        )
    };
    (rms > UNSCALED && !scales).then(|| new(AdviceKind::UnscaledInput, None, sentence()))
}

fn dead(layer: &LayerDiagnosis, samples: usize) -> Option<Advice> {
    let dead = layer.dead.filter(|dead| *dead > DEAD && samples >= SAMPLES_FOR_DEAD)?;
    let sentence = format!(
        "{}: {} of its units are dead: they give 0 for all {samples} samples, and learn nothing \
         from them. A lower learning rate from the start may keep them alive, or an activation \
         that lets something pass below 0 (LeakyReLU, PReLU, elu).",
        layer.name,
        percent(dead)
    );
    Some(new(AdviceKind::DeadUnits, Some(layer), sentence))
}

fn saturated(layer: &LayerDiagnosis) -> Option<Advice> {
    // Within a model certain probabilities are a choice, as in attention.
    let chosen = layer.nature == Nature::Softmax;
    let share = layer.saturated.filter(|share| *share > SATURATED && !chosen)?;
    if gated(layer) {
        let sentence = format!(
            "{}: {} of its gates are saturated: wide open or shut, so that they hardly learn. Scaled data, \
             smaller weights (a lower learning rate, clipnorm) or fewer time steps help.",
            layer.name,
            percent(share)
        );
        return Some(new(AdviceKind::Saturated, Some(layer), sentence));
    }
    let sentence = format!(
        "{}: {} of its values are saturated: they lie at the ends of its activation, where hardly \
         any gradient passes. Smaller weights (a lower learning rate, glorot_uniform to begin \
         with), scaled data or a BatchNormalization before the activation help.",
        layer.name,
        percent(share)
    );
    Some(new(AdviceKind::Saturated, Some(layer), sentence))
}

fn gated(layer: &LayerDiagnosis) -> bool {
    matches!(layer.nature, Nature::Gates(..))
}

fn collapsed(layer: &LayerDiagnosis) -> Option<Advice> {
    let attention = layer.attention.as_ref().filter(|attention| attention.keys > 1)?;
    let heads = attention.entropy.len();
    let narrow = attention.entropy.iter().filter(|entropy| entropy.exp() < COLLAPSED).count();
    let sentence = || {
        format!(
            "{}: {narrow} of its {heads} heads look at one key each, of {}: their scores are so large that \
             hardly any gradient passes. A lower learning rate, a normalization before attention, or clipnorm \
             keeps them small.",
            layer.name, attention.keys
        )
    };
    (narrow > 0).then(|| new(AdviceKind::CollapsedAttention, Some(layer), sentence()))
}

fn softmax_of_one(layer: &LayerDiagnosis) -> Option<Advice> {
    let one = layer.nature == Nature::Softmax && layer.output_shape.as_ref()?.last() == Some(1);
    let sentence = || {
        format!("{}: a softmax over one unit gives 1 whatever comes; use a sigmoid.", layer.name)
    };
    one.then(|| new(AdviceKind::SoftmaxOfOne, Some(layer), sentence()))
}

fn slopes(layer: &LayerDiagnosis) -> Option<Advice> {
    let slopes = layer.slopes?;
    if slopes.negative > SLOPES {
        let sentence = format!(
            "{}: {} of its slopes are negative, so that numbers below 0 come out above it. If it \
             was not meant so, alpha_constraint=\"non_neg\" or a lower learning rate prevents it.",
            layer.name,
            percent(slopes.negative)
        );
        return Some(new(AdviceKind::NegativeSlopes, Some(layer), sentence));
    }
    let sentence = || {
        format!(
            "{}: {} of its slopes are above 1, so that it lets more pass below 0 than above. A \
             penalty (alpha_regularizer) or a lower learning rate keeps them small.",
            layer.name,
            percent(slopes.above_one)
        )
    };
    (slopes.above_one > SLOPES).then(|| new(AdviceKind::SteepSlopes, Some(layer), sentence()))
}

fn grown(diagnosis: &Diagnosis) -> Option<Advice> {
    let allowed = GROWN * diagnosis.input.rms().max(1.0);
    let layer = diagnosis.layers.iter().find(|layer| layer.output.rms() > allowed)?;
    let sentence = format!(
        "{}: its output is about {} in size, where the data are about {}. Weights that keep the \
         size (he_normal before relu, glorot_uniform else), a BatchNormalization or a lower \
         learning rate hold it down.",
        layer.name,
        short(layer.output.rms()),
        short(diagnosis.input.rms())
    );
    Some(new(AdviceKind::GrowingActivations, Some(layer), sentence))
}

/// How the gradient changes from the last layer to the first that it comes to.
fn gradient(diagnosis: &Diagnosis) -> Option<Advice> {
    let reached = diagnosis.layers.iter().filter_map(|layer| Some((layer, layer.gradient?.norm)));
    let reached: Vec<(&LayerDiagnosis, f64)> = reached.collect();
    let (&(first, at_first), &(last, at_last)) = (reached.first()?, reached.last()?);
    if at_last == 0.0 {
        return None;
    }
    if let Some(at) = reached.iter().rposition(|(_, norm)| *norm == 0.0) {
        // The last one is not 0.
        let layer = reached.get(at + 1).map_or(last, |(layer, _)| *layer);
        let sentence = format!(
            "{}: no gradient at all comes back through it, so that no layer before it learns from \
             these samples. Dead units do this, and weights of 0.",
            layer.name
        );
        return Some(new(AdviceKind::NoGradient, Some(layer), sentence));
    }
    let (kind, word, factor, help) = if at_first * GRADIENT < at_last {
        let help = "the first layers hardly learn. relu with he_normal, a BatchNormalization \
                    between the layers, or fewer of them let it through";
        (AdviceKind::VanishingGradient, "shrinks", at_last / at_first, help)
    } else if at_first > GRADIENT * at_last {
        let help = "the first layers will jump. Smaller weights (glorot_uniform, he_normal), a \
                    BatchNormalization between the layers, or clipnorm hold it down";
        (AdviceKind::ExplodingGradient, "grows", at_first / at_last, help)
    } else {
        return None;
    };
    let (last, name, factor) = (&last.name, &first.name, short(factor));
    let sentence = format!(
        "The gradient {word} by a factor of {factor} on its way from {last} to {name}: {help}."
    );
    Some(new(kind, Some(first), sentence))
}

fn large(diagnosis: &Diagnosis) -> Option<Advice> {
    let updates = || {
        let layers = diagnosis.layers.iter();
        layers.filter_map(|layer| Some((layer, layer.update_to_weight?)))
    };
    let (layer, most) = updates().max_by(|a, b| a.1.total_cmp(&b.1))?;
    if most <= LARGE_UPDATE {
        return None;
    }
    let others = updates().filter(|(_, ratio)| *ratio > LARGE_UPDATE).count() - 1;
    let others =
        if others > 0 { format!(" (and {others} other layers likewise)") } else { String::new() };
    let sentence = format!(
        "{}: the next update is {} times as large as its weights{others}; about 0.001 is usual. \
         Lower the learning rate.",
        layer.name,
        short(most)
    );
    Some(new(AdviceKind::LargeUpdate, Some(layer), sentence))
}

fn small(diagnosis: &Diagnosis) -> Option<Advice> {
    let most = diagnosis.layers.iter().filter_map(|layer| layer.update_to_weight);
    let most = most.reduce(f64::max)?;
    let weights = diagnosis.layers.iter().flat_map(|layer| &layer.weights);
    let promised = weights.filter_map(|weight| Some(weight.gradient?.norm * weight.values.norm));
    let promised: f64 = promised.sum();
    let learned = promised <= LEARNED * diagnosis.loss?.abs();
    if most > SMALL_UPDATE || learned {
        return None;
    }
    let sentence = format!(
        "The next update changes no layer by more than {} of its size, about 0.001 is usual: \
         the model stands still. Raise the learning rate.",
        short(most)
    );
    Some(new(AdviceKind::SmallUpdate, None, sentence))
}
