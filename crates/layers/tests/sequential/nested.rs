//! Models as layers of models.

use ceratops_core::{Shape, Tensor};
use ceratops_layers::{
    BatchNormalization, Dense, Dropout, Input, IntoNode, Node, PReLU, Sequential, Softmax,
    sequential,
};

use crate::{OPTIONS, assert_near, draw, names};

/// [Dense, [Dense, PReLU], Dense], and the same layers in one row.
fn nested_and_flat() -> [Sequential; 2] {
    let inner = sequential![Dense::new(5), PReLU::new()].unwrap();
    let nested = sequential![Input::new([4]), Dense::new(3), inner, Dense::new(2)].unwrap();
    let flat = [Dense::new(3).into(), Dense::new(5).into(), PReLU::new().into()];
    let flat = [Node::from(Input::new([4]))].into_iter().chain(flat).chain([Dense::new(2).into()]);
    let mut flat = Sequential::from_layers(flat).unwrap();
    flat.set_weights(&nested.get_weights()).unwrap();
    [nested, flat]
}

#[test]
fn a_nested_model_computes_what_its_layers_do() {
    let [nested, flat] = nested_and_flat();
    let shapes = |model: &Sequential| -> Vec<Vec<usize>> {
        model.get_weights().iter().map(|w| w.shape().to_vec()).collect()
    };
    assert_eq!(shapes(&nested), [&[4, 3][..], &[3], &[3, 5], &[5], &[5], &[5, 2], &[2]]);
    assert_eq!(nested.count_params(), flat.count_params());
    let x = draw(&[70, 4], 0);
    assert_eq!(nested.predict(&x).unwrap(), flat.predict(&x).unwrap());
    let r = draw(&[70, 2], 1);
    let pass = |model: &Sequential| {
        model.train_pass(&x, OPTIONS, &|range, _| Ok((0.0, r.batch_slice(range)?))).unwrap()
    };
    for (nested, flat) in pass(&nested).gradients.iter().zip(&pass(&flat).gradients) {
        assert_near(nested.as_ref().unwrap(), flat.as_ref().unwrap(), "dw");
    }
}

#[test]
fn freezing_a_nested_model_freezes_its_layers() {
    let [mut nested, _] = nested_and_flat();
    let learns = |model: &Sequential| -> Vec<bool> {
        let pass = model.train_pass(&draw(&[3, 4], 0), OPTIONS, &|_, y| Ok((0.0, y.clone())));
        pass.unwrap().gradients.iter().map(Option::is_some).collect()
    };
    assert_eq!(learns(&nested), [true; 7]);
    nested.get_layer_mut("sequential").unwrap().set_trainable(false);
    assert_eq!(learns(&nested), [true, true, false, false, false, true, true]);
    nested.set_trainable(false);
    assert_eq!(learns(&nested), [false; 7]);
    nested.set_trainable(true);
    assert_eq!(learns(&nested), [true; 7]);
    // One layer within, frozen before the model has weights.
    let inner = sequential![Dense::new(5).frozen(), PReLU::new()].unwrap();
    let model = sequential![Input::new([4]), inner].unwrap();
    assert_eq!(learns(&model), [false, false, true]);
}

/// Keras counts the models of a program; we count those of a model.
#[test]
fn nested_models_have_names_of_their_own() {
    let inner = || sequential![Dense::new(4)].unwrap();
    let deep = sequential![inner(), inner()].unwrap();
    assert_eq!(names(&deep), ["sequential", "sequential_1"]);
    assert_eq!(deep.name(), "sequential_2");
    let model = sequential![
        Input::new([4]),
        inner(),
        deep,
        inner().with_name("encoder"),
        inner().named("decoder"),
        inner(),
        Dense::new(4),
    ]
    .unwrap();
    let expected = ["sequential", "sequential_2", "encoder", "decoder", "sequential_3", "dense_1"];
    assert_eq!(names(&model), expected);
    assert_eq!(model.name(), "sequential_4");
    let twice = sequential![inner().with_name("encoder"), inner().with_name("encoder")];
    assert!(twice.unwrap_err().to_string().contains("\"encoder\""));
}

