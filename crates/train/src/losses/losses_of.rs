//! Losses: one for a model, or one for each of its outputs.

use std::collections::BTreeMap;

use ceratops_core::{Error, Result, Structure};
use serde_json::{Map, Value};

use super::{AnyLoss, IntoLoss};
use crate::CustomObjects;

/// The losses of a model: one for all outputs, or one for each, in their order or by their names. An
/// output without one is `None`.
#[derive(Debug, Clone)]
pub struct Losses {
    given: Structure<Option<AnyLoss>>,
    /// Whether an output that is not named has no loss, as in files of Keras 2.
    lenient: bool,
}

impl Losses {
    /// The losses as Keras writes them: an identifier or an entry, a list of such, or an object by the
    /// names of outputs. An output that is not named there has none, as in files of Keras 2, unless they are
    /// to be [strict](Self::strict).
    ///
    /// # Errors
    /// With the path to what is not understood.
    pub fn from_json(value: &Value) -> Result<Self> {
        Self::from_json_with(value, &CustomObjects::new())
    }

    /// [`Losses::from_json`] with losses of your own.
    ///
    /// # Errors
    /// As there.
    pub fn from_json_with(value: &Value, custom: &CustomObjects) -> Result<Self> {
        let one = |loss: &Value| match loss {
            Value::Null => Ok(None),
            loss => custom.loss(loss).map(Some),
        };
        let given = match value {
            Value::Null => return Err(Error::config("", "expected a loss, got null")),
            Value::Array(losses) => {
                let read =
                    |(i, loss): (usize, &Value)| one(loss).map_err(|e| e.at(&format!("[{i}]")));
                Structure::List(losses.iter().enumerate().map(read).collect::<Result<_>>()?)
            }
            Value::Object(losses) if !losses.contains_key("class_name") => {
                if losses.is_empty() {
                    let message = "expected a loss, got {}: TensorFlow.js writes this where it was \
                                   compiled with a function; take a name, such as \"meanSquaredError\"";
                    return Err(Error::config("", message));
                }
                let read = |(output, loss): (&String, &Value)| {
                    Ok((output.clone(), one(loss).map_err(|e| e.at(output))?))
                };
                Structure::Named(losses.iter().map(read).collect::<Result<_>>()?)
            }
            loss => Structure::One(one(loss)?),
        };
        Ok(Self { given, lenient: true })
    }

    /// The same where every output of several must be named: those without a loss with null.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { lenient: false, ..self }
    }

    /// What Keras writes for them.
    pub fn to_json(&self) -> Result<Value> {
        let one = |loss: &Option<AnyLoss>| loss.as_ref().map_or(Ok(Value::Null), AnyLoss::to_json);
        Ok(match &self.given {
            Structure::One(loss) => one(loss)?,
            Structure::List(losses) => losses.iter().map(one).collect::<Result<_>>()?,
            Structure::Named(losses) => {
                let named = losses.iter().map(|(name, loss)| Ok((name.clone(), one(loss)?)));
                Value::Object(named.collect::<Result<Map<_, _>>>()?)
            }
        })
    }

    /// The same for a model with these outputs: a list for the only output is what it holds. In a file
    /// the output may have another name.
    pub(crate) fn settled(self, outputs: &[String]) -> Self {
        let given = match self.given {
            Structure::List(mut only) if outputs.len() == 1 && only.len() == 1 => {
                Structure::One(only.remove(0))
            }
            Structure::Named(mut only)
                if outputs.len() == 1
                    && only.len() == 1
                    && (self.lenient || only[0].0 == outputs[0]) =>
            {
                Structure::One(only.remove(0).1)
            }
            given => given,
        };
        Self { given, ..self }
    }

    /// The loss of each of the outputs with these names.
    pub(crate) fn for_outputs(&self, outputs: &[String]) -> Result<Vec<Option<AnyLoss>>> {
        let losses: Vec<Option<AnyLoss>> = match &self.given {
            Structure::One(loss) => vec![loss.clone(); outputs.len()],
            given if self.lenient => {
                let known = given.clone().known_in_order("loss", "output", outputs)?;
                known.into_iter().map(Option::flatten).collect()
            }
            given => given
                .clone()
                .in_order("loss", "output", outputs)
                .map_err(|e| e.with_help("an output without a loss is given None"))?,
        };
        if losses.iter().all(Option::is_none) {
            let expected = "a loss for one output at least";
            return Err(Error::argument("loss", expected, "none"));
        }
        Ok(losses)
    }
}

