//! Models of several inputs and outputs: trained, measured and diagnosed by the program.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops::{Tensor, formats::npy, prelude::*};
use common::{Folder, labels, samples};

/// `model.json` of two inputs, `image` and `age`, and two outputs, `digit` and `size`; `x.npz` and
/// `y.npz` with as many samples.
fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    let image = Input::new([4]).named("image").tensor();
    let age = Input::new([2]).named("age").tensor();
    let h = Dense::new(5).activation("tanh");
    let h = h.call(Concatenate::new().call([&image, &age]).unwrap()).unwrap();
    let digit = Dense::new(3).activation("softmax").named("digit").call(&h).unwrap();
    let size = Dense::new(1).named("size").call(&h).unwrap();
    let model = Model::new([&image, &age], [&digit, &size]).unwrap();
    folder.write("model.json", model.to_json().unwrap());
    let numbers = |columns: usize, seed: f32| {
        let values = (0..20 * columns).map(|i| (i as f32 * seed).sin()).collect();
        Tensor::new(&[20, columns], values).unwrap()
    };
    arrays(
        &folder,
        "x.npz",
        &[("age", numbers(2, 0.7)), ("image", numbers(4, 1.3)), ("more", numbers(1, 1.0))],
    );
    arrays(&folder, "y.npz", &[("size", numbers(1, 0.4)), ("digit", labels(20))]);
    arrays(&folder, "half.npz", &[("size", numbers(1, 0.4))]);
    folder
}

fn arrays(folder: &Folder, name: &str, arrays: &[(&str, Tensor)]) {
    let arrays: Vec<(String, Tensor)> =
        arrays.iter().map(|(name, array)| ((*name).to_owned(), array.clone())).collect();
    npy::write_npz(std::fs::File::create(folder.path(name)).unwrap(), &arrays).unwrap();
}

#[test]
fn training_evaluation_and_diagnosis() {
    let folder = folder("several");
    folder.write("loss.json", r#"{"size": "mse", "digit": "sparse_categorical_crossentropy"}"#);
    folder.write("metrics.json", r#"{"size": ["mae"], "digit": "accuracy"}"#);
    let train = "train model.json --x x.npz --y y.npz --optimizer adam --loss loss.json \
                 --metrics metrics.json --epochs 2 --validation-split 0.25 --csv-log log.csv \
                 --history h.json --plot curves.svg --out out.keras";
    folder.ok(train);
    let head = folder.read("log.csv").lines().next().unwrap().to_owned();
    assert_eq!(
        head,
        "epoch,digit_accuracy,digit_loss,loss,size_loss,size_mae,val_digit_accuracy,\
         val_digit_loss,val_loss,val_size_loss,val_size_mae"
    );
    assert!(folder.read("h.json").contains("val_size_mae"));
    // The file says how it was compiled.
    for file in ["out.keras", "out.h5", "out2.h5"] {
        match file {
            "out.h5" => drop(folder.ok("convert out.keras out.h5")),
            "out2.h5" => drop(folder.ok("convert out.keras out2.h5 --to keras3-h5")),
            _ => {}
        }
        let found = folder.ok(&format!("evaluate {file} --x x.npz --y y.npz --format json"));
        for name in ["digit_accuracy", "digit_loss", "size_loss", "size_mae"] {
            assert!(found.contains(name), "{found}");
        }
        folder.ok(&format!("train {file} --x x.npz --y y.npz --epochs 1 --out again.keras"));
        let text = folder.ok(&format!("diagnose {file} --x x.npz --y y.npz"));
        assert!(text.contains("digit"), "{text}");
    }
    folder.ok("predict out.keras --input x.npz --output p.npz");
}

/// What training says that cannot be.
fn train_fails(folder: &Folder, more: &str) -> String {
    folder.fails(1, &format!("train model.json --optimizer sgd --out out.keras {more}"))
}

#[test]
fn what_is_missing_is_said() {
    let folder = folder("several_missing");
    let with = |more: &str| train_fails(&folder, &format!("--loss mse {more}"));
    for (more, part) in [
        ("--x half.npz --y y.npz", "half.npz: no array is named `image`; the file holds size"),
        ("--x x.npz:age --y y.npz", "x.npz: this is one array, and the model has image, age"),
        ("--x x.npz --y half.npz", "labels for the output \"digit\""),
    ] {
        let error = with(more);
        assert!(error.contains(part), "{error}");
    }
    let usage = folder.fails(
        2,
        "train model.json --x x.npz --y y.npz --optimizer sgd --loss [\"mse\",\"mze\"] --out o.keras",
    );
    assert!(usage.contains("unknown loss `mze`"), "{usage}");
    let wrong = folder.fails(
        1,
        "train model.json --x x.npz --y y.npz --optimizer sgd --loss {\"sise\":\"mse\"} --out o.keras",
    );
    assert!(wrong.contains("unknown output `sise`"), "{wrong}");
}

/// A shared layer is called before others that stand behind it in the list: outputs belong to calls.
#[test]
fn diff_follows_the_calls() {
    let folder = Folder::new("several_diff");
    let x = Input::new([4]).tensor();
    let shared = Dense::new(4).activation("tanh").named("shared").shared();
    let h = Dense::new(4).named("middle").call(shared.call(&x).unwrap()).unwrap();
    let y = Dense::new(1).named("out").call(shared.call(&h).unwrap()).unwrap();
    let mut model = Model::new(&x, &y).unwrap();
    model.save(folder.path("a.keras")).unwrap();
    folder.ok("diff a.keras a.keras");
    let out = model.get_layer_mut("out").unwrap();
    let weights = vec![Tensor::full(&[4, 1], 9.0), Tensor::zeros(&[1])];
    out.set_weights(&weights).unwrap();
    model.save(folder.path("b.keras")).unwrap();
    let run = folder.run("diff a.keras b.keras");
    assert!(run.out.contains("The models part at layer 2 (out, Dense)"), "{}", run.out);
    folder.array("x.npy", &samples(5));
    let run = folder.run("diff a.keras b.keras --input x.npy");
    assert!(run.out.contains("outputs for 5 samples"), "{}", run.out);
}

#[test]
fn diff_takes_several_inputs() {
    let folder = self::folder("several_diff_inputs");
    folder.ok("convert model.json a.keras");
    let same = folder.ok("diff a.keras a.keras");
    assert!(same.contains("outputs for 4 drawn samples: the same"), "{same}");
    let same = folder.ok("diff a.keras a.keras --input x.npz");
    assert!(same.contains("outputs for 20 samples: the same"), "{same}");
}

#[test]
fn json_is_as_strict_as_names() {
    let folder = folder("several_strict");
    let with = |more: &str| train_fails(&folder, &format!("--x x.npz --y y.npz {more}"));
    let loss = with("--loss {\"size\":\"mse\"}");
    assert!(loss.contains("none for \"digit\""), "{loss}");
    let metrics = with("--loss mse --metrics [\"mae\"]");
    assert!(metrics.contains("each of the outputs"), "{metrics}");
    folder.ok("train model.json --x x.npz --y y.npz --optimizer sgd --out o.keras --loss {\"size\":\"mse\",\"digit\":null}");
}
