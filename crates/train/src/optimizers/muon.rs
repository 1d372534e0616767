//! Muon: momentum made orthogonal, for matrices; the rest follows Adam.

mod newton_schulz;

use ceratops_core::{Error, Result, Tensor};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::newton_schulz::{Polynomial, orthogonalized};
use super::{
    Adam, Base, Optimizer, Slot, Step, Weight, base::BELOW_ONE, elementwise::update_each, slot,
    within,
};
use crate::{config, schedules::LearningRate};

/// For a weight of two axes, n x m, that is not excluded:
///
/// ```text
/// M = momentum * M + dw
/// G = dw + momentum * M                (without nesterov: G = M)
/// O = newton_schulz(G)
/// w -= learning_rate * O * √max(n, m) * rms_rate       (without rms_rate: learning_rate * O)
/// ```
///
/// O is near to the orthogonal matrix next to G: X = G / ‖G‖, and then `ns_steps` times
///
/// ```text
/// A = X Xᵀ
/// X = muon_a * X + (muon_b * A + muon_c * A²) X
/// ```
///
/// All other weights follow [`Adam`], with `learning_rate * adam_lr_ratio`. Before it, weights
/// decay as in [`AdamW`](super::AdamW): by `weight_decay`, those that follow Adam by
/// `adam_weight_decay`.
///
/// The authors leave the last layer to Adam as well: `.exclude_layers(["output"])`.
///
/// Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks"; Liu et al.,
/// "Muon is Scalable for LLM Training" (rms_rate); Keras, `keras.optimizers.Muon`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Muon {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// `beta_1` of Adam.
    pub adam_beta_1: f64,
    /// `beta_2` of Adam.
    pub adam_beta_2: f64,
    /// `epsilon` of Adam.
    pub epsilon: f64,
    /// Matrices with one of these in their path follow Adam. Plain text: Keras takes regular
    /// expressions.
    pub exclude_layers: Vec<String>,
    /// a of the polynomial.
    pub muon_a: f64,
    /// b of the polynomial.
    pub muon_b: f64,
    /// c of the polynomial.
    pub muon_c: f64,
    /// How many times the learning rate Adam's is.
    pub adam_lr_ratio: f64,
    /// How much of M stays, from 0 to 1.
    pub momentum: f64,
    /// How often the polynomial is applied, 100 times at most.
    pub ns_steps: usize,
    /// Whether to look ahead.
    pub nesterov: bool,
    /// Whether matrices with "embedding" in their path follow Adam.
    pub exclude_embeddings: bool,
    /// The weight decay of those that follow Adam.
    pub adam_weight_decay: Option<f64>,
    /// The root mean square of a matrix' step, as a part of the learning rate.
    pub rms_rate: Option<f64>,
}

/// Five times bring X as near as they can.
const MOST_STEPS: usize = 100;

