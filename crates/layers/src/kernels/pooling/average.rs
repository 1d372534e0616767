//! The means of what a window sees, of which pads are no part.

use pulp::{Arch, Simd, WithSimd};

use super::{
    super::vectors::{load, store},
    PoolWindow,
};

/// y = the means of one image.
pub(crate) fn average_pool(window: &PoolWindow, channels: usize, x: &[f32], y: &mut [f32]) {
    Arch::new().dispatch(AveragePool { window, channels, x, y });
}

struct AveragePool<'a> {
    window: &'a PoolWindow,
    channels: usize,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl WithSimd for AveragePool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { window, channels, x, y } = self;
        let (width, places) = (window.columns.input(), window.columns.output());
        for row in 0..window.rows.output() {
            let rows = window.rows.seen(row);
            for column in 0..places {
                let columns = window.columns.seen(column);
                let count = simd.splat_f32s((rows.len() * columns.len()) as f32);
                let place = (row * places + column) * channels;
                for channel in (0..channels).step_by(S::F32_LANES) {
                    let len = S::F32_LANES.min(channels - channel);
                    let mut sum = simd.splat_f32s(0.0);
                    for i in rows.clone() {
                        for j in columns.clone() {
                            let pixel = (i * width + j) * channels + channel;
                            sum = simd.add_f32s(sum, load(simd, &x[pixel..pixel + len]));
                        }
                    }
                    let at = place + channel;
                    store(simd, &mut y[at..at + len], simd.div_f32s(sum, count));
                }
            }
        }
    }
}

/// Gives each pixel its share of the gradients of the places that see it, in `dx`: which holds
/// zeros, or anything if the window sees every pixel once.
pub(crate) fn average_pool_gradient(
    window: &PoolWindow,
    channels: usize,
    dy: &[f32],
    dx: &mut [f32],
) {
    Arch::new().dispatch(AveragePoolGradient { window, channels, dy, dx });
}

struct AveragePoolGradient<'a> {
    window: &'a PoolWindow,
    channels: usize,
    dy: &'a [f32],
    dx: &'a mut [f32],
}

impl WithSimd for AveragePoolGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { window, channels, dy, dx } = self;
        let once = window.is_disjoint();
        let (width, places) = (window.columns.input(), window.columns.output());
        for row in 0..window.rows.output() {
            let rows = window.rows.seen(row);
            for column in 0..places {
                let columns = window.columns.seen(column);
                let count = simd.splat_f32s((rows.len() * columns.len()) as f32);
                let place = (row * places + column) * channels;
                for channel in (0..channels).step_by(S::F32_LANES) {
                    let len = S::F32_LANES.min(channels - channel);
                    let at = place + channel;
                    let part = simd.div_f32s(load(simd, &dy[at..at + len]), count);
                    for i in rows.clone() {
                        for j in columns.clone() {
                            let pixel = (i * width + j) * channels + channel;
                            let dx = &mut dx[pixel..pixel + len];
                            let all = if once { part } else { simd.add_f32s(load(simd, dx), part) };
                            store(simd, dx, all);
                        }
                    }
                }
            }
        }
    }
}
