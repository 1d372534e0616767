//! What initializers draw, and what they refuse.

use ceratops_core::{Result, Rng, Tensor};
use ceratops_weights::{Initializer, initializers::*};
use rand::SeedableRng;

fn draw(initializer: impl Into<Initializer>, shape: &[usize], seed: u64) -> Result<Tensor> {
    initializer.into().draw(shape, &mut Rng::seed_from_u64(seed))
}

const RANDOM: [&str; 11] = [
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
];

#[test]
fn the_generator_decides() {
    for name in RANDOM {
        let once = draw(name, &[3, 4], 1).unwrap();
        assert_eq!(once, draw(name, &[3, 4], 1).unwrap(), "{name}");
        assert_ne!(once, draw(name, &[3, 4], 2).unwrap(), "{name}");
    }
}

#[test]
fn a_seed_in_the_config_wins() {
    for name in RANDOM {
        let seeded = |seed: i64| -> Initializer {
            let object = serde_json::json!({"class_name": name, "config": {"seed": seed}});
            serde_json::from_value(object).unwrap()
        };
        let once = draw(seeded(-5), &[3, 4], 1).unwrap();
        assert_eq!(once, draw(seeded(-5), &[3, 4], 2).unwrap(), "{name}");
        assert_ne!(once, draw(seeded(6), &[3, 4], 1).unwrap(), "{name}");
    }
}

#[test]
fn one_draw_moves_the_generator_on() {
    let rng = &mut Rng::seed_from_u64(1);
    let normal = Initializer::from("random_normal");
    assert_ne!(normal.draw(&[4], rng).unwrap(), normal.draw(&[4], rng).unwrap());
}

/// The bits themselves, so that a seed means the same weights in the next version.
#[test]
fn a_seed_stands_for_these_numbers() {
    let first = |name: &str| draw(name, &[2, 2], 42).unwrap().as_slice()[0].to_bits();
    assert_eq!(
        ["glorot_uniform", "he_normal", "random_normal", "orthogonal"].map(first),
        [3207398723, 1057692599, 1019463671, 1051505039]
    );
}

#[test]
fn orthogonal_is_orthogonal() {
    for (shape, gain) in [
        (&[5, 3][..], 1.0),
        (&[3, 5], 2.0),
        (&[4, 4], -0.5),
        (&[3, 2, 4, 7], 1.5),
        (&[40, 30], 1.0),
    ] {
        let w = draw(Orthogonal::new(gain), shape, 3).unwrap();
        assert_eq!(w.shape(), shape);
        let columns = shape[shape.len() - 1];
        let rows = w.len() / columns;
        let at = |i: usize, j: usize| f64::from(w.as_slice()[i * columns + j]);
        let tall = rows >= columns;
        let (count, len) = if tall { (columns, rows) } else { (rows, columns) };
        for a in 0..count {
            for b in 0..count {
                let product =
                    |k: usize| if tall { at(k, a) * at(k, b) } else { at(a, k) * at(b, k) };
                let dot: f64 = (0..len).map(product).sum();
                let expected = if a == b { gain * gain } else { 0.0 };
                assert!((dot - expected).abs() < 1e-6, "{shape:?}: {a}·{b} = {dot}");
            }
        }
    }
}

/// All directions are equally likely: no entry leans to one side, none is larger than another.
/// Without the choice of signs the first entry would always be negative.
#[test]
fn orthogonal_is_even() {
    let rng = &mut Rng::seed_from_u64(5);
    let (mut sums, mut squares) = ([0.0; 6], [0.0; 6]);
    let n = 4000;
    for _ in 0..n {
        let w = Initializer::from("orthogonal").draw(&[3, 2], rng).unwrap();
        for (k, &w) in w.as_slice().iter().enumerate() {
            sums[k] += f64::from(w) / f64::from(n);
            squares[k] += f64::from(w).powi(2) / f64::from(n);
        }
    }
    for k in 0..6 {
        assert!(sums[k].abs() < 0.04, "{sums:?}");
        assert!((squares[k] - 1.0 / 3.0).abs() < 0.02, "{squares:?}");
    }
}

