//! Numbers that are not all as likely.

use std::f64::consts::TAU;

use ceratops_core::Rng;
use rand::Rng as _;

/// From N(0, 1), after Box and Muller.
pub(super) fn normal(rng: &mut Rng) -> f64 {
    let (a, b): (f64, f64) = (rng.random(), rng.random());
    // 1 - a is never 0.
    (-2.0 * (1.0 - a).ln()).sqrt() * (TAU * b).cos()
}

/// The logarithm of a number from Γ(alpha, 1), after Marsaglia and Tsang: for a small alpha the number
/// itself would be 0.
fn log_gamma(alpha: f64, rng: &mut Rng) -> f64 {
    if alpha < 1.0 {
        // Γ(alpha) is Γ(alpha + 1) · u^(1 / alpha)
        let u: f64 = 1.0 - rng.random::<f64>();
        return log_gamma(alpha + 1.0, rng) + u.ln() / alpha;
    }
    let d = alpha - 1.0 / 3.0;
    loop {
        let x = normal(rng);
        let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
        let u: f64 = 1.0 - rng.random::<f64>();
        if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return (d * v).ln();
        }
    }
}

/// `count` positive numbers of sum 1, from Dirichlet's distribution.
pub(super) fn dirichlet(alpha: f64, count: usize, rng: &mut Rng) -> Vec<f32> {
    let logs: Vec<f64> = (0..count).map(|_| log_gamma(alpha, rng)).collect();
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
    let sum: f64 = parts.iter().sum();
    parts.into_iter().map(|part| (part / sum) as f32).collect()
}

/// From B(alpha, alpha).
pub(super) fn beta(alpha: f64, rng: &mut Rng) -> f32 {
    dirichlet(alpha, 2, rng)[0]
}

/// The places from 0 on in random order.
pub(super) fn order(len: usize, rng: &mut Rng) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    for i in (1..len).rev() {
        places.swap(i, rng.random_range(0..=i));
    }
    places
}

#[cfg(test)]
mod tests {
    use ceratops_core::Rng;
    use rand::SeedableRng;

    use super::{beta, normal};

    /// Fails unless mean and variance of the numbers are within four deviations.
    fn check(mean: f64, variance: f64, mut draw: impl FnMut(&mut Rng) -> f64) {
        let (mut rng, count) = (Rng::seed_from_u64(3), 40_000.0);
        let drawn: Vec<f64> = (0..count as usize).map(|_| draw(&mut rng)).collect();
        let found = drawn.iter().sum::<f64>() / count;
        assert!((found - mean).abs() < 4.0 * (variance / count).sqrt(), "{found} and {mean}");
        let spread = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        assert!((spread / variance - 1.0).abs() < 0.04, "{spread} and {variance}");
    }

    #[test]
    fn numbers_spread_as_their_laws_say() {
        check(0.0, 1.0, normal);
        for alpha in [0.05, 0.2, 1.0, 3.5] {
            // Of B(a, a): 1/2 and 1 / (8a + 4)
            check(0.5, 1.0 / (8.0 * alpha + 4.0), |rng| f64::from(beta(alpha, rng)));
        }
    }
}
