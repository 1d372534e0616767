//! What is written for each reader: in which words, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use ceratops_formats::json::{self, Words, WriteOptions, Written};
use ceratops_layers::{
    Activation, AnyActivation, BatchNormalization, Conv2D, Dense, ELU, Flatten, Input, IntoNode,
    LeakyReLU, Model, Node, PReLU, ReLU, Registry, Reshape, Sequential, Softmax, ThresholdedReLU,
    sequential,
};
use ceratops_weights::{
    Initializer,
    initializers::{Distribution, Mode, VarianceScaling},
    regularizers::{Mode as Lines, OrthogonalRegularizer},
};
use common::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const ALL: [Words; 6] = [
    Words::Keras3,
    Words::Keras3Short,
    Words::Keras2,
    Words::Keras2And3,
    Words::Portable,
    Words::TensorFlowJs,
];

fn write(model: &Sequential, words: Words) -> Result<Written> {
    json::write_as(model, words, &WriteOptions::default())
}

/// A model of this layer for inputs of four numbers.
fn holding(layer: impl Into<Node>) -> Sequential {
    sequential![Input::new([4]), layer.into()].unwrap()
}

/// The classes of the layers behind the Input, with their names.
fn layers(written: &Written) -> Vec<(String, String)> {
    let layers = written.document["config"]["layers"].as_array().unwrap();
    let of =
        |layer: &Value, pointer: &str| layer.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let layers = layers.iter().filter(|layer| layer["class_name"] != "InputLayer");
    layers.map(|layer| (of(layer, "/class_name"), of(layer, "/config/name"))).collect()
}

/// Numbers of which some lie on either side of every kink.
fn numbers(shape: &[usize]) -> Tensor {
    let count = shape.iter().product::<usize>();
    Tensor::new(shape, (0..count).map(|k| (k as f32 * 0.37).sin() * 3.0).collect()).unwrap()
}

/// Whatever is written, and not refused, is read again as a model that computes the same.
#[test]
fn what_is_written_means_the_same() {
    let mut models: Vec<(String, Sequential)> = LOADABLE
        .iter()
        .map(|(name, text)| {
            ((*name).to_owned(), json::read(text, &Registry::builtin()).unwrap().model)
        })
        .collect();
    let relu = ReLU::new;
    let rectifiers: [Node; 12] = [
        relu().max_value(1.5).into(),
        relu().negative_slope(0.25).into(),
        relu().threshold(0.5).into(),
        relu().threshold(0.5).max_value(1.5).into(),
        relu().threshold(1.5).max_value(0.5).into(),
        relu().threshold(0.5).max_value(1.5).negative_slope(0.25).into(),
        ELU::new(0.5).into(),
        ThresholdedReLU::new(0.5).into(),
        Dense::new(3).activation(ELU::new(0.5)).into(),
        Dense::new(3).activation("leaky_relu").into(),
        Dense::new(3).activation("celu").into(),
        Activation::new(AnyActivation::layer(Activation::new(ReLU::new().threshold(0.5)))).into(),
    ];
    models.extend(rectifiers.map(|layer| (format!("{layer:?}"), holding(layer))));
    let (mut written, mut refused) = (0, 0);
    for (name, model) in models {
        let lens: Vec<usize> =
            model.input_shape().unwrap().axes().iter().map(|len| len.unwrap_or(2)).collect();
        let x = numbers(&lens);
        for words in ALL {
            let document = match write(&model, words) {
                Ok(written) => written.document.to_string(),
                Err(error) => {
                    assert!(error.to_string().starts_with("config.layers["), "{name}: {error}");
                    refused += 1;
                    continue;
                }
            };
            let mut again = json::read(&document, &Registry::builtin()).unwrap().model;
            again.set_weights(&model.get_weights()).unwrap();
            let first = |model: &Model| model.predict_all(&x).unwrap()[0].clone();
            let (y, expected) = (first(&again), first(&model));
            if again.layers().iter().any(|node| node.name().ends_with("_rescaling")) {
                // A hard_sigmoid in layers adds in another order.
                let pairs = y.as_slice().iter().zip(expected.as_slice());
                assert!(pairs.into_iter().all(|(y, e)| (y - e).abs() < 1e-6), "{name}, {words:?}");
            } else {
                assert_eq!(y, expected, "{name}, {words:?}");
            }
            written += 1;
        }
    }
    assert!(written > 100 && refused > 5, "{written} written, {refused} refused");
}

