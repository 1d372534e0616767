//! Weights alone, `.npz`.

#![no_main]

use ceratops_core::Error;
use ceratops_formats::{By, load_weights_bytes};
use ceratops_layers::{Conv2D, Dense, Flatten, Input, Sequential, sequential};
use libfuzzer_sys::fuzz_target;

fn model() -> ceratops_core::Result<Sequential> {
    sequential![Input::new([4, 4, 1]), Conv2D::new(1, 2), Flatten::new(), Dense::new(2)]
}

fuzz_target!(|file: &[u8]| {
    let mut model = model().unwrap();
    let alone = |name: &str| Err(Error::Data(name.into()));
    for by in [By::Position, By::Name] {
        drop(load_weights_bytes(&mut model, file, &alone, by));
    }
});
