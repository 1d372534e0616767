//! The summary as Keras 2 prints it (2.13 to 2.15, and tf_keras): rules, columns cut at their
//! width, and frames around the layers of nested models.

use std::fmt::{self, Formatter};

use ceratops_core::{Shape, is_printable};

use super::numbers::size;
use super::{Count, Options, Row, Summary, WIDEST, Wiring};

/// After these, a cell goes on in a new line.
const BREAKS: [&str; 4] = ["),", "},", "],", "',"];

/// The length of the rules, and where each column ends.
struct Layout {
    length: usize,
    ends: Vec<usize>,
}

/// Writes the summary, without a line break at the end.
pub(super) fn write(summary: &Summary, f: &mut Formatter<'_>) -> fmt::Result {
    let graph = summary.is_graph();
    let layout = Layout::new(&summary.options, graph);
    let (thin, thick) = ("_".repeat(layout.length), "=".repeat(layout.length));
    writeln!(f, "Model: \"{}\"\n{thin}", printable(&summary.name))?;
    let mut titles = vec!["Layer (type)", "Output Shape", "Param #"];
    if graph {
        titles.push("Connected to");
    }
    if summary.options.show_trainable {
        titles.push("Trainable");
    }
    layout.write_row(f, titles.into_iter().map(str::to_owned).collect(), 0)?;
    writeln!(f, "{thick}")?;
    layout.write_rows(f, summary)?;
    writeln!(f, "{thick}")?;

    let Count { params, bytes } = summary.totals.trainable + summary.totals.non_trainable;
    writeln!(f, "Total params: {params} ({})", size(bytes, "Byte"))?;
    let Count { params, bytes } = summary.totals.trainable;
    writeln!(f, "Trainable params: {params} ({})", size(bytes, "Byte"))?;
    let Count { params, bytes } = summary.totals.non_trainable;
    write!(f, "Non-trainable params: {params} ({})\n{thin}", size(bytes, "Byte"))
}

impl Layout {
    fn new(options: &Options, graph: bool) -> Self {
        let columns = 3 + usize::from(graph) + usize::from(options.show_trainable);
        let default = if graph { 98 } else { 65 };
        let mut length = options.line_length.unwrap_or(default).clamp(4 * columns, WIDEST);
        let positions = match (options.positions, graph) {
            (Some(positions), false) => positions.to_vec(),
            (Some(ends), true) if ends[2] <= 1.0 => {
                ends.map(|end| 0.7 * end).into_iter().chain([1.0]).collect()
            }
            (Some(ends), true) => ends.into_iter().chain([length as f64]).collect(),
            (None, false) => vec![0.45, 0.85, 1.0],
            (None, true) => vec![0.3, 0.6, 0.70, 1.0],
        };
        // Positions are parts of the length if the last is, and absolute otherwise.
        let last = positions.last().copied().unwrap_or(1.0);
        let scale = if last <= 1.0 { length as f64 } else { 1.0 };
        let mut ends: Vec<usize> =
            positions.iter().map(|p| ((scale * p) as usize).min(WIDEST)).collect();
        if options.show_trainable {
            length += 11;
            ends.push(length);
        }
        // Room for a character and the spaces around it; for the last, for a character.
        let mut least = 0;
        for (i, end) in ends.iter_mut().enumerate() {
            least += if i + 1 == columns { 1 } else { 4 };
            *end = (*end).max(least);
            least = *end;
        }
        Self { length, ends }
    }

    /// Writes the layers, a blank line below each but the last of a nested model, which has its
    /// frame below.
    fn write_rows(&self, f: &mut Formatter<'_>, summary: &Summary) -> fmt::Result {
        let rows = summary.visible();
        let graph = summary.is_graph();
        for (i, &(depth, row, wiring)) in rows.iter().enumerate() {
            let next = rows.get(i + 1).map_or(0, |&(depth, ..)| depth);
            self.write_row(f, cells(row, wiring, graph, summary.options.show_trainable), depth)?;
            if next > depth {
                self.write_frame(f, depth + 1, "¯")?;
            } else if next == depth {
                self.write_frame(f, depth, " ")?;
            }
            for depth in (next..depth).rev() {
                self.write_frame(f, depth, "¯")?;
            }
        }
        Ok(())
    }

    /// Writes a line of `fill` between the bars of `depth` frames.
    fn write_frame(&self, f: &mut Formatter<'_>, depth: usize, fill: &str) -> fmt::Result {
        let bars = "|".repeat(depth);
        let line = fill.repeat(self.length.saturating_sub(2 * depth));
        writeln!(f, "{bars}{line}{bars}")
    }

    /// Writes the cells, in as many lines as the longest needs.
    fn write_row(&self, f: &mut Formatter<'_>, cells: Vec<String>, depth: usize) -> fmt::Result {
        let mut rest: Vec<&str> = cells.iter().map(String::as_str).collect();
        let bars = "|".repeat(depth);
        while rest.iter().any(|cell| !cell.is_empty()) {
            let mut line = format!("{bars} ");
            let mut start = 0;
            for (i, (cell, &end)) in rest.iter_mut().zip(&self.ends).enumerate() {
                let last = i + 1 == self.ends.len();
                let taken = match i {
                    0 => depth + 3,
                    _ if last => 0,
                    _ => 3,
                };
                let part;
                (part, *cell) = cut(cell, (end - start).saturating_sub(taken).max(1));
                line += part;
                if !last {
                    line += "  ";
                }
                let frame = if last { depth } else { 0 };
                let gap = end.saturating_sub(line.chars().count() + frame);
                line.extend(std::iter::repeat_n(' ', gap));
                start = end;
            }
            writeln!(f, "{line}{bars}")?;
        }
        Ok(())
    }
}

fn cells(row: &Row, wiring: &Wiring, graph: bool, show_trainable: bool) -> Vec<String> {
    let name = printable(&format!("{} ({})", row.name, row.class_name));
    let shape = match (&wiring.outputs[..], wiring.is_input) {
        ([], _) | ([_], false) => {
            row.output_shape.as_ref().map_or_else(|| "multiple".into(), Shape::to_string)
        }
        (outputs, _) => list(outputs.iter().map(Shape::to_string)),
    };
    let params = row.params.map_or_else(|| "0 (unused)".into(), |params| params.to_string());
    let mut cells = vec![name, shape, params];
    if graph {
        let connected = wiring.connected.iter().flatten();
        let name = |(name, call, output): &(String, usize, usize)| {
            format!("'{}[{call}][{output}]'", printable(name))
        };
        cells.push(list(connected.map(name)));
    }
    if show_trainable {
        cells.push(if row.trainable { "Y" } else { "N" }.into());
    }
    cells
}

/// A list as Python writes it.
fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A line break or an escape sequence within a name must not break the table.
fn printable(text: &str) -> String {
    text.replace(|c| !is_printable(c), " ")
}

/// The first `width` characters of a cell, or fewer if it breaks among them; and the rest.
fn cut(cell: &str, width: usize) -> (&str, &str) {
    let end = cell.char_indices().nth(width).map_or(cell.len(), |(end, _)| end);
    let broken = |mark: &&str| cell[..end].find(*mark).map(|at| at + mark.len());
    cell.split_at(BREAKS.iter().filter_map(broken).min().unwrap_or(end))
}
