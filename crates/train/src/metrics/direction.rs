//! Direction: whether more or less of a number is better.

/// Whether more or less of a number is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better, as of an accuracy.
    Up,
    /// Less is better, as of a loss.
    Down,
}
