//! What all optimizers share beyond their formulas: schedules, averages, exclusions, older configs;
//! and the corners of single formulas.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::{Param, Tensor};
use ceratops_layers::{Dense, Input, IntoNode, PReLU, sequential};
use ceratops_train::{
    Compile, CompiledModel, FitOptions, IntoOptimizer, KerasVersion, LambdaCallback, Optimizer,
    OptimizerVariables,
    optimizers::{
        self, Adafactor, Adam, AdamW, Ftrl, Lamb, Lion, Muon, Nadam, OptimizerState, SGD,
    },
    schedules::{
        self, CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay,
        LearningRateSchedule, PiecewiseConstantDecay, PolynomialDecay,
    },
};
use serde_json::json;

fn small(optimizer: impl IntoOptimizer) -> CompiledModel {
    sequential![Input::new([1]), Dense::new(1)].unwrap().compile(optimizer, "mse", ()).unwrap()
}

fn train(model: &mut CompiledModel, batches: usize) {
    for _ in 0..batches {
        model.train_on_batch(Tensor::full(&[2, 1], 1.0), Tensor::zeros(&[2])).unwrap();
    }
}

/// The weight after each of those gradients.
fn follow(optimizer: &dyn Optimizer, first: Tensor, gradients: &[Tensor]) -> Vec<Tensor> {
    let (mut state, mut param) = (OptimizerState::default(), Param::new("w", first));
    let mut step = |dw: &Tensor| {
        state.apply(optimizer, &mut [&mut param], &mut [Some(dw.clone())]).unwrap();
        param.value().clone()
    };
    gradients.iter().map(&mut step).collect()
}

#[test]
fn a_number_cannot_take_the_place_of_a_schedule() {
    let halved = || PiecewiseConstantDecay::new([1, 3], [0.5, 0.25, 0.125]);
    let mut model = small(SGD::new(halved()));
    let mut rates = vec![model.learning_rate()];
    for _ in 0..4 {
        train(&mut model, 1);
        rates.push(model.learning_rate());
    }
    assert_eq!(rates, [0.5, 0.5, 0.25, 0.25, 0.125]);

    let message = "invalid `learning_rate`: expected a schedule, got 0.1; it follows \
                   PiecewiseConstantDecay; compile with a number, so that the learning rate can be \
                   set";
    assert_eq!(model.set_learning_rate(0.1).unwrap_err().to_string(), message);
    assert_eq!(model.learning_rate(), 0.125);
    let mut seen = Vec::new();
    let set = LambdaCallback::new().on_train_batch_end(|_, _, training| {
        seen.push(training.learning_rate());
        if seen.len() == 2 {
            training.set_learning_rate(0.1);
        }
    });
    let options = FitOptions::new().epochs(3).callback(set);
    let mut fresh = small(SGD::new(halved()));
    let error = fresh.fit(Tensor::zeros(&[2, 1]), Tensor::zeros(&[2]), options).unwrap_err();
    assert_eq!(error.to_string(), message);
    assert_eq!(seen, [0.5, 0.25]);

    let mut model = small(SGD::new(0.5));
    model.set_learning_rate(0.25).unwrap();
    assert_eq!(model.learning_rate(), 0.25);
    model.set_learning_rate(halved()).unwrap();
    train(&mut model, 5);
    assert_eq!(model.learning_rate(), 0.125);
}

/// A schedule leaves no variable for the learning rate, and takes none.
#[test]
fn variables_of_a_schedule_have_no_learning_rate() {
    let mut model = small(Adam::new(ExponentialDecay::new(0.1, 2, 0.5)));
    train(&mut model, 1);
    let variables = model.optimizer_variables();
    assert_eq!((variables.learning_rate, variables.slots.len()), (None, 4));
    // A count of 8 bytes, and m and v of two weights.
    assert!(model.summary().to_string().contains("Optimizer params: 5 (24.00 B)"));
    let other = OptimizerVariables { learning_rate: Some(0.5), ..variables.clone() };
    let error = model.set_optimizer_variables(other).unwrap_err().to_string();
    assert!(error.starts_with("invalid `learning_rate`: expected a schedule, got 0.5"), "{error}");
    assert_eq!(model.optimizer_variables(), variables);
}

