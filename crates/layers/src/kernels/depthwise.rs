//! The depthwise convolution of one image: each channel has filters of its own.
//!
//! The channels of a place go through the taps in vectors that stay in registers, those of a few
//! neighbouring places at once, so that a vector of the kernel is loaded once for all of them. Where
//! a channel has m filters, the image is laid out with each channel m times: what follows has one
//! filter a channel. The gradient of the image is such a convolution too, of the output's gradients
//! spread as far apart as the window strides, with the kernel turned round. An output takes 2·k
//! operations for 2·k numbers: the loops are bound by memory.

use ceratops_core::Tensor;
use pulp::{Arch, Simd, WithSimd};

use super::{
    Window, WindowAxis,
    vectors::{load, store},
};

/// A depthwise convolution of images of one size, whose channels stand last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Depthwise {
    pub(crate) window: Window,
    pub(crate) channels: usize,
    /// How many filters each channel has.
    pub(crate) multiplier: usize,
}

impl Depthwise {
    /// How many channels come out.
    pub(crate) fn outputs(&self) -> usize {
        self.channels * self.multiplier
    }

    /// y = x * kernel + bias
    pub(crate) fn forward(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        bias: Option<&Tensor>,
        y: &mut Tensor,
    ) {
        let (kernel, bias) = (kernel.as_slice(), bias.map(Tensor::as_slice));
        let (window, channels, width) = (self.window, self.outputs(), self.width());
        let len = y.sample_len().max(1);
        for (x, y) in samples(x).zip(y.as_mut_slice().chunks_exact_mut(len)) {
            let canvas = self.canvas(x);
            let x = canvas.as_ref().map_or(x, Tensor::as_slice);
            Arch::new().dispatch(Slide { x, width, kernel, bias, window, channels, y });
        }
    }

    /// Adds dL/dkernel to `dkernel`.
    pub(crate) fn kernel_gradient(&self, x: &Tensor, dy: &Tensor, dkernel: &mut Tensor) {
        let (window, channels, width) = (self.window, self.outputs(), self.width());
        for (x, dy) in samples(x).zip(samples(dy)) {
            let canvas = self.canvas(x);
            let x = canvas.as_ref().map_or(x, Tensor::as_slice);
            let dkernel = dkernel.as_mut_slice();
            Arch::new().dispatch(Correlate { x, width, dy, window, channels, dkernel });
        }
    }

    /// Writes dL/dx to `dx`.
    pub(crate) fn input_gradient(&self, dy: &Tensor, kernel: &Tensor, dx: &mut Tensor) {
        let (channels, len) = (self.outputs(), dx.sample_len().max(1));
        let taps = kernel.as_slice().rchunks_exact(channels.max(1));
        let turned: Vec<f32> = taps.flatten().copied().collect();
        let Window { depth, rows, columns } = self.window;
        let window = Window { depth, rows: rows.of_gradient(), columns: columns.of_gradient() };
        let width = window.columns.input;
        for (dy, dx) in samples(dy).zip(dx.as_mut_slice().chunks_exact_mut(len)) {
            let spread = self.spread(dy, &window);
            let slide = |y: &mut [f32]| {
                let (x, kernel) = (spread.as_slice(), turned.as_slice());
                Arch::new().dispatch(Slide { x, width, kernel, bias: None, window, channels, y });
            };
            if self.multiplier == 1 {
                slide(dx);
                continue;
            }
            let mut each = Tensor::for_overwrite(&[len * self.multiplier]);
            slide(each.as_mut_slice());
            let filters = each.as_slice().chunks_exact(self.multiplier);
            dx.iter_mut().zip(filters).for_each(|(dx, filters)| *dx = filters.iter().sum());
        }
    }

    /// The gradients of one output with zeros between them, as far apart as the window strides, and
    /// around them.
    fn spread(&self, dy: &[f32], over: &Window) -> Tensor {
        let Window { rows, columns, .. } = self.window;
        let (channels, width) = (self.outputs(), over.columns.input);
        let mut spread = Tensor::zeros(&[over.rows.input * width * channels]);
        let numbers = spread.as_mut_slice();
        // Place o of the output sees the inputs from o · stride - before on.
        let at = |o: usize, axis: WindowAxis| o * axis.stride + axis.span() - 1 - axis.before;
        for (i, dy) in dy.chunks_exact(channels.max(1)).enumerate() {
            let (row, column) = (i / columns.output, i % columns.output);
            let pixel = (at(row, rows) * width + at(column, columns)) * channels;
            numbers[pixel..pixel + channels].copy_from_slice(dy);
        }
        spread
    }

    /// The width of the image with its pads.
    fn width(&self) -> usize {
        let columns = self.window.columns;
        columns.reach().max(columns.input + columns.before)
    }

    /// The image with zeros where the window looks beyond its border, and each channel as often as it
    /// has filters; nothing where it is so already.
    fn canvas(&self, image: &[f32]) -> Option<Tensor> {
        let Window { rows, columns, .. } = self.window;
        let height = rows.reach().max(rows.input + rows.before);
        let width = self.width();
        if (height, width, self.multiplier) == (rows.input, columns.input, 1) {
            return None;
        }
        let (from, to) = (columns.input * self.channels, width * self.outputs());
        let mut canvas = Tensor::zeros(&[height * to]);
        let inside = canvas.as_mut_slice().chunks_mut(to.max(1)).skip(rows.before);
        for (line, canvas) in image.chunks(from.max(1)).zip(inside) {
            let canvas = &mut canvas[columns.before * self.outputs()..];
            if self.multiplier == 1 {
                canvas[..from].copy_from_slice(line);
                continue;
            }
            let places = canvas.chunks_exact_mut(self.multiplier).zip(line);
            places.for_each(|(copies, number)| copies.fill(*number));
        }
        Some(canvas)
    }
}

