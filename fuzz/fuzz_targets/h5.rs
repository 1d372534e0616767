//! Legacy whole models, `.h5`.

#![no_main]

use ceratops_core::Error;
use ceratops_formats::load_bytes;
use ceratops_layers::Registry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let alone = |name: &str| Err(Error::Data(name.into()));
    drop(load_bytes(file, &alone, &Registry::builtin().with_blank_weights()));
});
