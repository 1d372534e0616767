//! Statistics of many numbers, gathered piece by piece.

use ceratops_core::vectorize;
use serde::Serialize;

/// Statistics of the numbers of one or several tensors, in f64.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Statistics {
    /// How many numbers there are.
    pub count: usize,
    /// The mean of those that are finite; NaN (in JSON `null`) if none is, like the next three.
    pub mean: f64,
    /// Their standard deviation, with the divisor n.
    pub std: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The Euclidean norm of the finite ones.
    pub norm: f64,
    /// How many are NaN.
    pub nan: usize,
    /// How many are infinite.
    pub infinite: usize,
}

impl Statistics {
    /// The statistics of `numbers`.
    pub fn of(numbers: &[f32]) -> Self {
        let [sum, squares] = sums(numbers, |x| [x, x * x]);
        // The square of an f32 fits an f64, and so do the sums of many.
        if !squares.is_finite() {
            let finite: Vec<f32> = numbers.iter().copied().filter(|x| x.is_finite()).collect();
            let nan = numbers.iter().filter(|x| x.is_nan()).count();
            let infinite = numbers.len() - finite.len() - nan;
            return Self { count: numbers.len(), nan, infinite, ..Self::of(&finite) };
        }
        if numbers.is_empty() {
            return Self::default();
        }
        let n = numbers.len() as f64;
        let mean = sum / n;
        // In a second pass, since the squares alone lose the digits of a spread around a large mean.
        let [spread] = sums(numbers, move |x| [(x - mean) * (x - mean)]);
        let min = f64::from(numbers.iter().copied().fold(f32::INFINITY, f32::min));
        let max = f64::from(numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let (count, std, norm) = (numbers.len(), (spread / n).sqrt(), squares.sqrt());
        Self { count, mean, std, min, max, norm, nan: 0, infinite: 0 }
    }

    /// The statistics of these numbers and of those of `other` together.
    ///
    /// Source: Chan, Golub and LeVeque 1979, "Updating Formulae and a Pairwise Algorithm for
    /// Computing Sample Variances".
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (a, b) = (self.finite() as f64, other.finite() as f64);
        let both = Self {
            count: self.count + other.count,
            nan: self.nan + other.nan,
            infinite: self.infinite + other.infinite,
            ..self
        };
        if b == 0.0 {
            return both;
        }
        if a == 0.0 {
            let Self { count, nan, infinite, .. } = both;
            return Self { count, nan, infinite, ..other };
        }
        let (n, gap) = (a + b, other.mean - self.mean);
        let spread = self.std.powi(2) * a + other.std.powi(2) * b + gap * gap * (a * b / n);
        Self {
            mean: self.mean + gap * (b / n),
            std: (spread / n).sqrt(),
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            norm: self.norm.hypot(other.norm),
            ..both
        }
    }

    /// How many of the numbers are finite.
    pub fn finite(&self) -> usize {
        self.count - self.nan - self.infinite
    }

    /// Whether all of the numbers are finite.
    pub fn is_finite(&self) -> bool {
        self.nan + self.infinite == 0
    }

    /// The largest finite number, its sign left aside; 0 if there is none.
    pub fn largest(&self) -> f64 {
        if self.finite() == 0 { 0.0 } else { self.max.abs().max(self.min.abs()) }
    }

    /// The root of the mean square of the finite numbers; 0 if there is none.
    pub fn rms(&self) -> f64 {
        self.norm / (self.finite().max(1) as f64).sqrt()
    }
}

/// Those of no numbers.
impl Default for Statistics {
    fn default() -> Self {
        let (mean, std, min, max) = (f64::NAN, f64::NAN, f64::NAN, f64::NAN);
        Self { count: 0, mean, std, min, max, norm: 0.0, nan: 0, infinite: 0 }
    }
}

/// The sums over all numbers of what `f` makes of each.
fn sums<const N: usize>(numbers: &[f32], f: impl Fn(f64) -> [f64; N]) -> [f64; N] {
    /// So many sums side by side, which the CPU adds up at once.
    const LANES: usize = 8;
    vectorize(
        #[inline(always)]
        move || {
            let f = f;
            let mut lanes = [[0.0; N]; LANES];
            let (eights, rest) = numbers.as_chunks::<LANES>();
            for eight in eights {
                for (lane, x) in lanes.iter_mut().zip(eight) {
                    let terms = f(f64::from(*x));
                    lane.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
                }
            }
            let [mut total, others @ ..] = lanes;
            let rest = rest.iter().map(|x| f(f64::from(*x)));
            for terms in others.into_iter().chain(rest) {
                total.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
            total
        },
    )
}

#[cfg(test)]
mod tests {
    use super::Statistics;

    #[test]
    fn pieces_give_what_the_whole_gives() {
        let numbers: Vec<f32> = (0..1000).map(|i| 1e4 + (i as f32 * 0.7).sin()).collect();
        let whole = Statistics::of(&numbers);
        let parts =
            numbers.chunks(7).map(Statistics::of).fold(Statistics::default(), Statistics::and);
        assert!((whole.std - parts.std).abs() < 1e-9, "{whole:?} {parts:?}");
        assert!((whole.std - 0.5f64.sqrt()).abs() < 1e-2, "{whole:?}");
        assert!((whole.mean - parts.mean).abs() < 1e-9 && (whole.norm - parts.norm).abs() < 1e-6);
        assert_eq!((whole.count, whole.min, whole.max), (parts.count, parts.min, parts.max));
    }

    #[test]
    fn what_is_not_finite_is_counted_apart() {
        let found = Statistics::of(&[3.0, f32::NAN, -4.0, f32::INFINITY, f32::NEG_INFINITY]);
        assert_eq!((found.count, found.nan, found.infinite, found.finite()), (5, 1, 2, 2));
        assert_eq!((found.mean, found.std, found.min, found.max), (-0.5, 3.5, -4.0, 3.0));
        assert_eq!((found.norm, found.largest()), (5.0, 4.0));
        let none = Statistics::of(&[f32::NAN]);
        assert!(none.mean.is_nan() && !none.is_finite() && none.largest() == 0.0);
        assert_eq!(none.and(found).mean, -0.5);
        assert_eq!(found.and(none).nan, 2);
    }
}
