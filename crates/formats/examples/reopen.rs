//! Opens a model's file, writes the model to other files, and prints what it answers.
//!
//! `reopen MODEL [--weights WEIGHTS] [OTHER ...]` prints, as JSON, the shape of the input and the
//! output for two samples of 2 sin(0.37 i). Scripts compare it with what Keras answers. What ends in
//! `.keras3.h5` is written in the words of Keras 3.

use std::process::ExitCode;

use ceratops_core::{Result, Tensor};
use ceratops_formats::{By, Format, load, load_weights, save, save_as};

fn main() -> ExitCode {
    match reopen(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn reopen(args: &[String]) -> Result<String> {
    let (path, others) = match args {
        [path, flag, weights, others @ ..] if flag == "--weights" => {
            ((path, Some(weights)), others)
        }
        [path, others @ ..] => ((path, None), others),
        [] => return Ok("reopen MODEL [--weights WEIGHTS] [OTHER ...]".into()),
    };
    let mut loaded = load(path.0)?;
    if let Some(weights) = path.1 {
        load_weights(&mut loaded.model, weights, By::Position)?;
    }
    for other in others {
        let training = loaded.training.as_ref();
        if other.ends_with(".keras3.h5") {
            save_as(&loaded.model, other, Format::Keras3H5, training)?;
        } else {
            save(&loaded.model, other, training)?;
        }
    }
    let shape = loaded.model.input_shape().map(|shape| shape.axes().to_vec()).unwrap_or_default();
    let mut shape: Vec<usize> = shape.into_iter().map(|axis| axis.unwrap_or(2)).collect();
    if let Some(batch) = shape.first_mut() {
        *batch = 2;
    }
    let numbers =
        (0..shape.iter().product()).map(|i: usize| (2.0 * (0.37 * i as f64).sin()) as f32);
    let output = loaded.model.predict(Tensor::new(&shape, numbers.collect())?)?;
    let answer = serde_json::json!({ "input_shape": shape, "output": output.as_slice() });
    Ok(answer.to_string())
}
