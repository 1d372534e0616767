//! What a pool sees, and the two ways to make one number of it.

mod average;
mod max;

use std::ops::Range;

use super::window::WindowAxis;

pub(crate) use self::{
    average::{average_pool, average_pool_gradient},
    max::{max_pool, max_pool_gradient},
};

/// Which inputs the places along one axis see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PoolAxis {
    /// Those under a window that slides.
    Sliding(WindowAxis),
    /// Their share: place i of n sees the inputs from ⌊i·input/n⌋ to ⌈(i + 1)·input/n⌉.
    Shared { input: usize, output: usize },
}

impl PoolAxis {
    /// An axis of one input, which its one place sees.
    pub(crate) const POINT: Self = Self::Shared { input: 1, output: 1 };

    pub(crate) fn input(&self) -> usize {
        match *self {
            Self::Sliding(WindowAxis { input, .. }) | Self::Shared { input, .. } => input,
        }
    }

    pub(crate) fn output(&self) -> usize {
        match *self {
            Self::Sliding(WindowAxis { output, .. }) | Self::Shared { output, .. } => output,
        }
    }

    /// The inputs that place `at` sees.
    #[inline(always)]
    fn seen(&self, at: usize) -> Range<usize> {
        match *self {
            Self::Sliding(axis) => {
                let taps = axis.inside(at);
                let first = (at * axis.stride + taps.start).saturating_sub(axis.before);
                first..first + taps.len()
            }
            Self::Shared { input, output } => {
                at * input / output..((at + 1) * input).div_ceil(output)
            }
        }
    }

    /// The most inputs that a place sees.
    fn most(&self) -> usize {
        match *self {
            Self::Sliding(WindowAxis { input, kernel, .. }) => kernel.min(input),
            Self::Shared { input, output } => input.div_ceil(output.max(1)) + 1,
        }
    }

    /// Whether no input is seen twice.
    fn is_disjoint(&self) -> bool {
        match *self {
            Self::Sliding(axis) => axis.stride >= axis.kernel,
            Self::Shared { input, output } => output > 0 && input.is_multiple_of(output),
        }
    }

    /// Whether every input is seen once.
    fn is_partition(&self) -> bool {
        match *self {
            Self::Sliding(WindowAxis { input, output, kernel, stride, before, .. }) => {
                stride == kernel && output * kernel == input && before == 0
            }
            Self::Shared { .. } => self.is_disjoint(),
        }
    }
}

/// What the places of an image see: along its rows and its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PoolWindow {
    pub(crate) rows: PoolAxis,
    pub(crate) columns: PoolAxis,
}

impl PoolWindow {
    /// How many pixels an image has.
    pub(crate) fn pixels(&self) -> usize {
        self.rows.input() * self.columns.input()
    }

    /// How many places it becomes.
    pub(crate) fn places(&self) -> usize {
        self.rows.output() * self.columns.output()
    }

    fn is_disjoint(&self) -> bool {
        self.rows.is_disjoint() && self.columns.is_disjoint()
    }

    /// Whether every pixel is seen once.
    pub(crate) fn is_partition(&self) -> bool {
        self.rows.is_partition() && self.columns.is_partition()
    }

    /// Whether the pixels that a place sees are too many for their numbers to be kept as f32.
    pub(crate) fn is_too_wide(&self) -> bool {
        self.rows.most().saturating_mul(self.columns.most()) > 1 << 24
    }
}
