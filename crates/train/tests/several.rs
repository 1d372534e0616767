//! Models of several inputs and outputs: compiled, trained, measured; what is wrong is said.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::{Purpose, Result, Tensor};
use ceratops_layers::{
    Add, BatchNormalization, CallLayer, Concatenate, Dense, Dropout, Input, IntoNode, Masking,
    Model,
};
use ceratops_train::{
    Batch, Callback, Compile, CompiledModel, Diagnose, FitOptions, Logs, Loss, Training, Verbose,
    losses::{Losses, MeanSquaredError},
    metrics::Metrics,
};
use rand::Rng;
use serde_json::json;

fn draw(dims: &[usize], seed: u64) -> Tensor {
    let mut rng = Purpose::Shuffle { epoch: 7 }.rng(seed);
    let numbers = (0..dims.iter().product()).map(|_| rng.random::<f32>() - 0.5).collect();
    Tensor::new(dims, numbers).unwrap()
}

fn classes(len: usize) -> Tensor {
    Tensor::from((0..len).map(|i| (i * 7 % 3) as f32).collect::<Vec<_>>())
}

/// Two inputs, `image` and `age`, and two outputs, `digit` and `size`.
fn model() -> Model {
    let image = Input::new([4]).named("image").tensor();
    let age = Input::new([2]).named("age").tensor();
    let h = Concatenate::new().call([&image, &age]).unwrap();
    let h = BatchNormalization::new().call(Dense::new(5).call(&h).unwrap()).unwrap();
    let h = Dropout::new(0.25).call(&h).unwrap();
    let digit = Dense::new(3).activation("softmax").named("digit").call(&h).unwrap();
    let size = Dense::new(1).named("size").call(&h).unwrap();
    Model::new([&image, &age], [&digit, &size]).unwrap()
}

const LOSSES: [(&str, &str); 2] = [("size", "mse"), ("digit", "sparse_categorical_crossentropy")];

fn compiled() -> CompiledModel {
    model().compile("adam", LOSSES, [("size", ["mae"]), ("digit", ["accuracy"])]).unwrap()
}

fn silent<'a>() -> FitOptions<'a> {
    FitOptions::new().verbose(Verbose::Silent).batch_size(4)
}

#[test]
fn names_and_order_are_the_same_training() {
    let (image, age, digit, size) =
        (draw(&[10, 4], 1), draw(&[10, 2], 2), classes(10), draw(&[10], 3));
    let train = |fit: &dyn Fn(&mut CompiledModel) -> Result<ceratops_train::History>| {
        let mut model = compiled();
        let history = fit(&mut model).unwrap();
        (model.get_weights(), history["loss"].to_vec())
    };
    let by_name = train(&|model| {
        let x = [("age", &age), ("image", &image)];
        model.fit(x, [("size", &size), ("digit", &digit)], silent().epochs(3))
    });
    let in_order = train(&|model| model.fit([&image, &age], [&digit, &size], silent().epochs(3)));
    assert_eq!(by_name, in_order);
    let batches = train(&|model| {
        let parts = |_| {
            let all = [image.clone(), age.clone(), digit.clone(), size.clone()];
            (0..3).map(move |i| {
                let part = |k: usize| all[k].batch_slice(i * 4..(i * 4 + 4).min(10));
                Ok(Batch::new([("image", part(0)?), ("age", part(1)?)], [part(2)?, part(3)?]))
            })
        };
        model.fit_batches(parts, silent().epochs(3))
    });
    let unshuffled = train(&|model| {
        model.fit([&image, &age], [&digit, &size], silent().epochs(3).shuffle(false))
    });
    assert_eq!(batches, unshuffled);
}

#[test]
fn history_is_named_as_keras_names_it() {
    let (x, y) = ([draw(&[10, 4], 1), draw(&[10, 2], 2)], [classes(10), draw(&[10, 1], 3)]);
    let weights = [Tensor::full(&[10], 1.0), draw(&[10], 5)];
    let mut model = compiled().with_weighted_metrics([("size", ["mae", "mse"])]).unwrap();
    let options = silent().validation_split(0.2).sample_weight(weights);
    let history = model.fit(x, y, options).unwrap();
    let names: Vec<&str> = history.names().filter(|name| !name.starts_with("val_")).collect();
    assert_eq!(
        names,
        [
            "digit_accuracy",
            "digit_loss",
            "loss",
            "size_loss",
            "size_mae",
            "size_mse",
            "size_weighted_mae"
        ]
    );
    assert!(history.names().any(|name| name == "val_size_weighted_mae"));
}

