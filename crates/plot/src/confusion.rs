//! Where a model errs: which classes it takes for which.

use ceratops_core::{Error, Result};

use crate::{
    Picture,
    axis::grouped,
    canvas::{self, Area, Type, fill, stroke},
    colors::{AXIS, BLACK, DARK, WHITE, blues, is_dark},
    counts::MOST_CLASSES,
    font::{self, fit},
};

/// The confusion matrix: a row for each true class, a column for each class that the model answered,
/// coloured by the share of the row (few are seen better so: the colour goes with its square root). The numbers stand in the cells where there is room.
///
/// `counts` is square, as [`confusion_counts`](crate::confusion_counts) makes it; `labels` are the
/// names of the classes, or their numbers if there are none.
///
/// ```
/// let labels = ["cat", "dog"];
/// let picture = ceratops_plot::confusion_matrix(&[[7, 1], [2, 10]], Some(&labels))?;
/// assert!(picture.to_svg().contains(">dog</text>"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where `counts` is not square, has no rows or more than a thousand, or where there are not as many
/// labels.
pub fn confusion_matrix<R: AsRef<[u64]>, L: AsRef<str>>(
    counts: &[R],
    labels: Option<&[L]>,
) -> Result<Picture> {
    let n = counts.len();
    if n == 0 || n > MOST_CLASSES || counts.iter().any(|row| row.as_ref().len() != n) {
        let found =
            format!("{n} x {}", counts.iter().map(|row| row.as_ref().len()).max().unwrap_or(0));
        let expected = format!("a square of 1 to {MOST_CLASSES} classes");
        return Err(Error::argument("counts", expected, found));
    }
    if let Some(labels) = labels.filter(|labels| labels.len() != n) {
        let expected = format!("{n}, one for each class");
        return Err(Error::argument("labels", expected, labels.len()));
    }
    let labels: Vec<String> = match labels {
        Some(labels) => labels.iter().map(|label| label.as_ref().to_owned()).collect(),
        None => (0..n).map(|class| class.to_string()).collect(),
    };
    let counts = counts.iter().map(|row| row.as_ref().to_vec()).collect();
    let matrix = Matrix::new(counts, &labels);
    Picture::new(matrix.size(), move |area| matrix.draw(area))
}

const TITLE: f64 = 14.0;
const SMALL: f64 = 11.0;
/// No label is wider.
const LABEL: f64 = 150.0;
const BORDER: f64 = 16.0;
/// Where the cells begin, below the title and the names of the columns.
const TOP: f64 = 70.0;
/// Room for the name of the axis and a gap.
const AXIS_NAME: f64 = 22.0;
const SCALE: f64 = 90.0;

/// The matrix, and how large its parts are.
#[derive(Debug)]
struct Matrix {
    counts: Vec<Vec<u64>>,
    labels: Vec<String>,
    /// The side of a cell.
    cell: f64,
    /// How wide the labels are.
    beside: f64,
    /// Whether the labels of columns must go upward.
    upward: bool,
}

impl Matrix {
    fn new(counts: Vec<Vec<u64>>, labels: &[String]) -> Self {
        let n = counts.len() as f64;
        let labels: Vec<String> = labels.iter().map(|label| fit(label, SMALL, LABEL)).collect();
        let beside = labels.iter().map(|label| font::width(label, SMALL)).fold(0.0, f64::max);
        let largest = counts.iter().flatten().max().copied().unwrap_or(0);
        let number = font::width(&grouped(largest), SMALL) + 8.0;
        // Cells that hold the numbers, unless the matrix would become larger than a screen.
        let cell = number.max(28.0).min((900.0 / n).max(3.0));
        let cell = cell.max((160.0 / n).min(60.0));
        let upward = beside + 4.0 > cell && n > 1.0;
        Self { counts, labels, cell, beside, upward }
    }

    /// How long the sides of the matrix are.
    fn side(&self) -> f64 {
        self.cell * self.counts.len() as f64
    }

    /// Where the cells begin.
    fn start(&self) -> (f64, f64) {
        let above = if self.upward { self.beside } else { SMALL };
        (BORDER + AXIS_NAME + self.beside + 8.0, TOP + above + 8.0)
    }

    fn size(&self) -> (f64, f64) {
        let (left, top) = self.start();
        let title = font::width(&self.title(), TITLE).max(font::width(&self.note(), SMALL));
        let width = (left + self.side() + 14.0 + SCALE).max(title + 2.0 * BORDER);
        (width, top + self.side().max(SCALE + 20.0) + BORDER)
    }

