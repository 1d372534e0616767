//! Two things in one place: every way to lose an input or an output is refused, and nothing is touched.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;

use common::{Folder, samples};

const TRAIN: &str = "train model.json --x x.npy --y y.npy -q --optimizer sgd \
    --loss sparse_categorical_crossentropy";

/// All files below the folder, with what is in them.
fn files(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.path("")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Refuses each line with a message that has all these words, and leaves all files as they were.
#[track_caller]
fn refuses(folder: &Folder, line: &str, words: &[&str]) {
    let before = files(folder);
    let error = folder.fails(2, line);
    for word in words {
        assert!(error.contains(word), "{line}: {error}");
    }
    assert!(files(folder) == before, "{line}: something was written");
}

fn folder(test: &str) -> Folder {
    let folder = Folder::with_model(test);
    folder.ok(&format!("{TRAIN} --out m.keras"));
    folder.ok("convert m.keras web --to tfjs -q");
    fs::create_dir(folder.path("sub")).unwrap();
    folder
}

#[test]
fn two_outputs() {
    let folder = folder("same_two_outputs");
    let here = folder.path("");
    let here = here.display();
    for (outputs, options) in [
        ("--out a.keras --history ./a.keras", ["--out", "--history"]),
        ("--out a.keras --history sub/../a.keras", ["--out", "--history"]),
        (&format!("--out a.keras --plot {here}/a.keras"), ["--out", "--plot"]),
        ("--out A.keras --csv-log a.keras", ["--out", "--csv-log"]),
        ("--out new/../a.keras --csv-log a.keras", ["--out", "--csv-log"]),
        ("--out k/latest.safetensors --backup k", ["--out", "--backup"]),
        ("--out k --to keras --backup k", ["--out", "--backup"]),
        ("--out k --to keras --backup k/b", ["--out", "--backup"]),
        ("--out logs --to keras --tensorboard logs", ["--out", "--tensorboard"]),
        ("--out a.keras --csv-log logs/train --tensorboard logs", ["--csv-log", "--tensorboard"]),
        ("--out 07.keras --checkpoint {epoch:02d}.keras", ["--out", "--checkpoint"]),
        ("--out sub/e-0.25.keras --checkpoint ./sub/e-{loss:.2f}.keras", ["--out", "--checkpoint"]),
        ("--out new --to tfjs --history new/model.json", ["--out", "--history"]),
        ("--out new --to tfjs --history new/group1-shard1of2.bin", ["--out", "--history"]),
    ] {
        refuses(&folder, &format!("{TRAIN} {outputs}"), &options);
    }
}

#[test]
fn outputs_over_inputs() {
    let folder = folder("same_over_inputs");
    folder.write("sgd.json", r#"{"class_name": "SGD", "config": {}}"#);
    folder.array("web/x.npy", &samples(20));
    let resumed = "train m.keras --x x.npy --y y.npy -q --out o.keras";
    for (line, words) in [
        ("predict m.keras --input x.npy --output x.npy".to_owned(), ["--output", "--input"]),
        ("predict m.keras --input x.npy --output m.keras".into(), ["--output", "MODEL"]),
        (
            "predict model.json --weights w.safetensors --input x.npy --output w.safetensors"
                .into(),
            ["--output", "--weights"],
        ),
        ("predict web --input x.npy --output web/model.json".into(), ["--output", "MODEL"]),
        (
            "predict web/model.json --input x.npy --output web/group1-shard1of1.bin".into(),
            ["--output", "MODEL"],
        ),
        (format!("{TRAIN} --out o.keras --history model.json"), ["--history", "MODEL"]),
        (format!("{TRAIN} --out o.keras --csv-log x.npy"), ["--csv-log", "--x"]),
        (format!("{TRAIN} --out y.npy --to keras"), ["--out", "--y"]),
        (
            format!("{TRAIN} --out o.keras --val-x x.npy --val-y y.npy --history y.npy"),
            ["--history", "--y"],
        ),
        (format!("{resumed} --tensorboard x.npy"), ["--tensorboard", "--x"]),
        (format!("{resumed} --checkpoint m.keras"), ["--checkpoint", "MODEL"]),
        (
            "train m.keras --x x.npy --y y.npy -q --out m.keras --to safetensors".into(),
            ["--out", "MODEL"],
        ),
        ("convert m.keras m.keras --to weights.h5".into(), ["OUT", "MODEL"]),
        ("convert m.keras m.keras --to json".into(), ["OUT", "MODEL"]),
        ("convert web web/model.json --to json".into(), ["OUT", "MODEL"]),
        (
            "convert model.json w.safetensors --weights w.safetensors --to json".into(),
            ["OUT", "--weights"],
        ),
        ("plot model m.keras -o m.keras".into(), ["-o", "MODEL"]),
        (
            TRAIN.replace(
                "--optimizer sgd",
                "--optimizer sgd.json --out o.keras --history sgd.json",
            ),
            ["--history", "--optimizer"],
        ),
    ] {
        refuses(&folder, &line, &words);
    }
    // A member of a file is a part of it.
    folder.ok("predict m.keras --input x.npy --output d.npz");
    refuses(&folder, "predict m.keras --input d.npz:scores --output d.npz", &["--input"]);
}

#[cfg(unix)]
#[test]
fn by_links() {
    use std::os::unix::fs::symlink;
    let folder = folder("same_links");
    fs::hard_link(folder.path("x.npy"), folder.path("hard.npy")).unwrap();
    symlink("x.npy", folder.path("soft.npy")).unwrap();
    symlink("soft.npy", folder.path("twice.npy")).unwrap();
    symlink("..", folder.path("sub/up")).unwrap();
    symlink("later.keras", folder.path("early.keras")).unwrap();
    symlink("x.npy", folder.path("e-1.keras")).unwrap();
    let predict = "predict m.keras --input x.npy --output";
    for output in ["hard.npy", "soft.npy", "twice.npy", "sub/up/x.npy", "sub/up/sub/up/soft.npy"] {
        refuses(&folder, &format!("{predict} {output}"), &["--input", "--output"]);
    }
    let swapped = "predict m.keras --output x.npy --input";
    refuses(&folder, &format!("{swapped} hard.npy"), &["--input", "--output"]);
    for outputs in [
        "--out early.keras --history later.keras",
        "--out a.keras --history sub/up/a.keras",
        "--out o.keras --checkpoint e-{epoch}.keras",
    ] {
        refuses(&folder, &format!("{TRAIN} {outputs}"), &["--"]);
    }
    // What a folder of TensorFlow.js will hold may lead elsewhere.
    fs::create_dir(folder.path("linked")).unwrap();
    symlink("../x.npy", folder.path("linked/group1-shard1of1.bin")).unwrap();
    refuses(&folder, &format!("{TRAIN} --out linked --to tfjs"), &["--out", "--x"]);
}

#[test]
fn what_is_wished_and_whole_is_done() {
    let folder = folder("same_wished");
    folder.array("web/x.npy", &samples(20));
    for line in [
        "train m.keras --x x.npy --y y.npy -q --out m.keras",
        "train model.json --weights w.safetensors --x x.npy --y y.npy -q --out w.safetensors \
         --optimizer sgd --loss sparse_categorical_crossentropy",
        "convert m.keras m.keras",
        "convert m.keras ./sub/../m.keras --to h5",
        "convert web web --to tfjs -q",
        "convert web/model.json web --to tfjs -q",
        "convert model.json model.json --to keras2-json",
        // Names that no number makes, and places where nothing is kept.
        "train m.keras --x x.npy --y y.npy -q --out final.keras --checkpoint {epoch}.keras \
         --history /dev/null --csv-log /dev/null --backup k --tensorboard k",
        "train m.keras --x x.npy --y y.npy -q --out e.keras --checkpoint {loss:.2e}.keras",
        // Samples beside the model, in the folder where it goes.
        "predict web --input x.npy --output web/y.npy",
        "train m.keras --x web/x.npy --y y.npy -q --out web --to tfjs",
    ] {
        folder.ok(line);
    }
    folder.ok("predict web --input x.npy --output p.npy");
    folder.ok("predict model.json --weights w.safetensors --input x.npy --output p.npy");
}
