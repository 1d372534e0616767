//! Vectors of the numbers of a slice, which may be too short for one.

use pulp::Simd;

/// The numbers as a vector, zeros behind them; for a whole vector without the call that pulp's
/// partial load makes.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, numbers: &[f32]) -> S::f32s {
    match S::as_simd_f32s(numbers).0 {
        [whole] => *whole,
        _ => simd.partial_load_f32s(numbers),
    }
}

/// Writes as much of the vector as there is room.
#[inline(always)]
pub(super) fn store<S: Simd>(simd: S, numbers: &mut [f32], vector: S::f32s) {
    if numbers.len() < S::F32_LANES {
        simd.partial_store_f32s(numbers, vector);
    } else if let [whole] = S::as_mut_simd_f32s(numbers).0 {
        *whole = vector;
    }
}
