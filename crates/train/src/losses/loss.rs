//! The `Loss` trait: a value and a gradient for each row of predictions.

use std::{fmt::Debug, sync::Arc};

use ceratops_core::{Closing, Result, Shape, Tensor};
use serde_json::Value;

use super::{Axes, Reduction, With, from_json, get, known_to_keras};
use crate::{config, metrics::Kind, spelling};

/// How far predictions are from labels: a number for each row, and its gradient.
///
/// A row is a vector of the last axis: for an output of shape (batch, units) that is a sample. The
/// loss of a batch is the mean over its rows, as with Keras' reduction `sum_over_batch_size`; rows
/// are weighted by `sample_weight` before, which does not change the divisor. Other ways are those
/// of [`Loss::with_reduction`].
///
/// A loss of your own is a type with this trait, or the [`Custom`](super::Custom) of a function.
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

    /// How the rows' losses become the loss of a batch.
    fn reduction(&self) -> Reduction {
        Reduction::default()
    }

    /// Along which axes of the output a row lies.
    fn axes(&self) -> Axes {
        Axes::LAST
    }

    /// The same loss, reduced in another way.
    fn with_reduction(self, reduction: Reduction) -> With
    where
        Self: Sized,
    {
        With::new(Arc::new(self), None, reduction)
    }

    /// The same loss under another name.
    fn with_name(self, name: impl Into<String>) -> With
    where
        Self: Sized,
    {
        let reduction = self.reduction();
        With::new(Arc::new(self), Some(name.into()), reduction)
    }

    /// Whether rows with some labels do not count, and [`Loss::counts`] must be asked.
    fn ignores(&self) -> bool {
        false
    }

    /// Whether the row with this label counts. One that does not has no loss and no gradient, and
    /// is in no divisor.
    fn counts(&self, y_true: &[f32]) -> bool {
        let _ = y_true;
        true
    }

    /// The loss for a batch with all these labels, if it hangs on them.
    fn for_labels(&self, y_true: &[f32]) -> Option<Box<dyn Loss>> {
        let _ = y_true;
        None
    }

    /// The loss as one that compares the samples of a batch with each other, if it does. Then `value`
    /// and `gradient` are not asked.
    fn whole(&self) -> Option<&dyn WholeLoss> {
        None
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

/// A loss that compares the samples of a batch with each other.
pub trait WholeLoss {
    /// The loss of each sample; `None` for one that does not count.
    fn losses(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Vec<Option<f64>>>;

    /// Adds to `dy` the derivative of the weighted sum of these losses by each number of `y_pred`.
    fn gradient(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        weights: &[f64],
        dy: &mut [f32],
    ) -> Result<()>;
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
    super::value(loss, y_true, y_pred, None)
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
            Self::Named { identifier, .. } => {
                let known = known_to_keras(identifier).map(str::to_owned);
                Ok(known.unwrap_or_else(|| spelling::identifier(identifier)).into())
            }
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
