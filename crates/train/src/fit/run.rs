//! How a `fit` runs: epochs, their batches, validation, and what is kept against interruption.

use std::sync::atomic::{AtomicBool, Ordering};

use ceratops_core::{Error, Result};

use super::{
    Backup, FitOptions, Snapshot,
    listeners::Listeners,
    plan::Plan,
    snapshot::Position,
    source::{Piece, Source, no_batches},
};
use crate::{
    Callback, CompiledModel, History, Logs, TrainParams,
    compiled::output_keys,
    data::{Examples, ahead},
    step::Objective,
};

/// What one `fit` works with.
pub(super) struct Fit<'a> {
    pub(super) options: FitOptions<'a>,
    source: Source<'a>,
    pub(super) validation: Option<Source<'a>>,
    /// What batches are measured by; known once the shape of the labels is.
    pub(super) objective: Option<Objective>,
}

impl<'a> Fit<'a> {
    /// A `fit` on these batches. Data for validation become batches of their own.
    pub(super) fn new(
        model: &CompiledModel,
        mut options: FitOptions<'a>,
        source: Source<'a>,
    ) -> Result<Self> {
        let batch_size = options.validation_batch_size.unwrap_or(options.batch_size);
        let validation = match (options.validation_batches.take(), options.validation_data.take()) {
            (Some(batches), _) => Some(Source::Batches(batches)),
            (None, Some((x, y))) => {
                let data = model.dataset(x, y, options.validation_sample_weight.take());
                let data = data.map_err(of_validation)?;
                Some(Source::Samples { data: data.into(), batch_size, seed: None })
            }
            (None, None) => None,
        };
        Ok(Self { options, source, validation, objective: None })
    }

    /// Trains `model`.
    pub(super) fn run(mut self, model: &mut CompiledModel) -> Result<History> {
        let steps = match (self.source.steps(), self.options.steps_per_epoch) {
            (Some(steps), Some(most)) => Some(steps.min(most)),
            (steps, most) => steps.or(most),
        };
        let params = TrainParams { epochs: self.options.epochs, steps };
        let mut history = History::new(params);
        let mut callbacks = std::mem::take(&mut self.options.callbacks);
        let mut progress = crate::callbacks::progress(self.options.verbose);
        let mut all: Vec<&mut dyn Callback> = Vec::with_capacity(callbacks.len() + 1);
        all.extend(callbacks.iter_mut().map(|callback| &mut **callback as &mut dyn Callback));
        all.push(&mut history);
        let progress = progress.as_mut().map(|callback| &mut **callback as &mut dyn Callback);
        let has_validation = self.validation.is_some();
        let mut listeners =
            Listeners { callbacks: all, progress, params, stop: false, has_validation };

        let mut backup = self.options.backup.take();
        let snapshot = backup.as_mut().map(|backup| backup.restore()).transpose()?.flatten();
        let mut keeper = Keeper { backup, batches: 0 };
        let is_over = self.train(model, &mut listeners, snapshot, &mut keeper)?;
        if let (Some(backup), true) = (&mut keeper.backup, is_over) {
            backup.finish()?;
        }
        drop(listeners);
        Ok(history)
    }

