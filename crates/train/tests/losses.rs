//! Losses against the numbers of real Keras, their gradients against differences.

mod common;

use ceratops_core::{Closing, Tensor};
use ceratops_train::{
    Loss,
    losses::{
        self, BinaryCrossentropy, CategoricalCrossentropy, Dice, MeanAbsoluteError,
        MeanSquaredError, SparseCategoricalCrossentropy,
    },
};
use common::assert_close;
use serde_json::json;

const T: [[f32; 3]; 2] = [[0.0, 1.0, 0.0], [0.2, 0.3, 0.5]];
const P: [[f32; 3]; 2] = [[0.1, 0.7, 0.2], [0.5, 0.2, 0.6]];
const X: [[f32; 3]; 2] = [[1.0, -2.0, 0.5], [-30.0, 4.0, 3.0]];

/// A loss, what it takes, and its mean over two rows in Keras 3.15.
type Case = (Box<dyn Loss>, [[f32; 3]; 2], f64);

/// Every loss in every form.
fn cases() -> Vec<Case> {
    let (bce, cce) = (BinaryCrossentropy::new(), CategoricalCrossentropy::new());
    let scce = SparseCategoricalCrossentropy::new();
    vec![
        (Box::new(MeanSquaredError {}), P, 0.041_666_671_6),
        (Box::new(MeanAbsoluteError {}), P, 0.183_333_337),
        (Box::new(bce), P, 0.455_152_720),
        (Box::new(bce.label_smoothing(0.2)), P, 0.538_241_625),
        (Box::new(bce.from_logits(true)), X, 2.463_500_5),
        (Box::new(bce.from_logits(true).label_smoothing(0.2)), X, 2.678_500_9),
        (Box::new(cce), P, 0.747_956_4),
        (Box::new(cce.label_smoothing(0.2)), P, 0.860_671_8),
        (Box::new(cce.from_logits(true)), X, 5.558_929_4),
        (Box::new(cce.from_logits(true).label_smoothing(0.2)), X, 5.812_263_5),
        (Box::new(scce), P, 1.282_474_76),
        (Box::new(scce.from_logits(true)), X, 17.658_929_8),
    ]
}

fn labels(loss: &dyn Loss) -> Vec<Vec<f32>> {
    if loss.is_sparse() { vec![vec![2.0], vec![0.0]] } else { T.map(Vec::from).into() }
}

#[test]
fn values_are_those_of_keras() {
    for (loss, y_pred, expected) in cases() {
        let y_true = Tensor::from(labels(&*loss).concat());
        assert_close(losses::mean(&*loss, &y_true, &y_pred.into()).unwrap(), expected, 2e-7);
    }
}

#[test]
fn gradients_are_the_derivatives() {
    // A power of two, so that adding it to an f32 rounds nothing that matters.
    const STEP: f32 = 1.0 / 1024.0;
    for (loss, y_pred, _) in cases() {
        for (y_true, row) in labels(&*loss).iter().zip(y_pred) {
            let (mut dy, mut again) = ([f32::NAN; 3], [f32::NAN; 3]);
            loss.gradient(y_true, &row, &mut dy);
            let value = loss.value_and_gradient(y_true, &row, &mut again);
            assert_eq!((dy, loss.value(y_true, &row)), (again, value), "{loss:?}");
            for i in 0..3 {
                let at = |step: f32| {
                    let mut moved = row;
                    moved[i] += step;
                    (loss.value(y_true, &moved), f64::from(moved[i]))
                };
                let ((up, x_up), (down, x_down)) = (at(STEP), at(-STEP));
                let expected = (up - down) / (x_up - x_down);
                let gap = (f64::from(dy[i]) - expected).abs();
                assert!(
                    gap < 2e-4 * (1.0 + expected.abs()),
                    "{loss:?} {row:?} {i}: {dy:?} {expected}"
                );
            }
        }
    }
}

/// Rows of many numbers are summed in several parts.
#[test]
fn means_are_over_the_whole_row() {
    let (y_true, y_pred): (Vec<f32>, Vec<f32>) = (0..19).map(|i| (i as f32, 0.0)).unzip();
    assert_close(losses::MeanAbsoluteError {}.value(&y_true, &y_pred), 9.0, 1e-15);
    assert_close(losses::MeanSquaredError {}.value(&y_true, &y_pred), 111.0, 1e-15);
}

