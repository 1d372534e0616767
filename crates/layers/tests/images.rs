//! Image layers against what real Keras makes of images, and the laws of what they draw.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail by panicking")]

use ceratops_core::{Context, Layer, Tensor};
use ceratops_layers::{
    FillMode, FlipMode, RandomBrightness, RandomContrast, RandomCrop, RandomFlip, RandomGrayscale,
    RandomInvert, RandomRotation, RandomTranslation, RandomZoom, Registry,
};
use serde_json::{Map, Value};

/// The cases of one class.
fn cases(class: &str) -> Map<String, Value> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/preprocessing");
    let text = std::fs::read_to_string(format!("{root}/{class}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn tensor(value: &Value) -> Tensor {
    let numbers = |key: &str| value[key].as_array().unwrap().iter();
    let shape: Vec<usize> = numbers("shape").map(|n| n.as_u64().unwrap() as usize).collect();
    let data = numbers("data").map(|n| n.as_f64().unwrap() as f32).collect();
    Tensor::new(&shape, data).unwrap()
}

/// Whether each number is as near as rounding leaves it: images have numbers up to 255.
fn near(a: &Tensor, b: &Tensor) -> bool {
    let pairs = a.as_slice().iter().zip(b.as_slice());
    a.shape() == b.shape() && pairs.into_iter().all(|(a, b)| (a - b).abs() <= 255.0 * 1e-5)
}

/// Runs the cases of a class: at rest, and in training with each outcome of a coin.
fn check(class: &str) {
    let cases = cases(class);
    assert!(!cases.is_empty());
    for (name, case) in &cases {
        let layer = Registry::builtin().layer(&case["layer"]).unwrap();
        let (layer, x) = (layer.layer(), tensor(&case["x"]));
        let what = format!("{class} {name}: {layer:?}");
        let (y, _) = layer.forward(x.clone(), &mut Context::inference()).unwrap();
        assert!(near(&y, &tensor(&case["y"])), "{what}: {y:?} and {}", case["y"]);
        let Some(outcomes) = case.get("outcomes") else { continue };
        let outcomes: Vec<Tensor> = outcomes.as_array().unwrap().iter().map(tensor).collect();
        let mut seen = vec![false; outcomes.len()];
        for step in 0..20 {
            let mut cx = Context::training(3, step, 0);
            let (y, _) = layer.forward(x.clone(), &mut cx).unwrap();
            match outcomes.iter().position(|outcome| near(&y, outcome)) {
                Some(outcome) => seen[outcome] = true,
                None => panic!("{what}: {y:?} is none of {}", case["outcomes"]),
            }
        }
        assert!(seen.iter().all(|seen| *seen), "{what}: an outcome never comes");
    }
}

macro_rules! classes {
    ($($class:ident)*) => { $(#[test] fn $class() { check(stringify!($class)); })* };
}

classes! {
    resizing center_crop rescaling random_rotation random_zoom random_translation random_shear
    random_flip random_brightness random_contrast random_invert random_grayscale
    random_color_degeneration auto_contrast equalization clahe random_hue random_saturation
    random_posterization random_sharpness random_gaussian_blur solarization random_color_jitter random_height random_width
}

const IMAGES: usize = 4000;

/// What a layer makes of many images that are all `image`.
fn drawn<L: Layer>(layer: &L, [height, width]: [usize; 2], image: &[f32]) -> Vec<Vec<f32>> {
    let x = Tensor::new(&[IMAGES, height, width, 1], image.repeat(IMAGES)).unwrap();
    let (y, _) = layer.forward(x, &mut Context::training(5, 0, 0)).unwrap();
    y.as_slice().chunks(y.sample_len()).map(<[f32]>::to_vec).collect()
}

/// Fails unless the numbers are spread evenly from `least` to `most`: Kolmogorov and Smirnov's test at a
/// probability of one in a thousand.
fn assert_uniform(numbers: impl IntoIterator<Item = f32>, least: f32, most: f32) {
    let mut numbers: Vec<f32> = numbers.into_iter().collect();
    numbers.sort_by(f32::total_cmp);
    let slack = 1e-4 * (most - least);
    assert!(numbers[0] >= least - slack && numbers[numbers.len() - 1] <= most + slack);
    let count = numbers.len() as f32;
    let apart = |(i, number): (usize, &f32)| {
        ((number - least) / (most - least) - (i as f32 + 0.5) / count).abs()
    };
    let apart = numbers.iter().enumerate().map(apart).fold(0.0, f32::max);
    assert!(apart < 1.95 / count.sqrt(), "{apart} from even");
}

#[test]
fn brightness_is_even_over_its_range() {
    let layer = RandomBrightness::new([-0.2, 0.4]).value_range([0.0, 10.0]);
    let seen = drawn(&layer, [1, 1], &[5.0]);
    assert_uniform(seen.iter().map(|y| y[0] - 5.0), -2.0, 4.0);
}

#[test]
fn contrast_is_even_over_its_range() {
    let seen = drawn(&RandomContrast::new([0.25, 0.5]), [1, 2], &[100.0, 110.0]);
    assert_uniform(seen.iter().map(|y| (y[1] - y[0]) / 10.0), 0.75, 1.5);
    // As Keras 3 has it: a single number only adds.
    let seen = drawn(&RandomContrast::new(0.5), [1, 2], &[100.0, 110.0]);
    assert_uniform(seen.iter().map(|y| (y[1] - y[0]) / 10.0), 1.0, 1.5);
}

#[test]
fn moves_are_even_over_their_ranges() {
    let ramp: Vec<f32> = (0..20).map(|i| i as f32).collect();
    let layer = RandomTranslation::new(0.0, [-0.1, 0.3]).fill_mode(FillMode::Nearest);
    assert_uniform(drawn(&layer, [1, 20], &ramp).iter().map(|y| 10.0 - y[10]), -2.0, 6.0);
    let layer = RandomTranslation::new(0.2, 0.0).fill_mode(FillMode::Nearest);
    assert_uniform(drawn(&layer, [20, 1], &ramp).iter().map(|y| 10.0 - y[10]), -4.0, 4.0);
}

#[test]
fn zooms_are_even_over_their_ranges_and_keep_proportions_unless_told() {
    let plane: Vec<f32> = (0..81).map(|i| (i / 9) as f32 * 100.0 + (i % 9) as f32).collect();
    // Of the pixels one below and one right of the middle.
    let zooms = |layer: &RandomZoom| -> Vec<(f32, f32)> {
        let read = |y: Vec<f32>| (y[5 * 9 + 4] - 404.0, y[4 * 9 + 5] - 404.0);
        drawn(layer, [9, 9], &plane).into_iter().map(read).collect()
    };
    let kept = zooms(&RandomZoom::new([-0.4, 0.2]));
    assert_uniform(kept.iter().map(|(down, _)| down / 100.0), 0.6, 1.2);
    assert!(kept.iter().all(|(down, right)| (down / 100.0 - right).abs() < 1e-3));
    let apart = zooms(&RandomZoom::new(0.5).width_factor([0.1, 0.2]));
    assert_uniform(apart.iter().map(|(down, _)| down / 100.0), 0.5, 1.5);
    assert_uniform(apart.iter().map(|(_, right)| *right), 1.1, 1.2);
}

#[test]
fn angles_are_even_over_their_range() {
    let plane: Vec<f32> = (0..81).map(|i| (i % 9) as f32).collect();
    let seen = drawn(&RandomRotation::new([-0.1, 0.2]), [9, 9], &plane);
    // Right of the middle stands its cosine, below it minus its sine.
    let angle = |y: &Vec<f32>| (4.0 - y[5 * 9 + 4]).atan2(y[4 * 9 + 5] - 4.0);
    let circle = std::f32::consts::TAU;
    assert_uniform(seen.iter().map(|y| angle(y) / circle), -0.1, 0.2);
}

#[test]
fn half_of_the_images_are_mirrored() {
    let seen = drawn(&RandomFlip::new(FlipMode::Horizontal), [1, 2], &[0.0, 1.0]);
    let flipped = seen.iter().filter(|y| y[0] == 1.0).count() as f64;
    // Three and a half deviations.
    assert!((flipped - IMAGES as f64 / 2.0).abs() < 3.5 * (IMAGES as f64 / 4.0).sqrt());
}

#[test]
fn images_change_as_often_as_they_should() {
    let share = |changed: Vec<Vec<f32>>| {
        changed.iter().filter(|y| y[0] != 10.0).count() as f64 / IMAGES as f64
    };
    // Three and a half deviations.
    let near = |share: f64, p: f64| (share - p).abs() < 3.5 * (p * (1.0 - p) / 4000.0).sqrt();
    // The probability itself is drawn: from 0 to 0.5 here.
    assert!(near(share(drawn(&RandomInvert::new(0.5), [1, 1], &[10.0])), 0.25));
    let image = [10.0, 20.0, 90.0].repeat(IMAGES);
    let x = Tensor::new(&[IMAGES, 1, 1, 3], image).unwrap();
    let mut cx = Context::training(5, 0, 0);
    let (y, _) = Layer::forward(&RandomGrayscale::new(0.3), x, &mut cx).unwrap();
    assert!(near(share(y.as_slice().chunks(3).map(<[f32]>::to_vec).collect()), 0.3));
}

#[test]
fn every_part_is_cut_out_as_often() {
    let ramp: Vec<f32> = (0..12).map(|i| i as f32).collect();
    let mut counts = [0usize; 12];
    for y in drawn(&RandomCrop::new(2, 3), [3, 4], &ramp) {
        let first = y[0] as usize;
        assert_eq!(y, [0, 1, 2, 4, 5, 6].map(|place| (first + place) as f32));
        counts[first] += 1;
    }
    let places = [0, 1, 4, 5];
    assert_eq!(places.iter().map(|place| counts[*place]).sum::<usize>(), IMAGES);
    for place in places {
        assert!((counts[place] as f64 - 1000.0).abs() < 3.5 * 27.4, "{counts:?}");
    }
}

#[test]
fn at_rest_a_crop_is_resized() {
    // As Keras 2: the middle with the proportions of the output, in its size.
    let x = Tensor::new(&[1, 2, 4, 1], (0..8).map(|i| i as f32).collect()).unwrap();
    let (y, _) = RandomCrop::new(1, 1).forward(x, &mut Context::inference()).unwrap();
    assert_eq!(y.as_slice(), [3.5]);
}

#[test]
fn seeds_and_steps_tell_draws_apart() {
    let image: Vec<f32> = (0..64).map(|i| i as f32).collect();
    let x = Tensor::new(&[1, 8, 8, 1], image).unwrap();
    let turned = |layer: RandomRotation, step: u64| {
        layer.forward(x.clone(), &mut Context::training(1, step, 0)).unwrap().0
    };
    let layer = || RandomRotation::new(0.5);
    assert_eq!(turned(layer(), 0), turned(layer(), 0));
    assert_ne!(turned(layer(), 0), turned(layer(), 1));
    assert_ne!(turned(layer(), 0), turned(layer().seed(4), 0));
}

#[test]
fn wrong_arguments_are_refused() {
    let refused = |class: &str, config: Value| {
        let entry = serde_json::json!({ "class_name": class, "config": config });
        Registry::builtin().layer(&entry).unwrap_err().to_string()
    };
    use serde_json::json;
    for (class, config, key) in [
        ("Resizing", json!({"height": 0, "width": 2}), "height"),
        ("Resizing", json!({"height": 1 << 30, "width": 2}), "height"),
        ("Resizing", json!({"height": 2, "width": 2, "interpolation": "cubic"}), "interpolation"),
        ("Resizing", json!({"height": 2, "width": 2, "fill_mode": "reflect"}), "fill_mode"),
        (
            "Resizing",
            json!({"height": 2, "width": 2, "crop_to_aspect_ratio": true, "pad_to_aspect_ratio": true}),
            "pad_to_aspect_ratio",
        ),
        ("CenterCrop", json!({"height": 2}), "width"),
        ("RandomRotation", json!({"factor": 2.0}), "factor"),
        ("RandomRotation", json!({"factor": [0.1]}), "factor"),
        ("RandomZoom", json!({"height_factor": -1.0}), "height_factor"),
        ("RandomZoom", json!({"height_factor": 0.1, "width_factor": [0.0, 1.5]}), "width_factor"),
        ("RandomTranslation", json!({"height_factor": 0.1, "width_factor": 1.5}), "width_factor"),
        ("RandomShear", json!({"x_factor": 1.5}), "x_factor"),
        ("RandomContrast", json!({"factor": -0.5}), "factor"),
        ("RandomBrightness", json!({"factor": 0.1, "value_range": [1.0, 0.0]}), "value_range"),
        ("RandomFlip", json!({"mode": "sideways"}), "mode"),
    ] {
        let error = refused(class, config);
        assert!(error.starts_with(&format!("config.{key}: ")), "{class}: {error}");
    }
}
