//! What `fit` and `evaluate` compute, against the numbers of real Keras.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::{Constrain, Context, Gradients, Layer, Regularize, Result, Shape, Tensor};
use ceratops_layers::{Dense, Input, IntoNode, Sequential, sequential};
use ceratops_train::{
    Compile, CompiledModel, FitOptions, LambdaCallback, Verbose,
    losses::MeanSquaredError,
    optimizers::{Adam, RMSprop, SGD},
};
use common::{assert_close, column, dense};
use rand::RngCore;
use serde::{Deserialize, Serialize};

fn options<'a>() -> FitOptions<'a> {
    FitOptions::new().verbose(Verbose::Silent)
}

#[test]
fn one_neuron_learns_a_line() {
    let x = Tensor::from([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]);
    let y = Tensor::from([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0]);
    let mut model =
        dense([[0.0]], [0.0], "linear").compile("sgd", "mean_squared_error", ()).unwrap();
    let history = model.fit(&x, &y, options().epochs(500)).unwrap();
    // What 500 steps of gradient descent from (0, 0) give in f64; the line itself gives 39.
    assert_close(model.predict(Tensor::from([20.0])).unwrap().sum(), 38.954_680, 1e-5);
    assert_eq!(history.epoch, (0..500).collect::<Vec<_>>());
    assert_eq!((history.params.epochs, history.params.steps), (500, Some(1)));
    assert!(history["loss"].windows(2).all(|pair| pair[1] < pair[0]));
}

#[derive(Debug)]
struct L2(f64);

impl Regularize for L2 {
    fn loss(&self, w: &Tensor) -> f64 {
        self.0 * w.as_slice().iter().map(|&w| f64::from(w).powi(2)).sum::<f64>()
    }
    fn add_gradient(&self, w: &Tensor, dw: &mut Tensor) -> Result<()> {
        dw.add_scaled(2.0 * self.0 as f32, w)
    }
}

#[derive(Debug)]
struct MaxNorm(f32);

impl Constrain for MaxNorm {
    fn apply(&self, w: Tensor) -> Tensor {
        let norm = w.as_slice().iter().map(|w| w * w).sum::<f32>().sqrt();
        let wanted = norm.min(self.0);
        w.map(|w| w * wanted / (1e-7 + norm))
    }
}

/// y = 2x + 1 for x = 0..9 and a kernel of 1 with L2(0.1) and MaxNorm(0.5).
fn governed(learning_rate: f64) -> (CompiledModel, Tensor, Tensor) {
    let mut model = dense([[1.0]], [0.0], "linear");
    let mut params = model.params_mut();
    let kernel = params[0].clone().regularized(Some(L2(0.1)));
    *params[0] = kernel.constrained(Some(MaxNorm(0.5)));
    let model = model.compile(SGD::new(learning_rate), "mse", ["mae", "mse"]).unwrap();
    let x = column(10);
    let y = x.clone().map(|x| 2.0 * x + 1.0);
    (model, x, y)
}

