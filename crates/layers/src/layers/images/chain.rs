//! Changes of an image that follow each other.

use std::fmt;

use ceratops_core::Rng;

use super::{Frame, augmentation::Augmentation};

/// A layer and what it drew for an image.
pub(super) trait Change: Send + 'static {
    /// The changed image.
    fn apply(&self, frame: Frame, x: &[f32], y: &mut [f32]);

    /// The gradient of the image `x`, zero so far, from that of the changed image.
    fn pull(&self, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]);
}

struct Drawn<A: Augmentation> {
    layer: A,
    draw: A::Draw,
}

impl<A: Augmentation + Send + 'static> Change for Drawn<A> {
    fn apply(&self, frame: Frame, x: &[f32], y: &mut [f32]) {
        self.layer.apply(&self.draw, frame, x, y);
    }

    fn pull(&self, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        self.layer.pull(&self.draw, frame, x, dy, dx);
    }
}

/// What a layer makes of an image, with what it draws now.
pub(super) fn drawn<A: Augmentation + Send + 'static>(
    layer: A,
    frame: Frame,
    rng: &mut Rng,
) -> Box<dyn Change> {
    let draw = layer.draw(frame, rng);
    Box::new(Drawn { layer, draw })
}

/// Changes, and in which order an image meets them, which may be more than once.
#[derive(Default)]
pub struct Chain {
    pub(super) changes: Vec<Box<dyn Change>>,
    pub(super) order: Vec<usize>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("order", &self.order).finish_non_exhaustive()
    }
}

impl Chain {
    /// One after the other.
    pub(super) fn of(changes: Vec<Box<dyn Change>>) -> Self {
        let order = (0..changes.len()).collect();
        Self { changes, order }
    }

    fn ordered(&self) -> impl DoubleEndedIterator<Item = &dyn Change> {
        self.order.iter().filter_map(|place| self.changes.get(*place).map(Box::as_ref))
    }

    /// The changed image.
    pub(super) fn apply(&self, frame: Frame, x: &[f32], y: &mut [f32]) {
        y.copy_from_slice(x);
        let mut before = Vec::new();
        for change in self.ordered() {
            before.clear();
            before.extend_from_slice(y);
            change.apply(frame, &before, y);
        }
    }

    /// The gradient of the image, from that of the changed one. What stands between the changes is made again.
    pub(super) fn pull(&self, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        let mut images = vec![x.to_vec()];
        for change in self.ordered() {
            let mut y = vec![0.0; x.len()];
            if let Some(x) = images.last() {
                change.apply(frame, x, &mut y);
            }
            images.push(y);
        }
        images.pop();
        dx.copy_from_slice(dy);
        for (change, x) in self.ordered().rev().zip(images.iter().rev()) {
            let dy = dx.to_vec();
            dx.fill(0.0);
            change.pull(frame, x, &dy, dx);
        }
    }
}
