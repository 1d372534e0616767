//! What a first convolution looks for: its filters as tiles.

use ceratops_core::{Error, Result};
use ceratops_layers::{Conv2D, Model};
use plotters::style::RGBAColor;

use crate::{
    Picture,
    axis::grouped,
    canvas::{self, Area, Type, fill, stroke},
    colors::{AXIS, DARK, NOT_A_NUMBER, diverging},
    tiles::Tiles,
};

/// No more weights are drawn.
const MOST_CELLS: usize = 100_000;

/// Of filters with several channels, no more channels and no more filters are drawn.
const MOST_CHANNELS: usize = 16;
const MOST_FILTERS: usize = 32;

/// The filters of the model's first Conv2D, each a tile: coloured where the image has three channels
/// (red, green and blue, from the smallest weight to the largest), else from blue (negative) over
/// white (0) to red (positive). Where there are other numbers of channels, each row is a filter and
/// each column a channel.
///
/// Weights that are NaN or infinite are violet, and counted. Of very many filters the first are drawn.
///
/// ```
/// use ceratops_layers::{Conv2D, Input, sequential};
///
/// let model = sequential![Input::new([28, 28, 1]), Conv2D::new(8, 3)]?;
/// assert!(ceratops_plot::filters(&model)?.to_svg().contains("conv2d: 8 filters of 3 x 3"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where no layer is a Conv2D, it is not built, or one filter alone has more weights than can be drawn.
pub fn filters(model: &Model) -> Result<Picture> {
    let mut leaves = model.leaves().into_iter();
    let first = leaves.find(|(_, node)| node.downcast_ref::<Conv2D>().is_some());
    let (path, node) = first.ok_or_else(|| {
        Error::Model("the model has no Conv2D, whose filters could be drawn".into())
    })?;
    let kernel = node.params().into_iter().find(|param| param.name() == "kernel");
    let kernel = kernel.ok_or_else(|| {
        let message =
            format!("{path} is not built and has no filters yet; give the model an Input");
        Error::Model(message)
    })?;
    let &[height, width, channels, filters] = kernel.value().shape() else {
        return Err(Error::shape(
            "kernel",
            "(height, width, channels, filters)",
            kernel.value().shape(),
            "",
        ));
    };
    if height * width == 0 || height * width > MOST_CELLS || channels * filters == 0 {
        let found = format!("{height} x {width}");
        return Err(Error::argument("kernel_size", "a size that can be drawn", found));
    }
    let sheet = Sheet::new(&path, [height, width, channels, filters], kernel.value().as_slice());
    Picture::new(sheet.size(), move |area| sheet.draw(area))
}

/// The tiles, with what is said around them.
#[derive(Debug)]
struct Sheet {
    title: String,
    notes: Vec<String>,
    /// The largest weight that a colour stands for, where there is a scale.
    largest: Option<f64>,
    tiles: Tiles,
}

const TITLE: f64 = 14.0;
const SMALL: f64 = 11.0;
const LINE: f64 = 17.0;
const BORDER: f64 = 16.0;
const SCALE: f64 = 160.0;

impl Sheet {
    fn new(name: &str, shape: [usize; 4], weights: &[f32]) -> Self {
        let [height, width, channels, filters] = shape;
        let title = format!(
            "{name}: {} of {height} x {width}, {}",
            several(filters, "filter"),
            several(channels, "channel")
        );
        let colored = channels == 3;
        let (columns, rows) = if colored || channels == 1 {
            (1, filters)
        } else {
            (channels.min(MOST_CHANNELS), filters.min(MOST_FILTERS))
        };
        let columns = columns.min((MOST_CELLS / (height * width)).max(1));
        let rows = rows.min((MOST_CELLS / (height * width * columns)).max(1));
        let finite = || weights.iter().filter(|weight| weight.is_finite()).copied().map(f64::from);
        let (low, high) = finite().fold((f64::MAX, f64::MIN), |(l, h), w| (l.min(w), h.max(w)));
        let largest = finite().map(f64::abs).fold(0.0, f64::max);
        let color = |(row, column): (usize, usize), channel: usize, filter: usize| {
            let first = (row * width + column) * channels;
            let at = |channel: usize| f64::from(weights[(first + channel) * filters + filter]);
            let paint = if colored {
                rgb([0, 1, 2].map(at), low, high)
            } else {
                shade(at(channel), largest)
            };
            paint.unwrap_or(NOT_A_NUMBER)
        };
        let tiles = Tiles::new((height, width), (rows, columns), color);
        let mut notes = notes(shape, (rows, columns), weights.len() - finite().count());
        if colored && low <= high {
            notes.push(format!("red, green, blue: weights from {} to {}", short(low), short(high)));
        }
        Self { title, notes, largest: (!colored).then_some(largest), tiles }
    }

