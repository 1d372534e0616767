//! Optimizers and schedules step by step against real Keras.
//!
//! `golden/trajectories.json` holds 20 steps of training with each, and what the optimizers remember
//! after 10 of them; `golden/make_trajectories.py` wrote it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::Tensor;
use ceratops_layers::{Conv2D, Dense, Flatten, Input, IntoNode, PReLU, Sequential, sequential};
use ceratops_train::{
    Compile, CompiledModel, FitOptions, Optimizer, OptimizerVariables, optimizers, schedules,
};
use serde_json::{Value, json};

/// What weights and what is remembered of them may differ, relative to a tensor's largest number.
const TOLERANCE: f32 = 2e-4;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/trajectories.json")).unwrap()
}

fn tensor(value: &Value) -> Tensor {
    let list = |key: &str| value[key].as_array().unwrap().clone();
    let shape: Vec<usize> = list("shape").iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let data = list("data").iter().map(|x| x.as_f64().unwrap() as f32).collect();
    Tensor::new(&shape, data).unwrap()
}

fn tensors(value: &Value) -> Vec<Tensor> {
    value.as_array().unwrap().iter().map(tensor).collect()
}

fn variables(case: &Value) -> OptimizerVariables {
    let variable = |v: &Value| (v["name"].as_str().unwrap().to_owned(), tensor(v));
    let list = case["variables_10"].as_array().unwrap().iter().map(variable);
    OptimizerVariables::from_list(list.collect())
}

/// The cases, those with what optimizers remember first.
fn cases(golden: &Value) -> Vec<(&String, &Value)> {
    let cases: Vec<_> = golden["cases"].as_object().unwrap().iter().collect();
    assert_eq!(cases.len(), 49);
    cases
}

fn remembering(golden: &Value) -> Vec<(&String, &Value)> {
    let cases = cases(golden).into_iter().filter(|(_, case)| case["variables_10"].is_array());
    cases.collect()
}

fn network() -> Sequential {
    sequential![
        Input::new([5, 4, 1]),
        Conv2D::new(2, 3).strides((2, 1)).named("conv"),
        PReLU::new().named("prelu"),
        Flatten::new().named("flatten"),
        Dense::new(3).activation("tanh").named("second"),
        Dense::new(5).named("wide"),
        Dense::new(3).named("embedding"),
        Dense::new(2).named("last"),
    ]
    .unwrap()
    .with_name("model")
}

fn optimizer(case: &Value) -> Box<dyn Optimizer> {
    let mut optimizer = optimizers::from_json(&case["optimizer"]).unwrap();
    let excluded = case["exclude"].as_array().into_iter().flatten();
    optimizer.base_mut().exclude_from_weight_decay =
        excluded.map(|name| name.as_str().unwrap().to_owned()).collect();
    optimizer
}

/// The network with those weights and the optimizer of a case.
fn compiled(weights: &Value, case: &Value) -> CompiledModel {
    let mut model = network();
    model.set_weights(&tensors(weights)).unwrap();
    model.compile(optimizer(case), "mse", ()).unwrap()
}

/// Samples of one batch of the golden run.
fn batch(data: &Tensor, step: usize) -> Tensor {
    let len = data.len() / 24;
    let part = &data.as_slice()[step % 4 * 6 * len..][..6 * len];
    Tensor::new(&[&[6], &data.shape()[1..]].concat(), part.to_vec()).unwrap()
}

/// The losses of those steps.
fn train(model: &mut CompiledModel, golden: &Value, steps: std::ops::Range<usize>) -> Vec<f64> {
    let (x, y) = (tensor(&golden["x"]), tensor(&golden["y"]));
    steps.map(|i| model.train_on_batch(batch(&x, i), batch(&y, i)).unwrap()["loss"]).collect()
}

fn largest(tensor: &Tensor) -> f32 {
    tensor.as_slice().iter().fold(0f32, |max, x| max.max(x.abs()))
}

#[track_caller]
fn assert_near(found: &Tensor, expected: &Tensor, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    let limit = TOLERANCE * largest(expected);
    for (found, expected) in found.as_slice().iter().zip(expected.as_slice()) {
        let gap = (found - expected).abs();
        assert!(gap <= limit, "{what}: {found} is not {expected}, to within {limit}");
    }
}

#[track_caller]
fn assert_weights(model: &CompiledModel, expected: &Value, what: &str) {
    for (i, (found, expected)) in model.get_weights().iter().zip(tensors(expected)).enumerate() {
        assert_near(found, &expected, &format!("{what}, weight {i}"));
    }
}

#[test]
fn training_goes_as_in_keras() {
    let golden = golden();
    for (name, case) in cases(&golden) {
        let mut model = compiled(&golden["first"], case);
        let losses = train(&mut model, &golden, 0..20);
        for (step, (found, expected)) in
            losses.iter().zip(case["losses"].as_array().unwrap()).enumerate()
        {
            let expected = expected.as_f64().unwrap();
            let gap = (found - expected).abs();
            assert!(gap <= 1e-4 * expected.abs(), "{name}, step {step}: {found}, not {expected}");
        }
        assert_weights(&model, &case["weights_20"], name);
        if case["weights_final"].is_array() {
            model.finalize_variable_values();
            assert_weights(&model, &case["weights_final"], &format!("{name} at the end"));
        }
    }
}

