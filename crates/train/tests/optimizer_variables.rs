//! What optimizers remember, from and to real Keras.
//!
//! `golden/optimizers.json` holds what Keras 3, tf_keras and tf_keras' older optimizers remember
//! after 5 steps, and the weights after 15; `golden/make_optimizers.py` wrote it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::{Result, Tensor};
use ceratops_layers::{
    Attention, BatchNormalization, CallLayer, Dense, Input, IntoNode, Model, PReLU, Sequential,
    sequential,
};
use ceratops_train::{
    Compile, CompiledModel, OptimizerVariables,
    optimizers::{self, Adam, RMSprop, SGD},
};
use serde_json::Value;

/// What may differ, relative to the largest number of a tensor.
const TOLERANCE: f32 = 2e-5;

fn tensor(value: &Value) -> Tensor {
    let list = |key: &str| value[key].as_array().unwrap().clone();
    let shape: Vec<usize> = list("shape").iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let data = list("data").iter().map(|x| x.as_f64().unwrap() as f32).collect();
    Tensor::new(&shape, data).unwrap()
}

fn tensors(value: &Value) -> Vec<Tensor> {
    value.as_array().unwrap().iter().map(tensor).collect()
}

fn variables(value: &Value) -> Vec<(String, Tensor)> {
    let variable = |v: &Value| (v["name"].as_str().unwrap().to_owned(), tensor(v));
    value.as_array().unwrap().iter().map(variable).collect()
}

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/optimizers.json")).unwrap()
}

fn network() -> Sequential {
    sequential![
        Input::new([2]),
        Dense::new(3).named("first"),
        PReLU::new().named("prelu"),
        BatchNormalization::new().named("norm"),
        Dense::new(3).activation("tanh").named("frozen").frozen(),
        Dense::new(1).named("last"),
    ]
    .unwrap()
    .with_name("model")
}

/// The network with those weights and that optimizer.
fn compiled(weights: &Value, optimizer: &Value) -> CompiledModel {
    let mut model = network();
    model.set_weights(&tensors(weights)).unwrap();
    model.compile(optimizers::from_json(optimizer).unwrap(), "mse", ()).unwrap()
}

fn train(model: &mut CompiledModel, golden: &Value, steps: usize) {
    let (x, y) = (tensor(&golden["x"]), tensor(&golden["y"]));
    for _ in 0..steps {
        model.train_on_batch(&x, &y).unwrap();
    }
}

#[track_caller]
fn assert_near(found: &Tensor, expected: &Tensor, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    let largest = expected.as_slice().iter().fold(0f32, |max, x| max.max(x.abs()));
    for (found, expected) in found.as_slice().iter().zip(expected.as_slice()) {
        let gap = (found - expected).abs();
        assert!(gap <= TOLERANCE * largest, "{what}: {found} is not {expected}, of {largest}");
    }
}

fn cases(golden: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let cases = golden["cases"].as_object().unwrap();
    assert_eq!(cases.len(), 40);
    cases.iter()
}

/// The weights of all 11 tensors follow those of Keras for 10 steps from its optimizer's state.
#[test]
fn training_goes_on_where_keras_left_off() {
    let golden = golden();
    for (name, case) in cases(&golden) {
        let mut model = compiled(&case["weights_5"], &case["optimizer"]);
        let state = OptimizerVariables::from_list(variables(&case["variables_5"]));
        assert_eq!(state.iterations, 5, "{name}");
        assert_eq!(state.learning_rate.is_some(), name.starts_with("keras3"), "{name}");
        model.set_optimizer_variables(state).unwrap();
        train(&mut model, &golden, 10);
        let found = model.get_weights();
        for (i, (found, expected)) in found.iter().zip(tensors(&case["weights_15"])).enumerate() {
            assert_near(found, &expected, &format!("{name}, weight {i}"));
        }
    }
}

