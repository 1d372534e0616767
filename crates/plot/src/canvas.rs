//! Drawing in pixels, on areas of `plotters`.

use std::convert::Infallible;

use ceratops_core::{Error, Result};
use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind},
    element::{PathElement, Polygon, Rectangle, Text},
    style::{
        Color, FontTransform, IntoFont, RGBAColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::{
    colors::BLACK,
    mark::Point,
    recorder::{Recorder, pixels, units},
};

/// A part of a sheet.
pub(crate) type Area<'a> = DrawingArea<Recorder<'a>, Shift>;

/// What drawing on it may end with; nothing is known that does.
pub(crate) type DrawingError = DrawingAreaErrorKind<Infallible>;

/// The error of a picture that cannot be drawn.
pub(crate) fn failed(error: DrawingError) -> Error {
    Error::Model(format!("the picture cannot be drawn: {error}"))
}

/// The width and height of an area.
pub(crate) fn size(area: &Area<'_>) -> Point {
    let (width, height) = area.dim_in_pixel();
    (pixels(width), pixels(height))
}

/// The part of `area` from the place `at`, `size` wide and high.
pub(crate) fn part<'a>(area: &Area<'a>, at: Point, size: Point) -> Area<'a> {
    area.clone().shrink((units(at.0), units(at.1)), (units(size.0).max(1), units(size.1).max(1)))
}

/// How lines look.
pub(crate) fn stroke(color: RGBAColor, width: f64) -> ShapeStyle {
    ShapeStyle { color, filled: false, stroke_width: units(width).unsigned_abs() }
}

/// How what is filled looks.
pub(crate) fn fill(color: RGBAColor) -> ShapeStyle {
    ShapeStyle { color, filled: true, stroke_width: 0 }
}

/// How texts look: centered around their place, unless told otherwise.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    size: f64,
    color: RGBAColor,
    across: HPos,
    down: VPos,
    upward: bool,
}

impl Type {
    pub(crate) fn new(size: f64) -> Self {
        Self { size, color: BLACK, across: HPos::Center, down: VPos::Center, upward: false }
    }

    pub(crate) fn color(self, color: RGBAColor) -> Self {
        Self { color, ..self }
    }

    /// The place is that of the text's left end.
    pub(crate) fn left(self) -> Self {
        Self { across: HPos::Left, ..self }
    }

    /// The place is that of the text's right end.
    pub(crate) fn right(self) -> Self {
        Self { across: HPos::Right, ..self }
    }

    /// The text goes upward, and its end is to the right of this.
    pub(crate) fn upward(self) -> Self {
        Self { upward: true, ..self }
    }

    pub(crate) fn style(self) -> TextStyle<'static> {
        let font = ("sans-serif", self.size * f64::from(units(1.0))).into_font();
        let turn = if self.upward { FontTransform::Rotate270 } else { FontTransform::None };
        TextStyle {
            font: font.transform(turn),
            color: self.color.to_backend_color(),
            pos: Pos::new(self.across, self.down),
        }
    }
}

pub(crate) fn text(area: &Area<'_>, text: &str, at: Point, look: Type) -> Result<()> {
    area.draw(&Text::new(text.to_owned(), point(at), look.style())).map_err(failed)
}

pub(crate) fn rect(area: &Area<'_>, from: Point, size: Point, style: ShapeStyle) -> Result<()> {
    let to = (from.0 + size.0, from.1 + size.1);
    area.draw(&Rectangle::new([point(from), point(to)], style)).map_err(failed)
}

pub(crate) fn line(area: &Area<'_>, points: &[Point], style: ShapeStyle) -> Result<()> {
    let points: Vec<_> = points.iter().map(|&at| point(at)).collect();
    area.draw(&PathElement::new(points, style)).map_err(failed)
}

pub(crate) fn polygon(area: &Area<'_>, points: &[Point], color: RGBAColor) -> Result<()> {
    let points: Vec<_> = points.iter().map(|&at| point(at)).collect();
    area.draw(&Polygon::new(points, fill(color))).map_err(failed)
}

fn point((x, y): Point) -> (i32, i32) {
    (units(x), units(y))
}
