//! The running means of an epoch: the loss and the metrics.

use std::iter;

use ceratops_activations::Activation;
use ceratops_core::{Closing, Error, Mask, Result, Shape, Tensor};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Logs, Metric,
    data::{Examples, Labels},
    exact,
    metrics::{AnyMetric, Direction},
    step::Measured,
};

/// The running means of an epoch: the loss, where there are several that of each output, and the
/// metrics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tracker {
    /// Metrics that wait for the first data's shapes.
    waiting: Vec<Waiting>,
    metrics: Vec<Tracked>,
    /// What was reported last; every batch writes other values under the same names.
    logs: Logs,
    /// The activations that the model leaves out, output by output.
    closings: Vec<Option<Activation>>,
    loss: f64,
    /// The losses of the outputs, each with its name and the output's place.
    losses: Vec<(String, usize, f64)>,
    samples: usize,
}

/// A metric of an output that waits for the first data's shapes.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// The output's place.
    pub(crate) output: usize,
    pub(crate) metric: AnyMetric,
    /// Whether it sees the weights of samples.
    pub(crate) weighted: bool,
}

#[derive(Debug, Clone)]
struct Tracked {
    output: usize,
    /// What is counted where several have the same.
    base: String,
    name: String,
    weighted: bool,
    metric: Box<dyn Metric>,
    on_logits: bool,
}

/// What is to be known of an output before the first batch.
#[derive(Debug)]
pub(crate) struct Tracks {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// The shape of its labels, if it is measured.
    pub(crate) y: Option<Vec<usize>>,
    /// The activation that the model leaves out there.
    pub(crate) closing: Option<Closing>,
    pub(crate) has_loss: bool,
}

impl Tracker {
    /// The loss and these metrics; names that are not known are refused.
    pub(crate) fn new(metrics: Vec<Waiting>) -> Result<Self> {
        let look_up =
            |waiting: Waiting| Ok(Waiting { metric: waiting.metric.clone().look_up()?, ..waiting });
        let waiting = metrics.into_iter().map(look_up).collect::<Result<_>>()?;
        Ok(Self { waiting, ..Self::default() })
    }

    /// Begins anew, for a model with these outputs.
    pub(crate) fn begin(&mut self, outputs: &[Tracks]) -> Result<()> {
        let closing = |output: &Tracks| {
            output.closing.map(|closing| Activation::get(closing.name())).transpose()
        };
        self.closings = outputs.iter().map(closing).collect::<Result<_>>()?;
        for Waiting { output, metric, weighted } in std::mem::take(&mut self.waiting) {
            let Some(Tracks { name, shape, y: Some(y), .. }) = outputs.get(output) else {
                continue;
            };
            let metric = metric.resolve(y, shape)?;
            if metric.name() == "loss" {
                return Err(Error::argument("metrics", "another name than the loss has", "loss"));
            }
            let prefix = if outputs.len() > 1 { format!("{name}_") } else { String::new() };
            // Keras 2 has the output's name before that of the metric in its files.
            let own = metric.name().strip_prefix(&prefix).unwrap_or(metric.name());
            let (base, name) = self.free_name(&prefix, own, weighted);
            self.metrics.push(Tracked { output, base, name, weighted, metric, on_logits: false });
        }
        for tracked in &mut self.metrics {
            let closing = outputs.get(tracked.output).and_then(|output| output.closing);
            tracked.on_logits = tracked.metric.on_logits(closing);
        }
        let with_loss = outputs.iter().enumerate().filter(|(_, output)| output.has_loss);
        let losses = with_loss.map(|(place, output)| (format!("{}_loss", output.name), place, 0.0));
        self.losses = losses.collect();
        if self.losses.len() < 2 {
            self.losses.clear();
        }
        self.logs = Logs::default();
        self.reset();
        Ok(())
    }

    /// The name behind `prefix`, or with the first free number, as Keras counts them: `mae_1`. A
    /// weighted metric of a name that is taken is called `weighted_mae` first.
    fn free_name(&self, prefix: &str, name: &str, weighted: bool) -> (String, String) {
        let taken = |base: &str| self.metrics.iter().filter(|known| known.base == base).count();
        let clashes = weighted && taken(&format!("{prefix}{name}")) > 0;
        let base = format!("{prefix}{}{name}", if clashes { "weighted_" } else { "" });
        let name = match taken(&base) {
            0 => base.clone(),
            n => format!("{base}_{n}"),
        };
        (base, name)
    }

