//! What the machine can do at most: fused multiply-adds on numbers that never leave the registers.

use std::{hint::black_box, time::Instant};

use pulp::{Arch, Simd, WithSimd};

use crate::report;

/// So many sums at once: the CPU begins two multiply-adds in a cycle and takes four cycles for
/// each, so that it needs eight; twelve and two operands fit the sixteen registers of AVX2.
const CHAINS: usize = 12;
/// How often each of them grows in a run; a run takes some ten milliseconds.
const TURNS: u64 = 4_000_000;
/// The best of so many runs counts.
const RUNS: usize = 20;

/// Reports the peak of one thread and of all of them, and returns the latter in GFLOPS.
pub(crate) fn run() -> f64 {
    let threads = rayon::current_num_threads();
    let one = gflops(|| Arch::new().dispatch(MultiplyAdds));
    report("peak", "1 thread GFLOPS", one.round());
    if threads == 1 {
        return one;
    }
    let all = gflops(|| rayon::broadcast(|_| Arch::new().dispatch(MultiplyAdds)).iter().sum());
    report("peak", &format!("{threads} threads GFLOPS"), all.round());
    all
}

/// The best rate of `work`, which returns how many operations it did.
fn gflops(work: impl Fn() -> u64) -> f64 {
    let rate = || {
        let start = Instant::now();
        let flops = work();
        flops as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    (0..RUNS).map(|_| rate()).fold(0.0, f64::max)
}

/// `sum = sum * a + b`, in chains that do not wait for each other.
struct MultiplyAdds;

impl WithSimd for MultiplyAdds {
    type Output = u64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> u64 {
        // The sums tend to 2, so that no number is too small or too large for full speed.
        let a = simd.splat_f32s(black_box(0.5));
        let b = simd.splat_f32s(black_box(1.0));
        let mut sums = [simd.splat_f32s(black_box(0.0)); CHAINS];
        for _ in 0..TURNS {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, a, b);
            }
        }
        black_box(sums.map(|sum| simd.reduce_sum_f32s(sum)));
        2 * TURNS * (CHAINS * S::F32_LANES) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_operations_over_time() {
        let work = || {
            std::thread::sleep(std::time::Duration::from_millis(2));
            4_000_000
        };
        let rate = gflops(work);
        assert!((0.2..=2.0).contains(&rate), "{rate} GFLOPS");
    }
}
