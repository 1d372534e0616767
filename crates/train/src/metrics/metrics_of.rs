//! Metrics: those of a model, or of each of its outputs.

use std::collections::BTreeMap;

use ceratops_core::{Error, Result, Structure};
use serde_json::{Map, Value};

use super::{AnyMetric, Metric};
use crate::CustomObjects;

/// The metrics of a model: a list for its one output, or one for each of several, in their order or by
/// their names.
#[derive(Debug, Clone)]
pub struct Metrics {
    given: Given,
    /// Whether a plain list is for every output of several, as in files of Keras 2.
    lenient: bool,
}

#[derive(Debug, Clone)]
enum Given {
    /// Those of the only output; where there are several, one for each.
    Flat(Vec<AnyMetric>),
    Each(Structure<Vec<AnyMetric>>),
}

impl Default for Metrics {
    /// None.
    fn default() -> Self {
        Self::flat(Vec::new())
    }
}

impl Metrics {
    fn flat(metrics: Vec<AnyMetric>) -> Self {
        Self { given: Given::Flat(metrics), lenient: false }
    }

    fn each(metrics: Structure<Vec<AnyMetric>>) -> Self {
        Self { given: Given::Each(metrics), lenient: false }
    }

    /// The metrics as Keras writes them: a list, a list of lists with one for each output, or an object
    /// by the names of outputs. What is not understood is left out, and told with its path below `path`.
    pub fn from_json(path: &str, value: &Value, not_understood: &mut Vec<Error>) -> Self {
        Self::from_json_with(path, value, not_understood, &CustomObjects::new())
    }

    /// [`Metrics::from_json`] with metrics of your own.
    pub fn from_json_with(
        path: &str,
        value: &Value,
        not_understood: &mut Vec<Error>,
        custom: &CustomObjects,
    ) -> Self {
        let mut listed = |path: &str, entry: &Value| listed(path, entry, not_understood, custom);
        let given = match value {
            Value::Array(entries)
                if entries.iter().any(|entry| entry.is_array() || entry.is_null()) =>
            {
                let read = |(i, entry)| listed(&format!("{path}[{i}]"), entry);
                Given::Each(Structure::List(entries.iter().enumerate().map(read).collect()))
            }
            Value::Object(entries) if !entries.contains_key("class_name") => {
                let read = |(output, entry): (&String, &Value)| {
                    (output.clone(), listed(&format!("{path}.{output}"), entry))
                };
                Given::Each(Structure::Named(entries.iter().map(read).collect()))
            }
            entries => Given::Flat(listed(path, entries)),
        };
        Self { given, lenient: true }
    }

    /// The same where a plain list for several outputs must have one metric for each.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { lenient: false, ..self }
    }

    /// What Keras writes for them; null for none.
    pub fn to_json(&self) -> Result<Value> {
        let list = |metrics: &Vec<AnyMetric>| {
            metrics.iter().map(AnyMetric::to_json).collect::<Result<Value>>()
        };
        Ok(match &self.given {
            Given::Flat(metrics) | Given::Each(Structure::One(metrics)) if metrics.is_empty() => {
                Value::Null
            }
            Given::Flat(metrics) | Given::Each(Structure::One(metrics)) => list(metrics)?,
            Given::Each(Structure::List(each)) => each.iter().map(list).collect::<Result<_>>()?,
            Given::Each(Structure::Named(each)) => {
                let named = each.iter().map(|(name, metrics)| Ok((name.clone(), list(metrics)?)));
                Value::Object(named.collect::<Result<Map<_, _>>>()?)
            }
        })
    }

    /// The same for a model with these outputs: those of the only output are a plain list. Files of
    /// Keras 2 nest them, and may name the output in another way.
    pub(crate) fn settled(self, outputs: &[String]) -> Self {
        let [output] = outputs else { return self };
        let given = match self.given {
            Given::Each(Structure::List(each)) if self.lenient || each.len() == 1 => {
                Given::Flat(each.concat())
            }
            Given::Each(Structure::Named(each))
                if each.len() == 1 && (self.lenient || each[0].0 == *output) =>
            {
                Given::Flat(each.into_iter().flat_map(|(_, metrics)| metrics).collect())
            }
            given => given,
        };
        Self { given, ..self }
    }

    /// The metrics of each of the outputs with these names.
    pub(crate) fn for_outputs(
        &self,
        argument: &str,
        outputs: &[String],
    ) -> Result<Vec<Vec<AnyMetric>>> {
        let count = outputs.len();
        match &self.given {
            Given::Flat(metrics) if metrics.is_empty() => Ok(vec![Vec::new(); count]),
            Given::Flat(metrics) if count == 1 => Ok(vec![metrics.clone()]),
            Given::Flat(metrics) if metrics.len() == count => {
                Ok(metrics.iter().map(|metric| vec![metric.clone()]).collect())
            }
            Given::Flat(metrics) if self.lenient => Ok(vec![metrics.clone(); count]),
            Given::Flat(metrics) => {
                Structure::List(metrics.clone()).in_order(argument, "output", outputs).map_err(|e| {
                    e.with_help("give a list for each output, or pairs of an output's name and its metrics")
                })?;
                Ok(Vec::new())
            }
            Given::Each(each) => {
                let known = each.clone().known_in_order(argument, "output", outputs)?;
                Ok(known.into_iter().map(Option::unwrap_or_default).collect())
            }
        }
    }
}

