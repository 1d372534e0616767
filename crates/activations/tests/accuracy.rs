//! How exact the smooth activations and their derivatives are: against f64, from one end of the
//! numbers to the other.
//!
//! The limits are the worst errors of all f32 from -1000 to 1000, rounded up. Up to `ULP` an error is
//! counted in units in the last place of the right value; what is below the normal numbers may be 0.
//! Where a function has no such limit, since it is a product or a difference of rounded numbers, its
//! error is counted in 2^-24 of the value, or of 1 where the value is smaller.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use ceratops_activations::*;
use ceratops_core::Tensor;

enum Limit {
    /// Units in the last place.
    Ulp(f64),
    /// Multiples of 2^-24 of max(|y|, 1).
    Absolute(f64),
}
use Limit::{Absolute, Ulp};

/// Every 1021st f32; all powers of 2 with their neighbours; the extremes.
fn sweep() -> Vec<f32> {
    let strided = (0..=u32::MAX).step_by(1021).map(f32::from_bits);
    let exponents = (0..=255).flat_map(|e: u32| [e << 23, e << 23 | 1, (e << 23).wrapping_sub(1)]);
    let powers = exponents.flat_map(|bits| [bits, bits ^ (1 << 31)]).map(f32::from_bits);
    // Where most of the functions bend, closer together.
    let dense = (0..400_000).map(|i| (i as f32 - 200_000.0) / 1e4);
    let all = strided.chain(powers).chain(dense);
    all.filter(|x| x.is_finite()).chain([0.0, -0.0, f32::MAX, f32::MIN]).collect()
}

fn check(name: &str, limit: Limit, f: impl Fn(Tensor) -> Tensor, exact: impl Fn(f64) -> f64) {
    let x = sweep();
    let y = f(Tensor::new(&[x.len()], x.clone()).unwrap());
    let mut worst = (0.0, 0.0);
    for (&x, &y) in x.iter().zip(y.as_slice()) {
        let right = exact(f64::from(x));
        if right as f32 == y || (y == 0.0 && right.abs() < f64::from(f32::MIN_POSITIVE)) {
            continue;
        }
        let unit = match limit {
            Ulp(_) => {
                let size = right.abs().max(f64::from(f32::MIN_POSITIVE));
                (size.log2().floor() - 23.0).exp2()
            }
            Absolute(_) => right.abs().max(1.0) * (-24_f64).exp2(),
        };
        let error = (f64::from(y) - right).abs() / unit;
        if error > worst.0 || error.is_nan() {
            worst = (error, x);
        }
    }
    let (Ulp(most) | Absolute(most)) = limit;
    assert!(worst.0 <= most, "{name}({:?}) is off by {:.2} units, not {most}", worst.1, worst.0);
}

/// The derivative that `backward` makes of dy = 1.
fn derivative(x: Tensor, backward: impl Fn(Tensor, Tensor) -> Tensor) -> Tensor {
    let dy = Tensor::full(x.shape(), 1.0);
    backward(x, dy)
}

fn logistic(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}

fn soft(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn area(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

fn below_0(x: f64, f: impl Fn(f64) -> f64) -> f64 {
    if x > 0.0 { x } else { f(x) }
}

/// tanh(softplus(x)), in which nothing cancels.
fn misha(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    let (above, rest) = if x < 0.0 { (e * (e + 2.0), 2.0) } else { (1.0 + 2.0 * e, 2.0 * e * e) };
    above / (above + rest)
}

#[test]
fn elementary_functions_are_right_to_the_last_place() {
    check("exponential", Ulp(1.0), exponential, f64::exp);
    check("tanh", Ulp(1.0), tanh, f64::tanh);
    check("elu", Ulp(1.0), |x| elu(x, 1.0), |x| below_0(x, f64::exp_m1));
    check("celu", Ulp(1.0), |x| celu(x, 1.0), |x| below_0(x, f64::exp_m1));
    // Between two roundings: the nearest f32 or its neighbour.
    check("sigmoid", Ulp(1.5), sigmoid, logistic);
    check("softsign", Ulp(1.5), softsign, |x| x / (1.0 + x.abs()));
}

#[test]
fn tanh_of_1_is_that_of_every_library() {
    assert_eq!(tanh([1.0, -1.0]), Tensor::from([0.761_594_2, -0.761_594_2]));
}

#[test]
fn composed_functions_keep_their_digits() {
    check("softplus", Ulp(2.1), softplus, soft);
    check("log_sigmoid", Ulp(2.1), log_sigmoid, |x| -soft(-x));
    let deep = 1.050_700_987_355_480_5 * 1.673_263_242_354_377_2;
    let scaled = |x: f64| if x > 0.0 { 1.050_700_987_355_480_5 * x } else { deep * x.exp_m1() };
    check("selu", Ulp(2.5), selu, scaled);
    check("silu", Absolute(2.0), silu, |x| x * logistic(x));
    check("mish", Absolute(2.5), mish, |x| x * misha(x));
    check("gelu", Absolute(2.1), |x| gelu(x, false), |x| x * area(x));
}

#[test]
fn derivatives_keep_their_digits() {
    let d = |f: fn(Tensor) -> Tensor,
             back: fn(&Tensor, Tensor) -> ceratops_core::Result<Tensor>| {
        move |x| derivative(x, |x, dy| back(&f(x), dy).unwrap())
    };
    check("sigmoid'", Absolute(0.8), d(sigmoid, sigmoid_backward), |x| logistic(x) * logistic(-x));
    check("tanh'", Absolute(2.0), d(tanh, tanh_backward), |x| 1.0 / (x.cosh() * x.cosh()));
    check("softplus'", Absolute(1.6), d(softplus, softplus_backward), logistic);
    check("log_sigmoid'", Absolute(1.6), d(log_sigmoid, log_sigmoid_backward), |x| logistic(-x));
    let of_x = |back: fn(&Tensor, Tensor) -> ceratops_core::Result<Tensor>| {
        move |x| derivative(x, |x, dy| back(&x, dy).unwrap())
    };
    let slope = |x: f64| logistic(x) * (1.0 + x * logistic(-x));
    check("silu'", Absolute(2.6), of_x(silu_backward), slope);
    let bell = |x: f64| (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
    let gelu_back = |x| derivative(x, |x, dy| gelu_backward(&x, dy, false).unwrap());
    check("gelu'", Absolute(3.9), gelu_back, |x| area(x) + x * bell(x));
}

#[test]
fn the_ends_are_exact() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let ends = |f: fn(Tensor) -> Tensor| f(Tensor::from([-inf, inf])).as_slice().to_vec();
    assert_eq!(ends(exponential), [0.0, inf]);
    assert_eq!(ends(tanh), [-1.0, 1.0]);
    assert_eq!(ends(sigmoid), [0.0, 1.0]);
    assert_eq!(ends(softplus), [0.0, inf]);
    assert_eq!(ends(log_sigmoid), [-inf, 0.0]);
    assert_eq!(ends(selu), [-1.758_099_3, inf]);
    for f in [exponential, tanh, sigmoid, softplus, log_sigmoid, selu, silu, mish, softsign] {
        assert!(f(Tensor::from([nan, -nan])).as_slice().iter().all(|y| y.is_nan()));
        let tiny = f(Tensor::from([f32::from_bits(1), -f32::from_bits(1), 1e-30, -1e-30]));
        assert!(tiny.as_slice().iter().all(|y| y.is_finite()));
    }
    assert_eq!(tanh([-0.0]).as_slice()[0].to_bits(), (-0.0_f32).to_bits());
}
