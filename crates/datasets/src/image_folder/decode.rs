//! From a file to pixels.

use std::{fs::File, io::BufReader, path::Path};

use ceratops_core::{Error, Result};
use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use super::ColorMode;

/// The most bytes that one image may take in memory. A file of a few bytes can promise any size.
const MOST: u64 = 256 << 20;

/// The pixels of an image, row by row, the channels of each together.
pub(super) struct Pixels {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) values: Vec<u8>,
}

/// Reads the image in a file, whose kind its first bytes tell.
pub(super) fn read(path: &Path, color_mode: ColorMode) -> Result<Pixels> {
    let failed = |e: std::io::Error| Error::io(path.display(), e);
    let file = BufReader::new(File::open(path).map_err(failed)?);
    let mut reader = ImageReader::new(file).with_guessed_format().map_err(failed)?;
    let known = [ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Jpeg, ImageFormat::Png];
    if !reader.format().is_some_and(|format| known.contains(&format)) {
        let message = "this is no image; expected BMP, GIF, JPEG or PNG, whatever the file's name";
        return Err(Error::Data(format!("{}: {message}", path.display())));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST);
    reader.limits(limits);
    let image = reader.decode();
    let image = image.map_err(|e| Error::Data(format!("{}: broken image: {e}", path.display())))?;
    let (height, width) = (image.height() as usize, image.width() as usize);
    if height == 0 || width == 0 {
        return Err(Error::Data(format!("{}: the image has no pixels", path.display())));
    }
    let channels = color_mode.channels();
    Ok(Pixels { height, width, channels, values: values(image, color_mode) })
}

/// The numbers of the channels that are wanted.
fn values(image: DynamicImage, color_mode: ColorMode) -> Vec<u8> {
    let image = eight_bits(image);
    match color_mode {
        ColorMode::Rgba => image.into_rgba8().into_raw(),
        ColorMode::Rgb => image.into_rgb8().into_raw(),
        ColorMode::Grayscale => match image {
            DynamicImage::ImageLuma8(image) => image.into_raw(),
            DynamicImage::ImageLumaA8(image) => image.pixels().map(|pixel| pixel.0[0]).collect(),
            image => image.into_rgb8().pixels().map(|pixel| gray(pixel.0)).collect(),
        },
    }
}

/// The brightness of a color as libpng computes it, and with it TensorFlow: 0.299, 0.587 and 0.114
/// in parts of 32768, rounded down.
fn gray([red, green, blue]: [u8; 3]) -> u8 {
    let parts = 9797 * u32::from(red) + 19234 * u32::from(green) + 3737 * u32::from(blue);
    // At most 255, the parts being 32768 together.
    (parts >> 15) as u8
}

/// Of numbers of 16 bits TensorFlow keeps the upper 8.
fn eight_bits(image: DynamicImage) -> DynamicImage {
    fn upper(values: Vec<u16>) -> Vec<u8> {
        values.into_iter().map(|value| (value >> 8) as u8).collect()
    }
    let (width, height) = (image.width(), image.height());
    let upper = match image {
        DynamicImage::ImageLuma16(image) => {
            image::GrayImage::from_raw(width, height, upper(image.into_raw())).map(Into::into)
        }
        DynamicImage::ImageLumaA16(image) => {
            image::GrayAlphaImage::from_raw(width, height, upper(image.into_raw())).map(Into::into)
        }
        DynamicImage::ImageRgb16(image) => {
            image::RgbImage::from_raw(width, height, upper(image.into_raw())).map(Into::into)
        }
        DynamicImage::ImageRgba16(image) => {
            image::RgbaImage::from_raw(width, height, upper(image.into_raw())).map(Into::into)
        }
        image => Some(image),
    };
    upper.unwrap_or_default()
}
