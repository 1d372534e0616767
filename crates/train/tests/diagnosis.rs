//! Diagnosis: numbers worked out by hand, sick models and healthy ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use ceratops_core::Tensor;
use ceratops_layers::{
    BatchNormalization, Conv2D, DataFormat, Dense, Dropout, Input, IntoNode, PReLU, ReLU,
    Sequential, sequential,
};
use ceratops_train::{
    AdviceKind, Compile, CompiledModel, Diagnose, Diagnosis, Origin,
    diagnose::NotFinite,
    optimizers::{Adam, SGD},
};
use common::assert_close;

/// Numbers that look drawn, of mean 0 and size 1.
fn data(samples: usize, width: usize) -> Tensor {
    let number = |i: usize| 1.4 * ((i * i + 3 * i) as f32 * 0.37).sin();
    Tensor::new(&[samples, width], (0..samples * width).map(number).collect()).unwrap()
}

fn labels(samples: usize) -> Tensor {
    Tensor::new(&[samples], (0..samples).map(|i| (i % 3) as f32).collect()).unwrap()
}

/// Three classes of 6 numbers, with two hidden layers.
fn network(activation: &str) -> Sequential {
    sequential![
        Input::new([6]),
        Dense::new(24).activation(activation),
        Dense::new(24).activation(activation),
        Dense::new(3).activation("softmax"),
    ]
    .unwrap()
}

fn compile(model: Sequential) -> CompiledModel {
    model.compile("adam", "sparse_categorical_crossentropy", ()).unwrap()
}

fn kinds(diagnosis: &Diagnosis) -> Vec<AdviceKind> {
    diagnosis.advice.iter().map(|advice| advice.kind).collect()
}

#[track_caller]
fn assert_advice(diagnosis: &Diagnosis, kind: AdviceKind, layer: &str, words: &str) {
    let found = diagnosis.advice.iter().find(|advice| advice.kind == kind);
    let found = found.unwrap_or_else(|| panic!("no {kind:?} in\n{diagnosis}"));
    assert_eq!(found.layer.as_deref().unwrap_or(""), layer, "{found}");
    assert!(found.sentence.contains(words), "{found}");
    assert!(diagnosis.to_string().contains(&found.sentence), "{diagnosis}");
}

#[test]
fn the_numbers_are_those_worked_out_by_hand() {
    // Outputs 4.5 and 5.5 where 1 and 2 are wanted: the gradient is 3.5 for both. The second of
    // the hidden units is dead.
    let mut model =
        sequential![Input::new([2]), Dense::new(2).activation("relu"), Dense::new(1)].unwrap();
    let kernel = Tensor::from([[1.0, -1.0], [0.5, -2.0]]);
    let weights = [kernel, Tensor::zeros(&[2]), [[2.0], [1.0]].into(), [0.5].into()];
    model.set_weights(&weights).unwrap();
    let model = model.compile(SGD::new(0.01), "mse", ()).unwrap();
    let x = Tensor::from([[1.0, 2.0], [3.0, -1.0]]);
    let found = model.diagnose_training(&x, [1.0, 2.0]).unwrap();
    assert_eq!((found.samples, found.loss), (2, Some(12.25)));

    let hidden = found.layer("dense").unwrap();
    assert_eq!((hidden.dead, hidden.saturated), (Some(0.5), None));
    assert_eq!((hidden.output.mean, hidden.output.min, hidden.output.max), (1.125, 0.0, 2.5));
    assert_close(hidden.output.std, (5.1875f64 / 4.0).sqrt(), 1e-12);
    let gradient = hidden.gradient.unwrap();
    assert_eq!((gradient.mean, gradient.std), (5.25, 1.75));
    let kernel = &hidden.weights[0];
    assert_eq!((kernel.name.as_str(), kernel.learns), ("kernel", true));
    assert_close(kernel.gradient.unwrap().norm, 28f64.hypot(7.0), 1e-12);
    assert_close(kernel.update.unwrap(), 0.28f64.hypot(0.07), 1e-6);
    assert_close(kernel.update_to_weight.unwrap(), 0.28f64.hypot(0.07) / 2.5, 1e-6);
    assert_eq!(hidden.weights[1].update_to_weight, None, "the bias is 0");
    assert_close(hidden.weights[1].update.unwrap(), 0.14, 1e-6);
    assert_close(hidden.update_to_weight.unwrap(), 0.28f64.hypot(0.07).hypot(0.14) / 2.5, 1e-6);

    let last = &found.layers[1];
    assert_eq!((last.gradient.unwrap().mean, last.gradient.unwrap().std), (3.5, 0.0));
    assert_close(last.weights[0].gradient.unwrap().norm, 15.75, 1e-12);
    assert_close(last.weights[1].gradient.unwrap().norm, 7.0, 1e-12);
}

