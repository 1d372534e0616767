//! Charts side by side and in rows.

use ceratops_core::{Error, Result};

use crate::{Picture, canvas, chart::Chart, mark::Point};

/// More charts nobody could tell apart, and they would take much memory.
const MOST: usize = 1000;

/// The width and height of a chart that stands alone.
const ALONE: Point = (640.0, 420.0);

/// The width and height of a chart among others.
const AMONG: Point = (400.0, 290.0);

/// How much wider or narrower, for its height, a chart may become than it is by itself.
const STRETCH: f64 = 2.5;

/// A picture of these charts.
///
/// # Errors
/// Of more than a thousand charts.
pub(crate) fn picture(charts: Vec<Chart>) -> Result<Picture> {
    let count = charts.len();
    if count > MOST {
        let message = format!("{count} charts are too many for a picture; it takes {MOST}");
        return Err(Error::Data(message));
    }
    let panel = if count > 1 { AMONG } else { ALONE };
    // As many columns as rows, or one more.
    let columns = (1..).find(|columns| columns * columns >= count).unwrap_or(1);
    let size = (panel.0 * columns as f64, panel.1 * count.div_ceil(columns) as f64);
    let picture = Picture::new(size, move |area| {
        let columns = columns_in(canvas::size(area), count, panel);
        let parts = area.split_evenly((count.div_ceil(columns), columns));
        charts.iter().zip(&parts).try_for_each(|(chart, part)| chart.draw(part))
    })?;
    // From all in a column to all in a row.
    let (ratio, most) = (panel.0 / panel.1, STRETCH * count as f64);
    Ok(picture.stretching(ratio / most..ratio * most))
}

/// In how many columns the charts keep their shape best, on a sheet of that size.
fn columns_in((width, height): Point, count: usize, panel: Point) -> usize {
    let stretched = |columns: usize| {
        let (across, down) = (width / columns as f64, height / count.div_ceil(columns) as f64);
        (across / down * panel.1 / panel.0).ln().abs()
    };
    // Where two are as good, the one with less empty places.
    let empty = |columns: usize| (columns * count.div_ceil(columns) - count) as f64;
    let badness = |columns: usize| stretched(columns) + 1e-6 * empty(columns);
    (1..=count).min_by(|&a, &b| badness(a).total_cmp(&badness(b))).unwrap_or(1)
}
