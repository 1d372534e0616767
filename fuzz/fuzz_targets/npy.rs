//! Arrays of NumPy, `.npy`.

#![no_main]

use ceratops_formats::npy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    drop(npy::read_npy(file));
});
