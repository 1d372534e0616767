//! Adafactor: steps divided by the root mean square of recent gradients, of which rows and columns
//! are remembered.

use ceratops_core::{Result, Tensor, vectorize};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Base, Optimizer, Slot, Step, Weight,
    elementwise::{sum_each, sum_of_squares, update_each},
    within,
};
use crate::{config, schedules::LearningRate};

/// In step t, where r and c are the running means of s over the last axis and over the one before,
/// and rms is the root mean square over a whole weight:
///
/// ```text
/// s = dw² + epsilon_1
/// b = 1 - t ^ beta_2_decay
/// r = b * r + (1 - b) * mean(s, axis=-1)
/// c = b * c + (1 - b) * mean(s, axis=-2)
/// v = r / mean(r) * c                  (of fewer axes than two: v = b * v + (1 - b) * s)
/// u = dw / √v
/// alpha = max(epsilon_2, rms(w)) * min(learning_rate, 1 / √t)
/// w -= alpha * u / max(1, rms(u) / clip_threshold)
/// ```
///
/// Keras keeps v too, so that nothing is saved. Where a number of v is too small for f32, Keras
/// makes NaN of a gradient of zero; here that weight stays.
///
/// Source: Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost";
/// Keras, `keras.optimizers.Adafactor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adafactor {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How the running means slow down: 0 or less.
    pub beta_2_decay: f64,
    /// What is added to the squared gradients.
    pub epsilon_1: f64,
    /// The least size of a weight that steps are measured by.
    pub epsilon_2: f64,
    /// The root mean square to which a step is cut.
    pub clip_threshold: f64,
    /// Whether the learning rate is at most 1 / √t. As in Keras it is in any case.
    pub relative_step: bool,
}

impl Default for Adafactor {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adafactor {
    /// Adafactor with Keras' defaults.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self {
            base: Base::new(learning_rate),
            beta_2_decay: -0.8,
            epsilon_1: 1e-30,
            epsilon_2: 1e-3,
            clip_threshold: 1.0,
            relative_step: true,
        }
    }

    /// Lets the running means slow down so.
    #[must_use]
    pub fn beta_2_decay(self, beta_2_decay: f64) -> Self {
        Self { beta_2_decay, ..self }
    }

    /// Adds so much to the squared gradients.
    #[must_use]
    pub fn epsilon_1(self, epsilon_1: f64) -> Self {
        Self { epsilon_1, ..self }
    }

    /// Measures steps by a weight of at least that size.
    #[must_use]
    pub fn epsilon_2(self, epsilon_2: f64) -> Self {
        Self { epsilon_2, ..self }
    }

    /// Cuts steps to that root mean square.
    #[must_use]
    pub fn clip_threshold(self, clip_threshold: f64) -> Self {
        Self { clip_threshold, ..self }
    }

    /// For files; it changes nothing.
    #[must_use]
    pub fn relative_step(self, relative_step: bool) -> Self {
        Self { relative_step, ..self }
    }
}

impl Optimizer for Adafactor {
    fn class_name(&self) -> &str {
        "Adafactor"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, weight: &Weight<'_>) -> Vec<Slot> {
        // As in Keras, a number stands where there are no rows and columns.
        let (r, c) = match *weight.shape {
            [ref outer @ .., rows, columns] => {
                ([outer, &[rows]].concat(), [outer, &[columns]].concat())
            }
            _ => (Vec::new(), Vec::new()),
        };
        vec![Slot::new("r").shaped(r), Slot::new("c").shaped(c), Slot::new("velocity")]
    }

    fn interleaved(&self) -> usize {
        3
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let [r, c, v] = slots else { return };
        let t = step.iteration as f32;
        let mix = Mix { b: 1.0 - t.powf(self.beta_2_decay as f32), epsilon: self.epsilon_1 as f32 };
        let matrix = match *v.shape() {
            [.., rows, columns] => Some((rows, columns)),
            _ => None,
        };
        if let Some((rows, columns)) = matrix.filter(|(rows, columns)| rows * columns > 0) {
            let matrices =
                dw.chunks(rows * columns).zip(v.as_mut_slice().chunks_mut(rows * columns));
            let means = r.as_mut_slice().chunks_mut(rows).zip(c.as_mut_slice().chunks_mut(columns));
            for ((dw, v), (r, c)) in matrices.zip(means) {
                mix.matrix(dw, r, c, v);
            }
        } else {
            update_each(v.as_mut_slice(), dw, [], move |v, g, []| (mix.mean(v, mix.square(g)), []));
        }
        let n = w.len().max(1) as f64;
        let size = (sum_of_squares(w) / n).sqrt() as f32;
        let v = v.as_mut_slice();
        let rms = (sum_each(dw, v, |g, v| along(g, v) * along(g, v)) / n).sqrt();
        let cut = (rms / self.clip_threshold).max(1.0) as f32;
        let alpha = size.max(self.epsilon_2 as f32) * step.learning_rate.min(1.0 / t.sqrt());
        update_each(w, dw, [v], move |w, g, [v]| (w - alpha * (along(g, v) / cut), [v]));
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("beta_2_decay", self.beta_2_decay, f64::MIN..=0.0)?;
        within("epsilon_1", self.epsilon_1, 0.0..=f64::MAX)?;
        within("epsilon_2", self.epsilon_2, 0.0..=f64::MAX)?;
        within("clip_threshold", self.clip_threshold, f64::MIN_POSITIVE..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Adafactor", self)
    }
}

/// u of the formula; where both are zero, it is zero.
#[inline(always)]
fn along(g: f32, v: f32) -> f32 {
    if g == 0.0 { 0.0 } else { g / v.sqrt() }
}

/// How the means follow the squared gradients.
#[derive(Clone, Copy)]
struct Mix {
    b: f32,
    epsilon: f32,
}

impl Mix {
    #[inline(always)]
    fn square(self, g: f32) -> f32 {
        g * g + self.epsilon
    }

    #[inline(always)]
    fn mean(self, mean: f32, new: f32) -> f32 {
        self.b * mean + (1.0 - self.b) * new
    }

    /// Brings r, c and v of one matrix up to date.
    fn matrix(self, dw: &[f32], r: &mut [f32], c: &mut [f32], v: &mut [f32]) {
        let (rows, columns) = (r.len(), c.len());
        vectorize(
            #[inline(always)]
            move || {
                let mut sums = vec![0.0; columns];
                for (dw, r) in dw.chunks(columns).zip(&mut *r) {
                    let mut sum = 0.0;
                    for (&g, of_column) in dw.iter().zip(&mut sums) {
                        sum += self.square(g);
                        *of_column += self.square(g);
                    }
                    *r = self.mean(*r, sum / columns as f32);
                }
                for (c, sum) in c.iter_mut().zip(sums) {
                    *c = self.mean(*c, sum / rows as f32);
                }
                let mean = r.iter().sum::<f32>() / rows as f32;
                for (v, &r) in v.chunks_mut(columns).zip(&*r) {
                    let part = r / mean;
                    v.iter_mut().zip(&*c).for_each(|(v, c)| *v = part * c);
                }
            },
        );
    }
}
