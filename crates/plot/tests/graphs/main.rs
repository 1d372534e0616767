//! Pictures of models that branch: everything is there, nothing overlaps, and no arrow leads through
//! a box.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../common/mod.rs"]
mod common;
mod models;

use std::time::Instant;

use ceratops_layers::{Add, CallLayer, Dense, Input, IntoNode, KerasTensor, Model};
use ceratops_plot::{self as plot, Picture};
use common::{check, elements, texts};

type Corners = [f64; 4];

/// What of a picture the tests ask for.
struct Seen {
    /// Left, top, right and bottom of each layer's box, and of each frame.
    boxes: Vec<Corners>,
    frames: Vec<Corners>,
    lines: Vec<Vec<(f64, f64)>>,
    heads: usize,
}

fn seen(picture: &Picture) -> Seen {
    let mut seen = Seen { boxes: vec![], frames: vec![], lines: vec![], heads: 0 };
    for element in elements(&picture.to_svg()).iter().skip(1) {
        let corners = || {
            let [x, y, w, h] = ["x", "y", "width", "height"].map(|name| element.number(name));
            [x, y, x + w, y + h]
        };
        match (element.name.as_str(), element.attribute("fill")) {
            ("rect", "#ffffff") => seen.boxes.push(corners()),
            ("rect", "#f4f4f4") => seen.frames.push(corners()),
            ("polygon", _) => seen.heads += 1,
            // Frames are drawn with the same colour, in six corners that end where they began.
            ("polyline", _) if element.attribute("stroke") == "#555555" => {
                let points = element.points();
                if points.len() != 6 || points[0] != points[4] {
                    seen.lines.push(points);
                }
            }
            _ => {}
        }
    }
    seen
}

fn apart([l, t, r, b]: Corners, [l2, t2, r2, b2]: Corners) -> bool {
    r <= l2 || r2 <= l || b <= t2 || b2 <= t
}

/// Whether `inner` lies in `outer`.
fn within([l, t, r, b]: Corners, [l2, t2, r2, b2]: Corners) -> bool {
    l2 <= l && t2 <= t && r <= r2 && b <= b2
}

/// Whether a piece of a line, of which each is short or upright, leads through the inside of a box.
fn through(a: (f64, f64), b: (f64, f64), [l, t, r, bottom]: Corners) -> bool {
    let steps = 1 + ((a.0 - b.0).abs().max((a.1 - b.1).abs()) / 2.0) as usize;
    (0..=steps).any(|i| {
        let share = i as f64 / steps as f64;
        let (x, y) = (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share);
        l + 1.0 < x && x < r - 1.0 && t + 1.0 < y && y < bottom - 1.0
    })
}

#[track_caller]
fn hold(model: &Model) -> Seen {
    let picture = plot::model(model).unwrap();
    check(&picture);
    let seen = seen(&picture);
    for (i, &one) in seen.boxes.iter().enumerate() {
        assert!(seen.boxes[..i].iter().all(|&other| apart(one, other)), "boxes overlap");
        let frames = seen.frames.iter();
        assert!({ frames }.all(|&frame| apart(one, frame) || within(one, frame)));
        for line in &seen.lines {
            let leads = line.windows(2).any(|pair| through(pair[0], pair[1], one));
            assert!(!leads, "an arrow leads through {one:?}: {line:?}");
        }
    }
    for &frame in &seen.frames {
        for line in &seen.lines {
            let inside = line.windows(2).filter(|pair| through(pair[0], pair[1], frame)).count();
            // A line belongs to what is in the frame, or to what is around it.
            assert!(inside == 0 || inside >= line.len() - 2, "an arrow leads through a frame");
        }
    }
    seen
}

fn has(model: &Model, text: &str) -> bool {
    texts(&plot::model(model).unwrap()).iter().any(|known| known == text)
}

#[test]
fn a_residual_block_has_a_way_around() {
    let model = models::residual(1);
    let seen = hold(&model);
    assert_eq!((seen.boxes.len(), seen.heads), (8, 8));
    assert!(has(&model, "Input: 2 × (None, 8, 8, 4)") && has(&model, "add (Add)"));
    // All boxes stand below one another; one arrow goes around, beside all of them.
    let middles: Vec<i64> = seen.boxes.iter().map(|[l, _, r, _]| (l + r).round() as i64).collect();
    assert!(middles.iter().all(|middle| (middle - middles[0]).abs() <= 1), "{middles:?}");
    let around: Vec<_> = seen.lines.iter().filter(|line| line.len() > 2).collect();
    assert_eq!(around.len(), 1);
    let side = around[0].iter().map(|&(x, _)| x).fold(0.0, f64::max);
    assert!(seen.boxes.iter().all(|&[_, _, right, _]| right < side));
}

#[test]
fn deep_models_are_one_column_with_ways_around() {
    let columns = [models::residual(50), models::mobile_net(), models::u_net(3), models::u_net(5)];
    for (model, arounds) in columns.iter().zip([50, 10, 3, 5]) {
        let seen = hold(model);
        assert_eq!(seen.boxes.len(), model.layers().len() + 1);
        assert_eq!(seen.heads, model.layers().len() + arounds);
        assert_eq!(seen.lines.iter().filter(|line| line.len() > 2).count(), arounds);
    }
}