#[test]
fn the_total_is_the_weighted_sum() {
    let (x, y) = ([draw(&[9, 4], 1), draw(&[9, 2], 2)], [classes(9), draw(&[9, 1], 3)]);
    let model = compiled().with_loss_weights([("digit", 0.5), ("size", 3.0)]);
    let logs = model.evaluate(x.clone(), y.clone()).unwrap();
    let total = 0.5 * logs["digit_loss"] + 3.0 * logs["size_loss"];
    assert!((logs["loss"] - total).abs() < 1e-12, "{logs}");
    // One number is for all.
    let twice = compiled().with_loss_weights(2.0).evaluate(x, y).unwrap();
    assert!((twice["loss"] - 2.0 * (logs["digit_loss"] + logs["size_loss"])).abs() < 1e-12);
}

/// An output without a loss needs no labels, and its own layers learn nothing.
#[test]
fn an_output_without_a_loss() {
    let [image, age, size] = [draw(&[8, 4], 1), draw(&[8, 2], 2), draw(&[8, 1], 3)];
    let mut model = model().compile("sgd", [None, Some("mse")], ()).unwrap();
    let before = model.get_layer("digit").unwrap().params()[0].value().clone();
    let history = model.fit([&image, &age], [("size", &size)], silent()).unwrap();
    assert_eq!(history.names().collect::<Vec<_>>(), ["loss"]);
    assert_eq!(model.get_layer("digit").unwrap().params()[0].value(), &before);
    // Where it has a metric it needs labels.
    let model = model.into_model().compile("sgd", [None, Some("mse")], [("digit", "accuracy")]);
    let error = model.unwrap().evaluate([&image, &age], [("size", &size)]).unwrap_err();
    assert!(error.to_string().contains("labels for the output \"digit\""), "{error}");
}

#[test]
fn sample_weights_of_each_output() {
    let (x, y) = ([draw(&[8, 4], 1), draw(&[8, 2], 2)], [classes(8), draw(&[8, 1], 3)]);
    let (ones, zeros, some) = (Tensor::full(&[8], 1.0), Tensor::zeros(&[8]), draw(&[8], 4));
    let model = compiled();
    let plain = model.evaluate(x.clone(), y.clone()).unwrap();
    let of = |weights: ceratops_core::Inputs| {
        model.evaluate_weighted(x.clone(), y.clone(), weights).unwrap()
    };
    assert_eq!(of(ones.clone().into()), plain);
    let only_digit = of([("size", &zeros)].into());
    assert_eq!((only_digit["size_loss"], only_digit["loss"]), (0.0, plain["digit_loss"]));
    let (a, b) = (of([ones, some.clone()].into()), of([("size", some)].into()));
    assert_eq!(a, b);
}