#[test]
fn the_history_is_that_of_keras() {
    let (mut model, x, y) = governed(0.0);
    let options = options().batch_size(4).epochs(2).validation_split(0.25).shuffle(false);
    let history = model.fit(&x, &y, options).unwrap();
    let names: Vec<&str> = history.history.names().collect();
    assert_eq!(names, ["loss", "mae", "mse", "val_loss", "val_mae", "val_mse"]);
    for (name, expected) in [
        ("loss", [35.960_716, 39.275_017]),
        ("mae", [5.071_428_8, 5.5]),
        ("mse", [35.892_857, 39.250_011]),
        ("val_loss", [170.525_04, 170.525_07]),
        ("val_mae", [13.0, 13.0]),
        ("val_mse", [170.500_05, 170.500_08]),
    ] {
        for (found, expected) in history[name].iter().zip(expected) {
            assert_close(*found, expected, 3e-7);
        }
    }
    assert_close(model.get_weights()[0].sum(), 0.499_999_64, 1e-7);

    let logs = model.evaluate(&x, &y).unwrap();
    assert_eq!(logs.names().collect::<Vec<_>>(), ["loss", "mae", "mse"]);
    assert_close(logs["loss"], 78.650_04, 3e-7);
    assert_close(logs["mae"], 7.75, 3e-7);
    assert_close(logs["mse"], 78.625_038, 3e-7);
    let weights = Tensor::from([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let weighted = model.evaluate_weighted(&x, &y, &weights).unwrap();
    assert_close(weighted["loss"], 68.400_032, 3e-7);
    assert_eq!(weighted["mse"], logs["mse"]);
    let column = weights.reshape(&[10, 1]).unwrap();
    assert_eq!(model.evaluate_weighted(&x, &y, &column).unwrap(), weighted);
}

#[test]
fn a_penalty_pulls_once_per_batch() {
    // No error at all, so that only the penalty's gradient 2 * 0.1 * w moves the kernel.
    let (mut model, x, _) = governed(1.0);
    let mut params = model.model_mut().params_mut();
    *params[0] = params[0].clone().constrained(None::<MaxNorm>);
    let logs = model.train_on_batch(&x, &x).unwrap();
    assert_close(logs["loss"], 0.1, 1e-7);
    assert_eq!(logs["mse"], 0.0);
    assert_close(model.get_weights()[0].sum(), 0.8, 1e-7);
}

#[test]
fn a_frozen_weight_has_no_penalty_and_stays() {
    let (mut model, x, y) = governed(0.1);
    model.model_mut().set_trainable(false);
    let logs = model.train_on_batch(&x, &y).unwrap();
    assert_eq!(logs["loss"], logs["mse"]);
    assert_eq!(model.get_weights()[0].sum(), 1.0);
}

#[test]
fn the_split_takes_the_last_samples_before_shuffling() {
    // The prediction is 0, so that the loss of a sample is its label's square.
    let y = Tensor::from([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    let mut model = dense([[0.0]], [0.0], "linear").compile(SGD::new(0.0), "mse", ()).unwrap();
    let history = model.fit(column(7), &y, options().validation_split(0.25)).unwrap();
    // floor(7 * 0.75) = 5 samples remain.
    assert_eq!((history["loss"][0], history["val_loss"][0]), (0.0, 1.0));
    let options = options().validation_split(0.5).validation_data(column(1), [3.0]);
    let history = model.fit(column(7), &y, options).unwrap();
    assert_close(history["loss"][0], 2.0 / 7.0, 1e-12);
    assert_eq!(history["val_loss"][0], 9.0);
}

#[test]
fn validation_can_be_rarer_than_epochs() {
    let mut model = dense([[0.0]], [0.0], "linear").compile("sgd", "mse", ()).unwrap();
    let options = options().epochs(5).validation_split(0.5).validation_freq(2);
    let history = model.fit(column(4), column(4), options).unwrap();
    assert_eq!((history["loss"].len(), history["val_loss"].len()), (5, 2));
}

#[test]
fn class_weight_is_a_sample_weight_by_class() {
    let x = column(4);
    let one_hot = Tensor::from([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]);
    let sparse = Tensor::from([0.0, 1.0, 1.0, 0.0]);
    let by_sample = Tensor::from([1.0, 5.0, 5.0, 1.0]);
    let train = |loss: &str, y: &Tensor, options: FitOptions<'_>| {
        let model = dense([[0.5, -0.25]], [0.0, 0.1], "softmax");
        let mut model = model.compile("sgd", loss, ()).unwrap();
        let loss = model.fit(&x, y, options).unwrap()["loss"][0];
        (loss, model.get_weights())
    };
    let expected = train("categorical_crossentropy", &one_hot, options().sample_weight(&by_sample));
    let unweighted = train("categorical_crossentropy", &one_hot, options());
    assert!(expected.0 > unweighted.0);
    let map = || options().class_weight([(1, 5.0)]);
    assert_eq!(train("categorical_crossentropy", &one_hot, map()), expected);
    let (loss, weights) = train("sparse_categorical_crossentropy", &sparse, map());
    assert_close(loss, expected.0, 1e-12);
    assert_eq!(weights, expected.1);
    let column = sparse.reshape(&[4, 1]).unwrap();
    assert_eq!(train("sparse_categorical_crossentropy", &column, map()).1, expected.1);
}

#[test]
fn softmax_and_its_loss_are_joined() {
    // Logits 200 and -200 for class 1: without logits loss and gradient would saturate.
    let mut model = dense([[200.0, -200.0]], [0.0, 0.0], "softmax")
        .compile(
            SGD::new(1.0),
            "sparse_categorical_crossentropy",
            "sparse_categorical_crossentropy",
        )
        .unwrap();
    let (x, y) = (Tensor::from([1.0]), Tensor::from([1.0]));
    for logs in [model.evaluate(&x, &y).unwrap(), model.train_on_batch(&x, &y).unwrap()] {
        assert_eq!((logs["loss"], logs["sparse_categorical_crossentropy"]), (400.0, 400.0));
    }
    assert_eq!(model.get_weights()[0], Tensor::from([[199.0, -199.0]]));
}

#[test]
fn rows_within_a_sample_share_the_divisor() {
    // Output (batch, 2, 1): the mean is over 4 rows, and a weight per row is possible.
    let mut model = sequential![Input::new([2, 1]), Dense::new(1)].unwrap();
    model.set_weights(&[Tensor::from([[1.0]]), Tensor::from([0.0])]).unwrap();
    let mut model = model.compile(SGD::new(1.0), "mse", ()).unwrap();
    let x = Tensor::from([[[1.0], [2.0]], [[3.0], [4.0]]]);
    let y = Tensor::zeros(&[2, 2]);
    assert_eq!(model.evaluate(&x, &y).unwrap()["loss"], 30.0 / 4.0);
    let by_sample = Tensor::from([1.0, 0.0]);
    assert_eq!(model.evaluate_weighted(&x, &y, &by_sample).unwrap()["loss"], 5.0 / 4.0);
    let by_row = Tensor::from([[0.0, 1.0], [0.0, 0.0]]);
    assert_eq!(model.evaluate_weighted(&x, &y, &by_row).unwrap()["loss"], 1.0);
    model.train_on_batch(&x, &y).unwrap();
    // dL/dkernel = 2 Σx² / 4 = 15, dL/dbias = 2 Σx / 4 = 5
    assert_eq!(model.get_weights(), [Tensor::from([[-14.0]]), Tensor::from([-5.0])]);
}

/// 200 samples are several chunks of the executor: their labels and weights must stay together.
#[test]
fn a_large_batch_is_one_batch() {
    let n = 200;
    let (x, y) = (column(n).map(|x| x / 100.0), column(n).map(|x| (x / 7.0).sin()));
    let weights = column(n).map(|x| x % 5.0).reshape(&[n]).unwrap();
    let model = dense([[0.5]], [0.25], "linear");
    let mut model = model.compile(SGD::new(1.0), "mse", ()).unwrap();
    let logs = model.train_on_weighted_batch(&x, &y, &weights).unwrap();
    let (mut loss, mut kernel, mut bias) = (0.0, 0.5, 0.25);
    for ((&x, &y), &weight) in x.as_slice().iter().zip(y.as_slice()).zip(weights.as_slice()) {
        let (x, gap) = (f64::from(x), 0.5 * f64::from(x) + 0.25 - f64::from(y));
        let share = f64::from(weight) / n as f64;
        loss += share * gap * gap;
        kernel -= share * 2.0 * gap * x;
        bias -= share * 2.0 * gap;
    }
    assert_close(logs["loss"], loss, 1e-6);
    assert_close(model.get_weights()[0].sum(), kernel, 1e-6);
    assert_close(model.get_weights()[1].sum(), bias, 1e-6);
}

#[test]
fn evaluate_counts_every_sample_once() {
    let n = 5000;
    let model = dense([[1.0]], [0.0], "linear").compile("sgd", "mse", "mae").unwrap();
    let logs = model.evaluate(column(n), Tensor::zeros(&[n])).unwrap();
    let n = n as f64;
    // Σ i / n and Σ i² / n for i from 0 to n - 1.
    assert_close(logs["mae"], (n - 1.0) / 2.0, 1e-9);
    assert_close(logs["loss"], (n - 1.0) * (2.0 * n - 1.0) / 6.0, 1e-9);
}

/// y = x + a random number in training.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Noise;

impl Layer for Noise {
    const CLASS_NAME: &'static str = "Noise";
    type Saved = ();

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }
    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        let noise = f32::from(cx.rng().next_u32() as u16);
        Ok((if cx.is_training() { x.map(|x| x + noise) } else { x }, cx.save(|| ())))
    }
    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(dy))
    }
}