/// TensorFlow.js wrote this file, and would write it so again.
#[test]
fn what_tfjs_wrote_comes_back() {
    let model = json::read(TFJS, &Registry::builtin()).unwrap().model;
    let written = write(&model, Words::TensorFlowJs).unwrap();
    assert_eq!(written.notes, []);
    let topology = value(TFJS)["modelTopology"].take();
    assert_eq!(written.document["keras_version"], topology["keras_version"]);
    let ours = written.document["config"]["layers"].as_array().unwrap();
    let theirs = topology["config"]["layers"].as_array().unwrap();
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_eq!(ours["class_name"], theirs["class_name"]);
        for (key, theirs) in theirs["config"].as_object().unwrap() {
            // Null is what is not there.
            if !theirs.is_null() {
                assert!(equal(&ours["config"][key], theirs), "{key}: {ours}, {theirs}");
            }
        }
    }
}

/// Whether two values are equal, 2 being 2.0.
fn equal(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            b.iter().all(|(key, b)| a.get(key).is_some_and(|a| equal(a, b)))
        }
        (ours, theirs) => ours == theirs,
    }
}

#[test]
fn a_document_for_all() {
    let model = sequential![
        Input::new([4]),
        Dense::new(2).kernel_regularizer("l2").named("d"),
        LeakyReLU::new(0.5),
    ];
    let written = write(&model.unwrap().with_name("m"), Words::Portable).unwrap();
    let expected = json!({
        "module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [
            {"class_name": "InputLayer", "config": {
                "batch_input_shape": [null, 4], "dtype": "float32", "sparse": false,
                "name": "input_layer"}},
            {"class_name": "Dense", "config": {
                "name": "d", "trainable": true, "units": 2, "activation": "linear",
                "use_bias": true,
                "kernel_initializer": {"class_name": "VarianceScaling", "config": {
                    "scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": null}},
                "bias_initializer": {"class_name": "Zeros", "config": {}},
                "kernel_regularizer": {"class_name": "L1L2", "config": {"l2": 0.01, "l1": 0.0}},
                "bias_regularizer": null, "kernel_constraint": null, "bias_constraint": null}},
            {"class_name": "LeakyReLU", "config": {
                "name": "leaky_re_lu", "trainable": true, "alpha": 0.5}},
        ]},
        "registered_name": null, "keras_version": "2.15.0", "backend": "tensorflow",
    });
    assert_eq!((written.document, written.notes), (expected, vec![]));
}

/// TensorFlow.js draws from a uniform distribution if it is told "truncated_normal".
#[test]
fn normal_distributions_stay_so() {
    let scaling = VarianceScaling::new(2.0, Mode::FanOut, Distribution::TruncatedNormal);
    for (initializer, mode) in
        [(Initializer::from(scaling), "fan_out"), ("he_normal".into(), "fan_in")]
    {
        let model = holding(Dense::new(2).kernel_initializer(initializer));
        let written = write(&model, Words::TensorFlowJs).unwrap().document;
        let initializer = json!({"class_name": "VarianceScaling", "config": {
            "scale": 2.0, "mode": mode, "distribution": "normal", "seed": null}});
        assert_eq!(written["config"]["layers"][0]["config"]["kernel_initializer"], initializer);
    }
}

#[test]
fn the_first_layer_tells_tfjs_the_shape() {
    let inner = sequential![Input::new([4]), Dense::new(2).named("d")].unwrap().with_name("inner");
    let model = sequential![inner, Dense::new(1).named("e")].unwrap();
    let document = write(&model, Words::TensorFlowJs).unwrap().document;
    let shape = |pointer: &str| document.pointer(pointer).and_then(|c| c.get("batch_input_shape"));
    assert_eq!(shape("/config/layers/0/config/layers/0/config"), Some(&json!([null, 4])));
    assert_eq!(shape("/config/layers/1/config"), None);
    let nothing = write(&sequential![Input::new([4])].unwrap(), Words::TensorFlowJs).unwrap();
    assert_eq!(nothing.document["config"]["layers"][0]["class_name"], "InputLayer");
}

