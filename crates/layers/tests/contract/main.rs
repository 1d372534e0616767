//! What every layer of the registry keeps: its JSON, its promised shape, its gradients.
//!
//! A new layer needs one line or more in `samples.rs`, and nothing here.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail by panicking")]

mod attention;
mod coupling;
mod flawed;
mod gradients;
mod masks;
mod samples;
mod samples_categories;
mod samples_convolutions;
mod samples_embedding;
mod samples_images;
mod samples_norms;
mod samples_ops;
mod samples_recurrent;
mod samples_shapes;
mod samples_sound;
mod several;

use ceratops_core::{AnyLayer, Context, Gradients, Rng, Shape, Tensor};
use ceratops_layers::{BatchNormalization, Node, Registry};
use ceratops_weights::{constraints::MaxNorm, initializers::Constant, regularizers::L2};
use rand::SeedableRng;
use samples::{Sample, samples};
use serde_json::{Value, json};

/// A pass that saves, in inference mode.
fn saving() -> Context {
    Context::saving()
}

/// A pass in training mode; every one draws the same numbers.
fn training() -> Context {
    Context::training(7, 0, 0)
}

/// The output, and the gradients of x and of each weight, where the output's is `dy`.
fn pass(
    layer: &dyn AnyLayer,
    x: &Tensor,
    dy: &Tensor,
    mut cx: Context,
) -> (Tensor, Tensor, Vec<Option<Tensor>>) {
    let (y, saved) = layer.forward(x.clone(), &mut cx).unwrap();
    let mut slots = Gradients::slots(layer.params());
    let mut dw = Gradients::new(&mut slots, true);
    let dx = layer.backward(saved, dy.clone(), &mut dw).unwrap().unwrap();
    (y, dx, slots)
}

/// Fails unless each number is as near as rounding leaves it.
fn assert_near(a: &Tensor, b: &Tensor, what: &str) {
    assert_eq!(a.shape(), b.shape(), "{what}");
    for (a, b) in a.as_slice().iter().zip(b.as_slice()) {
        assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{what}: {a} and {b}");
    }
}

fn weights(layer: &dyn AnyLayer) -> Vec<Tensor> {
    layer.params().iter().map(|param| param.value().clone()).collect()
}

/// They take several inputs: `several.rs` has samples of them.
const OF_SEVERAL: [&str; 12] = [
    "Add",
    "AdditiveAttention",
    "Attention",
    "Average",
    "Concatenate",
    "Dot",
    "GroupQueryAttention",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Subtract",
];

/// They take strings: `categories.rs` tries them.
const OF_TEXT: [&str; 3] = ["HashedCrossing", "StringLookup", "TextVectorization"];

#[test]
fn every_class_has_a_sample() {
    let samples = samples();
    let tried_elsewhere = |class: &&str| OF_SEVERAL.contains(class) || OF_TEXT.contains(class);
    for class in Registry::builtin().class_names().filter(|class| !tried_elsewhere(class)) {
        let there = samples.iter().any(|sample| sample.node.class_name() == class);
        assert!(there, "{class} has no sample in samples.rs");
    }
}

#[test]
fn json_comes_back_as_it_went() {
    for Sample { node, .. } in samples() {
        let entry = node.to_entry().unwrap();
        let back = Registry::builtin().layer(&entry).unwrap();
        assert_eq!(back.to_entry().unwrap(), entry);
    }
}

/// All classes but those with an argument that has no default in Keras either.
#[test]
fn an_empty_config_means_the_defaults() {
    let registry = Registry::builtin();
    for class in registry.class_names() {
        for entry in [json!({ "class_name": class }), json!({ "class_name": class, "config": {} })]
        {
            match (class, registry.layer(&entry)) {
                ("Embedding" | "ReversibleEmbedding", Err(e)) => {
                    assert!(e.to_string().contains("`input_dim`"), "{e}");
                }
                ("Bidirectional" | "SpectralNormalization" | "TimeDistributed", Err(e)) => {
                    assert!(e.to_string().contains("`layer`"), "{e}");
                }
                ("Dense" | "GRU" | "LSTM" | "MaxoutDense" | "SimpleRNN", Err(e)) => {
                    assert!(e.to_string().contains("`units`"), "{e}");
                }
                ("RNN", Err(e)) => assert!(e.to_string().contains("`cell`"), "{e}"),
                ("RepeatVector", Err(e)) => assert!(e.to_string().contains("`n`"), "{e}"),
                (class, Err(e)) if class.starts_with("Adaptive") => {
                    assert!(e.to_string().contains("`output_size`"), "{e}");
                }
                ("Rescaling", Err(e)) => assert!(e.to_string().contains("`scale`"), "{e}"),
                (conv, Err(e)) if conv.starts_with("Depthwise") => {
                    assert!(e.to_string().contains("`kernel_size`"), "{e}");
                }
                (conv, Err(e)) if conv.contains("Conv") || conv.starts_with("Locally") => {
                    assert!(e.to_string().contains("`filters`"), "{e}");
                }
                ("Resizing" | "CenterCrop" | "RandomCrop", Err(e)) => {
                    assert!(e.to_string().contains("`height`"), "{e}");
                }
                ("EinsumDense", Err(e)) => {
                    assert!(e.to_string().contains("`equation`"), "{e}");
                }
                ("MultiHeadAttention" | "GroupQueryAttention", Err(e)) => {
                    assert!(e.to_string().contains("heads`"), "{e}");
                }
                ("CategoryEncoding", Err(e)) => {
                    assert!(e.to_string().contains("`num_tokens`"), "{e}");
                }
                ("Discretization", Err(e)) => {
                    assert!(e.to_string().contains("`bin_boundaries`"), "{e}");
                }
                ("Hashing" | "HashedCrossing", Err(e)) => {
                    assert!(e.to_string().contains("`num_bins`"), "{e}");
                }
                (_, layer) => assert_defaults(class, &layer.unwrap()),
            }
        }
    }
}