/// The metrics of a list, of a list of lists, or of one entry.
fn listed(
    path: &str,
    entry: &Value,
    not_understood: &mut Vec<Error>,
    custom: &CustomObjects,
) -> Vec<AnyMetric> {
    match entry {
        Value::Null => Vec::new(),
        Value::Array(entries) => {
            let each = entries.iter().enumerate();
            each.flat_map(|(i, entry)| {
                listed(&format!("{path}[{i}]"), entry, not_understood, custom)
            })
            .collect()
        }
        entry => match custom.metric(entry) {
            Ok(metric) => vec![metric],
            Err(error) => {
                not_understood.push(error.at(path));
                Vec::new()
            }
        },
    }
}

/// What `compile` takes for metrics: `()`, a name, a metric, or an array or a vector of one kind
/// of them. Names and metrics together are an array of [`AnyMetric`]s.
///
/// A model of several outputs takes one metric for each, a list of such for each, or pairs of an output's
/// name and its metrics; outputs that are not named have none.
///
/// ```
/// use ceratops_layers::{CallLayer, Dense, Input, IntoNode, Model};
/// use ceratops_train::Compile;
///
/// let x = Input::new([4]).tensor();
/// let digit = Dense::new(10).activation("softmax").named("digit").call(&x)?;
/// let size = Dense::new(1).named("size").call(&x)?;
/// let model = Model::new([&x], [&digit, &size])?;
/// let loss = ["sparse_categorical_crossentropy", "mse"];
/// model.clone().compile("adam", loss, [("size", ["mae", "mse"])])?;
/// model.clone().compile("adam", loss, ["accuracy", "mae"])?;
/// model.compile("adam", loss, [vec!["accuracy"], vec!["mae", "mse"]])?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` says no metrics",
    label = "expected a name, a metric, or a list of these",
    note = "no metrics are `()`; names are `\"mae\"` or `[\"mae\", \"mse\"]`",
    note = "names and metrics together: `[AnyMetric::from(\"mae\"), RootMeanSquaredError::new().into()]`"
)]
pub trait IntoMetrics {
    /// The metrics in order.
    fn into_metrics(self) -> Metrics;

    /// The metrics of one output in order.
    fn into_list(self) -> Vec<AnyMetric>
    where
        Self: Sized,
    {
        match self.into_metrics().given {
            Given::Flat(metrics) => metrics,
            Given::Each(each) => each.iter().flatten().cloned().collect(),
        }
    }
}

impl IntoMetrics for Metrics {
    fn into_metrics(self) -> Metrics {
        self
    }
}

impl IntoMetrics for () {
    fn into_metrics(self) -> Metrics {
        Metrics::default()
    }
}

impl IntoMetrics for &str {
    fn into_metrics(self) -> Metrics {
        Metrics::flat(vec![self.into()])
    }
}

impl IntoMetrics for String {
    fn into_metrics(self) -> Metrics {
        Metrics::flat(vec![self.into()])
    }
}

impl IntoMetrics for &String {
    fn into_metrics(self) -> Metrics {
        Metrics::flat(vec![self.into()])
    }
}

impl IntoMetrics for AnyMetric {
    fn into_metrics(self) -> Metrics {
        Metrics::flat(vec![self])
    }
}

#[diagnostic::do_not_recommend]
impl<M: Metric> IntoMetrics for M {
    fn into_metrics(self) -> Metrics {
        Metrics::flat(vec![self.into()])
    }
}

impl<T: Into<AnyMetric>, const N: usize> IntoMetrics for [T; N] {
    fn into_metrics(self) -> Metrics {
        Metrics::flat(self.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<AnyMetric>> IntoMetrics for Vec<T> {
    fn into_metrics(self) -> Metrics {
        Metrics::flat(self.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<AnyMetric> + Clone> IntoMetrics for &[T] {
    fn into_metrics(self) -> Metrics {
        Metrics::flat(self.iter().cloned().map(Into::into).collect())
    }
}

impl<T: Into<AnyMetric>, const N: usize> IntoMetrics for [Vec<T>; N] {
    fn into_metrics(self) -> Metrics {
        Metrics::each(Structure::List(self.into_iter().map(IntoMetrics::into_list).collect()))
    }
}

impl<S: Into<String>, M: IntoMetrics, const N: usize> IntoMetrics for [(S, M); N] {
    fn into_metrics(self) -> Metrics {
        Vec::from(self).into_metrics()
    }
}

impl<S: Into<String>, M: IntoMetrics> IntoMetrics for Vec<(S, M)> {
    fn into_metrics(self) -> Metrics {
        let named = self.into_iter().map(|(name, metrics)| (name.into(), metrics.into_list()));
        Metrics::each(Structure::Named(named.collect()))
    }
}

impl<S: Into<String>, M: IntoMetrics> IntoMetrics for BTreeMap<S, M> {
    fn into_metrics(self) -> Metrics {
        self.into_iter().collect::<Vec<_>>().into_metrics()
    }
}
