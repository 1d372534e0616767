//! Pixels by hue, saturation and brightness.

use ceratops_core::{Error, Result, Shape};

use crate::DataFormat;

/// Another hue and saturation: h' = h + shift, s' = clip(s · stretch).
///
/// With v = max(r, g, b) and d = v - min(r, g, b), s = d / v, and h goes around a circle of 1: 0 is red, ⅓ green and
/// ⅔ blue. Back, each colour is v · (1 - s · (1 - p(h))), of whose shares p the one of red is
/// clip(|6h - 3| - 1) from 0 to 1, and those of green and blue lie ⅓ and ⅔ further.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recolour {
    pub(super) shift: f32,
    pub(super) stretch: f32,
    /// Of s'.
    pub(super) bounds: [f32; 2],
}

/// A pixel by hue, saturation, brightness.
struct Hsv {
    /// Which colour is the largest, and which the smallest.
    most: usize,
    least: usize,
    hue: f32,
    saturation: f32,
    value: f32,
    /// v - min(r, g, b).
    spread: f32,
}

impl Hsv {
    fn of(pixel: [f32; 3]) -> Self {
        let [r, g, b] = pixel;
        let value = r.max(g).max(b);
        let most = pixel.iter().position(|x| *x == value).unwrap_or(0);
        let smallest = r.min(g).min(b);
        let least = pixel.iter().rposition(|x| *x == smallest).unwrap_or(0);
        let spread = value - smallest;
        let hue = if spread > 0.0 {
            let (plus, minus) = (pixel[(most + 1) % 3], pixel[(most + 2) % 3]);
            let hue = (plus - minus) / (6.0 * spread) + most as f32 / 3.0;
            if hue < 0.0 { hue + 1.0 } else { hue }
        } else {
            0.0
        };
        let saturation = if value > 0.0 { spread / value } else { 0.0 };
        Self { most, least, hue, saturation, value, spread }
    }
}

/// How much of each colour is in a hue, and the slope of that.
fn shares(hue: f32) -> [(f32, f32); 3] {
    let h = 6.0 * hue;
    let share = |at: f32, sign: f32, offset: f32| {
        let share = sign * (h - at).abs() + offset;
        let slope = if share > 0.0 && share < 1.0 { sign * 6.0 * (h - at).signum() } else { 0.0 };
        (share.clamp(0.0, 1.0), slope)
    };
    [share(3.0, 1.0, -1.0), share(2.0, -1.0, 2.0), share(4.0, -1.0, 2.0)]
}

impl Recolour {
    fn hue(self, hue: f32) -> f32 {
        let hue = hue + self.shift;
        if hue > 1.0 {
            hue - 1.0
        } else if hue < 0.0 {
            hue + 1.0
        } else {
            hue
        }
    }

    /// The pixel in its other colour.
    pub(super) fn apply(self, pixel: [f32; 3]) -> [f32; 3] {
        let Hsv { hue, saturation, value, .. } = Hsv::of(pixel);
        let saturation = (saturation * self.stretch).max(self.bounds[0]).min(self.bounds[1]);
        shares(self.hue(hue)).map(|(share, _)| value * ((1.0 - saturation) + saturation * share))
    }

    /// The gradient of the pixel, from that of the recoloured one.
    pub(super) fn pull(self, pixel: [f32; 3], dy: [f32; 3]) -> [f32; 3] {
        let Hsv { most, least, hue, saturation, value, spread } = Hsv::of(pixel);
        let stretched = saturation * self.stretch;
        let clipped = stretched.max(self.bounds[0]).min(self.bounds[1]);
        // y = v - k · (1 - p), with k = d · stretch, or v · s' where s' was clipped
        let k = value * clipped;
        let (mut dv, mut dk, mut dh) = (0.0, 0.0, 0.0);
        for (dy, (share, slope)) in dy.into_iter().zip(shares(self.hue(hue))) {
            dv += dy;
            dk -= dy * (1.0 - share);
            dh += dy * k * slope;
        }
        let mut dd = 0.0;
        if clipped != stretched {
            dv += dk * clipped;
        } else if value > 0.0 {
            dd += dk * self.stretch;
        }
        let mut dx = [0.0; 3];
        if spread > 0.0 {
            // h = (plus - minus) / 6d + const
            let (plus, minus) = ((most + 1) % 3, (most + 2) % 3);
            let slope = dh / (6.0 * spread);
            dx[plus] += slope;
            dx[minus] -= slope;
            dd -= slope * (pixel[plus] - pixel[minus]) / spread;
        }
        dx[most] += dv + dd;
        dx[least] -= dd;
        dx
    }
}

/// Calls `with` for each pixel of an image of three colours, and of another one.
pub(super) fn each_pixel(
    x: &[f32],
    y: &mut [f32],
    mut with: impl FnMut([f32; 3], &mut [f32], usize),
) {
    for (i, (x, y)) in x.chunks_exact(3).zip(y.chunks_exact_mut(3)).enumerate() {
        if let [r, g, b] = *x {
            with([r, g, b], y, 3 * i);
        }
    }
}

/// Refuses images that do not have three colours.
pub(super) fn check_three(input: &Shape, format: DataFormat) -> Result<()> {
    if format.shape_to_last(input).last().is_none_or(|channels| channels == 3) {
        return Ok(());
    }
    let help = "put the layer where the images have their colours";
    Err(Error::argument("input", "images of three channels: red, green, blue", input)
        .with_help(help))
}
