//! What a caller may hand over, and what comes back: arrays, strings, copies, printed logs.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::Tensor;
use ceratops_train::{Compile, CompiledModel, FitOptions, Verbose, optimizers::SGD};

fn model() -> CompiledModel {
    let model = common::dense([[2.0], [0.5]], [0.0], "linear");
    model.compile(SGD::new(0.1).momentum(0.9), "mse", "mae").unwrap()
}

#[test]
fn data_comes_as_arrays_or_tensors() {
    let mut model = model();
    let (x, y) = ([[1.0, 2.0], [0.0, 4.0]], [[1.0], [1.0]]);
    let tensors = (Tensor::from(x), Tensor::from(y));
    assert_eq!(model.predict(x).unwrap(), Tensor::from([[3.0], [2.0]]));
    assert_eq!(model.predict(x.to_vec()).unwrap(), model.predict(&tensors.0).unwrap());
    assert_eq!(model.layer_outputs(x).unwrap(), [model.predict(x).unwrap()]);
    let logs = model.evaluate(x, y).unwrap();
    assert_eq!(logs, model.evaluate(&tensors.0, &tensors.1).unwrap());
    assert_eq!(logs, model.test_on_batch(x, [1.0, 1.0]).unwrap());
    // (4 * 1 + 1 * 3) / 2
    assert_eq!(model.evaluate_weighted(x, y, [1.0, 3.0]).unwrap()["loss"], 3.5);
    assert_eq!(model.train_on_batch(x, y).unwrap()["loss"], 2.5);
    model.train_on_weighted_batch(x, y, vec![1.0, 0.0]).unwrap();
    let history = model.fit(x, y, FitOptions::new().verbose(Verbose::Silent)).unwrap();
    assert_eq!(history.names().collect::<Vec<_>>(), ["loss", "mae"]);
    assert_eq!(history.get("mae"), Some(&history["mae"]));
    assert_eq!(history.get("mea"), None);
}

#[test]
fn logs_print_and_iterate() {
    let logs = model().evaluate([[1.0, 2.0], [0.0, 4.0]], [[1.0], [1.0]]).unwrap();
    assert_eq!(logs.to_string(), "loss: 2.5000 - mae: 1.5000");
    let mut seen = Vec::new();
    for (name, &value) in &logs {
        seen.push((name, value));
    }
    assert_eq!(seen, [("loss", 2.5), ("mae", 1.5)]);
}

#[test]
fn names_may_be_strings() {
    let names = ["adam", "mse", "mae"].map(String::from);
    let compile = || common::dense([[1.0]], [0.0], "linear");
    for model in [
        compile().compile(&names[0], &names[1], &names[2]),
        compile().compile(names[0].clone(), names[1].clone(), names[2].clone()),
        compile().compile("adam", "mse", vec![&names[2]]),
    ] {
        let model = model.unwrap();
        assert_eq!(model.optimizer().class_name(), "Adam");
        let names: Vec<String> =
            model.evaluate([1.0], [2.0]).unwrap().names().map(str::to_owned).collect();
        assert_eq!(names, ["loss", "mae"]);
    }
}

#[test]
fn a_clone_goes_on_learning_apart() {
    let (x, y) = ([[1.0, 2.0], [0.0, 4.0]], [[1.0], [1.0]]);
    let mut model = model();
    model.train_on_batch(x, y).unwrap();
    let mut copy: CompiledModel = model.clone();
    let before = model.get_weights();
    copy.train_on_batch(x, y).unwrap();
    assert_eq!(model.get_weights(), before);
    assert_eq!(model.optimizer_state().iterations(), 1);
    // The momentum of the first step is in the copy, so that both go the same way.
    model.train_on_batch(x, y).unwrap();
    assert_eq!(model.get_weights(), copy.get_weights());
}
