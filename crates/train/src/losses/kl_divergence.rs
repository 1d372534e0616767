//! KLDivergence: how far a distribution is from that of the labels.

use serde::{Deserialize, Serialize};

use super::{EPSILON, elementwise::Elementwise};

/// Σ t ln(t / p) over each row, both clipped to [1e-7, 1].
///
/// Source: Keras, `keras.losses.KLDivergence`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KLDivergence {}

impl Elementwise for KLDivergence {
    const CLASS_NAME: &'static str = "KLDivergence";
    const NAME: &'static str = "kl_divergence";
    const SUM: bool = true;

    fn term(&self, t: f64, p: f64) -> (f64, f64) {
        // dL/dp = -t / p, and 0 where clipping is flat.
        let range = f64::from(EPSILON)..=1.0;
        let (t, clipped) = (t.clamp(*range.start(), 1.0), p.clamp(*range.start(), 1.0));
        (t * (t / clipped).ln(), if range.contains(&p) { -t / clipped } else { 0.0 })
    }
}
