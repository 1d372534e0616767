//! Folders of TensorFlow.js: `model.json`, a zero byte, and what every shard holds.

#![no_main]

use ceratops_formats::load_bytes;
use ceratops_layers::Registry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let end = file.iter().position(|byte| *byte == 0).unwrap_or(file.len());
    let (document, shard) = file.split_at(end);
    let fetch = |_: &str| Ok(shard.get(1..).unwrap_or_default().to_vec());
    drop(load_bytes(document, &fetch, &Registry::builtin().with_blank_weights()));
});