#[test]
fn branches_stand_beside_each_other() {
    let seen = hold(&models::inception());
    assert_eq!(seen.heads, 13);
    let tops: Vec<f64> = seen.boxes.iter().map(|[_, top, _, bottom]| top + bottom).collect();
    let widest = tops.iter().map(|top| tops.iter().filter(|other| *other == top).count());
    assert_eq!(widest.max(), Some(4));
    hold(&models::projected());
    hold(&models::dense_block(6));
}

#[test]
fn several_inputs_and_outputs() {
    let model = models::two_ways();
    let seen = hold(&model);
    assert_eq!((seen.boxes.len(), seen.heads), (9, 8));
    for text in [
        "two ways",
        "title (InputLayer)",
        "text (InputLayer)",
        "Output: (None, 300)",
        "Input: (None, 8)",
        "(None, 32)",
        "digit (Dense)",
        "even (Dense)",
    ] {
        assert!(has(&model, text), "{text}");
    }
}

#[test]
fn a_shared_layer_is_one_box() {
    let model = models::siamese();
    let seen = hold(&model);
    assert_eq!(seen.frames.len(), 1);
    assert_eq!(
        texts(&plot::model(&model).unwrap()).iter().filter(|t| *t == "tower (Sequential)").count(),
        1
    );
    // Two lead to the tower, two are within, two are behind.
    assert_eq!(seen.heads, 6);
    // A layer that reads what was made of its own output: one arrow goes around its corner, one up.
    let seen = hold(&models::circular());
    assert_eq!((seen.boxes.len(), seen.heads), (5, 6));
    let up = |line: &&Vec<(f64, f64)>| line[0].1 > line[line.len() - 1].1;
    assert_eq!(seen.lines.iter().filter(up).count(), 2);
}

#[test]
fn nested_models_are_frames_with_places_for_inputs_and_outputs() {
    let model = models::nested();
    let seen = hold(&model);
    assert_eq!(seen.frames.len(), 2);
    let [_, top, _, bottom] = seen.frames[1];
    let at = |y: f64| {
        let from = seen.lines.iter().filter(|line| line[0].1 == y).count();
        let to = seen.lines.iter().filter(|line| line[line.len() - 1].1 == y).count();
        (from, to)
    };
    // Heads of arrows end the line six pixels before their tip.
    assert_eq!((at(top - 6.0), at(bottom)), ((0, 2), (2, 2)));
    assert_eq!(seen.boxes.len(), 11);
}

/// A model of so many calls, which read some made before, chosen by `seed`; what nothing reads is an
/// output.
fn random(seed: u64, calls: usize) -> Model {
    let mut state = seed;
    let mut below = |count: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % count
    };
    let inputs: Vec<KerasTensor> = (0..1 + below(3)).map(|_| Input::new([2]).tensor()).collect();
    let shared = Dense::new(2).named("shared").shared();
    let mut made = inputs.clone();
    let mut read = vec![true; inputs.len()];
    for i in 0..calls {
        let some = |x: usize| made.len() - 1 - x % made.len().min(12);
        let (a, b) = (some(below(5)), some(below(40)));
        let called = match below(if i < 40 { 6 } else { 5 }) {
            0..=2 => {
                let name = format!("dense_{}{i}", "x".repeat(i % 17));
                Dense::new(2).named(name).call(&made[a]).unwrap()
            }
            5 => shared.call(&made[a]).unwrap(),
            _ => {
                read[b] = true;
                Add::new().call([&made[a], &made[b]]).unwrap()
            }
        };
        read[a] = true;
        read.push(false);
        made.push(called);
    }
    let outputs = made.iter().zip(&read).filter(|(_, read)| !**read).map(|(made, _)| made.clone());
    Model::new(&inputs, outputs.collect::<Vec<_>>()).unwrap()
}

#[test]
fn no_arrow_of_a_random_model_leads_through_a_box() {
    for seed in 0..40 {
        let model = random(seed, 3 + seed as usize);
        let seen = hold(&model);
        assert_eq!(seen.boxes.len(), model.layers().len() + model.input_names().len(), "{seed}");
    }
}

#[test]
fn equal_models_have_equal_pictures() {
    let svg = |model: Model| plot::model(&model).unwrap().to_svg();
    for seed in [3, 30] {
        assert_eq!(svg(random(seed, 40)), svg(random(seed, 40)));
    }
    assert_eq!(svg(models::nested()), svg(models::nested()));
}

#[test]
fn thousands_of_layers_are_drawn_in_seconds_and_what_nobody_could_read_is_refused() {
    let (deep, tangled) = (models::residual(300), random(5, 2000));
    assert!(deep.layers().len() > 2000 && tangled.layers().len() > 1900);
    let start = Instant::now();
    for model in [&deep, &tangled] {
        let svg = plot::model(model).unwrap().to_svg();
        assert!(svg.matches("</text>").count() > 2 * model.layers().len());
    }
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    // Each layer reads all before.
    let x = Input::new([2]).tensor();
    let mut made = vec![x.clone(), Dense::new(2).call(&x).unwrap()];
    for _ in 0..220 {
        made.push(Add::new().call(&made).unwrap());
    }
    let model = Model::new([&x], [&made[made.len() - 1]]).unwrap();
    let error = plot::model(&model).unwrap_err().to_string();
    assert!(error.contains("222 layers with") && error.contains("summary"), "{error}");
}
