//! Mean and variance of numbers that come piece by piece.

use ceratops_core::vectorize;

use super::super::places::Places;

/// What is known of the numbers so far, those that share a mean taken together.
#[derive(Debug)]
pub(super) struct Moments {
    places: Places,
    /// How many numbers share each mean.
    count: f64,
    mean: Vec<f64>,
    /// Σ (x - mean)² of each.
    squares: Vec<f64>,
}

impl Moments {
    /// Nothing yet of `means` means, which go with these places of a sample.
    pub(super) fn new(places: Places, means: usize) -> Self {
        Self { places, count: 0.0, mean: vec![0.0; means], squares: vec![0.0; means] }
    }

    /// Adds a piece, of whole samples.
    ///
    /// Its own mean is taken first, in f64, and then the distances from it: so no digits are lost
    /// where the numbers lie close together and far from 0.
    pub(super) fn add(&mut self, x: &[f32]) {
        let means = self.mean.len();
        if x.is_empty() || means == 0 {
            return;
        }
        let count = (x.len() / means) as f64;
        let zeros = self.places.spread(&vec![0.0; means]);
        let total = self.places.fold(&sums(x, &zeros, |x, _| x), means);
        let mean: Vec<f64> = total.iter().map(|sum| sum / count).collect();
        let centers = self.places.spread(&mean);
        let square = |x: f64, center: f64| (x - center) * (x - center);
        let squares = self.places.fold(&sums(x, &centers, square), means);
        self.combine(count, &mean, &squares);
    }

    /// Two parts as one: the squares grow by those between the two means.
    ///
    /// Source: Chan, Golub and LeVeque 1979, "Updating Formulae and a Pairwise Algorithm for
    /// Computing Sample Variances".
    fn combine(&mut self, count: f64, mean: &[f64], squares: &[f64]) {
        let share = count / (self.count + count);
        let own = self.mean.iter_mut().zip(&mut self.squares);
        for ((own_mean, own_squares), (mean, squares)) in own.zip(mean.iter().zip(squares)) {
            let distance = mean - *own_mean;
            *own_mean += distance * share;
            *own_squares += squares + distance * distance * self.count * share;
        }
        self.count += count;
    }

    /// The means.
    pub(super) fn mean(&self) -> Vec<f32> {
        self.mean.iter().map(|mean| *mean as f32).collect()
    }

    /// The (population) variances.
    pub(super) fn variance(&self) -> Vec<f32> {
        self.squares.iter().map(|squares| (squares / self.count) as f32).collect()
    }
}

/// Σ f(x, center) for each place of a pattern.
fn sums(x: &[f32], centers: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut all = vec![0.0; centers.len()];
    let sums = &mut all[..];
    vectorize(
        #[inline(always)]
        move || {
            let f = f;
            for x in x.chunks(centers.len().max(1)) {
                for ((sum, x), center) in sums.iter_mut().zip(x).zip(centers) {
                    *sum += f(f64::from(*x), *center);
                }
            }
        },
    );
    all
}
