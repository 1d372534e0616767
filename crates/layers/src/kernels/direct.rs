//! Convolution straight from the image, with no copy of its patches.
//!
//! The taps of one row of the kernel lie side by side in the image, and those of the next place
//! `stride` pixels further on. So a row of outputs is a sum of products, one for each row of the
//! kernel, whose first factor is the image itself with rows that overlap. With k taps and f filters
//! an output pixel takes 2·k·f operations for k + f numbers.

use ceratops_core::Tensor;

use super::{
    Window,
    tile::{Pieces, Product, Rows, Start},
};

/// A convolution of one image whose channels stand last.
#[derive(Debug)]
pub(crate) struct Direct {
    window: Window,
    channels: usize,
    filters: usize,
    /// The width of the image with its pads.
    width: usize,
    /// The taps that lie side by side, of all channels.
    line: usize,
    /// Where such lines begin, in the window and in the kernel.
    lines: Pieces,
}

impl Direct {
    pub(crate) fn new(window: Window, channels: usize, filters: usize) -> Self {
        let Window { rows, columns, .. } = window;
        let width = columns.reach().max(columns.input + columns.before);
        // A dilated kernel's taps are no neighbours: each is a line of its own.
        let (parts, taps) =
            if columns.is_dense() { (1, columns.kernel) } else { (columns.kernel, 1) };
        let line = taps * channels;
        let lines = Pieces {
            rows: rows.kernel,
            columns: parts,
            down: rows.dilation * width * channels,
            right: columns.dilation * channels,
            step: line * filters,
        };
        Self { window, channels, filters, width, line, lines }
    }

    /// y = start + image * kernel
    pub(crate) fn forward(&self, image: &[f32], kernel: &[f32], start: Start<'_>, y: &mut [f32]) {
        let padded = self.padded(image);
        let image = padded.as_ref().map_or(image, Tensor::as_slice);
        let columns = self.window.columns;
        for (row, y) in y.chunks_mut(columns.output * self.filters).enumerate() {
            let a = &image[row * self.step()..];
            Product {
                a: Rows { numbers: a, down: columns.stride * self.channels, right: 1 },
                b: (kernel, self.filters),
                pieces: self.lines,
                len: self.line,
                size: (columns.output, self.filters),
                start,
            }
            .write(y, self.filters);
        }
    }

    /// Adds dL/dkernel to `dkernel`.
    pub(crate) fn kernel_gradient(&self, image: &[f32], dy: &[f32], dkernel: &mut [f32]) {
        let padded = self.padded(image);
        let image = padded.as_ref().map_or(image, Tensor::as_slice);
        let Window { rows, columns, .. } = self.window;
        let row = columns.output * self.filters;
        let pieces = Pieces::column(rows.output, self.step(), row);
        for (at, from) in self.lines.starts() {
            Product {
                a: Rows { numbers: &image[at..], down: 1, right: columns.stride * self.channels },
                b: (dy, self.filters),
                pieces,
                len: columns.output,
                size: (self.line, self.filters),
                start: Start::Sum,
            }
            .write(&mut dkernel[from..], self.filters);
        }
    }

    /// How far the window moves down in the padded image.
    fn step(&self) -> usize {
        self.window.rows.stride * self.width * self.channels
    }

    /// The image with zeros around it, where the window looks beyond its border.
    fn padded(&self, image: &[f32]) -> Option<Tensor> {
        let Window { rows, columns, .. } = self.window;
        let height = rows.reach().max(rows.input + rows.before);
        if (height, self.width) == (rows.input, columns.input) {
            return None;
        }
        let (from, to) = (columns.input * self.channels, self.width * self.channels);
        let mut padded = Tensor::zeros(&[height * to]);
        let inside = padded.as_mut_slice().chunks_mut(to).skip(rows.before);
        for (line, padded) in image.chunks(from).zip(inside) {
            let start = columns.before * self.channels;
            padded[start..start + from].copy_from_slice(line);
        }
        Some(padded)
    }
}
