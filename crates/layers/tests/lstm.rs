//! LSTM: what Keras computes, what is dropped, what is refused.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use ceratops_activations::Activation;
use ceratops_core::{Context, Gradients, MultiLayer, Shape, Tensor, rng};
use ceratops_layers::{
    Dense, Entry, Flatten, Input, IntoNode, LSTM, PReLU, Registry, Sequential, sequential,
};
use ceratops_weights::{initializers::Constant, regularizers::L2};
use serde_json::json;

/// Three times five numbers from -1 to 1.
fn ramp() -> Tensor {
    let numbers = (0..15).map(|i| i as f32 / 7.0 - 1.0);
    Tensor::new(&[1, 5, 3], numbers.collect()).unwrap()
}

fn built(mut layer: LSTM, input: impl Into<Shape>) -> LSTM {
    layer.build_all(&[Shape::batched(input)], &mut rng(1)).unwrap();
    layer
}

fn answer(layer: &LSTM, x: Tensor) -> Tensor {
    layer.forward_one(x, &mut Context::inference()).unwrap().0
}

/// What Keras 2 gave for kernels of ones, in its own tests' words `LSTM(2,
/// recurrent_activation="hard_sigmoid", kernel_initializer="ones", recurrent_initializer="ones")`.
#[test]
fn keras2_and_its_hard_sigmoid() {
    let ones = |activation: &str| {
        let layer = LSTM::new(2).kernel_initializer("ones").recurrent_initializer("ones");
        built(layer.recurrent_activation(activation), [5, 3])
    };
    let y = answer(&ones("keras2>hard_sigmoid"), ramp());
    assert!(y.as_slice().iter().all(|y| (y - 0.885_458_6).abs() < 1e-6), "{y}");
    assert_ne!(answer(&ones("hard_sigmoid"), ramp()), y);
}

#[test]
fn nothing_is_forgotten_at_first() {
    let bias = |layer: LSTM| {
        let layer = built(layer.bias_initializer(Constant::new(0.5)), [5, 3]);
        layer.params()[2].value().clone()
    };
    // Keras 2 and 3 both write the ones between what the initializer draws.
    assert_eq!(bias(LSTM::new(2)), [0.5, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5].into());
    assert_eq!(bias(LSTM::new(2).unit_forget_bias(false)), Tensor::full(&[8], 0.5));
}

#[test]
fn the_length_of_time_may_be_open() {
    let model = sequential![
        Input::new([None, Some(3)]),
        LSTM::new(4).return_sequences(true),
        LSTM::new(2).named("last"),
        Dense::new(1),
    ]
    .unwrap();
    let shape = |name: &str| model.get_layer(name).unwrap().output_shape().unwrap().to_string();
    assert_eq!((shape("lstm"), shape("last")), ("(None, None, 4)".into(), "(None, 2)".into()));
    for time in [1, 2, 7] {
        let y = model.predict(Tensor::full(&[3, time, 3], 0.5)).unwrap();
        assert_eq!(y.shape(), [3, 1]);
    }
}

/// The steps after the first n know nothing of the times behind them.
#[test]
fn sequences_grow_time_by_time() {
    let layer = built(LSTM::new(4), [5, 3]);
    let sequences = layer.clone().return_sequences(true);
    let all = answer(&sequences, ramp());
    for n in 1..=5 {
        let x = Tensor::new(&[1, n, 3], ramp().as_slice()[..3 * n].to_vec()).unwrap();
        assert_eq!(answer(&layer, x).as_slice(), &all.as_slice()[4 * (n - 1)..4 * n]);
    }
}

#[test]
fn backwards_is_forwards_on_a_turned_sequence() {
    let layer = built(LSTM::new(4).return_sequences(true), [5, 3]);
    let backwards = layer.clone().go_backwards(true);
    let turned: Vec<f32> = ramp().as_slice().chunks(3).rev().flatten().copied().collect();
    let turned = Tensor::new(&[1, 5, 3], turned).unwrap();
    assert_eq!(answer(&backwards, ramp()), answer(&layer, turned));
}

/// What is dropped is dropped at all times: with features of which all or nothing reach the layer,
/// and a memory that only grows, a pattern that changed would show.
#[test]
fn a_pattern_holds_for_all_times() {
    let layer = LSTM::new(1)
        .activation("linear")
        .kernel_initializer("ones")
        .recurrent_initializer("zeros")
        .bias_initializer(Constant::new(0.0))
        .return_sequences(true)
        .dropout(0.5);
    let layer = built(layer, [8, 1]);
    let x = Tensor::full(&[64, 8, 1], 1.0);
    let y = layer.forward_one(x, &mut Context::training(1, 0, 0)).unwrap().0;
    let dropped = |sample: &&[f32]| sample.iter().all(|&y| y == 0.0);
    let kept = |sample: &&[f32]| sample.iter().all(|&y| y != 0.0);
    let samples = || y.as_slice().chunks(8);
    let (zeros, others) = (samples().filter(dropped).count(), samples().filter(kept).count());
    assert_eq!(zeros + others, 64);
    assert!(zeros > 15 && others > 15, "{zeros} dropped, {others} kept");
    // What is kept counts twice.
    let twice = answer(&layer, Tensor::full(&[1, 8, 1], 2.0));
    assert_eq!(samples().find(kept).unwrap(), twice.as_slice());
}

