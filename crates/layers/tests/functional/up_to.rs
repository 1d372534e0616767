//! The model up to one of its layers.

use ceratops_core::{Result, Tensor};
use ceratops_layers::{
    Add, CallLayer, Concatenate, Dense, Dropout, Input, IntoNode, Masking, Model, Registry,
    Sequential, sequential,
};

use crate::{draw, names, residual};

fn error(found: Result<Model>) -> String {
    found.unwrap_err().to_string()
}

/// Each layer's output is that of the model up to it.
fn check_all(model: &Model, xs: &[Tensor]) {
    let outputs = model.layer_outputs(xs.to_vec()).unwrap();
    for (node, expected) in model.layers().iter().zip(outputs) {
        let part = model.up_to(node.name()).unwrap();
        let inputs = model.input_names().into_iter().zip(xs);
        let needed = inputs.filter(|(name, _)| part.input_names().contains(name));
        let taken: Vec<Tensor> = needed.map(|(_, x)| x.clone()).collect();
        assert_eq!(part.predict(taken.clone()).unwrap(), expected, "{}", node.name());
        assert_eq!(part.is_sequential(), model.is_sequential());
        // What is written is read again.
        let back = Registry::builtin().layer(&part.to_entry().unwrap()).unwrap();
        let mut back = back.as_model().unwrap().clone();
        back.set_weights(&part.get_weights()).unwrap();
        assert_eq!(back.predict(taken.clone()).unwrap(), expected, "{}", node.name());
        assert_eq!(back.input_names(), part.input_names());
    }
}

#[test]
fn a_chain_gives_a_chain() {
    let model = sequential![
        Input::new([4]),
        Dense::new(5).activation("relu"),
        Dropout::new(0.5),
        Dense::new(3),
    ];
    let model = model.unwrap().with_name("whole");
    check_all(&model, &[draw(&[6, 4], 1)]);
    let part = model.up_to("dropout").unwrap();
    assert_eq!((names(&part), part.name().as_str()), (vec!["dense", "dropout"], "sequential"));
    assert_eq!(part.get_weights(), model.get_weights()[..2]);
    // It can be built on, and the first model does not know.
    let mut longer = Sequential::from(part);
    longer.add(Dense::new(7)).unwrap();
    assert_eq!(names(&longer), ["dense", "dropout", "dense_1"]);
    longer.params_mut()[0].value_mut()[0] = 9.0;
    assert_ne!(model.get_weights()[0], longer.get_weights()[0]);
    // Nothing but the input.
    let x = draw(&[2, 4], 1);
    assert_eq!(model.up_to("input_layer").unwrap().predict(&x).unwrap(), x);
}

#[test]
fn a_chain_that_does_not_know_its_input() {
    let model = sequential![Dense::new(2), Dense::new(3), Dense::new(4)].unwrap();
    let mut part = Sequential::from(model.up_to("dense_1").unwrap());
    assert!(!part.is_built());
    part.build([None, Some(5)]).unwrap();
    assert_eq!(part.predict(Tensor::zeros(&[1, 5])).unwrap().shape(), [1, 3]);
}

#[test]
fn branches() {
    let model = residual().unwrap();
    check_all(&model, &[draw(&[5, 6], 1)]);
    let part = model.up_to("add").unwrap();
    assert_eq!(names(&part), ["dense", "batch_normalization", "add"]);
    assert_eq!(part.output_names(), ["add"]);
    let x = draw(&[5, 6], 1);
    assert_eq!(model.up_to("x").unwrap().predict(&x).unwrap(), x);
}

#[test]
fn inputs_that_are_not_needed_fall_away() {
    let [a, b] = ["a", "b"].map(|name| Input::new([4]).named(name).tensor());
    let left = Dense::new(3).named("left").call(&a).unwrap();
    let right = Dense::new(3).named("right").call(&b).unwrap();
    let both = Concatenate::new().named("both").call([&right, &left]).unwrap();
    let model = Model::new([&a, &b], [&both, &left]).unwrap();
    check_all(&model, &[draw(&[3, 4], 1), draw(&[3, 4], 2)]);
    let part = model.up_to("right").unwrap();
    assert_eq!((part.input_names(), names(&part)), (vec!["b"], vec!["right"]));
    assert_eq!(model.up_to("both").unwrap().input_names(), ["a", "b"]);
}

