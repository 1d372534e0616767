//! Writes models in the words of every reader, with weights, an input and the output: what
//! `tests/interop/json_everywhere.py` lets Keras 3, tf_keras and TensorFlow.js open and compute.
//!
//! `cargo run -p ceratops-formats --example write_json_everywhere -- FOLDER`

use std::{env, fs, path::Path};

use ceratops_core::{Error, Result, Tensor};
use ceratops_formats::json::{self, Words};
use ceratops_layers::{
    Activation, Dense, ELU, Input, IntoNode, LeakyReLU, Node, Normalization, PReLU, ReLU,
    Rescaling, Reshape, Sequential, Softmax, ThresholdedReLU, sequential,
};
use serde_json::{Map, Value, json};

mod samples;

const WORDS: [(&str, Words); 5] = [
    ("keras3", Words::Keras3),
    ("keras3short", Words::Keras3Short),
    ("keras2", Words::Keras2),
    ("portable", Words::Portable),
    ("tfjs", Words::TensorFlowJs),
];

fn main() -> Result<()> {
    let folder = env::args().nth(1).ok_or_else(|| Error::Model("name a folder".into()))?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).map_err(|e| Error::io(folder.display(), e))?;
    let mut models = samples::models()?;
    models.extend(small()?);
    for (name, mut model) in models {
        fill(model.layers_mut())?;
        let data = data(&model)?;
        for (file, words) in WORDS {
            let mut sample = data.clone();
            match json::write_as(&model, words, &json::WriteOptions::default()) {
                Ok(written) => {
                    sample["document"] = written.document;
                    let notes = written.notes.iter().map(ToString::to_string);
                    sample["notes"] = notes.collect();
                }
                Err(error) => sample["refused"] = error.to_string().into(),
            }
            let path = folder.join(format!("{file}.{name}.json"));
            fs::write(&path, sample.to_string()).map_err(|e| Error::io(path.display(), e))?;
        }
    }
    Ok(())
}

/// One model for each thing that some reader says in another way, or cannot say.
fn small() -> Result<Vec<(String, Sequential)>> {
    let layers: Vec<(&str, Node)> = vec![
        ("relu", ReLU::new().into()),
        ("relu_max", ReLU::new().max_value(0.75).into()),
        ("relu_slope", ReLU::new().negative_slope(0.25).into()),
        ("relu_threshold", ReLU::new().threshold(0.5).into()),
        ("relu_threshold_max", ReLU::new().threshold(0.5).max_value(0.75).into()),
        ("relu_max_below_threshold", ReLU::new().threshold(0.5).max_value(0.25).into()),
        ("relu_slope_max", ReLU::new().negative_slope(0.25).max_value(0.75).into()),
        ("relu_slope_threshold", ReLU::new().negative_slope(0.25).threshold(0.5).into()),
        ("elu", ELU::default().into()),
        ("elu_half", ELU::new(0.5).into()),
        ("elu_zero", ELU::new(0.0).into()),
        ("elu_negative", ELU::new(-0.5).into()),
        ("leaky", LeakyReLU::new(0.125).into()),
        ("thresholded", ThresholdedReLU::new(0.5).into()),
        ("thresholded_zero", ThresholdedReLU::new(0.0).into()),
        ("rescaling", Rescaling::new(0.5).offset(-1.0).into()),
        ("rescaling_lists", Rescaling::new(vec![0.5; 6]).offset(vec![1.0; 6]).into()),
        ("normalization", Normalization::new().mean(0.5).variance(4.0).into()),
        ("softmax_last", Softmax::new(1).into()),
        ("dense_celu", Dense::new(4).activation("celu").into()),
        ("dense_leaky", Dense::new(4).activation("leaky_relu").into()),
        ("dense_hard_sigmoid_2", Dense::new(4).activation("keras2>hard_sigmoid").into()),
        ("dense_hard_sigmoid_3", Dense::new(4).activation("hard_sigmoid").into()),
        ("dense_elu_layer", Dense::new(4).activation(ELU::new(0.5)).into()),
        ("dense_relu_layer", Dense::new(4).activation(ReLU::new().negative_slope(0.5)).into()),
        ("dense_softmax_layer", Dense::new(4).activation(Softmax::new(-1)).into()),
        ("dense_p_re_lu", Dense::new(4).activation(PReLU::new()).into()),
        ("activation_p_re_lu", Activation::new(PReLU::new()).into()),
        ("activation_thresholded", Activation::new(ThresholdedReLU::new(0.5)).into()),
        ("activation_elu", Activation::new(ELU::new(0.5)).into()),
        ("dense_identity", Dense::new(3).kernel_initializer("identity").into()),
        ("dense_activity", Dense::new(3).activity_regularizer("l2").into()),
    ];
    let mut models = Vec::new();
    for (name, layer) in layers {
        models.push((format!("small_{name}"), sequential![Input::new([6]), layer]?));
    }
    for (name, axes) in [("1", vec![1]), ("2", vec![2]), ("12", vec![1, 2]), ("23", vec![2, 3])] {
        let softmax = match axes[..] {
            [axis] => Softmax::new(axis),
            [a, b, ..] => Softmax::new([a, b]),
            [] => Softmax::default(),
        };
        let (rows, model) = match name {
            "23" => (Reshape::new([2, 3, 1]), "four"),
            _ => (Reshape::new([2, 3]), "three"),
        };
        let layers = sequential![Input::new([6]), rows, softmax]?;
        models.push((format!("small_softmax_{model}_{name}"), layers));
    }
    let deep = sequential![Input::new([4]), Dense::new(3).activation(LeakyReLU::new(0.5))]?;
    let middle = sequential![deep.with_name("deep"), ELU::new(0.5)]?;
    let outer =
        sequential![Input::new([4]), Dense::new(4).named("before"), middle.with_name("middle")]?;
    models.push(("small_deep".into(), outer));
    models.push(("small_input".into(), sequential![Input::new([4])]?));
    Ok(models)
}

