//! Optimizers against the numbers of real Keras, and their configs.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::{Constrain, Param, Tensor};
use ceratops_train::{
    Optimizer,
    optimizers::{
        self, Adadelta, Adagrad, Adam, Adamax, Ftrl, Lion, Muon, Nadam, OptimizerState, RMSprop,
        SGD, Weight,
    },
};
use serde_json::json;

fn weights() -> Vec<Param> {
    vec![Param::new("a", Tensor::from([1.0, -2.0])), Param::new("b", Tensor::from([0.5]))]
}

fn values(params: &[Param]) -> Vec<f32> {
    params.iter().flat_map(|param| param.value().as_slice().to_vec()).collect()
}

fn apply(
    state: &mut OptimizerState,
    optimizer: &dyn Optimizer,
    params: &mut [Param],
    dw: [f32; 3],
) {
    let mut gradients = [Some(Tensor::from([dw[0], dw[1]])), Some(Tensor::from([dw[2]]))];
    let mut params: Vec<&mut Param> = params.iter_mut().collect();
    state.apply(optimizer, &mut params, &mut gradients).unwrap();
}

/// The weights after two and after three updates by three gradients, as Keras 3.15 computes them.
#[test]
fn updates_are_those_of_keras() {
    type Case = (&'static str, Box<dyn Optimizer>, [f32; 3], [f32; 3]);
    let both = RMSprop::new(0.01).rho(0.8).momentum(0.5).centered(true).epsilon(1e-3);
    let amsgrad = Adam::new(0.01).amsgrad(true).beta_1(0.5).beta_2(0.6);
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("sgd", Box::new(SGD::new(0.1)), [0.96, -1.9, 0.18], [0.93, -1.901, 0.28]),
        ("momentum", Box::new(SGD::new(0.1).momentum(0.9)),
            [0.915, -1.72, -0.09], [0.8535, -1.649, -0.251]),
        ("nesterov", Box::new(SGD::new(0.1).momentum(0.9).nesterov(true)),
            [0.8835, -1.648, -0.351], [0.79815, -1.5851, -0.3959]),
        ("rmsprop", Box::new(RMSprop::new(0.01)),
            [0.974_900_54, -1.983_121_4, 0.466_160_48], [0.957_623_2, -1.983_276_8, 0.477_119_74]),
        ("rmsprop momentum", Box::new(RMSprop::new(0.01).momentum(0.5)),
            [0.959_089_2, -1.967_310_1, 0.450_349_1], [0.937_167_8, -1.966_931_9, 0.452_294_3]),
        ("rmsprop centered", Box::new(RMSprop::new(0.01).centered(true)),
            [0.973_367, -1.981_514_6, 0.464_325_7], [0.954_892, -1.981_671, 0.475_459_67]),
        ("rmsprop both", Box::new(both),
            [0.967_998, -1.973_528_1, 0.460_670_77], [0.949_516_2, -1.972_905_2, 0.462_229_73]),
        ("adam", Box::new(Adam::new(0.01)),
            [0.984_889_9, -1.987_336_8, 0.482_819_17], [0.978_244_4, -1.985_306_6, 0.479_570_4]),
        ("adam amsgrad", Box::new(amsgrad),
            [0.987_470_2, -1.99, 0.485_221_45], [0.981_470_2, -1.990_040_1, 0.485_621_45]),
        ("adam epsilon", Box::new(Adam::new(0.01).epsilon(0.1)),
            [0.997_925_46, -1.995_022_9, 0.491_632_73], [0.996_878_8, -1.994_182_3, 0.490_007_43]),
        ("weight_decay", Box::new(SGD::new(0.1).weight_decay(0.5)),
            [0.865, -1.715, 0.14625], [0.791_75, -1.630_25, 0.238_937_5]),
        ("clipnorm", Box::new(SGD::new(0.1).clipnorm(1.0)),
            [0.985_696_85, -2.002_489_3, 0.38], [0.955_696_8, -2.003_489_3, 0.48]),
        ("global_clipnorm", Box::new(SGD::new(0.1).global_clipnorm(1.0)),
            [0.996_022_94, -2.042_645_7, 0.398_065_7], [0.967_289_45, -2.043_603_4, 0.493_843_9]),
        ("clipvalue", Box::new(SGD::new(0.1).clipvalue(0.25)),
            [0.985, -2.0, 0.455], [0.96, -2.001, 0.48]),
    ];
    for (name, optimizer, second, third) in cases {
        let (mut params, mut state) = (weights(), OptimizerState::default());
        apply(&mut state, &*optimizer, &mut params, [0.5, -2.0, 3.0]);
        apply(&mut state, &*optimizer, &mut params, [-0.1, 1.0, 0.2]);
        let two = values(&params);
        apply(&mut state, &*optimizer, &mut params, [0.3, 0.01, -1.0]);
        let found = [two, values(&params)].concat();
        for (found, expected) in found.iter().zip(second.iter().chain(&third)) {
            assert!((found - expected).abs() <= 4e-7, "{name}: {found} is not {expected}");
        }
        assert_eq!(state.iterations(), 3);
        let weight = Weight { path: "a", shape: &[2] };
        assert_eq!(state.slots(0).len(), optimizer.slots(&weight).len(), "{name}");
    }
}

