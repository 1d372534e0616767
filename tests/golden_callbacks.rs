//! The callbacks against real Keras, in the trainings of `golden/make_callbacks.py`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ceratops::{
    callbacks::{Mode, TrainParams, Training},
    prelude::*,
    train::{losses, metrics, metrics::Direction, optimizers},
};
use serde_json::{Map, Value};
use support::{Temporary, difference, tensor, tensors};

/// The cases of one file, by name.
fn cases(file: &str) -> Vec<(String, Value)> {
    let (_, found) =
        support::cases("callbacks").into_iter().find(|(name, _)| name == file).unwrap();
    let Value::Object(mut found) = found else { panic!("{file} is no object") };
    found.remove("keras_version").unwrap();
    found.into_iter().collect()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(word) => word.parse().unwrap(),
        other => other.as_f64().unwrap(),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn count(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn logs(value: &Value) -> Logs {
    let mut logs = Logs::default();
    for (name, value) in value.as_object().unwrap() {
        logs.insert(name, number(value));
    }
    logs
}

/// A model of one weight.
fn one_weight(metrics: &Value) -> CompiledModel {
    let model = sequential![Input::new([1]), Dense::new(1).use_bias(false)].unwrap();
    let metrics: Vec<&str> =
        metrics.as_array().into_iter().flatten().flat_map(Value::as_str).collect();
    model.compile(SGD::new(0.1), "mse", metrics).unwrap()
}

fn weight(model: &Sequential) -> f64 {
    model.get_weights()[0].as_slice()[0].into()
}

fn put(training: &mut Training<'_>, weight: usize) {
    training.model_mut().set_weights(&[Tensor::from([[weight as f32]])]).unwrap();
}

/// A training whose first callback sets the weight to the number of the epoch or batch, and puts
/// these logs, by epoch from `initial_epoch`, in the place of the own ones.
fn fit<'a>(
    model: &mut CompiledModel,
    scripted: &'a [Logs],
    initial_epoch: usize,
    batches: usize,
    more: impl FnOnce(FitOptions<'a>) -> FitOptions<'a>,
) -> Result<History> {
    let mut seen = 0;
    let script = LambdaCallback::new().on_epoch_end(move |epoch, logs, training| {
        if batches == 1 {
            put(training, epoch + 1);
        }
        *logs = scripted[epoch].clone();
    });
    let script = script.on_train_batch_end(move |_, _, training| {
        seen += 1;
        if batches > 1 {
            put(training, seen);
        }
    });
    let x = Tensor::zeros(&[batches, 1]);
    let options = FitOptions::new().verbose(Verbose::Silent).batch_size(1);
    let options = options.validation_data(&x, &x);
    let options = options.epochs(scripted.len()).initial_epoch(initial_epoch).callback(script);
    model.fit(&x, &x, more(options))
}

fn scripted(case: &Value) -> Vec<Logs> {
    case["logs"].as_array().unwrap().iter().map(logs).collect()
}

fn is_same(a: Option<f64>, b: &Value) -> bool {
    a.map_or(b.is_null(), |a| !b.is_null() && (a == number(b) || a.is_nan() && number(b).is_nan()))
}

/// Refuses arguments that nobody took.
fn taken(arguments: Map<String, Value>) {
    assert!(arguments.is_empty(), "{arguments:?}");
}

fn mode(value: &Value) -> Mode {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn early_stopping() {
    for (name, case) in cases("early_stopping") {
        let mut arguments = case["arguments"].as_object().unwrap().clone();
        let mut take = |key: &str| arguments.remove(key);
        let mut stopping = EarlyStopping::new();
        if let Some(v) = take("monitor") {
            stopping = stopping.monitor(v.as_str().unwrap());
        }
        if let Some(v) = take("patience") {
            stopping = stopping.patience(count(&v));
        }
        if let Some(v) = take("min_delta") {
            stopping = stopping.min_delta(number(&v));
        }
        if let Some(v) = take("mode") {
            stopping = stopping.mode(mode(&v));
        }
        if let Some(v) = take("baseline") {
            stopping = stopping.baseline(number(&v));
        }
        if let Some(v) = take("start_from_epoch") {
            stopping = stopping.start_from_epoch(count(&v));
        }
        if let Some(v) = take("restore_best_weights") {
            stopping = stopping.restore_best_weights(v.as_bool().unwrap());
        }
        taken(arguments);
        let (logs, first) = (scripted(&case), count(&case["initial_epoch"]));
        let mut model = one_weight(&case["metrics"]);
        // Twice: the callback begins anew.
        for _ in 0..2 {
            let history = fit(&mut model, &logs, first, 1, |o| o.callback(&mut stopping)).unwrap();
            let epochs: Vec<f64> = history.epoch.iter().map(|&epoch| epoch as f64).collect();
            assert_eq!(epochs, numbers(&case["epoch"]), "{name}");
        }
        assert_eq!(stopping.stopped_epoch().unwrap_or(0), count(&case["stopped_epoch"]), "{name}");
        assert_eq!(stopping.wait(), count(&case["wait"]), "{name}");
        assert_eq!(stopping.best_epoch(), count(&case["best_epoch"]), "{name}");
        assert!(is_same(stopping.best(), &case["best"]), "{name}: {:?}", stopping.best());
        assert_eq!(weight(&model), number(&case["weight"]), "{name}");
    }
}

/// Keras keeps the learning rate as f32.
#[track_caller]
fn assert_rates(found: &[f64], expected: &Value, name: &str) {
    let expected = numbers(expected);
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 3e-7 * expected, "{name}: {found} is not {expected}");
    }
}

#[test]
fn reduce_lr_on_plateau() {
    for (name, case) in cases("reduce_lr_on_plateau") {
        let mut arguments = case["arguments"].as_object().unwrap().clone();
        let mut take = |key: &str| arguments.remove(key);
        let mut reduce = ReduceLROnPlateau::new();
        if let Some(v) = take("monitor") {
            reduce = reduce.monitor(v.as_str().unwrap());
        }
        if let Some(v) = take("patience") {
            reduce = reduce.patience(count(&v));
        }
        if let Some(v) = take("cooldown") {
            reduce = reduce.cooldown(count(&v));
        }
        if let Some(v) = take("factor") {
            reduce = reduce.factor(number(&v));
        }
        if let Some(v) = take("min_lr") {
            reduce = reduce.min_lr(number(&v));
        }
        if let Some(v) = take("min_delta") {
            reduce = reduce.min_delta(number(&v));
        }
        if let Some(v) = take("mode") {
            reduce = reduce.mode(mode(&v));
        }
        taken(arguments);
        let (logs, first) = (scripted(&case), count(&case["initial_epoch"]));
        let mut model = one_weight(&case["metrics"]);
        for _ in 0..2 {
            model.set_learning_rate(0.1).unwrap();
            let rates = RefCell::new(Vec::new());
            let note = LambdaCallback::new().on_epoch_begin(|_, training| {
                rates.borrow_mut().push(training.learning_rate());
            });
            let history =
                fit(&mut model, &logs, first, 1, |o| o.callback(&mut reduce).callback(note))
                    .unwrap();
            assert_rates(&rates.borrow(), &case["rates"], &name);
            assert_rates(&history["learning_rate"], &case["history"], &name);
        }
        assert_rates(&[model.learning_rate()], &vec![case["rate"].clone()].into(), &name);
        assert_eq!(reduce.wait(), count(&case["wait"]), "{name}");
        assert_eq!(reduce.cooldown_counter(), count(&case["cooldown_counter"]), "{name}");
        assert!(is_same(reduce.best(), &case["best"]), "{name}: {:?}", reduce.best());
    }
}

#[test]
fn learning_rate_scheduler() {
    let mut logs = Logs::default();
    logs.insert("loss", 1.0);
    let logs = vec![logs; 5];
    for (name, case) in cases("learning_rate_scheduler") {
        let schedule = match case["schedule"].as_str().unwrap() {
            "halves" => |_, rate: f64| rate / 2.0,
            "steps" => |epoch, _| if epoch < 2 { 0.5 } else { 0.25 },
            "by epoch" => |epoch, _| 1.0 / (1 + epoch) as f64,
            other => panic!("{other}"),
        };
        let (rates, mut model) = (RefCell::new(Vec::new()), one_weight(&Value::Null));
        let note = LambdaCallback::new().on_train_batch_end(|_, _, training| {
            rates.borrow_mut().push(training.learning_rate());
        });
        let scheduler = LearningRateScheduler::new(schedule);
        let first = count(&case["initial_epoch"]);
        let history =
            fit(&mut model, &logs, first, 1, |o| o.callback(scheduler).callback(note)).unwrap();
        assert_rates(&rates.borrow(), &case["rates"], &name);
        assert_rates(&history["learning_rate"], &case["history"], &name);
        let names: Vec<&str> = history.names().collect();
        assert_eq!(serde_json::to_value(names).unwrap(), case["names"], "{name}");
    }
}

#[test]
fn directions_of_metrics() {
    for (name, case) in cases("direction") {
        let entry = match &case["class"] {
            Value::Null => Value::from(name.as_str()),
            class => {
                let config = match name.as_str() {
                    "SensitivityAtSpecificity" => serde_json::json!({"specificity": 0.5}),
                    "SpecificityAtSensitivity" => serde_json::json!({"sensitivity": 0.5}),
                    "PrecisionAtRecall" => serde_json::json!({"recall": 0.5}),
                    "RecallAtPrecision" => serde_json::json!({"precision": 0.5}),
                    "IoU" | "OneHotIoU" => {
                        serde_json::json!({"num_classes": 2, "target_class_ids": [0]})
                    }
                    "MeanIoU" | "OneHotMeanIoU" => serde_json::json!({"num_classes": 2}),
                    _ => serde_json::json!({}),
                };
                serde_json::json!({"class_name": class, "config": config})
            }
        };
        let metric = metrics::from_json(&entry).unwrap();
        let sparse = name.contains("Sparse");
        let units = if sparse { 3 } else { 2 };
        let model = sequential![Input::new([2]), Dense::new(units).activation("softmax")].unwrap();
        let loss = if sparse { "sparse_categorical_crossentropy" } else { "mse" };
        let mut model = model.compile("sgd", loss, metric).unwrap();
        let (x, y) = (Tensor::full(&[2, 2], 1.0), Tensor::from([[1.0, 0.0], [0.0, 1.0]]));
        let y = if sparse { Tensor::from([[0.0], [1.0]]) } else { y };
        let reported = case["reported"].as_str().unwrap();
        let found = Cell::new(None);
        let watch = LambdaCallback::new().on_train_begin(|training| {
            let names = [reported.to_owned(), format!("val_{reported}")];
            found.set(Some(names.map(|name| {
                let mut monitor = ceratops::callbacks::Monitor::new(name);
                monitor
                    .begin(training)
                    .ok()
                    .map(|()| if monitor.is_improvement(2.0, Some(1.0)) { "max" } else { "min" })
            })));
        });
        let options = FitOptions::new().verbose(Verbose::Silent).callback(watch);
        model.fit(&x, &y, options).unwrap();
        assert_eq!(found.get(), Some([case["mode"].as_str(); 2]), "{name}");
    }
}

#[test]
fn csv_logger() {
    for (name, case) in cases("csv_logger") {
        let folder = Temporary::new("golden-csv");
        let path = folder.path().join("log.csv");
        let mut first = 0;
        for part in case["parts"].as_array().unwrap() {
            let part: Vec<Logs> = part.as_array().unwrap().iter().map(logs).collect();
            let all = [vec![Logs::default(); first], part].concat();
            let mut logger = CSVLogger::new(&path);
            for (key, value) in case["arguments"].as_object().unwrap() {
                logger = match key.as_str() {
                    "separator" => {
                        logger.separator(value.as_str().unwrap().chars().next().unwrap())
                    }
                    "append" => logger.append(value.as_bool().unwrap()),
                    other => panic!("{other}"),
                };
            }
            fit(&mut one_weight(&Value::Null), &all, first, 1, |o| o.callback(logger)).unwrap();
            first = all.len();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), case["text"].as_str().unwrap(), "{name}");
    }
}

