//! Random graphs out of bytes, and what must hold of them. The fuzz targets `graphs` and `graph_json`
//! run the same.

use ceratops_core::{Result, Tensor};
use ceratops_formats::{ModelJson, json, json::Words};
use ceratops_layers::{
    Add, BatchNormalization, CallLayer, Concatenate, Dense, Input, KerasTensor, Maximum, Model,
    Multiply, Part, PassOptions, ReLU, SharedLayer,
};
use serde_json::{Value, json};

const WIDTH: usize = 4;

/// Bytes that are taken as choices; zeros when they are used up.
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    fn below(&mut self, end: usize) -> usize {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(first) % end.max(1)
    }

    fn of<'b, T>(&mut self, items: &'b [T]) -> &'b T {
        &items[self.below(items.len())]
    }
}

/// A model of one or two inputs and outputs.
pub(crate) fn model(choices: &mut Choices<'_>, depth: usize) -> Result<Model> {
    let inputs: Vec<KerasTensor> =
        (0..=choices.below(2)).map(|_| Input::new([WIDTH]).tensor()).collect();
    let shared = Dense::new(WIDTH).activation("tanh").shared();
    let mut values = inputs.clone();
    for _ in 0..=choices.below(8) {
        let made = call(choices, &values, &shared, depth)?;
        values.push(made);
    }
    let made = &values[inputs.len()..];
    let mut outputs = vec![made[made.len() - 1].clone()];
    if choices.below(4) == 0 {
        outputs.push(choices.of(made).clone());
    }
    Model::new(&inputs, &outputs)
}

/// One more value, of one kind of layer.
fn call(
    choices: &mut Choices<'_>,
    values: &[KerasTensor],
    shared: &SharedLayer,
    depth: usize,
) -> Result<KerasTensor> {
    let x = choices.of(values).clone();
    let pair = vec![x.clone(), choices.of(values).clone()];
    match choices.below(9) {
        0 => Dense::new(WIDTH).call(x),
        1 => ReLU::new().call(x),
        2 => BatchNormalization::new().call(x),
        3 => shared.call(x),
        4 => Add::new().call(pair),
        5 => Multiply::new().call(pair),
        6 => Maximum::new().call(pair),
        7 if depth > 0 => {
            let inner = model(choices, depth - 1)?;
            let xs: Vec<KerasTensor> =
                inner.input_names().iter().map(|_| choices.of(values).clone()).collect();
            let ys = inner.call_all(xs)?;
            Ok(choices.of(&ys).clone())
        }
        _ => Dense::new(WIDTH).call(Concatenate::new().call(pair)?),
    }
}

fn samples(model: &Model, batch: usize) -> Vec<Tensor> {
    let sample = |(i, shape): (usize, &ceratops_core::Shape)| {
        let lens = shape.axes().iter().skip(1).map(|len| len.unwrap_or(1));
        let shape: Vec<usize> = std::iter::once(batch).chain(lens).collect();
        let number = |k: usize| ((k * 37 + i * 11) % 41) as f32 / 20.0 - 1.0;
        Tensor::new(&shape, (0..shape.iter().product()).map(number).collect()).ok()
    };
    model.input_shapes().into_iter().enumerate().filter_map(sample).collect()
}

/// Whether a sample of each input is small enough to be tried.
fn is_small(model: &Model) -> bool {
    let numbers = |shape: &ceratops_core::Shape| {
        shape.axes().iter().skip(1).fold(1, |all: usize, len| all.saturating_mul(len.unwrap_or(1)))
    };
    model.input_shapes().into_iter().map(numbers).all(|numbers| numbers < 10_000)
}

/// Is written in the words of each, and comes back with the same outputs.
pub(crate) fn comes_back(model: &Model, words: &[Words]) {
    let xs = samples(model, 3);
    let Ok(y) = model.predict_all(xs.clone()) else { return };
    for &words in words {
        let written = match json::write_as(model, words, &Default::default()) {
            Ok(written) => written.document.to_string(),
            // What a reader has no word for.
            Err(_) => continue,
        };
        let mut again = Model::from_json(&written).expect(&written);
        again.set_weights(&model.get_weights()).expect(&written);
        let again = again.predict_all(xs.clone()).expect(&written);
        for (a, b) in y.iter().zip(again.iter()) {
            near(a.1, b.1, &written);
        }
    }
}

/// A training step gives the same in one piece as in chunks.
pub(crate) fn trains_whole_and_cut(model: &Model) {
    let xs = samples(model, 40);
    let losses = |part: &Part<'_>| {
        Ok(part.outputs.iter().map(|y| (0.0, Some(y.clone().map(|y| y / 40.0)))).collect())
    };
    let pass = |whole: bool| {
        let options = PassOptions { seed: 1, step: 0, logits: false.into(), whole };
        model.train_pass_all(&xs, options, &losses).expect("a pass")
    };
    let (whole, cut) = (pass(true), pass(false));
    assert_eq!(whole.gradients.len(), cut.gradients.len());
    for (a, b) in whole.gradients.iter().flatten().zip(cut.gradients.iter().flatten()) {
        near(a, b, "whole and cut");
    }
}

fn near(a: &Tensor, b: &Tensor, what: &str) {
    assert_eq!(a.shape(), b.shape(), "{what}");
    for (a, b) in a.as_slice().iter().zip(b.as_slice()) {
        let same = a.is_nan() == b.is_nan() && (a.is_finite() == b.is_finite());
        let close = !a.is_finite() || (a - b).abs() <= 1e-3 * a.abs().max(1.0);
        assert!(same && close, "{a} and {b}: {what}");
    }
}

/// The document of a random model in some words, with values put into other places.
pub(crate) fn document(choices: &mut Choices<'_>) -> Option<Value> {
    let model = model(choices, 1).ok()?;
    let words = *choices.of(&[Words::Keras3, Words::Keras2, Words::TensorFlowJs]);
    let mut document = json::write_as(&model, words, &Default::default()).ok()?.document;
    for _ in 0..=choices.below(3) {
        let mut paths = Vec::new();
        gather(&document, String::new(), &mut paths);
        let at = (choices.below(256) * 256 + choices.below(256)) % paths.len();
        let from = (choices.below(256) * 256 + choices.below(256)) % paths.len();
        let moved = document.pointer(&paths[from]).cloned().unwrap_or_default();
        let others = [json!(null), json!([]), json!({}), json!(-1), json!(u64::MAX), json!(0.5)];
        let value = if choices.below(2) == 0 { moved } else { choices.of(&others).clone() };
        if let Some(place) = document.pointer_mut(&paths[at]) {
            *place = value;
        }
    }
    Some(document)
}

fn gather(value: &Value, path: String, paths: &mut Vec<String>) {
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        gather(item, format!("{path}/{i}"), paths);
    }
    for (key, item) in value.as_object().into_iter().flatten() {
        gather(item, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), paths);
    }
    paths.push(path);
}

/// Loading ends with a model that works, or an error.
pub(crate) fn loads_or_not(document: &Value) -> bool {
    let Ok(model) = Model::from_json(&document.to_string()) else { return false };
    if model.is_built() && is_small(&model) && model.count_params() < 1 << 20 {
        comes_back(&model, &[Words::Keras3]);
    }
    true
}
