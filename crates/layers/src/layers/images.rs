//! Layers for images: those that change their size, and those that change them at random in training.

#[macro_use]
mod augmentation;

mod aspect;
mod assortment;
mod aug_mix;
mod auto_contrast;
mod blur;
mod center_crop;
mod chain;
mod chance;
mod clahe;
mod cut_mix;
#[cfg(test)]
mod drawn_tests;
mod equalization;
mod factor;
mod grid;
mod histogram;
mod hsv;
mod mix_up;
mod patch;
mod projective;
mod rand_augment;
mod random_brightness;
mod random_color_degeneration;
mod random_color_jitter;
mod random_contrast;
mod random_crop;
mod random_elastic_transform;
mod random_erasing;
mod random_flip;
mod random_gaussian_blur;
mod random_grayscale;
mod random_height;
mod random_hue;
mod random_invert;
mod random_perspective;
mod random_posterization;
mod random_rotation;
mod random_saturation;
mod random_sharpness;
mod random_shear;
mod random_translation;
mod random_width;
mod random_zoom;
mod resample;
mod resizing;
mod sides;
mod solarization;
mod taps;

pub use aug_mix::AugMix;
pub use auto_contrast::AutoContrast;
pub use center_crop::CenterCrop;
pub use clahe::ContrastLimitedAdaptiveHistogramEqualization;
pub use cut_mix::CutMix;
pub use equalization::Equalization;
pub use factor::Factor;
pub use mix_up::MixUp;
pub use projective::{FillMode, Sampling};
pub use rand_augment::RandAugment;
pub use random_brightness::RandomBrightness;
pub use random_color_degeneration::RandomColorDegeneration;
pub use random_color_jitter::RandomColorJitter;
pub use random_contrast::RandomContrast;
pub use random_crop::RandomCrop;
pub use random_elastic_transform::RandomElasticTransform;
pub use random_erasing::{Fill, RandomErasing};
pub use random_flip::{FlipMode, RandomFlip};
pub use random_gaussian_blur::RandomGaussianBlur;
pub use random_grayscale::RandomGrayscale;
pub use random_height::RandomHeight;
pub use random_hue::RandomHue;
pub use random_invert::RandomInvert;
pub use random_perspective::RandomPerspective;
pub use random_posterization::RandomPosterization;
pub use random_rotation::RandomRotation;
pub use random_saturation::RandomSaturation;
pub use random_sharpness::RandomSharpness;
pub use random_shear::RandomShear;
pub use random_translation::RandomTranslation;
pub use random_width::RandomWidth;
pub use random_zoom::RandomZoom;
pub use resizing::Resizing;
pub use solarization::Solarization;
pub use taps::Interpolation;

use ceratops_core::{Error, Result, Shape, Tensor};

use super::expect_ndim;
use crate::DataFormat;

/// The size of one image, its channels last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    height: usize,
    width: usize,
    channels: usize,
}

impl Frame {
    /// That of the images of a batch, which has its channels last.
    fn of(x: &Tensor) -> Result<Self> {
        Self::of_shape(x.shape())
    }

    /// That of the images of a batch of that shape, its channels last.
    fn of_shape(shape: &[usize]) -> Result<Self> {
        match *shape {
            [_, height, width, channels] => Ok(Self { height, width, channels }),
            _ => Err(not_images(&Shape::of(shape), DataFormat::ChannelsLast)),
        }
    }

    /// How many numbers an image has.
    fn len(self) -> usize {
        self.height * self.width * self.channels
    }

    /// How many numbers a row has.
    fn row(self) -> usize {
        self.width * self.channels
    }
}

/// Refuses what is no batch of images.
fn expect_images(input: &Shape, format: DataFormat) -> Result<()> {
    if input.ndim() == 4 {
        return Ok(());
    }
    Err(not_images(input, format))
}

fn not_images(input: &Shape, format: DataFormat) -> Error {
    let axes = match format {
        DataFormat::ChannelsLast => "(batch, height, width, channels)",
        DataFormat::ChannelsFirst => "(batch, channels, height, width)",
    };
    let help = "add the missing axis with Reshape, or in the Input";
    match expect_ndim(input, 4, axes, help) {
        Err(error) => error,
        Ok(()) => Error::argument("input", axes, input),
    }
}

/// The shape of images of another size.
fn resized(input: &Shape, format: DataFormat, height: usize, width: usize) -> Result<Shape> {
    expect_images(input, format)?;
    let last = format.shape_to_last(input);
    Ok(format.shape_from_last(&last.with_axis(1, Some(height)).with_axis(2, Some(width))))
}

/// Refuses a height or a width of 0, and a size that no memory holds.
fn check_size(height: usize, width: usize) -> Result<()> {
    for (argument, len) in [("height", height), ("width", width)] {
        if len == 0 || len > MOST {
            return Err(Error::argument(argument, format!("an integer from 1 to {MOST}"), len));
        }
    }
    Ok(())
}

/// The longest side of an image that is made.
const MOST: usize = 1 << 24;