/// Where the names are numbers, the number that stands for r of a vector is no learning rate.
#[test]
fn a_number_in_place_of_rows_is_no_learning_rate() {
    let compiled = || {
        let model = sequential![Input::new([3]), PReLU::new(), Dense::new(1)].unwrap();
        model.compile(Adafactor::new(CosineDecay::new(0.1, 9)), "mse", ()).unwrap()
    };
    let mut model = compiled();
    model.train_on_batch(Tensor::full(&[2, 3], -1.0), Tensor::full(&[2], 1.0)).unwrap();
    let variables = model.optimizer_variables();
    let list = [("0".to_owned(), Tensor::scalar(1.0))].into_iter().chain(variables.slots.clone());
    let numbered = list.enumerate().map(|(i, (_, tensor))| (i.to_string(), tensor)).collect();
    let mut again = compiled();
    again.set_optimizer_variables(OptimizerVariables::from_list(numbered)).unwrap();
    assert_eq!(again.optimizer_variables(), variables);
}

/// Keras 2 keeps no product: it is made anew from the number of updates.
#[test]
fn nadams_product_can_be_missing() {
    let mut model = small(Nadam::new(0.1).gradient_accumulation_steps(2));
    train(&mut model, 11);
    let variables = model.optimizer_variables();
    let mut without = variables.clone();
    assert_eq!(without.slots.pop().unwrap().0, "nadam/variable");
    model.set_optimizer_variables(without).unwrap();
    assert_eq!(model.optimizer_variables(), variables);
}

/// A file may say anything.
#[test]
fn updates_without_end_are_counted_no_further() {
    let nadam = Nadam::new(0.1).use_ema(true).ema_overwrite_frequency(3);
    for optimizer in [nadam.clone(), nadam.gradient_accumulation_steps(2)] {
        let mut model = small(optimizer);
        train(&mut model, 3);
        let variables = OptimizerVariables { iterations: u64::MAX, ..model.optimizer_variables() };
        model.set_optimizer_variables(variables).unwrap();
        train(&mut model, 3);
        assert_eq!(model.optimizer_state().iterations(), u64::MAX);
    }
}

#[test]
fn the_decay_of_older_optimizers_is_a_schedule() {
    let entry = |class: &str, config| json!({"class_name": class, "config": config});
    let found = optimizers::from_json(&entry("SGD", json!({"lr": 0.5, "decay": 0.25}))).unwrap();
    let expected = SGD::new(InverseTimeDecay::new(0.5, 1, 0.25));
    assert_eq!(found.to_json().unwrap(), expected.to_json().unwrap());
    assert_eq!(
        [0, 1, 4].map(|step| found.base().learning_rate.at(step)),
        [0.5, 0.4f32.into(), 0.25]
    );
    let again = optimizers::from_json(&found.to_json().unwrap()).unwrap();
    assert_eq!(again.to_json().unwrap(), expected.to_json().unwrap());

    let rmsprop = entry("RMSProp", json!({"learningRate": 0.5, "decay": 0.75}));
    let found = optimizers::from_json(&rmsprop).unwrap().to_json().unwrap();
    assert_eq!(
        (&found["config"]["rho"], &found["config"]["learning_rate"]),
        (&json!(0.75), &json!(0.5))
    );
    let adamax = entry("Adamax", json!({"learningRate": 0.5, "decay": 0.25, "beta1": 0.5}));
    assert_eq!(optimizers::from_json(&adamax).unwrap().base().learning_rate.at(4), 0.25);
    let adagrad = entry("Adagrad", json!({"learningRate": 0.5, "initialAccumulatorValue": 0.25}));
    let found = optimizers::from_json(&adagrad).unwrap().to_json().unwrap();
    assert_eq!(found["config"]["initial_accumulator_value"], 0.25);

    let nadam = entry("Nadam", json!({"learning_rate": 0.5, "decay": 0.004}));
    assert_eq!(
        optimizers::from_json(&nadam).unwrap_err().to_string(),
        "config.decay: expected 0, since this momentum schedule is that of older Nadams, got 0.004"
    );
}

