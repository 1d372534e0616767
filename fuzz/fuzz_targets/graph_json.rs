//! Documents of random graphs, in Keras 3's words, Keras 2's or TensorFlow.js', with values in wrong
//! places.

#![no_main]

#[path = "../../crates/formats/tests/random_graphs/generate.rs"]
#[allow(dead_code)]
mod generate;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(document) = generate::document(&mut generate::Choices(bytes)) {
        generate::loads_or_not(&document);
    }
});
