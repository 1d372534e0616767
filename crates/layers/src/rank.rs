//! Along how many axes a window moves: over a sequence, an image or a volume.

use std::fmt::Debug;

/// The number of axes along which a window moves, as a type: [`One`], [`Two`] or [`Three`].
pub trait Rank: Debug + Clone + Copy + PartialEq + Eq + Default + Send + Sync + 'static {
    /// How many axes there are, without those of the batch and the channels.
    const AXES: usize;
    /// Their names.
    const NAMES: &'static str;
}

/// A sequence: (batch, steps, channels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct One;

/// An image: (batch, height, width, channels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Two;

/// A volume: (batch, depth, height, width, channels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Three;

impl Rank for One {
    const AXES: usize = 1;
    const NAMES: &'static str = "steps";
}

impl Rank for Two {
    const AXES: usize = 2;
    const NAMES: &'static str = "height, width";
}

impl Rank for Three {
    const AXES: usize = 3;
    const NAMES: &'static str = "depth, height, width";
}
