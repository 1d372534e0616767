//! Models, filters, confusion matrices; sizes and files.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::Tensor;
use ceratops_layers::{
    BatchNormalization, Conv2D, Dense, Dropout, Flatten, Input, IntoNode, PReLU, Sequential,
    sequential,
};
use ceratops_plot::{self as plot, Kind, Picture};
use common::{check, elements, of, texts};

fn has(picture: &Picture, text: &str) -> bool {
    texts(picture).iter().any(|known| known == text)
}

#[test]
fn a_model_is_its_layers_with_their_shapes() {
    let block = sequential![Dense::new(8).activation(PReLU::new()), Dropout::new(0.5)].unwrap();
    let model = sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(4, 3).activation("relu").frozen(),
        BatchNormalization::new(),
        Flatten::new(),
        block.named("block"),
        Dense::new(10).activation("softmax").named("scores"),
    ]
    .unwrap();
    let picture = plot::model(&model).unwrap();
    check(&picture);
    for text in [
        "sequential",
        "conv2d (Conv2D)",
        "Activation: relu · Params: 40",
        "Frozen",
        "Input: (None, 28, 28, 1)",
        "Output: (None, 26, 26, 4)",
        "block (Sequential)",
        "dropout (Dropout)",
        "scores (Dense)",
        "Activation: softmax · Params: 90",
        "Trainable",
    ] {
        assert!(has(&picture, text), "{text}: {:?}", texts(&picture));
    }
    assert!(texts(&picture).iter().any(|text| text.starts_with("Activation: PReLU")));
    // Between six boxes, one of them a frame with two, there are five arrows.
    assert_eq!(of(&elements(&picture.to_svg()), "polygon").len(), 5);
}

#[test]
fn models_of_every_size_and_name_stay_within() {
    let named = |name: &str| Dense::new(2).named(name);
    let long = "block_".repeat(80);
    let names = ["a<b&\"c\">", "слой_層_🦖", &long, "\u{202e}left", "new\nline"];
    let mut model = Sequential::new().with_name(format!("<{long}>"));
    model.add(Input::new([2])).unwrap();
    for name in names {
        model.add(named(name)).unwrap();
    }
    let picture = plot::model(&model).unwrap();
    check(&picture);
    assert!(has(&picture, "a<b&\"c\"> (Dense)") && picture.size().0 < 600);

    check(&plot::model(&sequential![Dense::new(1)].unwrap()).unwrap());
    let mut deep = sequential![Input::new([2]), Dense::new(2)].unwrap();
    for _ in 0..20 {
        deep = sequential![deep].unwrap();
    }
    check(&plot::model(&deep).unwrap());
    assert!(plot::model(&Sequential::new()).unwrap_err().to_string().contains("no layers"));

    let tall = sequential_of(200);
    let picture = plot::model(&tall).unwrap();
    let svg = picture.to_svg();
    assert_eq!(svg.matches("(Dense)</text>").count(), 200);
    assert!(picture.to_png().is_ok());
    // The weights of so many layers are 400 histograms.
    assert_eq!(plot::weights(&tall).unwrap().to_svg().matches("weights</text>").count(), 400);
}

fn sequential_of(layers: usize) -> Sequential {
    let mut model = Sequential::new();
    model.add(Input::new([2])).unwrap();
    for _ in 0..layers {
        model.add(Dense::new(2)).unwrap();
    }
    model
}

fn convolution(filters: usize, size: [usize; 2], channels: usize) -> Sequential {
    sequential![Input::new([12, 12, channels]), Conv2D::new(filters, size)].unwrap()
}

#[test]
fn filters_of_every_size_are_tiles() {
    for (filters, size, channels, cells) in [
        (1, [3, 3], 1, 9),
        (8, [3, 3], 3, 72),
        (512, [3, 3], 1, 4608),
        (6, [1, 1], 3, 6),
        (4, [2, 5], 2, 80),
        (1, [1, 12], 1, 12),
    ] {
        let picture = plot::filters(&convolution(filters, size, channels)).unwrap();
        check(&picture);
        let all = of(&elements(&picture.to_svg()), "rect").len();
        // The sheet, and the 64 steps of the scale where there is one.
        assert_eq!(
            all - 1 - if channels == 3 { 0 } else { 64 },
            cells,
            "{filters} {size:?} {channels}"
        );
    }
    let nested =
        sequential![Input::new([9, 9, 1]), sequential![Conv2D::new(2, 3)].unwrap()].unwrap();
    let picture = plot::filters(&nested).unwrap();
    assert!(
        has(&picture, "sequential/conv2d: 2 filters of 3 x 3, 1 channel"),
        "{:?}",
        texts(&picture)
    );
    let many = plot::filters(&convolution(64, [3, 3], 64)).unwrap();
    check(&many);
    assert!(
        has(&many, "drawn: the first 32 filters and the first 16 channels"),
        "{:?}",
        texts(&many)
    );
}

