//! Layers within layers: their weights, flags and statistics.

#![allow(clippy::unwrap_used, reason = "tests")]

use ceratops_core::{Layer, Tensor};
use ceratops_layers::{
    BatchNormalization, Dense, Input, IntoNode, PassOptions, Registry, Sequential, TimeDistributed,
    sequential,
};
use serde_json::json;

fn squares(
    range: std::ops::Range<usize>,
    y: &Tensor,
) -> ceratops_core::Result<(f64, Option<Tensor>)> {
    let _ = range;
    Ok((y.as_slice().iter().map(|y| f64::from(y * y)).sum(), Some(y.clone().map(|y| 2.0 * y))))
}

/// As in Keras: with momentum 0.5, means 2 and 20 of two steps make 0 · ½ + 2 · ½ = 1, then 10.5.
#[test]
fn moving_statistics_follow_step_by_step() {
    let inner = || BatchNormalization::new().momentum(0.5);
    let x = Tensor::from([[[1.0], [10.0]], [[3.0], [30.0]]]);
    for layer in [
        TimeDistributed::new(inner()),
        TimeDistributed::new(sequential![inner()].unwrap()),
        TimeDistributed::new(TimeDistributed::new(inner())),
    ] {
        let deep = layer.layer.node().unwrap().class_name() == "TimeDistributed";
        let (shape, x) = match deep {
            true => (vec![2, 1, 1], x.clone().reshape(&[2, 2, 1, 1]).unwrap()),
            false => (vec![2, 1], x.clone()),
        };
        let model = sequential![Input::new(shape), layer].unwrap();
        let loss = |range, y: &Tensor| {
            let (loss, dy) = squares(range, y)?;
            Ok((loss, dy.unwrap()))
        };
        let pass = model
            .train_pass(
                &x,
                PassOptions { seed: 0, step: 0, logits: false.into(), whole: false },
                &loss,
            )
            .unwrap();
        let mut mean = Tensor::zeros(&[1]);
        for update in pass.updates.iter().filter(|update| update.index == 2) {
            mean = update.of(&mean).unwrap();
        }
        assert_eq!(mean, Tensor::from([10.5]));
    }
}

#[test]
fn what_is_frozen_within_stays_frozen() {
    let frozen = Dense::new(2).frozen();
    let mut model = sequential![Input::new([3, 4]), TimeDistributed::new(frozen)].unwrap();
    let learns = |model: &Sequential| -> Vec<bool> {
        model.layers()[0].params().iter().map(|param| param.learns()).collect()
    };
    assert_eq!(learns(&model), [false, false]);
    let config = |model: &Sequential| model.layers()[0].to_entry().unwrap()["config"].clone();
    assert_eq!(config(&model)["trainable"], true);
    assert_eq!(config(&model)["layer"]["config"]["trainable"], false);
    let again = Registry::builtin().layer(&model.layers()[0].to_entry().unwrap()).unwrap();
    let again = sequential![Input::new([3, 4]), again].unwrap();
    assert_eq!(learns(&again), [false, false]);
    // What the user says of the wrapper goes for the layer within, as in Keras.
    model.layers_mut()[0].set_trainable(true);
    assert_eq!(learns(&model), [true, true]);
    model.layers_mut()[0].set_trainable(false);
    assert_eq!(learns(&model), [false, false]);
    assert_eq!(config(&model)["layer"]["config"]["trainable"], false);
}

/// A frozen wrapper freezes what is within, whatever that says of itself.
#[test]
fn a_frozen_wrapper_trains_nothing() {
    for inner in [
        json!({"class_name": "Dense", "config": {"units": 2}}),
        json!({
            "class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"units": 2}}]}
        }),
    ] {
        let entry = json!({
            "class_name": "TimeDistributed", "config": {"trainable": false, "layer": inner}
        });
        let node = Registry::builtin().layer(&entry).unwrap();
        let model = sequential![Input::new([3, 4]), node].unwrap();
        assert!(model.layers()[0].params().iter().all(|param| !param.learns()));
    }
}

#[test]
fn a_layer_of_another_model_brings_its_weights() {
    let first = sequential![Input::new([4]), Dense::new(2)].unwrap();
    let layer = TimeDistributed::new(first.layers()[0].clone());
    let mut model = sequential![Input::new([3, 4]), layer].unwrap();
    assert_eq!(model.get_weights(), first.get_weights());
    model.draw_weights(5).unwrap();
    assert_ne!(model.get_weights(), first.get_weights());
    let whole = TimeDistributed::new(first.clone());
    let mut model = sequential![Input::new([3, 4]), whole].unwrap();
    assert_eq!(model.get_weights(), first.get_weights());
    model.draw_weights(5).unwrap();
    assert_ne!(model.get_weights(), first.get_weights());
}

#[test]
fn parts_are_found_where_keras_has_them() {
    let named = |layer: &TimeDistributed| -> Vec<(String, String, usize)> {
        let parts = layer.parts().into_iter().filter(|part| !part.params.is_empty());
        parts.map(|part| (part.attribute, part.name, part.params.len())).collect()
    };
    let inner = sequential![Dense::new(2).named("a"), BatchNormalization::new(), Dense::new(3)];
    for (layer, expected) in [
        (TimeDistributed::new(Dense::new(2).named("d")), vec![("layer", "d", 2)]),
        (
            TimeDistributed::new(inner.unwrap().with_name("s")),
            vec![
                ("layer/layers/dense", "s/a", 2),
                ("layer/layers/batch_normalization", "s/batch_normalization", 4),
                ("layer/layers/dense_1", "s/dense", 2),
            ],
        ),
    ] {
        let model = sequential![Input::new([3, 4]), layer].unwrap();
        let layer = model.layers()[0].downcast_ref().unwrap();
        let expected =
            expected.into_iter().map(|(a, n, count)| (a.to_owned(), n.to_owned(), count));
        assert_eq!(named(layer), expected.collect::<Vec<_>>());
    }
}

#[test]
fn what_is_missing_or_unknown_is_said() {
    let registry = Registry::builtin();
    let error = |config| {
        let entry = json!({"class_name": "TimeDistributed", "config": config});
        registry.layer(&entry).unwrap_err().to_string()
    };
    let none = error(json!({}));
    assert!(none.contains("`layer`") && none.contains("a layer or a model"), "{none}");
    let unknown = error(json!({"layer": {"class_name": "Dens", "config": {}}}));
    assert!(
        unknown.starts_with("config.layer.class_name: ") && unknown.contains("Dense"),
        "{unknown}"
    );
    let wrong = error(json!({"layer": {"class_name": "Dense", "config": {"units": 0}}}));
    assert!(wrong.starts_with("config.layer.config.units: "), "{wrong}");
    let flat = sequential![Input::new([4]), TimeDistributed::new(Dense::new(2))].unwrap_err();
    assert!(flat.to_string().contains("(batch, time, ...)"), "{flat}");
}
