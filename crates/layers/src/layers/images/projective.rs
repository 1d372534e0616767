//! Images under a projective map: turned, moved, stretched, sheared, tilted.

use serde::{Deserialize, Serialize};

use super::Frame;

/// How pixels between the pixels are made: the `interpolation` argument of the layers that move images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sampling {
    /// A mixture of the four around.
    #[default]
    Bilinear,
    /// The nearest one.
    Nearest,
}

/// What lies beyond the border of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FillMode {
    /// Its mirror image: `d c b a | a b c d | d c b a`.
    #[default]
    Reflect,
    /// The image again: `a b c d | a b c d | a b c d`.
    Wrap,
    /// One number: `k k k k | a b c d | k k k k`.
    Constant,
    /// The pixel at the border: `a a a a | a b c d | d d d d`.
    Nearest,
}

/// How an image is read between and beyond its pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) sampling: Sampling,
    pub(super) fill_mode: FillMode,
    pub(super) fill_value: f64,
}

/// The eight numbers of a projective map, from a place (x, y) of the output to
/// ((t₀x + t₁y + t₂) / k, (t₃x + t₄y + t₅) / k) in the input, where k = t₆x + t₇y + 1.
pub(super) type Map = [f32; 8];

/// A pixel of the input, by where its numbers begin; nothing beyond the border.
type Pixel = (Option<usize>, f32);

/// The image `x` under the map.
pub(super) fn warp(map: &Map, reading: Reading, frame: Frame, x: &[f32], y: &mut [f32]) {
    let fill = reading.fill_value as f32;
    each_pixel(map, reading, frame, |place, pixels| {
        let y = &mut y[place..][..frame.channels];
        let Some(pixels) = pixels else { return y.fill(fill) };
        for (channel, y) in y.iter_mut().enumerate() {
            let read = |(start, weight): Pixel| {
                weight * start.map_or(fill, |start| x.get(start + channel).copied().unwrap_or(fill))
            };
            *y = pixels.iter().copied().map(read).sum();
        }
    });
}

/// Adds the gradient of the image to `dx`, from that of the image under the map.
pub(super) fn unwarp(map: &Map, reading: Reading, frame: Frame, dy: &[f32], dx: &mut [f32]) {
    each_pixel(map, reading, frame, |place, pixels| {
        let dy = &dy[place..][..frame.channels];
        for (start, weight) in pixels.into_iter().flatten() {
            let Some(start) = start else { continue };
            let dx = &mut dx[start..][..frame.channels];
            dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += weight * dy);
        }
    });
}

/// Calls `with` for each pixel of the output: where it begins, and which pixels of the input it is made
/// of; nothing where the map leads nowhere.
fn each_pixel(
    map: &Map,
    reading: Reading,
    frame: Frame,
    mut with: impl FnMut(usize, Option<[Pixel; 4]>),
) {
    let mut place = 0;
    for row in 0..frame.height {
        for column in 0..frame.width {
            let (x, y) = (column as f32, row as f32);
            let k = map[6] * x + map[7] * y + 1.0;
            let at = |a: f32, b: f32, c: f32| (a * x + b * y + c) / k;
            let pixels = (k != 0.0).then(|| {
                let x = reading.inside(at(map[0], map[1], map[2]), frame.width);
                let y = reading.inside(at(map[3], map[4], map[5]), frame.height);
                reading.pixels(frame, x, y)
            });
            with(place, pixels);
            place += frame.channels;
        }
    }
}

impl Reading {
    /// The place along an axis of that length where a place beyond the border is read.
    fn inside(self, at: f32, len: usize) -> f32 {
        let last = len.saturating_sub(1) as f32;
        let folded = match self.fill_mode {
            FillMode::Constant => return at,
            FillMode::Nearest => at,
            _ if len <= 1 => 0.0,
            FillMode::Reflect => reflected(at, len as f32),
            FillMode::Wrap => wrapped(at, len as f32),
        };
        // A NaN, where the map overflows, is read at 0.
        folded.max(0.0).min(last)
    }

