//! `ceratops plot` and `ceratops train --plot`.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{fs, path::Path};

use ceratops::{Tensor, plot};
use common::{Folder, labels};

const IMAGES: &str = r#"{"class_name": "Sequential", "config": {"name": "eyes", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 4, 4, 1], "name": "in"}},
    {"class_name": "Conv2D", "config": {"name": "look", "filters": 5, "kernel_size": [3, 3]}},
    {"class_name": "Flatten", "config": {"name": "flat"}},
    {"class_name": "Dense", "config": {"name": "scores", "units": 3, "activation": "softmax"}}
]}}"#;

/// The width and height that a PNG says it has.
fn size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

fn images(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("model.json", IMAGES);
    let x = (0..16 * 12).map(|i| (i as f32 * 0.3).sin()).collect();
    folder.array("x.npy", &Tensor::new(&[12, 4, 4, 1], x).unwrap());
    folder.array("y.npy", &labels(12));
    folder.ok(
        "train model.json --x x.npy --y y.npy --optimizer adam --metrics accuracy --epochs 4 -q \
         --loss sparse_categorical_crossentropy --out m.keras --history h.json --plot h.svg \
         --validation-split 0.25",
    );
    folder
}

#[test]
fn every_picture_is_drawn_as_svg_and_as_png() {
    let folder = images("plot_pictures");
    // The curves of the training, and the same of its history.
    let svg = folder.read("h.svg");
    folder.ok("plot history h.json -o again.svg");
    assert_eq!(svg, folder.read("again.svg"));
    assert!(svg.contains(">accuracy</text>") && svg.contains(">validation</text>"), "{svg}");
    for (what, text) in [
        ("history h.json", ">loss</text>"),
        ("activation gelu", ">gelu</text>"),
        ("activation prelu --alpha 0.25", ">PReLU (alpha = 0.25)</text>"),
        ("model m.keras", ">look (Conv2D)</text>"),
        ("model model.json", ">Output: (None, 2, 2, 5)</text>"),
        ("weights m.keras", ">scores/kernel (20, 3)</text>"),
        ("activations m.keras --input x.npy", ">flat (Flatten)</text>"),
        ("filters m.keras", ">look: 5 filters of 3 x 3, 1 channel</text>"),
        ("confusion m.keras --x x.npy --y y.npy --labels cat,dog,a<b", ">a&lt;b</text>"),
    ] {
        assert_eq!(folder.ok(&format!("plot {what} -o p.svg")), "", "{what}");
        let svg = folder.read("p.svg");
        assert!(svg.starts_with("<svg ") && svg.contains(text), "{what}: {svg}");
        folder.ok(&format!("plot {what} -o p.png --width 500 --height 400"));
        assert_eq!(size(&fs::read(folder.path("p.png")).unwrap()), (500, 400), "{what}");
    }
    // Each matrix counts every sample.
    folder.ok("plot confusion m.keras --x x.npy --y y.npy -o c.svg");
    assert!(folder.read("c.svg").contains(" of 12 right: "));
}

/// Models of Keras 2 and 3 that branch, and what their pictures say.
const GRAPHS: [(&str, &[&str]); 5] = [
    ("k2_branch.json", &[">image (InputLayer)<", ">sum (Add)<", ">Input: 2 × (None, 3)<"]),
    ("k3_branch.json", &[">g (Dense)<", ">sum (Add)<"]),
    ("k3_shared.json", &[">shared (Dense)<"]),
    ("k3_nested.json", &[">inner (Sequential)<", ">deep (Sequential)<"]),
    ("k3_two.json", &[">a (InputLayer)<", ">b (InputLayer)<", ">both (Concatenate)<"]),
];

#[test]
fn models_that_branch_are_drawn() {
    let folder = Folder::new("plot_graphs");
    for (file, boxes) in GRAPHS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/json/graphs").join(file);
        fs::copy(path, folder.path("graph.json")).unwrap();
        folder.ok("convert graph.json graph.keras");
        for model in ["graph.json", "graph.keras"] {
            assert_eq!(folder.ok(&format!("plot model {model} -o p.svg")), "", "{file}");
            let svg = folder.read("p.svg");
            boxes.iter().for_each(|text| assert!(svg.contains(text), "{file}: {text}: {svg}"));
        }
        folder.ok("plot model graph.json -o p.png");
        assert!(size(&fs::read(folder.path("p.png")).unwrap()).0 > 100, "{file}");
    }
}