#[test]
fn what_a_reader_lacks_is_said_in_other_words() {
    use Words::{Keras2, Keras3, Portable, TensorFlowJs};
    let thresholded = || ReLU::new().threshold(0.5);
    let cases: Vec<(Node, Words, &[&str], &str)> = vec![
        (
            ThresholdedReLU::new(0.5).named("a"),
            Keras3,
            &["ReLU a"],
            "class_name: written as `ReLU` with a threshold, which is the same",
        ),
        (
            ThresholdedReLU::new(0.0).named("a"),
            Portable,
            &["ReLU a"],
            "config.theta: written as ReLU, which is the same for theta = 0",
        ),
        (
            thresholded().named("a"),
            TensorFlowJs,
            &["ThresholdedReLU a"],
            "config.threshold: written as ThresholdedReLU, which is the same",
        ),
        (
            thresholded().max_value(1.0).named("a"),
            TensorFlowJs,
            &["ThresholdedReLU a_thresholded_re_lu", "ReLU a"],
            "config.threshold: written as a layer of its own before this one: ThresholdedReLU \
             \"a_thresholded_re_lu\"",
        ),
        (
            ReLU::new().negative_slope(0.5).named("a"),
            Portable,
            &["LeakyReLU a"],
            "config.negative_slope: written as LeakyReLU, which is the same",
        ),
        (
            ELU::new(0.5).named("a"),
            Portable,
            &["ELU a_elu", "LeakyReLU a"],
            "config.alpha: written as ELU \"a_elu\" with alpha = 1, and LeakyReLU(0.5) behind it",
        ),
        (
            Dense::new(2).activation("leaky_relu").named("a"),
            TensorFlowJs,
            &["Dense a", "LeakyReLU a_leaky_re_lu"],
            "config.activation: written as a layer of its own behind this one: LeakyReLU \
             \"a_leaky_re_lu\"",
        ),
        (
            Activation::new(PReLU::new()).named("a"),
            Portable,
            &["PReLU a"],
            "config.activation: written as a layer of its own: PReLU",
        ),
        (
            Dense::new(2).activation("celu").named("a"),
            Keras2,
            &["Dense a"],
            "config.activation: written as `elu`, which celu is for alpha = 1",
        ),
        (
            Dense::new(2).activation("keras2>hard_sigmoid").named("a"),
            Keras3,
            &["Dense a"],
            "config.activation: written as a model of Rescaling(0.2, 0.5) and ReLU(max_value=1), \
             which is the same",
        ),
        (
            Dense::new(2).activation("keras2>hard_sigmoid").named("a"),
            Portable,
            &["Dense a", "Rescaling a_rescaling", "ReLU a_re_lu"],
            "config.activation: written as layers of their own behind this one: Rescaling \
             \"a_rescaling\", ReLU \"a_re_lu\"",
        ),
        (
            Activation::new("hard_sigmoid").named("a"),
            Keras2,
            &["Rescaling a_rescaling", "ReLU a"],
            "config.activation: written as layers of their own: Rescaling \"a_rescaling\", ReLU",
        ),
        (
            ThresholdedReLU::new(0.5).named("a"),
            Words::Keras2And3,
            &["ReLU a"],
            "class_name: written as `ReLU` with a threshold, which is the same",
        ),
        (
            Flatten::new().named("a"),
            TensorFlowJs,
            &["Reshape a"],
            "class_name: written as `Reshape`, which is the same for a flat input",
        ),
        (
            // Fresh weights are not all above 0.
            Dense::new(2).kernel_constraint("non_neg").named("a"),
            TensorFlowJs,
            &["Dense a"],
            "config.kernel_constraint: left out: TensorFlow.js applies it when weights are loaded, \
             and it would change those that the model has now",
        ),
    ];
    for (layer, words, expected, note) in cases {
        let written = write(&holding(layer), words).unwrap();
        let found: Vec<String> =
            layers(&written).into_iter().map(|(class, name)| format!("{class} {name}")).collect();
        assert_eq!(found, expected);
        let notes: Vec<String> = written.notes.iter().map(ToString::to_string).collect();
        assert_eq!(notes, [format!("config.layers[1].{note}")]);
    }
}