    /// All epochs. Says whether the training has come to its end, and was not interrupted.
    fn train(
        &mut self,
        model: &mut CompiledModel,
        listeners: &mut Listeners<'_>,
        snapshot: Option<Snapshot>,
        keeper: &mut Keeper<'_>,
    ) -> Result<bool> {
        let epochs = self.options.epochs;
        listeners.tell(model, |c, training| c.on_train_begin(training))?;
        let mut at = Position { epoch: self.options.initial_epoch, batch: 0 };
        let mut plan = Plan::default();
        if keeper.backup.is_some() {
            if let Some(snapshot) = &snapshot {
                self.look_ahead(model, snapshot.position()?.0)?;
            }
            plan = Plan::new(model, &self.options, &self.source, listeners.has_validation)?;
        }
        let mut is_over = false;
        if let Some(snapshot) = &snapshot {
            let is_stopped = listeners.stop;
            at = snapshot.restore(model, &plan, epochs, listeners)?;
            // A callback had ended it, at the end of an epoch.
            is_over = listeners.stop && !is_stopped && at.batch == 0;
        }
        // What happens at the beginning of an epoch belongs to the time before a snapshot within it,
        // which is therefore put back once more.
        let mut within = snapshot.filter(|_| at.batch > 0);
        let mut logs = Logs::default();
        is_over |= at.epoch >= epochs;
        while at.epoch < epochs && !self.is_interrupted() && (!listeners.stop || within.is_some()) {
            listeners.tell(model, |c, t| c.on_epoch_begin(at.epoch, t))?;
            if let Some(snapshot) = within.take() {
                snapshot.restore(model, &plan, epochs, listeners)?;
            }
            logs = self.epoch(model, at, &plan, listeners, keeper)?;
            if self.is_interrupted() {
                break;
            }
            if listeners.has_validation && self.options.validation_freq.is_due(at.epoch) {
                listeners.tell(model, |c, t| c.on_test_begin(t))?;
                let found = self.validate(model, at.epoch)?;
                listeners.tell(model, |c, t| c.on_test_end(&found, t))?;
                for (name, value) in &found {
                    logs.insert(format!("val_{name}"), *value);
                }
            }
            listeners.tell(model, |c, t| c.on_epoch_end(at.epoch, &mut logs, t))?;
            at = Position { epoch: at.epoch + 1, batch: 0 };
            keeper.save(|| Snapshot::of(model, &plan, at, listeners))?;
            is_over = at.epoch >= epochs || listeners.stop;
        }
        if epochs > 0 {
            model.finalize_variable_values();
        }
        listeners.tell(model, |c, training| c.on_train_end(&logs, training))?;
        Ok(is_over && !self.is_interrupted())
    }

    /// Readies model and metrics for batches from elsewhere, so that what they had gathered can be put
    /// back.
    fn look_ahead(&mut self, model: &mut CompiledModel, epoch: usize) -> Result<()> {
        if self.objective.is_none() {
            let epoch = epoch.min(self.options.epochs.saturating_sub(1));
            let first =
                self.source.epoch(epoch, 0, None).next().ok_or_else(|| no_batches(epoch))?;
            prepared(first?, &self.options, model, &mut self.objective)?;
        }
        Ok(())
    }

    /// The rest of an epoch, which ends early if somebody says so. Returns the means of loss and
    /// metrics.
    fn epoch(
        &mut self,
        model: &mut CompiledModel,
        at: Position,
        plan: &Plan,
        listeners: &mut Listeners<'_>,
        keeper: &mut Keeper<'_>,
    ) -> Result<Logs> {
        let Self { options, source, objective, .. } = self;
        if at.batch == 0 {
            model.tracker.reset();
        }
        let is_made_ahead = source.is_made_ahead();
        // Where a callback stopped within the epoch, before the interruption, nothing is left of it.
        let mut is_over = at.batch > 0 && listeners.stop;
        let mut step = at.batch;
        let outputs = output_keys(&model.model);
        let batches = source.epoch(at.epoch, at.batch, options.steps_per_epoch);
        ahead(batches, is_made_ahead, |batches| {
            while !is_over {
                let Some(piece) = batches.next().transpose()? else { break };
                let batch = prepared(piece, options, model, objective)?;
                let Some(objective) = objective.as_ref() else { break };
                model.train_step(objective, &batch, options.seed)?;
                let logs = model.tracker.take_logs();
                let told = batch.to_batch(&outputs);
                listeners
                    .tell_of(model, Some(&told), |c, t| c.on_train_batch_end(step, &logs, t))?;
                model.tracker.put_back(logs);
                step += 1;
                let interrupted = is_set(options.interrupt);
                let at = Position { epoch: at.epoch, batch: step };
                keeper.after_batch(interrupted, || Snapshot::of(model, plan, at, listeners))?;
                is_over = listeners.stop || interrupted;
            }
            Ok(())
        })?;
        if step == 0 {
            return Err(no_batches(at.epoch));
        }
        Ok(model.tracker.logs().clone())
    }