#[test]
fn every_step_of_a_seed_draws_its_own_numbers() {
    let losses = |seed: u64| {
        let model = sequential![Input::new([1]), Dense::new(1), Noise].unwrap();
        let mut model = model.compile(SGD::new(0.0), "mse", ()).unwrap();
        let options = options().epochs(3).seed(seed);
        model.fit(Tensor::from([0.0]), Tensor::from([0.0]), options).unwrap()["loss"].to_vec()
    };
    let first = losses(1);
    assert!(first[0] != first[1] && first[1] != first[2] && first[0] != first[2]);
    assert_eq!(losses(1), first);
    assert_ne!(losses(2), first);
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let (x, y) = (column(100).map(|x| x / 100.0), column(100).map(|x| (x / 7.0).sin()));
    let train = |seed: u64, shuffle: bool| {
        let model = dense([[0.5]], [0.0], "linear");
        let mut model = model.compile(Adam::new(0.01), "mse", ()).unwrap();
        let options = options().epochs(3).batch_size(8).seed(seed).shuffle(shuffle);
        model.fit(&x, &y, options).unwrap();
        model.get_weights()
    };
    assert_eq!(train(1, true), train(1, true));
    assert_ne!(train(1, true), train(2, true));
    assert_ne!(train(1, true), train(1, false));
    assert_eq!(train(1, false), train(2, false));
}

