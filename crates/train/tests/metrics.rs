//! Metrics: which one a name means, under which name it is reported, what it counts.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::{Result, Tensor};
use ceratops_train::{
    Compile, CompiledModel, Metric,
    metrics::{self, AnyMetric, MeanMetric, Precision, binary_accuracy, categorical_accuracy},
};
use common::{assert_close, dense};

fn names(model: &CompiledModel, x: &Tensor, y: &Tensor) -> Vec<String> {
    model.evaluate(x, y).unwrap().names().map(str::to_owned).collect()
}

/// As in Keras the shapes decide which accuracy is meant, and not the loss.
#[test]
fn accuracy_follows_the_shapes() {
    // The output is (0, 1, 0.6) for every sample; a threshold of 0.5 and an argmax differ.
    let three = || dense([[0.0; 3]], [0.0, 1.0, 0.6], "linear");
    let x = Tensor::zeros(&[4, 1]);
    let one_hot =
        Tensor::from([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    for loss in ["mse", "binary_crossentropy", "categorical_crossentropy"] {
        let model = three().compile("sgd", loss, ["accuracy", "Accuracy", "acc"]).unwrap();
        let logs = model.evaluate(&x, &one_hot).unwrap();
        for name in ["accuracy", "Accuracy", "acc"] {
            assert_eq!(logs[name], 0.75, "{loss}");
        }
    }
    for y in [Tensor::from([1.0, 1.0, 0.0, 2.0]), Tensor::from([[1.0], [1.0], [0.0], [2.0]])] {
        let loss = "sparse_categorical_crossentropy";
        let model = three().compile("sgd", loss, "accuracy").unwrap();
        assert_eq!(model.evaluate(&x, &y).unwrap()["accuracy"], 0.5);
    }
    let one = dense([[1.0]], [0.0], "linear");
    let model = one.compile("sgd", "mse", "accuracy").unwrap();
    // 0.5 is not above the threshold.
    let x = Tensor::from([0.5, 0.6, 0.4, 0.9]);
    let logs = model.evaluate(&x, Tensor::from([0.0, 1.0, 1.0, 1.0])).unwrap();
    assert_eq!(logs["accuracy"], 0.75);
}

#[test]
fn crossentropy_follows_the_shapes_too() {
    let x = Tensor::zeros(&[2, 1]);
    for (y, expected) in [
        (Tensor::from([1.0, 1.0]), "sparse_categorical_crossentropy"),
        (Tensor::from([[0.0, 1.0], [0.0, 1.0]]), "categorical_crossentropy"),
    ] {
        for name in ["crossentropy", "CE"] {
            let loss = |loss: &str| {
                let model = dense([[0.0; 2]], [0.1, 0.7], "linear");
                model.compile("sgd", loss, ()).unwrap().evaluate(&x, &y).unwrap()["loss"]
            };
            assert_eq!(loss(name), loss(expected));
        }
    }
    let model = dense([[0.0]], [0.75], "linear").compile("sgd", "ce", ()).unwrap();
    let loss = model.evaluate(&x, Tensor::from([1.0, 1.0])).unwrap()["loss"];
    assert_close(loss, -(0.75_f64.ln()), 1e-7);
}

#[test]
fn names_are_reported_as_typed_and_counted() {
    let (x, y) = (Tensor::zeros(&[2, 1]), Tensor::zeros(&[2, 1]));
    let of = |metrics: Vec<AnyMetric>| {
        let model = dense([[1.0]], [0.0], "linear").compile("sgd", "mse", metrics).unwrap();
        names(&model, &x, &y)
    };
    let mae = || MeanMetric::of_loss(metrics_loss());
    assert_eq!(
        of(vec!["mse".into(), "mae".into(), "mae".into(), mae().into(), "MAE".into()]),
        ["MAE", "loss", "mae", "mae_1", "mean_absolute_error", "mse"]
    );
    let largest = MeanMetric::new("largest", |_, p| p.iter().copied().fold(0.0, f32::max).into());
    let model = dense([[1.0]], [0.0], "linear").compile("sgd", "mse", largest).unwrap();
    assert_eq!(names(&model, &x, &y), ["largest", "loss"]);
    let model = dense([[1.0]], [0.0], "linear").compile("sgd", "mse", &["mae"][..]).unwrap();
    assert_eq!(names(&model, &x, &y), ["loss", "mae"]);
}

fn metrics_loss() -> ceratops_train::losses::MeanAbsoluteError {
    ceratops_train::losses::MeanAbsoluteError {}
}

#[test]
fn identifiers_are_those_of_keras() {
    for name in "mse MSE mean_squared_error MeanSquaredError meanSquaredError mae MAE \
                 mean_absolute_error MeanAbsoluteError bce BCE binary_crossentropy \
                 BinaryCrossentropy categorical_crossentropy CategoricalCrossentropy \
                 sparse_categorical_crossentropy SparseCategoricalCrossentropy binary_accuracy \
                 BinaryAccuracy binaryAccuracy categorical_accuracy CategoricalAccuracy \
                 sparse_categorical_accuracy SparseCategoricalAccuracy"
        .split_whitespace()
    {
        assert_eq!(metrics::get(name).unwrap().name(), name);
    }
    for (name, nearest) in [("acuracy", "accuracy"), ("binary_acuracy", "binary_accuracy")] {
        let error = dense([[1.0]], [0.0], "linear").compile("sgd", "mse", name).unwrap_err();
        let text =
            format!("unknown metric `{name}`; did you mean `{nearest}`? (there are accuracy,");
        assert!(error.to_string().starts_with(&text), "{error}");
    }
}

#[test]
fn means_are_over_all_batches_until_reset() {
    let mut metric = metrics::get("mse").unwrap();
    assert_eq!(metric.result(), 0.0);
    metric.update(&Tensor::from([[0.0], [0.0]]), &Tensor::from([[1.0], [2.0]])).unwrap();
    metric.update(&Tensor::from([[0.0]]), &Tensor::from([[4.0]])).unwrap();
    assert_eq!(metric.result(), 7.0);
    metric.reset();
    assert_eq!(metric.result(), 0.0);
}

#[test]
fn accuracies_count_hits() {
    assert_eq!(binary_accuracy(&[1.0, 0.0, 1.0, 0.0], &[0.9, 0.5, 0.5, 0.6], 0.5), 0.5);
    // The first of equal maxima counts, as in NumPy.
    assert_eq!(categorical_accuracy(&[1.0, 0.0], &[0.5, 0.5]), 1.0);
    assert_eq!(categorical_accuracy(&[0.0, 1.0], &[0.5, 0.5]), 0.0);
}

/// The loss works on logits, the accuracy on what the model answers: sigmoid(0.4) is above 0.5.
#[test]
fn metrics_see_the_output_and_crossentropies_the_logits() {
    let metrics = ["accuracy", "binary_crossentropy", "mae"];
    let model = dense([[1.0]], [0.0], "sigmoid");
    let mut model = model.compile("sgd", "binary_crossentropy", metrics).unwrap();
    let (x, y) = (Tensor::from([0.4, -200.0]), Tensor::from([1.0, 1.0]));
    let expected = (200.0 + (-0.4_f64).exp().ln_1p()) / 2.0;
    for logs in [model.evaluate(&x, &y).unwrap(), model.train_on_batch(&x, &y).unwrap()] {
        assert_eq!(logs["accuracy"], 0.5);
        assert_close(logs["binary_crossentropy"], expected, 1e-7);
        assert_close(logs["loss"], expected, 1e-7);
        assert_close(logs["mae"], (1.0 + 1.0 - 1.0 / (1.0 + (-0.4_f64).exp())) / 2.0, 1e-6);
    }
}

/// Where the loss cannot be joined with the activation, all see the model's output.
#[test]
fn without_logits_metrics_see_probabilities() {
    let model = dense([[1.0]], [0.0], "sigmoid");
    let model = model.compile("sgd", "mse", "binary_crossentropy").unwrap();
    let logs = model.evaluate(Tensor::from([-200.0]), Tensor::from([1.0])).unwrap();
    assert_close(logs["binary_crossentropy"], 16.118_095_6, 1e-7);
}

/// A metric of your own says what weights do, or cannot be a weighted one. Its values are told apart.
#[test]
fn metrics_of_your_own_say_what_weights_do() {
    #[derive(Debug, Clone, Default)]
    struct Last([f64; 2]);
    impl Metric for Last {
        fn name(&self) -> &str {
            "last"
        }
        fn update(&mut self, y_true: &Tensor, y_pred: &Tensor) -> Result<()> {
            self.0 = [y_true, y_pred].map(|y| y.as_slice().last().copied().unwrap().into());
            Ok(())
        }
        fn result(&self) -> f64 {
            self.0[0]
        }
        fn results(&self) -> Vec<f64> {
            self.0.to_vec()
        }
        fn reset(&mut self) {
            self.0 = [0.0; 2];
        }
    }
    let (x, y) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0]));
    let model = || dense([[1.0]], [0.5], "linear").compile("sgd", "mse", Last::default()).unwrap();
    let logs = model().evaluate(&x, &y).unwrap();
    assert_eq!((logs["last[0]"], logs["last[1]"]), (4.0, 2.5));
    let model = model().with_weighted_metrics(Last::default()).unwrap();
    assert_eq!(model.evaluate(&x, &y).unwrap()["weighted_last[0]"], 4.0);
    let error = model.evaluate_weighted(&x, &y, [1.0, 2.0]).unwrap_err().to_string();
    assert!(error.starts_with("invalid `weighted_metrics`"), "{error}");
}

