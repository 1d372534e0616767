//! `ceratops inspect`: what a file holds.

mod outline;
mod text;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use ceratops::{
    Error, Result, Tensor,
    core::Shape,
    formats::{Format, Loaded, Training, read_outline, read_weights},
};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    console::{Console, Form},
    failure::Outcome,
    json,
    leaf::leaves,
    model::load,
};

/// Show what a file holds: its format and version, layers, weights, and how it was read.
///
/// Of a model that cannot be run here, it shows the layers as the file describes them; of a file of
/// weights alone, the weights.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ceratops inspect lenet.keras
  ceratops inspect lenet.weights.h5
  ceratops inspect web/model.json --format json | jq '.weights[] | select(.nan > 0)'")]
pub(crate) struct Inspect {
    /// A file or folder of a model or of weights; `-` for a model on the standard input.
    file: PathBuf,

    /// In which form.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// A weight in the file.
#[derive(Debug)]
struct Weight {
    /// The layer it belongs to, as a place among [`leaves`]; unknown in a file of weights alone.
    layer: Option<usize>,
    name: String,
    shape: Vec<usize>,
    /// The numbers in it; there are none in an architecture.
    numbers: Option<Numbers>,
}

/// What there is to say of many numbers.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    /// The smallest and the largest; of none, infinities.
    min: f32,
    max: f32,
    /// How many are NaN.
    nan: usize,
}

impl Inspect {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let (text, json) = match load(&self.file, console) {
            Ok(loaded) => (text::model(&self.file, &loaded), model_json(&loaded)),
            Err(error) => unrunnable(&self.file, &error)?,
        };
        match self.format {
            Form::Text => console.print(text)?,
            Form::Json => console.print_json(&json)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What can be shown of a file whose model cannot be loaded because of `error`: its layers and
/// weights, or the weights that are all it holds.
fn unrunnable(path: &Path, error: &Error) -> Result<(String, String)> {
    if let Ok((format, model)) = read_outline(path) {
        let weights = loose(read_weights(path).unwrap_or_default());
        let text = outline::text(path, format, &model, &weights, error);
        return Ok((text, outline::json(format, &model, &weights, error)));
    }
    let weights = loose(read_weights(path).map_err(|_| error.clone())?);
    let text = text::weights_alone(path, &weights, error);
    let error = json::of(error.to_string());
    Ok((text, json::object([("error", error), ("weights", loose_json(&weights))])))
}

/// Weights of which it is unknown to which layers they belong.
fn loose(weights: Vec<(String, Tensor)>) -> Vec<Weight> {
    let of = |(name, tensor): (String, Tensor)| Weight {
        layer: None,
        name,
        shape: tensor.shape().to_vec(),
        numbers: Some(Numbers::of(&tensor)),
    };
    weights.into_iter().map(of).collect()
}

fn loose_json(weights: &[Weight]) -> String {
    json::list(weights.iter().map(|weight| weight_json(weight, &[])))
}

/// The weights of a model, layer by layer.
fn weights(loaded: &Loaded) -> Vec<Weight> {
    let mut found = Vec::new();
    for (layer, leaf) in leaves(&loaded.model).iter().enumerate() {
        for param in leaf.node.params() {
            let numbers = loaded.has_weights.then(|| Numbers::of(param.value()));
            let (name, shape) = (param.name().to_owned(), param.value().shape().to_vec());
            found.push(Weight { layer: Some(layer), name, shape, numbers });
        }
    }
    found
}

impl Numbers {
    fn of(tensor: &Tensor) -> Self {
        let none = Self { min: f32::INFINITY, max: f32::NEG_INFINITY, nan: 0 };
        tensor.as_slice().iter().fold(none, |numbers, &x| Self {
            // The smaller of NaN and a number is the number.
            min: numbers.min.min(x),
            max: numbers.max.max(x),
            nan: numbers.nan + usize::from(x.is_nan()),
        })
    }
}

fn model_json(loaded: &Loaded) -> String {
    let names: Vec<String> = leaves(&loaded.model).iter().map(|leaf| leaf.name.clone()).collect();
    let layer = |leaf: &crate::leaf::Leaf<'_>| {
        json!({
            "place": leaf.place,
            "name": leaf.name,
            "class_name": leaf.node.class_name(),
            "output_shape": leaf.node.output_shape(),
            "trainable": leaf.node.trainable(),
        })
        .to_string()
    };
    let note = |note: &ceratops::formats::Note| {
        json!({ "path": note.path, "text": note.to_string() }).to_string()
    };
    let weights = weights(loaded);
    json::object([
        ("format", json::of(loaded.format.name())),
        ("dialect", json::of(loaded.report.dialect.to_string())),
        ("version", json::of(loaded.report.version.clone())),
        ("name", json::of(loaded.model.name())),
        ("input_shape", shapes_json(&loaded.model.input_shapes())),
        ("output_shape", shapes_json(&loaded.model.output_shapes())),
        ("has_weights", json::of(loaded.has_weights)),
        ("layers", json::list(leaves(&loaded.model).iter().map(layer))),
        ("weights", json::list(weights.iter().map(|weight| weight_json(weight, &names)))),
        ("training", json::of(loaded.training.as_ref().map(training_json))),
        ("notes", json::list(loaded.report.notes.iter().map(note))),
    ])
}

/// The shape of the only input or output, or a list of the shapes of several; `null` before they are
/// known.
fn shapes_json(shapes: &[&Shape]) -> String {
    match shapes {
        [] => json::of(Value::Null),
        [only] => json!(only).to_string(),
        several => json!(several).to_string(),
    }
}

fn weight_json(weight: &Weight, layers: &[String]) -> String {
    let layer = weight.layer.and_then(|layer| layers.get(layer));
    // Of no numbers, or of NaN alone, there is neither a smallest nor a largest.
    let some = weight.numbers.filter(|numbers| numbers.min <= numbers.max);
    let number =
        |of: fn(Numbers) -> f32| json::maybe(some.map(|numbers| json::number(of(numbers).into())));
    json::object([
        ("layer", json::of(layer.cloned())),
        ("name", json::of(weight.name.as_str())),
        ("shape", json::of(weight.shape.clone())),
        ("min", number(|numbers| numbers.min)),
        ("max", number(|numbers| numbers.max)),
        ("nan", json::of(weight.numbers.map(|numbers| numbers.nan))),
    ])
}

fn training_json(training: &Training) -> Value {
    let optimizer = training.optimizer.as_ref();
    json!({
        "config": training.config,
        "iterations": optimizer.map(|optimizer| optimizer.iterations),
        "slots": optimizer.map(|optimizer| optimizer.slots.len()),
    })
}

/// The format that the name of a file of weights stands for.
fn format_of(path: &Path) -> String {
    Format::of_path(path).map_or_else(|_| "unknown".into(), |format| format.to_string())
}
