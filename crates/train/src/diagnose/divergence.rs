//! TerminateOnDivergence: a callback that notices NaN and an exploding loss, and says whence.

use std::fmt;

use ceratops_core::{Error, Inputs, IntoInputs, Param, Result, Tensor};
use ceratops_layers::Model;
use serde_json::Value;

use super::{
    Origin,
    origin::{in_data, in_weights, weights},
    report::short,
};
use crate::{Batch, Callback, CompiledModel, Logs, Training, exact};

/// How many times the loss of the first batch the loss may become. That of a model that knows
/// nothing yet is seldom exceeded much; one that diverges multiplies with every batch.
pub const EXPLODED: f64 = 1e3;

/// How many samples are looked at together in the search for the origin: Keras' batch.
const AT_ONCE: usize = 32;

/// A callback that ends a training that diverges, with an error that says when and where: which
/// batch, and which layer, weight or sample was the first to be NaN or infinite. It looks at the
/// loss and at all weights after every batch; for the latter it keeps a copy of the weights, which is
/// part of a backup too.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Dense, Input, IntoNode, sequential};
/// use ceratops_train::{Compile, FitOptions, TerminateOnDivergence, optimizers::SGD};
///
/// let model = sequential![Input::new([1]), Dense::new(1).named("price")]?;
/// let mut model = model.compile(SGD::new(1e3), "mse", ())?;
/// let x = Tensor::from([[1.0], [2.0], [3.0]]);
/// let guard = TerminateOnDivergence::new();
/// let error = model.fit(&x, &x, FitOptions::new().epochs(9).callback(guard)).unwrap_err();
/// assert!(error.to_string().starts_with("the loss exploded at epoch 1, batch 0"), "{error}");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Keras' `TerminateOnNaN` stops without a word of why.
#[derive(Debug, Clone)]
pub struct TerminateOnDivergence {
    data: Option<(Inputs, Inputs)>,
    exploded: f64,
    stops: bool,
    epoch: usize,
    /// The loss of the first batch.
    first: Option<f64>,
    /// The weights before the batch.
    before: Vec<Tensor>,
    /// The largest update of the last batch, and whose it was.
    update: Option<(String, f64)>,
    /// What was found, if anything.
    pub found: Option<Divergence>,
}

/// That a training diverged, when, and where it began. It prints as a sentence that says what to
/// do.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Divergence {
    /// What was noticed.
    pub kind: DivergenceKind,
    /// The epoch, from 0.
    pub epoch: usize,
    /// The batch of the epoch, from 0.
    pub batch: usize,
    /// The epoch's mean loss up to there.
    pub loss: f64,
    /// That of the first batch.
    pub first: f64,
    /// Where the first number came from that is not finite, if it was found.
    pub origin: Option<Origin>,
    /// The weight that the last finite update changed most, and how many times its size that was.
    pub update: Option<(String, f64)>,
}

/// What tells that a training diverges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DivergenceKind {
    /// The loss is NaN or infinite.
    Loss,
    /// A weight is.
    Weight,
    /// The loss is many times what it was.
    Exploded,
}

impl TerminateOnDivergence {
    /// Ends the training where loss or weights are not finite, or where the loss is [`EXPLODED`]
    /// times that of the first batch.
    pub fn new() -> Self {
        Self {
            data: None,
            exploded: EXPLODED,
            stops: true,
            epoch: 0,
            first: None,
            before: Vec::new(),
            update: None,
            found: None,
        }
    }

    /// The data of the training: a sample that is not finite is then named by its place among all,
    /// and not by that in its batch.
    #[must_use]
    pub fn data(self, x: impl IntoInputs, y: impl IntoInputs) -> Self {
        Self { data: Some((x.into(), y.into())), ..self }
    }

    /// The loss may become so many times that of the first batch; infinity lets it explode.
    #[must_use]
    pub fn exploded(self, factor: f64) -> Self {
        Self { exploded: factor, ..self }
    }

    /// Only keeps what is found, and lets the training go on.
    #[must_use]
    pub fn goes_on(self) -> Self {
        Self { stops: false, ..self }
    }

    /// What tells of divergence after a batch.
    fn notice(&mut self, loss: f64, model: &Model) -> Option<DivergenceKind> {
        let weights_are_finite = self.compare(model);
        if !loss.is_finite() {
            return Some(DivergenceKind::Loss);
        }
        if !weights_are_finite {
            return Some(DivergenceKind::Weight);
        }
        let first = *self.first.get_or_insert(loss);
        // A loss may be 0, or negative, where there is nothing to multiply.
        (first > 0.0 && loss > self.exploded * first).then_some(DivergenceKind::Exploded)
    }

    /// Whether all weights are finite; notes which of them the batch has changed most.
    fn compare(&mut self, model: &Model) -> bool {
        let weights = weights(model);
        let updates = weights.iter().zip(&self.before).filter_map(|((path, param), before)| {
            let update = update(param, before)?;
            Some((path, update))
        });
        let largest = updates.max_by(|a, b| a.1.total_cmp(&b.1));
        let largest = largest.map(|(path, update)| (path.clone(), update));
        let all = weights.iter().all(|(_, param)| is_finite(param.value()));
        if all {
            self.update = largest.or(self.update.take());
        }
        all
    }

