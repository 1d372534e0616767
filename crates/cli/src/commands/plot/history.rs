//! `ceratops plot history`: the curves of a training, from the JSON of its history.

use std::{
    io::stdin,
    path::{Path, PathBuf},
};

use ceratops::{
    Error, Result,
    plot::{self, Picture},
};
use clap::Args;
use serde_json::{Map, Value};

use super::Out;
use crate::{input, json::with_words};

/// The loss and the metrics of a training, epoch by epoch.
#[derive(Debug, Args)]
#[command(after_help = "\
H.json is what `ceratops train --history` writes, or Python's `json.dump(history.history, file)`: a \
list of numbers under each name.

Examples:
  ceratops train model.json --x x.npy --y y.npy --optimizer adam --loss mse --epochs 20 \\
    --out model.keras --history h.json
  ceratops plot history h.json -o h.svg
  ceratops plot history h.json -o h.png --width 1600 --height 900")]
pub(super) struct History {
    /// The history, as JSON; `-` for the standard input.
    pub(super) history: PathBuf,

    #[command(flatten)]
    pub(super) out: Out,
}

impl History {
    pub(super) fn picture(&self) -> Result<Picture> {
        let place = input::name(&self.history);
        let text = match self.history == Path::new("-") {
            true => input::text(stdin().lock(), &place),
            false => input::text_at(&self.history),
        };
        let curves = curves(&text?).map_err(|e| e.at(&place))?;
        plot::history(curves).map_err(|e| Error::Data(format!("{place}: {e}")))
    }
}

/// The names and their values; null is NaN.
fn curves(text: &str) -> Result<Vec<(String, Vec<f64>)>> {
    let json = with_words(text.trim_start_matches('\u{feff}'));
    let curves: Map<String, Value> = serde_json::from_str(&json).map_err(|e| {
        Error::Data(format!("expected JSON, a list of numbers under each name: {e}"))
    })?;
    let value = |name: &str, i: usize, value: &Value| match value {
        Value::Null => Ok(f64::NAN),
        Value::String(word) if word == "Infinity" => Ok(f64::INFINITY),
        Value::String(word) if word == "-Infinity" => Ok(f64::NEG_INFINITY),
        value => value.as_f64().ok_or_else(|| {
            Error::config(format!("{name}[{i}]"), format!("expected a number, got {value}"))
        }),
    };
    let curve = |(name, values): (String, Value)| match &values {
        Value::Array(values) => {
            let numbers = values.iter().enumerate().map(|(i, number)| value(&name, i, number));
            Ok((name.clone(), numbers.collect::<Result<_>>()?))
        }
        other => Err(Error::config(name, format!("expected a list of numbers, got {other}"))),
    };
    curves.into_iter().map(curve).collect()
}
