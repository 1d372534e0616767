//! The largest numbers under a window, and which of its taps they were.
//!
//! The channels of a place go through the taps in vectors that stay in registers; each number of
//! the image is read once for each window that sees it, and compared: the loops are bound by
//! memory.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::{
    Window,
    vectors::{load, store},
};

/// What a window sees at one place.
struct Seen {
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Window {
    /// Whether no pixel is seen twice.
    fn is_disjoint(&self) -> bool {
        [self.rows, self.columns].iter().all(|axis| axis.stride >= axis.kernel)
    }

    /// Whether every pixel is seen once.
    pub(crate) fn is_partition(&self) -> bool {
        [self.rows, self.columns].iter().all(|axis| {
            axis.stride == axis.kernel
                && axis.output * axis.kernel == axis.input
                && axis.before == 0
        })
    }

    #[inline(always)]
    fn see(&self, row: usize, column: usize) -> Seen {
        Seen { rows: self.rows.inside(row), columns: self.columns.inside(column) }
    }

    /// Which pixel of the image tap (i, j) sees at a place; it must be inside, not a pad.
    #[inline(always)]
    fn pixel(&self, row: usize, column: usize, i: usize, j: usize) -> usize {
        let Self { rows, columns, .. } = self;
        let y = row * rows.stride + i * rows.dilation - rows.before;
        let x = column * columns.stride + j * columns.dilation - columns.before;
        y * columns.input + x
    }

    /// Whether the pixels under it are too many for their numbers to be kept as f32.
    pub(crate) fn is_too_wide(&self) -> bool {
        let Self { rows, columns, .. } = self;
        rows.kernel.min(rows.input).saturating_mul(columns.kernel.min(columns.input)) > 1 << 24
    }
}

impl Seen {
    /// The number of tap (i, j) among those that see the image.
    #[inline(always)]
    fn tap(&self, i: usize, j: usize) -> f32 {
        ((i - self.rows.start) * self.columns.len() + j - self.columns.start) as f32
    }
}

/// y = the maxima of one image, and which taps they were, if it is asked. A NaN stays one.
pub(crate) fn max_pool(
    window: &Window,
    channels: usize,
    x: &[f32],
    y: &mut [f32],
    taps: Option<&mut [f32]>,
) {
    Arch::new().dispatch(MaxPool { window, channels, x, y, taps });
}

struct MaxPool<'a> {
    window: &'a Window,
    channels: usize,
    x: &'a [f32],
    y: &'a mut [f32],
    taps: Option<&'a mut [f32]>,
}

impl WithSimd for MaxPool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { window, channels, x, y, mut taps } = self;
        for row in 0..window.rows.output {
            for column in 0..window.columns.output {
                let seen = window.see(row, column);
                let place = (row * window.columns.output + column) * channels;
                for channel in (0..channels).step_by(S::F32_LANES) {
                    let len = S::F32_LANES.min(channels - channel);
                    let mut largest = simd.splat_f32s(f32::NEG_INFINITY);
                    // Where nothing is larger, the first tap is taken.
                    let mut which = simd.splat_f32s(0.0);
                    for i in seen.rows.clone() {
                        for j in seen.columns.clone() {
                            let pixel = window.pixel(row, column, i, j) * channels + channel;
                            let x = load(simd, &x[pixel..pixel + len]);
                            let nan = simd.not_m32s(simd.equal_f32s(x, x));
                            let better = simd.or_m32s(simd.greater_than_f32s(x, largest), nan);
                            largest = simd.select_f32s(better, x, largest);
                            let tap = simd.splat_f32s(seen.tap(i, j));
                            which = simd.select_f32s(better, tap, which);
                        }
                    }
                    let at = place + channel;
                    store(simd, &mut y[at..at + len], largest);
                    if let Some(taps) = &mut taps {
                        store(simd, &mut taps[at..at + len], which);
                    }
                }
            }
        }
    }
}

/// Gives each gradient to where its maximum stood, in `dx`: which holds zeros, or anything if
/// the window sees every pixel once.
pub(crate) fn max_pool_gradient(
    window: &Window,
    channels: usize,
    dy: &[f32],
    taps: &[f32],
    dx: &mut [f32],
) {
    Arch::new().dispatch(MaxPoolGradient { window, channels, dy, taps, dx });
}

struct MaxPoolGradient<'a> {
    window: &'a Window,
    channels: usize,
    dy: &'a [f32],
    taps: &'a [f32],
    dx: &'a mut [f32],
}

impl WithSimd for MaxPoolGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { window, channels, dy, taps, dx } = self;
        let once = window.is_disjoint();
        for row in 0..window.rows.output {
            for column in 0..window.columns.output {
                let seen = window.see(row, column);
                let place = (row * window.columns.output + column) * channels;
                for channel in (0..channels).step_by(S::F32_LANES) {
                    let len = S::F32_LANES.min(channels - channel);
                    let at = place + channel;
                    let dy = load(simd, &dy[at..at + len]);
                    let which = load(simd, &taps[at..at + len]);
                    for i in seen.rows.clone() {
                        for j in seen.columns.clone() {
                            let pixel = window.pixel(row, column, i, j) * channels + channel;
                            let dx = &mut dx[pixel..pixel + len];
                            let here = simd.equal_f32s(which, simd.splat_f32s(seen.tap(i, j)));
                            let mut part = simd.select_f32s(here, dy, simd.splat_f32s(0.0));
                            if !once {
                                part = simd.add_f32s(load(simd, dx), part);
                            }
                            store(simd, dx, part);
                        }
                    }
                }
            }
        }
    }
}
