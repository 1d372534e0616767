//! The embedded font, and those of the system for letters that it does not have: how wide texts are, and the
//! outlines of their glyphs.

mod system;

use std::sync::LazyLock;

use tiny_skia::{Path, PathBuilder};
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

/// The font of a character: the embedded one, or one of the system.
fn face_of(c: char) -> Option<&'static Face<'static>> {
    let own = FACE.as_ref().filter(|face| face.glyph_index(c).is_some());
    own.or_else(|| system::face_with(c))
}

/// How wide a character is, in sizes of the font.
fn advance(c: char) -> f64 {
    let found = face_of(c).and_then(|face| {
        let advance = face.glyph_hor_advance(face.glyph_index(c)?)?;
        Some(f64::from(advance) / f64::from(face.units_per_em()))
    });
    found.unwrap_or(UNKNOWN)
}

/// The characters of a text that no font has: a PNG shows them as boxes.
pub(crate) fn unknown(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|&c| face_of(c).is_none())
}

/// The outlines of a text that begins at (0, 0), y pointing down. A character that no font has is a box.
pub(crate) fn outline(text: &str, size: f64) -> Option<Path> {
    let mut outline = Outline { path: PathBuilder::new(), left: 0.0, scale: 1.0 };
    for c in text.chars() {
        let face = face_of(c).or(FACE.as_ref())?;
        outline.scale = (size / f64::from(face.units_per_em())) as f32;
        face.outline_glyph(face.glyph_index(c).unwrap_or_default(), &mut outline);
        outline.left += (advance(c) * size) as f32;
    }
    outline.path.finish()
}

/// Joins the glyphs' outlines, each scaled and moved to the right by what is left of it.
struct Outline {
    path: PathBuilder,
    left: f32,
    scale: f32,
}

impl Outline {
    /// Where a point of a glyph lies in the picture.
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.scale + self.left, -y * self.scale)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) =
            (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
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
        // No font has a letter that Unicode does not have.
        assert_eq!(width("\u{e0ffe}", 10.0), 10.0);
        assert_eq!(unknown("a\u{e0ffe}b").collect::<String>(), "\u{e0ffe}");
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
