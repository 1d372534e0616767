//! The colours of the pictures.

use plotters::style::RGBAColor;

pub(crate) const BLACK: RGBAColor = gray(0x22);
pub(crate) const DARK: RGBAColor = gray(0x55);
pub(crate) const AXIS: RGBAColor = gray(0x88);
pub(crate) const MESH: RGBAColor = gray(0xe2);
pub(crate) const PALE: RGBAColor = gray(0xf4);
pub(crate) const WHITE: RGBAColor = gray(0xff);
pub(crate) const TRANSPARENT: RGBAColor = RGBAColor(0xff, 0xff, 0xff, 0.0);

/// The first curve, the bars.
pub(crate) const BLUE: RGBAColor = RGBAColor(0x1f, 0x77, 0xb4, 1.0);
/// The second curve.
pub(crate) const ORANGE: RGBAColor = RGBAColor(0xe6, 0x6f, 0x00, 1.0);
/// A layer that learns.
pub(crate) const GREEN: RGBAColor = RGBAColor(0x22, 0x8b, 0x22, 1.0);
/// A layer that is frozen.
pub(crate) const RED: RGBAColor = RGBAColor(0xb2, 0x22, 0x22, 1.0);
/// What is no number.
pub(crate) const NOT_A_NUMBER: RGBAColor = RGBAColor(0xe0, 0x30, 0xe0, 1.0);

const fn gray(level: u8) -> RGBAColor {
    RGBAColor(level, level, level, 1.0)
}

/// A colour from white (0) to dark blue (1).
pub(crate) fn blues(share: f64) -> RGBAColor {
    between(
        &[(0xff, 0xff, 0xff), (0x9e, 0xca, 0xe1), (0x31, 0x82, 0xbd), (0x08, 0x30, 0x6b)],
        share,
    )
}

/// A colour from blue (-1) over white (0) to red (1).
pub(crate) fn diverging(value: f64) -> RGBAColor {
    const STOPS: [(u8, u8, u8); 5] = [
        (0x05, 0x30, 0x61),
        (0x6b, 0xac, 0xd1),
        (0xf7, 0xf7, 0xf7),
        (0xe5, 0x82, 0x68),
        (0x67, 0x00, 0x1f),
    ];
    between(&STOPS, (value + 1.0) / 2.0)
}

/// The colour at `share` of the way along `stops`.
fn between(stops: &[(u8, u8, u8)], share: f64) -> RGBAColor {
    let last = stops.len().saturating_sub(1);
    let place = share.clamp(0.0, 1.0) * last as f64;
    let index = (place as usize).min(last.saturating_sub(1));
    let (a, b) = (stops[index], stops[(index + 1).min(last)]);
    let part = place - index as f64;
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    RGBAColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2), 1.0)
}

/// Whether white text is the readable one on this colour.
pub(crate) fn is_dark(color: RGBAColor) -> bool {
    let part = |weight: f64, level: u8| weight * f64::from(level);
    part(0.299, color.0) + part(0.587, color.1) + part(0.114, color.2) < 140.0
}
