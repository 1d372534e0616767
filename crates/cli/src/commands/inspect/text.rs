//! What a file holds, for people.

use std::path::Path;

use ceratops::{
    Error,
    core::{Shape, printable},
    formats::{Loaded, Training},
};
use serde_json::Value;

use super::{Weight, format_of, weights};
use crate::{
    input,
    leaf::{Leaf, leaves},
};

/// What a file of a model holds.
pub(super) fn model(path: &Path, loaded: &Loaded) -> String {
    let model = &loaded.model;
    let mut lines = vec![
        format!("file      {}", input::name(path)),
        format!("format    {}", loaded.format),
        format!("written   by {}", loaded.report.to_string().lines().next().unwrap_or_default()),
        format!("model     \"{}\", {} params", model.name(), model.count_params()),
        format!(
            "shapes    {} -> {}",
            shapes(&model.input_shapes()),
            shapes(&model.output_shapes())
        ),
        format!("training  {}", loaded.training.as_ref().map_or_else(|| "-".into(), training)),
    ];
    if !loaded.has_weights {
        lines.push("weights   none: this is an architecture".into());
    }
    lines.push(String::new());
    lines.extend(table(&layers(loaded)));
    if !loaded.report.notes.is_empty() {
        lines.extend([String::new(), "read".into()]);
        lines.extend(loaded.report.notes.iter().map(|note| format!("  {note}")));
    }
    lines.join("\n")
}

/// Shapes in a row; `?` before they are known.
fn shapes(shapes: &[&Shape]) -> String {
    let shapes: Vec<String> = shapes.iter().map(ToString::to_string).collect();
    if shapes.is_empty() { "?".into() } else { shapes.join(", ") }
}

/// What a file of weights holds, or of a model that cannot be loaded because of `error`.
pub(super) fn weights_alone(path: &Path, weights: &[Weight], error: &Error) -> String {
    let mut lines = vec![
        format!("file      {}", input::name(path)),
        format!("format    {}", format_of(path)),
        format!("model     none: {}", why(path, error)),
        String::new(),
    ];
    lines.extend(loose(weights));
    lines.join("\n")
}

/// The error without the file's name, which stands above it.
pub(super) fn why(path: &Path, error: &Error) -> String {
    let error = error.to_string();
    error.strip_prefix(&format!("{}: ", input::name(path))).unwrap_or(&error).to_owned()
}

/// The table of weights of which the layers are unknown.
pub(super) fn loose(weights: &[Weight]) -> Vec<String> {
    let head = ["weight", "shape", "min", "max", ""].map(String::from);
    table(&[vec![head], weights.iter().map(cells).collect()].concat())
}

/// A row for each layer without weights and for each weight.
fn layers(loaded: &Loaded) -> Vec<[String; 6]> {
    let weights = weights(loaded);
    let head = ["layer", "weight", "shape", "min", "max", ""].map(String::from);
    let of = |(index, leaf): (usize, &Leaf<'_>)| {
        let title = format!("{} {} ({})", leaf.place, leaf.name, leaf.node.class_name());
        let own = weights.iter().filter(|weight| weight.layer == Some(index)).map(cells);
        let mut rows: Vec<[String; 5]> = own.collect();
        rows.resize(rows.len().max(1), Default::default());
        let titles = std::iter::once(title).chain(std::iter::repeat(String::new()));
        let rows = titles.zip(rows);
        rows.map(|(title, [name, shape, min, max, nan])| [title, name, shape, min, max, nan])
            .collect::<Vec<_>>()
    };
    let rows = leaves(&loaded.model);
    std::iter::once(head).chain(rows.iter().enumerate().flat_map(of)).collect()
}

fn cells(weight: &Weight) -> [String; 5] {
    let shape = Shape::of(&weight.shape).to_string();
    let Some(numbers) = weight.numbers else {
        return [weight.name.clone(), shape, String::new(), String::new(), String::new()];
    };
    let nan = if numbers.nan > 0 { format!("{} NaN", numbers.nan) } else { String::new() };
    let (min, max) = (format!("{:?}", numbers.min), format!("{:?}", numbers.max));
    [weight.name.clone(), shape, min, max, nan]
}

/// The rows with their columns below each other.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| short(cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or(0));
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
        cells.collect::<String>().trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// The widest cell: a name can be as long as its file, and would make every line as wide.
const WIDEST: usize = 200;

/// The cell in one line, its middle left out where it is too wide.
fn short(cell: &str) -> String {
    let cell = printable(cell);
    let len = cell.chars().count();
    if len <= WIDEST {
        return cell;
    }
    let half = (WIDEST - 1) / 2;
    let (begin, end) = (cell.chars().take(half), cell.chars().skip(len - half));
    begin.chain(['…']).chain(end).collect()
}

/// How the model was compiled, and how far it is.
fn training(training: &Training) -> String {
    let config = &training.config;
    // Keras 3 calls it `optimizer`, the older files `optimizer_config`.
    let optimizer = config.get("optimizer").or_else(|| config.get("optimizer_config"));
    let name = |value: Option<&Value>| match value {
        Some(Value::String(name)) => name.clone(),
        Some(entry) => match entry.get("class_name").and_then(Value::as_str) {
            Some(class) => class.to_owned(),
            None => entry.to_string(),
        },
        None => "?".into(),
    };
    let state = training.optimizer.as_ref().map_or_else(
        || "no optimizer state".into(),
        |state| format!("{} updates, {} slots", state.iterations, state.slots.len()),
    );
    format!("{}, loss {}, {state}", name(optimizer), name(config.get("loss")))
}
