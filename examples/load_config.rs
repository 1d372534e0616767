//! A model from the JSON config that Keras wrote: `model.to_json()` in Python, this in Rust.
//!
//! Run it with `cargo run --release --example load_config`, or with a JSON file of your own as an
//! argument. Keras 1, 2 and 3 and TensorFlow.js are all read.

use ceratops::formats::json;
use ceratops::prelude::*;

fn main() -> Result<()> {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/");
        files = ["keras3_prelu.json", "keras2_prelu.json"].map(|f| format!("{folder}{f}")).into();
    }
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|e| Error::io(&file, e))?;
        let loaded = json::read(&text, &Registry::builtin())?;
        println!("{}", loaded.report);
        println!("{}\n", loaded.model.summary());
        if let Some(shape) = loaded.model.input_shape() {
            let mut one = vec![1];
            one.extend(shape.features()?);
            println!("its output for zeros: {}\n", loaded.model.predict(Tensor::zeros(&one))?);
        }
    }

    println!("What a mistake in a config looks like:");
    let wrong = r#"{"module": "keras", "class_name": "Sequential", "config": {"layers": [
        {"class_name": "Dense", "config": {"units": 3, "activaton": "relu"}}]}}"#;
    if let Err(why) = Sequential::from_json(wrong) {
        println!("{why}");
    }
    Ok(())
}