    /// Forgets all batches.
    pub(crate) fn reset(&mut self) {
        (self.loss, self.samples) = (0.0, 0);
        self.losses.iter_mut().for_each(|(.., sum)| *sum = 0.0);
        self.metrics.iter_mut().for_each(|tracked| tracked.metric.reset());
    }

    /// Takes a batch into account: its mean losses, weighted by its samples, and the metrics of its
    /// outputs, from which the closing activations were left out if `begin` was told so.
    pub(crate) fn update(&mut self, data: &Examples, measured: &Measured) -> Result<()> {
        let samples = data.len();
        self.loss += measured.loss * samples as f64;
        for (_, place, sum) in &mut self.losses {
            *sum += measured.losses.get(*place).copied().unwrap_or(0.0) * samples as f64;
        }
        self.samples += samples;
        let mut closed: Vec<Option<Tensor>> = vec![None; self.closings.len()];
        for Tracked { output: place, metric, on_logits, weighted, .. } in &mut self.metrics {
            let (Some(Some(labels)), Some(output)) =
                (data.labels.get(*place), measured.outputs.get(*place))
            else {
                continue;
            };
            let y_pred = match (self.closings.get(*place), closed.get_mut(*place)) {
                (Some(Some(activation)), Some(closed)) if !*on_logits => match closed {
                    Some(closed) => &*closed,
                    none => &*none.insert(activation.call(output.clone())?),
                },
                _ => output,
            };
            let mask = measured.masks.get(*place).and_then(Option::as_ref);
            add(&mut **metric, labels, y_pred, mask, *weighted)?;
        }
        Ok(())
    }

    /// Whether more or less is better of what is reported under `name`, where that can be said.
    pub(crate) fn direction(&self, name: &str) -> Option<Direction> {
        if name == "loss" || self.losses.iter().any(|(known, ..)| known == name) {
            return Some(Direction::Down);
        }
        // One of several values of a metric has its direction.
        let name = name.split_once('[').map_or(name, |(name, _)| name);
        self.metrics.iter().find(|tracked| tracked.name == name)?.metric.direction()
    }

    /// Under which names values are reported: the losses, the metrics.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let losses = self.losses.iter().map(|(name, ..)| name.as_str());
        let metrics = self.metrics.iter().map(|tracked| tracked.name.as_str());
        iter::once("loss").chain(losses).chain(metrics)
    }

    /// The loss and the metrics so far, in Keras 3's order: the alphabet's.
    pub(crate) fn logs(&mut self) -> &Logs {
        let known = self.logs.len();
        let mut set = |name: &str, value: f64| match self.logs.get_mut(name) {
            Some(slot) => *slot = value,
            None => self.logs.insert(name, value),
        };
        let samples = self.samples.max(1) as f64;
        set("loss", self.loss / samples);
        for (name, _, sum) in &self.losses {
            set(name, sum / samples);
        }
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
            "losses": self.losses.iter().map(|(.., sum)| sum.to_bits()).collect::<Vec<_>>(),
            "samples": self.samples,
            "metrics": metrics.collect::<Vec<_>>(),
        })
    }

    /// Gathers on from [`Tracker::state`].
    pub(crate) fn set_state(&mut self, state: &Value) -> Result<()> {
        let Gathered { loss, losses, samples, metrics } = exact::from_json("the metrics", state)?;
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
        for ((.., sum), bits) in self.losses.iter_mut().zip(losses) {
            *sum = f64::from_bits(bits);
        }
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
    /// The bits of the outputs' losses; nothing in files of before there were several.
    #[serde(default)]
    losses: Vec<u64>,
    samples: usize,
    metrics: Vec<Value>,
}

/// Takes the batch of one output into account. As in Keras, a mask weighs the steps of a metric that
/// is a mean over them, and others do not know it.
fn add(
    metric: &mut dyn Metric,
    labels: &Labels,
    y_pred: &Tensor,
    mask: Option<&Mask>,
    weighted: bool,
) -> Result<()> {
    let Labels { y, weights } = labels;
    let weights = weights.as_ref().filter(|_| weighted);
    match (mask.filter(|_| metric.follows_mask()), weights) {
        (Some(mask), weights) => {
            let weighed = mask.weigh(weights.map(Tensor::as_slice));
            metric.update_weighted(y, y_pred, &Tensor::new(mask.tensor().shape(), weighed)?)
        }
        (None, Some(weights)) => metric.update_weighted(y, y_pred, weights),
        (None, None) => metric.update(y, y_pred),
    }
}