/// A layer that is made beside another gets a name that none has.
#[test]
fn new_layers_have_names_of_their_own() {
    let taken = Dense::new(4).named("a_elu");
    let model = sequential![Input::new([4]), taken, ELU::new(0.5).named("a")].unwrap();
    let written = write(&model, Words::TensorFlowJs).unwrap();
    assert_eq!(layers(&written)[1], ("ELU".to_owned(), "a_elu_1".to_owned()));
}

#[test]
fn keras_2_has_its_own_hard_sigmoid() {
    for words in [Words::Keras2, Words::TensorFlowJs] {
        let model = holding(Dense::new(2).activation("keras2>hard_sigmoid"));
        let written = write(&model, words).unwrap();
        let dense = written.document["config"]["layers"].as_array().unwrap().last().unwrap();
        assert_eq!(dense["config"]["activation"], "hard_sigmoid");
        assert_eq!(written.notes, []);
    }
}

#[test]
fn what_cannot_be_said_is_refused() {
    use Words::{Keras2, Portable, TensorFlowJs};
    let untruncated = VarianceScaling::new(1.0, Mode::FanIn, Distribution::UntruncatedNormal);
    let lines = OrthogonalRegularizer::new(0.1, Lines::Rows);
    let other_meaning = "`hard_sigmoid` has another meaning for those who read this file (x / 6 + 0.5 \
                         in Keras 3, 0.2 x + 0.5 elsewhere), and no layers can take its place within \
                         this one; write the file for the Keras that the name is of, or train the \
                         model with another activation";
    let no_relu = "TensorFlow.js knows no ReLU with these arguments, nor layers that all readers know \
                   and that make the same; use LeakyReLU or a ReLU with no more than a max_value, or \
                   write the file for Keras 3";
    let cases: Vec<(Node, Words, String)> = vec![
        (
            Dense::new(2)
                .activation(AnyActivation::layer(Activation::new("hard_sigmoid")))
                .named("d"),
            Keras2,
            format!("config.activation.config.activation: Dense \"d\": {other_meaning}"),
        ),
        (
            Dense::new(2).activation("sparsemax").named("d"),
            Keras2,
            "config.activation: Dense \"d\": Keras 2 has no activation `sparsemax`; choose another \
             one, or write the file for Keras 3"
                .into(),
        ),
        (
            Dense::new(2).activation("exponential").named("d"),
            Portable,
            "config.activation: Dense \"d\": TensorFlow.js has no activation `exponential`; choose \
             another one, or write the file for Keras 3"
                .into(),
        ),
        (
            Dense::new(2).activation(PReLU::new()).named("d"),
            TensorFlowJs,
            "config.activation: Dense \"d\": in TensorFlow.js an activation cannot be a layer with \
             weights; give the model a layer PReLU behind this one"
                .into(),
        ),
        (
            ThresholdedReLU::new(0.5).named("t"),
            Portable,
            "config.theta: ThresholdedReLU \"t\": Keras 3 has no ThresholdedReLU, and TensorFlow.js \
             no ReLU with a threshold; write the file for one of them"
                .into(),
        ),
        (
            ReLU::new().threshold(0.5).named("r"),
            Portable,
            format!("config.threshold: ReLU \"r\": {no_relu}"),
        ),
        (
            ReLU::new().negative_slope(0.5).max_value(1.0).named("r"),
            TensorFlowJs,
            format!("config.negative_slope: ReLU \"r\": {no_relu}"),
        ),
        (
            ELU::new(-1.0).named("e"),
            TensorFlowJs,
            "config.alpha: ELU \"e\": TensorFlow.js knows only alpha = 1, and a negative one cannot \
             be made of it"
                .into(),
        ),
        (
            Dense::new(2).kernel_initializer(untruncated).named("d"),
            TensorFlowJs,
            "config.kernel_initializer: Dense \"d\": TensorFlow.js has no untruncated_normal; use \
             truncated_normal, or RandomNormal"
                .into(),
        ),
        (
            Dense::new(2).kernel_initializer("identity").named("d"),
            Portable,
            "config.kernel_initializer: Dense \"d\": in TensorFlow.js an Identity is square, and this \
             kernel is not; use another initializer, which does not change the weights there are"
                .into(),
        ),
        (
            Dense::new(2).kernel_regularizer(lines).named("d"),
            Portable,
            "config.kernel_regularizer: Dense \"d\": TensorFlow.js has no OrthogonalRegularizer; use \
             L1L2"
                .into(),
        ),
        (
            Dense::new(2).activity_regularizer("l2").named("d"),
            TensorFlowJs,
            "config.activity_regularizer: Dense \"d\": TensorFlow.js computes none; leave it out"
                .into(),
        ),
    ];
    for (layer, words, expected) in cases {
        let error = write(&holding(layer), words).unwrap_err().to_string();
        assert_eq!(error, format!("config.layers[1].{expected}"));
    }
}

