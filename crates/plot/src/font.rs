//! The embedded font: how wide texts are, and the outlines of their glyphs.

use std::sync::LazyLock;

use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, OutlineBuilder};

/// Families to be asked for, the embedded one first. Those that may stand in for it are no wider.
pub(crate) const FAMILIES: &str = "DejaVu Sans, Verdana, Arial, sans-serif";

/// How wide a character that the font does not have is taken to be, in sizes of the font.
const UNKNOWN: f64 = 1.0;

/// No text in a picture is longer.
const LONGEST: usize = 300;

static FACE: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(include_bytes!("../font/DejaVuSans.ttf"), 0).ok());

/// The text as a picture can hold it: in one line, not endless, without what XML does not allow.
pub(crate) fn clean(text: &str) -> String {
    let plain = |c: char| {
        let refused = c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
        if refused { char::REPLACEMENT_CHARACTER } else { c }
    };
    let mut clean: String = text.chars().take(LONGEST).map(plain).collect();
    if text.chars().nth(LONGEST).is_some() {
        clean.push('…');
    }
    clean
}

/// How wide the text is.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| advance(c) * size).sum()
}

/// The text, its end cut off where it would be wider than `widest`.
pub(crate) fn fit(text: &str, size: f64, widest: f64) -> String {
    let text = clean(text);
    if width(&text, size) <= widest {
        return text;
    }
    let (mut fitting, mut used) = (String::new(), width("…", size));
    for c in text.chars() {
        used += advance(c) * size;
        if used > widest {
            break;
        }
        fitting.push(c);
    }
    format!("{}…", fitting.trim_end())
}

/// How wide a character is, in sizes of the font.
fn advance(c: char) -> f64 {
    let found = FACE.as_ref().and_then(|face| {
        let advance = face.glyph_hor_advance(face.glyph_index(c)?)?;
        Some(f64::from(advance) / f64::from(face.units_per_em()))
    });
    found.unwrap_or(UNKNOWN)
}

/// The outlines of a text that begins at (0, 0), y pointing down. A character that the font does not
/// have is a box.
pub(crate) fn outline(text: &str, size: f64) -> Option<Path> {
    let face = FACE.as_ref()?;
    let scale = size / f64::from(face.units_per_em());
    let mut outline = Outline { path: PathBuilder::new(), left: 0.0 };
    for c in text.chars() {
        face.outline_glyph(face.glyph_index(c).unwrap_or_default(), &mut outline);
        outline.left += (advance(c) * size / scale) as f32;
    }
    outline.path.finish()?.transform(Transform::from_scale(scale as f32, -scale as f32))
}

/// Joins the glyphs' outlines, each moved to the right by what is left of it.
struct Outline {
    path: PathBuilder,
    left: f32,
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(x + self.left, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(x + self.left, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.quad_to(x1 + self.left, y1, x + self.left, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let left = self.left;
        self.path.cubic_to(x1 + left, y1, x2 + left, y2, x + left, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_font_is_read() {
        assert!(FACE.is_some());
        // The widths of DejaVu Sans 2.37, of 2048 units: i 569, m 1995.
        assert!((width("im", 2048.0) - 2564.0).abs() < 0.5);
        assert!(outline("im", 12.0).is_some());
        assert_eq!(width("漢", 10.0), 10.0);
    }

    #[test]
    fn what_is_too_wide_is_cut() {
        assert_eq!(fit("dense", 12.0, 100.0), "dense");
        let cut = fit(&"dense_".repeat(100), 12.0, 100.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0) <= 100.0, "{cut}");
        assert_eq!(fit("dense", 12.0, 0.0), "…");
    }

    #[test]
    fn control_characters_are_shown_as_such() {
        assert_eq!(clean("a\0b\nc\u{ffff}é"), "a\u{fffd}b\u{fffd}c\u{fffd}é");
        assert_eq!(clean(&"x".repeat(500)).chars().count(), LONGEST + 1);
    }
}