#[test]
fn gradients_are_the_numerical_ones() {
    let model = network("tanh").compile("sgd", "sparse_categorical_crossentropy", ()).unwrap();
    let (x, y) = (data(40, 6), labels(40));
    let found = model.diagnose_training(&x, &y).unwrap();
    let mut changed = model.clone();
    let mut first = 0;
    for layer in &found.layers {
        for (k, weight) in layer.weights.iter().enumerate() {
            let at = first + k;
            let value = model.get_weights()[at].clone();
            let slope = |i: usize| {
                let mut loss = |step: f32| {
                    let mut moved = value.clone();
                    moved.as_mut_slice()[i] += step;
                    changed.model_mut().params_mut()[at].set_value(moved).unwrap();
                    let loss = changed.evaluate(&x, &y).unwrap()["loss"];
                    changed.model_mut().params_mut()[at].set_value(value.clone()).unwrap();
                    loss
                };
                (loss(1e-2) - loss(-1e-2)) / 2e-2
            };
            let slopes: Vec<f64> = (0..value.len()).map(slope).collect();
            let norm = slopes.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
            assert_close(weight.gradient.unwrap().norm, norm, 2e-4);
        }
        first += layer.weights.len();
    }
    assert_eq!(first, 6);
}

#[test]
fn the_update_is_the_one_that_training_makes() {
    let inner = sequential![Dense::new(16).activation("relu"), BatchNormalization::new()].unwrap();
    let model = sequential![
        Input::new([6]),
        inner.with_name("inner"),
        Dropout::new(0.5),
        Dense::new(8).activation(PReLU::new()).kernel_regularizer("l2"),
        Dense::new(3).activation("softmax"),
    ]
    .unwrap();
    let mut model = compile(model);
    let (x, y) = (data(40, 6), labels(40));
    // With slots of Adam that are not 0.
    model.train_on_batch(&x, &y).unwrap();
    let (before, state) = (model.get_weights(), model.optimizer_state().iterations());
    let found = model.diagnose_training(&x, &y).unwrap();
    assert_eq!(model.get_weights(), before, "nothing of the model changes");
    assert_eq!(model.optimizer_state().iterations(), state);

    let logs = model.train_on_batch(&x, &y).unwrap();
    assert_close(found.loss.unwrap(), logs["loss"], 1e-6);
    let names: Vec<&str> = found.layers.iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(
        names,
        ["inner/dense", "inner/batch_normalization", "dropout", "dense_1", "dense_2"]
    );
    let weights = found.layers.iter().flat_map(|layer| &layer.weights);
    for ((weight, before), after) in weights.zip(&before).zip(&model.get_weights()) {
        let pairs = before.as_slice().iter().zip(after.as_slice());
        let moved = pairs.map(|(a, b)| f64::from(b - a).powi(2)).sum::<f64>().sqrt();
        match weight.update {
            Some(update) => assert_close(update / moved, 1.0, 2e-3),
            None => assert!(weight.name.starts_with("moving_"), "{weight:?}"),
        }
    }
}

#[test]
fn many_samples_give_what_few_at_a_time_give() {
    let model = compile(network("relu"));
    let (x, y) = (data(1000, 6), labels(1000));
    let found = model.diagnose_training(&x, &y).unwrap();
    let outputs = model.layer_outputs(&x).unwrap();
    for (layer, output) in found.layers.iter().zip(&outputs) {
        let numbers: Vec<f64> = output.as_slice().iter().map(|&y| f64::from(y)).collect();
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let variance = numbers.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n;
        assert_close(layer.output.mean, mean, 1e-6);
        assert_close(layer.output.std, variance.sqrt(), 1e-6);
        assert_eq!(layer.output.count, output.len());
    }
    let answered = model.diagnose(&x).unwrap();
    for (a, b) in found.layers.iter().zip(&answered.layers) {
        assert_close(a.output.mean, b.output.mean, 1e-6);
        assert_eq!(a.dead, b.dead);
    }
    assert!(answered.loss.is_none() && answered.layers[0].gradient.is_none());
}