/// Keras 2 refuses keys that it does not know.
#[test]
fn keras_2_is_spared_what_it_does_not_know() {
    let model = small(Adam::new(CosineDecay::new(0.1, 9)).use_ema(true));
    let config = model.training_config(KerasVersion::V2).unwrap()["optimizer_config"].clone();
    let config = config["config"].as_object().unwrap();
    assert!(!config.contains_key("loss_scale_factor"));
    assert!(!config.contains_key("gradient_accumulation_steps"));
    assert_eq!(config["use_ema"], true);
    assert_eq!(config["learning_rate"]["module"], "keras.optimizers.schedules");
    assert_eq!(config["learning_rate"]["config"]["decay_steps"].to_string(), "9");
}

#[test]
fn builders_set_what_files_say() {
    let adam = AdamW::new(0.5).beta_1(0.5).beta_2(0.75).epsilon(0.25).amsgrad(true);
    let adam = adam.ema_momentum(0.5).ema_overwrite_frequency(7).gradient_accumulation_steps(3);
    let config = adam.use_ema(true).loss_scale_factor(8.0).to_json().unwrap()["config"].clone();
    for (key, value) in [
        ("beta_1", json!(0.5)),
        ("beta_2", json!(0.75)),
        ("epsilon", json!(0.25)),
        ("amsgrad", json!(true)),
        ("weight_decay", json!(0.004)),
        ("use_ema", json!(true)),
        ("ema_momentum", json!(0.5)),
        ("ema_overwrite_frequency", json!(7)),
        ("gradient_accumulation_steps", json!(3)),
        ("loss_scale_factor", json!(8.0)),
    ] {
        assert_eq!(config[key], value, "{key}");
    }
    assert!(config.get("exclude_from_weight_decay").is_none());
    let ftrl = Ftrl::new(0.5).learning_rate_power(-0.25).l1_regularization_strength(0.5);
    assert_eq!(ftrl.to_json().unwrap()["config"]["l1_regularization_strength"], 0.5);
    let muon = Muon::new(0.5).exclude_layers(["last"]).rms_rate(None).adam_weight_decay(0.5);
    let config = muon.polynomial(1.0, 2.0, 3.0).to_json().unwrap()["config"].clone();
    assert_eq!((&config["rms_rate"], &config["adam_weight_decay"]), (&json!(null), &json!(0.5)));
    assert_eq!((&config["muon_c"], &config["exclude_layers"]), (&json!(3.0), &json!(["last"])));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refusal = |optimizer: &dyn Optimizer| optimizer.validate().unwrap_err().to_string();
    let falls = |schedule: &dyn LearningRateSchedule| schedule.validate().unwrap_err().to_string();
    for (found, message) in [
        (
            refusal(&Lion::new(0.1).beta_1(0.0)),
            "`beta_1`: expected a number above 0 and up to 1, got 0",
        ),
        (
            refusal(&Ftrl::new(0.1).learning_rate_power(0.5)),
            "`learning_rate_power`: expected a number that is not pos",
        ),
        (refusal(&Ftrl::new(0.1).beta(-1.0)), "`beta`: expected a number that is not negative"),
        (refusal(&Lamb::new(0.1).beta_2(1.0)), "`beta_2`: expected a number from 0 to below 1"),
        (refusal(&Muon::new(0.1).exclude_layers(["dense_.*"])), "`exclude_layers`: expected plain"),
        (
            refusal(&Adam::new(0.1).loss_scale_factor(0.0)),
            "`loss_scale_factor`: expected a positive",
        ),
        (refusal(&Adam::new(ExponentialDecay::new(0.1, 0, 0.5))), "`decay_steps`: expected a posi"),
        (falls(&InverseTimeDecay::new(-0.1, 1, 0.5)), "`initial_learning_rate`: expected a number"),
        (falls(&PolynomialDecay::new(0.1, 5).power(f64::NAN)), "`power`: expected a number"),
        (
            falls(&CosineDecayRestarts::new(0.1, 5).t_mul(0.0)),
            "`t_mul`: expected a positive number",
        ),
        (falls(&PiecewiseConstantDecay::new([1, 2], [0.1])), "`values`: expected one or more"),
        (
            falls(&PiecewiseConstantDecay::new([2, 2], [0.1, 0.2, 0.3])),
            "`boundaries`: expected growing",
        ),
    ] {
        assert!(found.starts_with(&format!("invalid {message}")), "{found}");
    }
    let adamw = json!({"class_name": "AdamW", "config": {"weight_decay": null}});
    let message = "invalid `weight_decay`: expected a number, or the optimizer Adam, got none";
    assert_eq!(optimizers::from_json(&adamw).unwrap_err().to_string(), message);
    let schedule = json!({"class_name": "CosineDecay", "config": {"initial_learning_rate": 1.0,
        "decay_steps": 5, "warmup": 3}});
    let error = schedules::from_json(&schedule).unwrap_err().to_string();
    assert!(error.starts_with("config: unknown field `warmup`"), "{error}");
}