/// Fails unless leaving out any key of the layer's config changes nothing.
fn assert_defaults(class: &str, node: &Node) {
    let entry = node.to_entry().unwrap();
    for key in entry["config"].as_object().unwrap().keys() {
        let mut without = entry.clone();
        without["config"].as_object_mut().unwrap().shift_remove(key);
        let back = Registry::builtin().layer(&without).unwrap().to_entry().unwrap();
        assert_eq!(back, entry, "{class} without {key}");
    }
}

#[test]
fn an_unknown_key_is_refused() {
    for Sample { node, .. } in samples() {
        let mut entry = node.to_entry().unwrap();
        entry["config"]["quantum"] = Value::from(1);
        let error = Registry::builtin().layer(&entry).unwrap_err().to_string();
        assert!(error.starts_with("config.quantum: "), "{error}");
    }
}

#[test]
fn the_output_has_the_promised_shape() {
    for sample in samples() {
        let layer = sample.built(1);
        let promised = layer.output_shape(&sample.shape).unwrap();
        for (batch, cx) in [0, 1, 3].into_iter().flat_map(|n| [(n, saving()), (n, training())]) {
            let what = format!("{layer:?}, {batch} samples, {:?}", cx.mode());
            let x = sample.x(batch);
            let y = layer.forward(x.clone(), &mut Context::inference()).unwrap().0;
            assert!(promised.admits(y.shape()), "{what}: {promised} and {:?}", y.shape());
            let (y, dx, slots) = pass(&*layer, &x, &Tensor::full(y.shape(), 1.0), cx);
            assert!(promised.admits(y.shape()), "{what}: {promised} and {:?}", y.shape());
            assert_eq!(y.batch(), batch, "{what}");
            assert_eq!(dx.shape(), x.shape(), "{what}");
            for (dw, param) in slots.iter().zip(layer.params()) {
                let shape = dw.as_ref().map(Tensor::shape);
                assert!(shape.is_none_or(|dw| dw == param.value().shape()), "{what}");
            }
        }
    }
}

#[test]
fn gradients_are_those_of_the_formula() {
    for sample in samples() {
        let layer = sample.built(2);
        for cx in [saving, training] {
            // As in Keras, its kernel learns from where the normalization put it, which no step undoes.
            if layer.class_name() == "SpectralNormalization" && cx().is_training() {
                continue;
            }
            let check =
                if sample.ids.is_some() { gradients::check_for_ids } else { gradients::check };
            check(&*layer, &sample.x(3), cx)
                .unwrap_or_else(|e| panic!("{layer:?} in {:?}: {e}", cx().mode()));
        }
    }
}

#[test]
fn inference_saves_nothing_and_answers_as_training_does() {
    for sample in samples() {
        let (layer, x) = (sample.built(3), sample.x(4));
        let (y, saved) = layer.forward(x.clone(), &mut Context::inference()).unwrap();
        assert!(saved.is_none(), "{layer:?}");
        assert_eq!(y, layer.forward(x.clone(), &mut saving()).unwrap().0, "{layer:?}");
        if y != layer.forward(x, &mut training()).unwrap().0 {
            assert!(sample.differs_in_training, "{layer:?}");
        }
    }
}