/// A drop of h₋₁ needs a time before, and is its own for each gate.
#[test]
fn what_was_put_out_is_dropped_too() {
    let layer = LSTM::new(6).return_sequences(true).recurrent_dropout(0.5);
    let layer = built(layer, [4, 3]);
    let x = Tensor::new(&[1, 4, 3], ramp().as_slice()[..12].to_vec()).unwrap();
    let training =
        |seed| layer.forward_one(x.clone(), &mut Context::training(seed, 0, 0)).unwrap().0;
    let (one, two, calm) = (training(1), training(2), answer(&layer, x.clone()));
    let step = |y: &Tensor, t: usize| y.as_slice()[6 * t..6 * (t + 1)].to_vec();
    assert_eq!(step(&one, 0), step(&calm, 0));
    assert_ne!(step(&one, 1), step(&calm, 1));
    assert_ne!(step(&one, 1), step(&two, 1));
}

/// With a rate so small that nothing is dropped, gate by gate is the same as all at once.
#[test]
fn each_gate_has_its_own_share_of_the_weights() {
    for layer in [LSTM::new(3).dropout(1e-9), LSTM::new(3)] {
        let layer = built(layer.recurrent_dropout(1e-9), [5, 3]);
        let y = layer.forward_one(ramp(), &mut Context::training(1, 0, 0)).unwrap().0;
        let calm = answer(&layer, ramp());
        for (y, calm) in y.as_slice().iter().zip(calm.as_slice()) {
            assert!((y - calm).abs() < 1e-6, "{y} and {calm}");
        }
    }
}

#[test]
fn a_rate_of_1_drops_nothing_as_in_keras_3() {
    let layer = built(LSTM::new(2).dropout(1.0).recurrent_dropout(1.0), [5, 3]);
    let y = layer.forward_one(ramp(), &mut Context::training(1, 0, 0)).unwrap().0;
    assert_eq!(y, answer(&layer, ramp()));
}

/// The sigmoids of the gates are not what a crossentropy could take over.
#[test]
fn the_gates_stay_when_logits_are_wanted() {
    let layer = built(LSTM::new(2).activation("sigmoid"), [5, 3]);
    let mut cx = Context::inference();
    cx.set_wants_logits(true);
    assert_eq!(layer.forward_one(ramp(), &mut cx).unwrap().0, answer(&layer, ramp()));
}

#[test]
fn activations_of_ones_own_are_found() {
    let half = || Activation::scalar("mine>half", |x| x / 2.0, |_| 0.5).unwrap();
    let registry = Registry::builtin().with_activation(half());
    let config = json!({ "units": 2, "activation": "mine>half", "recurrent_activation": "half" });
    let entry = json!({ "class_name": "LSTM", "config": config });
    let layer = registry.layer(&entry).unwrap();
    let layer: &LSTM = layer.downcast_ref().unwrap();
    assert_eq!(layer.recurrent_activation.name(), "mine>half");
    let error = Registry::builtin().with(Entry::of::<LSTM>()).layer(&entry).unwrap_err();
    assert!(error.to_string().contains("unknown activation `mine>half`"), "{error}");
}