/// The files below a folder, and the weight in each.
fn weights_in(folder: &Path, below: &Path, found: &mut BTreeMap<String, f64>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            weights_in(&path, below, found);
            continue;
        }
        let name = path.strip_prefix(below).unwrap().to_str().unwrap().replace('\\', "/");
        let mut model = one_weight(&Value::Null).into_model();
        if name.ends_with(".weights.h5") {
            model.load_weights(&path).unwrap();
        } else {
            model = ceratops::load(&path).unwrap().model;
        }
        found.insert(name, weight(&model));
    }
}

#[test]
fn model_checkpoint() {
    for (name, case) in cases("model_checkpoint") {
        let folder = Temporary::new("golden-checkpoint");
        let mut arguments = case["arguments"].as_object().unwrap().clone();
        let mut take = |key: &str| arguments.remove(key);
        let filepath: PathBuf = folder.path().join(take("filepath").unwrap().as_str().unwrap());
        let mut checkpoint = ModelCheckpoint::new(filepath);
        if let Some(v) = take("monitor") {
            checkpoint = checkpoint.monitor(v.as_str().unwrap());
        }
        if let Some(v) = take("mode") {
            checkpoint = checkpoint.mode(mode(&v));
        }
        if let Some(v) = take("save_best_only") {
            checkpoint = checkpoint.save_best_only(v.as_bool().unwrap());
        }
        if let Some(v) = take("save_weights_only") {
            checkpoint = checkpoint.save_weights_only(v.as_bool().unwrap());
        }
        if let Some(v) = take("save_freq") {
            checkpoint = checkpoint.save_freq(count(&v));
        }
        if let Some(v) = take("initial_value_threshold") {
            checkpoint = checkpoint.initial_value_threshold(number(&v));
        }
        taken(arguments);
        let seen = RefCell::new(Vec::new());
        let note = LambdaCallback::new().on_epoch_end(|_, _, _| {
            let mut found = BTreeMap::new();
            weights_in(folder.path(), folder.path(), &mut found);
            seen.borrow_mut().push(found);
        });
        let (logs, batches) = (scripted(&case), count(&case["batches"]));
        let mut model = one_weight(&case["metrics"]);
        let first = count(&case["initial_epoch"]);
        fit(&mut model, &logs, first, batches, |o| o.callback(checkpoint).callback(note)).unwrap();
        let expected = case["files"].as_array().unwrap().iter().map(|files| {
            let files = files.as_object().unwrap().iter();
            files.map(|(name, weight)| (name.clone(), number(weight))).collect()
        });
        let expected: Vec<BTreeMap<String, f64>> = expected.collect();
        assert_eq!(*seen.borrow(), expected, "{name}");
    }
}

