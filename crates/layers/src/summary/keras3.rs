//! The summary as Keras 3 prints it: a table with lines, commas in numbers, and colours.

use std::fmt::{self, Formatter};

use ceratops_core::Shape;

use super::numbers::{size, thousands};
use super::table::{Column, fit_widths, write_table};
use super::text::{Align, Ink, Text};
use super::{Count, Options, Row, Summary, WIDEST, Wiring};

/// Writes the summary, without a line break at the end.
pub(super) fn write(summary: &Summary, f: &mut Formatter<'_>) -> fmt::Result {
    let options = &summary.options;
    let graph = summary.is_graph();
    let cells = |(depth, row, wiring): (usize, &Row, &Wiring)| {
        cells(row, wiring, depth, graph, options.show_trainable)
    };
    let rows: Vec<Vec<Text>> = summary.visible().into_iter().map(cells).collect();

    for line in title(&summary.name, options.columns) {
        Text::new(line, Ink::Bold).paint(f, options.colored)?;
        writeln!(f)?;
    }
    write_table(f, &columns(options, graph), &rows, options.colored)?;
    for (i, (label, count)) in footer(summary).into_iter().enumerate() {
        if i > 0 {
            writeln!(f)?;
        }
        Text::new(format!(" {label}: "), Ink::Bold)
            .with(thousands(count.params), Ink::Number)
            .with(format!(" ({})", size(count.bytes, "B")), Ink::Plain)
            .paint(f, options.colored)?;
    }
    Ok(())
}

/// What stands above the table; a name too long for the console has lines of its own.
fn title(name: &str, columns: usize) -> Vec<String> {
    let line = format!("Model: \"{name}\"");
    if line.chars().count() <= columns {
        return vec![line];
    }
    let name: Vec<char> = format!("\"{name}\"").chars().collect();
    let lines = name.chunks(columns.max(1)).map(|line| line.iter().collect());
    [String::from("Model: ")].into_iter().chain(lines).collect()
}

/// The columns, and their widths: each ends at its position, a part of the length of a line, and
/// then all of them make room for the lines between them.
fn columns(options: &Options, graph: bool) -> Vec<Column> {
    let mut columns = vec![
        ("Layer (type)", Align::Left),
        ("Output Shape", Align::Left),
        ("Param #", Align::Right),
    ];
    let mut positions = options.positions.unwrap_or([0.45, 0.80, 1.0]).to_vec();
    let mut default = 88;
    if graph {
        columns.push(("Connected to", Align::Left));
        let given = options.positions.map(|ends| ends.map(|end| 0.74 * end));
        positions = given.unwrap_or([0.3, 0.56, 0.74]).to_vec();
        positions.push(1.0);
        default = 108;
    }
    if options.show_trainable {
        columns.push(("Trainable", Align::Center));
        positions.iter_mut().for_each(|position| *position *= 0.90);
        positions.push(1.0);
        default += 12;
    }
    let default = default.min(options.columns.saturating_sub(4));
    let length = options.line_length.unwrap_or(default).clamp(4 * columns.len(), WIDEST);

    let mut start = 0;
    let width = |position: &f64| {
        let end = ((position * length as f64) as usize).min(WIDEST);
        let width = end.saturating_sub(start).max(4);
        start += width;
        // Keras forgets the spaces at both sides of the text here, and the lines.
        width + 2
    };
    let mut widths: Vec<usize> = positions.iter().map(width).collect();
    fit_widths(&mut widths, length);
    let column = |((title, align), width)| Column { title, align, width };
    columns.into_iter().zip(widths).map(column).collect()
}

fn cells(row: &Row, wiring: &Wiring, depth: usize, graph: bool, show_trainable: bool) -> Vec<Text> {
    let branch = if depth > 0 { "   ".repeat(depth) + "└ " } else { String::new() };
    let name = Text::new(branch + &row.name + " (", Ink::Plain)
        .with(&row.class_name, Ink::Class)
        .with(")", Ink::Plain);
    let params = match row.params {
        Some(params) => Text::new(thousands(params), Ink::Number),
        None => Text::new("0", Ink::Number).with(" (unbuilt)", Ink::Plain),
    };
    let mut cells = vec![name, shapes(row, wiring), params];
    if graph {
        cells.push(connections(wiring));
    }
    if show_trainable {
        cells.push(match (row.params, row.trainable) {
            (None | Some(0), _) => Text::new("-", Ink::Bold),
            (_, true) => Text::new("Y", Ink::Yes),
            (_, false) => Text::new("N", Ink::No),
        });
    }
    cells
}

/// The shape of the output; of several, all of them in brackets.
fn shapes(row: &Row, wiring: &Wiring) -> Text {
    if wiring.outputs.len() < 2 {
        return shape(row.output_shape.as_ref());
    }
    let mut text = Text::new("[", Ink::Plain);
    for (i, output) in wiring.outputs.iter().enumerate() {
        text = if i > 0 { text.with(", ", Ink::Plain) } else { text };
        text = text.followed_by(shape(Some(output)));
    }
    text.with("]", Ink::Plain)
}

/// What a layer reads: `name[call][output]` of each tensor, or a dash.
fn connections(wiring: &Wiring) -> Text {
    let connected = wiring.connected.as_deref().unwrap_or_default();
    if connected.is_empty() {
        return Text::new("-", Ink::Plain);
    }
    let mut text = Text::default();
    for (i, (name, call, output)) in connected.iter().enumerate() {
        text = if i > 0 { text.with(", ", Ink::Plain) } else { text };
        text =
            text.with(name, Ink::Plain).with("[", Ink::Plain).with(call.to_string(), Ink::Number);
        text =
            text.with("][", Ink::Plain).with(output.to_string(), Ink::Number).with("]", Ink::Plain);
    }
    text
}

/// A shape without the comma that Python puts behind a single axis.
fn shape(shape: Option<&Shape>) -> Text {
    let Some(shape) = shape else { return Text::new("?", Ink::Plain) };
    let mut text = Text::new("(", Ink::Plain);
    for (i, axis) in shape.axes().iter().enumerate() {
        if i > 0 {
            text = text.with(", ", Ink::Plain);
        }
        text = match axis {
            Some(length) => text.with(length.to_string(), Ink::Number),
            None => text.with("None", Ink::Open),
        };
    }
    text.with(")", Ink::Plain)
}

/// The lines below the table. The total counts the optimizer's variables too.
fn footer(summary: &Summary) -> Vec<(&'static str, Count)> {
    let totals = &summary.totals;
    let weights = totals.trainable + totals.non_trainable;
    let mut lines = vec![
        ("Total params", weights + totals.optimizer.unwrap_or_default()),
        ("Trainable params", totals.trainable),
        ("Non-trainable params", totals.non_trainable),
    ];
    lines.extend(totals.optimizer.map(|count| ("Optimizer params", count)));
    lines
}
