//! ContrastLimitedAdaptiveHistogramEqualization: spreads the values of each part of an image evenly.

use ceratops_core::{Error, Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Frame,
    augmentation::{Augmentation, BYTES, check_range, rescaled},
};
use crate::DataFormat;

/// y = 255 · (n(x) - n(0)) / (N - n(0)), in training and in inference, where the image is laid out with tiles, and
/// n(x) is how many of the N numbers of a channel of a tile are at most the whole number x; between the middles of
/// four tiles y is a mixture of what the four say.
///
/// Before n is summed up, of each number that comes more often than `clip_limit` · N / 256 times the rest is shared out
/// among all 256: that keeps noise in flat parts low. The last tiles are filled up with the mirror image. Other ranges
/// of values count as 0 to 255. A step has no slope: the gradient of x is 0.
///
/// ```
/// use ceratops_layers::{ContrastLimitedAdaptiveHistogramEqualization, Input, sequential};
///
/// let clahe = ContrastLimitedAdaptiveHistogramEqualization::new().tile_grid_size([4, 4]);
/// let model = sequential![Input::new([28, 28, 1]), clahe]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.ContrastLimitedAdaptiveHistogramEqualization`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContrastLimitedAdaptiveHistogramEqualization {
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// How many times its even share a number may count; 0 or less for no limit.
    pub clip_limit: f64,
    /// How many tiles there are in a column, and in a row.
    pub tile_grid_size: [usize; 2],
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for ContrastLimitedAdaptiveHistogramEqualization {
    fn default() -> Self {
        Self {
            value_range: BYTES,
            clip_limit: 4.0,
            tile_grid_size: [8, 8],
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl ContrastLimitedAdaptiveHistogramEqualization {
    /// The layer with 8 × 8 tiles and a limit of 4.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { data_format value_range }

    /// Sets how many times its even share a number may count.
    #[must_use]
    pub fn clip_limit(self, clip_limit: f64) -> Self {
        Self { clip_limit, ..self }
    }

    /// Sets how many tiles there are in a column, and in a row.
    #[must_use]
    pub fn tile_grid_size(self, tile_grid_size: [usize; 2]) -> Self {
        Self { tile_grid_size, ..self }
    }

    fn byte(&self, x: f32) -> usize {
        rescaled(x, self.value_range, BYTES).clamp(0.0, 255.0) as usize
    }

    /// What becomes of each byte in a tile, of which these are the numbers.
    fn levels(&self, bytes: impl Iterator<Item = usize>) -> [f32; 256] {
        let (mut counts, mut all) = ([0.0f32; 256], 0.0f32);
        for byte in bytes {
            counts[byte] += 1.0;
            all += 1.0;
        }
        if self.clip_limit > 0.0 {
            let limit = (self.clip_limit * f64::from(all) / 256.0) as f32;
            let excess: f32 = counts.iter().map(|count| (count - limit).max(0.0)).sum();
            counts.iter_mut().for_each(|count| *count = count.min(limit) + excess / 256.0);
        }
        let mut sum = 0.0;
        let sums = counts.map(|count| {
            sum += count;
            sum
        });
        let rest = if all == sums[0] { 1.0 } else { all - sums[0] };
        sums.map(|sum| ((sum - sums[0]) * 255.0 / rest).clamp(0.0, 255.0))
    }
}

/// The tiles along an axis.
#[derive(Clone, Copy)]
struct Tiles {
    count: usize,
    /// How long each is.
    side: usize,
    /// How long the axis is.
    len: usize,
}

impl Tiles {
    fn new(count: usize, len: usize) -> Self {
        Self { count, side: len.div_ceil(count), len }
    }

    /// The places in a tile, those beyond the border mirrored.
    fn places(self, tile: usize) -> impl Iterator<Item = usize> + Clone {
        let mirrored = move |place: usize| {
            let place = place % (2 * self.len);
            if place < self.len { place } else { 2 * self.len - 1 - place }
        };
        (tile * self.side..(tile + 1) * self.side).map(mirrored)
    }

    /// The tiles whose middles a place lies between, and the share of the second.
    fn around(self, place: usize) -> ([usize; 2], f32) {
        let side = self.side as f32;
        // Tiles count from 1; those before the first and behind the last are as these.
        let at = (place as f32 - side / 2.0) / side + 1.0;
        let tile = |tile: f32| (tile.max(1.0) as usize).min(self.count) - 1;
        ([tile(at.floor()), tile(at.floor() + 1.0)], at - at.floor())
    }
}

/// The most tiles along an axis.
const MOST: usize = 1 << 12;

impl Augmentation for ContrastLimitedAdaptiveHistogramEqualization {
    type Draw = ();

    const ALWAYS: bool = true;

    fn check(&self) -> Result<()> {
        let [rows, columns] = self.tile_grid_size;
        if [rows, columns].iter().any(|tiles| *tiles == 0 || *tiles > MOST) {
            let expected = format!("two integers from 1 to {MOST}");
            return Err(Error::argument(
                "tile_grid_size",
                expected,
                format!("[{rows}, {columns}]"),
            ));
        }
        if !self.clip_limit.is_finite() {
            return Err(Error::argument("clip_limit", "a finite number", self.clip_limit));
        }
        check_range(self.value_range)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        None
    }

    fn draw(&self, _: Frame, _: &mut Rng) {}

    fn apply(&self, (): &(), frame: Frame, x: &[f32], y: &mut [f32]) {
        let down = Tiles::new(self.tile_grid_size[0], frame.height);
        let across = Tiles::new(self.tile_grid_size[1], frame.width);
        for channel in 0..frame.channels {
            let place =
                |row: usize, column: usize| row * frame.row() + column * frame.channels + channel;
            let tiles = (0..down.count).flat_map(|i| (0..across.count).map(move |j| (i, j)));
            let levels: Vec<[f32; 256]> = tiles
                .map(|(i, j)| {
                    let columns = across.places(j);
                    let rows =
                        down.places(i).flat_map(|row| columns.clone().map(move |c| (row, c)));
                    self.levels(rows.map(|(row, column)| self.byte(x[place(row, column)])))
                })
                .collect();
            for row in 0..frame.height {
                let ([above, below], low) = down.around(row);
                for column in 0..frame.width {
                    let ([left, right], far) = across.around(column);
                    let byte = self.byte(x[place(row, column)]);
                    let level = |i: usize, j: usize| levels[i * across.count + j][byte];
                    let top = level(above, left) * (1.0 - far) + level(above, right) * far;
                    let bottom = level(below, left) * (1.0 - far) + level(below, right) * far;
                    let mixed = top * (1.0 - low) + bottom * low;
                    y[place(row, column)] = rescaled(mixed, BYTES, self.value_range);
                }
            }
        }
    }

    fn pull(&self, (): &(), _: Frame, _: &[f32], _: &[f32], _: &mut [f32]) {}
}

augmentation!(ContrastLimitedAdaptiveHistogramEqualization);
