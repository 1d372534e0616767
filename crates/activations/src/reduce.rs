//! The largest number and the sum of a lane, in loops that vectorise within `vectorize`.
//!
//! A compiler must not reorder floating-point sums, so the order is one that suits vectors: every
//! sixteenth number has an accumulator of its own, and these are folded at the end. It is the same
//! order on every CPU.

use std::ops::Add;

/// How many accumulators there are.
const WIDTH: usize = 16;

/// The largest number. A NaN may be passed over: what is calculated with it becomes NaN anyway.
#[inline(always)]
pub(crate) fn largest(numbers: &[f32]) -> f32 {
    let (blocks, rest) = numbers.as_chunks::<WIDTH>();
    let mut max = f32::NEG_INFINITY;
    if !blocks.is_empty() {
        let mut lanes = [max; WIDTH];
        for block in blocks {
            for (max, &x) in lanes.iter_mut().zip(block) {
                *max = larger(*max, x);
            }
        }
        max = folded(lanes, larger);
    }
    for &x in rest {
        max = larger(max, x);
    }
    max
}

/// The sum of f(a, b) for the pairs of two lanes, in f64.
#[inline(always)]
pub(crate) fn sum(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f64) -> f64 {
    let (a_blocks, a_rest) = a.as_chunks::<WIDTH>();
    let (b_blocks, b_rest) = b.as_chunks::<WIDTH>();
    let mut sum = 0.0;
    if !a_blocks.is_empty() {
        let mut lanes = [0.0; WIDTH];
        for (a, b) in a_blocks.iter().zip(b_blocks) {
            for ((sum, &a), &b) in lanes.iter_mut().zip(a).zip(b) {
                *sum += f(a, b);
            }
        }
        sum = folded(lanes, Add::add);
    }
    for (&a, &b) in a_rest.iter().zip(b_rest) {
        sum += f(a, b);
    }
    sum
}

/// Unlike `f32::max` one instruction, which takes `max` where x is NaN.
#[inline(always)]
fn larger(max: f32, x: f32) -> f32 {
    if x > max { x } else { max }
}

/// The accumulators in one, by halves.
///
/// Were it inlined, the compiler would arrange the accumulators for this fold, in pairs, and the
/// long loop would use vectors of two.
#[inline(never)]
fn folded<T: Copy>(mut lanes: [T; WIDTH], f: impl Fn(T, T) -> T) -> T {
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] = f(lanes[i], lanes[i + half]);
        }
    }
    lanes[0]
}
