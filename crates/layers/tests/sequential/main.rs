//! The Sequential model: adding, naming, nesting, building, predicting and learning.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

mod coupling;
mod custom;
mod nested;
mod passes;
mod threads;
mod watched;

use ceratops_core::{Rng, Shape, Tensor};
use ceratops_layers::{
    Activation, Conv2D, Dense, Flatten, Input, IntoNode, Logits, MaxPooling2D, Node, PReLU,
    PassOptions, Registry, Sequential, sequential,
};
use rand::{Rng as _, SeedableRng};

const OPTIONS: PassOptions = PassOptions { seed: 5, step: 2, logits: Logits::NONE, whole: false };

/// Random numbers from -1 to 1.
fn draw(shape: &[usize], seed: u64) -> Tensor {
    let mut rng = Rng::seed_from_u64(seed);
    let len = shape.iter().product();
    let numbers = std::iter::repeat_with(|| rng.random_range(-1.0..1.0)).take(len);
    Tensor::new(shape, numbers.collect()).unwrap()
}

/// Fails unless each number is as near as long sums in f32 leave it.
fn assert_near(a: &Tensor, b: &Tensor, what: &str) {
    assert_eq!(a.shape(), b.shape(), "{what}");
    let scale = b.as_slice().iter().fold(1.0, |max: f32, b| max.max(b.abs()));
    for (a, b) in a.as_slice().iter().zip(b.as_slice()) {
        assert!((a - b).abs() <= 1e-4 * scale, "{what}: {a} and {b}");
    }
}

fn names(model: &Sequential) -> Vec<&str> {
    model.layers().iter().map(Node::name).collect()
}

#[test]
fn layers_are_named_for_their_class() {
    let mut model = sequential![
        Input::new([9, 9, 1]),
        Conv2D::new(2, 3),
        PReLU::new(),
        Conv2D::new(2, 3),
        PReLU::new().named("slopes"),
        PReLU::new(),
        Flatten::new(),
        Dense::new(2).named("dense_1"),
        Dense::new(2),
        Dense::new(2),
    ]
    .unwrap();
    let first = ["conv2d", "p_re_lu", "conv2d_1", "slopes", "p_re_lu_1", "flatten"];
    assert_eq!(names(&model), [&first[..], &["dense_1", "dense", "dense_2"]].concat());
    assert_eq!(model.pop().unwrap().name(), "dense_2");
    model.add(Dense::new(3)).unwrap();
    assert_eq!(names(&model).last(), Some(&"dense_2"));
}

#[test]
fn a_refused_layer_changes_nothing() {
    let mut model = sequential![Input::new([4]), Dense::new(3)].unwrap();
    let before = model.to_entry().unwrap();
    for layer in [Dense::new(0).into(), Conv2D::new(2, 3).into(), Dense::new(2).named("dense")] {
        assert!(model.add(layer).is_err());
        assert_eq!(model.to_entry().unwrap(), before);
    }
    let mut deferred = sequential![Dense::new(3), Conv2D::new(2, 3)].unwrap();
    assert!(deferred.build([None, Some(4)]).is_err());
    assert!(!deferred.is_built() && deferred.params().is_empty());
    deferred.pop().unwrap();
    deferred.build([None, Some(4)]).unwrap();
}

#[test]
fn pop_takes_the_last_layer_with_its_weights() {
    let mut model = sequential![Input::new([4]), Dense::new(3), Dense::new(2)].unwrap();
    let weights = model.get_weights();
    let node = model.pop().unwrap();
    assert_eq!(node.get_weights(), weights[2..]);
    assert_eq!(model.output_shape(), Some(&Shape::batched([3])));
    model.add(node).unwrap();
    assert_eq!(model.get_weights(), weights);
    model.pop().unwrap();
    model.pop().unwrap();
    assert_eq!(model.output_shape(), Some(&Shape::batched([4])));
    assert_eq!(model.predict(draw(&[2, 4], 0)).unwrap(), draw(&[2, 4], 0));
}

/// As in Keras, a built layer keeps its weights in a new place that they fit.
#[test]
fn a_layer_moves_with_its_weights() {
    let mut first = Sequential::with_seed(3);
    first.add(Input::new([8, 8, 1])).unwrap().add(Conv2D::new(2, 3)).unwrap();
    let conv = first.pop().unwrap();
    let weights = conv.get_weights();
    let model = sequential![Input::new([None, None, Some(1)]), conv.frozen()].unwrap();
    assert_eq!(model.get_weights(), weights);
    assert!(model.params().iter().all(|param| param.is_frozen()));
}

