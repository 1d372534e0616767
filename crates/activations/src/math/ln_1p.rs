//! ln(1 + u) for u from 0 to 1.

/// ln(1 + u) for 0 <= u <= 1, which is what the exponential of a negative number leaves.
///
/// With s = u / (2 + u), ln(1 + u) = ln(1 + s) - ln(1 - s) = 2 s + s R(s²). Since u is exact and s
/// is not, it is written as u minus a correction: u - (u²/2 - s (u²/2 + R)).
#[inline(always)]
pub(crate) fn ln_1p(u: f32) -> f32 {
    let s = u / (2.0 + u);
    let half = 0.5 * u * u;
    u - (half - s * (half + rest(s * s)))
}

/// R(z) for z = s² <= 1/9, to 2^-27 of the logarithm: a minimax polynomial, of
/// which halves can be calculated at the same time.
#[inline(always)]
fn rest(z: f32) -> f32 {
    let (low, high) = (0.666_664_2 + z * 0.400_215_77, 0.280_008_35 + z * 0.280_170_74);
    z * (low + z * z * high)
}
