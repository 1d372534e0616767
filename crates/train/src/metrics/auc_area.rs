//! The area under a curve of confusions.

use super::{
    auc::{Curve, Summation},
    confusion::{Confusion, ratio},
};

/// The area under the `curve` through these confusions, whose thresholds rise.
pub(super) fn area(all: &[Confusion], curve: Curve, summation: Summation) -> f64 {
    if (curve, summation) == (Curve::PR, Summation::Interpolation) {
        return interpolated(all);
    }
    let points: Vec<(f64, f64)> = all.iter().map(|at| point(at, curve)).collect();
    let height = |a: f64, b: f64| match summation {
        Summation::Interpolation => (a + b) / 2.0,
        Summation::Minoring => a.min(b),
        Summation::Majoring => a.max(b),
    };
    points.windows(2).map(|pair| (pair[0].0 - pair[1].0) * height(pair[0].1, pair[1].1)).sum()
}

/// Where a confusion lies on the curve.
fn point(at: &Confusion, curve: Curve) -> (f64, f64) {
    match curve {
        Curve::ROC => (ratio(at.fp, at.fp + at.tn), at.recall()),
        Curve::PR => (at.recall(), at.precision()),
        Curve::PRGAIN => {
            if at.tp == 0.0 {
                return (0.0, 1.0);
            }
            let scale = ratio(at.tp + at.fn_, at.tn + at.fp);
            ((1.0 - scale * at.fn_ / at.tp).max(0.0), 1.0 - scale * at.fp / at.tp)
        }
    }
}

/// Davis and Goadrich's area under precision over recall: between two thresholds the true positives
/// grow in proportion to all positive predictions.
fn interpolated(all: &[Confusion]) -> f64 {
    let step = |pair: &[Confusion]| {
        let (low, high) = (pair[0], pair[1]);
        let (p_low, p_high) = (low.tp + low.fp, high.tp + high.fp);
        let grown = low.tp - high.tp;
        let slope = ratio(grown, (p_low - p_high).max(0.0));
        let intercept = high.tp - slope * p_high;
        let growth = if p_low > 0.0 && p_high > 0.0 { p_low / p_high } else { 1.0 };
        ratio(slope * (grown + intercept * growth.ln()), (high.tp + high.fn_).max(0.0))
    };
    all.windows(2).map(step).sum()
}
