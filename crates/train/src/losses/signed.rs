//! Labels of the hinge losses: signs, or zeros and ones that stand for them.

/// What the labels of a batch are.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Labels {
    /// Not known: a row speaks for itself.
    #[default]
    Unknown,
    /// All are 0 or 1, and stand for -1 and 1.
    Binary,
    /// They are taken as they are.
    Signed,
}

impl Labels {
    pub(super) fn of(y_true: &[f32]) -> Self {
        if y_true.iter().all(|&t| t == 0.0 || t == 1.0) { Self::Binary } else { Self::Signed }
    }

    /// What turns the labels of a row into signs.
    pub(super) fn sign(self, y_true: &[f32]) -> impl Fn(f64) -> f64 + Copy + use<> {
        let labels = if self == Self::Unknown { Self::of(y_true) } else { self };
        // A line, so that loops over it stay without branches.
        let (slope, shift) = if labels == Self::Binary { (2.0, -1.0) } else { (1.0, 0.0) };
        move |t| slope * t + shift
    }
}

/// max(1 - t p, 0), which is NaN where a prediction is, and 0 where it is infinite on the right side.
#[inline(always)]
pub(super) fn margin(t: f64, p: f64) -> f64 {
    let margin = 1.0 - t * p;
    // The larger of NaN and a number would be the number.
    if margin < 0.0 { 0.0 } else { margin }
}
