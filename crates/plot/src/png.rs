//! Marks as PNG.

use ceratops_core::{Error, Result};
use plotters::style::RGBAColor;
use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use crate::{
    font,
    mark::{Anchor, Mark, Point},
    picture::Sheet,
};

/// More are not painted: each takes four bytes of memory.
const MOST_PIXELS: u64 = 64_000_000;

/// The bytes of the file.
pub(crate) fn write(sheet: &Sheet, marks: &[Mark]) -> Result<Vec<u8>> {
    let (width, height) = sheet.pixels;
    let affordable = u64::from(width) * u64::from(height) <= MOST_PIXELS;
    let pixmap = affordable.then(|| Pixmap::new(width, height)).flatten();
    let mut pixmap = pixmap.ok_or_else(|| {
        let message = format!(
            "a PNG of {width} x {height} pixels takes too much memory; make it smaller, or write \
             the picture as .svg"
        );
        Error::Data(message)
    })?;
    pixmap.fill(tiny_skia::Color::WHITE);
    let (scale, margin) = (sheet.scale() as f32, sheet.margin());
    let place = Transform::from_row(scale, 0.0, 0.0, scale, margin.0 as f32, margin.1 as f32);
    marks.iter().for_each(|mark| paint(&mut pixmap, mark, place));
    pixmap.encode_png().map_err(|e| Error::Data(format!("the PNG cannot be written: {e}")))
}

/// Paints a mark. What has no extent is not seen.
fn paint(pixmap: &mut Pixmap, mark: &Mark, place: Transform) {
    match mark {
        Mark::Line { points, width, color } => {
            let stroke = Stroke {
                width: *width as f32,
                line_join: LineJoin::Round,
                line_cap: LineCap::Butt,
                ..Stroke::default()
            };
            if let Some(path) = path(points) {
                pixmap.stroke_path(&path, &colored(*color), &stroke, place, None);
            }
        }
        Mark::Area { points, color } => {
            if let Some(path) = path(points) {
                fill(pixmap, &path, *color, place);
            }
        }
        Mark::Rect { from, to, color } => {
            let sides = [from.0.min(to.0), from.1.min(to.1), from.0.max(to.0), from.1.max(to.1)];
            let [left, top, right, bottom] = sides.map(|side| side as f32);
            if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
                // Neighbouring cells leave no gap, as with crispEdges in SVG.
                let paint = Paint { anti_alias: false, ..colored(*color) };
                pixmap.fill_rect(rect, &paint, place, None);
            }
        }
        Mark::Disc { center, radius, color } => {
            let circle = PathBuilder::from_circle(center.0 as f32, center.1 as f32, *radius as f32);
            if let Some(path) = circle {
                fill(pixmap, &path, *color, place);
            }
        }
        Mark::Text { text, at, size, anchor, upward, color } => {
            if let Some(path) = font::outline(text, *size) {
                let before = font::width(text, *size)
                    * match anchor {
                        Anchor::Start => 0.0,
                        Anchor::Middle => 0.5,
                        Anchor::End => 1.0,
                    };
                let turn =
                    if *upward { Transform::from_rotate(-90.0) } else { Transform::default() };
                let place = place.pre_translate(at.0 as f32, at.1 as f32).pre_concat(turn);
                fill(pixmap, &path, *color, place.pre_translate(-before as f32, 0.0));
            }
        }
    }
}

fn fill(pixmap: &mut Pixmap, path: &Path, color: RGBAColor, place: Transform) {
    pixmap.fill_path(path, &colored(color), FillRule::Winding, place, None);
}

fn colored(RGBAColor(r, g, b, alpha): RGBAColor) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, (alpha * 255.0).round() as u8);
    paint
}

fn path(points: &[Point]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut points = points.iter().map(|&(x, y)| (x as f32, y as f32));
    let (x, y) = points.next()?;
    path.move_to(x, y);
    points.for_each(|(x, y)| path.line_to(x, y));
    path.finish()
}
