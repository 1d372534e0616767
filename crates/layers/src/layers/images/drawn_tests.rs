//! Image layers against real Keras, where both are given the same draws.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use ceratops_core::Tensor;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    AugMix, CutMix, Frame, MixUp, RandAugment, RandomElasticTransform, RandomErasing,
    RandomGaussianBlur, RandomPerspective, Solarization,
    assortment::{ALL, Strength},
    aug_mix::Mixture,
    augmentation::Augmentation,
    blur::Kernel,
    chain::Chain,
    cut_mix::Cut,
    grid::Shifts,
    mix_up::Mixed,
    patch::Patch,
    random_elastic_transform::smooth,
    random_erasing::Erased,
    random_perspective::map_to_corners,
};

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn tensor(value: &Value) -> Tensor {
    Tensor::new(&read::<Vec<usize>>(&value["shape"]), read(&value["data"])).unwrap()
}

/// Compares what `make` makes of the images of each case with what Keras does.
fn compare<L: DeserializeOwned>(class: &str, make: impl Fn(&L, &Value, Frame, &Tensor) -> Tensor) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/preprocessing");
    let text = std::fs::read_to_string(format!("{root}/drawn.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let cases = all[class].as_array().unwrap();
    assert!(!cases.is_empty());
    for (i, case) in cases.iter().enumerate() {
        let (layer, x, expected) = (&case["layer"]["config"], tensor(&case["x"]), &case["y"]);
        let y = make(&read(layer), &case["draw"], Frame::of(&x).unwrap(), &x);
        let pairs = y.as_slice().iter().zip(read::<Vec<f32>>(&expected["data"]));
        for (place, (found, wanted)) in pairs.enumerate() {
            let apart = (found - wanted).abs();
            assert!(apart <= 255.0 * 1e-5, "{class} {i} at {place}: {found} and {wanted}");
        }
    }
}

/// The same for a layer that changes one image by one draw.
fn check<A: Augmentation + DeserializeOwned>(
    class: &str,
    draw: impl Fn(&A, &Value, Frame) -> A::Draw,
) {
    compare::<A>(class, |layer, value, frame, x| {
        let mut y = Tensor::for_overwrite(x.shape());
        layer.apply(&draw(layer, value, frame), frame, x.as_slice(), y.as_mut_slice());
        y
    });
}

fn patch([left, right, top, bottom]: [f32; 4]) -> Patch {
    Patch { left, right, top, bottom }
}

#[test]
fn solarization() {
    check::<Solarization>("solarization", |_, draw, _| read(draw));
}

#[test]
fn gaussian_blur() {
    check::<RandomGaussianBlur>("gaussian_blur", |layer, draw, _| {
        Some(Kernel::gaussian(layer.kernel_size, read(draw)))
    });
}

#[test]
fn erasing() {
    check::<RandomErasing>("erasing", |_, draw, frame| {
        let (patch, fill) = (patch(read(&draw["patch"])), read::<Vec<f32>>(&draw["fill"]));
        let pixels = patch.pixels(frame).map(|place| &fill[place..][..frame.channels]);
        Some(Erased { patch, fill: pixels.flatten().copied().collect() })
    });
}

#[test]
fn perspective() {
    check::<RandomPerspective>("perspective", |_, draw, frame| {
        Some(map_to_corners(read(draw), frame).unwrap())
    });
}

#[test]
fn elastic() {
    check::<RandomElasticTransform>("elastic", |_, draw, frame| {
        let shifts = |key: &str| smooth(&read::<Vec<f32>>(&draw[key]), read(&draw["scale"]), frame);
        Some(Shifts { right: shifts("right"), down: shifts("down") })
    });
}

/// Changes by their numbers. Their ranges of one number leave nothing to chance.
fn chain(strength: Strength, order: Vec<usize>, frame: Frame) -> Chain {
    let mut rng = ceratops_core::Context::training(0, 0, 0).rng();
    let changes = ALL.into_iter().map(|kind| strength.draw(kind, frame, &mut rng)).collect();
    Chain { changes, order }
}

#[test]
fn rand_augment() {
    check::<RandAugment>("rand_augment", |layer, draw, frame| {
        let RandAugment { factor, interpolation, value_range, .. } = *layer;
        chain(Strength { factor, interpolation, value_range }, read(draw), frame)
    });
}

#[test]
fn aug_mix() {
    check::<AugMix>("aug_mix", |layer, draw, frame| {
        let AugMix { factor, interpolation, value_range, .. } = *layer;
        let strength = Strength { factor, interpolation, value_range };
        let weights = read::<Vec<f32>>(&draw["weights"]);
        let orders = read::<Vec<Vec<usize>>>(&draw["chains"]).into_iter();
        let chains = orders.map(|order| chain(strength, order, frame)).zip(weights).collect();
        Mixture { own: read(&draw["own"]), chains }
    });
}

#[test]
fn mix_up() {
    compare::<MixUp>("mix_up", |_, draw, _, x| {
        Mixed { order: read(&draw["order"]), weights: read(&draw["weights"]) }.apply(x)
    });
}

#[test]
fn cut_mix() {
    compare::<CutMix>("cut_mix", |_, draw, frame, x| {
        let patches = read::<Vec<[f32; 4]>>(&draw["patches"]).into_iter().map(patch).collect();
        Cut { order: read(&draw["order"]), patches }.apply(frame, x)
    });
}