/// A first update that goes wrong is small beside the weights: it is held to its own size.
#[test]
fn the_first_update_is_that_of_keras() {
    let golden = golden();
    for (name, case) in remembering(&golden) {
        let mut model = compiled(&golden["first"], case);
        train(&mut model, &golden, 0..1);
        let all = tensors(&golden["first"]).into_iter().zip(tensors(&case["weights_1"]));
        for (i, (found, (first, expected))) in model.get_weights().iter().zip(all).enumerate() {
            let update = |w: &Tensor| {
                let pairs = w.as_slice().iter().zip(first.as_slice());
                Tensor::from(pairs.map(|(w, first)| w - first).collect::<Vec<_>>())
            };
            let (found, expected) = (update(found), update(&expected));
            // A weight has a rounding of its own, which is not the update's.
            let limit = 1e-3 * largest(&expected) + 2e-7 * largest(&first);
            for (found, expected) in found.as_slice().iter().zip(expected.as_slice()) {
                let gap = (found - expected).abs();
                assert!(gap <= limit, "{name}, weight {i}: {found} is not {expected}, ±{limit}");
            }
        }
    }
}

/// What is remembered is Keras' list: the same names, order, shapes and numbers; and what came from
/// Keras goes back as it was.
#[test]
fn variables_are_those_of_keras() {
    let golden = golden();
    for (name, case) in remembering(&golden) {
        let expected = variables(case);
        let mut model = compiled(&golden["first"], case);
        train(&mut model, &golden, 0..10);
        let found = model.optimizer_variables();
        assert_eq!((found.iterations, found.learning_rate), (10, expected.learning_rate), "{name}");
        assert_eq!(found.slots.len(), expected.slots.len(), "{name}");
        for ((found_name, found), (expected_name, expected)) in
            found.slots.iter().zip(&expected.slots)
        {
            assert_eq!(found_name, expected_name, "{name}");
            assert_near(found, expected, &format!("{name}, {found_name}"));
        }
        let mut again = compiled(&golden["first"], case);
        again.set_optimizer_variables(expected.clone()).unwrap();
        assert_eq!(again.optimizer_variables(), expected, "{name}");
    }
}

/// Also where a file has numbers for names.
#[test]
fn training_goes_on_where_keras_left_off() {
    let golden = golden();
    for (name, case) in remembering(&golden) {
        let list = case["variables_10"].as_array().unwrap().iter().map(tensor);
        let numbered = (0..).zip(list).map(|(i, tensor)| (format!("{i}"), tensor)).collect();
        for state in [variables(case), OptimizerVariables::from_list(numbered)] {
            let mut model = compiled(&case["weights_10"], case);
            model.set_optimizer_variables(state).unwrap();
            train(&mut model, &golden, 10..20);
            assert_weights(&model, &case["weights_20"], name);
        }
    }
}

/// Asserts that two configs say the same, whole numbers being written with a point or without.
fn assert_same(found: &Value, expected: &Value, what: &str) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let keys = |of: &serde_json::Map<String, Value>| {
                let mut keys: Vec<String> = of.keys().cloned().collect();
                keys.sort();
                keys
            };
            assert_eq!(keys(found), keys(expected), "{what}");
            for (key, value) in found {
                assert_same(value, &expected[key], &format!("{what}.{key}"));
            }
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            found.iter().zip(expected).for_each(|(found, expected)| {
                assert_same(found, expected, what);
            });
        }
        (Value::Number(_), Value::Number(_)) => {
            assert_eq!(found.as_f64(), expected.as_f64(), "{what}");
        }
        _ => assert_eq!(found, expected, "{what}"),
    }
}

#[test]
fn configs_are_written_as_keras_writes_them() {
    let golden = golden();
    for (name, case) in cases(&golden) {
        let model = compiled(&golden["first"], case);
        let found = model.compile_config().unwrap()["optimizer"].clone();
        assert_same(&found, &case["optimizer"], name);
        let again = optimizers::from_json(&found).unwrap();
        assert_eq!(again.to_json().unwrap(), optimizer(case).to_json().unwrap(), "{name}");
    }
    for (name, table) in golden["schedules"].as_object().unwrap() {
        let schedule = schedules::from_json(&table["schedule"]).unwrap();
        assert_same(&schedule.to_json().unwrap(), &table["schedule"], name);
    }
}

/// The rates at 67 steps, over falls and restarts.
#[test]
fn schedules_are_those_of_keras() {
    let golden = golden();
    let tables = golden["schedules"].as_object().unwrap();
    assert_eq!(tables.len(), 16);
    for (name, table) in tables {
        let schedule = schedules::from_json(&table["schedule"]).unwrap();
        let steps = table["steps"].as_array().unwrap().iter().map(|step| step.as_u64().unwrap());
        for (step, rate) in steps.zip(table["rates"].as_array().unwrap()) {
            let (found, expected) = (schedule.at(step), rate.as_f64().unwrap() as f32);
            let gap = (found - expected).abs();
            assert!(gap <= 1e-7, "{name} at {step}: {found} is not {expected}");
        }
    }
}

/// `fit` ends with the running means in the weights' places.
#[test]
fn fit_ends_with_the_averages() {
    let golden = golden();
    let case = &golden["cases"]["ema"];
    let mut model = compiled(&golden["first"], case);
    let options = FitOptions::new().epochs(5).batch_size(6).shuffle(false);
    model.fit(tensor(&golden["x"]), tensor(&golden["y"]), options).unwrap();
    assert_weights(&model, &case["weights_final"], "fit");
    assert_eq!(case["optimizer"]["config"]["use_ema"], json!(true));
}
