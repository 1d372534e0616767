//! The largest numbers under a window, and which of its taps they were.
//!
//! The channels of a place go through the taps in vectors that stay in registers; each number of
//! the image is read once for each window that sees it, and compared: the loops are bound by
//! memory.

use pulp::{Arch, Simd, WithSimd};

use super::{
    super::vectors::{load, store},
    PoolWindow,
};

/// y = the maxima of one image, and which taps they were, if it is asked. A NaN stays one.
pub(crate) fn max_pool(
    window: &PoolWindow,
    channels: usize,
    x: &[f32],
    y: &mut [f32],
    taps: Option<&mut [f32]>,
) {
    Arch::new().dispatch(MaxPool { window, channels, x, y, taps });
}

struct MaxPool<'a> {
    window: &'a PoolWindow,
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
        let (width, places) = (window.columns.input(), window.columns.output());
        for row in 0..window.rows.output() {
            let rows = window.rows.seen(row);
            for column in 0..places {
                let columns = window.columns.seen(column);
                let place = (row * places + column) * channels;
                for channel in (0..channels).step_by(S::F32_LANES) {
                    let len = S::F32_LANES.min(channels - channel);
                    let mut largest = simd.splat_f32s(f32::NEG_INFINITY);
                    // Where nothing is larger, the first tap is taken.
                    let mut which = simd.splat_f32s(0.0);
                    let mut tap = 0.0;
                    for i in rows.clone() {
                        for j in columns.clone() {
                            let pixel = (i * width + j) * channels + channel;
                            let x = load(simd, &x[pixel..pixel + len]);
                            let nan = simd.not_m32s(simd.equal_f32s(x, x));
                            let better = simd.or_m32s(simd.greater_than_f32s(x, largest), nan);
                            largest = simd.select_f32s(better, x, largest);
                            which = simd.select_f32s(better, simd.splat_f32s(tap), which);
                            tap += 1.0;
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
    window: &PoolWindow,
    channels: usize,
    dy: &[f32],
    taps: &[f32],
    dx: &mut [f32],
) {
    Arch::new().dispatch(MaxPoolGradient { window, channels, dy, taps, dx });
}

struct MaxPoolGradient<'a> {
    window: &'a PoolWindow,
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
        let (width, places) = (window.columns.input(), window.columns.output());
        for row in 0..window.rows.output() {
            let rows = window.rows.seen(row);
            for column in 0..places {
                let columns = window.columns.seen(column);
                let place = (row * places + column) * channels;
                for channel in (0..channels).step_by(S::F32_LANES) {
                    let len = S::F32_LANES.min(channels - channel);
                    let at = place + channel;
                    let dy = load(simd, &dy[at..at + len]);
                    let which = load(simd, &taps[at..at + len]);
                    let mut tap = 0.0;
                    for i in rows.clone() {
                        for j in columns.clone() {
                            let pixel = (i * width + j) * channels + channel;
                            let dx = &mut dx[pixel..pixel + len];
                            let here = simd.equal_f32s(which, simd.splat_f32s(tap));
                            let mut part = simd.select_f32s(here, dy, simd.splat_f32s(0.0));
                            if !once {
                                part = simd.add_f32s(load(simd, dx), part);
                            }
                            store(simd, dx, part);
                            tap += 1.0;
                        }
                    }
                }
            }
        }
    }
}