/// New-style files have numbers for names; and the state is what makes the difference.
#[test]
fn names_may_be_missing() {
    let golden = golden();
    for (name, case) in cases(&golden) {
        let mut named = compiled(&case["weights_5"], &case["optimizer"]);
        let mut numbered = named.clone();
        let list = variables(&case["variables_5"]);
        named.set_optimizer_variables(OptimizerVariables::from_list(list.clone())).unwrap();
        let numbers = (0..).zip(list).map(|(i, (_, tensor))| (format!("{i}"), tensor));
        let numbers = OptimizerVariables::from_list(numbers.collect());
        numbered.set_optimizer_variables(numbers).unwrap();
        assert_eq!(numbered.optimizer_variables(), named.optimizer_variables(), "{name}");
    }
}

/// What is written is Keras 3's list: the same names, order and numbers.
#[test]
fn variables_are_those_of_keras() {
    let golden = golden();
    for (name, case) in cases(&golden).filter(|(name, _)| name.starts_with("keras3")) {
        let expected = OptimizerVariables::from_list(variables(&case["variables_5"]));
        let mut trained = compiled(&golden["first"], &case["optimizer"]);
        train(&mut trained, &golden, 5);
        let found = trained.optimizer_variables();
        let optimizer = trained.optimizer().name();
        assert!(case["variables_5"][0]["name"] == format!("{optimizer}/iteration"), "{name}");
        assert_eq!((found.iterations, found.learning_rate), (5, expected.learning_rate), "{name}");
        assert_eq!(found.slots.len(), expected.slots.len(), "{name}");
        for ((found_name, found), (expected_name, expected)) in
            found.slots.iter().zip(&expected.slots)
        {
            assert_eq!(found_name, expected_name, "{name}");
            assert_near(found, expected, &format!("{name}, {found_name}"));
        }
        let mut again = compiled(&golden["first"], &case["optimizer"]);
        again.set_optimizer_variables(expected.clone()).unwrap();
        assert_eq!(again.optimizer_variables(), expected, "{name}");
    }
}

/// A model of one weight of shape (2, 1) and one of (1,).
fn small(optimizer: impl ceratops_train::IntoOptimizer) -> CompiledModel {
    sequential![Input::new([2]), Dense::new(1)].unwrap().compile(optimizer, "mse", ()).unwrap()
}

fn list(names: &[&str], shapes: &[&[usize]]) -> Vec<(String, Tensor)> {
    let numbered = (1..).zip(names.iter().zip(shapes));
    numbered.map(|(i, (name, shape))| ((*name).to_owned(), Tensor::full(shape, i as f32))).collect()
}

fn set(model: &mut CompiledModel, slots: Vec<(String, Tensor)>) -> Result<Vec<f32>> {
    let variables = OptimizerVariables { iterations: 3, learning_rate: None, slots };
    model.set_optimizer_variables(variables)?;
    let slots = model.optimizer_variables().slots;
    Ok(slots.iter().map(|(_, tensor)| tensor.as_slice()[0]).collect())
}

const KERNEL: &[usize] = &[2, 1];
const BIAS: &[usize] = &[1];

/// m and v of each weight, or all m and then all v; Keras 2.1 adds a number for each weight.
#[test]
fn the_older_order_is_known_by_names_or_shapes() {
    let mut model = small("adam");
    let old = [KERNEL, BIAS, KERNEL, BIAS];
    for names in [
        ["Adam/d/kernel/m:0", "Adam/d/bias/m:0", "Adam/d/kernel/v:0", "Adam/d/bias/v:0"],
        ["d/kernel_2/m", "d/bias_2/m", "d/kernel_2/v", "d/bias_2/v"],
        [
            "training/Adam/m_0:0",
            "training/Adam/m_1:0",
            "training/Adam/v_0:0",
            "training/Adam/v_1:0",
        ],
        ["", "", "", ""],
        // A layer may be called as a slot is.
        ["Adam/m/kernel/m:0", "Adam/m/bias/m:0", "Adam/m/kernel/v:0", "Adam/m/bias/v:0"],
    ] {
        assert_eq!(set(&mut model, list(&names, &old)).unwrap(), [1.0, 3.0, 2.0, 4.0], "{names:?}");
    }
    let new = [KERNEL, KERNEL, BIAS, BIAS];
    for names in [
        ["Adam/m/d/kernel:0", "Adam/v/d/kernel:0", "Adam/m/d/bias:0", "Adam/v/d/bias:0"],
        ["Adam/m/v/kernel:0", "Adam/v/v/kernel:0", "Adam/m/v/bias:0", "Adam/v/v/bias:0"],
        ["0", "1", "2", "3"],
    ] {
        assert_eq!(set(&mut model, list(&names, &new)).unwrap(), [1.0, 2.0, 3.0, 4.0], "{names:?}");
    }
    let names = ["training/Adam/Variable_1:0"; 6];
    let keras_2_1 = [KERNEL, BIAS, KERNEL, BIAS, &[1], &[1]];
    assert_eq!(set(&mut model, list(&names, &keras_2_1)).unwrap(), [1.0, 3.0, 2.0, 4.0]);
}