/// With steps this large it is seen in what precision Keras takes the powers of the betas.
#[test]
fn the_first_steps_of_adam_are_rounded_as_in_keras() {
    let mut param = Param::new("w", Tensor::from([0.0]));
    let mut state = OptimizerState::default();
    for (dw, expected) in [(0.5, -999.987), (-0.1, -1_511.004_8), (0.3, -2_175.555_2)] {
        state.apply(&Adam::new(1000.0), &mut [&mut param], &mut [Some([dw].into())]).unwrap();
        let found = param.value().as_slice()[0];
        assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
    }
}

#[test]
fn an_infinite_gradient_spoils_all_under_a_global_norm_as_in_keras() {
    let (mut params, mut state) = (weights(), OptimizerState::default());
    let sgd = SGD::new(0.1).global_clipnorm(1.0);
    apply(&mut state, &sgd, &mut params, [f32::INFINITY, 1.0, 1.0]);
    assert!(values(&params).iter().all(|w| w.is_nan()));
}

#[derive(Debug)]
struct AtMost(f32);

impl Constrain for AtMost {
    fn apply(&self, w: Tensor) -> Tensor {
        w.map(|w| w.min(self.0))
    }
}

#[test]
fn a_constraint_acts_at_every_update_on_what_learns() {
    let mut params = weights();
    params[0] = params[0].clone().constrained(Some(AtMost(0.25)));
    let mut frozen = params.clone();
    frozen[0].set_frozen(true);
    frozen[1] = frozen[1].clone().non_trainable();
    let mut state = OptimizerState::default();
    apply(&mut state, &SGD::new(0.0), &mut params, [1.0; 3]);
    apply(&mut OptimizerState::default(), &SGD::new(1.0), &mut frozen, [1.0; 3]);
    assert_eq!(values(&params), [0.25, -2.0, 0.5]);
    assert_eq!(values(&frozen), [1.0, -2.0, 0.5]);
}

/// A constraint that forgets the second number.
#[derive(Debug)]
struct Halved;

impl Constrain for Halved {
    fn apply(&self, w: Tensor) -> Tensor {
        w.as_slice()[..1].to_vec().into()
    }
}

#[test]
fn what_does_not_fit_a_weight_is_refused() {
    let mut state = OptimizerState::default();
    let mut refusal = |params: &mut [Param], mut gradients: Vec<Option<Tensor>>| {
        let mut params: Vec<&mut Param> = params.iter_mut().collect();
        let refused = state.apply(&SGD::new(1.0), &mut params, &mut gradients);
        refused.unwrap_err().to_string()
    };
    let mut params = weights();
    assert_eq!(
        refusal(&mut params, vec![None]),
        "invalid `gradients`: expected 2 gradients, one for each weight, got 1"
    );
    assert_eq!(
        refusal(&mut params, vec![Some([1.0, 1.0].into()), Some([1.0, 1.0].into())]),
        "gradient of weight \"b\": expected shape (1,), got (2,)"
    );
    assert_eq!(values(&params), values(&weights()));
    params[0] = params[0].clone().constrained(Some(Halved));
    assert_eq!(
        refusal(&mut params, vec![Some([1.0, 1.0].into()), None]),
        "weight \"a\": expected shape (2,), got (1,); a constraint must keep the shape"
    );
    assert_eq!(values(&params), [0.0, -3.0, 0.5]);
}

