//! A backend of `plotters` that notes down what is drawn.
//!
//! Backends know whole units only; here one is a small part of a pixel, so that curves are smooth.

use std::convert::Infallible;

use plotters::style::RGBAColor;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
    text_anchor::{HPos, VPos},
};

use crate::{
    font,
    mark::{Anchor, Mark, Point},
};

/// How many of the backend's units make a pixel.
const UNITS: f64 = 16.0;

/// A length in pixels, in the backend's units.
pub(crate) fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

/// A length in the backend's units, in pixels.
pub(crate) fn pixels(units: impl Into<f64>) -> f64 {
    units.into() / UNITS
}

/// Notes down what is drawn on it.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    size: (u32, u32),
    marks: &'a mut Vec<Mark>,
}

impl<'a> Recorder<'a> {
    /// An empty sheet of that width and height in pixels.
    pub(crate) fn new((width, height): (f64, f64), marks: &'a mut Vec<Mark>) -> Self {
        let size = (units(width).unsigned_abs(), units(height).unsigned_abs());
        Self { size, marks }
    }

    /// Notes down `mark`, which is `color`ed, unless nobody would see it.
    fn note(&mut self, color: BackendColor, mark: impl FnOnce(RGBAColor) -> Mark) -> Drawn {
        if color.alpha > 0.0 {
            let (r, g, b) = color.rgb;
            self.marks.push(mark(RGBAColor(r, g, b, color.alpha)));
        }
        Ok(())
    }
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        let to = (at.0 + 1, at.1 + 1);
        self.note(color, |color| Mark::Rect { from: point(at), to: point(to), color })
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if fill {
            let (from, to) = (point(from), point(to));
            return self.note(style.color(), |color| Mark::Rect { from, to, color });
        }
        let corners = [from, (to.0, from.1), to, (from.0, to.1), from, (to.0, from.1)];
        self.draw_path(corners, style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let width = pixels(style.stroke_width());
        let points = snapped(path.into_iter().map(point).collect(), width);
        self.note(style.color(), |color| Mark::Line { points, width, color })
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _: bool,
    ) -> Drawn {
        let (center, radius) = (point(center), pixels(radius));
        self.note(style.color(), |color| Mark::Disc { center, radius, color })
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let points = corners.into_iter().map(point).collect();
        self.note(style.color(), |color| Mark::Area { points, color })
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let (mut at, size) = (point(at), pixels(style.size()));
        let upward = matches!(style.transform(), FontTransform::Rotate270);
        // The base line lies so far below the place; capitals of the font are 0.73 high.
        let below = size
            * match style.anchor().v_pos {
                VPos::Top => 0.8,
                VPos::Center => 0.36,
                VPos::Bottom => -0.26,
            };
        if upward {
            at.0 += below;
        } else {
            at.1 += below;
        }
        let anchor = match style.anchor().h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        let text = font::clean(text);
        if text.trim().is_empty() {
            return Ok(());
        }
        self.note(style.color(), |color| Mark::Text { text, at, size, anchor, upward, color })
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((font::width(text, style.size()).ceil() as u32, style.size().ceil() as u32))
    }
}

fn point((x, y): BackendCoord) -> Point {
    (pixels(x), pixels(y))
}

/// The points of a thin straight line moved by less than a pixel, so that it fills one row or column
/// of pixels and not two by half.
fn snapped(mut points: Vec<Point>, width: f64) -> Vec<Point> {
    if let ([(x0, y0), (x1, y1)], true) = (points.as_mut_slice(), width <= 1.0) {
        let middle = |place: f64| place.floor() + 0.5;
        if x0 == x1 {
            (*x0, *x1) = (middle(*x0), middle(*x1));
        } else if y0 == y1 {
            (*y0, *y1) = (middle(*y0), middle(*y1));
        }
    }
    points
}
