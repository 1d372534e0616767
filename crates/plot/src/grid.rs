//! Charts side by side and in rows.

use ceratops_core::{Error, Result};

use crate::{Picture, chart::Chart, mark::Point};

/// More charts nobody could tell apart, and they would take much memory.
const MOST: usize = 1000;

/// The width and height of a chart that stands alone.
const ALONE: Point = (640.0, 420.0);

/// The width and height of a chart among others.
const AMONG: Point = (400.0, 290.0);

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
    // As many columns as rows, or one more.
    let columns = (1..).find(|columns| columns * columns >= count).unwrap_or(1);
    let rows = count.div_ceil(columns).max(1);
    let (width, height) = if count > 1 { AMONG } else { ALONE };
    let size = (width * columns as f64, height * rows as f64);
    let picture = Picture::new(size, move |area| {
        let parts = area.split_evenly((rows, columns));
        charts.iter().zip(&parts).try_for_each(|(chart, part)| chart.draw(part))
    });
    picture.map(Picture::stretching)
}
