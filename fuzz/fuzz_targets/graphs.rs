//! Random graphs by the functional API: written and read again, trained whole and in chunks.

#![no_main]

#[path = "../../crates/formats/tests/random_graphs/generate.rs"]
#[allow(dead_code)]
mod generate;

use ceratops_formats::json::Words;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(model) = generate::model(&mut generate::Choices(bytes), 2) {
        generate::comes_back(&model, &[Words::Keras3, Words::Keras2, Words::TensorFlowJs]);
        generate::trains_whole_and_cut(&model);
    }
});
