//! Numbers below the normal ones count as 0, as in TensorFlow: at a model's door and behind a Dense
//! layer.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::Tensor;
use ceratops_layers::{Dense, Input, ReLU, Sequential};

const TINY: f32 = 1e-40;

fn model(layers: impl FnOnce(&mut Sequential)) -> Sequential {
    let mut model = Sequential::new();
    model.add(Input::new([3])).unwrap();
    layers(&mut model);
    model
}

#[test]
fn inputs_are_flushed_at_the_door() {
    let model = model(|model| {
        model.add(ReLU::new()).unwrap();
    });
    for batch in [1, 2, 300] {
        let x = Tensor::from([TINY, 1.0, -TINY].repeat(batch)).reshape(&[batch, 3]).unwrap();
        let y = model.predict(&x).unwrap();
        assert_eq!(y.as_slice(), [0.0, 1.0, 0.0].repeat(batch));
        // What was handed over stays as it was.
        assert_eq!(x.as_slice()[0], TINY);
    }
}

#[test]
fn a_dense_layer_puts_out_none() {
    for bias in [true, false] {
        let mut model = model(|model| {
            model.add(Dense::new(2).use_bias(bias)).unwrap();
        });
        let mut weights = vec![Tensor::full(&[3, 2], 1e-20)];
        weights.extend(bias.then(|| Tensor::zeros(&[2])));
        model.set_weights(&weights).unwrap();
        let y = model.predict([[1e-20, 1e-20, 1e-20], [1.0, 0.0, 0.0]]).unwrap();
        assert_eq!(y.as_slice(), [0.0, 0.0, 1e-20, 1e-20]);
    }
}