/// Found with TensorFlow.js 4.22: its WebAssembly backend is right for these alone.
#[test]
fn alphas_that_tfjs_spreads_wrongly_are_refused() {
    let written = |shape: &[usize], axes: &[isize], words| {
        let layer = PReLU::new().shared_axes(axes.to_vec()).named("p");
        write(&sequential![Input::new(shape.to_vec()), layer].unwrap(), words)
    };
    for words in [Words::TensorFlowJs, Words::Portable] {
        for (shape, axes) in [
            (&[5][..], &[][..]),
            (&[5], &[1]),
            (&[4, 5], &[1]),
            (&[3, 4, 5], &[]),
            (&[3, 4, 5], &[1, 2]),
            (&[3, 4, 5], &[1, 2, 3]),
            (&[2, 3, 4, 5], &[1, 2, 3]),
        ] {
            assert!(written(shape, axes, words).is_ok(), "{shape:?}, {axes:?}");
        }
        for (shape, axes) in [
            (&[4, 5][..], &[2][..]),
            (&[3, 4, 5], &[1]),
            (&[3, 4, 5], &[2]),
            (&[3, 4, 5], &[3]),
            (&[3, 4, 5], &[1, 3]),
            (&[3, 4, 5], &[2, 3]),
            (&[2, 3, 4, 5], &[1, 3]),
        ] {
            let error = written(shape, axes, words).unwrap_err().to_string();
            let place =
                "config.layers[1].config.shared_axes: PReLU \"p\": TensorFlow.js computes wrong";
            assert!(error.starts_with(place), "{error}");
        }
    }
    assert!(written(&[3, 4, 5], &[2], Words::Keras2And3).is_ok());
}

#[test]
fn names_that_a_reader_refuses_are_not_written_for_it() {
    let named = |name: &str| holding(Dense::new(2).named(name));
    for (name, keras2, tfjs) in [
        ("a.b-c_1", true, true),
        ("a>b", true, false),
        (".a", true, false),
        ("_a", false, false),
        ("a b", false, false),
        ("Größe", false, false),
    ] {
        for (words, taken) in [
            (Words::Keras3, true),
            (Words::Keras2And3, true),
            (Words::Keras2, keras2),
            (Words::TensorFlowJs, tfjs),
            (Words::Portable, tfjs),
        ] {
            assert_eq!(write(&named(name), words).is_ok(), taken, "{name} for {words}");
        }
        let notes = write(&named(name), Words::Keras2And3).unwrap().notes;
        assert_eq!(notes.is_empty(), keras2, "{name}: {notes:?}");
    }
}

