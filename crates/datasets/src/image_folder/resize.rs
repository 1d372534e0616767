//! Images brought to one size, as `tf.image.resize` does it: pixels have their middle at a half, and
//! nothing is smoothed where many pixels become few.

use super::{ImageOptions, Interpolation, decode::Pixels};

/// Where one place of a side comes from: two pixels, and how much of the way to the second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Between {
    lower: usize,
    upper: usize,
    part: f32,
}

/// Writes `image` in the size and the way that `options` say to `to`.
pub(super) fn into(image: &Pixels, options: &ImageOptions, to: &mut [f32]) {
    let [height, width] = options.image_size;
    let (mut rows, mut columns) = (0..image.height, 0..image.width);
    if options.crop_to_aspect_ratio {
        (rows, columns) = cropped(image, [height, width]);
    }
    let side = |part: std::ops::Range<usize>, len| match options.interpolation {
        Interpolation::Bilinear => bilinear(part, len),
        Interpolation::Nearest => nearest(part, len),
    };
    let (rows, columns) = (side(rows, height), side(columns, width));
    let channels = image.channels;
    let stride = image.width * channels;
    for (to, row) in to.chunks_exact_mut(width * channels).zip(rows) {
        let [upper, lower] = [row.lower, row.upper].map(|y| &image.values[y * stride..][..stride]);
        for (to, column) in to.chunks_exact_mut(channels).zip(&columns) {
            let (left, right) = (column.lower * channels, column.upper * channels);
            for (channel, to) in to.iter_mut().enumerate() {
                let along = |row: &[u8]| {
                    mix(row[left + channel].into(), row[right + channel].into(), column.part)
                };
                *to = mix(along(upper), along(lower), row.part);
            }
        }
    }
}

fn mix(a: f32, b: f32, part: f32) -> f32 {
    a + (b - a) * part
}

/// The places of a side of `len` pixels that stands for the pixels of `from`.
fn bilinear(from: std::ops::Range<usize>, len: usize) -> Vec<Between> {
    let last = from.len() - 1;
    if from.len() == len {
        return (0..len).map(|i| at(from.start + i)).collect();
    }
    let scale = from.len() as f32 / len as f32;
    let between = |i: usize| {
        let place = (i as f32 + 0.5) * scale - 0.5;
        // Below 0 the cast gives 0.
        let lower = (place.floor() as usize).min(last);
        let upper = (place.ceil() as usize).min(last);
        let part = place - place.floor();
        Between { lower: from.start + lower, upper: from.start + upper, part }
    };
    (0..len).map(between).collect()
}

fn nearest(from: std::ops::Range<usize>, len: usize) -> Vec<Between> {
    let scale = from.len() as f32 / len as f32;
    let place = |i: usize| ((i as f32 + 0.5) * scale).floor() as usize;
    (0..len).map(|i| at(from.start + place(i).min(from.len() - 1))).collect()
}

/// Exactly that pixel.
fn at(pixel: usize) -> Between {
    Between { lower: pixel, upper: pixel, part: 0.0 }
}

/// The rows and columns of the largest part in the middle that has the proportions of `size`.
fn cropped(
    image: &Pixels,
    [height, width]: [usize; 2],
) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let crop = |own: usize, other: usize, target: usize, target_other: usize| {
        let wanted = (other as f32 * target as f32 / target_other as f32) as usize;
        let kept = wanted.min(own).max(1);
        let start = ((own - kept) as f32 / 2.0) as usize;
        start..start + kept
    };
    let rows = crop(image.height, image.width, height, width);
    (rows, crop(image.width, image.height, width, height))
}
