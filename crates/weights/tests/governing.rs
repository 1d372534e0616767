//! Regularizers and constraints: gradients, refusals, edge cases.

use ceratops_core::{Constrain, Regularize, Tensor};
use ceratops_weights::{
    Constraint, Regularizer,
    constraints::{Axes, MaxNorm, MinMaxNorm, UnitNorm},
    regularizers::{L1, L1L2, L2, Mode, OrthogonalRegularizer},
};

fn matrix() -> Tensor {
    Tensor::from([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5], [-0.25, 1.0, 0.125], [2.0, 1.0, -1.0]])
}

#[test]
fn gradients_are_the_slopes_of_the_losses() {
    let regularizers: [Regularizer; 5] = [
        L1::new(0.3).into(),
        L2::new(0.7).into(),
        L1L2::new(0.3, 0.7).into(),
        OrthogonalRegularizer::new(0.9, Mode::Rows).into(),
        OrthogonalRegularizer::new(0.9, Mode::Columns).into(),
    ];
    for regularizer in regularizers {
        let w = matrix();
        // The gradient is added to what is there.
        let mut dw = Tensor::full(w.shape(), 10.0);
        regularizer.add_gradient(&w, &mut dw).unwrap();
        for i in 0..w.len() {
            // A power of two, so that w ± h are exact.
            let h = 1.0 / 256.0;
            let loss_at = |step: f32| {
                let mut w = w.clone();
                w.as_mut_slice()[i] += step;
                regularizer.loss(&w)
            };
            let slope = (loss_at(h) - loss_at(-h)) / f64::from(2.0 * h);
            let dw = f64::from(dw.as_slice()[i]) - 10.0;
            assert!((dw - slope).abs() < 1e-5, "{regularizer:?}, {i}: {dw} is not {slope}");
        }
    }
}

#[test]
fn the_slope_of_l1_at_0_is_0() {
    let mut dw = Tensor::zeros(&[2]);
    L1::new(1.0).add_gradient(&[0.0, -0.0].into(), &mut dw).unwrap();
    assert_eq!(dw, Tensor::zeros(&[2]));
}

#[test]
fn rows_of_zeros_have_no_direction() {
    let w = Tensor::from([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]]);
    let regularizer = OrthogonalRegularizer::new(3.0, Mode::Rows);
    assert!((regularizer.loss(&w) - 1.0).abs() < 1e-12);
    let mut dw = Tensor::zeros(&[3, 2]);
    regularizer.add_gradient(&w, &mut dw).unwrap();
    assert!(dw.as_slice().iter().all(|dw| dw.abs() < 1e-6), "{dw}");
}

#[test]
fn an_orthogonal_regularizer_wants_a_matrix_of_two_rows() {
    let rows = Regularizer::from(OrthogonalRegularizer::default());
    let columns = Regularizer::from(OrthogonalRegularizer::new(0.01, Mode::Columns));
    assert!(rows.check(&[2, 1]).is_ok() && columns.check(&[1, 2]).is_ok());
    for (regularizer, shape) in [
        (&rows, &[1, 2][..]),
        (&columns, &[2, 1]),
        (&rows, &[4]),
        (&rows, &[2, 2, 2]),
        (&rows, &[]),
    ] {
        assert!(regularizer.check(shape).is_err(), "{shape:?}");
        let w = Tensor::full(shape, 1.0);
        assert!(regularizer.loss(&w).is_nan(), "{shape:?}");
        assert!(regularizer.add_gradient(&w, &mut Tensor::zeros(shape)).is_err(), "{shape:?}");
    }
    assert_eq!(
        rows.check(&[3, 3, 8, 16]).unwrap_err().to_string(),
        "the OrthogonalRegularizer: expected shape (rows, columns) with two rows or more, \
         got (3, 3, 8, 16); take another regularizer, such as L2"
    );
}

