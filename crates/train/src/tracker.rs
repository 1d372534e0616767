//! The running means of an epoch: the loss and the metrics.

use ceratops_activations::Activation;
use ceratops_core::{Closing, Error, Result, Shape, Tensor};

use crate::{Logs, Metric, metrics::AnyMetric};

/// The running means of an epoch: the loss and the metrics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tracker {
    /// Metrics that wait for the first data's shapes.
    waiting: Vec<AnyMetric>,
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
    name: String,
    metric: Box<dyn Metric>,
    on_logits: bool,
}

impl Tracker {
    /// The loss and these metrics; names that are not known are refused.
    pub(crate) fn new(metrics: Vec<AnyMetric>) -> Result<Self> {
        let waiting = metrics.into_iter().map(AnyMetric::look_up).collect::<Result<_>>()?;
        Ok(Self { waiting, ..Self::default() })
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
        for metric in std::mem::take(&mut self.waiting) {
            let metric = metric.resolve(y, output)?;
            if metric.name() == "loss" {
                return Err(Error::argument("metrics", "another name than the loss has", "loss"));
            }
            let name = self.free_name(metric.name());
            self.metrics.push(Tracked { name, metric, on_logits: false });
        }
        for tracked in &mut self.metrics {
            tracked.on_logits = tracked.metric.on_logits(closing);
        }
        let mut logs = Logs::default();
        let names = self.metrics.iter().map(|tracked| tracked.name.as_str());
        ["loss"].into_iter().chain(names).for_each(|name| logs.insert(name, 0.0));
        self.logs = logs.sorted();
        self.reset();
        Ok(())
    }

    /// `name`, or with the first free number, as Keras counts them: `mae_1`.
    fn free_name(&self, name: &str) -> String {
        let taken = self.metrics.iter().filter(|tracked| tracked.metric.name() == name).count();
        if taken == 0 { name.to_owned() } else { format!("{name}_{taken}") }
    }

    /// Forgets all batches.
    pub(crate) fn reset(&mut self) {
        (self.loss, self.samples) = (0.0, 0);
        self.metrics.iter_mut().for_each(|tracked| tracked.metric.reset());
    }

    /// Takes a batch into account: its mean loss, weighted by its samples, and the metrics of its
    /// output, from which the closing activation was left out if `begin` was told so.
    pub(crate) fn update(&mut self, loss: f64, y_true: &Tensor, output: &Tensor) -> Result<()> {
        self.loss += loss * output.batch() as f64;
        self.samples += output.batch();
        let mut closed = None;
        for Tracked { metric, on_logits, .. } in &mut self.metrics {
            let y_pred = match &self.closing {
                Some(activation) if !*on_logits => match &mut closed {
                    Some(closed) => closed,
                    none => none.insert(activation.call(output.clone())?),
                },
                _ => output,
            };
            metric.update(y_true, y_pred)?;
        }
        Ok(())
    }

    /// The loss and the metrics so far, in Keras 3's order: the alphabet's.
    pub(crate) fn logs(&mut self) -> &Logs {
        let mut set = |name: &str, value: f64| {
            if let Some(slot) = self.logs.get_mut(name) {
                *slot = value;
            }
        };
        set("loss", self.loss / self.samples.max(1) as f64);
        for Tracked { name, metric, .. } in &self.metrics {
            set(name, metric.result());
        }
        &self.logs
    }
}
