//! Legacy whole models, `.h5`.

#![no_main]

use ceratops_formats::load_bytes;
use ceratops_layers::Registry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    drop(load_bytes(file, &Registry::builtin()));
});