/// Where all shapes are the same, only names tell the orders apart.
#[test]
fn weights_of_one_shape_are_told_apart_by_names() {
    let model =
        sequential![Input::new([1]), Dense::new(1).use_bias(false), Dense::new(1).use_bias(false)];
    let mut model = model.unwrap().compile("adam", "mse", ()).unwrap();
    let shapes = [&[1, 1][..]; 4];
    for (names, expected) in [
        (["0", "1", "2", "3"], [1.0, 2.0, 3.0, 4.0]),
        (["training/Adam/Variable:0"; 4], [1.0, 3.0, 2.0, 4.0]),
        (["a/kernel/m", "b/kernel/m", "a/kernel/v", "b/kernel/v"], [1.0, 3.0, 2.0, 4.0]),
    ] {
        assert_eq!(set(&mut model, list(&names, &shapes)).unwrap(), expected, "{names:?}");
    }
}

/// tf_keras keeps momentum for an SGD without, and TensorFlow.js for each RMSProp.
#[test]
fn momentum_that_is_not_used_is_left_out() {
    let names = ["SGD/m/d/kernel:0", "SGD/m/d/bias:0"];
    assert_eq!(set(&mut small("sgd"), list(&names, &[KERNEL, BIAS])).unwrap(), [0.0; 0]);
    assert_eq!(set(&mut small("sgd"), list(&["1", "2"], &[KERNEL, BIAS])).unwrap(), [0.0; 0]);
    let names = ["k/rms", "b/rms", "k/momentum", "b/momentum", "k/mg", "b/mg"];
    let shapes = [KERNEL, BIAS, KERNEL, BIAS, KERNEL, BIAS];
    let slots = list(&names, &shapes);
    let found = set(&mut small(RMSprop::new(0.1)), slots[..4].to_vec());
    assert_eq!(found.unwrap(), [1.0, 2.0]);
    let found = set(&mut small(RMSprop::new(0.1).centered(true)), slots);
    assert_eq!(found.unwrap(), [1.0, 2.0, 5.0, 6.0]);
}

#[test]
fn variables_that_do_not_fit_are_refused_and_change_nothing() {
    let mut adam = small(Adam::new(0.5));
    adam.train_on_batch(Tensor::full(&[1, 2], 1.0), Tensor::zeros(&[1])).unwrap();
    let before = adam.optimizer_variables();
    let help = "; they must come from the same optimizer on the same model, with the same layers \
                frozen";
    let velocities = ["k/v", "b/v"];
    for (slots, message) in [
        (
            list(&["0", "1", "2"], &[KERNEL, KERNEL, BIAS]),
            "invalid `optimizer variables`: expected 4 (momentum, velocity of the 2 weights that \
             learn), got 3",
        ),
        (
            list(&["0", "1", "2", "3"], &[KERNEL, KERNEL, BIAS, KERNEL]),
            "optimizer variable \"velocity\" of weight \"sequential/dense/bias\": expected shape \
             (1,), got (2, 1)",
        ),
        (
            list(&["k/mg", "b/mg", "k/v", "b/v"], &[KERNEL, BIAS, KERNEL, BIAS]),
            "invalid `optimizer variables`: expected 4 (momentum, velocity of the 2 weights that \
             learn), got average_gradient",
        ),
        (
            list(&["k/m", "k/m", "b/m", "b/v"], &[KERNEL, KERNEL, BIAS, BIAS]),
            "invalid `optimizer variables`: expected 4 (momentum, velocity of the 2 weights that \
             learn), got 4",
        ),
        (
            Vec::new(),
            "invalid `optimizer variables`: expected 4 (momentum, velocity of the 2 weights that \
             learn), got 0",
        ),
    ] {
        assert_eq!(set(&mut adam, slots).unwrap_err().to_string(), format!("{message}{help}"));
        assert_eq!(adam.optimizer_variables(), before);
    }
    let error = set(&mut small("sgd"), list(&velocities, &[KERNEL, BIAS])).unwrap_err();
    let message = "invalid `optimizer variables`: expected none, since the optimizer remembers nothing, \
                   got velocity";
    assert!(error.to_string().starts_with(message), "{error}");
    let nan = OptimizerVariables { learning_rate: Some(f32::NAN), ..before.clone() };
    let error = adam.set_optimizer_variables(nan).unwrap_err();
    assert!(error.to_string().starts_with("invalid `learning_rate`"), "{error}");
}

