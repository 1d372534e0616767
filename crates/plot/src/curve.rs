//! A curve with gaps where it has no value.

use crate::{axis::has_place, mark::Point};

/// The stretches of a curve that have a place on the axes, in order.
pub(crate) fn stretches(points: &[Point]) -> Vec<&[Point]> {
    let stretches = points.split(|&(x, y)| !has_place(x) || !has_place(y));
    stretches.filter(|stretch| !stretch.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_leaves_a_gap() {
        let points = [(1.0, 0.5), (2.0, f64::NAN), (3.0, 0.2), (4.0, 0.1), (5.0, f64::INFINITY)];
        assert_eq!(stretches(&points), [&points[..1], &points[2..4]]);
        assert!(stretches(&points[1..2]).is_empty());
    }
}