    /// The loss and the metrics of the validation data, if there is some.
    fn validate(&mut self, model: &CompiledModel, epoch: usize) -> Result<Logs> {
        match &mut self.validation {
            Some(Source::Samples { data, batch_size, .. }) => {
                let (data, objective) = model.align((**data).clone())?;
                model.measure(&objective, &data, *batch_size)
            }
            Some(source) => model.measure_batches(source, epoch, self.options.validation_steps),
            None => Ok(Logs::default()),
        }
    }

    /// Whether somebody outside wants the training to end.
    fn is_interrupted(&self) -> bool {
        is_set(self.options.interrupt)
    }
}

fn is_set(flag: Option<&AtomicBool>) -> bool {
    flag.is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// The same error, saying that it is about the data for validation.
fn of_validation(error: Error) -> Error {
    match error {
        Error::Argument { argument, expected, found, help } => Error::Argument {
            argument: format!("validation_data: {argument}"),
            expected,
            found,
            help,
        },
        Error::Data(message) => Error::Data(format!("validation_data: {message}")),
        other => other,
    }
}

/// A batch as the model takes it; the first from elsewhere says what it is measured by.
fn prepared(
    piece: Piece,
    options: &FitOptions<'_>,
    model: &mut CompiledModel,
    objective: &mut Option<Objective>,
) -> Result<Examples> {
    let batch = match piece {
        Piece::Ready(examples) => return Ok(examples),
        Piece::Raw(batch) => batch,
    };
    let mut data = model.dataset_of(batch)?;
    if let Some(class_weight) = &options.class_weight {
        data = data.class_weighted(class_weight)?;
    }
    let data = match objective {
        Some(_) => model.align(data)?.0,
        None => {
            let (data, first) = model.begin(data)?;
            *objective = Some(first);
            data
        }
    };
    data.read(0..data.len())
}

/// Keeps snapshots, where they are wanted and when.
struct Keeper<'a> {
    backup: Option<Box<dyn Backup + 'a>>,
    /// How many batches there were in this process.
    batches: usize,
}

impl Keeper<'_> {
    /// Keeps a snapshot.
    fn save(&mut self, snapshot: impl FnOnce() -> Snapshot) -> Result<()> {
        self.backup.as_mut().map_or(Ok(()), |backup| backup.save(&snapshot()))
    }

    /// Keeps a snapshot if one is due after this batch, or `now`.
    fn after_batch(&mut self, now: bool, snapshot: impl FnOnce() -> Snapshot) -> Result<()> {
        self.batches += 1;
        let every = self.backup.as_ref().and_then(|backup| backup.save_freq());
        let due = every.is_some_and(|n| self.batches.is_multiple_of(n.max(1)));
        if due || now { self.save(snapshot) } else { Ok(()) }
    }
}

impl CompiledModel {
    /// The loss and the metrics of the batches of an epoch.
    pub(super) fn measure_batches(
        &self,
        source: &mut Source<'_>,
        epoch: usize,
        steps: Option<usize>,
    ) -> Result<Logs> {
        let mut tracker = self.tracker.clone();
        let mut begun: Option<Objective> = None;
        ahead(source.epoch(epoch, 0, steps), true, |batches| {
            for piece in batches {
                let Piece::Raw(batch) = piece? else { continue };
                let (data, objective) = self.align(self.dataset_of(batch)?)?;
                if begun.is_none() {
                    tracker.begin(&self.tracks(&data, &objective)?)?;
                }
                let objective = begun.get_or_insert(objective);
                self.test_step(objective, &data.read(0..data.len())?, &mut tracker)?;
            }
            Ok(())
        })?;
        if begun.is_none() {
            return Err(no_batches(epoch));
        }
        Ok(tracker.logs().clone())
    }
}
