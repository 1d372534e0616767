//! AutoContrast: stretches the values of images over their whole range.

use ceratops_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Frame,
    augmentation::{Augmentation, BYTES, check_range, clip, rescaled},
};
use crate::DataFormat;

/// y = least + (x - low) / (high - low) · (most - least), in training and in inference, where low and high are the
/// smallest and the largest number of the channel of an image, and values go from least to most. A channel of one
/// number stays as it is.
///
/// With its channels first, too, each channel has its own low and high; Keras takes those of each column then.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::AutoContrast;
///
/// let x = Tensor::new(&[1, 1, 3, 1], vec![100.0, 150.0, 200.0])?;
/// let (y, _) = AutoContrast::new().forward(x, &mut Context::inference())?;
/// assert_eq!(y.as_slice(), [0.0, 127.5, 255.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.AutoContrast`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoContrast {
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for AutoContrast {
    fn default() -> Self {
        Self { value_range: BYTES, data_format: DataFormat::ChannelsLast }
    }
}

impl AutoContrast {
    /// The layer for values from 0 to 255.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { data_format value_range }
}

/// The smallest and the largest number of a channel, and how many there are of each.
struct Extent {
    low: f32,
    high: f32,
    lows: f32,
    highs: f32,
}

impl Extent {
    fn of(channel: impl Iterator<Item = f32> + Clone) -> Self {
        let low = channel.clone().fold(f32::INFINITY, f32::min);
        let high = channel.clone().fold(f32::NEG_INFINITY, f32::max);
        let count = |value: f32| channel.clone().filter(|x| *x == value).count() as f32;
        Self { low, high, lows: count(low), highs: count(high) }
    }
}

impl Augmentation for AutoContrast {
    type Draw = ();

    const ALWAYS: bool = true;

    fn check(&self) -> Result<()> {
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
        for channel in 0..frame.channels {
            let values = x[channel..].iter().step_by(frame.channels);
            let bytes = values.map(|x| rescaled(*x, self.value_range, BYTES));
            let Extent { low, high, .. } = Extent::of(bytes.clone());
            let scale = 255.0 / (high - low);
            let places = (channel..).step_by(frame.channels);
            for (place, byte) in places.zip(bytes) {
                let stretched = clip(byte * scale - low * scale, BYTES);
                let is_flat = high == low;
                y[place] =
                    if is_flat { x[place] } else { rescaled(stretched, BYTES, self.value_range) };
            }
        }
    }

    fn pull(&self, (): &(), frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        let size = (self.value_range[1] - self.value_range[0]) as f32;
        for channel in 0..frame.channels {
            let values = x[channel..].iter().step_by(frame.channels).copied();
            let Extent { low, high, lows, highs } = Extent::of(values.clone());
            if high == low {
                let places = (channel..x.len()).step_by(frame.channels);
                places.for_each(|place| dx[place] = dy[place]);
                continue;
            }
            // g = dy · size / (high - low), and with t = (x - low) / (high - low):
            // dL/dx = g, dL/dlow = -sum(g · (1 - t)), dL/dhigh = -sum(g · t)
            let (mut to_low, mut to_high) = (0.0, 0.0);
            let places = (channel..).step_by(frame.channels);
            for (place, x) in places.clone().zip(values.clone()) {
                let g = dy[place] * size / (high - low);
                let t = (x - low) / (high - low);
                dx[place] = g;
                to_low -= g * (1.0 - t);
                to_high -= g * t;
            }
            for (place, x) in places.zip(values) {
                if x == low {
                    dx[place] += to_low / lows;
                } else if x == high {
                    dx[place] += to_high / highs;
                }
            }
        }
    }
}

augmentation!(AutoContrast);