#[test]
fn axes_that_a_reader_takes_for_others_are_refused() {
    let image = |layer: Node| sequential![Input::new([4, 4, 2]), layer].unwrap();
    let refused = |model: &Sequential, words| write(model, words).unwrap_err().to_string();
    let model = image(Softmax::new(1).named("s"));
    let place = "config.layers[1].config.axis: ";
    let last = "Softmax \"s\": TensorFlow.js sums over the last axis only; move that axis to the end, \
                or write the file for Keras 3";
    assert_eq!(refused(&model, Words::TensorFlowJs), format!("{place}{last}"));
    assert!(write(&image(Softmax::new(3).into()), Words::TensorFlowJs).is_ok());
    let several = image(Softmax::new([1, 2]).named("s"));
    assert!(write(&several, Words::TensorFlowJs).is_ok());
    let list =
        "Softmax \"s\": Keras 3 reads a list of axes as -1 here; write the file for one reader";
    assert_eq!(refused(&several, Words::Portable), format!("{place}{list}"));
    let normalization = image(BatchNormalization::new().axis(1).named("b"));
    let wrong = "BatchNormalization \"b\": TensorFlow.js computes wrong numbers for other axes than \
                 the last; put the channels last, or write the file for Keras 3";
    assert_eq!(refused(&normalization, Words::TensorFlowJs), format!("{place}{wrong}"));
    let groups = image(Conv2D::new(2, 3).groups(2).named("c"));
    let groups = refused(&groups, Words::TensorFlowJs);
    let none = "config.layers[1].config.groups: Conv2D \"c\": TensorFlow.js has no such argument (it \
                is 2)";
    assert_eq!(groups, none);
}

#[test]
fn a_model_without_a_shape_is_refused_where_one_is_needed() {
    let unbuilt = sequential![Dense::new(2)].unwrap().with_name("m");
    for words in [Words::Portable, Words::TensorFlowJs] {
        assert_eq!(
            write(&unbuilt, words).unwrap_err().to_string(),
            "Sequential \"m\": TensorFlow.js must know the shape of the input; give the model an \
             Input, or call build(shape)"
        );
    }
    assert!(write(&unbuilt, Words::Keras2).is_ok());
}

#[test]
fn compilation_has_a_place_in_keras_3_only() {
    let compile_config = json!({"optimizer": "adam", "loss": "mse"});
    let options = WriteOptions { compile_config: Some(compile_config.clone()) };
    let model = holding(Reshape::new([2, 2]));
    for words in ALL {
        let Written { document, notes } = json::write_as(&model, words, &options).unwrap();
        if matches!(words, Words::Keras3 | Words::Keras3Short) {
            assert_eq!((&document["compile_config"], notes), (&compile_config, vec![]));
        } else {
            assert_eq!(document.get("compile_config"), None);
            let note = format!(
                "compile_config: left out: an architecture for {words} has no place for it"
            );
            assert_eq!(notes[0].to_string(), note);
        }
    }
}

/// y = x
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Own {
    activation: String,
}

impl Layer for Own {
    const CLASS_NAME: &'static str = "Own";
    type Saved = ();

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        Ok((x, cx.save(|| ())))
    }

    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(dy))
    }
}

#[test]
fn layers_of_ones_own_are_written_as_they_are() {
    let model = holding(Own { activation: "mine".into() }.named("own"));
    let registry = Registry::builtin().with_layer::<Own>();
    for words in ALL {
        let Written { document, notes } = write(&model, words).unwrap();
        let again = json::read(&document.to_string(), &registry).unwrap().model;
        assert_eq!(
            again.get_layer("own").unwrap().downcast_ref::<Own>().unwrap().activation,
            "mine"
        );
        let kept = "config.layers[1].class_name: kept, but whoever reads this must know this class \
                    of your own";
        if matches!(words, Words::Portable | Words::TensorFlowJs) {
            assert_eq!(notes[0].to_string(), kept);
        }
    }
}

#[test]
fn tfjs_is_told_every_length_of_a_reshape() {
    let model = holding(Reshape::new([2, -1]));
    let written = write(&model, Words::TensorFlowJs).unwrap();
    let config = &written.document["config"]["layers"][0]["config"];
    assert_eq!(config["target_shape"], json!([2, 2]));
}

#[test]
fn keras_3_is_told_what_an_activation_with_weights_is_built_for() {
    let model = holding(Dense::new(3).activation(PReLU::new()));
    let written = write(&model, Words::Keras3).unwrap();
    let held = &written.document["config"]["layers"][1]["config"]["activation"];
    assert_eq!(held["build_config"], json!({"input_shape": [null, 3]}));
}