#[test]
fn healthy_models_are_left_alone() {
    let (x, y) = (data(64, 6), labels(64));
    for activation in ["relu", "tanh", "sigmoid", "elu", "hard_sigmoid", "softsign", "linear"] {
        let mut model = compile(network(activation));
        for _ in 0..30 {
            let found = model.diagnose_training(&x, &y).unwrap();
            assert!(found.advice.is_empty(), "{found}");
            assert!(found.to_string().ends_with("Nothing unusual was found."));
            assert_eq!(model.diagnose(&x).unwrap().advice, []);
            model.train_on_batch(&x, &y).unwrap();
        }
    }
    // What is learned perfectly has no gradient, which is as it should be.
    let model = sequential![Input::new([1]), Dense::new(1)].unwrap();
    let model = model.compile("sgd", "mse", ()).unwrap();
    let found = model.diagnose_training(&x, model.predict(&x).unwrap_or(x.clone()));
    assert!(found.is_err(), "the data do not fit");
    let x = data(32, 1);
    let found = model.diagnose_training(&x, model.predict(&x).unwrap()).unwrap();
    assert_eq!((found.loss, found.advice), (Some(0.0), vec![]));
}

#[test]
fn dead_units_are_found() {
    let mut model = network("relu");
    model.params_mut()[3].set_value(Tensor::full(&[24], -100.0)).unwrap();
    let found = compile(model.clone()).diagnose_training(data(32, 6), labels(32)).unwrap();
    assert_eq!(found.layers[1].dead, Some(1.0));
    assert_eq!(kinds(&found), [AdviceKind::DeadUnits, AdviceKind::NoGradient]);
    assert_advice(&found, AdviceKind::DeadUnits, "dense_1", "100% of its units are dead");
    assert_advice(&found, AdviceKind::NoGradient, "dense_1", "no gradient at all");
    // A few samples say nothing of that.
    assert_eq!(model.diagnose(data(31, 6)).unwrap().advice, []);
    // A filter is one unit, wherever its channel stands.
    for (format, shape) in
        [(DataFormat::ChannelsLast, [4, 4, 1]), (DataFormat::ChannelsFirst, [1, 4, 4])]
    {
        let convolution = Conv2D::new(2, 3).data_format(format);
        let mut model = sequential![Input::new(shape), convolution, ReLU::new()].unwrap();
        model.params_mut()[0].set_value(Tensor::zeros(&[3, 3, 1, 2])).unwrap();
        model.params_mut()[1].set_value([1.0, -1.0].into()).unwrap();
        let x = Tensor::zeros(&[&[2], shape.as_slice()].concat());
        assert_eq!(model.diagnose(x).unwrap().layers[1].dead, Some(0.5), "{format:?}");
    }
}

#[test]
fn saturation_is_found_in_hidden_layers() {
    for activation in ["tanh", "sigmoid"] {
        let mut model = network(activation);
        let large = model.get_weights()[0].clone().map(|w| 100.0 * w);
        model.params_mut()[0].set_value(large).unwrap();
        let found = model.diagnose(data(32, 6)).unwrap();
        assert!(found.layers[0].saturated.unwrap() > 0.8, "{found}");
        assert_eq!(kinds(&found), [AdviceKind::Saturated]);
        assert_advice(&found, AdviceKind::Saturated, "dense", "saturated");
    }
    // A certain answer is no illness.
    let mut model = network("relu");
    let large = model.get_weights()[4].clone().map(|w| 1000.0 * w);
    model.params_mut()[4].set_value(large).unwrap();
    let found = model.diagnose(data(32, 6)).unwrap();
    assert!(found.layers[2].saturated.unwrap() > 0.9, "{found}");
    assert_eq!(found.advice, []);
}

#[test]
fn gradients_that_vanish_or_explode_are_found() {
    let deep = |activation: &str, layers: usize| {
        let mut model = sequential![Input::new([6])].unwrap();
        for _ in 0..layers {
            model.add(Dense::new(16).activation(activation)).unwrap();
        }
        model.add(Dense::new(3).activation("softmax")).unwrap();
        model
    };
    let (x, y) = (data(32, 6), labels(32));
    let found = compile(deep("sigmoid", 20)).diagnose_training(&x, &y).unwrap();
    assert_eq!(kinds(&found), [AdviceKind::VanishingGradient]);
    assert_advice(&found, AdviceKind::VanishingGradient, "dense", "from dense_20 to dense");
    // The gradient itself was not lost by looking.
    let norms: Vec<f64> = found.layers.iter().map(|layer| layer.gradient.unwrap().norm).collect();
    assert!(norms[..20].windows(2).all(|pair| pair[0] < pair[1]), "{norms:?}");

    let mut model = deep("linear", 6);
    for param in model.params_mut() {
        let larger = param.value().clone().map(|w| 20.0 * w);
        param.set_value(larger).unwrap();
    }
    let found = compile(model).diagnose_training(&x, &y).unwrap();
    assert_eq!(kinds(&found), [AdviceKind::GrowingActivations, AdviceKind::ExplodingGradient]);
}