#[test]
fn three_ways_to_say_the_input_shape() {
    let layers = || [Dense::new(5).activation("relu"), Dense::new(2)];
    let with_input = sequential![Input::new([4]), layers()[0].clone(), layers()[1].clone()];
    let [first, second] = layers();
    let with_input_shape = sequential![first.with_input_shape([4]), second].unwrap();
    let mut deferred = Sequential::from_layers(layers()).unwrap();
    assert!(!deferred.is_built() && deferred.output_shape().is_none());
    deferred.build([Some(32), Some(4)]).unwrap();
    let with_input = with_input.unwrap();
    for model in [&with_input_shape, &deferred] {
        assert!(model.is_built());
        assert_eq!(model.input_shape(), Some(&Shape::batched([4])));
        assert_eq!(model.output_shape(), Some(&Shape::batched([2])));
        assert_eq!(model.to_entry().unwrap(), with_input.to_entry().unwrap());
        assert_eq!(model.get_weights(), with_input.get_weights());
    }
    let weights = deferred.get_weights();
    deferred.build([None, Some(4)]).unwrap();
    assert_eq!(deferred.get_weights(), weights);
}

#[test]
fn seeds_make_the_weights() {
    let weights = |mut model: Sequential| {
        model.add(Input::new([4])).unwrap().add(Dense::new(5)).unwrap();
        model.add(Dense::new(5)).unwrap();
        model.get_weights()
    };
    assert_eq!(weights(Sequential::new()), weights(Sequential::with_seed(0)));
    let (a, b) = (weights(Sequential::with_seed(1)), weights(Sequential::with_seed(2)));
    assert_ne!(a[0], b[0]);
    // Two layers of one model draw different numbers.
    assert_ne!(a[0].as_slice()[..10], a[2].as_slice()[..10]);
}

#[test]
fn images_of_any_size() {
    let layers = || {
        let [conv, last] = [Conv2D::new(3, 3).activation("tanh"), Conv2D::new(1, 2)];
        let pool = MaxPooling2D::new(2);
        [conv.into(), PReLU::new().shared_axes([1, 2]).into(), pool.into(), last.into()]
    };
    let model = |height: Option<usize>, width: Option<usize>| {
        let input = Node::from(Input::new([height, width, Some(2)]));
        Sequential::from_layers([input].into_iter().chain(layers())).unwrap()
    };
    let open = model(None, None);
    assert_eq!(open.output_shape(), Some(&Shape::from([None, None, None, Some(1)])));
    for (height, width) in [(6, 6), (9, 13)] {
        let fixed = model(Some(height), Some(width));
        assert_eq!(fixed.get_weights(), open.get_weights());
        let x = draw(&[70, height, width, 2], 1);
        assert_eq!(open.predict(&x).unwrap(), fixed.predict(&x).unwrap());
    }
}

#[test]
fn a_vector_stands_for_a_column() {
    let model = sequential![Input::new([1]), Dense::new(2)].unwrap();
    let x = draw(&[70], 1);
    let column = x.clone().reshape(&[70, 1]).unwrap();
    assert_eq!(model.predict(&x).unwrap(), model.predict(&column).unwrap());
}

#[test]
fn no_samples_give_no_outputs() {
    let model = sequential![Input::new([4]), Dense::new(3), Activation::new("softmax")].unwrap();
    assert_eq!(model.predict(Tensor::zeros(&[0, 4])).unwrap().shape(), [0, 3]);
}

#[test]
fn json_gives_the_model_back() {
    let inner = sequential![Dense::new(3), PReLU::new().frozen()].unwrap().with_name("inner");
    let tail = sequential![Input::new([3]), Dense::new(2)].unwrap().frozen();
    let model = sequential![Input::new([4]), inner, tail, Dense::new(2).frozen()].unwrap();
    let entry = model.to_entry().unwrap();
    let back = Registry::builtin().layer(&entry).unwrap();
    assert_eq!(back.to_entry().unwrap(), entry);
    let mut back = back.downcast_ref::<Sequential>().unwrap().clone();
    assert_eq!(names(&back), names(&model));
    back.set_weights(&model.get_weights()).unwrap();
    let x = draw(&[3, 4], 0);
    assert_eq!(back.predict(&x).unwrap(), model.predict(&x).unwrap());
    let frozen = |model: &Sequential| -> Vec<bool> {
        model.params().iter().map(|param| param.is_frozen()).collect()
    };
    assert_eq!(frozen(&model), [false, false, true, true, true, true, true]);
    assert_eq!(frozen(&back), frozen(&model));
}

#[test]
fn a_registry_can_leave_the_weights_blank() {
    let model = sequential![Input::new([3]), Dense::new(2).bias_initializer("ones")].unwrap();
    let entry = model.to_entry().unwrap();
    let blank = Registry::builtin().with_blank_weights().layer(&entry).unwrap();
    assert!(blank.get_weights().iter().all(|w| w.as_slice().iter().all(|&w| w == 0.0)));

    // What is added later is drawn as ever.
    let mut blank = blank.downcast_ref::<Sequential>().unwrap().clone();
    blank.add(Dense::new(2).bias_initializer("ones")).unwrap();
    assert_eq!(blank.get_weights()[3].as_slice(), [1.0, 1.0]);
}
