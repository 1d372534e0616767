//! A rectangle somewhere in an image.

use ceratops_core::Rng;
use rand::Rng as _;

use super::Frame;

/// The pixels (x, y) with left ≤ x < right and top ≤ y < bottom; the bounds lie between pixels, too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Patch {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) top: f32,
    pub(super) bottom: f32,
}

impl Patch {
    /// One of these shares of the width and the height, somewhere.
    pub(super) fn draw([across, down]: [f32; 2], frame: Frame, rng: &mut Rng) -> Self {
        let mut bounds = |share: f32, len: usize| {
            let (side, len) = (share * len as f32, len as f32);
            let start = rng.random::<f32>() * (len - side);
            (start, start + side)
        };
        let (left, right) = bounds(across, frame.width);
        let (top, bottom) = bounds(down, frame.height);
        Self { left, right, top, bottom }
    }

    /// Where the numbers of its pixels begin in an image.
    pub(super) fn pixels(self, frame: Frame) -> impl Iterator<Item = usize> {
        let rows = (0..frame.height).filter(move |row| self.is_row(*row as f32));
        rows.flat_map(move |row| {
            let columns = (0..frame.width).filter(move |column| self.is_column(*column as f32));
            columns.map(move |column| (row * frame.width + column) * frame.channels)
        })
    }

    fn is_row(self, row: f32) -> bool {
        row >= self.top && row < self.bottom
    }

    fn is_column(self, column: f32) -> bool {
        column >= self.left && column < self.right
    }
}
