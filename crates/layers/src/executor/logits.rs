//! Which outputs of a model leave out their closing softmax or sigmoid.

/// Which outputs of a model leave out their closing softmax or sigmoid, because the loss works on
/// logits.
///
/// ```
/// use ceratops_layers::Logits;
///
/// let second = Logits::NONE.with(1);
/// assert!(second.of(1) && !second.of(0));
/// assert!(Logits::from(true).of(7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Logits(u64);

impl Logits {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// The same, and output `place` too. Outputs behind the 64th never leave theirs out.
    #[must_use]
    pub fn with(self, place: usize) -> Self {
        let bit = u32::try_from(place).ok().and_then(|place| 1u64.checked_shl(place));
        Self(self.0 | bit.unwrap_or(0))
    }

    /// Whether output `place` leaves its closing activation out.
    pub fn of(self, place: usize) -> bool {
        u32::try_from(place).is_ok_and(|place| self.0.checked_shr(place).unwrap_or(0) & 1 == 1)
    }
}

impl From<bool> for Logits {
    /// All outputs, or none.
    fn from(all: bool) -> Self {
        Self(if all { u64::MAX } else { 0 })
    }
}