#[test]
fn a_shared_layer_is_asked_for_by_call() {
    let [a, b] = ["a", "b"].map(|name| Input::new([4]).named(name).tensor());
    let tower = Dense::new(4).named("tower").shared();
    let (p, q) = (tower.call(&a).unwrap(), tower.call(&b).unwrap());
    let again = tower.call(&q).unwrap();
    let sum = Add::new().call([&p, &again]).unwrap();
    let model = Model::new([&a, &b], [&sum]).unwrap();
    assert_eq!(
        error(model.up_to("tower")),
        "the layer \"tower\" is called 3 times; say which call is meant: \"tower[0]\" or \
         \"tower[1]\" or \"tower[2]\""
    );
    let (x, y) = (draw(&[3, 4], 1), draw(&[3, 4], 2));
    let of = |path: &str, x: &Tensor| model.up_to(path).unwrap().predict(x).unwrap();
    let alone = sequential![Input::new([4]), model.layers()[0].clone()].unwrap();
    assert_eq!(of("tower[0]", &x), alone.predict(&x).unwrap());
    let twice = alone.predict(alone.predict(&y).unwrap()).unwrap();
    // The summary's own way to name a tensor.
    assert_eq!(of("tower[2][0]", &y), twice);
    let part = model.up_to("tower[2]").unwrap();
    assert_eq!((part.input_names(), part.layer_calls().len()), (vec!["b"], 2));
    let whole = model.up_to("add").unwrap();
    assert_eq!(whole.predict([&x, &y]).unwrap(), model.predict([&x, &y]).unwrap());
    assert!(error(model.up_to("tower[3]")).contains("\"tower\" has 3 calls, counted from 0"));
    assert!(error(model.up_to("tower[0][1]")).contains("\"tower\" has 1 outputs"));
}

/// A model of two inputs and two outputs, of which each output needs one input.
fn two_ways() -> Model {
    let [a, b] = ["a", "b"].map(|name| Input::new([3]).named(name).tensor());
    let left = Dense::new(2).named("left").call(&a).unwrap();
    let right = Dense::new(2).named("right").call(&b).unwrap();
    Model::new([&a, &b], [&left, &right]).unwrap().with_name("ways")
}

#[test]
fn layers_within_nested_models_have_paths() {
    let [a, b] = ["a", "b"].map(|name| Input::new([3]).named(name).tensor());
    let h = Dense::new(3).named("h").call(&b).unwrap();
    let ways = two_ways().call_all([&a, &h]).unwrap();
    let model = Model::new([&a, &b], [&Add::new().call(&ways).unwrap()]).unwrap();
    let (x, y) = (draw(&[3, 3], 1), draw(&[3, 3], 2));

    let both = model.up_to("ways").unwrap();
    assert_eq!(both.output_names(), ["ways", "ways_1"]);
    let both = both.predict_all([&x, &y]).unwrap();
    let right = model.up_to("ways[0][1]").unwrap();
    assert_eq!((right.input_names(), names(&right)), (vec!["a", "b"], vec!["h", "ways"]));
    assert_eq!(right.predict([&x, &y]).unwrap(), both[1]);
    // By its path, with nothing but what it needs.
    let right = model.up_to("ways/right").unwrap();
    assert_eq!((right.input_names(), names(&right)), (vec!["b"], vec!["h", "ways"]));
    let paths: Vec<String> = right.leaves().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["h", "ways/right"]);
    assert_eq!(right.predict(&y).unwrap(), both[1]);
    assert_eq!(model.up_to("ways/a").unwrap().predict(&x).unwrap(), x);

    // Models within models, and chains.
    let inner = sequential![Input::new([4]), Dense::new(5), Dense::new(6)].unwrap();
    let middle = sequential![Input::new([4]), inner.with_name("inner"), Dense::new(2)].unwrap();
    let chain = sequential![Input::new([4]), Dense::new(4), middle.named("middle")].unwrap();
    let x = draw(&[3, 4], 1);
    let part = chain.up_to("middle/inner/dense").unwrap();
    assert!(part.is_sequential());
    assert_eq!(part.predict(&x).unwrap(), chain.leaf_outputs(&x).unwrap()[1]);
    assert!(part.layers()[1].class_name() == "Sequential" && names(&part) == ["dense", "middle"]);
}

