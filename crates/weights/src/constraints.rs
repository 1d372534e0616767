//! Conditions that a weight meets after every update.

mod axes;
mod max_norm;
mod min_max_norm;
mod non_neg;
mod unit_norm;

use ceratops_core::{Constrain, Result, Tensor};

use crate::kinds::kinds;

pub use axes::Axes;
pub use max_norm::MaxNorm;
pub use min_max_norm::MinMaxNorm;
pub use non_neg::NonNeg;
pub use unit_norm::UnitNorm;

/// What one class of constraint refuses, beside what it does.
trait Condition: Constrain {
    /// Refuses a config that makes no sense.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// Refuses a weight whose shape lacks the axes that the condition names.
    fn check(&self, _shape: &[usize]) -> Result<()> {
        Ok(())
    }
}

kinds! {
    /// A condition that a weight meets after every update (Keras: `keras.constraints`).
    ///
    /// ```
    /// use ceratops_core::{Constrain, Tensor};
    /// use ceratops_weights::{Constraint, constraints::MaxNorm};
    ///
    /// let w = Tensor::from([[3.0, 0.25], [4.0, 0.0]]);
    /// let w = Constraint::from(MaxNorm::new(1.0)).apply(w).map(|w| (w * 1e6).round() / 1e6);
    /// assert_eq!(w, Tensor::from([[0.6, 0.25], [0.8, 0.0]]));
    ///
    /// assert_eq!(Constraint::from("non_neg").apply([-1.0, 2.0].into()), [0.0, 2.0].into());
    /// ```
    Constraint, "constraint" in "keras.constraints", dyn Condition {
        /// `‖w‖ <= max_value`
        MaxNorm,
        /// `min_value <= ‖w‖ <= max_value`
        MinMaxNorm,
        /// `w >= 0`
        NonNeg,
        /// `‖w‖ = 1`
        UnitNorm,
    }
}

impl Constraint {
    /// Refuses an unknown name, and a config that makes no sense.
    pub fn validate(&self) -> Result<()> {
        match self {
            // Who only asks a model needs none.
            Self::Foreign(_) => Ok(()),
            _ => self.kind()?.validate(),
        }
    }

    /// Refuses a weight whose shape lacks the axes that the condition names. A layer asks when it
    /// makes its weights, for [`apply`](Constrain::apply) leaves such a weight as it is.
    pub fn check(&self, shape: &[usize]) -> Result<()> {
        match self {
            Self::Foreign(_) => Ok(()),
            _ => self.kind()?.check(shape),
        }
    }

    fn alias(_: &str) -> Option<Self> {
        None
    }
}

impl Constrain for Constraint {
    fn check_known(&self) -> Result<()> {
        self.kind().map(|_| ())
    }

    fn apply(&self, w: Tensor) -> Tensor {
        match self.kind() {
            Ok(kind) => kind.apply(w),
            Err(_) => w,
        }
    }
}
