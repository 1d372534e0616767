//! No negative numbers.

use ceratops_core::{Constrain, Tensor};
use serde::{Deserialize, Serialize};

use super::Condition;

/// `max(w, 0)` (Keras: `NonNeg`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NonNeg;

impl Constrain for NonNeg {
    fn apply(&self, w: Tensor) -> Tensor {
        // `f32::max` would turn NaN into 0 and hide it.
        w.map(|w| if w < 0.0 { 0.0 } else { w })
    }
}

impl Condition for NonNeg {}
