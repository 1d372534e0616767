//! The Fourier transform of any length: X\[k\] = Σ x\[t\] · exp(-2πi · k · t / n).
//!
//! Of a length n = p·m the transforms of every p-th number, from the first, the second, ... p-th on, make up
//! the whole: X\[k\] = Σ exp(-2πi · k · j / n) · Xⱼ\[k mod m\] over j < p. So it takes n times the sum of the prime
//! factors of n, instead of n².

use std::f64::consts::PI;

/// A complex number.
pub(super) type Complex = (f64, f64);

/// The transform of one length.
#[derive(Debug)]
pub(super) struct Fourier {
    /// exp(-2πi · k / n)
    turns: Vec<Complex>,
}

impl Fourier {
    pub(super) fn of(len: usize) -> Self {
        let angle = |k: usize| -2.0 * PI * k as f64 / len as f64;
        Self { turns: (0..len).map(|k| (angle(k).cos(), angle(k).sin())).collect() }
    }

    /// The transform of `x`, which has the length that this is of.
    pub(super) fn transform(&self, x: &[Complex]) -> Vec<Complex> {
        let mut y = vec![(0.0, 0.0); x.len()];
        self.part(x, 1, &mut y);
        y
    }

    /// Writes the transform of every `step`-th number of `x` to `y`.
    fn part(&self, x: &[Complex], step: usize, y: &mut [Complex]) {
        let len = y.len();
        if len <= 1 {
            y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
            return;
        }
        let factor = (2..=len).find(|factor| len.is_multiple_of(*factor)).unwrap_or(len);
        let part = len / factor;
        for (j, y) in y.chunks_exact_mut(part).enumerate() {
            self.part(x.get(j * step..).unwrap_or_default(), step * factor, y);
        }
        let mut found = vec![(0.0, 0.0); factor];
        for k in 0..part {
            for (i, found) in found.iter_mut().enumerate() {
                *found = (0.0, 0.0);
                for j in 0..factor {
                    // Of all n turns those of this length are every `step`-th.
                    let turn = self.turns[(k + i * part) * j % len * step];
                    let (re, im) = y[k + j * part];
                    found.0 += re * turn.0 - im * turn.1;
                    found.1 += re * turn.1 + im * turn.0;
                }
            }
            found.iter().enumerate().for_each(|(i, found)| y[k + i * part] = *found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sum_of_the_formula() {
        for len in [1, 2, 3, 4, 7, 8, 12, 30, 49, 64] {
            let x: Vec<Complex> =
                (0..len).map(|t| ((t * t % 11) as f64 - 4.0, (t * 5 % 7) as f64)).collect();
            let y = Fourier::of(len).transform(&x);
            for (k, y) in y.into_iter().enumerate() {
                let mut sum = (0.0, 0.0);
                for (t, x) in x.iter().enumerate() {
                    let (sin, cos) = (-2.0 * PI * (k * t) as f64 / len as f64).sin_cos();
                    sum.0 += x.0 * cos - x.1 * sin;
                    sum.1 += x.0 * sin + x.1 * cos;
                }
                assert!((sum.0 - y.0).abs() + (sum.1 - y.1).abs() < 1e-9, "{len}: {k}");
            }
        }
    }
}