#[test]
fn mistakes_are_said() {
    let (x, y) = ([draw(&[6, 4], 1), draw(&[6, 2], 2)], [classes(6), draw(&[6, 1], 3)]);
    let error = |result: Result<CompiledModel>| result.unwrap_err().to_string();
    for (found, part) in [
        (
            error(model().compile("sgd", ["mse"], ())),
            "each of the outputs \"digit\", \"size\", got one",
        ),
        (
            error(model().compile("sgd", [("size", "mse")], ())),
            "none for \"digit\"; an output without a loss is given None",
        ),
        (
            error(model().compile("sgd", [("sise", "mse")], ())),
            "unknown output `sise`; did you mean `size`?",
        ),
        (
            error(model().compile("sgd", [("size", "mze"), ("digit", "mse")], ())),
            "unknown loss `mze`",
        ),
        (error(model().compile("sgd", "mse", ["mae"])), "each of the outputs"),
        (error(model().compile("sgd", "mse", [("sise", "mae")])), "unknown output `sise`"),
        (error(model().compile("sgd", [None::<&str>, None], ())), "a loss for one output at least"),
    ] {
        assert!(found.contains(part), "{found}\n is not\n{part}");
    }
    let fit = |x: ceratops_core::Inputs, y: ceratops_core::Inputs, options: FitOptions<'_>| {
        compiled().fit(x, y, options).unwrap_err().to_string()
    };
    let [image, age] = &x;
    let [digit, size] = &y;
    let short = digit.batch_slice(0..5).unwrap();
    for (found, part) in [
        (
            fit(image.into(), y.clone().into(), silent()),
            "`x`: expected one for each of the inputs \"image\", \"age\", got one",
        ),
        (fit([("image", image)].into(), y.clone().into(), silent()), "none for \"age\""),
        (
            fit(x.clone().into(), digit.into(), silent()),
            "`y`: expected one for each of the outputs",
        ),
        (
            fit(x.clone().into(), [("digit", digit)].into(), silent()),
            "labels for the output \"size\"",
        ),
        (fit([age, image].into(), y.clone().into(), silent()), "input \"image\""),
        (
            fit(x.clone().into(), [&short, size].into(), silent()),
            "x of \"image\" has 6 samples, x of \"age\" has 6, y of \"digit\" has 5, y of \"size\" has 6",
        ),
        (fit(x.clone().into(), [size, digit].into(), silent()), "y of \"digit\": label"),
        (
            fit(x.clone().into(), y.clone().into(), silent().class_weight([(0, 2.0)])),
            "expected a model of one output, got a model of 2 outputs",
        ),
        (
            fit(x.clone().into(), y.clone().into(), silent().sample_weight([("sise", size)])),
            "unknown output `sise`",
        ),
    ] {
        assert!(found.contains(part), "{found}\n is not\n{part}");
    }
    let weights = compiled().with_loss_weights([("sise", 1.0)]).evaluate(x, y).unwrap_err();
    assert!(weights.to_string().contains("unknown output `sise`"), "{weights}");
}

#[test]
fn another_model_in_place_of_the_compiled_one() {
    let mut compiled = model().compile("sgd", "mse", ()).unwrap();
    let x = Input::new([4]).tensor();
    *compiled.model_mut() = Model::new(&x, Dense::new(1).call(&x).unwrap()).unwrap();
    let error = compiled.evaluate(draw(&[2, 4], 1), draw(&[2, 1], 2)).unwrap_err().to_string();
    assert!(error.contains("has 1 outputs now, and was compiled for 2"), "{error}");
}

/// Tells the names of what it is shown.
struct Sees(Vec<String>);

impl Callback for Sees {
    fn on_train_batch_end(
        &mut self,
        _: usize,
        _: &Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        let batch = training.batch().unwrap();
        self.0.push(format!("{} of {:?}", batch.len(), batch.y.iter().count()));
        Ok(())
    }
}

#[test]
fn callbacks_see_the_batch() {
    let (x, y) = ([draw(&[6, 4], 1), draw(&[6, 2], 2)], [classes(6), draw(&[6, 1], 3)]);
    let mut sees = Sees(Vec::new());
    compiled().fit(x, y, silent().callback(&mut sees)).unwrap();
    assert_eq!(sees.0, ["4 of 2", "2 of 2"]);
}

#[test]
fn diagnosis_names_the_place() {
    let (x, y) = ([draw(&[6, 4], 1), draw(&[6, 2], 2)], [classes(6), draw(&[6, 1], 3)]);
    let model = compiled();
    let healthy = model.diagnose_training(x.clone(), y.clone()).unwrap();
    assert_eq!((healthy.samples, &healthy.origin), (6, &None));
    let digit = healthy.layer("digit").unwrap();
    // Its output is that of the softmax, although the loss works on logits.
    assert!((digit.output.mean - 1.0 / 3.0).abs() < 1e-6, "{:?}", digit.output);
    assert!(digit.weights[0].gradient.is_some());
    let mut broken = x.clone();
    broken[1].as_mut_slice()[3] = f32::NAN;
    let found = model.diagnose([("image", &broken[0]), ("age", &broken[1])]).unwrap();
    let found = found.origin.unwrap().to_string();
    assert!(found.contains("x[\"age\"]"), "{found}");
}