/// y\[p\] = bias + Σ x\[p·stride + k·dilation\] · kernel\[k\] in each channel.
struct Slide<'a> {
    x: &'a [f32],
    /// The width of x, which may be more than the window reaches.
    width: usize,
    kernel: &'a [f32],
    bias: Option<&'a [f32]>,
    window: Window,
    channels: usize,
    y: &'a mut [f32],
}

impl WithSimd for Slide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let whole = self.channels / S::F32_LANES * S::F32_LANES;
        let Window { rows, columns, .. } = self.window;
        for row in 0..rows.output {
            let mut column = 0;
            while column < columns.output {
                column += match columns.output - column {
                    4.. => self.places::<S, 4>(simd, row, column, whole),
                    _ => self.places::<S, 1>(simd, row, column, whole),
                };
            }
        }
    }
}

impl Slide<'_> {
    /// `N` places of a row; says how many these are.
    #[inline(always)]
    fn places<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        row: usize,
        column: usize,
        whole: usize,
    ) -> usize {
        for channel in (0..whole).step_by(S::F32_LANES) {
            self.tile::<S, N>(simd, [row, column], channel, S::F32_LANES);
        }
        if whole < self.channels {
            self.tile::<S, N>(simd, [row, column], whole, self.channels - whole);
        }
        N
    }

    /// `len` channels of them, in a vector each.
    #[inline(always)]
    fn tile<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        [row, column]: [usize; 2],
        channel: usize,
        len: usize,
    ) {
        let Self { x, width, kernel, bias, window: Window { rows, columns, .. }, channels, .. } =
            *self;
        let start = match bias {
            Some(bias) => load(simd, &bias[channel..][..len]),
            None => simd.splat_f32s(0.0),
        };
        // A window of one place may have any stride.
        let (mut sums, step) = ([start; N], columns.stride.saturating_mul(channels));
        for i in 0..rows.kernel {
            let y = row * rows.stride + i * rows.dilation;
            let line = &x[(y * width + column * columns.stride) * channels + channel..];
            for j in 0..columns.kernel {
                let k = load(simd, &kernel[(i * columns.kernel + j) * channels + channel..][..len]);
                let line = &line[j * columns.dilation * channels..];
                for n in 0..N {
                    let x = load(simd, &line[n * step..][..len]);
                    sums[n] = simd.mul_add_e_f32s(x, k, sums[n]);
                }
            }
        }
        let y = &mut self.y[(row * columns.output + column) * channels + channel..];
        for n in 0..N {
            store(simd, &mut y[n * channels..][..len], sums[n]);
        }
    }
}

/// dkernel\[k\] += Σ x\[p·stride + k·dilation\] · dy\[p\] in each channel.
struct Correlate<'a> {
    x: &'a [f32],
    width: usize,
    dy: &'a [f32],
    window: Window,
    channels: usize,
    dkernel: &'a mut [f32],
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let whole = self.channels / S::F32_LANES * S::F32_LANES;
        for row in 0..self.window.rows.output {
            for channel in (0..whole).step_by(S::F32_LANES) {
                self.taps::<S>(simd, row, channel, S::F32_LANES);
            }
            if whole < self.channels {
                self.taps::<S>(simd, row, whole, self.channels - whole);
            }
        }
    }
}

impl Correlate<'_> {
    /// What one row of places adds to all taps, in `len` channels.
    #[inline(always)]
    fn taps<S: Simd>(&mut self, simd: S, row: usize, channel: usize, len: usize) {
        let Window { rows, columns, .. } = self.window;
        for i in 0..rows.kernel {
            let mut j = 0;
            while j < columns.kernel {
                let at = [row, i, j];
                j += match columns.kernel - j {
                    4.. => self.tile::<S, 4>(simd, at, channel, len),
                    3 => self.tile::<S, 3>(simd, at, channel, len),
                    2 => self.tile::<S, 2>(simd, at, channel, len),
                    _ => self.tile::<S, 1>(simd, at, channel, len),
                };
            }
        }
    }

    /// What it adds to `N` taps of a row; says how many these are.
    #[inline(always)]
    fn tile<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        [row, i, j]: [usize; 3],
        channel: usize,
        len: usize,
    ) -> usize {
        let Self { x, width, dy, window: Window { rows, columns, .. }, channels, .. } = *self;
        let y = row * rows.stride + i * rows.dilation;
        let line = &x[(y * width + j * columns.dilation) * channels + channel..];
        let dy = &dy[row * columns.output * channels + channel..];
        let [step, apart] = [columns.stride, columns.dilation].map(|n| n.saturating_mul(channels));
        let mut sums = [simd.splat_f32s(0.0); N];
        for column in 0..columns.output {
            let dy = load(simd, &dy[column * channels..][..len]);
            let line = &line[column * step..];
            for n in 0..N {
                let x = load(simd, &line[n * apart..][..len]);
                sums[n] = simd.mul_add_e_f32s(x, dy, sums[n]);
            }
        }
        let dkernel = &mut self.dkernel[(i * columns.kernel + j) * channels + channel..];
        for n in 0..N {
            let tap = &mut dkernel[n * channels..][..len];
            let sum = simd.add_f32s(load(simd, tap), sums[n]);
            store(simd, tap, sum);
        }
        N
    }
}

/// The samples of a batch.
fn samples(x: &Tensor) -> impl Iterator<Item = &[f32]> {
    x.as_slice().chunks_exact(x.sample_len().max(1))
}
