//! Laying out the patches of an image as the rows of a matrix, so that convolution is a product.

use std::ops::Range;

use ceratops_core::vectorize;

use super::Window;

/// The patches under a window: one row a place, in the order (kernel row, kernel column, channel).
#[derive(Debug, Clone)]
pub(crate) struct Patches {
    pub(crate) window: Window,
    /// The channels of the image.
    pub(crate) channels: usize,
    /// Those of them that the patches hold.
    pub(crate) part: Range<usize>,
}

impl Patches {
    /// The length of a row.
    pub(crate) fn len(&self) -> usize {
        self.window.rows.kernel * self.window.columns.kernel * self.part.len()
    }

    /// Writes the patches of the window's rows `places` into `patches`, pads as zeros.
    pub(crate) fn gather(&self, image: &[f32], places: Range<usize>, patches: &mut [f32]) {
        let Window { rows, columns, .. } = self.window;
        let depth = self.part.len();
        let line = columns.kernel * depth;
        // Where all channels go along, the taps of one kernel row are neighbours in the image.
        let whole = columns.is_dense() && depth == self.channels;
        let mut lines = patches.chunks_exact_mut(line.max(1));
        for row in places {
            for column in 0..columns.output {
                for (k, out) in (0..rows.kernel).zip(&mut lines) {
                    match rows.tap(row, k) {
                        None => out.fill(0.0),
                        Some(y) if whole => self.gather_line(image, y, column, out),
                        Some(y) => {
                            for (k, out) in out.chunks_exact_mut(depth).enumerate() {
                                match columns.tap(column, k) {
                                    None => out.fill(0.0),
                                    Some(x) => out.copy_from_slice(&image[self.at(y, x)]),
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The taps of one kernel row, which lie side by side in the image.
    fn gather_line(&self, image: &[f32], y: usize, column: usize, out: &mut [f32]) {
        let columns = self.window.columns;
        let (inside, depth) = (columns.inside(column), self.channels);
        let (head, rest) = out.split_at_mut(inside.start * depth);
        let (body, tail) = rest.split_at_mut(inside.len() * depth);
        head.fill(0.0);
        tail.fill(0.0);
        if let Some(x) = columns.tap(column, inside.start) {
            let start = self.at(y, x).start;
            body.copy_from_slice(&image[start..start + body.len()]);
        }
    }

    /// Adds `patches` back to the places of the image whence `gather` took them.
    pub(crate) fn scatter(&self, patches: &[f32], places: Range<usize>, image: &mut [f32]) {
        vectorize(
            #[inline(always)]
            || self.scatter_lines(patches, places, image),
        );
    }

    #[inline(always)]
    fn scatter_lines(&self, patches: &[f32], places: Range<usize>, image: &mut [f32]) {
        let Window { rows, columns, .. } = self.window;
        let depth = self.part.len();
        let whole = columns.is_dense() && depth == self.channels;
        let mut lines = patches.chunks_exact((columns.kernel * depth).max(1));
        for row in places {
            for column in 0..columns.output {
                for (k, line) in (0..rows.kernel).zip(&mut lines) {
                    let Some(y) = rows.tap(row, k) else { continue };
                    if whole {
                        // The taps of the line lie side by side in the image.
                        let inside = columns.inside(column);
                        let Some(x) = columns.tap(column, inside.start) else { continue };
                        let line = &line[inside.start * depth..inside.end * depth];
                        add(line, &mut image[self.at(y, x).start..]);
                        continue;
                    }
                    for (k, tap) in line.chunks_exact(depth).enumerate() {
                        let Some(x) = columns.tap(column, k) else { continue };
                        add(tap, &mut image[self.at(y, x)]);
                    }
                }
            }
        }
    }

    /// Where the channels of one pixel lie.
    fn at(&self, y: usize, x: usize) -> Range<usize> {
        let pixel = (y * self.window.columns.input + x) * self.channels;
        pixel + self.part.start..pixel + self.part.end
    }
}

/// Adds `numbers` to the first of `sums`.
#[inline(always)]
fn add(numbers: &[f32], sums: &mut [f32]) {
    sums.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
}