#[test]
fn what_was_compiled_is_written_and_read() {
    let model = compiled().with_loss_weights([("digit", 2.0), ("size", 1.0)]);
    let config = model.compile_config().unwrap();
    assert_eq!(config["loss"], json!({"size": "mse", "digit": "sparse_categorical_crossentropy"}));
    assert_eq!(config["metrics"], json!({"size": ["mae"], "digit": ["accuracy"]}));
    assert_eq!(config["loss_weights"], json!({"digit": 2.0, "size": 1.0}));
    let again = crate::model().compile_from_config(&config).unwrap();
    assert_eq!(again.compile_config().unwrap(), config);
    let (x, y) = ([draw(&[6, 4], 1), draw(&[6, 2], 2)], [classes(6), draw(&[6, 1], 3)]);
    assert_eq!(again.evaluate(x.clone(), y.clone()).unwrap(), model.evaluate(x, y).unwrap());

    // Keras 2 lets outputs without a loss out, and means plain metrics for all.
    let config =
        json!({"optimizer": "sgd", "loss": {"size": "mse"}, "metrics": ["mae", "mse", "mae"]});
    let model = crate::model().compile_from_config(&config).unwrap();
    let logs =
        model.evaluate([draw(&[4, 4], 1), draw(&[4, 2], 2)], [draw(&[4, 3], 3), draw(&[4, 1], 3)]);
    let names: Vec<String> = logs.unwrap().iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names.len(), 7, "{names:?}");
    let mut not_understood = Vec::new();
    Metrics::from_json("metrics", &json!({"size": ["mae", "AUK"]}), &mut not_understood);
    assert!(not_understood[0].to_string().starts_with("metrics.size[1]: unknown metric"));
    let error = Losses::from_json(&json!({"size": "mze"})).unwrap_err().to_string();
    assert!(error.starts_with("size: unknown loss `mze`"), "{error}");
}

/// Real Keras 3.15: the loss of masked steps is the mean over those that count, and so are metrics that
/// are means; the numbers are those of the same steps by themselves.
#[test]
fn masked_steps_do_not_count() {
    let mut x = draw(&[4, 3, 2], 1);
    let masked = [(0, 1), (0, 2), (1, 2), (3, 0), (3, 1), (3, 2)];
    for (sample, step) in masked {
        x.as_mut_slice()[(sample * 3 + step) * 2..][..2].fill(0.0);
    }
    let y = draw(&[4, 3, 1], 2);
    let input = Input::new([3, 2]).tensor();
    let h = Masking::new(0.0).call(&input).unwrap();
    let out = Add::new().call([&Dense::new(1).call(&h).unwrap(), &Dense::new(1).call(&h).unwrap()]);
    let model = Model::new(&input, out.unwrap()).unwrap();
    let predicted = model.predict(&x).unwrap();
    let kept = (0..12).filter(|i| !masked.contains(&(i / 3, i % 3)));
    let errors: Vec<f64> =
        kept.map(|i| f64::from(predicted.as_slice()[i] - y.as_slice()[i])).collect();
    let mean = |of: &dyn Fn(f64) -> f64| errors.iter().map(|&e| of(e)).sum::<f64>() / 6.0;
    let compiled = model.clone().compile("sgd", "mse", ["mae", "mse"]).unwrap();
    let logs = compiled.evaluate(&x, &y).unwrap();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    near(logs["loss"], mean(&|e| e * e));
    near(logs["mse"], mean(&|e| e * e));
    near(logs["mae"], mean(&f64::abs));
    let sum = MeanSquaredError {}.with_reduction(ceratops_train::losses::Reduction::Sum);
    let logs = model.clone().compile("sgd", sum, ()).unwrap().evaluate(&x, &y).unwrap();
    near(logs["loss"], 6.0 * mean(&|e| e * e));
    // Masked steps give no gradient: other labels there change nothing.
    let train = |y: &Tensor| {
        let mut model = model.clone().compile("sgd", "mse", ()).unwrap();
        model.fit(&x, y, silent().epochs(2)).unwrap();
        model.get_weights()
    };
    let mut other = y.clone();
    for (sample, step) in masked {
        other.as_mut_slice()[sample * 3 + step] = 9.0;
    }
    assert_eq!(train(&y), train(&other));
}
