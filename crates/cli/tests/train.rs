//! `ceratops train`.

mod common;

use ceratops::{
    LoadWeights, Tensor,
    train::{Compile, FitOptions, Verbose, optimizers::SGD},
};
use common::{Folder, Run, labels, samples};
use serde_json::Value;

const TRAIN: &str = "train model.json --x x.npy --y y.npy --loss sparse_categorical_crossentropy";

#[test]
fn it_trains_as_the_library_does() {
    let folder = Folder::with_model("train_library");
    let model = ceratops::load(folder.path("model.json")).unwrap().model;
    let loss = "sparse_categorical_crossentropy";
    let mut model = model.compile(SGD::new(0.5), loss, "accuracy").unwrap();
    let options = FitOptions::new().epochs(3).batch_size(8).validation_split(0.25).seed(0);
    let history =
        model.fit(samples(20), labels(20), options.verbose(Verbose::Silent)).unwrap().history;

    folder.write("sgd.json", r#"{"class_name": "SGD", "config": {"learning_rate": 0.5}}"#);
    for optimizer in
        ["sgd.json", "@sgd.json", r#"{"class_name":"SGD","config":{"learning_rate":0.5}}"#]
    {
        let run = folder.run(&format!(
            "{TRAIN} --optimizer {optimizer} --metrics accuracy --epochs 3 --batch-size 8 \
             --validation-split 0.25 --history h.json --threads 2 --out trained.safetensors"
        ));
        assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{run:?}");
        assert!(run.err.contains("Epoch 3/3"), "{run:?}");
        let json: Value = serde_json::from_str(&folder.read("h.json")).unwrap();
        let names: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(names, ["accuracy", "loss", "val_accuracy", "val_loss"]);
        for (name, values) in history.iter() {
            assert_eq!(json[name], Value::from(values.as_slice()), "{name}");
        }
        let mut trained = ceratops::load(folder.path("model.json")).unwrap().model;
        trained.load_weights(folder.path("trained.safetensors")).unwrap();
        assert_eq!(trained.get_weights(), model.get_weights());
    }
}

#[test]
fn the_seed_makes_the_weights_and_the_order() {
    let folder = Folder::with_model("train_seed");
    let weights = |arguments: &str| {
        let out =
            folder.ok(&format!("{TRAIN} --optimizer sgd -q {arguments} --out out.safetensors"));
        assert_eq!(out, "");
        let mut model = ceratops::load(folder.path("model.json")).unwrap().model;
        model.load_weights(folder.path("out.safetensors")).unwrap();
        model.get_weights()
    };
    let (zero, seven) = (weights(""), weights("--seed 7"));
    assert_eq!(zero, weights("--seed 0"));
    assert_eq!(seven, weights("--seed 7"));
    // After one epoch they are not far from where they began, which was elsewhere.
    assert!(apart(&zero[0], &seven[0]) > 0.3);
    // Weights that were given are kept; only the order differs.
    let given = |seed| weights(&format!("--weights w.safetensors --seed {seed}"));
    let (zero, seven) = (given(0), given(7));
    assert!(apart(&zero[0], &seven[0]) < 0.01);
    assert_ne!(zero, seven);
    let unshuffled = |seed| weights(&format!("--weights w.safetensors --no-shuffle --seed {seed}"));
    assert_eq!(unshuffled(0), unshuffled(7));
}

/// The largest difference between two tensors.
fn apart(a: &Tensor, b: &Tensor) -> f32 {
    let pairs = a.as_slice().iter().zip(b.as_slice());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn quiet_trains_without_a_word() {
    let folder = Folder::with_model("train_quiet");
    let run = folder.run(&format!("{TRAIN} --optimizer adam --out out.safetensors --quiet"));
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
}

#[test]
fn nonsense_is_refused_before_the_training() {
    let folder = Folder::with_model("train_nonsense");
    let usage = |arguments: &str| {
        folder.fails(2, &format!("{TRAIN} --optimizer sgd --out out.safetensors {arguments}"))
    };
    for arguments in ["--epochs 0", "--batch-size 0", "--epochs -1", "--threads 0", "--seed -1"] {
        let error = usage(arguments);
        let option = arguments.split(' ').next().unwrap();
        assert!(error.contains(option), "{error}");
    }
    let error = folder.fails(2, &format!("{TRAIN} --out out.safetensors --optimizer adm"));
    assert!(error.contains("did you mean `Adam`?"), "{error}");
    let error = folder.fails(2, &format!("{TRAIN} --out out.safetensors --optimizer {{\"class"));
    assert!(error.contains("not JSON"), "{error}");
    let error = folder.fails(2, &format!("{TRAIN} --out out.safetensors --optimizer @none.json"));
    assert!(error.contains("none.json"), "{error}");
    let error = folder.fails(2, &format!("{TRAIN} --out out.safetensors"));
    assert!(error.contains("--optimizer"), "{error}");

    let refused =
        |arguments: &str| folder.fails(1, &format!("{TRAIN} --optimizer sgd {arguments}"));
    assert!(refused("--out out.safetensors --validation-split 1").contains("validation_split"));
    assert!(refused("--out out.safetensors --validation-split nan").contains("validation_split"));
    assert!(refused("--out out.txt").contains("ends in one of"));
    assert!(refused("--out out.json").contains("a kind of file that holds weights"));
    assert!(refused("--out none/out.safetensors").contains("no folder none"));
    assert!(refused("--out out.safetensors --history none/h.json").contains("no folder none"));
    let error = folder.fails(1, "train model.json --x x.npy --y y.npy --out out.safetensors");
    assert!(error.contains("--optimizer and --loss"), "{error}");
    assert!(!folder.path("out.safetensors").exists());
}

#[test]
fn two_outputs_have_two_places() {
    let folder = Folder::with_model("train_places");
    for other in ["--history", "--plot", "--csv-log", "--checkpoint"] {
        let error = folder.fails(2, &format!("{TRAIN} --optimizer sgd --out z.h5 {other} z.h5"));
        assert!(error.contains(&format!("--out and {other} are both z.h5")), "{error}");
    }
    let error = folder
        .fails(2, &format!("{TRAIN} --optimizer sgd --out z.h5 --history same --csv-log same"));
    assert!(error.contains("--history and --csv-log"), "{error}");
    assert!(!folder.path("z.h5").exists());
}

#[test]
fn a_batch_may_be_larger_than_the_data() {
    let folder = Folder::with_model("train_huge");
    let huge = u64::MAX;
    folder.ok(&format!("{TRAIN} --optimizer sgd -q --batch-size {huge} --out out.safetensors"));
}

#[test]
fn training_goes_on_where_a_file_stopped() {
    let folder = Folder::with_model("train_resume");
    let compiled = "--optimizer adam --metrics accuracy";
    let train =
        |arguments: &str| folder.ok(&format!("train {arguments} --y y.npy -q --no-shuffle"));
    let first = "model.json --x x.npy --loss sparse_categorical_crossentropy";
    train(&format!("{first} {compiled} --epochs 4 --out whole.keras"));
    for kind in ["keras", "h5"] {
        train(&format!("{first} {compiled} --epochs 2 --out half.{kind}"));
        train(&format!("half.{kind} --x x.npy --epochs 2 --out more.{kind} --history h.json"));
        assert_eq!(
            folder.ok(&format!("diff whole.keras more.{kind} --tolerance 0")).lines().last(),
            Some("The models are the same."),
            "{kind}"
        );
        // As it was compiled, it is measured and summed up.
        let history: Value = serde_json::from_str(&folder.read("h.json")).unwrap();
        assert!(history["accuracy"].is_array(), "{history}");
        let text = folder.ok(&format!("evaluate more.{kind} --x x.npy --y y.npy"));
        assert!(text.starts_with("accuracy: "), "{text}");
        let text = folder.ok(&format!("summary more.{kind}"));
        assert!(text.contains("Optimizer params: 136 "), "{text}");
        let text = folder.ok(&format!("inspect more.{kind}"));
        assert!(text.contains("Adam"), "{text}");
        assert!(text.contains("4 updates"), "{text}");
    }
    // Converted, it goes on as well.
    folder.ok("convert half.h5 half2.keras");
    train("half2.keras --x x.npy --epochs 2 --out more2.keras");
    folder.ok("diff whole.keras more2.keras --tolerance 0");
}

#[test]
fn the_kind_of_file_may_be_named() {
    let folder = Folder::with_model("train_kind");
    for (to, written) in [("h5", "Keras 2"), ("keras3-h5", "Keras 3")] {
        folder.ok(&format!("{TRAIN} --optimizer adam -q --out trained.h5 --to {to}"));
        let loaded = ceratops::load(folder.path("trained.h5")).unwrap();
        assert!(loaded.report.to_string().starts_with(written), "{}", loaded.report);
        assert_eq!(ceratops::resume(loaded).unwrap().optimizer_state().iterations(), 1);
    }
    let run = folder.run(&format!("{TRAIN} --optimizer adam --out trained.h5 --to json"));
    assert_eq!(run.code, Some(1), "{run:?}");

    // A place that cannot be written to is known before anything is learned.
    std::fs::create_dir(folder.path("taken.keras")).unwrap();
    let run = folder.run(&format!("{TRAIN} --optimizer adam --epochs 3 --out taken.keras"));
    assert!(run.code == Some(1) && !run.err.contains("Epoch"), "{run:?}");
}

#[test]
fn callbacks_are_options() {
    let folder = Folder::with_model("train_callbacks");
    let run = folder.run(&format!(
        "{TRAIN} --optimizer adam --metrics accuracy --epochs 40 --validation-split 0.25 -q \
         --early-stopping 3 --restore-best --reduce-lr 1 --csv-log log.csv --tensorboard logs \
         --checkpoint epoch-{{epoch:02d}}.keras --save-best-only --monitor val_loss \
         --history h.json --plot curves.svg --out out.keras"
    ));
    assert_eq!(run.code, Some(0), "{run:?}");
    let history: Value = serde_json::from_str(&folder.read("h.json")).unwrap();
    let rates = history["learning_rate"].as_array().unwrap();
    let table = folder.read("log.csv");
    let columns = "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss";
    assert_eq!(table.lines().next(), Some(columns));
    assert_eq!(table.lines().count(), rates.len() + 1);
    assert!(folder.path("epoch-01.keras").exists() && folder.path("logs/validation").is_dir());
    assert!(folder.read("curves.svg").contains("<svg"));
}

#[test]
fn it_validates_on_other_samples() {
    let folder = Folder::with_model("train_validation");
    folder.array("vx.npy", &samples(6));
    folder.array("vy.npy", &labels(6));
    let data = "--val-x vx.npy --val-y vy.npy --early-stopping 1";
    folder.ok(&format!("{TRAIN} --optimizer sgd -q {data} --history h.json --out out.keras"));
    let history: Value = serde_json::from_str(&folder.read("h.json")).unwrap();
    assert_eq!(history["val_loss"].as_array().unwrap().len(), 1);
    for wrong in ["--val-x vx.npy", "--val-x vx.npy --val-y vy.npy --validation-split 0.1"] {
        let run = folder.run(&format!("{TRAIN} --optimizer sgd {wrong} --out out.keras"));
        assert_eq!(run.code, Some(2), "{run:?}");
    }
}

#[test]
fn what_diverges_is_said() {
    let folder = Folder::with_model("train_diverges");
    let mut x = samples(20);
    x.as_mut_slice()[4 * 14] = f32::NAN;
    folder.array("nan.npy", &x);
    let train = "train model.json --x nan.npy --y y.npy --loss sparse_categorical_crossentropy \
                 --optimizer sgd --no-shuffle --batch-size 4 --epochs 3 -q --out out.keras";
    let run = folder.run(&format!("{train} --terminate-on-divergence"));
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.contains("in sample 14"), "{run:?}");
    assert!(!folder.path("out.keras").exists());
    let run = folder.run(&train.replace("-q", "--terminate-on-nan"));
    assert!(run.code == Some(0) && run.err.contains("the loss became NaN; `ceratops"), "{run:?}");
    let history = "--history h.json --terminate-on-nan";
    assert_eq!(folder.run(&format!("{train} {history}")).code, Some(0));
    let history: Value = serde_json::from_str(&folder.read("h.json")).unwrap();
    assert_eq!(history["loss"], Value::from(vec![Value::Null]));
}

#[test]
fn the_words_of_fit_are_options() {
    let folder = Folder::with_model("train_words");
    let options = FitOptions::new().epochs(4).batch_size(5).validation_split(0.25).seed(0);
    let options = options.steps_per_epoch(2).validation_freq(2).class_weight([(0, 1.0), (1, 5.0)]);
    let model = ceratops::load(folder.path("model.json")).unwrap().model;
    let mut model = model.compile(SGD::new(0.25), "sparse_categorical_crossentropy", ()).unwrap();
    let history =
        model.fit(samples(20), labels(20), options.verbose(Verbose::Silent)).unwrap().history;
    folder.ok(&format!(
        "{TRAIN} --optimizer sgd --learning-rate 0.25 --class-weight 0=1,1=5 --epochs 4 -q \
         --batch-size 5 --validation-split 0.25 --steps-per-epoch 2 --validation-freq 2 \
         --history h.json --out out.keras"
    ));
    let json: Value = serde_json::from_str(&folder.read("h.json")).unwrap();
    assert_eq!(json["val_loss"].as_array().unwrap().len(), 2);
    for (name, values) in history.iter() {
        assert_eq!(json[name], Value::from(values.as_slice()), "{name}");
    }
    for wrong in ["--learning-rate nan", "--class-weight 1", "--mode most", "--steps-per-epoch 0"] {
        folder.fails(2, &format!("{TRAIN} --optimizer sgd {wrong} --out out.keras"));
    }
}

#[test]
fn what_is_monitored_is_known() {
    let folder = Folder::with_model("train_monitor");
    let train = format!(
        "{TRAIN} --optimizer sgd --validation-split 0.25 -q --early-stopping 1 --out out.keras"
    );
    let error = folder.fails(1, &format!("{train} --monitor val_los"));
    assert!(error.contains("did you mean `val_loss`?"), "{error}");
    assert!(error.contains("there are loss, val_loss"), "{error}");
    // Less than no loss there is not, but more of it there may be.
    for (mode, epochs) in [("min", 3), ("max", 2)] {
        let watch = format!("{train} --monitor val_loss --mode {mode} --history h.json");
        folder.ok(&format!("{watch} --epochs 3 --learning-rate 0.01"));
        let json: Value = serde_json::from_str(&folder.read("h.json")).unwrap();
        assert_eq!(json["val_loss"].as_array().unwrap().len(), epochs, "{json}");
    }
}

#[test]
fn infinite_losses_are_no_null() {
    let folder = Folder::new("train_infinite");
    // exp(1000) is infinite.
    let layer =
        |class: &str, config: &str| format!(r#"{{"class_name": "{class}", "config": {config}}}"#);
    let layers = [
        layer("InputLayer", r#"{"batch_shape": [null, 1], "name": "in"}"#),
        layer(
            "Dense",
            r#"{"units": 1, "activation": "exponential", "kernel_initializer": "ones"}"#,
        ),
    ];
    let config = format!(r#"{{"name": "far", "layers": [{}]}}"#, layers.join(", "));
    folder.write("far.json", layer("Sequential", &config));
    folder.array("x.npy", &Tensor::full(&[4, 1], 1000.0));
    folder.array("y.npy", &Tensor::zeros(&[4, 1]));
    let data = "--x x.npy --y y.npy --loss mse";
    folder.ok("convert far.json far.keras -q");
    let evaluate = format!("evaluate far.keras {data} --format json");
    assert_eq!(folder.ok(&evaluate), "{\"loss\":1e999}\n");
    let diagnose = format!("diagnose far.keras {data} --optimizer sgd --format json");
    assert!(folder.ok(&diagnose).contains(r#""loss":1e999,"#));
    let watch = "--history h.json --out out.keras";
    folder.ok(&format!("train far.json {data} --optimizer sgd -q {watch}"));
    assert_eq!(folder.read("h.json"), "{\"loss\":[1e999]}\n");
    folder.ok("plot history h.json -o h.svg");
}

#[test]
fn labels_that_are_no_numbers_are_named_before_the_training() {
    let folder = Folder::with_model("train_nan_labels");
    let mut y = Tensor::zeros(&[20, 3]);
    y.as_mut_slice()[3 * 7 + 1] = f32::NAN;
    folder.array("nan.npy", &y);
    for loss in ["mse", "mae", "huber", "kl_divergence", "poisson"] {
        let line = format!(
            "train model.json --x x.npy --y nan.npy --optimizer sgd --loss {loss} --out out.keras"
        );
        let error = folder.fails(1, &line);
        assert!(error.contains("label NaN of sample 7"), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing() {
    let folder = Folder::with_model("train_full");
    let train = format!("{TRAIN} --optimizer sgd -q");
    // Nothing can be kept there, which is only known when it is full.
    let mut command = folder.command(&format!("{train} --to weights.h5 --out /dev/full"));
    let run = Run::of(command.env("TMPDIR", folder.path("")).output().unwrap());
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.contains("No space left") && run.err.contains("instead"), "{run:?}");
    let kept = std::fs::read_dir(folder.path("")).unwrap().flatten().map(|entry| entry.path());
    let kept = kept.filter(|path| path.to_string_lossy().ends_with("-full"));
    let [kept]: [std::path::PathBuf; 1] = kept.collect::<Vec<_>>().try_into().unwrap();
    let mut model = ceratops::load(folder.path("model.json")).unwrap().model;
    model.load_weights(kept).unwrap();

    // A table that cannot be written does not cost the model.
    for output in ["--history", "--csv-log"] {
        let error = folder.fails(1, &format!("{train} --out out.keras {output} /dev/full"));
        assert!(error.contains("/dev/full"), "{error}");
        folder.ok("predict out.keras --input x.npy --output p.npy");
        std::fs::remove_file(folder.path("out.keras")).unwrap();
    }
}

#[test]
fn places_are_tried_out_before_the_training() {
    let folder = Folder::with_model("train_places_tried");
    folder.write("file", "no folder");
    let before = std::fs::read_dir(folder.path("")).unwrap().count();
    let none = folder.path("none");
    for (output, says) in [
        ("--history none/h.json", "no folder none"),
        ("--csv-log none/l.csv", "no folder none"),
        ("--plot none/p.svg", "no folder none"),
        ("--tensorboard file/logs", "this is no folder"),
        ("--backup file/kept", "this is no folder"),
    ] {
        // Samples that are not there would be the next to fail.
        let line = format!("{TRAIN} --optimizer sgd --out out.keras {output}");
        let error = folder.fails(1, &line.replace("x.npy", "missing.npy"));
        assert!(error.contains(says), "{output}: {error}");
    }
    for output in ["--out -", "--out out.keras --history -", "--out out.keras --csv-log -"] {
        let line = format!("{TRAIN} --optimizer sgd --to keras {output}");
        assert!(folder.fails(2, &line).contains("cannot be the standard output"), "{output}");
    }
    assert!(!none.exists());
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), before, "something is left");
}

#[test]
fn what_cannot_be_written_is_not_trained() {
    let folder = Folder::with_model("train_unwritable");
    let model = common::project("tests/files/accepted/mode_true.h5");
    std::fs::copy(model, folder.path("always.h5")).unwrap();
    let line = "train always.h5 --x x.npy --y x.npy --optimizer sgd --loss mse --out o.keras";
    let error = folder.fails(1, line);
    assert!(error.contains("training mode always") && !error.contains("lost"), "{error}");
}