#[test]
fn a_gradient_of_another_shape_is_refused() {
    for name in ["l1", "l2", "l1_l2", "OrthogonalRegularizer"] {
        let mut dw = Tensor::zeros(&[3, 3]);
        assert!(Regularizer::from(name).add_gradient(&matrix(), &mut dw).is_err(), "{name}");
        assert_eq!(dw, Tensor::zeros(&[3, 3]), "{name}");
    }
}

#[test]
fn regularizers_that_make_no_sense_are_refused() {
    let cases: [(Regularizer, &str); 5] = [
        ("l3".into(), "unknown regularizer `l3`; did you mean `L1`?"),
        (L1::new(-0.1).into(), "invalid `l1`: expected a number that is not negative, got -0.1"),
        (
            L2::new(f64::NAN).into(),
            "invalid `l2`: expected a finite number that fits in f32, got NaN",
        ),
        (
            L1L2::new(0.0, -2.0).into(),
            "invalid `l2`: expected a number that is not negative, got -2",
        ),
        (
            OrthogonalRegularizer::new(-1.0, Mode::Rows).into(),
            "invalid `factor`: expected a number that is not negative, got -1",
        ),
    ];
    for (regularizer, message) in cases {
        assert_eq!(regularizer.validate().unwrap_err().to_string(), message);
    }
    let unknown = Regularizer::from("l3");
    assert!(unknown.loss(&matrix()).is_nan() && unknown.check(&[2, 2]).is_err());
}

#[test]
fn constraints_that_make_no_sense_are_refused() {
    let cases: [(Constraint, &str); 4] = [
        ("non_nog".into(), "unknown constraint `non_nog`; did you mean `NonNeg`?"),
        (
            MaxNorm::new(-1.0).into(),
            "invalid `max_value`: expected a number that is not negative, got -1",
        ),
        (
            MinMaxNorm::new(2.0, 1.0).into(),
            "invalid `min_value`: expected at most `max_value`, which is 1, got 2",
        ),
        (
            MinMaxNorm::new(0.0, 1.0).rate(f64::INFINITY).into(),
            "invalid `rate`: expected a finite number that fits in f32, got inf",
        ),
    ];
    for (constraint, message) in cases {
        assert_eq!(constraint.validate().unwrap_err().to_string(), message);
        constraint.apply(matrix());
    }
}

#[test]
fn axes_that_a_weight_lacks_are_refused_and_leave_it_alone() {
    let cases: [(Axes, &[usize], &str); 6] = [
        (2.into(), &[4, 3], "an axis from -2 to 1 of the weight of shape [4, 3], got 2"),
        ((-3).into(), &[4, 3], "an axis from -2 to 1 of the weight of shape [4, 3], got -3"),
        (i64::MIN.into(), &[4, 3], "an axis from -2 to 1 of the weight of shape [4, 3], got -"),
        ([0, 5].into(), &[4, 3], "an axis from -2 to 1 of the weight of shape [4, 3], got 5"),
        ([1, -1].into(), &[4, 3], "each axis once, got [1, -1]"),
        (0.into(), &[], "no axis, for the weight is a single number, got 0"),
    ];
    for (axis, shape, message) in cases {
        let w = Tensor::full(shape, 7.0);
        let constraints: [Constraint; 3] = [
            MaxNorm::new(1.0).axis(axis.clone()).into(),
            MinMaxNorm::new(0.0, 1.0).axis(axis.clone()).into(),
            UnitNorm::new(axis).into(),
        ];
        for constraint in constraints {
            let error = constraint.check(shape).unwrap_err().to_string();
            let expected = format!("invalid `axis`: expected {message}");
            assert!(error.starts_with(&expected), "{error}");
            assert_eq!(constraint.apply(w.clone()), w);
        }
    }
}

#[test]
fn nan_is_not_hidden() {
    let w = Tensor::from([f32::NAN, -1.0]);
    let w = Constraint::from("non_neg").apply(w);
    assert!(w.as_slice()[0].is_nan() && w.as_slice()[1] == 0.0);
}