/// A loss, or none: what an output of several is given.
pub trait MaybeLoss {
    /// The loss, or an error that names the nearest known one.
    fn maybe_loss(self) -> Result<Option<AnyLoss>>;
}

impl<L: IntoLoss> MaybeLoss for L {
    fn maybe_loss(self) -> Result<Option<AnyLoss>> {
        self.into_loss().map(Some)
    }
}

impl<L: IntoLoss> MaybeLoss for Option<L> {
    fn maybe_loss(self) -> Result<Option<AnyLoss>> {
        self.map(IntoLoss::into_loss).transpose()
    }
}

/// What `compile` takes for the losses of a model: one [`IntoLoss`] for all outputs, or an array, a
/// vector or a map of them, in the order of the outputs or by their names.
///
/// ```
/// use ceratops_layers::{CallLayer, Dense, Input, IntoNode, Model};
/// use ceratops_train::{Compile, losses::Huber};
///
/// let x = Input::new([4]).tensor();
/// let digit = Dense::new(10).activation("softmax").named("digit").call(&x)?;
/// let size = Dense::new(1).named("size").call(&x)?;
/// let model = Model::new([&x], [&digit, &size])?;
///
/// let loss = [("size", "mse"), ("digit", "sparse_categorical_crossentropy")];
/// model.clone().compile("adam", loss, ())?;
/// // Of these none is measured by its digit.
/// model.compile("adam", [None, Some(Huber::new(1.0))], ())?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` says no loss",
    label = "expected a name such as \"mse\", a loss, or one of these for each output"
)]
pub trait IntoLosses {
    /// The losses, or an error that names the nearest known one.
    fn into_losses(self) -> Result<Losses>;
}

fn all(given: Structure<impl MaybeLoss>) -> Result<Losses> {
    Ok(Losses { given: given.try_map(MaybeLoss::maybe_loss)?, lenient: false })
}

#[diagnostic::do_not_recommend]
impl<L: IntoLoss> IntoLosses for L {
    fn into_losses(self) -> Result<Losses> {
        all(Structure::One(self))
    }
}

impl IntoLosses for Losses {
    fn into_losses(self) -> Result<Losses> {
        Ok(self)
    }
}

impl<L: MaybeLoss, const N: usize> IntoLosses for [L; N] {
    fn into_losses(self) -> Result<Losses> {
        all(Structure::List(self.into()))
    }
}

impl<L: MaybeLoss> IntoLosses for Vec<L> {
    fn into_losses(self) -> Result<Losses> {
        all(Structure::List(self))
    }
}

impl<S: Into<String>, L: MaybeLoss, const N: usize> IntoLosses for [(S, L); N] {
    fn into_losses(self) -> Result<Losses> {
        Vec::from(self).into_losses()
    }
}

impl<S: Into<String>, L: MaybeLoss> IntoLosses for Vec<(S, L)> {
    fn into_losses(self) -> Result<Losses> {
        all(Structure::Named(self.into_iter().map(|(name, loss)| (name.into(), loss)).collect()))
    }
}

impl<S: Into<String>, L: MaybeLoss> IntoLosses for BTreeMap<S, L> {
    fn into_losses(self) -> Result<Losses> {
        self.into_iter().collect::<Vec<_>>().into_losses()
    }
}
