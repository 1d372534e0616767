//! The running means of an epoch: the loss and the metrics.

use std::iter;

use ceratops_activations::Activation;
use ceratops_core::{Closing, Error, Result, Shape, Tensor};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Logs, Metric,
    data::Batch,
    exact,
    metrics::{AnyMetric, Direction},
};

/// The running means of an epoch: the loss and the metrics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tracker {
    /// Metrics that wait for the first data's shapes, and whether they are weighted.
    waiting: Vec<(AnyMetric, bool)>,
    metrics: Vec<Tracked>,
    /// What was reported last; every batch writes other values under the same names.
    logs: Logs,
    /// The activation that the model leaves out.
    closing: Option<Activation>,
    loss: f64,
    samples: usize,
}

#[derive(Debug, Clone)]
struct Tracked {
    /// What is counted where several have the same.
    base: String,
    name: String,
    weighted: bool,
    metric: Box<dyn Metric>,
    on_logits: bool,
}

impl Tracker {
    /// The loss and these metrics; names that are not known are refused.
    pub(crate) fn new(metrics: Vec<AnyMetric>, weighted: Vec<AnyMetric>) -> Result<Self> {
        let all =
            metrics.into_iter().map(|m| (m, false)).chain(weighted.into_iter().map(|m| (m, true)));
        let waiting = all.map(|(metric, weighted)| Ok((metric.look_up()?, weighted)));
        Ok(Self { waiting: waiting.collect::<Result<_>>()?, ..Self::default() })
    }

    /// Begins anew, for labels of shape `y` and a model's `output`; `closing` is what the
    /// model leaves out, if it does.
    pub(crate) fn begin(
        &mut self,
        y: &[usize],
        output: &Shape,
        closing: Option<Closing>,
    ) -> Result<()> {
        self.closing = closing.map(|closing| Activation::get(closing.name())).transpose()?;
        for (metric, weighted) in std::mem::take(&mut self.waiting) {
            let metric = metric.resolve(y, output)?;
            if metric.name() == "loss" {
                return Err(Error::argument("metrics", "another name than the loss has", "loss"));
            }
            let (base, name) = self.free_name(metric.name(), weighted);
            self.metrics.push(Tracked { base, name, weighted, metric, on_logits: false });
        }
        for tracked in &mut self.metrics {
            tracked.on_logits = tracked.metric.on_logits(closing);
        }
        self.logs = Logs::default();
        self.reset();
        Ok(())
    }

    /// `name`, or with the first free number, as Keras counts them: `mae_1`. A weighted metric of
    /// a name that is taken is called `weighted_mae` first.
    fn free_name(&self, name: &str, weighted: bool) -> (String, String) {
        let taken = |base: &str| self.metrics.iter().filter(|known| known.base == base).count();
        let clashes = weighted && taken(name) > 0;
        let base = if clashes { format!("weighted_{name}") } else { name.to_owned() };
        let name = match taken(&base) {
            0 => base.clone(),
            n => format!("{base}_{n}"),
        };
        (base, name)
    }

    /// Forgets all batches.
    pub(crate) fn reset(&mut self) {
        (self.loss, self.samples) = (0.0, 0);
        self.metrics.iter_mut().for_each(|tracked| tracked.metric.reset());
    }

    /// Takes a batch into account: its mean loss, weighted by its samples, and the metrics of its
    /// output, from which the closing activation was left out if `begin` was told so.
    pub(crate) fn update(&mut self, loss: f64, data: &Batch, output: &Tensor) -> Result<()> {
        self.loss += loss * output.batch() as f64;
        self.samples += output.batch();
        let mut closed = None;
        for Tracked { metric, on_logits, weighted, .. } in &mut self.metrics {
            let y_pred = match &self.closing {
                Some(activation) if !*on_logits => match &mut closed {
                    Some(closed) => closed,
                    none => none.insert(activation.call(output.clone())?),
                },
                _ => output,
            };
            match data.sample_weight.as_ref().filter(|_| *weighted) {
                Some(weights) => metric.update_weighted(&data.y, y_pred, weights)?,
                None => metric.update(&data.y, y_pred)?,
            }
        }
        Ok(())
    }

    /// Whether more or less is better of what is reported under `name`, where that can be said.
    pub(crate) fn direction(&self, name: &str) -> Option<Direction> {
        if name == "loss" {
            return Some(Direction::Down);
        }
        // One of several values of a metric has its direction.
        let name = name.split_once('[').map_or(name, |(name, _)| name);
        self.metrics.iter().find(|tracked| tracked.name == name)?.metric.direction()
    }

    /// Under which names values are reported: the loss, the metrics.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        iter::once("loss").chain(self.metrics.iter().map(|tracked| tracked.name.as_str()))
    }

    /// The loss and the metrics so far, in Keras 3's order: the alphabet's.
    pub(crate) fn logs(&mut self) -> &Logs {
        let known = self.logs.len();
        let mut set = |name: &str, value: f64| match self.logs.get_mut(name) {
            Some(slot) => *slot = value,
            None => self.logs.insert(name, value),
        };
        set("loss", self.loss / self.samples.max(1) as f64);
        for Tracked { name, metric, .. } in &self.metrics {
            match metric.results().as_slice() {
                [value] => set(name, *value),
                values => {
                    for (i, value) in values.iter().enumerate() {
                        set(&format!("{name}[{i}]"), *value);
                    }
                }
            }
        }
        if self.logs.len() > known {
            self.logs = std::mem::take(&mut self.logs).sorted();
        }
        &self.logs
    }

    /// [`Tracker::logs`] as a value of one's own, which is given back afterwards so that no batch
    /// asks for memory.
    pub(crate) fn take_logs(&mut self) -> Logs {
        self.logs();
        std::mem::take(&mut self.logs)
    }

    /// Takes the value of [`Tracker::take_logs`] back.
    pub(crate) fn put_back(&mut self, logs: Logs) {
        self.logs = logs;
    }

    /// What was gathered in this epoch, as JSON.
    pub(crate) fn state(&self) -> Value {
        let metrics = self.metrics.iter().map(|tracked| tracked.metric.state());
        json!({
            "loss": self.loss.to_bits(),
            "samples": self.samples,
            "metrics": metrics.collect::<Vec<_>>(),
        })
    }

    /// Gathers on from [`Tracker::state`].
    pub(crate) fn set_state(&mut self, state: &Value) -> Result<()> {
        let Gathered { loss, samples, metrics } = exact::from_json("the metrics", state)?;
        if metrics.len() != self.metrics.len() {
            let message = format!(
                "the backup is of a training with {} metrics, this one has {}; go on with the same \
                 metrics, or delete the backup to begin anew",
                metrics.len(),
                self.metrics.len()
            );
            return Err(Error::Data(message));
        }
        (self.loss, self.samples) = (loss, samples);
        for (tracked, state) in self.metrics.iter_mut().zip(&metrics) {
            tracked.metric.set_state(state)?;
        }
        Ok(())
    }
}

/// What [`Tracker::state`] holds.
#[derive(Deserialize)]
struct Gathered {
    #[serde(with = "exact::number")]
    loss: f64,
    samples: usize,
    metrics: Vec<Value>,
}