#[test]
fn a_nested_model_brings_its_input() {
    let inner = sequential![Input::new([4]), Dense::new(3)].unwrap();
    let weights = inner.get_weights();
    let model = sequential![inner, Dense::new(2)].unwrap();
    assert_eq!(model.input_shape(), Some(&Shape::batched([4])));
    assert_eq!(model.get_weights()[..2], weights);
    let mut deferred = sequential![sequential![Dense::new(3)].unwrap(), Dense::new(2)].unwrap();
    assert!(!deferred.is_built());
    deferred.build([None, Some(4)]).unwrap();
    assert_eq!(deferred.predict(draw(&[2, 4], 0)).unwrap().shape(), [2, 2]);
}

#[test]
fn the_summary_shows_nested_layers_when_asked() {
    let [nested, _] = nested_and_flat();
    let text = nested.summary().to_string();
    assert!(text.contains("sequential (Sequential)") && !text.contains("p_re_lu"), "{text}");
    assert!(text.contains("Total params: 52 "), "{text}");
    let text = nested.summary().expand_nested(true).to_string();
    assert!(text.contains("└ p_re_lu (PReLU)"), "{text}");
}

#[test]
fn a_closing_softmax_is_left_out_of_logits() {
    let closing = || sequential![Dense::new(3), Softmax::default()].unwrap();
    let model = sequential![Input::new([4]), Dense::new(3).activation("softmax"), closing()];
    let model = model.unwrap();
    let x = draw(&[70, 4], 0);
    let logits = model.test_pass(&x, true).unwrap().0;
    let exp = logits.clone().map(f32::exp);
    let sums: Vec<f32> = exp.as_slice().chunks(3).map(|row| row.iter().sum()).collect();
    let softmax: Vec<f32> =
        exp.as_slice().iter().enumerate().map(|(i, e)| e / sums[i / 3]).collect();
    let y = model.predict(&x).unwrap();
    assert_near(&y, &Tensor::new(&[70, 3], softmax).unwrap(), "softmax of the logits");
    let options = ceratops_layers::PassOptions { logits: true.into(), ..OPTIONS };
    let pass = model.train_pass(&x, options, &|_, y| Ok((0.0, y.clone()))).unwrap();
    assert_eq!(pass.y, logits);
}

/// An update says which weight of the outermost model it is for.
#[test]
fn updates_find_their_weights() {
    let bn = BatchNormalization::new;
    let inner = sequential![Dense::new(3), bn().scale(false), Dropout::new(0.5)].unwrap();
    let deep = sequential![PReLU::new(), inner, bn().center(false)].unwrap();
    let as_activation = ceratops_layers::AnyActivation::layer(bn().momentum(0.5));
    let model = sequential![
        Input::new([4]),
        bn().momentum(0.75),
        Dense::new(3),
        deep,
        Dense::new(5).activation(as_activation),
        bn().frozen(),
        Dense::new(2),
    ]
    .unwrap();
    let x = draw(&[150, 4], 0);
    let pass = model.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone()))).unwrap();
    let params = model.params();
    let mut seen: Vec<usize> = pass.updates.iter().map(|update| update.index).collect();
    seen.sort_unstable();
    let statistics = |i: &usize| !params[*i].is_trainable() && !params[*i].is_frozen();
    assert_eq!(seen, (0..params.len()).filter(statistics).collect::<Vec<_>>());
    for update in &pass.updates {
        assert_eq!(update.value.shape(), params[update.index].value().shape());
        // A variance stays above 0 and a mean near it, as both begin at 1 and 0.
        let is_mean = params[update.index].name() == "moving_mean";
        let value = update.of(params[update.index].value()).unwrap();
        let small = value.as_slice().iter().all(|v| v.abs() < 0.45);
        assert_eq!(small, is_mean, "{} {:?}", update.index, update.value);
    }
    // The first: 0.75 · 0 + 0.25 · mean of the whole batch.
    let first = pass.updates.iter().find(|update| update.index == 2).unwrap();
    let first = first.of(params[2].value()).unwrap();
    for (c, moved) in first.as_slice().iter().enumerate() {
        let mean = x.as_slice().iter().skip(c).step_by(4).sum::<f32>() / 150.0;
        assert!((moved - 0.25 * mean).abs() < 1e-6, "{moved} {mean}");
    }
}
