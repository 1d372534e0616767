//! The JSON of architectures, in every dialect.

#![no_main]

use ceratops_formats::json;
use ceratops_layers::Registry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // Blank, since a large model of random weights takes its time by right.
    drop(json::read(text, &Registry::builtin().with_blank_weights()));
});