#[test]
fn what_keras_writes_is_read() {
    let entry = |key: &str, value: bool| json!({ "class_name": "LSTM", "config": { "units": 2, key: value } });
    let read = |key: &str, value| Registry::builtin().layer(&entry(key, value));
    for (key, value) in
        [("return_state", true), ("stateful", true), ("unroll", false), ("unroll", true)]
    {
        assert!(read(key, value).is_ok(), "{key} {value}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let refusal = |input: Vec<Option<usize>>, layer: LSTM| {
        let mut model = Sequential::new();
        model.add(Input::new(input)).unwrap();
        model.add(layer).unwrap_err().to_string()
    };
    let times = || vec![None, Some(3)];
    let before = "LSTM \"lstm\" (layer 0): ";
    for (input, layer, message) in [
        (times(), LSTM::new(0), "invalid `units`: expected a positive integer, got 0"),
        (
            times(),
            LSTM::new(2).dropout(1.5),
            "invalid `dropout`: expected a number from 0 to 1, got 1.5",
        ),
        (
            times(),
            LSTM::new(2).recurrent_dropout(-0.1),
            "invalid `recurrent_dropout`: expected a number from 0 to 1, got -0.1",
        ),
        (
            times(),
            LSTM::new(4).activation("glu"),
            "invalid `activation`: expected a function that keeps the shape of its input, got glu",
        ),
        (
            times(),
            LSTM::new(4).recurrent_activation(PReLU::new()),
            "invalid `recurrent_activation`: expected an activation without weights of its own, \
             got PReLU",
        ),
        (
            vec![Some(4)],
            LSTM::new(2),
            "input: expected shape (batch, time, features), got (None, 4); if there are no times, \
             put Reshape([1, -1]) before it",
        ),
        (
            vec![Some(4), None],
            LSTM::new(2),
            "invalid `input_shape`: expected a known length of the last axis, got (None, 4, \
             None); set it in the Input: the kernel's size depends on it",
        ),
    ] {
        assert_eq!(refusal(input, layer), format!("{before}{message}"));
    }
    let layer = built(LSTM::new(2), [None, Some(3)]);
    let none = layer.output_shapes(&[Shape::from([None, Some(0), Some(3)])]).unwrap_err();
    assert_eq!(
        none.to_string(),
        "input: expected shape (batch, time, features), got (None, 0, 3); a sequence has at least \
         one time"
    );
    let error = |shape: &[usize]| {
        layer.forward_one(Tensor::zeros(shape), &mut Context::inference()).unwrap_err().to_string()
    };
    assert_eq!(
        error(&[2, 0, 3]),
        "input: expected shape (batch, time, 3), got (2, 0, 3); a sequence has at least one time"
    );
    assert_eq!(error(&[2, 4, 5]), "input: expected shape (batch, time, 3), got (2, 4, 5)");
}

#[test]
fn a_gradient_of_another_shape_is_refused() {
    let layer = built(LSTM::new(2).return_sequences(true), [5, 3]);
    let saved = layer.forward_one(ramp(), &mut Context::saving()).unwrap().1.unwrap();
    let mut slots = Gradients::slots(layer.params());
    let mut dw = Gradients::new(&mut slots, true);
    let error = layer.backward_one(saved, Tensor::zeros(&[1, 4, 2]), &mut dw).unwrap_err();
    assert_eq!(
        error.to_string(),
        "gradient of the output: expected shape (1, 5, 2), got (1, 4, 2)"
    );
}

#[test]
fn builders_set_what_the_config_says() {
    let layer = LSTM::new(3)
        .activation("relu")
        .recurrent_activation("hard_sigmoid")
        .kernel_initializer(Constant::new(1.0))
        .recurrent_initializer(Constant::new(2.0))
        .bias_initializer(Constant::new(3.0))
        .kernel_regularizer(L2::new(4.0))
        .recurrent_regularizer(L2::new(5.0))
        .bias_regularizer(L2::new(6.0))
        .activity_regularizer(L2::new(7.0))
        .kernel_constraint("max_norm")
        .recurrent_constraint("non_neg")
        .bias_constraint("unit_norm")
        .dropout(0.1)
        .recurrent_dropout(0.2)
        .seed(8);
    let config = ceratops_core::AnyLayer::config(&layer).unwrap();
    for (key, number, value) in [
        ("kernel_initializer", "value", 1.0),
        ("recurrent_initializer", "value", 2.0),
        ("bias_initializer", "value", 3.0),
        ("kernel_regularizer", "l2", 4.0),
        ("recurrent_regularizer", "l2", 5.0),
        ("bias_regularizer", "l2", 6.0),
        ("activity_regularizer", "l2", 7.0),
    ] {
        assert_eq!(config[key]["config"][number], value, "{key}");
    }
    for (key, class) in [
        ("kernel_constraint", "MaxNorm"),
        ("recurrent_constraint", "NonNeg"),
        ("bias_constraint", "UnitNorm"),
    ] {
        assert_eq!(config[key]["class_name"], class, "{key}");
    }
    assert_eq!((&config["activation"], &config["seed"]), (&"relu".into(), &8.into()));
    assert_eq!(config["recurrent_activation"], "hard_sigmoid");
    assert_eq!((&config["dropout"], &config["recurrent_dropout"]), (&0.1.into(), &0.2.into()));
}

#[test]
fn it_stands_between_other_layers() {
    let model = sequential![
        Input::new([6, 2]),
        LSTM::new(3).return_sequences(true),
        Flatten::new(),
        Dense::new(2).activation("softmax"),
    ]
    .unwrap();
    // 4 u (u + features + 1), and the Dense behind it
    assert_eq!(model.count_params(), 4 * 3 * (3 + 2 + 1) + 2 * (18 + 1));
    assert_eq!(model.layers()[0].name(), "lstm");
}