    /// Where it began: among the weights as they were before the batch, or with them in the data,
    /// or on the way through the model.
    fn origin(&self, compiled: &CompiledModel, batch: Option<&Batch>) -> Result<Option<Origin>> {
        let mut compiled = compiled.clone();
        for (param, before) in compiled.model.params_mut().into_iter().zip(&self.before) {
            param.set_value(before.clone())?;
        }
        if let Some(origin) = in_weights(&compiled.model) {
            return Ok(Some(origin));
        }
        if let Some((x, y)) = &self.data
            && let Some(origin) = in_data("x", x).or_else(|| in_data("y", y))
        {
            return Ok(Some(origin));
        }
        if let Some(Batch { x, y, .. }) = batch {
            let found = in_data("x of the batch", x).or_else(|| in_data("y of the batch", y));
            return Ok(found.or(compiled.diagnose_training(x, y)?.origin));
        }
        let Some((x, y)) = &self.data else { return Ok(None) };
        let samples = x.iter().next().map_or(0, Tensor::batch);
        for start in (0..samples).step_by(AT_ONCE) {
            let batch = start..samples.min(start + AT_ONCE);
            let part = |all: &Inputs| all.clone().try_map(|all| all.batch_slice(batch.clone()));
            let (x, y) = (part(x)?, part(y)?);
            if let Some(origin) = compiled.diagnose_training(x, y)?.origin {
                return Ok(Some(origin));
            }
        }
        Ok(None)
    }
}

impl Default for TerminateOnDivergence {
    fn default() -> Self {
        Self::new()
    }
}

impl Callback for TerminateOnDivergence {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        (self.first, self.update, self.found) = (None, None, None);
        self.before = training.model().get_weights();
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Training<'_>) -> Result<()> {
        self.epoch = epoch;
        Ok(())
    }

    fn on_train_batch_end(
        &mut self,
        batch: usize,
        logs: &Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        let loss = logs.get("loss").copied().unwrap_or(0.0);
        if self.found.is_some() {
            return Ok(());
        }
        let Some(kind) = self.notice(loss, training.model()) else {
            self.before = training.model().get_weights();
            return Ok(());
        };
        let origin = match kind {
            DivergenceKind::Exploded => None,
            DivergenceKind::Loss => self.origin(training.compiled(), training.batch())?,
            DivergenceKind::Weight => {
                let begun = self.origin(training.compiled(), training.batch())?;
                begun.or_else(|| in_weights(training.model()))
            }
        };
        let (epoch, first) = (self.epoch, self.first.unwrap_or(loss));
        let update = self.update.take();
        let found = Divergence { kind, epoch, batch, loss, first, origin, update };
        let error = Error::Model(found.to_string());
        self.found = Some(found);
        if self.stops { Err(error) } else { Ok(()) }
    }

    fn state(&self) -> Value {
        let update = self.update.as_ref().map(|(weight, ratio)| (weight, ratio.to_bits()));
        exact::to_json(&(self.epoch, self.first.map(f64::to_bits), update))
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        let (epoch, first, update): (_, Option<u64>, Option<(String, u64)>) =
            exact::from_json("TerminateOnDivergence", state)?;
        self.epoch = epoch;
        self.first = first.map(f64::from_bits);
        self.update = update.map(|(weight, ratio)| (weight, f64::from_bits(ratio)));
        Ok(())
    }

    fn tensors(&self) -> Vec<Tensor> {
        self.before.clone()
    }

    fn set_tensors(&mut self, tensors: &[Tensor]) -> Result<()> {
        self.before = tensors.to_vec();
        Ok(())
    }
}

/// How far a weight moved, as a part of its size; `None` if it does not learn, or was 0.
fn update(param: &Param, before: &Tensor) -> Option<f64> {
    let pairs = param.value().as_slice().iter().zip(before.as_slice());
    let (mut moved, mut size) = (0.0, 0.0);
    for (after, before) in pairs.map(|(a, b)| (f64::from(*a), f64::from(*b))) {
        moved += (after - before).powi(2);
        size += before.powi(2);
    }
    (param.learns() && size > 0.0).then(|| (moved / size).sqrt())
}

fn is_finite(tensor: &Tensor) -> bool {
    // Branches would keep the loop from using the CPU's vectors.
    tensor.as_slice().iter().fold(true, |all, x| all & x.is_finite())
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, batch, loss, first, .. } = self;
        match self.kind {
            DivergenceKind::Loss => write!(f, "the loss became {}", short(*loss))?,
            DivergenceKind::Weight => write!(f, "a weight became NaN or infinite")?,
            DivergenceKind::Exploded => write!(f, "the loss exploded")?,
        }
        write!(f, " at epoch {epoch}, batch {batch} (both counted from 0)")?;
        match self.kind {
            DivergenceKind::Exploded => {
                write!(f, ": from {} to {}", short(*first), short(*loss))?;
            }
            DivergenceKind::Weight => write!(f, ", while the loss was {}", short(*loss))?,
            DivergenceKind::Loss => {}
        }
        if let Some((weight, ratio)) = &self.update {
            write!(f, "; the last finite update of {weight} was {} times its size", short(*ratio))?;
        }
        match &self.origin {
            Some(origin) => write!(f, ". {origin}"),
            None if self.kind == DivergenceKind::Exploded => {
                write!(f, ". Lower the learning rate, or use clipnorm.")
            }
            None => write!(
                f,
                ". All weights were finite before, so that it comes from this batch: from its data, \
                 or from a layer whose output overflows for one draw of Dropout only."
            ),
        }
    }
}