/// The gradients where clipping is flat, as Keras 3.15 computes them.
#[test]
fn clipped_probabilities_have_no_gradient() {
    let row = [0.0, 1.0, 0.5];
    let (bce, cce, scce): (Box<dyn Loss>, Box<dyn Loss>, Box<dyn Loss>) = (
        Box::new(BinaryCrossentropy::new()),
        Box::new(CategoricalCrossentropy::new()),
        Box::new(SparseCategoricalCrossentropy::new()),
    );
    for (loss, y_true, value, gradient) in [
        (bce, vec![1.0; 3], 5.603_747_8, [0.0, 0.0, -0.666_666_7]),
        (cce, vec![1.0; 3], 17.622_171_4, [1.333_333_4, 0.333_333_4, -0.666_666_6]),
        (scce, vec![1.0], 0.405_465_275, [0.0, 0.0, 0.666_666_6]),
    ] {
        assert_close(loss.value(&y_true, &row), value, 2e-7);
        let mut dy = [f32::NAN; 3];
        loss.gradient(&y_true, &row, &mut dy);
        for (found, expected) in dy.into_iter().zip(gradient) {
            assert!((found - expected).abs() < 5e-7, "{loss:?}: {dy:?}");
        }
    }
}

#[test]
fn logits_do_not_saturate() {
    let cce = CategoricalCrossentropy::new().with_logits(Closing::Softmax).unwrap();
    let scce = SparseCategoricalCrossentropy::new().with_logits(Closing::Softmax).unwrap();
    let bce = BinaryCrossentropy::new().with_logits(Closing::Sigmoid).unwrap();
    let mut dy = [0.0; 2];
    for (loss, y_true) in [(&cce, vec![0.0, 1.0]), (&scce, vec![1.0])] {
        for scale in [1.0, 50.0] {
            let x = [200.0 * scale, -200.0 * scale];
            assert_eq!(loss.value(&y_true, &x), 400.0 * f64::from(scale));
            loss.gradient(&y_true, &x, &mut dy);
            assert_eq!(dy, [1.0, -1.0]);
        }
    }
    let mut dy = [0.0];
    assert_eq!(bce.value(&[1.0], &[-200.0]), 200.0);
    bce.gradient(&[1.0], &[-200.0], &mut dy);
    assert_eq!(dy, [-1.0]);
    assert_close(BinaryCrossentropy::new().value(&[1.0], &[0.0]), 16.118_095_6, 1e-7);
    assert_eq!(bce.value(&[0.0], &[1e4]), 1e4);
    // An infinite logit of a class without a label is probability zero, and no error.
    assert_eq!(cce.value(&[1.0, 0.0], &[0.0, f32::NEG_INFINITY]), 0.0);
}

#[test]
fn only_the_matching_activation_is_joined() {
    for (loss, joined) in [
        (losses::get("bce").unwrap(), Some(Closing::Sigmoid)),
        (losses::get("categorical_crossentropy").unwrap(), Some(Closing::Softmax)),
        (losses::get("sparse_categorical_crossentropy").unwrap(), Some(Closing::Softmax)),
        (losses::get("mse").unwrap(), None),
    ] {
        for activation in [Closing::Softmax, Closing::Sigmoid] {
            let found = loss.with_logits(activation).is_some();
            assert_eq!(found, joined == Some(activation), "{loss:?} {activation:?}");
        }
    }
}

#[test]
fn nan_in_a_prediction_is_nan_in_the_loss() {
    for (loss, _, _) in cases() {
        let y_true = labels(&*loss).remove(0);
        assert!(loss.value(&y_true, &[f32::NAN, f32::NAN, f32::NAN]).is_nan(), "{loss:?}");
    }
}

#[test]
fn identifiers_are_those_of_keras_and_tensorflow_js() {
    for (names, expected) in [
        ("mse MSE mean_squared_error MeanSquaredError meanSquaredError", "mean_squared_error"),
        ("mae MAE mean_absolute_error MeanAbsoluteError meanAbsoluteError", "mean_absolute_error"),
        ("mape MAPE meanAbsolutePercentageError", "mean_absolute_percentage_error"),
        ("msle MSLE meanSquaredLogarithmicError", "mean_squared_logarithmic_error"),
        ("bce BCE BinaryCrossentropy binaryCrossentropy", "binary_crossentropy"),
        ("CategoricalCrossentropy categoricalCrossentropy", "categorical_crossentropy"),
        ("sparseCategoricalCrossentropy", "sparse_categorical_crossentropy"),
        ("kld KLD kullback_leibler_divergence kullbackLeiblerDivergence", "kl_divergence"),
        ("cosine_proximity cosineProximity CosineSimilarity", "cosine_similarity"),
        ("huber Huber huber_loss", "huber_loss"),
        ("logcosh log_cosh LogCosh", "log_cosh"),
        ("squaredHinge categorical_hinge", ""),
    ] {
        for name in names.split_whitespace() {
            let loss = losses::get(name).unwrap();
            assert!(expected.is_empty() || loss.name() == expected, "{name}");
        }
    }
    let error = losses::get("mean_square_error").unwrap_err().to_string();
    let nearest = "unknown loss `mean_square_error`; did you mean `mean_squared_error`? (there are \
                   mean_squared_error, mean_absolute_error, mean_absolute_percentage_error,";
    assert!(error.starts_with(nearest), "{error}");
}

