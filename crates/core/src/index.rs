//! Numbers that count something: ids of words, labels of classes.

/// The largest number up to which f32 tells all integers apart: 2²⁴.
pub const LARGEST_INDEX: usize = 1 << 24;

/// The index that a number is: a whole number from 0 on. None is what is negative, broken, not finite, or so
/// large that f32 does not tell it from its neighbours.
///
/// ```
/// use ceratops_core::index;
///
/// assert_eq!(index(3.0), Some(3));
/// assert_eq!([-1.0, 0.5, f32::NAN, 3e9].map(index), [None; 4]);
/// ```
pub fn index(x: f32) -> Option<usize> {
    let i = x as usize;
    // The cast saturates: what is no index comes back as another number.
    (i as f32 == x && i <= LARGEST_INDEX).then_some(i)
}
