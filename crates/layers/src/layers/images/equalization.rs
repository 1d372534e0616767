//! Equalization: spreads the values of images evenly, while training.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Rng, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Frame,
    augmentation::{self, Augmentation, BYTES, check_range, rescaled},
    histogram::{count, equalizing, level},
};
use crate::DataFormat;

/// y = 255 · (n(x) - n(low)) / (n(high) - n(low)), rounded, while training, where n(x) is how many numbers of the
/// channel lie in the bin of x or below, and low and high are its smallest and its largest bin; y = x otherwise.
///
/// The bins divide the values from 0 to 255, or another `value_range`, which y has then, too. A channel of which all
/// lies in one bin stays as it is. As in Keras, the numbers are counted over the whole batch. A step has no slope:
/// the gradient of x is 0.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::Equalization;
///
/// let x = Tensor::new(&[1, 1, 3, 1], vec![10.0, 11.0, 200.0])?;
/// let (y, _) = Equalization::new().forward(x, &mut Context::training(0, 0, 0))?;
/// assert_eq!(y.as_slice(), [0.0, 128.0, 255.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Equalization`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Equalization {
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// How many bins there are.
    pub bins: usize,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for Equalization {
    fn default() -> Self {
        Self { value_range: BYTES, bins: 256, data_format: DataFormat::ChannelsLast }
    }
}

/// What becomes of the bins of a channel; nothing where they stay.
type Levels = Option<Vec<f32>>;

impl Equalization {
    /// The layer for values from 0 to 255, with 256 bins.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { data_format value_range }

    /// Sets how many bins there are.
    #[must_use]
    pub fn bins(self, bins: usize) -> Self {
        Self { bins, ..self }
    }

    /// How many numbers of each channel lie in each bin.
    fn counts(&self, channels: usize, x: &[f32]) -> Vec<f64> {
        let mut counts = vec![0.0; channels * self.bins];
        for (channel, counts) in counts.chunks_mut(self.bins.max(1)).enumerate() {
            let values = x.iter().skip(channel).step_by(channels);
            count(values.map(|x| rescaled(*x, self.value_range, BYTES)), counts);
        }
        counts
    }

    fn levels(&self, counts: &[f64]) -> Vec<Levels> {
        counts.chunks(self.bins.max(1)).map(equalizing).collect()
    }

    fn equalize(&self, levels: &[Levels], x: &[f32], y: &mut [f32]) {
        for (i, (y, x)) in y.iter_mut().zip(x).enumerate() {
            *y = match &levels[i % levels.len()] {
                Some(levels) => {
                    let level = level(rescaled(*x, self.value_range, BYTES), levels);
                    rescaled(level, BYTES, self.value_range)
                }
                None => *x,
            };
        }
    }
}

/// The most bins.
const MOST: usize = 1 << 16;

/// An image by itself.
impl Augmentation for Equalization {
    type Draw = ();

    fn check(&self) -> Result<()> {
        if self.bins == 0 || self.bins > MOST {
            return Err(Error::argument("bins", format!("an integer from 1 to {MOST}"), self.bins));
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
        let levels = self.levels(&self.counts(frame.channels, x));
        self.equalize(&levels, x, y);
    }

    fn pull(&self, (): &(), frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        let levels = self.levels(&self.counts(frame.channels, x));
        pull(&levels, dy, dx);
    }
}

/// The gradient of what stays.
fn pull(levels: &[Levels], dy: &[f32], dx: &mut [f32]) {
    for (i, (dx, dy)) in dx.iter_mut().zip(dy).enumerate() {
        *dx = if levels[i % levels.len()].is_some() { 0.0 } else { *dy };
    }
}

impl Layer for Equalization {
    const CLASS_NAME: &'static str = "Equalization";
    /// Nothing where nothing was changed.
    type Saved = Option<Vec<Levels>>;

    fn validate(&self) -> Result<()> {
        self.check()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        augmentation::output_shape(self, input)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        if !cx.is_training() || x.is_empty() {
            return Ok((x, cx.save(|| None)));
        }
        let x = self.data_format.channels_to_last(x)?;
        let frame = Frame::of(&x)?;
        let levels = match cx.sums() {
            Some(counts) => self.levels(&counts),
            // No sums: what we see is the whole batch.
            None => self.levels(&self.counts(frame.channels, x.as_slice())),
        };
        let mut y = Tensor::for_overwrite(x.shape());
        self.equalize(&levels, x.as_slice(), y.as_mut_slice());
        Ok((self.data_format.channels_from_last(y)?, cx.save(|| Some(levels))))
    }

    fn backward(
        &self,
        levels: Self::Saved,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let Some(levels) = levels else { return Ok(Some(dy)) };
        let dy = self.data_format.channels_to_last(dy)?;
        let mut dx = Tensor::zeros(dy.shape());
        pull(&levels, dy.as_slice(), dx.as_mut_slice());
        self.data_format.channels_from_last(dx).map(Some)
    }

    fn couples_samples(&self) -> bool {
        true
    }

    fn forward_sums(&self, x: &Tensor) -> Result<Option<Vec<f64>>> {
        let x = self.data_format.channels_to_last(x.clone())?;
        Ok(Some(self.counts(Frame::of(&x)?.channels, x.as_slice())))
    }

    fn backward_sums(
        &self,
        _: &Self::Saved,
        _: &Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Vec<f64>> {
        Ok(Vec::new())
    }
}