#[test]
fn updates_of_the_wrong_size_are_found() {
    let (x, y) = (data(32, 6), labels(32));
    let loss = "sparse_categorical_crossentropy";
    let model = network("relu").compile(SGD::new(1e4), loss, ()).unwrap();
    let found = model.diagnose_training(&x, &y).unwrap();
    assert_eq!(kinds(&found), [AdviceKind::LargeUpdate]);
    assert!(found.largest_update().unwrap().1 > 10.0);
    let model = network("relu").compile(SGD::new(1e-9), loss, ()).unwrap();
    let found = model.diagnose_training(&x, &y).unwrap();
    assert_eq!(kinds(&found), [AdviceKind::SmallUpdate]);
    // Where gradients are gathered, there is no update yet.
    use ceratops_train::Optimizer;
    let gathering = Adam::new(1e4).gradient_accumulation_steps(2);
    let mut model = network("relu").compile(gathering, loss, ()).unwrap();
    assert_eq!(model.diagnose_training(&x, &y).unwrap().advice, []);
    model.train_on_batch(&x, &y).unwrap();
    assert_eq!(kinds(&model.diagnose_training(&x, &y).unwrap()), [AdviceKind::LargeUpdate]);
}

#[test]
fn slopes_of_p_re_lu_are_told() {
    let layer = || Dense::new(4).activation(PReLU::new());
    let mut model = sequential![Input::new([6]), layer().named("held"), PReLU::new()].unwrap();
    let slopes = |model: &mut Sequential, index: usize, slopes: [f32; 4]| {
        model.params_mut()[index].set_value(slopes.into()).unwrap();
    };
    assert_eq!(model.diagnose(data(32, 6)).unwrap().layers[1].slopes.unwrap().zero, 1.0);
    slopes(&mut model, 2, [-0.5, -0.25, -0.25, 1.0]);
    slopes(&mut model, 3, [1.5, 2.0, 3.5, 0.0]);
    let found = model.diagnose(data(32, 6)).unwrap();
    let held = found.layers[0].slopes.unwrap();
    assert_eq!((held.values.min, held.values.mean, held.values.max), (-0.5, 0.0, 1.0));
    assert_eq!((held.negative, held.zero, held.above_one), (0.75, 0.0, 0.0));
    assert_eq!(found.layers[1].slopes.unwrap().above_one, 0.75);
    assert_eq!(kinds(&found), [AdviceKind::NegativeSlopes, AdviceKind::SteepSlopes]);
    let line = " held: 4 slopes from -0.500 to 1.000, mean 0; 75% negative, 0% above 1";
    assert!(found.to_string().contains(line), "{found}");
}

#[test]
fn what_stands_in_the_way_of_learning_is_found() {
    let pixels = data(32, 6).map(|x| (80.0 * x + 120.0).clamp(0.0, 255.0));
    let found = network("relu").diagnose(&pixels).unwrap();
    assert_eq!(kinds(&found), [AdviceKind::UnscaledInput]);
    let scaling = sequential![Input::new([6]), BatchNormalization::new(), Dense::new(1)].unwrap();
    assert_eq!(scaling.diagnose(&pixels).unwrap().advice, []);
    let one = sequential![Input::new([6]), Dense::new(1).activation("softmax")].unwrap();
    assert_eq!(kinds(&one.diagnose(data(9, 6)).unwrap()), [AdviceKind::SoftmaxOfOne]);
}

