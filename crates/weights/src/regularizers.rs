//! Penalties on a weight's size, added to the loss.

mod l1;
mod l1_l2;
mod l2;
mod orthogonal;

use ceratops_core::{Regularize, Result, Tensor};

use crate::kinds::kinds;

pub use l1::L1;
pub use l1_l2::L1L2;
pub use l2::L2;
pub use orthogonal::{Mode, OrthogonalRegularizer};

/// What one class of regularizer refuses, beside what it does.
trait Penalty: Regularize {
    /// Refuses a config that makes no sense.
    fn validate(&self) -> Result<()>;

    /// Refuses a weight whose shape the penalty does not fit.
    fn check(&self, _shape: &[usize]) -> Result<()> {
        Ok(())
    }
}

kinds! {
    /// A penalty on a weight's size (Keras: `keras.regularizers`).
    ///
    /// ```
    /// use ceratops_core::{Regularize, Tensor};
    /// use ceratops_weights::{Regularizer, regularizers::L2};
    ///
    /// let w = Tensor::from([3.0, -4.0]);
    /// assert_eq!(Regularizer::from(L2::new(0.5)).loss(&w), 12.5);
    /// assert_eq!(Regularizer::from("l1").loss(&w), 0.07);
    /// ```
    ///
    /// The name `l1_l2` means 0.01 for both, as in Keras 2, while the class `L1L2` penalises
    /// nothing by default.
    Regularizer, "regularizer" in "keras.regularizers", dyn Penalty {
        /// `l1 Σ|w|`
        L1,
        /// `l2 Σw²`
        L2,
        /// `l1 Σ|w| + l2 Σw²`
        L1L2,
        /// The mean cosine between rows, or columns
        OrthogonalRegularizer,
    }
}

impl Regularizer {
    /// Refuses an unknown name, and a config that makes no sense.
    pub fn validate(&self) -> Result<()> {
        match self {
            // Who only asks a model needs none.
            Self::Foreign(_) => Ok(()),
            _ => self.kind()?.validate(),
        }
    }

    /// Refuses a weight whose shape the penalty does not fit.
    pub fn check(&self, shape: &[usize]) -> Result<()> {
        match self {
            Self::Foreign(_) => Ok(()),
            _ => self.kind()?.check(shape),
        }
    }

    fn alias(name: &str) -> Option<Self> {
        (name == "l1_l2").then(|| L1L2::new(0.01, 0.01).into())
    }
}

impl Regularize for Regularizer {
    fn check_known(&self) -> Result<()> {
        self.kind().map(|_| ())
    }

    /// The penalty; NaN for what [`validate`](Self::validate) or [`check`](Self::check) refuse,
    /// so that it cannot pass unseen.
    fn loss(&self, w: &Tensor) -> f64 {
        self.kind().map_or(f64::NAN, |kind| kind.loss(w))
    }

    fn add_gradient(&self, w: &Tensor, dw: &mut Tensor) -> Result<()> {
        self.kind()?.add_gradient(w, dw)
    }
}

/// Adds `derivative(w)` to `dw`, number by number.
fn add_each(w: &Tensor, dw: &mut Tensor, derivative: impl Fn(f32) -> f32) -> Result<()> {
    dw.add_scaled(1.0, &w.clone().map(derivative))
}