/// One number under each format, as the name of a checkpoint has it.
#[test]
fn numbers_in_names() {
    let mut compared = 0;
    for (name, case) in cases("formats") {
        let spec = case["spec"].as_str().unwrap();
        let of_epoch = case.get("integers").is_some();
        // The number of an epoch begins with 1.
        let values = if of_epoch { &case["integers"] } else { &case["values"] };
        for (value, text) in numbers(values).into_iter().zip(case["texts"].as_array().unwrap()) {
            let (epoch, value) = if of_epoch { (value, 0.0) } else { (1.0, value) };
            let text = text.as_str().unwrap();
            // Longer ones are no names of files.
            if epoch == 0.0 || epoch > 100.0 || text.len() > 100 {
                continue;
            }
            let folder = Temporary::new("golden-formats");
            let field = if of_epoch { "epoch" } else { "value" };
            let path = folder.path().join(format!("{{{field}:{spec}}}.weights.h5"));
            let checkpoint = ModelCheckpoint::new(path).save_weights_only(true);
            let mut logs = Logs::default();
            logs.insert("value", value);
            let (logs, first) = (vec![logs; epoch as usize], epoch as usize - 1);
            fit(&mut one_weight(&Value::Null), &logs, first, 1, |o| o.callback(checkpoint))
                .unwrap();
            let expected = format!("{text}.weights.h5");
            let found = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().file_name();
            assert_eq!(found.to_str().unwrap(), expected, "{name} of {value}");
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn terminate_on_nan() {
    for (name, case) in cases("terminate_on_nan") {
        let batches = RefCell::new(Vec::new());
        let watch = LambdaCallback::new().on_train_batch_end(|batch, _, _| {
            batches.borrow_mut().push(batch as f64);
        });
        // Keras had it among the labels, which are refused here; the loss is no number either way.
        let (mut x, y) = (Tensor::full(&[6, 1], 1.0), Tensor::zeros(&[6, 1]));
        x.as_mut_slice()[3] = number(&case["bad"]) as f32;
        let options = FitOptions::new().verbose(Verbose::Silent).batch_size(1).epochs(3);
        let options = options.shuffle(false).callback(TerminateOnNaN::new()).callback(watch);
        let history = one_weight(&Value::Null).fit(x, y, options).unwrap();
        let epochs: Vec<f64> = history.epoch.iter().map(|&epoch| epoch as f64).collect();
        assert_eq!(epochs, numbers(&case["epoch"]), "{name}");
        assert_eq!(*batches.borrow(), numbers(&case["batches"]), "{name}");
    }
}

/// The model of two weights and its data.
fn averaged(case: &Value, optimizer: Box<dyn Optimizer>, metrics: Vec<&str>) -> CompiledModel {
    let mut model = sequential![Input::new([3]), Dense::new(2)].unwrap();
    model.set_weights(&tensors(&case["weights"])).unwrap();
    model.compile(optimizer, losses::get("mse").unwrap(), metrics).unwrap()
}

#[track_caller]
fn assert_weights(found: &[Tensor], expected: &Value, name: &str) {
    for (found, expected) in found.iter().zip(tensors(expected)) {
        let difference = difference(found, &expected);
        assert!(difference < 1e-5, "{name}: {difference:e}");
    }
}

#[track_caller]
fn assert_near(found: f64, expected: f64, name: &str) {
    assert!((found - expected).abs() <= 1e-5 * expected.abs(), "{name}: {found} is not {expected}");
}

/// By a loop of one's own, that tells callbacks of validation.
#[test]
fn swap_ema_weights() {
    for (name, case) in cases("swap_ema_weights") {
        let optimizer = optimizers::from_json(&case["optimizer"]).unwrap();
        let mut model = averaged(&case, optimizer, Vec::new());
        let data = ["x", "y", "vx", "vy"].map(|key| tensor(&case[key]));
        let [x, y, vx, vy] = &data;
        let mut swap = case["swap_on_epoch"]
            .as_bool()
            .map(|on_epoch| SwapEMAWeights::new().swap_on_epoch(on_epoch));
        let params = TrainParams { epochs: 3, steps: Some(2) };
        let mut tell = |model: &mut CompiledModel, event: Event| {
            let mut stop = false;
            let mut training = Training::new(model, params, &mut stop);
            swap.as_mut().map_or(Ok(()), |swap| event(swap, &mut training)).unwrap();
            training.result().unwrap();
        };
        tell(&mut model, |c, t| c.on_train_begin(t));
        for epoch in 0..3 {
            tell(&mut model, |c, t| c.on_epoch_begin(0, t));
            for batch in [0..4, 4..8] {
                let (x, y) = (x.batch_slice(batch.clone()).unwrap(), y.batch_slice(batch).unwrap());
                model.train_on_batch(x, y).unwrap();
            }
            tell(&mut model, |c, t| c.on_test_begin(t));
            let loss = model.evaluate(vx, vy).unwrap()["loss"];
            assert_near(loss, number(&case["val_loss"][epoch]), &name);
            tell(&mut model, |c, t| c.on_test_end(&Logs::default(), t));
            tell(&mut model, |c, t| c.on_epoch_end(0, &mut Logs::default(), t));
            assert_weights(&model.get_weights(), &case["epochs"][epoch], &name);
        }
        model.finalize_variable_values();
        tell(&mut model, |c, t| c.on_train_end(&Logs::default(), t));
        assert_weights(&model.get_weights(), &case["after"], &name);
    }
}

type Event = fn(&mut dyn Callback, &mut Training<'_>) -> Result<()>;

/// The same without a loop of one's own.
#[test]
fn swap_ema_weights_in_fit() {
    for (name, case) in cases("swap_ema_weights") {
        let optimizer = optimizers::from_json(&case["optimizer"]).unwrap();
        let mut model = averaged(&case, optimizer, Vec::new());
        let seen = RefCell::new(Vec::new());
        let note = LambdaCallback::new().on_epoch_end(|_, _, training| {
            seen.borrow_mut().push(training.model().get_weights());
        });
        let mut options = FitOptions::new().verbose(Verbose::Silent).shuffle(false).batch_size(4);
        if let Some(on_epoch) = case["swap_on_epoch"].as_bool() {
            options = options.callback(SwapEMAWeights::new().swap_on_epoch(on_epoch));
        }
        let [x, y, vx, vy] = ["x", "y", "vx", "vy"].map(|key| tensor(&case[key]));
        let options = options.epochs(3).validation_data(vx, vy).callback(note);
        let history = model.fit(x, y, options).unwrap();
        for (epoch, weights) in seen.borrow().iter().enumerate() {
            assert_weights(weights, &case["epochs"][epoch], &name);
            for key in ["loss", "val_loss"] {
                assert_near(history[key][epoch], number(&case[key][epoch]), &name);
            }
        }
        assert_weights(&model.get_weights(), &case["after"], &name);
    }
}

/// Keras' directions, spelled out once.
#[test]
fn a_metric_says_which_way_is_better() {
    assert_eq!(metrics::get("mae").unwrap().direction(), Some(Direction::Down));
    assert_eq!(metrics::get("auc").unwrap().direction(), Some(Direction::Up));
    assert_eq!(metrics::get("true_positives").unwrap().direction(), None);
}
