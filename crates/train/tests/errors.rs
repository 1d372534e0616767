//! What a beginner reads when something does not fit: what came, what was expected, what to do.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::Tensor;
use ceratops_layers::{Dense, Input, Sequential, sequential};
use ceratops_train::{Compile, FitOptions, Verbose};
use common::{column, dense};

/// The message of fitting a model of one input and three outputs.
#[track_caller]
fn refused(loss: &str, x: &Tensor, y: &Tensor, options: FitOptions<'_>) -> String {
    let mut model = dense([[1.0; 3]], [0.0; 3], "softmax").compile("sgd", loss, ()).unwrap();
    let before = model.get_weights();
    let error = model.fit(x, y, options.verbose(Verbose::Silent)).unwrap_err();
    assert_eq!(model.get_weights(), before);
    error.to_string()
}

const SPARSE: &str = "sparse_categorical_crossentropy";
const ONE_HOT: &str = "categorical_crossentropy";

#[test]
fn labels() {
    let fit = FitOptions::new;
    for (loss, y, message) in [
        (
            SPARSE,
            Tensor::from([0.0, 3.0]),
            "label 3 of sample 1 is outside 0 to 2: the model has 3 outputs; count classes from 0, \
             and give the last layer as many units as there are classes",
        ),
        (
            SPARSE,
            Tensor::from([-1.0, 0.0]),
            "label -1 of sample 0 is outside 0 to 2: the model has 3 outputs; count classes from \
             0, and give the last layer as many units as there are classes",
        ),
        (
            SPARSE,
            Tensor::from([1.0, 1.5]),
            "label 1.5 of sample 1 is not the index of a class: expected an integer from 0 to 2; \
             for numbers to be predicted use loss=\"mse\"",
        ),
        (
            SPARSE,
            Tensor::from([0.0, f32::NAN]),
            "label NaN of sample 1 is not a finite number; remove the samples without a label",
        ),
        (
            ONE_HOT,
            Tensor::from([[0.0, 1.0, 0.0], [0.0, f32::NAN, 0.0]]),
            "label NaN of sample 1 is not a finite number; remove the samples without a label",
        ),
        (
            SPARSE,
            Tensor::from([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]),
            "y: expected shape (None,), got (2, 3); these look like one-hot labels; use \
             loss=\"categorical_crossentropy\" for them, sparse_categorical_crossentropy takes the \
             index of the class",
        ),
        (
            ONE_HOT,
            Tensor::from([0.0, 1.0]),
            "y: expected shape (None, 3), got (2,); these look like indices of classes; use \
             loss=\"sparse_categorical_crossentropy\" for them, or one-hot labels",
        ),
        (
            "mse",
            Tensor::from([0.0, 1.0]),
            "y: expected shape (None, 3), got (2,); give the last layer 1 unit, or reshape y",
        ),
        (
            "mse",
            Tensor::zeros(&[2, 4, 5]),
            "y: expected shape (None, 3), got (2, 4, 5); the labels must go with the model's \
             output, whose shape its summary() shows",
        ),
        (
            "mse",
            Tensor::scalar(1.0),
            "y is a single number; the first axis of x and y must count the samples",
        ),
    ] {
        assert_eq!(refused(loss, &column(2), &y, fit()), message);
    }
    // Nothing is learned from a label that is no number; what comes of such inputs is to be seen.
    let nan = Tensor::from([f32::NAN]);
    for loss in ["mse", "mae", "huber", "log_cosh"] {
        let model = dense([[1.0]], [0.0], "linear").compile("sgd", loss, ()).unwrap();
        let error = model.evaluate(column(1), &nan).unwrap_err().to_string();
        assert!(error.starts_with("label NaN of sample 0 is not a finite number"), "{error}");
        assert!(model.evaluate(&nan, column(1)).unwrap()["loss"].is_nan());
    }
}