/// A weight that is thawed later must not be averaged with zeros.
#[test]
fn the_average_of_a_weight_that_is_thawed_begins_with_it() {
    let sgd = SGD::new(0.0).use_ema(true);
    let (mut state, mut param) = (OptimizerState::default(), Param::new("w", [2.0].into()));
    param.set_frozen(true);
    let mut step = |param: &mut Param| {
        state.apply(&sgd, &mut [param], &mut [Some([1.0].into())]).unwrap();
        state.slots(0).first().cloned()
    };
    assert_eq!(step(&mut param), None);
    param.set_frozen(false);
    assert_eq!(step(&mut param), Some(Tensor::from([2.0])));
}

/// Weights of zeros, and gradients of zeros, where Keras' ratio is 1.
#[test]
fn lamb_moves_a_weight_of_zeros() {
    let steps = [Tensor::from([0.5, -0.5]), Tensor::zeros(&[2])];
    let found = follow(&Lamb::new(0.25), Tensor::zeros(&[2]), &steps[..1]);
    let gaps = found[0].as_slice().iter().zip([-0.25, 0.25]).map(|(w, expected)| w - expected);
    assert!(gaps.into_iter().all(|gap| gap.abs() < 1e-5), "{}", found[0]);
    let found = follow(&Lamb::new(0.25), Tensor::from([1.0, 2.0]), &steps[1..]);
    assert_eq!(found, [Tensor::from([1.0, 2.0])]);
}

/// Where a row and a column have no gradient, Keras makes NaN of the whole weight.
#[test]
fn adafactor_leaves_what_has_no_gradient() {
    let dw = Tensor::new(&[2, 2], vec![0.5, 0.0, 0.0, 0.0]).unwrap();
    let found = follow(&Adafactor::new(0.5), Tensor::full(&[2, 2], 1.0), &[dw]);
    assert_eq!(found[0].as_slice()[1..], [1.0; 3]);
    assert!(found[0].as_slice()[0] < 0.8, "{}", found[0]);
}

#[test]
fn lion_leaves_what_has_no_gradient() {
    let found = follow(&Lion::new(0.5), Tensor::from([1.0; 3]), &[[0.0, -3.0, 1e-9].into()]);
    assert_eq!(found, [Tensor::from([1.0, 1.5, 0.5])]);
}

/// Names within the path of a weight, and those of a weight that has no path.
#[test]
fn excluded_weights_do_not_decay() {
    let model = sequential![
        Input::new([1]),
        Dense::new(1).kernel_initializer("ones").named("a"),
        Dense::new(1).kernel_initializer("ones").named("b"),
    ];
    let sgd = SGD::new(0.5).weight_decay(0.5).exclude_from_weight_decay(["b/kernel"]);
    let mut model = model.unwrap().compile(sgd.clone(), "mse", ()).unwrap();
    model.train_on_batch(Tensor::zeros(&[1, 1]), Tensor::zeros(&[1, 1])).unwrap();
    let weights = model.get_weights();
    assert_eq!((weights[0].as_slice(), weights[2].as_slice()), (&[0.75][..], &[1.0][..]));
    let kernel = SGD { base: sgd.base, ..SGD::new(0.5) }.exclude_from_weight_decay(["w"]);
    assert_eq!(follow(&kernel, [1.0].into(), &[[0.0].into()]), [Tensor::from([1.0])]);
}