#[test]
fn a_weight_of_another_shape_begins_with_fresh_slots() {
    let (mut params, mut state) = (weights(), OptimizerState::default());
    let adam = Adam::new(0.01);
    apply(&mut state, &adam, &mut params, [1.0; 3]);
    let mut other = Param::new("a", Tensor::zeros(&[4]));
    state.apply(&adam, &mut [&mut other], &mut [Some(Tensor::full(&[4], 1.0))]).unwrap();
    assert_eq!(state.slots(0)[0].shape(), [4]);
}

#[test]
fn configs_of_keras_are_read() {
    let keras3 = json!({
        "module": "keras.optimizers", "class_name": "Adam", "registered_name": null,
        "config": {
            "name": "adam_4", "learning_rate": 0.009999999776482582, "weight_decay": 0.004,
            "clipnorm": 1.0, "global_clipnorm": null, "clipvalue": null, "use_ema": false,
            "ema_momentum": 0.99, "ema_overwrite_frequency": null, "loss_scale_factor": null,
            "gradient_accumulation_steps": null, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-06,
            "amsgrad": true,
        },
    });
    let expected =
        Adam::new(0.009999999776482582).beta_1(0.8).beta_2(0.99).epsilon(1e-6).amsgrad(true);
    let expected = expected.weight_decay(0.004).clipnorm(1.0);
    let found = optimizers::from_json(&keras3).unwrap();
    assert_eq!(found.to_json().unwrap(), expected.to_json().unwrap());
    let again = optimizers::from_json(&found.to_json().unwrap()).unwrap();
    assert_eq!(again.to_json().unwrap(), expected.to_json().unwrap());

    let keras2 = json!({"class_name": "Custom>SGD", "config": {
        "name": "SGD", "weight_decay": null, "use_ema": false, "ema_momentum": 0.99,
        "jit_compile": true, "is_legacy_optimizer": false, "learning_rate": 0.5, "momentum": 0.9,
        "nesterov": true, "decay": 0.0,
    }});
    let expected = SGD::new(0.5).momentum(0.9).nesterov(true).to_json().unwrap();
    assert_eq!(optimizers::from_json(&keras2).unwrap().to_json().unwrap(), expected);

    for (name, class, rate) in [
        ("adam", "Adam", 0.001),
        ("ADAM", "Adam", 0.001),
        ("rmsprop", "RMSprop", 0.001),
        ("SGD", "SGD", 0.01),
    ] {
        let found = optimizers::get(name).unwrap();
        assert_eq!(found.class_name(), class, "{name}");
        assert_eq!(found.base().learning_rate, rate, "{name}");
    }
}

#[test]
fn configs_that_would_train_differently_are_refused() {
    let entry = |key: &str, value| json!({"class_name": "Adam", "config": {key: value}});
    for (entry, message) in [
        (
            json!("adma"),
            "unknown optimizer `adma`; did you mean `Adam`? (there are SGD, RMSprop, Adam, AdamW, \
             Adadelta, Adagrad, Adamax, Adafactor, Nadam, Ftrl, Lion, Lamb, Muon)",
        ),
        (json!(3), "class_name: expected the optimizer's name, or its class and config; got 3"),
        (
            entry("ema_momentum", json!(1.5)),
            "invalid `ema_momentum`: expected a number from 0 to 1, got 1.5",
        ),
        (
            entry("gradient_accumulation_steps", json!(1)),
            "invalid `gradient_accumulation_steps`: expected null, or a number of at least 2, got 1",
        ),
        (
            entry("learning_rate", json!({"class_name": "ExponentialDecay"})),
            "config.learning_rate.config: missing field `initial_learning_rate`",
        ),
        (
            entry("learning_rate", json!({"class_name": "CosineDecays"})),
            "config.learning_rate: unknown learning rate schedule `CosineDecays`; did you mean \
             `CosineDecay`?",
        ),
        (
            entry("decay", json!("fast")),
            "config.decay: expected a number that goes with a learning rate, got \"fast\"",
        ),
        (
            entry("learning_rate", json!(-1)),
            "invalid `learning_rate`: expected a number that is not negative, got -1",
        ),
        (
            entry("beta_1", json!(1.0)),
            "invalid `beta_1`: expected a number from 0 to below 1, got 1",
        ),
        (entry("clipnorm", json!(0.0)), "invalid `clipnorm`: expected a positive number, got 0"),
        (
            json!({"class_name": "SGD", "config": {"momentum": 1.5}}),
            "invalid `momentum`: expected a number from 0 to 1, got 1.5",
        ),
        (
            json!({"class_name": "SGD", "config": {"clipnorm": 1.0, "clipvalue": 1.0}}),
            "invalid `clipping`: expected one of clipnorm, global_clipnorm and clipvalue, got \
             clipnorm and clipvalue",
        ),
    ] {
        assert_eq!(optimizers::from_json(&entry).unwrap_err().to_string(), message);
    }
    let error = optimizers::from_json(&entry("beta_2", json!("high"))).unwrap_err().to_string();
    assert!(error.starts_with("config.beta_2: invalid type: string \"high\""), "{error}");
}

