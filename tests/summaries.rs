//! Summaries, character for character as real Keras 3 and Keras 2 print them.
//!
//! The cases are in `tests/summaries`, written by Keras; the script beside them says how.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::PathBuf};

use ceratops::{
    layers::summary::{Style, Summary},
    prelude::*,
    train::optimizers,
};
use serde_json::Value;

#[test]
fn summaries_equal_those_of_keras() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/summaries");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Keras' layer_range takes regular expressions; ours takes the beginnings of names.
    cases.retain(|path| {
        path.join("model.json").exists() && !path.ends_with("lenet_layer_range_pattern")
    });
    cases.sort();
    assert!(cases.len() > 70);
    let mut faults = Vec::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let read = |file: &str| fs::read_to_string(case.join(file)).ok();
        let json = |file: &str| -> Value { serde_json::from_str(&read(file).unwrap()).unwrap() };
        let (model, meta) = (json("model.json"), json("meta.json"));
        for (file, style) in [("keras3.txt", Style::Keras3), ("keras2.txt", Style::Keras2)] {
            // Keras 2 prints no summary of some models.
            let Some(expected) = read(file) else { continue };
            match text(&model, &meta, style) {
                Ok(text) if text == expected.trim_end_matches('\n') => {}
                Ok(text) => faults.push(format!("{name}/{file}:\n{text}\nKeras:\n{expected}")),
                Err(error) => faults.push(format!("{name}/{file}: {error}")),
            }
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

fn text(model: &Value, meta: &Value, style: Style) -> Result<String> {
    let model = Sequential::from_json(&model.to_string())?;
    let built = meta["optimizer_built"] == true;
    let summary = match meta.get("optimizer").filter(|optimizer| !optimizer.is_null()) {
        Some(config) => {
            let mut model = model.compile(optimizers::from_json(config)?, "mse", ())?;
            if built {
                model.build_optimizer();
            }
            model.summary()
        }
        None => model.summary(),
    };
    with_arguments(summary.style(style), meta).map(|summary| summary.to_string())
}

fn with_arguments(mut summary: Summary, meta: &Value) -> Result<Summary> {
    let arguments = &meta["arguments"];
    if let Some(columns) = meta["terminal_columns"].as_u64() {
        summary = summary.columns(columns as usize);
    }
    if let Some(length) = arguments["line_length"].as_u64() {
        summary = summary.line_length(length as usize);
    }
    if let Ok(positions) = serde_json::from_value::<[f64; 3]>(arguments["positions"].clone()) {
        summary = summary.positions(positions);
    }
    if let Ok([first, last]) =
        serde_json::from_value::<[String; 2]>(arguments["layer_range"].clone())
    {
        summary = summary.layer_range(&first, &last)?;
    }
    Ok(summary
        .show_trainable(arguments["show_trainable"] == true)
        .expand_nested(arguments["expand_nested"] == true))
}
