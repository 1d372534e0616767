//! Values on the command line: counts; optimizers and losses, by name or as the JSON of Keras.

use std::path::{Path, PathBuf};

use ceratops::{
    Error, Result,
    train::{
        IntoMetrics,
        losses::Losses,
        metrics::{self, Metrics},
        optimizers,
    },
};
use serde_json::Value;

use crate::input;

/// A name, or what Keras' `serialize` gives, and the file that it came from.
#[derive(Debug, Clone)]
pub(crate) struct Identifier {
    pub(crate) value: Value,
    pub(crate) file: Option<PathBuf>,
}

/// A number of samples, epochs or threads.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|&count| count > 0);
    count.ok_or_else(|| "expected a whole number of at least 1".into())
}

/// A learning rate.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.0);
    rate.ok_or_else(|| "expected a number of at least 0".into())
}

/// A class and what its samples weigh: `1=5`.
pub(crate) fn class_weight(text: &str) -> Result<(usize, f32), String> {
    let pair = text.split_once('=');
    let pair = pair.and_then(|(class, weight)| Some((class.parse().ok()?, weight.parse().ok()?)));
    let finite = pair.filter(|(_, weight): &(usize, f32)| weight.is_finite());
    finite.ok_or_else(|| "expected a class and a number, such as 1=5".into())
}

/// The optimizer that `text` names; only what is known passes.
pub(crate) fn optimizer(text: &str) -> Result<Identifier> {
    let identifier = identifier(text)?;
    optimizers::from_json(&identifier.value).map(|_| identifier)
}

/// The loss that `text` names; only what is known passes.
pub(crate) fn loss(text: &str) -> Result<Identifier> {
    let identifier = identifier(text)?;
    Losses::from_json(&identifier.value).map(|_| identifier)
}

/// What `--metrics` says: names with commas between them, or JSON.
#[derive(Debug, Clone)]
pub(crate) enum MetricsOption {
    Names(Vec<String>),
    Json(Identifier),
}

/// The metrics that `text` names; only what is known passes.
pub(crate) fn metrics(text: &str) -> Result<MetricsOption> {
    let is_json = text.trim_start().starts_with(['[', '{', '@']) || text.ends_with(".json");
    if !is_json {
        let names = text.split(',').map(|name| metric(name.trim()));
        return names.collect::<Result<_>>().map(MetricsOption::Names);
    }
    let identifier = identifier(text)?;
    understood(&identifier.value).map(|_| MetricsOption::Json(identifier))
}

/// All that `--metrics` said, each time that it was given.
pub(crate) fn all_metrics(options: &[MetricsOption]) -> Result<Metrics> {
    let mut names = Vec::new();
    for option in options {
        match option {
            MetricsOption::Names(more) => names.extend(more.clone()),
            MetricsOption::Json(json) if options.len() == 1 => return understood(&json.value),
            MetricsOption::Json(_) => {
                let expected = "JSON once, or names";
                return Err(Error::argument("--metrics", expected, "JSON and others"));
            }
        }
    }
    Ok(names.into_metrics())
}

fn understood(value: &Value) -> Result<Metrics> {
    let mut not_understood = Vec::new();
    let metrics = Metrics::from_json("metrics", value, &mut not_understood).strict();
    not_understood.into_iter().next().map_or(Ok(metrics), Err)
}

/// The metric that `text` names; only what is known passes.
fn metric(text: &str) -> Result<String> {
    // Which accuracy is meant, the shapes of the data decide later.
    let accuracy = ["accuracy", "acc"].iter().any(|name| text.eq_ignore_ascii_case(name));
    if !accuracy {
        metrics::get(text)?;
    }
    Ok(text.to_owned())
}

/// A name, JSON, or a file of JSON (`@file`, or a path that ends in `.json`).
fn identifier(text: &str) -> Result<Identifier> {
    let path = text.strip_prefix('@').or_else(|| text.ends_with(".json").then_some(text));
    let json = match path {
        Some(path) => input::text_at(Path::new(path))?,
        None if text.trim_start().starts_with(['{', '[', '"']) => text.to_owned(),
        None => return Ok(Identifier { value: text.into(), file: None }),
    };
    let value = serde_json::from_str(json.trim_start_matches('\u{feff}'))
        .map_err(|e| Error::Data(format!("this is not JSON: {e}")))?;
    Ok(Identifier { value, file: path.map(PathBuf::from) })
}