/// Large weights are spread over the cores in pieces; each number moves as it does by itself.
#[test]
fn a_large_weight_moves_as_a_small_one() {
    let large = |small: &[f32; 7]| {
        let numbers: Vec<f32> = small.iter().copied().cycle().take(7 * 30_000).collect();
        Tensor::from(numbers)
    };
    let (w, dw) = ([1.0, -2.0, 0.5, 3.0, 0.0, -0.25, 7.0], [0.5, -2.0, 3.0, 0.0, 1.0, -0.1, 0.2]);
    let optimizers: [Box<dyn Optimizer>; 18] = [
        Box::new(SGD::new(0.1).weight_decay(0.5).clipvalue(0.25)),
        Box::new(SGD::new(0.1).momentum(0.9)),
        Box::new(SGD::new(0.1).momentum(0.9).nesterov(true)),
        Box::new(RMSprop::new(0.01)),
        Box::new(RMSprop::new(0.01).momentum(0.5)),
        Box::new(RMSprop::new(0.01).centered(true)),
        Box::new(RMSprop::new(0.01).momentum(0.5).centered(true)),
        Box::new(Adam::new(0.01)),
        Box::new(Adam::new(0.01).amsgrad(true)),
        Box::new(Adamax::new(0.01)),
        Box::new(Nadam::new(0.01)),
        Box::new(Adagrad::new(0.01)),
        Box::new(Adadelta::new(0.01)),
        Box::new(Ftrl::new(0.01)),
        Box::new(Lion::new(0.01)),
        Box::new(Muon::new(0.01)),
        Box::new(SGD::new(0.01).use_ema(true).ema_overwrite_frequency(2)),
        Box::new(SGD::new(0.01).gradient_accumulation_steps(2)),
    ];
    for optimizer in optimizers {
        let mut params = [Param::new("small", w.into()), Param::new("large", large(&w))];
        let mut state = OptimizerState::default();
        for _ in 0..3 {
            let mut params: Vec<&mut Param> = params.iter_mut().collect();
            let mut gradients = [Some(dw.into()), Some(large(&dw))];
            state.apply(&*optimizer, &mut params, &mut gradients).unwrap();
        }
        let [small, found] = params.map(|param| param.value().as_slice().to_vec());
        assert_ne!(small, w);
        assert!(found.chunks(7).all(|part| part == small), "{optimizer:?}");
    }
}

#[test]
fn the_norm_of_a_large_gradient_is_that_of_all_its_numbers() {
    const LEN: usize = 1 << 18;
    for optimizer in [SGD::new(1.0).clipnorm(1.0), SGD::new(1.0).global_clipnorm(1.0)] {
        let mut param = Param::new("w", Tensor::zeros(&[LEN]));
        let mut gradients = [Some(Tensor::full(&[LEN], 4.0))];
        OptimizerState::default().apply(&optimizer, &mut [&mut param], &mut gradients).unwrap();
        // The norm of so many fours is 4 · 512.
        assert!(param.value().as_slice().iter().all(|&w| w == -1.0 / 512.0));
    }
}

/// An update changes the numbers where they are.
#[test]
fn an_update_copies_no_weight() {
    let mut param = Param::new("w", Tensor::zeros(&[1000]));
    let at = param.value().as_slice().as_ptr();
    let mut gradients = [Some(Tensor::full(&[1000], 1.0))];
    let mut state = OptimizerState::default();
    for optimizer in [SGD::new(1.0), SGD::new(1.0).weight_decay(0.1).clipnorm(1.0)] {
        state.apply(&optimizer, &mut [&mut param], &mut gradients).unwrap();
    }
    assert_eq!(param.value().as_slice().as_ptr(), at);
}