#[test]
fn filters_without_numbers_are_told() {
    for channels in [1, 3] {
        let mut model = convolution(2, [2, 2], channels);
        for fill in [f32::NAN, 0.0, f32::MAX] {
            let mut kernel = Tensor::full(&[2, 2, channels, 2], fill);
            kernel.as_mut_slice()[0] = f32::NEG_INFINITY;
            model.layers_mut()[0].set_weights(&[kernel, Tensor::zeros(&[2])]).unwrap();
            let picture = plot::filters(&model).unwrap();
            check(&picture);
            let odd = if fill.is_nan() { 8 * channels } else { 1 };
            let text =
                format!("violet: {odd} weight{} NaN or infinite", if odd == 1 { "" } else { "s" });
            assert!(has(&picture, &text), "{text} {:?}", texts(&picture));
            assert!(picture.to_svg().contains("#e030e0"));
        }
    }
    let error = |model: &Sequential| plot::filters(model).unwrap_err().to_string();
    assert!(error(&sequential_of(1)).contains("no Conv2D"));
    assert!(error(&sequential![Conv2D::new(2, 3)].unwrap()).contains("not built"));
}

#[test]
fn the_colour_of_a_weight_is_its_own() {
    let mut model = convolution(1, [1, 2], 1);
    let kernel = Tensor::new(&[1, 2, 1, 1], vec![-2.0, 2.0]).unwrap();
    model.layers_mut()[0].set_weights(&[kernel, Tensor::zeros(&[1])]).unwrap();
    let svg = plot::filters(&model).unwrap().to_svg();
    let drawn = elements(&svg);
    let rects = of(&drawn, "rect");
    let fills: Vec<_> =
        rects[rects.len() - 2..].iter().map(|rect| rect.attribute("fill")).collect();
    assert_eq!(fills, ["#053061", "#67001f"]);
}

#[test]
fn confusion_matrices_of_every_size() {
    for n in [1, 2, 10, 100] {
        let counts: Vec<Vec<u64>> = (0..n)
            .map(|i| (0..n).map(|j| if i == j { 1234 } else { (i * j % 7) as u64 }).collect())
            .collect();
        let picture = plot::confusion_matrix(&counts, None::<&[&str]>).unwrap();
        check(&picture);
        assert!(picture.size().0 < 1300 && picture.size().1 < 1200, "{:?}", picture.size());
        assert_eq!(has(&picture, "1,234"), n <= 10);
        let long: Vec<String> =
            (0..n).map(|i| format!("<класс & {}>", "very long ".repeat(i % 5 * 10))).collect();
        check(&plot::confusion_matrix(&counts, Some(&long)).unwrap());
    }
    let picture = plot::confusion_matrix(&[[3, 1], [0, 0]], Some(&["cat", "dog"])).unwrap();
    check(&picture);
    assert!(
        has(&picture, "3 of 4 right: 75.0 %") && has(&picture, "cat") && has(&picture, "100 %")
    );
    check(&plot::confusion_matrix(&[[u64::MAX, 1], [2, u64::MAX]], None::<&[&str]>).unwrap());

    let none: [[u64; 0]; 0] = [];
    assert!(plot::confusion_matrix(&none, None::<&[&str]>).is_err());
    assert!(plot::confusion_matrix(&[[1, 2]], None::<&[&str]>).is_err());
    let error = plot::confusion_matrix(&[[1, 2], [3, 4]], Some(&["cat"])).unwrap_err();
    assert!(error.to_string().contains("`labels`: expected 2"), "{error}");
}

#[test]
fn a_picture_has_the_size_that_is_asked_for() {
    let chart = || plot::history([("loss", [0.5, 0.25, 0.125])]).unwrap();
    let model = || plot::model(&sequential_of(3)).unwrap();
    for picture in [chart, model] as [fn() -> Picture; 2] {
        let (width, height) = picture().size();
        for (w, h) in [(300, 900), (1500, 200), (64, 64), (1, 1), (1001, 777)] {
            let sized = picture().sized(Some(w), Some(h)).unwrap();
            assert_eq!(sized.size(), (w, h));
            if w > 50 {
                check(&sized);
            }
            sized.to_png().unwrap();
        }
        let double = picture().sized(Some(2 * width), None).unwrap();
        assert_eq!(double.size(), (2 * width, 2 * height));
        assert_eq!(picture().sized(None, Some(height)).unwrap().size().1, height);
        for wrong in [0, 1 << 20] {
            let error = picture().sized(Some(wrong), None).unwrap_err().to_string();
            assert!(error.contains("`width`"), "{error}");
        }
        let large = picture().sized(Some(60_000), Some(60_000)).unwrap();
        assert!(large.to_png().unwrap_err().to_string().contains("too much memory"));
    }
    // Charts fill the sheet that is asked for: side by side, or one below the other.
    let charts = || plot::history([("loss", [0.5, 0.25]), ("mae", [0.7, 0.3])]).unwrap();
    for (width, height) in [(900, 300), (300, 900)] {
        let sized = charts().sized(Some(width), Some(height)).unwrap();
        check(&sized);
        assert!(sized.to_svg().contains("viewBox=\"0 0 "), "{width} {height}");
    }
}

#[test]
fn the_ending_says_the_kind() {
    assert_eq!(Kind::of_path("a/b.svg").unwrap(), Kind::Svg);
    assert_eq!(Kind::of_path("a/b.c.Png").unwrap(), Kind::Png);
    for path in ["a/b", "b.jpg", "svg", "-", ""] {
        let error = Kind::of_path(path).unwrap_err().to_string();
        assert!(error.contains(".svg or .png"), "{error}");
    }
    let picture = plot::activation("relu", None).unwrap();
    assert_eq!(picture.to_bytes(Kind::Svg).unwrap(), picture.to_svg().into_bytes());
    assert_eq!(picture.to_bytes(Kind::Png).unwrap(), picture.to_png().unwrap());
}
