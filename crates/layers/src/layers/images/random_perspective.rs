//! RandomPerspective: tilts images, while training.

use ceratops_core::{Error, Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, FillMode, Frame, Sampling,
    augmentation::{Augmentation, between, happens},
    factor::positive,
    projective::{Map, Reading, unwarp, warp},
};
use crate::DataFormat;

/// y\[p\] = x\[m(p)\] with a probability that is drawn from a range, while training, where the projective map m leads
/// the moved corners of an image to its corners; y = x otherwise.
///
/// A corner (a, b), counted from the first pixel, moves to (a + u · a, b + v · b), of which u and v, from -scale / 2 to
/// scale / 2, are drawn for each corner of each image. So the first one stays.
///
/// ```
/// use ceratops_layers::{Input, RandomPerspective, sequential};
///
/// let model = sequential![Input::new([28, 28, 1]), RandomPerspective::new(1.0).scale(0.3)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomPerspective`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomPerspective {
    /// The range of the probability; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// How far corners move, as a share of the image.
    pub scale: f64,
    /// How pixels between the pixels are made.
    pub interpolation: Sampling,
    /// The number that lies beyond the border.
    pub fill_value: f64,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for RandomPerspective {
    fn default() -> Self {
        Self::new(1.0)
    }
}

/// A place (x, y).
type Point = [f32; 2];

impl RandomPerspective {
    /// The layer with this probability, or this range of it.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().positive(),
            scale: 1.0,
            interpolation: Sampling::Bilinear,
            fill_value: 0.0,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format }

    /// Sets how far corners move, as a share of the image.
    #[must_use]
    pub fn scale(self, scale: f64) -> Self {
        Self { scale, ..self }
    }

    /// Sets how pixels between the pixels are made.
    #[must_use]
    pub fn interpolation(self, interpolation: Sampling) -> Self {
        Self { interpolation, ..self }
    }

    /// Sets the number that lies beyond the border.
    #[must_use]
    pub fn fill_value(self, fill_value: f64) -> Self {
        Self { fill_value, ..self }
    }

    fn reading(&self) -> Reading {
        Reading {
            sampling: self.interpolation,
            fill_mode: FillMode::Constant,
            fill_value: self.fill_value,
        }
    }
}

/// The map that leads these places to the corners of an image; nothing where there is none.
pub(super) fn map_to_corners(from: [Point; 4], frame: Frame) -> Option<Map> {
    // Two equations for each corner (a, b) and its place (x, y):
    // t₀x + t₁y + t₂ - a (t₆x + t₇y) = a and t₃x + t₄y + t₅ - b (t₆x + t₇y) = b
    let mut rows = Vec::with_capacity(8);
    for ([x, y], [a, b]) in from.into_iter().zip(corners(frame)) {
        let ([x, y], [a, b]) = ([x, y].map(f64::from), [a, b].map(f64::from));
        rows.push([x, y, 1.0, 0.0, 0.0, 0.0, -a * x, -a * y, a]);
        rows.push([0.0, 0.0, 0.0, x, y, 1.0, -b * x, -b * y, b]);
    }
    solved(rows).map(|t| t.map(|t| t as f32))
}

fn corners(frame: Frame) -> [Point; 4] {
    let (right, bottom) = (frame.width as f32 - 1.0, frame.height as f32 - 1.0);
    [[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]]
}

/// What solves eight equations, each eight factors and what they come to, after Gauss and Jordan.
fn solved(mut rows: Vec<[f64; 9]>) -> Option<[f64; 8]> {
    for column in 0..8 {
        let size = |row: &usize| rows[*row][column].abs();
        let pivot = (column..8).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        rows.swap(column, pivot);
        let head = rows[column];
        if head[column].abs() < 1e-9 {
            return None;
        }
        for (_, row) in rows.iter_mut().enumerate().filter(|(other, _)| *other != column) {
            let times = row[column] / head[column];
            row.iter_mut().zip(head).for_each(|(to, from)| *to -= times * from);
        }
    }
    Some(std::array::from_fn(|i| rows[i][8] / rows[i][i]))
}

impl Augmentation for RandomPerspective {
    /// The map; nothing where the image stays.
    type Draw = Option<Map>;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        if (0.0..=1.0).contains(&self.scale) {
            return Ok(());
        }
        Err(Error::argument("scale", "a number from 0 to 1", self.scale))
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, frame: Frame, rng: &mut Rng) -> Option<Map> {
        let tilts = happens(self.factor, rng);
        let half = 0.5 * self.scale;
        let moved = corners(frame).map(|at| at.map(|at| at + at * between((-half, half), rng)));
        map_to_corners(moved, frame).filter(|_| tilts)
    }

    fn apply(&self, map: &Option<Map>, frame: Frame, x: &[f32], y: &mut [f32]) {
        match map {
            Some(map) => warp(map, self.reading(), frame, x, y),
            None => y.copy_from_slice(x),
        }
    }

    fn pull(&self, map: &Option<Map>, frame: Frame, _: &[f32], dy: &[f32], dx: &mut [f32]) {
        match map {
            Some(map) => unwarp(map, self.reading(), frame, dy, dx),
            None => dx.copy_from_slice(dy),
        }
    }
}

augmentation!(RandomPerspective);