#[test]
fn empty_weights_and_scalars_are_drawn() {
    for name in RANDOM {
        for shape in [&[0, 3][..], &[3, 0], &[2, 0, 3]] {
            assert_eq!(draw(name, shape, 1).unwrap().shape(), shape, "{name}");
        }
    }
    // The fans of a single number are 1.
    assert!(draw("he_uniform", &[], 1).unwrap().as_slice()[0].abs() <= 6f32.sqrt());
}

#[test]
fn what_does_not_fit_in_memory_is_refused() {
    for name in RANDOM.into_iter().chain(["zeros", "ones", "constant", "identity"]) {
        let shapes: &[&[usize]] = &[
            &[1 << 30, 1 << 30],
            &[usize::MAX, 2],
            &[0, usize::MAX, 2],
            &[usize::MAX, usize::MAX, 0],
        ];
        for shape in shapes {
            assert!(draw(name, shape, 1).is_err(), "{name} {shape:?}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    use ceratops_weights::initializers::{Distribution::Uniform, Mode::FanIn};
    let cases: [(Initializer, &str); 9] = [
        ("quux".into(), "unknown initializer `quux`"),
        ("HeNormale".into(), "unknown initializer `HeNormale`; did you mean `HeNormal`?"),
        (
            Constant::new(f64::NAN).into(),
            "invalid `value`: expected a finite number that fits in f32, got NaN",
        ),
        (
            Constant::new(-1e39).into(),
            "invalid `value`: expected a finite number that fits in f32, \
             got -1000000000000000000000000000000000000000",
        ),
        (
            RandomNormal::new(0.0, -1.0).into(),
            "invalid `stddev`: expected a number that is not negative, got -1",
        ),
        (
            TruncatedNormal::new(f64::INFINITY, 1.0).into(),
            "invalid `mean`: expected a finite number that fits in f32, got inf",
        ),
        (
            RandomUniform::new(1.0, 0.5).into(),
            "invalid `minval`: expected at most `maxval`, which is 0.5, got 1",
        ),
        (
            VarianceScaling::new(0.0, FanIn, Uniform).into(),
            "invalid `scale`: expected a positive number, got 0",
        ),
        (
            Orthogonal::new(f64::NEG_INFINITY).into(),
            "invalid `gain`: expected a finite number that fits in f32, got -inf",
        ),
    ];
    for (initializer, message) in cases {
        assert_eq!(initializer.validate().unwrap_err().to_string(), message);
        assert_eq!(draw(initializer, &[2, 2], 1).unwrap_err().to_string(), message);
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    assert_eq!(
        draw("identity", &[2, 3, 4], 1).unwrap_err().to_string(),
        "the Identity initializer: expected shape (rows, columns), got (2, 3, 4); \
         take the Orthogonal initializer for more than two axes"
    );
    for shape in [&[][..], &[3]] {
        let error = draw("orthogonal", shape, 1).unwrap_err().to_string();
        assert!(error.contains("expected at least two axes"), "{error}");
    }
}

#[test]
fn the_ends_of_a_range_may_meet() {
    let w = draw(RandomUniform::new(0.5, 0.5), &[3], 1).unwrap();
    assert_eq!(w, Tensor::from([0.5, 0.5, 0.5]));
    let w = draw(RandomNormal::new(0.5, 0.0), &[3], 1).unwrap();
    assert_eq!(w, Tensor::from([0.5, 0.5, 0.5]));
}

#[test]
fn what_draws_takes_a_seed() {
    let scaling = VarianceScaling::new(1.0, Mode::FanAvg, Distribution::Uniform);
    let seeded: [Initializer; 11] = [
        GlorotNormal::new().seed(7).into(),
        GlorotUniform::new().seed(7).into(),
        HeNormal::new().seed(7).into(),
        HeUniform::new().seed(7).into(),
        LecunNormal::new().seed(7).into(),
        LecunUniform::new().seed(7).into(),
        Orthogonal::new(1.0).seed(7).into(),
        RandomNormal::new(0.0, 1.0).seed(7).into(),
        RandomUniform::new(0.0, 1.0).seed(7).into(),
        TruncatedNormal::new(0.0, 1.0).seed(7).into(),
        scaling.seed(7).into(),
    ];
    for initializer in seeded {
        let json = serde_json::to_value(&initializer).unwrap();
        assert_eq!(json["config"]["seed"], 7, "{initializer:?}");
    }
}
