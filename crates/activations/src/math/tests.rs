//! exp and its kin against f64, from one end of the numbers to the other.

use super::*;

/// Numbers of all sizes and both signs, the extremes among them: every 4099th f32.
fn sweep() -> impl Iterator<Item = f32> {
    let extremes = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE, f32::MAX];
    (0..=u32::MAX).step_by(4099).map(f32::from_bits).filter(|x| !x.is_nan()).chain(extremes)
}

/// Numbers next to each other from `low` to `high`, where most of a function happens.
fn dense(low: f32, high: f32) -> impl Iterator<Item = f32> {
    (0..2_000_000).map(move |i| low + (high - low) * (i as f32 / 2e6))
}

/// How many steps between two neighbouring f32 lie between `found` and `exact`; what is too small for
/// a normal number may be 0.
fn ulps(found: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if rounded == found
        || (found == 0.0 && rounded.is_subnormal())
        || (found.is_nan() && exact.is_nan())
    {
        return 0.0;
    }
    let size = exact.abs().min(f64::from(f32::MAX)).max(f64::from(f32::MIN_POSITIVE));
    let step = f64::from(size as f32).log2().floor() - 23.0;
    (f64::from(found) - exact).abs() / step.exp2()
}

fn assert_close(
    name: &str,
    limit: f64,
    numbers: impl Iterator<Item = f32>,
    f: impl Fn(f32) -> f32,
    exact: impl Fn(f64) -> f64,
) {
    let mut worst = (0.0, 0.0);
    for x in numbers {
        let error = ulps(f(x), exact(f64::from(x)));
        if error > worst.0 || error.is_nan() {
            worst = (error, x);
        }
    }
    assert!(worst.0 <= limit, "{name}({:?}) is off by {:.2} ulp", worst.1, worst.0);
}

fn area(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

#[test]
fn all_digits_are_right() {
    let all = |low, high| sweep().chain(dense(low, high));
    assert_close("exp", 1.0, all(-105.0, 90.0), exp, f64::exp);
    assert_close("exp_below_0", 1.0, all(-105.0, 0.0).filter(|x| *x <= 0.0), exp_below_0, f64::exp);
    assert_close("exp_m1", 1.0, all(-20.0, 0.0).filter(|x| *x <= 0.0), exp_m1, f64::exp_m1);
    assert_close("exp_m1", 1.6, all(0.0, 90.0).filter(|x| *x > 0.0), exp_m1, f64::exp_m1);
    let unit = all(0.0, 1.0).filter(|u| (0.0..=1.0).contains(u));
    assert_close("ln_1p", 1.25, unit, ln_1p, f64::ln_1p);
    assert_close("tanh", 1.0, all(-10.0, 10.0), tanh, f64::tanh);
    // A quotient of two rounded sums is at its core.
    assert_close("cumulative", 5.0, all(-14.5, 14.5), cumulative, area);
    let bell_f64 = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    assert_close("bell", 2.5, all(-14.5, 14.5), bell, bell_f64);
}

#[test]
fn extremes_are_exact() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    assert_eq!([exp(-inf), exp(-0.0), exp(0.0), exp(inf)], [0.0, 1.0, 1.0, inf]);
    // The last x with a finite exponential and its successor; the same for a result above 0.
    assert!(exp(88.722_83).is_finite());
    assert_eq!(exp(88.722_84), inf);
    let last = [exp, exp_below_0].map(|f| [f(-87.336_54), f(-87.336_55)]);
    assert_eq!(last.map(|[_, below]| below), [0.0; 2]);
    assert!(last.iter().all(|[normal, _]| normal.is_normal()));
    assert_eq!([exp_below_0(-inf), exp_below_0(-0.0), exp_below_0(0.0)], [0.0, 1.0, 1.0]);
    assert_eq!([exp_m1(-inf), exp_m1(0.0), exp_m1(inf)], [-1.0, 0.0, inf]);
    assert_eq!([tanh(-inf), tanh(-10.0), tanh(10.0), tanh(inf)], [-1.0, -1.0, 1.0, 1.0]);
    assert!(tanh(-0.0).is_sign_negative());
    assert_eq!([cumulative(-inf), cumulative(0.0), cumulative(inf)], [0.0, 0.5, 1.0]);
    for f in [exp, exp_below_0, exp_m1, ln_1p, tanh, cumulative, bell] {
        assert!(f(nan).is_nan());
        assert!(f(-nan).is_nan());
    }
}
