//! Ceratops' part of `tests/interop/tfjs_round_trip.mjs`: writes folders for TensorFlow.js to open,
//! with an input and the output, and opens those that TensorFlow.js wrote.
//!
//! `cargo run -p ceratops-formats --example tfjs_round_trip -- write|read FOLDER`

use std::{env, fs, path::Path};

use ceratops_core::{Error, Result, Tensor};
use ceratops_formats::{Format, json, load, save_as};
use ceratops_layers::{
    BatchNormalization, Dense, Input, IntoNode, LeakyReLU, PReLU, Sequential, Softmax, sequential,
};
use serde_json::{Value, json};

mod samples;

/// The largest difference between outputs: single precision, in another order.
const TOLERANCE: f32 = 2e-5;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", folder] => write(Path::new(folder)),
        ["read", folder] => read(Path::new(folder)),
        _ => Err(Error::Model("expected `write FOLDER` or `read FOLDER`".into())),
    }
}

fn write(folder: &Path) -> Result<()> {
    let mut models = samples::models()?;
    models.push(("shards".into(), large()?));
    models.push(("nested".into(), nested()?));
    let mut refused = 0;
    for (name, mut model) in models {
        let words = json::Words::TensorFlowJs;
        if json::write_as(&model, words, &json::WriteOptions::default()).is_err() {
            refused += 1;
            continue;
        }
        fill(&mut model)?;
        let folder = folder.join(name);
        save_as(&model, &folder, Format::TensorFlowJs, None)?;
        let Some(x) = input(&model)? else { continue };
        let y = model.predict(x.clone())?;
        let expected = json!({"x": written(&x), "y": written(&y)}).to_string();
        fs::write(folder.join("expected.json"), expected)
            .map_err(|e| Error::io("expected.json", e))?;
    }
    println!("Ceratops: {refused} models say what TensorFlow.js has no word for");
    Ok(())
}

/// More than two shards of numbers, and an activation that is a layer of its own there.
fn large() -> Result<Sequential> {
    sequential![
        Input::new([1100]),
        Dense::new(1000),
        PReLU::new(),
        Dense::new(1000).activation(LeakyReLU::new(0.1)),
        Dense::new(3),
        Softmax::default()
    ]
}

fn nested() -> Result<Sequential> {
    let inner =
        sequential![Input::new([4]), Dense::new(5).named("within"), BatchNormalization::new()]?;
    sequential![Input::new([4]), Dense::new(4), inner.with_name("inner"), Dense::new(2)]
}

/// Gives every weight a value of its own.
fn fill(model: &mut Sequential) -> Result<()> {
    for (i, param) in model.params_mut().into_iter().enumerate() {
        let positive = param.name().contains("variance");
        let size = 1.0 / (param.value().len() as f32).sqrt();
        let values = (0..param.value().len()).map(|k| ((k + 7 * i) as f32 * 0.7).sin() * size);
        let values: Vec<f32> = values.map(|x| if positive { x.abs() + 0.25 } else { x }).collect();
        let mut value = Tensor::new(param.value().shape(), values)?;
        if let Some(constraint) = param.constraint() {
            value = constraint.apply(value);
        }
        param.set_value(value)?;
    }
    Ok(())
}

/// Two samples, where the shape of one is known.
fn input(model: &Sequential) -> Result<Option<Tensor>> {
    let Some(shape) = model.input_shape() else { return Ok(None) };
    let axes = shape.axes().iter().enumerate();
    let axes: Vec<usize> = axes.map(|(i, n)| n.unwrap_or(if i == 0 { 2 } else { 7 })).collect();
    let count = axes.iter().product::<usize>();
    let x = (0..count).map(|k| (k as f32 * 0.37).sin() * 2.0).collect();
    Tensor::new(&axes, x).map(Some)
}

fn written(tensor: &Tensor) -> Value {
    json!({"shape": tensor.shape(), "values": tensor.as_slice()})
}

/// Opens every folder, and says where the output is another than TensorFlow.js'.
fn read(folder: &Path) -> Result<()> {
    let mut bad = 0;
    let mut entries: Vec<_> = fs::read_dir(folder)
        .and_then(Iterator::collect::<std::io::Result<_>>)
        .map_err(|e| Error::io(folder.display(), e))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in &entries {
        if let Err(error) = check(&entry.path()) {
            println!("{}: {error}", entry.path().display());
            bad += 1;
        }
    }
    println!("Ceratops: {} of {} folders agree", entries.len() - bad, entries.len());
    if bad > 0 { Err(Error::Data(format!("{bad} do not"))) } else { Ok(()) }
}

fn check(folder: &Path) -> Result<()> {
    let text = fs::read_to_string(folder.join("expected.json"))
        .map_err(|e| Error::io(folder.display(), e))?;
    let expected: Value = serde_json::from_str(&text).map_err(|e| Error::Data(e.to_string()))?;
    let (x, y) = (tensor(&expected["x"])?, tensor(&expected["y"])?);
    let found = load(folder)?.model.predict(x)?;
    let pairs = found.as_slice().iter().zip(y.as_slice());
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    if found.shape() != y.shape() || worst.is_nan() || worst > TOLERANCE {
        return Err(Error::Data(format!("outputs of {:?} differ by {worst}", found.shape())));
    }
    Ok(())
}

fn tensor(value: &Value) -> Result<Tensor> {
    let numbers = |key: &str| value[key].as_array().into_iter().flatten().filter_map(Value::as_f64);
    let shape: Vec<usize> = numbers("shape").map(|n| n as usize).collect();
    Tensor::new(&shape, numbers("values").map(|x| x as f32).collect())
}
