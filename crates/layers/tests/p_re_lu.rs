//! PReLU on more numbers than its loops take at a time.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use ceratops_core::{Context, Gradients, Layer, Rng, Shape, Tensor};
use ceratops_layers::PReLU;
use rand::SeedableRng;

/// Three channels of 221 pixels: not a multiple of how often three alphas are repeated.
const SHAPE: [usize; 4] = [2, 13, 17, 3];

#[test]
fn channels_keep_their_alphas() {
    let len = SHAPE.iter().product();
    let x = (0..len).map(|i| (i * 37 % 101) as f32 / 50.0 - 1.0).collect();
    let x = Tensor::new(&SHAPE, x).unwrap();
    let dy = x.clone().map(|x| x.sin() + 0.5);

    let mut layer = PReLU::new().shared_axes([1, 2]);
    layer.build(&Shape::of(&SHAPE), &mut Rng::seed_from_u64(0)).unwrap();
    let alphas = [0.25, -0.5, 2.0];
    layer.params_mut()[0].set_value(Tensor::new(&[1, 1, 3], alphas.to_vec()).unwrap()).unwrap();
    let mut slots = Gradients::slots(layer.params());
    let (in_place, _) = layer.forward(x.clone(), &mut Context::inference()).unwrap();
    let (y, saved) = layer.forward(x.clone(), &mut Context::saving()).unwrap();
    let dw = &mut Gradients::new(&mut slots, true);
    let dx = layer.backward(saved.unwrap(), dy.clone(), dw).unwrap().unwrap();

    let mut dalpha = [0.0; 3];
    for (i, (&x, &dy)) in x.as_slice().iter().zip(dy.as_slice()).enumerate() {
        let below = x < 0.0;
        let slope = if below { alphas[i % 3] } else { 1.0 };
        assert_eq!([y.as_slice()[i], in_place.as_slice()[i]], [slope * x; 2], "at {i}");
        assert_eq!(dx.as_slice()[i], if x == 0.0 { 0.0 } else { slope * dy }, "at {i}");
        dalpha[i % 3] += f64::from(if below { x * dy } else { 0.0 });
    }
    for (found, expected) in slots[0].as_ref().unwrap().as_slice().iter().zip(dalpha) {
        assert!((f64::from(*found) - expected).abs() < 1e-4, "{found}, not {expected}");
    }
}