/// A batch in two parts gives the outputs of the whole, and gradients that add up to its own.
#[test]
fn a_batch_may_be_cut_anywhere() {
    for sample in samples() {
        let (layer, x) = (sample.built(4), sample.x(5));
        let y = layer.forward(x.clone(), &mut saving()).unwrap().0;
        let dy = samples::draw(y.shape(), 5);
        let (y, dx, whole) = pass(&*layer, &x, &dy, saving());
        let (mut ys, mut dxs) = (Vec::new(), Vec::new());
        let mut slots = Gradients::slots(layer.params());
        for part in [0..2, 2..2, 2..5] {
            let x = x.batch_slice(part.clone()).unwrap();
            let (y, saved) = layer.forward(x, &mut saving()).unwrap();
            let mut dw = Gradients::new(&mut slots, true);
            dxs.push(
                layer.backward(saved, dy.batch_slice(part).unwrap(), &mut dw).unwrap().unwrap(),
            );
            ys.push(y);
        }
        assert_near(&Tensor::concat(&ys).unwrap(), &y, &format!("y of {layer:?}"));
        assert_near(&Tensor::concat(&dxs).unwrap(), &dx, &format!("dx of {layer:?}"));
        for (parts, whole) in
            slots.iter().zip(&whole).filter_map(|(a, b)| a.as_ref().zip(b.as_ref()))
        {
            assert_near(parts, whole, &format!("dw of {layer:?}"));
        }
    }
}

#[test]
fn frozen_weights_get_no_gradient_and_change_no_other() {
    for sample in samples() {
        let (mut layer, x) = (sample.built(5), sample.x(3));
        let y = layer.forward(x.clone(), &mut saving()).unwrap().0;
        let dy = samples::draw(y.shape(), 6);
        let (_, dx, _) = pass(&*layer, &x, &dy, saving());
        layer.params_mut().into_iter().for_each(|param| param.set_frozen(true));
        let (_, frozen, slots) = pass(&*layer, &x, &dy, saving());
        assert_eq!(frozen, dx, "{layer:?}");
        assert!(slots.iter().all(Option::is_none), "{layer:?}");
    }
}

#[test]
fn the_same_seed_makes_the_same_weights() {
    for Sample { node, shape, .. } in samples() {
        let build = |mut layer: Box<dyn AnyLayer>| {
            layer.build(&shape, &mut Rng::seed_from_u64(11)).unwrap();
            layer
        };
        let once = build(node.layer().boxed_clone());
        let again = build(node.layer().boxed_clone());
        assert_eq!(weights(&*once), weights(&*again), "{once:?}");
        assert_eq!(weights(&*once), weights(&*build(once.clone())), "{once:?} built twice");
    }
}

#[test]
fn a_copy_is_the_same_and_stands_alone() {
    for sample in samples() {
        let (layer, x) = (sample.built(6), sample.x(3));
        let mut copy = layer.clone();
        assert_eq!(copy.class_name(), layer.class_name());
        assert_eq!(copy.config().unwrap(), layer.config().unwrap());
        let names = |layer: &dyn AnyLayer| -> Vec<String> {
            layer.params().iter().map(|param| param.name().to_owned()).collect()
        };
        assert_eq!(names(&*copy), names(&*layer));
        let y =
            |layer: &dyn AnyLayer| layer.forward(x.clone(), &mut Context::inference()).unwrap().0;
        assert_eq!(y(&*copy), y(&*layer));
        let before = weights(&*layer);
        for param in copy.params_mut() {
            param.value_mut().iter_mut().for_each(|w| *w += 1.0);
        }
        assert_eq!(weights(&*layer), before, "{layer:?}");
    }
}

/// In training they draw how large images become.
const OF_ANY_SIZE: [&str; 2] = ["RandomHeight", "RandomWidth"];

/// Where every length of the input is known, so is every length of the output.
#[test]
fn the_promise_is_exact_for_a_known_batch() {
    let is_known = |sample: &Sample| !OF_ANY_SIZE.contains(&sample.node.class_name());
    for sample in samples().into_iter().filter(is_known) {
        let layer = sample.built(7);
        let known = Shape::of(sample.x(3).shape());
        let promised = layer.output_shape(&known).unwrap();
        let y = layer.forward(sample.x(3), &mut Context::inference()).unwrap().0;
        assert_eq!(promised, Shape::of(y.shape()), "{layer:?}");
    }
}

#[test]
fn builders_set_what_the_config_says() {
    let built = BatchNormalization::new()
        .beta_initializer(Constant::new(1.0))
        .gamma_initializer(Constant::new(2.0))
        .moving_mean_initializer(Constant::new(3.0))
        .moving_variance_initializer(Constant::new(4.0))
        .beta_regularizer(L2::new(5.0))
        .gamma_regularizer(L2::new(6.0))
        .beta_constraint(MaxNorm::new(7.0))
        .gamma_constraint(MaxNorm::new(8.0));
    let config = AnyLayer::config(&built).unwrap();
    for (key, number, value) in [
        ("beta_initializer", "value", 1.0),
        ("gamma_initializer", "value", 2.0),
        ("moving_mean_initializer", "value", 3.0),
        ("moving_variance_initializer", "value", 4.0),
        ("beta_regularizer", "l2", 5.0),
        ("gamma_regularizer", "l2", 6.0),
        ("beta_constraint", "max_value", 7.0),
        ("gamma_constraint", "max_value", 8.0),
    ] {
        assert_eq!(config[key]["config"][number], value, "{key}");
    }
}
