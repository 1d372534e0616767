//! Small images side by side, with the numbers of their rows and columns.

use ceratops_core::Result;
use plotters::style::RGBAColor;

use crate::{
    canvas::{self, Area, Type, fill, stroke},
    colors::{AXIS, DARK},
    mark::Point,
};

/// As wide as all tiles together shall be.
const WIDTH: f64 = 760.0;
const GAP: f64 = 6.0;
const LABEL: f64 = 9.0;

/// Small images, all of the same size.
#[derive(Debug)]
pub(crate) struct Tiles {
    tiles: Vec<Tile>,
    /// How many cells a tile is high and wide.
    cells: (usize, usize),
    /// How many pixels a cell is wide and high.
    cell: f64,
    /// How many tiles stand side by side.
    columns: usize,
}

#[derive(Debug)]
struct Tile {
    label: String,
    colors: Vec<RGBAColor>,
}

impl Tiles {
    /// Tiles of `cells` for `filters` and their `channels`. With one channel they stand in as many
    /// columns as look well, else each channel has its column. `color` tells the colour of a cell,
    /// given its row and column, the channel and the filter.
    pub(crate) fn new(
        cells: (usize, usize),
        (filters, channels): (usize, usize),
        color: impl Fn((usize, usize), usize, usize) -> RGBAColor,
    ) -> Self {
        let columns = match channels {
            1 => ((1.5 * filters as f64).sqrt().ceil() as usize).clamp(1, 32),
            _ => channels,
        };
        let side = (WIDTH / columns as f64 - GAP).clamp(20.0, 84.0);
        let cell = (side / cells.0.max(cells.1) as f64).max(1.0);
        let places = || (0..cells.0).flat_map(|row| (0..cells.1).map(move |column| (row, column)));
        let tile = |filter, channel| Tile {
            label: if channels == 1 { format!("{filter}") } else { format!("{filter}·{channel}") },
            colors: places().map(|place| color(place, channel, filter)).collect(),
        };
        let tiles = (0..filters).flat_map(|filter| {
            let tile = &tile;
            (0..channels).map(move |channel| tile(filter, channel))
        });
        Self { tiles: tiles.collect(), cells, cell, columns }
    }

    /// How wide and high a tile is.
    fn tile(&self) -> Point {
        (self.cells.1 as f64 * self.cell, self.cells.0 as f64 * self.cell)
    }

    /// How far it is from a tile to the next, and to that below. Labels are no wider.
    fn step(&self) -> Point {
        let (width, height) = self.tile();
        let label = self.tiles.iter().map(|tile| crate::font::width(&tile.label, LABEL));
        (label.fold(width, f64::max) + GAP, height + GAP + LABEL + 4.0)
    }

    /// How wide and high all tiles are together.
    pub(crate) fn size(&self) -> Point {
        let (across, down) = self.step();
        let columns = self.columns.min(self.tiles.len());
        let rows = self.tiles.len().div_ceil(self.columns);
        (across * columns as f64, down * rows as f64)
    }

    pub(crate) fn draw(&self, area: &Area<'_>, (left, top): Point) -> Result<()> {
        let (across, down) = self.step();
        for (i, tile) in self.tiles.iter().enumerate() {
            let (row, column) = (i / self.columns, i % self.columns);
            let x = left + across * column as f64 + (across - self.tile().0) / 2.0;
            let y = top + down * row as f64;
            let middle = (x + self.tile().0 / 2.0, y + LABEL / 2.0);
            canvas::text(area, &tile.label, middle, Type::new(LABEL).color(DARK))?;
            self.draw_tile(area, tile, (x, y + LABEL + 3.0))?;
        }
        Ok(())
    }

    fn draw_tile(&self, area: &Area<'_>, tile: &Tile, (x, y): Point) -> Result<()> {
        for (i, color) in tile.colors.iter().enumerate() {
            let (row, column) = (i / self.cells.1, i % self.cells.1);
            let at = (x + column as f64 * self.cell, y + row as f64 * self.cell);
            canvas::rect(area, at, (self.cell, self.cell), fill(*color))?;
        }
        canvas::rect(area, (x, y), self.tile(), stroke(AXIS, 0.5))
    }
}