#[test]
fn the_learning_rate_of_the_variables_wins() {
    let mut model = small(SGD::new(0.1));
    let set = |model: &mut CompiledModel, learning_rate| {
        model.set_optimizer_variables(OptimizerVariables { learning_rate, ..Default::default() })
    };
    set(&mut model, None).unwrap();
    set(&mut model, Some(0.1)).unwrap();
    assert_eq!(model.learning_rate(), 0.1);
    set(&mut model, Some(0.25)).unwrap();
    assert_eq!(model.learning_rate(), 0.25);
    assert_eq!(model.optimizer_variables().learning_rate, Some(0.25));
}

/// An optimizer that has not begun has no slots, and the summary counts those that are set.
#[test]
fn a_fresh_optimizer_has_no_slots() {
    let mut model = small("adam");
    let fresh = model.optimizer_variables();
    assert_eq!((fresh.iterations, fresh.learning_rate), (0, Some(0.001)));
    assert!(fresh.slots.is_empty());
    model.set_optimizer_variables(fresh.clone()).unwrap();
    assert!(!model.optimizer_state().is_built());
    model.build_optimizer();
    let built = model.optimizer_variables();
    assert_eq!(built.slots.len(), 4);
    let mut other = small("adam");
    other.set_optimizer_variables(built).unwrap();
    assert_eq!(other.summary().to_string(), model.summary().to_string());
    assert!(other.summary().to_string().contains("Optimizer params: 8"), "{}", other.summary());
}

/// The weights of nested models have the names of all that holds them.
#[test]
fn paths_name_all_that_holds_a_weight() {
    let inner = sequential![Dense::new(1).use_bias(false)].unwrap();
    let model = sequential![Input::new([1]), inner.named("inner"), Dense::new(1)].unwrap();
    let mut model = model.compile(SGD::new(0.1).momentum(0.9), "mse", ()).unwrap();
    model.build_optimizer();
    let slots = model.optimizer_variables().slots;
    let names: Vec<&str> = slots.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "sgd/sequential_inner_dense_kernel_momentum",
            "sgd/sequential_dense_1_kernel_momentum",
            "sgd/sequential_dense_1_bias_momentum",
        ]
    );
}

/// A weight may be a single number, and so its slots: the first looks like a learning rate where variables
/// have numbers for names.
#[test]
fn the_slot_of_a_single_number_is_no_learning_rate() {
    let x = Input::new([2, 3]).named("x").tensor();
    let attention = Attention::new().use_scale(true).call([&x, &x]).unwrap();
    let model = Model::new([&x], [&Dense::new(1).call(&attention).unwrap()]).unwrap();
    let mut model = model.compile(Adam::new(0.5), "mse", ()).unwrap();
    model.train_on_batch(Tensor::full(&[1, 2, 3], 1.0), Tensor::zeros(&[1, 2, 1])).unwrap();
    let known = model.optimizer_variables();
    let (mut number, mut list) = (0.., vec![Tensor::scalar(known.iterations as f32)]);
    list.extend(known.slots.iter().map(|(_, slot)| slot.clone()));
    let named = |tensor| (number.next().unwrap_or(0).to_string(), tensor);
    let variables = OptimizerVariables::from_list(list.into_iter().map(named).collect());
    assert!(variables.learning_rate.is_some());
    let before = (model.learning_rate(), known);
    model.set_optimizer_variables(variables).unwrap();
    assert_eq!((model.learning_rate(), model.optimizer_variables()), before);
}
