//! Which part of an image has the proportions of another size.

use super::Frame;

/// A part of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) top: usize,
    pub(super) left: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Part {
    /// The largest part in the middle with the proportions of `height` to `width`.
    pub(super) fn of_aspect(frame: Frame, height: usize, width: usize) -> Self {
        let (tall, wide) = proportional(frame, height, width);
        let (tall, wide) = (tall.min(frame.height).max(1), wide.min(frame.width).max(1));
        Self::middle(frame, tall, wide)
    }

    /// The middle part of that size, which must not be larger than the image.
    pub(super) fn middle(frame: Frame, height: usize, width: usize) -> Self {
        let top = frame.height.saturating_sub(height) / 2;
        let left = frame.width.saturating_sub(width) / 2;
        Self { top, left, height, width }
    }

    /// The whole image.
    pub(super) fn whole(frame: Frame) -> Self {
        Self { top: 0, left: 0, height: frame.height, width: frame.width }
    }
}

/// How many rows and columns to put before and behind an image so that it has the proportions of
/// `height` to `width`. Of an odd number Keras leaves one out.
pub(super) fn borders(frame: Frame, height: usize, width: usize) -> (usize, usize) {
    let (tall, wide) = proportional(frame, height, width);
    (tall.saturating_sub(frame.height) / 2, wide.saturating_sub(frame.width) / 2)
}

/// The height that goes with the image's width, and the width that goes with its height.
fn proportional(frame: Frame, height: usize, width: usize) -> (usize, usize) {
    let ratio = |a: usize, b: usize, c: usize| {
        let exact = a as u128 * b as u128 / (c as u128).max(1);
        usize::try_from(exact).unwrap_or(usize::MAX)
    };
    (ratio(frame.width, height, width), ratio(frame.height, width, height))
}