    fn size(&self) -> (f64, f64) {
        let tiles = self.tiles.size();
        let texts = self.notes.iter().map(|note| crate::font::width(note, SMALL));
        let title = crate::font::width(&self.title, TITLE).min(700.0);
        let widest = texts.fold(title.max(SCALE + 100.0).max(tiles.0), f64::max);
        (widest + 2.0 * BORDER, tiles.1 + self.head() + BORDER)
    }

    /// How much room there is above the tiles.
    fn head(&self) -> f64 {
        let scale = if self.largest.is_some() { LINE + 6.0 } else { 0.0 };
        36.0 + LINE * self.notes.len() as f64 + scale
    }

    fn draw(&self, area: &Area<'_>) -> Result<()> {
        let (width, _) = canvas::size(area);
        let middle = width / 2.0;
        let title = crate::font::fit(&self.title, TITLE, width - BORDER);
        canvas::text(area, &title, (middle, 18.0), Type::new(TITLE))?;
        let mut y = 36.0;
        for note in &self.notes {
            canvas::text(area, note, (middle, y), Type::new(SMALL).color(DARK))?;
            y += LINE;
        }
        if let Some(largest) = self.largest {
            scale(area, (middle, y), largest)?;
        }
        let (tiles, _) = self.tiles.size();
        self.tiles.draw(area, ((width - tiles) / 2.0, self.head()))
    }
}

/// What is to be said of the tiles, of which so many filters and channels are drawn; `odd` weights are
/// no numbers.
fn notes([_, _, channels, filters]: [usize; 4], drawn: (usize, usize), odd: usize) -> Vec<String> {
    let (rows, columns) = drawn;
    // Three channels make one tile.
    let shown = if channels == 3 { channels } else { columns };
    let mut notes = Vec::new();
    if shown < channels || rows < filters {
        let (filters, channels) = (several(rows, "filter"), several(shown, "channel"));
        notes.push(format!("drawn: the first {filters} and the first {channels}"));
    }
    if columns > 1 {
        notes.push("above each tile: its filter and its channel".into());
    }
    if odd > 0 {
        notes.push(format!("violet: {} NaN or infinite", several(odd, "weight")));
    }
    notes
}

fn several(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}

/// Draws what the colours mean.
fn scale(area: &Area<'_>, (middle, y): (f64, f64), largest: f64) -> Result<()> {
    let steps = 64;
    let (left, width) = (middle - SCALE / 2.0, SCALE / f64::from(steps));
    for i in 0..steps {
        let color = diverging(2.0 * (f64::from(i) + 0.5) / f64::from(steps) - 1.0);
        canvas::rect(area, (left + f64::from(i) * width, y - 5.0), (width, 10.0), fill(color))?;
    }
    canvas::rect(area, (left, y - 5.0), (SCALE, 10.0), stroke(AXIS, 0.5))?;
    let look = Type::new(SMALL).color(DARK);
    canvas::text(area, &short(-largest), (left - 6.0, y), look.right())?;
    canvas::text(area, &short(largest), (left + SCALE + 6.0, y), look.left())
}

/// A weight in a few digits.
fn short(weight: f64) -> String {
    let plain = weight == 0.0 || (1e-2..1e5).contains(&weight.abs());
    if plain { format!("{weight:.3}") } else { format!("{weight:.2e}") }
}

/// The colour of a weight; `None` if it is no number.
fn shade(weight: f64, largest: f64) -> Option<RGBAColor> {
    let share = if largest > 0.0 { weight / largest } else { 0.0 };
    weight.is_finite().then(|| diverging(share))
}

/// The colour of three weights; `None` if one of them is no number.
fn rgb(weights: [f64; 3], low: f64, high: f64) -> Option<RGBAColor> {
    let level = |weight: f64| {
        let share = if high > low { (weight - low) / (high - low) } else { 0.5 };
        (255.0 * share).round() as u8
    };
    let [r, g, b] = weights.map(level);
    weights.iter().all(|weight| weight.is_finite()).then_some(RGBAColor(r, g, b, 1.0))
}
