//! Layout: where the boxes of a graph stand, and how the lines between them run.
//!
//! It is drawn in rows, after Sugiyama, Tagawa and Toda (1981). Each box stands in a row below those
//! that it reads (`rank.rs`); a line over several rows has a bend in each between (`rows.rs`); the
//! order within a row is one with few crossings (`order.rs`); bends of a line, and boxes that follow
//! each other, stand below one another (`align.rs`, after Brandes and Köpf 2002). Lines turn between
//! rows only (`route.rs`), so none goes through a box. Equal graphs give equal pictures.

mod align;
mod order;
mod rank;
mod route;
mod rows;
#[cfg(test)]
mod tests;

use ceratops_core::Result;

use self::rows::Rows;
use crate::mark::Point;

/// How far a box reaches from its anchor, which is the place that its lines aim at, and how high it
/// is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) height: f64,
}

/// A line from a box to another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// How far from the anchors it begins and ends, where that matters.
    pub(crate) leaves: Option<f64>,
    pub(crate) enters: Option<f64>,
}

/// Boxes that stand in a certain row.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    /// Whether all that read nothing stand in the first one, and not next to what reads them.
    pub(crate) sources: bool,
    /// How many boxes, the last ones, stand in a row below all others.
    pub(crate) last: usize,
}

/// Where boxes and lines are, x counted from the middle and y from the top.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The anchor of each box, and its top.
    pub(crate) places: Vec<Point>,
    /// The corners of each line, from its beginning to its end.
    pub(crate) routes: Vec<Vec<Point>>,
    /// The boxes row by row, from left to right.
    pub(crate) order: Vec<usize>,
    pub(crate) size: Point,
}

impl Layout {
    /// Finds a place for each box, and a way for each line; no line is from a box to itself.
    ///
    /// # Errors
    /// Where there are too many lines, or too long ones.
    pub(crate) fn new(boxes: &[Extent], links: &[Link], held: Held) -> Result<Self> {
        let mut rows = Rows::new(boxes, links, held)?;
        order::arrange(&mut rows);
        let xs = align::columns(&rows);
        Ok(route::layout(&rows, &xs, links))
    }
}