#[test]
fn arguments_make_the_layer() {
    let folder = Folder::new("plot_arguments");
    for (arguments, title) in [
        ("PReLU", "PReLU (alpha = 0)"),
        ("leaky_relu", "leaky_relu"),
        ("leaky_relu --negative-slope 0.1", "LeakyReLU (negative_slope = 0.1)"),
        ("LeakyReLU --alpha 0.5", "LeakyReLU (negative_slope = 0.5)"),
        ("elu", "elu"),
        ("elu --alpha -0.5", "ELU (alpha = -0.5)"),
        ("thresholded_relu --theta 2", "ThresholdedReLU (theta = 2)"),
        (
            "relu --max-value 6 --threshold 1 --from -2 --to 9",
            "ReLU (max_value = 6, negative_slope = 0, threshold = 1)",
        ),
        ("swish", "silu"),
    ] {
        folder.ok(&format!("plot activation {arguments} -o p.svg"));
        let svg = folder.read("p.svg");
        assert!(svg.contains(&format!(">{title}</text>")), "{title}: {svg}");
    }
    let fails =
        |arguments: &str| folder.fails(1, &format!("plot activation {arguments} -o no.svg"));
    assert!(fails("sigmiod").contains("did you mean `sigmoid`?"));
    assert!(fails("PRelUU").contains("did you mean `PReLU`?"));
    assert!(fails("tanh --alpha 1").contains("no arguments"));
    assert!(fails("elu --max-value 1").contains("ELU has no key `max_value`"));
    assert!(fails("leaky_relu --alpha -1").contains("negative_slope"));
    assert!(fails("softmax").contains("no curve"));
    assert!(fails("tanh --from 1 --to 1").contains("`range`"));
    assert!(!folder.path("no.svg").exists());
}

#[test]
fn histories_come_from_python_too() {
    let folder = Folder::new("plot_python");
    folder.write(
        "h.json",
        r#"{"loss": [1.5, NaN, Infinity, 1, null], "NaN": [-Infinity, 2, 3, 4, 5]}"#,
    );
    folder.ok("plot history h.json -o h.svg");
    let svg = folder.read("h.svg");
    assert!(svg.contains(">3 values are NaN or infinite</text>") && svg.contains(">NaN</text>"));
    let (run, _) = folder.pipe("plot history - -o p.svg", br#"{"loss": [1, 2]}"#);
    assert_eq!(run.code, Some(0), "{run:?}");

    for (json, message) in [
        ("", "expected JSON"),
        ("[1, 2]", "expected JSON"),
        ("{}", "no epochs"),
        (r#"{"loss": []}"#, "no epochs"),
        (r#"{"loss": 1}"#, "h.json.loss: expected a list of numbers, got 1"),
        (r#"{"loss": [1, "two"]}"#, "h.json.loss[1]: expected a number, got \"two\""),
        (r#"{"loss": [1, [2]]}"#, "h.json.loss[1]"),
    ] {
        folder.write("h.json", json);
        let error = folder.fails(1, "plot history h.json -o h2.svg");
        assert!(error.contains(message), "{json}: {error}");
    }
    folder.write("h.json", b"\xff\xfe");
    folder.fails(1, "plot history h.json -o h2.svg");
    folder.fails(1, "plot history none.json -o h2.svg");
    assert!(!folder.path("h2.svg").exists());
}

#[test]
fn what_cannot_be_drawn_is_told_before_the_work() {
    let folder = Folder::with_model("plot_refused");
    let fails = |line: &str| folder.fails(1, &format!("plot {line}"));
    for ending in ["p.jpg", "p", "-", "none/p.svg"] {
        let error = fails(&format!("activation relu -o {ending}"));
        assert!(error.contains(".svg or .png") || error.contains("no folder none"), "{error}");
    }
    assert!(fails("weights model.json -o p.svg").contains("architecture without weights"));
    assert!(fails("filters model.json --weights w.safetensors -o p.svg").contains("no Conv2D"));
    assert!(fails("activation relu -o p.png --width 0").contains("`width`"));
    assert!(fails("activation relu -o p.png --width 60000 --height 60000").contains("memory"));
    let matrix = "confusion model.json --weights w.safetensors --x x.npy -o p.svg";
    assert!(fails(&format!("{matrix} --y x.npy")).contains("one-hot"));
    assert!(fails(&format!("{matrix} --y y.npy --labels a,b")).contains("`labels`: expected 3"));
    folder.array("short.npy", &labels(3));
    assert!(fails(&format!("{matrix} --y short.npy")).contains("3 samples, y_pred 20"));
    let usage = |line: &str| folder.fails(2, &format!("plot {line}"));
    assert!(usage("activation relu").contains("--output"));
    assert!(usage("activation relu -o p.svg --width -1").contains("--width"));
    assert!(usage("activation relu -o p.svg --from 1").contains("--to"));
    assert!(usage("confusion - --x - --y y.npy -o p.svg").contains("standard input"));
    assert!(usage("histery h.json -o p.svg").contains("history"));
    assert!(!folder.path("p.svg").exists() && !folder.path("p.png").exists());

    let train = "train model.json --x x.npy --y y.npy --optimizer sgd --out o.npz";
    let train = format!("{train} --loss sparse_categorical_crossentropy");
    let error = folder.fails(1, &format!("{train} --plot h.gif"));
    assert!(error.contains(".svg or .png") && !error.contains("Epoch"), "{error}");
    assert!(folder.fails(1, &format!("{train} --plot none/h.svg")).contains("no folder none"));
}

#[test]
fn a_picture_is_the_library_s() {
    let folder = Folder::new("plot_library");
    folder.ok("plot activation mish --from -3 --to 3 -o p.svg --width 900");
    let picture = plot::activation("mish", Some(-3.0..3.0)).unwrap();
    assert_eq!(folder.read("p.svg"), picture.sized(Some(900), None).unwrap().to_svg());
}
