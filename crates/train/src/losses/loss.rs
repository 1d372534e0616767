//! The `Loss` trait: a value and a gradient for each row of predictions.

use std::{fmt::Debug, sync::Arc};

use ceratops_core::{Closing, Result, Shape, Tensor};
use serde_json::Value;

use super::{Rows, from_json, get};
use crate::{config, metrics::Kind, spelling};

/// How far predictions are from labels: a number for each row, and its gradient.
///
/// A row is a vector of the last axis: for an output of shape (batch, units) that is a sample. The
/// loss of a batch is the mean over its rows, as with Keras' reduction `sum_over_batch_size`; rows
/// are weighted by `sample_weight` before, which does not change the divisor.
///
/// ```
/// use ceratops_train::Loss;
///
/// /// Σ (y_pred - y_true)⁴
/// #[derive(Debug)]
/// struct Quartic;
///
/// impl Loss for Quartic {
///     fn name(&self) -> &str {
///         "quartic"
///     }
///     fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
///         y_true.iter().zip(y_pred).map(|(t, p)| f64::from(p - t).powi(4)).sum()
///     }
///     fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
///         for ((t, p), dy) in y_true.iter().zip(y_pred).zip(dy) {
///             *dy = 4.0 * (p - t).powi(3);
///         }
///     }
/// }
/// ```
pub trait Loss: Debug + Send + Sync + 'static {
    /// The name, as Keras has it: `mean_squared_error`.
    fn name(&self) -> &str;

    /// The loss of one row.
    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64;

    /// The derivative of `value` by each number of `y_pred`, written to `dy`.
    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]);

    /// Both at once, which is what training asks for: a loss whose value and gradient have
    /// something in common, such as a softmax, computes it once here.
    fn value_and_gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) -> f64 {
        self.gradient(y_true, y_pred, dy);
        self.value(y_true, y_pred)
    }

    /// Whether a label is one number, the index of a class, and not a row as long as the
    /// prediction's.
    fn is_sparse(&self) -> bool {
        false
    }

    /// Refuses labels that make no sense for a model with so many `outputs`.
    fn check_labels(&self, y_true: &Tensor, outputs: usize) -> Result<()> {
        let _ = (y_true, outputs);
        Ok(())
    }

    /// The same loss for the input of a model's closing activation, if the two can be joined.
    /// That is more exact: it works where the probability has become 0 or 1.
    fn with_logits(&self, closing: Closing) -> Option<Box<dyn Loss>> {
        let _ = closing;
        None
    }

    /// Refuses settings that make no sense.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// What Keras writes for it: the name, or an entry with class and config.
    fn to_json(&self) -> Result<Value> {
        Ok(self.name().into())
    }
}

/// The mean of `loss` over the rows of `y_pred`: Keras' `loss(y_true, y_pred)`.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_train::losses::{MeanSquaredError, mean};
///
/// let (y_true, y_pred) = (Tensor::from([[0.0, 1.0]]), Tensor::from([[1.0, 1.0]]));
/// assert_eq!(mean(&MeanSquaredError {}, &y_true, &y_pred)?, 0.5);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn mean(loss: &dyn Loss, y_true: &Tensor, y_pred: &Tensor) -> Result<f64> {
    let rows = Rows::new(loss.is_sparse(), y_true.as_slice(), y_pred)?;
    Ok(rows.sum(loss, None) / rows.len().max(1) as f64)
}

/// A loss, or an identifier as it was typed.
#[derive(Debug, Clone)]
pub enum AnyLoss {
    /// A loss.
    Loss(Arc<dyn Loss>),
    /// An identifier as it was typed, and the loss of that name. There is none for `"crossentropy"`
    /// and `"ce"`: that is binary for one output, else sparse or categorical as the labels are.
    Named {
        /// The identifier.
        identifier: String,
        /// The loss.
        loss: Option<Arc<dyn Loss>>,
    },
}

impl AnyLoss {
    /// The loss for labels and outputs of these shapes.
    pub(crate) fn resolve(&self, y: &[usize], output: &Shape) -> Arc<dyn Loss> {
        match self {
            Self::Loss(loss) | Self::Named { loss: Some(loss), .. } => Arc::clone(loss),
            Self::Named { loss: None, .. } => Kind::of(y, output).crossentropy().into(),
        }
    }

    /// What Keras writes for it: the identifier as it was typed, or the entry of the loss.
    pub fn to_json(&self) -> Result<Value> {
        match self {
            Self::Loss(loss) => loss.to_json(),
            Self::Named { identifier, .. } => Ok(spelling::identifier(identifier).into()),
        }
    }
}

/// What `compile` takes as a loss: an identifier, a loss, or a config of Keras.
pub trait IntoLoss {
    /// The loss, or an error that names the nearest known one.
    fn into_loss(self) -> Result<AnyLoss>;
}

impl<L: Loss> IntoLoss for L {
    fn into_loss(self) -> Result<AnyLoss> {
        (Box::new(self) as Box<dyn Loss>).into_loss()
    }
}

impl IntoLoss for Box<dyn Loss> {
    fn into_loss(self) -> Result<AnyLoss> {
        self.validate()?;
        Ok(AnyLoss::Loss(Arc::from(self)))
    }
}

impl IntoLoss for AnyLoss {
    fn into_loss(self) -> Result<AnyLoss> {
        Ok(self)
    }
}

impl IntoLoss for &str {
    fn into_loss(self) -> Result<AnyLoss> {
        let shapes_decide = ["crossentropy", "ce"].iter().any(|ce| self.eq_ignore_ascii_case(ce));
        let loss = if shapes_decide { None } else { Some(Arc::from(get(self)?)) };
        Ok(AnyLoss::Named { identifier: self.to_owned(), loss })
    }
}

impl IntoLoss for String {
    fn into_loss(self) -> Result<AnyLoss> {
        self.as_str().into_loss()
    }
}

impl IntoLoss for &String {
    fn into_loss(self) -> Result<AnyLoss> {
        self.as_str().into_loss()
    }
}

impl IntoLoss for &Value {
    fn into_loss(self) -> Result<AnyLoss> {
        match self {
            Value::String(name) => name.as_str().into_loss(),
            entry if entry.get("class_name").is_some_and(|class| class == "function") => {
                config::class_of("loss", entry)?.0.into_loss()
            }
            entry => from_json(entry)?.into_loss(),
        }
    }
}
