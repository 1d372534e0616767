//! What a picture is made of, in pixels of its layout.

use plotters::style::RGBAColor;

/// A place.
pub(crate) type Point = (f64, f64);

/// Which part of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A thing that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    /// Lines from point to point.
    Line { points: Vec<Point>, width: f64, color: RGBAColor },
    /// What lies within a row of points.
    Area { points: Vec<Point>, color: RGBAColor },
    /// A rectangle between two corners.
    Rect { from: Point, to: Point, color: RGBAColor },
    /// A disc.
    Disc { center: Point, radius: f64, color: RGBAColor },
    /// A line of text; `at` is on its base line.
    Text { text: String, at: Point, size: f64, anchor: Anchor, upward: bool, color: RGBAColor },
}
