//! Numbers below the normal ones become 0.
//!
//! A CPU takes a hundred times as long for a number below [`f32::MIN_POSITIVE`] as for another.
//! TensorFlow switches them off in its threads, for which a program needs `unsafe`; here those that
//! would stay, or come in, become 0 where a loop passes them anyway.

use crate::{Tensor, vectorize};

/// `x`, or a zero of its sign where it is below the normal numbers.
///
/// ```
/// use ceratops_core::flushed;
///
/// assert_eq!([1e-37, 1e-39, -1e-45].map(flushed), [1e-37, 0.0, 0.0]);
/// ```
#[inline(always)]
pub fn flushed(x: f32) -> f32 {
    // By its bits: comparing such a number might itself be slow.
    let bits = x.to_bits();
    f32::from_bits(if bits & 0x7F80_0000 == 0 { bits & 0x8000_0000 } else { bits })
}

impl Tensor {
    /// The tensor with [`flushed`] numbers; it stays shared where it has none to be flushed.
    #[must_use]
    pub fn flushed(mut self) -> Self {
        if has_any(self.as_slice()) {
            let numbers = self.as_mut_slice();
            vectorize(
                #[inline(always)]
                || numbers.iter_mut().for_each(|x| *x = flushed(*x)),
            );
        }
        self
    }
}

/// Whether any number is below the normal ones, but not 0.
fn has_any(numbers: &[f32]) -> bool {
    vectorize(
        #[inline(always)]
        || {
            // Without a way out of the loop, so that it becomes vectors.
            let differs = |any, x: &f32| any | (flushed(*x).to_bits() ^ x.to_bits());
            numbers.iter().fold(0, differs) != 0
        },
    )
}