/// A file has the names that Keras 3 knows, whatever was typed.
#[test]
fn names_of_other_dialects_are_written_as_keras_3_has_them() {
    use ceratops_train::IntoLoss;
    for (typed, written) in [
        ("kullback_leibler_divergence", "kl_divergence"),
        ("cosineProximity", "cosine_similarity"),
        ("logcosh", "log_cosh"),
        ("squaredHinge", "squared_hinge"),
        ("KLD", "KLD"),
        ("Huber", "Huber"),
    ] {
        assert_eq!(typed.into_loss().unwrap().to_json().unwrap(), written);
    }
}

/// Reduction and name go into the file, and come out of it.
#[test]
fn reductions_and_names_are_written_and_read() {
    for reduction in ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"] {
        let entry = json!({"module": "keras.losses", "class_name": "Dice", "config": {
            "name": "overlap", "reduction": reduction, "axis": [1, 2],
        }, "registered_name": null});
        let loss = losses::from_json(&entry).unwrap();
        assert_eq!((loss.name(), loss.reduction().name()), ("overlap", reduction));
        assert_eq!(loss.to_json().unwrap(), entry);
    }
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for (class, key, value) in [
        ("Huber", "delta", json!(0)),
        ("Huber", "delta", json!("a")),
        ("BinaryFocalCrossentropy", "alpha", json!(2)),
        ("CategoricalFocalCrossentropy", "gamma", json!(-1)),
        ("CategoricalGeneralizedCrossEntropy", "q", json!(1)),
        ("Tversky", "beta", json!(-1)),
        ("Circle", "margin", json!(3)),
        ("Dice", "axis", json!("all")),
        ("MeanSquaredError", "axis", json!(1)),
        ("MeanSquaredError", "reduction", json!(null)),
        ("MeanSquaredError", "reduction", json!("none")),
        ("SparseCategoricalCrossentropy", "axis", json!(1)),
    ] {
        let entry = json!({"class_name": class, "config": {key: value}});
        let error = losses::from_json(&entry).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
}

/// Axes that are none are an error where the shape is known, and no panic.
#[test]
fn axes_beyond_the_shape_are_refused() {
    let y = Tensor::zeros(&[2, 3]);
    for axis in [[2, 1], [-3, 1], [1, 1]] {
        let error = losses::value(&Dice::new().axis(axis), &y, &y, None).unwrap_err();
        assert!(error.to_string().contains("`axis`"), "{error}");
    }
}

#[test]
fn configs_of_keras_are_read() {
    let entry = |key: &str, value| {
        json!({"module": "keras.losses", "class_name": "CategoricalCrossentropy", "config": {
            "name": "categorical_crossentropy", "reduction": "sum_over_batch_size",
            "from_logits": false, "label_smoothing": 0.1, "axis": -1, key: value,
        }, "registered_name": null})
    };
    let loss = losses::from_json(&entry("from_logits", json!(true))).unwrap();
    let expected = CategoricalCrossentropy::new().from_logits(true).label_smoothing(0.1);
    assert_eq!(loss.to_json().unwrap(), expected.to_json().unwrap());
    assert_eq!(losses::from_json(&loss.to_json().unwrap()).unwrap().name(), loss.name());
    for (key, value, message) in [
        (
            "reduction",
            json!("none"),
            "config.reduction: expected \"sum_over_batch_size\", \"sum\", \"mean\" or \
             \"mean_with_sample_weight\", got \"none\": training needs one loss for a batch",
        ),
        (
            "label_smoothing",
            json!(2),
            "invalid `label_smoothing`: expected a number from 0 to 1, got 2",
        ),
    ] {
        assert_eq!(losses::from_json(&entry(key, value)).unwrap_err().to_string(), message);
    }
}
