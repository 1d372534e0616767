//! Histograms as TensorFlow makes them.

/// How many buckets a histogram has.
pub(super) const BUCKETS: usize = 30;

/// The numbers in buckets of equal width, each its left edge, its right edge, and how many numbers
/// are in it. Equal numbers are all in the last bucket; NaN and the infinities are in none.
pub(super) fn histogram(numbers: &[f32]) -> [[f64; 3]; BUCKETS] {
    let finite = || numbers.iter().copied().filter(|x| x.is_finite()).map(f64::from);
    let (least, most) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::MIN, f64::max));
    let mut buckets = [[0.0; 3]; BUCKETS];
    if least > most {
        return buckets;
    }
    let width = (most - least) / BUCKETS as f64;
    let edge = |i: usize| if i == BUCKETS { most } else { least + width * i as f64 };
    for (i, [left, right, _]) in buckets.iter_mut().enumerate() {
        (*left, *right) = (edge(i), edge(i + 1));
    }
    for x in finite() {
        // Where all numbers are equal this is NaN, which is less than nothing.
        let place = ((x - least) / width).floor();
        let place = if place < (BUCKETS - 1) as f64 { place as usize } else { BUCKETS - 1 };
        buckets[place][2] += 1.0;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, histogram};

    #[test]
    fn every_number_is_in_its_bucket() {
        let buckets = histogram(&[0.0, 1.0, 1.5, 30.0, 29.5, f32::NAN, f32::INFINITY]);
        assert_eq!(buckets[0], [0.0, 1.0, 1.0]);
        assert_eq!(buckets[1], [1.0, 2.0, 2.0]);
        assert_eq!(buckets[29], [29.0, 30.0, 2.0]);
        assert_eq!(buckets.iter().map(|[.., count]| count).sum::<f64>(), 5.0);
    }

    #[test]
    fn equal_numbers_and_none() {
        let buckets = histogram(&[-2.0; 7]);
        assert_eq!(buckets[0], [-2.0, -2.0, 0.0]);
        assert_eq!(buckets[BUCKETS - 1], [-2.0, -2.0, 7.0]);
        assert_eq!(histogram(&[]), [[0.0; 3]; BUCKETS]);
        assert_eq!(histogram(&[f32::NAN]), [[0.0; 3]; BUCKETS]);
    }
}