#[test]
fn amounts() {
    let (x, y) = (column(4), Tensor::from([0.0, 1.0, 2.0, 0.0]));
    let fit = FitOptions::new;
    let five = Tensor::zeros(&[5]);
    assert_eq!(
        refused(SPARSE, &x, &five, fit()),
        "data cardinality is ambiguous: x has 4 samples, y has 5; each sample needs one label, and \
         the first axis must count the samples"
    );
    for (options, message) in [
        (
            fit().sample_weight(&five),
            "data cardinality is ambiguous: x has 4 samples, y has 4, sample_weight has 5; each \
             sample needs one label, and the first axis must count the samples",
        ),
        (
            fit().sample_weight(Tensor::zeros(&[4, 2])),
            "sample_weight: expected shape (4,), got (4, 2); give one weight for each sample",
        ),
        (fit().batch_size(0), "invalid `batch_size`: expected at least 1, got 0; Keras' is 32"),
        (fit().validation_freq(0), "invalid `validation_freq`: expected at least 1, got 0"),
        (
            fit().validation_split(0.9),
            "validation_split=0.9 of 4 samples leaves none to train on; give more data or another \
             fraction, or use validation_data",
        ),
        (
            fit().validation_split(1.0),
            "invalid `validation_split`: expected a number from 0 to below 1, got 1",
        ),
        (
            fit().validation_split(f64::NAN),
            "invalid `validation_split`: expected a number from 0 to below 1, got NaN",
        ),
        (
            fit().sample_weight(&y).class_weight([(0, 1.0)]),
            "invalid `class_weight`: expected class_weight or sample_weight, got both of them; \
             multiply the weights of the classes into sample_weight",
        ),
        (
            fit().validation_sample_weight(&y),
            "invalid `validation_sample_weight`: expected validation_data beside it, got none; a \
             validation_split takes its weights from sample_weight",
        ),
        (
            fit().validation_data(column(2), Tensor::from([0.0, 9.0])),
            "label 9 of sample 1 is outside 0 to 2: the model has 3 outputs; count classes from 0, \
             and give the last layer as many units as there are classes",
        ),
    ] {
        assert_eq!(refused(SPARSE, &x, &y, options), message);
    }
    let none = Tensor::zeros(&[0, 1]);
    assert_eq!(
        refused(SPARSE, &none, &Tensor::zeros(&[0]), fit()),
        "there are no samples: x and y are empty; check how the data was read"
    );
    let fractions = Tensor::from([[0.5, 0.0, 0.5]; 4]);
    assert!(refused(ONE_HOT, &Tensor::zeros(&[4, 2]), &fractions, fit()).contains("(None, 1)"));
}

#[test]
fn class_weight_needs_classes() {
    let mut model = dense([[1.0]], [0.0], "linear").compile("sgd", "mse", ()).unwrap();
    let options = FitOptions::new().class_weight([(0, 1.0)]);
    let error = model.fit(column(2), Tensor::from([0.0, 0.5]), options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "class_weight needs classes for labels, but label 0.5 of sample 1 is none: expected a class \
         counted from 0; use sample_weight instead"
    );
}

#[test]
fn metrics_that_do_not_go_with_the_labels() {
    let model = dense([[1.0; 3]], [0.0; 3], "linear");
    let model = model.compile("sgd", SPARSE, "categorical_accuracy").unwrap();
    let error = model.evaluate(column(2), Tensor::from([0.0, 1.0])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "y of metric \"categorical_accuracy\": expected labels of the output's shape, got \
         (2,); use the metric that goes with these labels; \"accuracy\" finds it by itself"
    );
}

#[test]
fn a_model_without_layers() {
    let mut model = Sequential::new().compile("sgd", "mse", ()).unwrap();
    let options = FitOptions::new().verbose(Verbose::Silent);
    assert_eq!(
        model.fit(column(2), column(2), options).unwrap_err().to_string(),
        "the model has no layers, so there is nothing to train; add some"
    );
}

#[test]
fn a_model_without_weights() {
    let model = Sequential::from_layers([Dense::new(1)]).unwrap();
    let model = model.compile("sgd", "mse", ()).unwrap();
    assert_eq!(
        model.evaluate(column(2), column(2)).unwrap_err().to_string(),
        "the model has no weights yet: give it an Input, call model_mut().build(shape), or fit it"
    );
}

#[test]
fn binary_labels_outside_0_to_1() {
    let model = dense([[1.0]], [0.0], "sigmoid").compile("sgd", "binary_crossentropy", ()).unwrap();
    let error = model.evaluate([[0.0], [0.0]], [[1.0], [7.0]]).unwrap_err().to_string();
    assert_eq!(
        error,
        "label 7 of sample 1 is outside 0 to 1: binary crossentropy takes yes (1) or no (0); for \
         the index of a class use loss=\"sparse_categorical_crossentropy\""
    );
}

#[test]
fn one_label_for_an_output_of_many_axes() {
    let model = sequential![Input::new([4, 4]), Dense::new(3)].unwrap();
    let model = model.compile("sgd", "sparse_categorical_crossentropy", ()).unwrap();
    let error = model.evaluate(Tensor::zeros(&[2, 4, 4]), [0.0, 1.0]).unwrap_err().to_string();
    assert!(error.ends_with("add a Flatten layer before the last Dense"), "{error}");
}

/// A metric that would take the loss's place in the logs.
#[derive(Debug, Clone)]
struct Impostor;

impl ceratops_train::Metric for Impostor {
    fn name(&self) -> &str {
        "loss"
    }
    fn update(&mut self, _: &Tensor, _: &Tensor) -> ceratops_core::Result<()> {
        Ok(())
    }
    fn result(&self) -> f64 {
        0.0
    }
    fn reset(&mut self) {}
}

#[test]
fn a_metric_called_loss() {
    let model = dense([[1.0]], [0.0], "linear").compile("sgd", "mse", Impostor).unwrap();
    assert_eq!(
        model.evaluate(column(2), column(2)).unwrap_err().to_string(),
        "invalid `metrics`: expected another name than the loss has, got loss"
    );
}

#[test]
fn weights_for_a_model_that_has_none_yet() {
    let mut model = Sequential::from_layers([Dense::new(1)]).unwrap();
    assert_eq!(
        model.set_weights(&[Tensor::scalar(1.0)]).unwrap_err().to_string(),
        "there are no weights to set yet; build the model first, or give it an Input"
    );
}
