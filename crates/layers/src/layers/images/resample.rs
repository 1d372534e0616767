//! Images of another size: a sum over rows, then a sum over columns.

use ceratops_core::vectorize;

use super::{Frame, Interpolation, aspect::Part, taps::Taps};

/// How a part of each image becomes an image of another size.
#[derive(Debug, Clone)]
pub(super) struct Resample {
    /// The size of the image that the part is taken from.
    frame: Frame,
    part: Part,
    rows: Taps,
    columns: Taps,
}

impl Resample {
    pub(super) fn new(
        frame: Frame,
        part: Part,
        [height, width]: [usize; 2],
        interpolation: Interpolation,
        antialias: bool,
    ) -> Self {
        let taps = |from: usize, to: usize| Taps::new(interpolation, antialias, from, to);
        Self { frame, part, rows: taps(part.height, height), columns: taps(part.width, width) }
    }

    /// How many numbers come out.
    pub(super) fn len(&self) -> usize {
        self.rows.len() * self.columns.len() * self.frame.channels
    }

    /// The image `x` in its new size; `row` is memory for a row of `x`.
    pub(super) fn apply(&self, x: &[f32], row: &mut [f32], y: &mut [f32]) {
        vectorize(
            #[inline(always)]
            || {
                let out = (self.columns.len() * self.frame.channels).max(1);
                for (i, y) in y.chunks_mut(out).enumerate() {
                    row.fill(0.0);
                    for (source, weight) in self.rows.at(i) {
                        let x = &x[self.place(source)..][..row.len()];
                        row.iter_mut().zip(x).for_each(|(sum, x)| *sum += weight * x);
                    }
                    self.narrow(row, y);
                }
            },
        );
    }

    /// Adds to `dx` what a gradient `dy` of the output makes of it.
    pub(super) fn pull(&self, dy: &[f32], row: &mut [f32], dx: &mut [f32]) {
        vectorize(
            #[inline(always)]
            || {
                let out = (self.columns.len() * self.frame.channels).max(1);
                for (i, dy) in dy.chunks(out).enumerate() {
                    row.fill(0.0);
                    self.widen(dy, row);
                    for (source, weight) in self.rows.at(i) {
                        let dx = &mut dx[self.place(source)..][..row.len()];
                        dx.iter_mut().zip(&*row).for_each(|(dx, sum)| *dx += weight * sum);
                    }
                }
            },
        );
    }

    /// How many numbers a row of the part has.
    pub(super) fn row(&self) -> usize {
        self.part.width * self.frame.channels
    }

    /// Where a row of the part begins in the image.
    fn place(&self, row: usize) -> usize {
        ((self.part.top + row) * self.frame.width + self.part.left) * self.frame.channels
    }

    /// A row in its new width.
    #[inline(always)]
    fn narrow(&self, row: &[f32], y: &mut [f32]) {
        let channels = self.frame.channels.max(1);
        for (i, y) in y.chunks_mut(channels).enumerate() {
            y.fill(0.0);
            for (source, weight) in self.columns.at(i) {
                let pixel = &row[source * channels..][..channels];
                y.iter_mut().zip(pixel).for_each(|(y, x)| *y += weight * x);
            }
        }
    }

    #[inline(always)]
    fn widen(&self, dy: &[f32], row: &mut [f32]) {
        let channels = self.frame.channels.max(1);
        for (i, dy) in dy.chunks(channels).enumerate() {
            for (source, weight) in self.columns.at(i) {
                let pixel = &mut row[source * channels..][..channels];
                pixel.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += weight * dy);
            }
        }
    }
}
