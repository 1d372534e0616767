//! Histories, activations and histograms.

mod common;

use ceratops_core::Tensor;
use ceratops_layers::{
    AnyActivation, Conv2D, Dense, Input, IntoNode, LeakyReLU, Registry, Sequential, sequential,
};
use ceratops_plot as plot;
use ceratops_train::{Compile, FitOptions, Verbose};
use serde_json::json;

use common::{check, curves, elements, of, texts};

fn has(picture: &plot::Picture, text: &str) -> bool {
    texts(picture).iter().any(|known| known == text)
}

#[test]
fn a_history_has_a_curve_for_each_name_and_a_point_for_each_epoch() {
    let model = sequential![Input::new([2]), Dense::new(1)].unwrap();
    let mut model = model.compile("sgd", "mse", "mae").unwrap();
    let x = Tensor::new(&[8, 2], (0..16).map(|i| i as f32 / 16.0).collect()).unwrap();
    let options = FitOptions::new().epochs(7).validation_split(0.25).verbose(Verbose::Silent);
    let history = model.fit(&x, Tensor::zeros(&[8, 1]), options).unwrap();
    let picture = plot::history(&history.history).unwrap();
    check(&picture);
    assert_eq!(curves(&picture).iter().map(Vec::len).collect::<Vec<_>>(), [7; 4]);
    for text in ["loss", "training", "validation", "epoch", "6"] {
        assert!(has(&picture, text), "{text}: {:?}", texts(&picture));
    }
    // The loss comes first.
    let titles: Vec<_> = texts(&picture)
        .into_iter()
        .filter(|t| t == "loss" || t.ends_with("error") || t == "mae")
        .collect();
    assert_eq!(titles[0], "loss");
    // Higher values are further up, on both axes of the picture alike.
    let loss = &curves(&picture)[0];
    let values = &history["loss"];
    for (a, b) in [(0, 1), (1, 6)] {
        assert_eq!(values[a] > values[b], loss[a].1 < loss[b].1);
    }
    assert!(loss.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn what_is_no_number_leaves_a_gap() {
    let values = vec![1.0, 0.5, f64::NAN, 0.4, 0.3, f64::INFINITY, 0.2, 1e305];
    let picture = plot::history([("loss", values)]).unwrap();
    check(&picture);
    assert_eq!(curves(&picture).iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(of(&elements(&picture.to_svg()), "circle").len(), 5);
    assert!(has(&picture, "3 values are NaN or infinite"));

    let picture = plot::history([("loss", [f64::NAN; 3])]).unwrap();
    check(&picture);
    assert!(curves(&picture).is_empty() && has(&picture, "every value is NaN or infinite"));
}

#[test]
fn histories_of_every_length_are_readable() {
    // One epoch has a point, many have a line.
    let one = plot::history([("loss", [0.5]), ("val_loss", [0.7])]).unwrap();
    check(&one);
    assert_eq!(of(&elements(&one.to_svg()), "circle").len(), 2);
    for epochs in [2, 31, 99, 2500] {
        let picture = plot::history([("loss", vec![0.25; epochs])]).unwrap();
        check(&picture);
        assert_eq!(curves(&picture)[0].len(), epochs);
    }
    for size in [1e-30, 1e-6, 123_456.7, 1e30, 1e299] {
        check(&plot::history([("loss", [size, -size, 0.3 * size])]).unwrap());
    }
    let none: [(&str, Vec<f64>); 0] = [];
    for error in [plot::history(none), plot::history([("loss", Vec::new())])] {
        assert!(error.unwrap_err().to_string().contains("no epochs"));
    }
}

#[test]
fn thirty_metrics_make_a_grid_and_odd_names_stay_within() {
    let names = (0..30).map(|i| (format!("metric_{i}"), [0.1, 0.2 * f64::from(i)]));
    let picture = plot::history(names).unwrap();
    check(&picture);
    assert_eq!(curves(&picture).len(), 30);
    let odd =
        ["a<b&\"c\">", "precisión_точность_精度", "tab\tand\nline", &"very_long_".repeat(50), ""];
    let picture = plot::history(odd.map(|name| (name, [1.0, 2.0]))).unwrap();
    check(&picture);
    assert!(has(&picture, "a<b&\"c\">"));
    let many = (0..1001).map(|i| (i.to_string(), [1.0]));
    assert!(plot::history(many).unwrap_err().to_string().contains("too many"));
}

#[test]
fn activations_are_drawn_with_their_derivative() {
    let picture = plot::activation("tanh", None).unwrap();
    check(&picture);
    for text in ["tanh", "tanh(x)", "f(x)", "f'(x), its derivative", "0"] {
        assert!(has(&picture, text), "{text}");
    }
    let [f, df] = curves(&picture).try_into().unwrap();
    assert_eq!((f.len(), df.len()), (800, 800));
    // tanh grows everywhere, and its derivative is largest in the middle: up is less.
    assert!(f.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    let top = df.iter().map(|point| point.1).fold(f64::MAX, f64::min);
    assert!((df[400].1 - top).abs() < 0.1 && df[0].1 > top + 50.0);

    let alpha = json!({"class_name": "Constant", "config": {"value": 0.25}});
    let prelu = json!({"class_name": "PReLU", "config": {"alpha_initializer": alpha}});
    let prelu = Registry::builtin().activation(&prelu).unwrap();
    let picture = plot::activation(prelu, Some(-1.0..1.0)).unwrap();
    check(&picture);
    assert!(has(&picture, "PReLU (alpha = 0.25)"));
    // From the left edge to 0 it climbs a quarter of what it climbs from there to the right.
    let f = &curves(&picture)[0];
    let (left, right) = (f[0].1 - f[399].1, f[400].1 - f[799].1);
    assert!((left / right - 0.25).abs() < 0.01, "{left} {right}");
}

#[test]
fn every_builtin_activation_has_a_picture_or_a_reason() {
    let coupled = ["softmax", "log_softmax", "sparsemax", "glu"];
    for entry in ceratops_activations::BUILTIN {
        match plot::activation(entry.name, None) {
            Ok(picture) => {
                check(&picture);
                assert!(!coupled.contains(&entry.name), "{}", entry.name);
                assert!(has(&picture, entry.name));
            }
            Err(error) if coupled.contains(&entry.name) => {
                assert!(error.to_string().contains("no curve"), "{error}");
            }
            Err(error) => assert_eq!(entry.name, "threshold", "{error}"),
        }
    }
    let error = plot::activation("sigmiod", None).unwrap_err().to_string();
    assert!(error.contains("did you mean `sigmoid`?"), "{error}");
    let leaky = || AnyActivation::from(LeakyReLU::new(0.5));
    for (from, to) in
        [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (1e5, 1e5 + 1e-3)]
    {
        let error = plot::activation(leaky(), Some(from..to)).unwrap_err().to_string();
        assert!(error.contains("`range`"), "{error}");
    }
    for (from, to) in [(100.0, 101.0), (-0.01, 0.01), (-1e6, 1e6)] {
        check(&plot::activation(leaky(), Some(from..to)).unwrap());
    }
}

#[test]
fn weights_are_counted() {
    let mut model = sequential![Input::new([5, 5, 1]), Conv2D::new(4, 2), Dense::new(3)].unwrap();
    let picture = plot::weights(&model).unwrap();
    check(&picture);
    for text in ["conv2d/kernel (2, 2, 1, 4)", "16 weights", "dense/bias (3,)", "3 weights"] {
        assert!(has(&picture, text), "{text}: {:?}", texts(&picture));
    }
    // Equal weights are one bar; what is no number is told.
    let mut kernel = Tensor::full(&[2, 2, 1, 4], 0.5);
    let bias = Tensor::from([f32::NAN, f32::INFINITY, f32::MAX, f32::MIN]);
    model.layers_mut()[0].set_weights(&[kernel.clone(), bias]).unwrap();
    let picture = plot::weights(&model).unwrap();
    check(&picture);
    assert!(has(&picture, "4 weights, 2 of them NaN or infinite"));
    kernel.as_mut_slice().fill(f32::NAN);
    model.layers_mut()[0].set_weights(&[kernel, Tensor::zeros(&[4])]).unwrap();
    let picture = plot::weights(&model).unwrap();
    check(&picture);
    assert!(has(&picture, "16 weights, 16 of them NaN or infinite"));

    let error = |model: &Sequential| plot::weights(model).unwrap_err().to_string();
    assert!(error(&Sequential::new()).contains("not built"));
    assert!(
        error(&sequential![Input::new([2]), LeakyReLU::default()].unwrap()).contains("no weights")
    );
}

#[test]
fn outputs_are_counted_layer_by_layer() {
    let inner = sequential![Dense::new(3).activation("relu")].unwrap();
    let model = sequential![Input::new([2]), inner.named("block"), Dense::new(1)].unwrap();
    // More samples than go through at once.
    let x = Tensor::new(&[150, 2], (0..300).map(|i| (i as f32).sin()).collect()).unwrap();
    let picture = plot::activations(&model, &x).unwrap();
    check(&picture);
    for text in ["block/dense (Dense)", "dense_1 (Dense)"] {
        assert!(has(&picture, text), "{text}: {:?}", texts(&picture));
    }
    assert!(
        texts(&picture)
            .iter()
            .any(|text| text.starts_with("450 outputs, ") && text.ends_with(" % zero"))
    );
    let error = |x: &Tensor| plot::activations(&model, x).unwrap_err().to_string();
    assert!(error(&Tensor::zeros(&[0, 2])).contains("no samples"));
    assert!(error(&Tensor::zeros(&[2, 3])).contains("(2, 3)"));
}