impl Default for Muon {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Muon {
    /// Muon with Keras' defaults: a weight decay of 0.004 for all.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self {
            base: Base { weight_decay: Some(0.004), ..Base::new(learning_rate) },
            adam_beta_1: 0.9,
            adam_beta_2: 0.999,
            epsilon: 1e-7,
            exclude_layers: Vec::new(),
            muon_a: 3.4445,
            muon_b: -4.7750,
            muon_c: 2.0315,
            adam_lr_ratio: 1.0,
            momentum: 0.95,
            ns_steps: 5,
            nesterov: true,
            exclude_embeddings: true,
            adam_weight_decay: Some(0.004),
            rms_rate: Some(0.2),
        }
    }

    /// Sets `beta_1` of Adam.
    #[must_use]
    pub fn adam_beta_1(self, adam_beta_1: f64) -> Self {
        Self { adam_beta_1, ..self }
    }

    /// Sets `beta_2` of Adam.
    #[must_use]
    pub fn adam_beta_2(self, adam_beta_2: f64) -> Self {
        Self { adam_beta_2, ..self }
    }

    /// Sets `epsilon` of Adam.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Leaves matrices with one of these in their path to Adam.
    #[must_use]
    pub fn exclude_layers(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { exclude_layers: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets a, b and c of the polynomial.
    #[must_use]
    pub fn polynomial(self, a: f64, b: f64, c: f64) -> Self {
        Self { muon_a: a, muon_b: b, muon_c: c, ..self }
    }

    /// Multiplies the learning rate by so much for Adam.
    #[must_use]
    pub fn adam_lr_ratio(self, adam_lr_ratio: f64) -> Self {
        Self { adam_lr_ratio, ..self }
    }

    /// Keeps so much of M.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    /// Applies the polynomial so often.
    #[must_use]
    pub fn ns_steps(self, ns_steps: usize) -> Self {
        Self { ns_steps, ..self }
    }

    /// Looks ahead, or not.
    #[must_use]
    pub fn nesterov(self, nesterov: bool) -> Self {
        Self { nesterov, ..self }
    }

    /// Leaves matrices with "embedding" in their path to Adam, or not.
    #[must_use]
    pub fn exclude_embeddings(self, exclude_embeddings: bool) -> Self {
        Self { exclude_embeddings, ..self }
    }

    /// Lets weights that follow Adam decay by so much, or not.
    #[must_use]
    pub fn adam_weight_decay(self, adam_weight_decay: impl Into<Option<f64>>) -> Self {
        Self { adam_weight_decay: adam_weight_decay.into(), ..self }
    }

    /// Gives a matrix' step that root mean square, as a part of the learning rate, or lets it be.
    #[must_use]
    pub fn rms_rate(self, rms_rate: impl Into<Option<f64>>) -> Self {
        Self { rms_rate: rms_rate.into(), ..self }
    }

    /// Whether the weight follows Adam.
    fn leaves_to_adam(&self, weight: &Weight<'_>) -> bool {
        weight.shape.len() != 2
            || (self.exclude_embeddings && weight.path.to_lowercase().contains("embedding"))
            || self.exclude_layers.iter().any(|name| weight.path.contains(name))
    }

    fn adam(&self) -> Adam {
        let adam = Adam::new(0.0).beta_1(self.adam_beta_1).beta_2(self.adam_beta_2);
        adam.epsilon(self.epsilon)
    }

    /// The update of a matrix.
    fn update_matrix(&self, rate: f32, w: &mut [f32], dw: &[f32], m: &mut Tensor) {
        let &[rows, columns] = m.shape() else { return };
        let (momentum, nesterov) = (self.momentum as f32, self.nesterov);
        let keep = (self.momentum - 1.0) as f32;
        let mut ahead = vec![0.0; w.len()];
        update_each(&mut ahead, dw, [m.as_mut_slice()], move |_, g, [m]| {
            let m = m + (g + m * keep);
            (if nesterov { g + momentum * m } else { m }, [m])
        });
        let [a, b, c] = [self.muon_a, self.muon_b, self.muon_c].map(|x| x as f32);
        let polynomial = Polynomial { a, b, c, times: self.ns_steps };
        let Ok(ahead) = Array2::from_shape_vec((rows, columns), ahead) else { return };
        let step = orthogonalized(ahead, polynomial);
        let step = step.as_standard_layout();
        let adjust = |rms: f64| (rows.max(columns) as f32).sqrt() * rms as f32;
        let adjust = self.rms_rate.map_or(1.0, adjust);
        let step = step.as_slice().unwrap_or_default();
        update_each(w, step, [], move |w, step, []| (w - rate * step * adjust, []));
    }
}

impl Optimizer for Muon {
    fn class_name(&self) -> &str {
        "Muon"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, weight: &Weight<'_>) -> Vec<Slot> {
        if self.leaves_to_adam(weight) {
            slot::named(["momentum", "velocity"])
        } else {
            slot::named(["momentum"])
        }
    }

    fn interleaved(&self) -> usize {
        2
    }

    fn decay_of(&self, weight: &Weight<'_>) -> Option<f64> {
        let adam = self.leaves_to_adam(weight);
        let decay = if adam { self.adam_weight_decay } else { self.base.weight_decay };
        decay.filter(|_| self.base.lets_decay(weight.path))
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        // What has a velocity follows Adam.
        if let [m] = slots {
            self.update_matrix(step.learning_rate, w, dw, m);
        } else {
            let learning_rate = step.learning_rate * self.adam_lr_ratio as f32;
            self.adam().update(Step { learning_rate, ..step }, w, dw, slots);
        }
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("adam_beta_1", self.adam_beta_1, 0.0..=BELOW_ONE)?;
        within("adam_beta_2", self.adam_beta_2, 0.0..=BELOW_ONE)?;
        within("momentum", self.momentum, 0.0..=1.0)?;
        for (name, value) in [
            ("epsilon", self.epsilon),
            ("adam_lr_ratio", self.adam_lr_ratio),
            ("adam_weight_decay", self.adam_weight_decay.unwrap_or(0.0)),
            ("rms_rate", self.rms_rate.unwrap_or(0.0)),
        ] {
            within(name, value, 0.0..=f64::MAX)?;
        }
        // An update has no end before it has done them all.
        if self.ns_steps > MOST_STEPS {
            let expected = format!("a number of at most {MOST_STEPS}");
            return Err(Error::argument("ns_steps", expected, self.ns_steps));
        }
        // Keras would read it as a pattern, and leave other weights to Adam.
        let is_pattern = |name: &&String| name.contains(|c| r"\^$.|?*+()[]{}".contains(c));
        match self.exclude_layers.iter().find(is_pattern) {
            Some(name) => Err(Error::argument("exclude_layers", "plain text, no pattern", name)),
            None => Ok(()),
        }
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Muon", self)
    }
}
