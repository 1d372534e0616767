//! Models computed as real Keras computes them.

mod support;
use ceratops::prelude::*;

#[test]
fn outputs_equal_those_of_keras() {
    let registry = Registry::builtin();
    let mut bad = Vec::new();
    for (name, case) in support::cases("training") {
        let run = || -> Result<f32> {
            let mut node = registry.layer(&case["model"])?;
            let model = node.downcast_mut::<Sequential>().unwrap();
            model.set_weights(&support::tensors(&case["weights"]))?;
            let y = model.predict(&support::tensor(&case["x"]))?;
            Ok(support::error(&y, &support::tensor(&case["outputs_before"]), 0.1))
        };
        match run() {
            Ok(e) if e < 4e-6 => {}
            other => bad.push(format!("{name}: {other:?}")),
        }
    }
    assert!(bad.is_empty(), "{} bad:\n{}", bad.len(), bad.join("\n"));
}
