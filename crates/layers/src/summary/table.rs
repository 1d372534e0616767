//! A table with lines between its cells, laid out as the library that Keras 3 prints with does.

use std::fmt::{self, Formatter, Write};

use super::text::{Align, Ink, Text};

/// A column: its title, how its text stands, and the cells it has, with one at either side of
/// the text.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) align: Align,
    pub(super) width: usize,
}

/// Brings the widths of columns to those of a table of `total` cells, which has a line before,
/// between and behind them. What is too much is taken from all columns alike; what is missing is
/// given to each according to its width.
pub(super) fn fit_widths(widths: &mut [usize], total: usize) {
    let room = total.saturating_sub(widths.len() + 1);
    let sum: usize = widths.iter().sum();
    if sum > room {
        shrink(widths, sum - room);
    } else {
        stretch(widths, room - sum);
    }
}

fn shrink(widths: &mut [usize], mut excess: usize) {
    let mut columns = widths.len();
    for width in widths {
        // Halves go to the even number, as Python rounds them.
        let share = (excess as f64 / columns as f64).round_ties_even() as usize;
        let taken = share.min(*width);
        *width -= taken;
        excess -= taken;
        columns -= 1;
    }
}

fn stretch(widths: &mut [usize], mut missing: usize) {
    let mut parts: usize = widths.iter().sum();
    for width in widths {
        let given = (*width * missing).div_ceil(parts.max(1));
        parts -= *width;
        *width += given;
        missing -= given;
    }
}

/// How the cells of a row are drawn.
struct Band {
    bar: char,
    fill: Ink,
    /// Whether lower cells stand at the foot of the row, and not at its head.
    sinks: bool,
}

const TITLES: Band = Band { bar: '┃', fill: Ink::Bold, sinks: true };
const BODY: Band = Band { bar: '│', fill: Ink::Plain, sinks: false };

/// Writes the table, each line with its line break.
pub(super) fn write_table(
    f: &mut Formatter<'_>,
    columns: &[Column],
    rows: &[Vec<Text>],
    colored: bool,
) -> fmt::Result {
    write_rule(f, columns, ['┏', '━', '┳', '┓'])?;
    let titles: Vec<Text> = columns.iter().map(|c| Text::new(c.title, Ink::Bold)).collect();
    write_row(f, columns, &titles, &TITLES, colored)?;
    write_rule(f, columns, ['┡', '━', '╇', '┩'])?;
    for (i, row) in rows.iter().enumerate() {
        if i > 0 {
            write_rule(f, columns, ['├', '─', '┼', '┤'])?;
        }
        write_row(f, columns, row, &BODY, colored)?;
    }
    write_rule(f, columns, ['└', '─', '┴', '┘'])
}

fn write_rule(f: &mut Formatter<'_>, columns: &[Column], glyphs: [char; 4]) -> fmt::Result {
    let [left, line, between, right] = glyphs;
    for (i, column) in columns.iter().enumerate() {
        f.write_char(if i == 0 { left } else { between })?;
        (0..column.width).try_for_each(|_| f.write_char(line))?;
    }
    writeln!(f, "{right}")
}

/// Writes one row, as many lines high as its highest cell.
fn write_row(
    f: &mut Formatter<'_>,
    columns: &[Column],
    cells: &[Text],
    band: &Band,
    colored: bool,
) -> fmt::Result {
    let wrap = |(column, cell): (&Column, &Text)| {
        cell.wrap(column.width.saturating_sub(2), column.align, band.fill)
    };
    let blocks: Vec<Vec<Text>> = columns.iter().zip(cells).map(wrap).collect();
    let height = blocks.iter().map(Vec::len).max().unwrap_or(0);
    let pad = Text::blank(1, band.fill);
    for line in 0..height {
        for (column, block) in columns.iter().zip(&blocks) {
            let above = if band.sinks { height - block.len() } else { 0 };
            f.write_char(band.bar)?;
            match line.checked_sub(above).and_then(|line| block.get(line)) {
                Some(text) => [&pad, text, &pad].iter().try_for_each(|t| t.paint(f, colored))?,
                None => Text::blank(column.width, band.fill).paint(f, colored)?,
            }
        }
        writeln!(f, "{}", band.bar)?;
    }
    Ok(())
}