    fn title(&self) -> String {
        "Confusion matrix".into()
    }

    fn note(&self) -> String {
        let all = total(self.counts.iter().flatten());
        let right = total(self.counts.iter().enumerate().map(|(i, row)| &row[i]));
        let share = 100.0 * right as f64 / all.max(1) as f64;
        format!("{} of {} right: {share:.1} %", grouped(right), grouped(all))
    }

    fn draw(&self, area: &Area<'_>) -> Result<()> {
        let (width, _) = canvas::size(area);
        canvas::text(area, &self.title(), (width / 2.0, 18.0), Type::new(TITLE))?;
        let quiet = Type::new(SMALL).color(DARK);
        canvas::text(area, &self.note(), (width / 2.0, 36.0), quiet)?;
        let ((left, top), side) = (self.start(), self.side());
        canvas::text(area, "answered", (left + side / 2.0, TOP - 12.0), quiet)?;
        canvas::text(area, "true", (BORDER + 4.0, top + side / 2.0), quiet.upward())?;
        self.draw_labels(area)?;
        self.draw_cells(area)?;
        canvas::rect(area, (left, top), (side, side), stroke(AXIS, 1.0))?;
        draw_scale(area, (left + side + 14.0, top))
    }

    /// The names of the classes; of many classes, every second, fifth and so on.
    fn draw_labels(&self, area: &Area<'_>) -> Result<()> {
        let (left, top) = self.start();
        let every = ((SMALL + 2.0) / self.cell).ceil().max(1.0) as usize;
        for (i, label) in self.labels.iter().enumerate().step_by(every) {
            let middle = self.cell * (i as f64 + 0.5);
            let look = Type::new(SMALL);
            canvas::text(area, label, (left - 6.0, top + middle), look.right())?;
            let (at, look) = if self.upward {
                ((left + middle, top - 6.0), look.left().upward())
            } else {
                ((left + middle, top - 6.0 - SMALL / 2.0), look)
            };
            canvas::text(area, label, at, look)?;
        }
        Ok(())
    }

    fn draw_cells(&self, area: &Area<'_>) -> Result<()> {
        let (left, top) = self.start();
        let size = (self.cell, self.cell);
        for (i, row) in self.counts.iter().enumerate() {
            let all = total(row);
            for (j, &count) in row.iter().enumerate() {
                let at = (left + j as f64 * self.cell, top + i as f64 * self.cell);
                let color = blues((count as f64 / all.max(1) as f64).sqrt());
                if count > 0 {
                    canvas::rect(area, at, size, fill(color))?;
                }
                let number = grouped(count);
                if font::width(&number, SMALL) + 4.0 <= self.cell && self.cell > SMALL {
                    let ink = match count {
                        0 => AXIS,
                        _ if is_dark(color) => WHITE,
                        _ => BLACK,
                    };
                    let middle = (at.0 + self.cell / 2.0, at.1 + self.cell / 2.0);
                    canvas::text(area, &number, middle, Type::new(SMALL).color(ink))?;
                }
            }
        }
        Ok(())
    }
}

/// Draws what the colours mean.
fn draw_scale(area: &Area<'_>, (left, top): (f64, f64)) -> Result<()> {
    let steps = 45;
    let step = SCALE / f64::from(steps);
    for i in 0..steps {
        let color = blues(1.0 - (f64::from(i) + 0.5) / f64::from(steps));
        canvas::rect(area, (left, top + f64::from(i) * step), (12.0, step), fill(color))?;
    }
    canvas::rect(area, (left, top), (12.0, SCALE), stroke(AXIS, 0.5))?;
    let look = Type::new(SMALL - 1.0).color(DARK).left();
    canvas::text(area, "of the row", (left, top + SCALE + 12.0), look)?;
    for (text, y) in [("100 %", 6.0), ("25 %", SCALE / 2.0), ("0 %", SCALE - 6.0)] {
        canvas::text(area, text, (left + 16.0, top + y), look)?;
    }
    Ok(())
}

/// The sum; of absurd numbers, the largest there is.
fn total<'a>(counts: impl IntoIterator<Item = &'a u64>) -> u64 {
    counts.into_iter().fold(0, |all, &count| all.saturating_add(count))
}