#[test]
fn the_first_number_that_is_not_finite_is_named() {
    let (x, y) = (data(32, 6), labels(32));
    let healthy = compile(network("relu"));
    let mut bad = x.clone();
    bad.as_mut_slice()[17 * 6 + 4] = f32::NAN;
    let found = healthy.diagnose_training(&bad, &y).unwrap();
    let (position, value) = (vec![4], NotFinite::NaN);
    let origin = Origin::Data { array: "x", of: None, sample: 17, position, value, samples: 1 };
    assert_eq!(found.origin, Some(origin));
    assert_eq!(kinds(&found), [AdviceKind::NotFinite]);
    assert_advice(&found, AdviceKind::NotFinite, "", "the first is NaN, in sample 17 at (4,)");
    assert_eq!(healthy.diagnose(&bad).unwrap().origin, found.origin);

    let mut bad = y.clone();
    bad.as_mut_slice()[3] = f32::INFINITY;
    let found = healthy.diagnose_training(&x, &bad).unwrap();
    let (position, value) = (vec![], NotFinite::Infinite);
    let origin = Origin::Data { array: "y", of: None, sample: 3, position, value, samples: 1 };
    assert_eq!((found.origin, found.loss), (Some(origin), None));

    let mut model = network("relu");
    model.params_mut()[2].value_mut()[24 * 2 + 5] = f32::NAN;
    let found = model.diagnose(&x).unwrap();
    let (weight, position) = ("dense_1/kernel".into(), vec![2, 5]);
    let value = NotFinite::NaN;
    let origin = Origin::Weight { weight, position, value, count: 1, of: 576 };
    assert_eq!(found.origin, Some(origin));
}

#[test]
fn overflow_is_named_where_it_happens() {
    let (x, y) = (data(32, 6), labels(32));
    let mut model = network("relu");
    for index in [0, 2] {
        let large = model.get_weights()[index].clone().map(|w| 1e25 * w);
        model.params_mut()[index].set_value(large).unwrap();
    }
    let found = model.diagnose(&x).unwrap();
    let Some(Origin::Output { layer, value, largest_input, .. }) = &found.origin else {
        panic!("{found}");
    };
    assert_eq!((layer.as_str(), *value), ("dense_1", NotFinite::Infinite));
    assert_eq!(*largest_input, found.layers[0].output.max);
    assert!(found.advice[0].sentence.contains("f32 ends at 3.4e38"), "{found}");

    // Out and back: the loss of numbers near 1e30 fits, their product with the gradient does not.
    let regression = |optimizer: SGD| {
        let model = sequential![Input::new([6]), Dense::new(4), Dense::new(1)].unwrap();
        model.compile(optimizer, "mse", ()).unwrap()
    };
    let found =
        regression(SGD::new(0.01)).diagnose_training(x.clone().map(|x| 1e30 * x), &y).unwrap();
    let Some(Origin::Gradient { layer, .. }) = &found.origin else { panic!("{found}") };
    assert_eq!(layer.as_deref(), Some("dense_1"));

    let found = regression(SGD::new(1e38)).diagnose_training(x.map(|x| 1e3 * x), &y).unwrap();
    let Some(Origin::Update { weight, .. }) = &found.origin else { panic!("{found}") };
    assert_eq!(weight, "dense/kernel");
}

#[test]
fn it_is_data_too() {
    let model = compile(network("relu"));
    let found = model.diagnose_training(data(32, 6), labels(32)).unwrap();
    let json = found.to_json().unwrap();
    assert_eq!(json["loss"], found.loss.unwrap());
    assert_eq!(json["layers"][0]["name"], "dense");
    assert_eq!(json["layers"][0]["output_shape"], serde_json::json!([null, 24]));
    assert_eq!(json["layers"][0]["dead"], found.layers[0].dead.unwrap());
    assert_eq!(json["layers"][1]["weights"][0]["shape"], serde_json::json!([24, 24]));
    assert_eq!(json["advice"], serde_json::json!([]));
    let found = model.diagnose(Tensor::full(&[1, 6], f32::NAN)).unwrap().to_json().unwrap();
    assert_eq!(found["origin"]["place"], "data");
    assert_eq!(found["advice"][0]["kind"], "not_finite");
    assert!(found["input"]["mean"].is_null());
}

#[test]
fn what_cannot_be_diagnosed_is_refused() {
    let model = network("relu");
    let error = model.diagnose(Tensor::zeros(&[0, 6])).unwrap_err();
    assert!(error.to_string().contains("no samples"), "{error}");
    let error = model.diagnose(Tensor::zeros(&[2, 5])).unwrap_err();
    assert!(error.to_string().contains("(None, 6), got (2, 5)"), "{error}");
    let mut empty = Sequential::new();
    empty.add(Dense::new(2)).unwrap();
    let empty = empty.compile("sgd", "mse", ()).unwrap();
    let error = empty.diagnose_training([[1.0]], [1.0]).unwrap_err();
    assert!(error.to_string().contains("no weights yet"), "{error}");
    assert!(empty.diagnose([[1.0]]).is_err());
}
