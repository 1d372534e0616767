//! The activations once more, in f64, written as plainly as they can be.

/// y of one row.
pub(crate) type Reference = fn(&[f64]) -> Vec<f64>;

/// f(x) of a single number.
type Scalar = fn(f64) -> f64;

/// The function of this name, with Keras' default arguments.
pub(crate) fn reference(name: &str, x: &[f64]) -> Vec<f64> {
    if let Some((_, f)) = ROWS.iter().find(|(known, _)| *known == name) {
        return f(x);
    }
    let f = scalar(name).unwrap_or_else(|| panic!("no reference for {name}"));
    x.iter().map(|&x| f(x)).collect()
}

/// The function of this name, if it works on single numbers.
pub(crate) fn scalar(name: &str) -> Option<Scalar> {
    SCALARS.iter().find(|(known, _)| *known == name).map(|&(_, f)| f)
}

const SCALE: f64 = 1.0507009873554805;
const ALPHA: f64 = 1.6732632423543772;

const SCALARS: &[(&str, Scalar)] = &[
    ("relu", |x| x.max(0.0)),
    ("leaky_relu", |x| if x > 0.0 { x } else { 0.2 * x }),
    ("relu6", |x| x.clamp(0.0, 6.0)),
    ("celu", |x| if x > 0.0 { x } else { x.exp_m1() }),
    ("elu", |x| if x > 0.0 { x } else { x.exp_m1() }),
    ("selu", |x| SCALE * if x > 0.0 { x } else { ALPHA * x.exp_m1() }),
    ("softplus", |x| x.exp().ln_1p()),
    ("softsign", |x| x / (x.abs() + 1.0)),
    ("squareplus", |x| (x + (x * x + 4.0).sqrt()) / 2.0),
    ("soft_shrink", |x| if x.abs() > 0.5 { x - 0.5 * x.signum() } else { 0.0 }),
    ("sparse_plus", |x| if x.abs() < 1.0 { (x + 1.0).powi(2) / 4.0 } else { x.max(0.0) }),
    ("silu", |x| x / (1.0 + (-x).exp())),
    ("gelu", |x| x * libm::erfc(-x / 2f64.sqrt()) / 2.0),
    ("gelu_new", |x| {
        let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
        x / (1.0 + (-2.0 * u).exp())
    }),
    ("tanh", f64::tanh),
    ("tanh_shrink", |x| x - x.tanh()),
    ("sigmoid", |x| 1.0 / (1.0 + (-x).exp())),
    ("sparse_sigmoid", |x| ((x + 1.0) / 2.0).clamp(0.0, 1.0)),
    ("exponential", f64::exp),
    ("hard_sigmoid", |x| (x / 6.0 + 0.5).clamp(0.0, 1.0)),
    ("keras2>hard_sigmoid", |x| (0.2 * x + 0.5).clamp(0.0, 1.0)),
    ("hard_silu", |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
    ("hard_tanh", |x| x.clamp(-1.0, 1.0)),
    ("hard_shrink", |x| if x.abs() > 0.5 { x } else { 0.0 }),
    ("linear", |x| x),
    ("mish", |x| x * x.exp().ln_1p().tanh()),
    ("log_sigmoid", |x| -(-x).exp().ln_1p()),
];

const ROWS: &[(&str, Reference)] = &[
    ("softmax", |x| {
        let sum: f64 = x.iter().map(|x| x.exp()).sum();
        x.iter().map(|x| x.exp() / sum).collect()
    }),
    ("log_softmax", |x| {
        let sum: f64 = x.iter().map(|x| x.exp()).sum();
        x.iter().map(|x| x - sum.ln()).collect()
    }),
    ("glu", |x| {
        let (a, b) = x.split_at(x.len() / 2);
        a.iter().zip(b).map(|(a, b)| a / (1.0 + (-b).exp())).collect()
    }),
    ("sparsemax", |x| {
        // tau by bisection, from the definition: the sum falls from above 1 to 0 as tau grows.
        let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let above = |tau: f64| x.iter().map(move |x| (x - tau).max(0.0));
        let (mut low, mut high) = (max - 1.0, max);
        for _ in 0..100 {
            let tau = (low + high) / 2.0;
            if above(tau).sum::<f64>() > 1.0 { low = tau } else { high = tau }
        }
        above(low).collect()
    }),
];
