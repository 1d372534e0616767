//! Adam: running means of the gradient and of its square.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Base, Optimizer, Slot, Step, Weight, base::BELOW_ONE, elementwise::update_each, slot, within,
};
use crate::{config, schedules::LearningRate};

/// w -= α m / (√v + epsilon), where m and v are running means of dw and dw², in step t:
///
/// ```text
/// α = learning_rate * √(1 - beta_2ᵗ) / (1 - beta_1ᵗ)
/// m += (dw - m) * (1 - beta_1)
/// v += (dw² - v) * (1 - beta_2)
/// v̂ = max(v̂, v)                                   (amsgrad: v̂ stands for v)
/// ```
///
/// ```
/// use ceratops_train::{Optimizer, optimizers::Adam};
///
/// let adam = Adam::new(0.0005).weight_decay(0.004);
/// assert_eq!(adam.beta_2, 0.999);
/// ```
///
/// Source: Kingma and Ba, "Adam", in the form before section 2.1 ("epsilon hat"); Keras,
/// `keras.optimizers.Adam`. PyTorch corrects the bias of v before it adds epsilon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How slowly m follows the gradient, from 0 to below 1.
    pub beta_1: f64,
    /// How slowly v follows the gradient's square, from 0 to below 1.
    pub beta_2: f64,
    /// A small number that keeps the divisor from zero.
    pub epsilon: f64,
    /// Whether v never falls (Reddi et al., "On the Convergence of Adam and Beyond").
    pub amsgrad: bool,
}

impl Default for Adam {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adam {
    /// Adam with Keras' defaults.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = Base::new(learning_rate);
        Self { base, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false }
    }

    /// Lets m follow the gradient so slowly.
    #[must_use]
    pub fn beta_1(self, beta_1: f64) -> Self {
        Self { beta_1, ..self }
    }

    /// Lets v follow the gradient's square so slowly.
    #[must_use]
    pub fn beta_2(self, beta_2: f64) -> Self {
        Self { beta_2, ..self }
    }

    /// Keeps the divisor from zero by so much.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Lets v fall, or not.
    #[must_use]
    pub fn amsgrad(self, amsgrad: bool) -> Self {
        Self { amsgrad, ..self }
    }

    /// α of the formula.
    fn alpha(&self, step: Step<'_>) -> f32 {
        let left = |beta| 1.0 - power(beta, step.iteration);
        step.learning_rate * left(self.beta_2).sqrt() / left(self.beta_1)
    }
}

impl Optimizer for Adam {
    fn class_name(&self) -> &str {
        "Adam"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        let mut slots = slot::named(["momentum", "velocity"]);
        slots.extend(self.amsgrad.then_some(Slot::new("velocity_hat")));
        slots
    }

    fn interleaved(&self) -> usize {
        2
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let [m, v, v_hat @ ..] = slots else { return };
        let (alpha, epsilon) = (self.alpha(step), self.epsilon as f32);
        let (keep_1, keep_2) = ((1.0 - self.beta_1) as f32, (1.0 - self.beta_2) as f32);
        let (m, v) = (m.as_mut_slice(), v.as_mut_slice());
        let means = move |g: f32, m: f32, v: f32| (m + (g - m) * keep_1, v + (g * g - v) * keep_2);
        if let [v_hat] = v_hat {
            update_each(w, dw, [m, v, v_hat.as_mut_slice()], move |w, g, [m, v, v_hat]| {
                let (m, v) = means(g, m, v);
                let v_hat = v_hat.max(v);
                (w - m * alpha / (v_hat.sqrt() + epsilon), [m, v, v_hat])
            });
        } else {
            update_each(w, dw, [m, v], move |w, g, [m, v]| {
                let (m, v) = means(g, m, v);
                (w - m * alpha / (v.sqrt() + epsilon), [m, v])
            });
        }
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("beta_1", self.beta_1, 0.0..=BELOW_ONE)?;
        within("beta_2", self.beta_2, 0.0..=BELOW_ONE)?;
        within("epsilon", self.epsilon, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Adam", self)
    }
}

/// betaᵗ, rounded to f32 where Keras rounds: with beta near 1 that is seen in the first steps.
pub(super) fn power(beta: f64, t: u64) -> f32 {
    f64::from(beta as f32).powf(t as f64) as f32
}