    /// The pixels around a place, with their weights.
    fn pixels(self, frame: Frame, x: f32, y: f32) -> [Pixel; 4] {
        let pixel = |x: f32, y: f32| {
            let inside =
                (0.0..frame.width as f32).contains(&x) && (0.0..frame.height as f32).contains(&y);
            inside.then(|| (y as usize * frame.width + x as usize) * frame.channels)
        };
        if self.sampling == Sampling::Nearest {
            let nothing = (None, 0.0);
            return [(pixel(x.round(), y.round()), 1.0), nothing, nothing, nothing];
        }
        let (left, top) = (x.floor(), y.floor());
        let (right, bottom) = (left + 1.0, top + 1.0);
        [
            (pixel(left, top), (bottom - y) * (right - x)),
            (pixel(right, top), (bottom - y) * (x - left)),
            (pixel(left, bottom), (y - top) * (right - x)),
            (pixel(right, bottom), (y - top) * (x - left)),
        ]
    }
}

/// A place in an image that is continued by its mirror image.
fn reflected(at: f32, len: f32) -> f32 {
    let round = 2.0 * len;
    if at < 0.0 {
        let at = round * (-at / round).trunc() + at;
        if at < -len { at + round } else { -at - 1.0 }
    } else if at > len - 1.0 {
        let at = at - round * (at / round).trunc();
        if at >= len { round - at - 1.0 } else { at }
    } else {
        at
    }
}

/// A place in an image that is continued by itself.
fn wrapped(at: f32, len: f32) -> f32 {
    if at < 0.0 {
        at + len * ((-at / (len - 1.0)).trunc() + 1.0)
    } else if at > len - 1.0 {
        at - len * (at / (len - 1.0)).trunc()
    } else {
        at
    }
}

/// A map that leaves lines parallel: turned by an angle and stretched about the middle.
pub(super) fn turned(radians: f32, frame: Frame) -> Map {
    let (x, y) = middle(frame);
    let (sin, cos) = radians.sin_cos();
    let (a, b) = (x - x * cos + y * sin, y - x * sin - y * cos);
    [cos, -sin, a, sin, cos, b, 0.0, 0.0]
}

/// A map that stretches about the middle.
pub(super) fn stretched(height: f32, width: f32, frame: Frame) -> Map {
    let (x, y) = middle(frame);
    [width, 0.0, x * (1.0 - width), 0.0, height, y * (1.0 - height), 0.0, 0.0]
}

fn middle(frame: Frame) -> (f32, f32) {
    ((frame.width as f32 - 1.0) / 2.0, (frame.height as f32 - 1.0) / 2.0)
}

/// The arguments that say how an image is read, of a layer that has them.
macro_rules! reading {
    ($layer:expr) => {
        $crate::layers::images::projective::Reading {
            sampling: $layer.interpolation,
            fill_mode: $layer.fill_mode,
            fill_value: $layer.fill_value,
        }
    };
}

pub(super) use reading;

/// The augmentation of a layer that moves the pixels of images by a map, which `map` draws.
macro_rules! projective {
    ($Layer:ident) => {
        impl $crate::layers::images::augmentation::Augmentation for $Layer {
            type Draw = $crate::layers::images::projective::Map;

            fn check(&self) -> ceratops_core::Result<()> {
                self.check_factors()
            }

            fn data_format(&self) -> $crate::DataFormat {
                self.data_format
            }

            fn seed(&self) -> Option<u64> {
                self.seed
            }

            fn draw(&self, frame: Frame, rng: &mut ceratops_core::Rng) -> Self::Draw {
                self.map(frame, rng)
            }

            fn apply(&self, map: &Self::Draw, frame: Frame, x: &[f32], y: &mut [f32]) {
                let reading = $crate::layers::images::projective::reading!(self);
                $crate::layers::images::projective::warp(map, reading, frame, x, y);
            }

            fn pull(&self, map: &Self::Draw, frame: Frame, _: &[f32], dy: &[f32], dx: &mut [f32]) {
                let reading = $crate::layers::images::projective::reading!(self);
                $crate::layers::images::projective::unwarp(map, reading, frame, dy, dx);
            }
        }

        augmentation!($Layer);

        impl $Layer {
            builders! { seed data_format }

            /// Sets how pixels between the pixels are made.
            #[must_use]
            pub fn interpolation(self, interpolation: $crate::Sampling) -> Self {
                Self { interpolation, ..self }
            }

            /// Sets what lies beyond the border.
            #[must_use]
            pub fn fill_mode(self, fill_mode: $crate::FillMode) -> Self {
                Self { fill_mode, ..self }
            }

            /// Sets the number that lies beyond the border, where that is constant.
            #[must_use]
            pub fn fill_value(self, fill_value: f64) -> Self {
                Self { fill_value, ..self }
            }
        }
    };
}

pub(super) use projective;