#[test]
fn nested_models_that_are_called_twice() {
    let x = Input::new([3]).tensor();
    let inner = sequential![Input::new([3]), Dense::new(3), Dense::new(3)].unwrap();
    let inner = inner.named("inner").shared();
    let y = inner.call(inner.call(&x).unwrap()).unwrap();
    let model = Model::new(&x, &y).unwrap();
    let x = draw(&[2, 3], 1);
    let outputs = model.leaf_outputs(&x).unwrap();
    assert!(error(model.up_to("inner/dense")).contains("\"inner[0]/dense\" or \"inner[1]/dense\""));
    let first = model.up_to("inner[0]/dense").unwrap();
    assert_eq!(first.predict(&x).unwrap(), outputs[0]);
    let second = error(model.up_to("inner[1]/dense"));
    assert!(second.contains("called before as a whole") && second.contains("inner[0]"), "{second}");
    assert_eq!(model.up_to("inner[1]").unwrap().predict(&x).unwrap(), outputs[3]);
}

#[test]
fn what_is_not_there_is_said() {
    let model = residual().unwrap();
    assert_eq!(error(model.up_to("dens")), "unknown layer `dens`; did you mean `dense`?");
    let unknown = error(model.up_to("something_else"));
    assert!(unknown.contains("the model has 4 layers; see its summary()"), "{unknown}");
    assert!(error(model.up_to("dense/kernel")).contains("the layer \"dense\" holds no others"));
    assert!(error(model.up_to("dense[0")).contains("unknown layer `dense[0`"));
    let nested = sequential![Input::new([2]), two_ways_chain()].unwrap();
    assert!(error(nested.up_to("inner/danse")).contains("did you mean `dense`?"));
}

fn two_ways_chain() -> ceratops_layers::Node {
    sequential![Input::new([2]), Dense::new(2)].unwrap().named("inner")
}

/// Where layers stand in Keras' order, which depends on the outputs.
#[test]
fn layers_stand_as_keras_orders_them() {
    let x = Input::new([2]).named("x").tensor();
    let long = Dense::new(2).named("long").call(&x).unwrap();
    let short = Dense::new(2).named("short").call(&x).unwrap();
    let sum = Add::new().named("sum").call([&short, &long]).unwrap();
    let mut deep = long;
    for i in 0..3 {
        deep = Dense::new(2).named(format!("deep_{i}")).call(&deep).unwrap();
    }
    let model = Model::new(&x, [&sum, &deep]).unwrap();
    assert_eq!(names(&model), ["long", "deep_0", "short", "deep_1", "sum", "deep_2"]);
    // Real Keras 3: Model(model.inputs, model.get_layer("sum").output).
    assert_eq!(names(&model.up_to("sum").unwrap()), ["short", "long", "sum"]);
}

#[test]
fn frozen_layers_and_masks_come_along() {
    let x = Input::new([3, 2]).tensor();
    let masked = Masking::new(0.0).call(&x).unwrap();
    let h = Dense::new(2).named("h").frozen().call(&masked).unwrap();
    let model = Model::new(&x, Dense::new(1).call(&h).unwrap()).unwrap();
    let part = model.up_to("h").unwrap();
    assert!(!part.layers()[1].trainable());
    let x = Tensor::from([[[1.0, 1.0], [0.0, 0.0], [2.0, 0.0]]]);
    let pass = part.test_pass_all(&[x], ceratops_layers::Logits::NONE).unwrap();
    assert_eq!(pass.masks[0].as_ref().unwrap().count(), 2.0);
}

#[test]
fn ten_thousand_layers() {
    let x = Input::new([1]).tensor();
    let mut y = x.clone();
    for _ in 0..10_000 {
        y = Dropout::new(0.5).call(&y).unwrap();
    }
    let model = Model::new(&x, &y).unwrap();
    assert_eq!(model.up_to("dropout_9000").unwrap().layers().len(), 9_001);
}