/// Gives every weight a value of its own.
fn fill(nodes: &mut [Node]) -> Result<()> {
    for node in nodes {
        if let Some(model) = node.downcast_mut::<Sequential>() {
            fill(model.layers_mut())?;
            continue;
        }
        for (i, param) in node.params_mut().into_iter().enumerate() {
            let positive = param.name().contains("variance");
            let values = (0..param.value().len()).map(|k| ((k + 7 * i) as f32 * 0.7).sin() * 0.5);
            let values: Vec<f32> =
                values.map(|x| if positive { x.abs() + 0.25 } else { x }).collect();
            let mut value = Tensor::new(param.value().shape(), values)?;
            if let Some(constraint) = param.constraint() {
                value = constraint.apply(value);
            }
            param.set_value(value)?;
        }
    }
    Ok(())
}

/// The weights by layer, an input, and the output; only the weights where nothing can be computed.
fn data(model: &Sequential) -> Result<Value> {
    let mut weights = Map::new();
    collect(model.layers(), &mut weights);
    let mut data = json!({ "weights": weights });
    if let Some(shape) = model.input_shape().filter(|_| !model.layers().is_empty()) {
        let lens = shape.axes().iter().enumerate();
        let lens: Vec<usize> =
            lens.map(|(i, len)| len.unwrap_or(if i == 0 { 2 } else { 7 })).collect();
        let count = lens.iter().product::<usize>();
        let x = (0..count).map(|k| (k as f32 * 0.37).sin() * 2.0).collect();
        let x = Tensor::new(&lens, x)?;
        data["x"] = tensor(&x);
        data["y"] = tensor(&model.predict(x)?);
    }
    Ok(data)
}

fn collect(nodes: &[Node], weights: &mut Map<String, Value>) {
    for node in nodes {
        if let Some(model) = node.downcast_ref::<Sequential>() {
            collect(model.layers(), weights);
        } else if !node.params().is_empty() {
            let values = node.params().iter().map(|param| tensor(param.value())).collect();
            weights.insert(node.name().into(), values);
        }
    }
}

fn tensor(tensor: &Tensor) -> Value {
    json!({ "shape": tensor.shape(), "values": tensor.as_slice() })
}
