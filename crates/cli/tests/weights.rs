//! Weights that a file does not give, and training that it cannot give: what each command says.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{fs, path::Path};

use ceratops::Tensor;
use common::Folder;

/// The model of `Folder::with_model`, and `part.npz` with the weights of its first layer alone.
fn folder(test: &str) -> Folder {
    let folder = Folder::with_model(test);
    folder.write("part.json", common::MODEL.replace("\"scores\"", "\"other\""));
    folder.ok("convert part.json part.npz");
    folder
}

const WEIGHTS: &str = "model.json --weights part.npz --by-name";

#[test]
fn drawn_weights_are_refused_or_said() {
    let folder = folder("weights_by_name");
    for (command, rest) in [
        ("predict", "--input x.npy --output out.npy"),
        ("evaluate", "--x x.npy --y y.npy --loss sparse_categorical_crossentropy"),
        ("convert", "out.keras"),
        ("convert", "out.weights.h5"),
        ("diagnose", "--x x.npy"),
    ] {
        let error = folder.fails(1, &format!("{command} {WEIGHTS} {rest}"));
        assert!(error.contains("the file names no weights for scores"), "{command}: {error}");
        assert!(error.contains("--allow-missing"), "{command}: {error}");
        let run = folder.run(&format!("{command} {WEIGHTS} --allow-missing {rest}"));
        let note = "note: layer \"scores\": missing: the file names no weights for it";
        assert!(run.err.contains(note), "{command}: {}", run.err);
        assert_eq!(run.code, Some(0), "{command}");
    }
    folder.fails(2, "predict model.json --allow-missing --input x.npy --output out.npy");
}

/// What `tests/files/apart` has, in this folder.
fn apart(test: &str) -> Folder {
    let folder = Folder::new(test);
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/apart");
    for name in ["cut", "missing", "foreign"] {
        let name = format!("training_{name}.h5");
        fs::copy(files.join(&name), folder.path(&name)).unwrap();
    }
    folder.array("x.npy", &Tensor::zeros(&[2, 3]));
    folder.array("y.npy", &Tensor::zeros(&[2, 2]));
    folder
}

#[test]
fn training_is_in_nobody_s_way() {
    let folder = apart("weights_training");
    for name in ["cut", "missing", "foreign"] {
        folder.ok(&format!("predict training_{name}.h5 --input x.npy --output out.npy"));
        folder.ok(&format!("summary training_{name}.h5"));
        let run = folder.run(&format!("convert training_{name}.h5 {name}.keras"));
        assert_eq!(run.code, Some(0), "{}", run.err);
        folder.ok(&format!("predict {name}.keras --input x.npy --output again.npy"));
        assert_eq!(folder.tensor("out.npy"), folder.tensor("again.npy"));
    }
    // The loss is known, and that the optimizer is not does not matter.
    for name in ["missing", "foreign"] {
        let text = folder.ok(&format!("evaluate training_{name}.h5 --x x.npy --y y.npy"));
        assert!(text.contains("loss: "), "{text}");
    }
    let train = |name: &str| {
        format!("train training_{name}.h5 --x x.npy --y y.npy --epochs 1 --out new.keras")
    };
    let error = folder.fails(1, &train("cut"));
    assert!(error.contains("(the training's config: ignored: this is not JSON"), "{error}");
    assert!(error.contains("give --optimizer and --loss"), "{error}");
    let error = folder.fails(1, &train("foreign"));
    assert!(error.contains("Sofia"), "{error}");
    let run = folder.run(&train("missing"));
    assert!(run.err.contains("note: what the optimizer remembers: ignored:"), "{}", run.err);
    assert_eq!(run.code, Some(0));
}