/// Names are counted as Keras counts them, those of weighted metrics apart.
#[test]
fn weighted_metrics_have_names_of_their_own() {
    let model = dense([[1.0]], [0.0], "linear").compile("sgd", "mse", ["mae", "mae"]).unwrap();
    let model = model.with_weighted_metrics(["mae", "mae", "mse"]).unwrap();
    let (x, y) = (Tensor::zeros(&[2, 1]), Tensor::zeros(&[2, 1]));
    assert_eq!(
        names(&model, &x, &y),
        ["loss", "mae", "mae_1", "mse", "weighted_mae", "weighted_mae_1"]
    );
    let config = model.compile_config().unwrap();
    assert_eq!(config["weighted_metrics"], serde_json::json!(["mae", "mae", "mse"]));
    let again = dense([[1.0]], [0.0], "linear").compile_from_config(&config).unwrap();
    assert_eq!(names(&again, &x, &y), names(&model, &x, &y));
}

/// Shapes, weights and settings that do not go together are errors, and no panic.
#[test]
fn what_does_not_fit_is_refused() {
    let (y, three) = (Tensor::zeros(&[4, 2]), Tensor::zeros(&[4, 3]));
    let deep = Tensor::zeros(&[4, 2, 2]);
    for name in "auc precision f1_score r2_score true_positives mae root_mean_squared_error \
                 pearson_correlation"
        .split_whitespace()
    {
        let mut metric = metrics::get(name).unwrap();
        assert!(metric.update(&y, &three).is_err(), "{name}");
        assert!(metric.update_weighted(&y, &y, &Tensor::zeros(&[3])).is_err(), "{name}");
    }
    for name in ["f1_score", "r2_score"] {
        assert!(metrics::get(name).unwrap().update(&deep, &deep).is_err(), "{name}");
    }
    for (class, config) in [
        ("AUC", serde_json::json!({"num_thresholds": 1})),
        ("AUC", serde_json::json!({"num_thresholds": 1e15})),
        ("AUC", serde_json::json!({"thresholds": [2]})),
        ("AUC", serde_json::json!({"num_labels": 3})),
        ("AUC", serde_json::json!({"curve": "ROCK"})),
        ("Precision", serde_json::json!({"thresholds": []})),
        ("Recall", serde_json::json!({"top_k": 0})),
        ("PrecisionAtRecall", serde_json::json!({"recall": 1.5})),
        ("RecallAtPrecision", serde_json::json!({})),
        ("FBetaScore", serde_json::json!({"beta": 0})),
        ("F1Score", serde_json::json!({"threshold": 0})),
        ("MeanIoU", serde_json::json!({"num_classes": 1_000_000_000})),
        ("IoU", serde_json::json!({"num_classes": 2, "target_class_ids": [2]})),
        ("OneHotIoU", serde_json::json!({"num_classes": 2, "target_class_ids": [1], "axis": 0})),
        ("TopKCategoricalAccuracy", serde_json::json!({"k": "all"})),
    ] {
        let entry = serde_json::json!({"class_name": class, "config": config});
        assert!(metrics::from_json(&entry).is_err(), "{entry}");
    }
    let mut second = metrics::AUC::new().multi_label(true);
    second.update(&y, &y).unwrap();
    assert!(second.update(&three, &three).is_err());
    assert!(Precision::new().class_id(2).update(&y, &y).is_err());
}

/// The labels' variance is 1.25, each prediction is 1 off: 1 - 1 / 1.25.
#[test]
fn the_spread_of_labels_far_from_0_is_not_lost() {
    let labels: Vec<f32> = (0..4000_u16).map(|i| 1e6 + f32::from(i % 4)).collect();
    let predictions = labels.iter().map(|y| y + 1.0).collect();
    let [y, p] = [labels, predictions].map(|numbers| Tensor::new(&[4000, 1], numbers).unwrap());
    let mut metric = metrics::get("r2_score").unwrap();
    // In two batches, as Keras' sums are gathered.
    for rows in [0..1500, 1500..4000] {
        let part = |all: &Tensor| all.batch_slice(rows.clone()).unwrap();
        metric.update(&part(&y), &part(&p)).unwrap();
    }
    assert!((metric.result() - 0.2).abs() < 1e-12, "{}", metric.result());
}