#[test]
fn training_goes_on_where_it_ended() {
    let (x, y) = (column(6), column(6).map(|x| 3.0 - x));
    let fresh = || {
        let model = dense([[0.5]], [0.0], "linear");
        model.compile(SGD::new(0.01).momentum(0.9), "mse", ()).unwrap()
    };
    let mut at_once = fresh();
    at_once.fit(&x, &y, options().epochs(4).batch_size(2)).unwrap();
    let mut in_parts = fresh();
    in_parts.fit(&x, &y, options().epochs(1).batch_size(2)).unwrap();
    let rest = in_parts.fit(&x, &y, options().initial_epoch(1).epochs(4).batch_size(2)).unwrap();
    assert_eq!(at_once.get_weights(), in_parts.get_weights());
    assert_eq!(rest.epoch, [1, 2, 3]);
    assert_eq!(in_parts.optimizer_state().iterations(), 12);
}

#[test]
fn a_deferred_model_is_built_for_its_first_data() {
    for x in [Tensor::from([1.0, 2.0]), Tensor::from([[1.0], [2.0]])] {
        let model = Sequential::from_layers([Dense::new(2)]).unwrap();
        let mut model = model.compile("adam", "mse", ()).unwrap();
        model.fit(&x, Tensor::zeros(&[2, 2]), options()).unwrap();
        assert_eq!(model.input_shape().unwrap().to_string(), "(None, 1)");
    }
}

#[test]
fn the_optimizer_counts_its_numbers_as_keras_does() {
    let count = |model: Result<CompiledModel>| {
        let mut model = model.unwrap();
        assert_eq!(model.summary().totals.optimizer, None);
        model.train_on_batch(column(2), column(2)).unwrap();
        let count = model.summary().totals.optimizer.unwrap();
        (count.params, count.bytes)
    };
    let model = || sequential![Input::new([1]), Dense::new(1), Dense::new(1).frozen()].unwrap();
    assert_eq!(count(model().compile("sgd", "mse", ())), (2, 12));
    assert_eq!(count(model().compile("adam", "mse", ())), (2 * 2 + 2, 28));
    let all = RMSprop::new(0.1).momentum(0.9).centered(true);
    assert_eq!(count(model().compile(all, "mse", ())), (3 * 2 + 2, 36));
    // What it remembers of a layer that is frozen later still counts.
    let mut model = model().compile("adam", "mse", ()).unwrap();
    model.train_on_batch(column(2), column(2)).unwrap();
    model.model_mut().layers_mut()[0].set_trainable(false);
    assert_eq!(model.summary().totals.optimizer.unwrap().params, 2 * 2 + 2);
}

#[test]
fn an_error_in_the_data_leaves_the_weights_alone() {
    let (mut model, x, y) = governed(0.1);
    let before = model.get_weights();
    let options = options().validation_data(column(2), Tensor::zeros(&[2, 3]));
    model.fit(&x, &y, options).unwrap_err();
    assert_eq!(model.get_weights(), before);
}

#[test]
fn a_model_comes_back_from_compile() {
    let mut model =
        dense([[1.0]], [0.0], "linear").compile("sgd", MeanSquaredError {}, ()).unwrap();
    model.model_mut().set_weights(&[Tensor::from([[3.0]]), Tensor::from([1.0])]).unwrap();
    assert_eq!(model.model().count_params(), 2);
    assert_eq!(model.into_model().predict(Tensor::from([2.0])).unwrap(), Tensor::from([[7.0]]));
}

#[test]
fn the_rate_can_be_changed_between_and_during_fits() {
    let mut model = dense([[0.0]], [0.0], "linear").compile("sgd", "mse", ()).unwrap();
    model.set_learning_rate(0.0).unwrap();
    let (x, y) = (Tensor::from([1.0]), Tensor::from([1.0]));
    let raise =
        LambdaCallback::new().on_epoch_end(|_, _, training| training.set_learning_rate(0.5));
    model.fit(&x, &y, options().epochs(1).callback(raise)).unwrap();
    assert_eq!(model.get_weights()[0].sum(), 0.0);
    model.fit(&x, &y, options()).unwrap();
    // w = b = 0.5 * 2 * 1
    assert_eq!(model.get_weights(), [Tensor::from([[1.0]]), Tensor::from([1.0])]);
}
