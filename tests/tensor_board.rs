//! What TensorBoard is given, byte by byte, and against what Keras gives it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{fs, path::Path};

use ceratops::{
    callbacks::{TensorBoard, TrainParams, Training},
    prelude::*,
};
use serde_json::Value;
use support::{Temporary, tensor, tensors};

/// The fields of a protocol buffer: their numbers, and their bytes (numbers as eight).
fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let value = match key & 7 {
            0 => varint(&mut bytes).to_le_bytes().to_vec(),
            1 => bytes.split_off(..8).unwrap().to_vec(),
            2 => {
                let len = varint(&mut bytes) as usize;
                bytes.split_off(..len).unwrap().to_vec()
            }
            other => unreachable!("wire type {other}"),
        };
        found.push((key >> 3, value));
    }
    found
}

/// The bytes of a field; none where it is not there.
fn field(bytes: &[u8], number: u64) -> Vec<u8> {
    fields(bytes).into_iter().find(|(n, _)| *n == number).map(|(_, v)| v).unwrap_or_default()
}

fn int(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

/// CRC-32C bit by bit, masked.
fn sum(bytes: &[u8]) -> u32 {
    let mut rest = u32::MAX;
    for byte in bytes {
        rest ^= u32::from(*byte);
        for _ in 0..8 {
            rest = if rest & 1 == 1 { (rest >> 1) ^ 0x82f6_3b78 } else { rest >> 1 };
        }
    }
    (!rest).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The records of the only file of events in a folder.
fn records(folder: &Path) -> Vec<Vec<u8>> {
    let paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(paths.len(), 1, "{paths:?}");
    let name = paths[0].file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("events.out.tfevents.") && name.ends_with(".v2"), "{name}");
    let file = fs::read(&paths[0]).unwrap();
    let (mut rest, mut found) = (file.as_slice(), Vec::new());
    while !rest.is_empty() {
        let length = rest.split_off(..8).unwrap();
        assert_eq!(rest.split_off(..4).unwrap(), sum(length).to_le_bytes());
        let bytes = rest.split_off(..int(length) as usize).unwrap();
        assert_eq!(rest.split_off(..4).unwrap(), sum(bytes).to_le_bytes());
        found.push(bytes.to_vec());
    }
    found
}

/// A value: its tag, its step, its plugin, its numbers.
type Event = (String, u64, String, Vec<f64>);

/// The values of the only file of events in a folder.
fn events(folder: &Path) -> Vec<Event> {
    let records = records(folder);
    assert_eq!(field(&records[0], 3), b"brain.Event:2");
    records[1..].iter().map(|record| event(record)).collect()
}

fn event(record: &[u8]) -> Event {
    let time = f64::from_le_bytes(field(record, 1).try_into().unwrap());
    assert!(time > 1.7e9, "{time}");
    let value = field(&field(record, 5), 1);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (metadata, tensor) = (field(&value, 9), field(&value, 8));
    let plugin = text(field(&field(&metadata, 1), 1));
    let numbers: Vec<f64> = if plugin == "scalars" {
        assert_eq!((int(&field(&metadata, 4)), int(&field(&tensor, 1))), (1, 1));
        vec![f32::from_le_bytes(field(&tensor, 5).try_into().unwrap()).into()]
    } else {
        assert_eq!((int(&field(&metadata, 4)), int(&field(&tensor, 1))), (2, 2));
        let axes = fields(&field(&tensor, 2)).into_iter();
        let axes: Vec<u64> = axes.map(|(_, axis)| int(&field(&axis, 1))).collect();
        assert_eq!(axes, [30, 3]);
        let content = field(&tensor, 4);
        content.chunks_exact(8).map(|x| f64::from_le_bytes(x.try_into().unwrap())).collect()
    };
    (text(field(&value, 1)), int(&field(record, 2)), plugin, numbers)
}

/// The values that Keras wrote into a folder.
fn expected(case: &Value, folder: &str) -> Vec<Event> {
    let events = case["events"].as_array().unwrap().iter().filter(|event| event[0] == folder);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let event = |event: &Value| {
        let numbers = event[4].as_array().unwrap().iter().map(|x| x.as_f64().unwrap());
        (text(&event[1]), event[2].as_u64().unwrap(), text(&event[3]), numbers.collect())
    };
    events.map(event).collect()
}

#[track_caller]
fn assert_same(found: &[Event], expected: &[Event], name: &str) {
    let heads = |events: &[Event]| -> Vec<_> {
        events.iter().map(|(tag, step, plugin, _)| format!("{tag} {step} {plugin}")).collect()
    };
    assert_eq!(heads(found), heads(expected), "{name}");
    for ((tag, step, _, found), (.., expected)) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len(), "{name}: {tag} {step}");
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() <= 1e-5 * b.abs().max(1e-1), "{name}: {tag} {step}: {a} {b}");
        }
    }
}

fn cases() -> Vec<(String, Value)> {
    let files = support::cases("callbacks");
    let (_, file) = files.into_iter().find(|(name, _)| name == "tensor_board").unwrap();
    let cases = file.as_object().unwrap().clone().into_iter();
    cases.filter(|(name, _)| name != "keras_version").collect()
}

fn board(case: &Value, folder: &Path) -> TensorBoard {
    let mut board = TensorBoard::new(folder);
    for (key, value) in case["arguments"].as_object().unwrap() {
        board = match (key.as_str(), value) {
            ("update_freq", Value::String(word)) => {
                board.update_freq(word.parse::<ceratops::callbacks::Frequency>().unwrap())
            }
            ("update_freq", n) => board.update_freq(n.as_u64().unwrap() as usize),
            ("histogram_freq", n) => board.histogram_freq(n.as_u64().unwrap() as usize),
            (other, _) => unreachable!("{other}"),
        };
    }
    board
}

#[test]
fn the_same_events_as_keras() {
    for (name, case) in cases() {
        let folder = Temporary::new("tensor-board");
        let mut model = sequential![Input::new([3]), Dense::new(2)].unwrap();
        model.set_weights(&tensors(&case["weights"])).unwrap();
        let mut model = model.compile(SGD::new(0.1), "mse", ["mae"]).unwrap();
        let [x, y, vx, vy] = ["x", "y", "vx", "vy"].map(|key| tensor(&case[key]));
        let options = FitOptions::new().verbose(Verbose::Silent).shuffle(false).batch_size(4);
        let options = options.epochs(3).validation_data(vx, vy);
        model.fit(x, y, options.callback(board(&case, folder.path()))).unwrap();
        for part in ["train", "validation"] {
            let mut found = events(&folder.path().join(part));
            // Keras leaves out an epoch whose last batch is not written.
            let last = |(tag, step, ..): &Event| match tag.split_once('_') {
                Some(("epoch", _)) => *step == 2,
                Some(("evaluation", _)) => *step == 6,
                _ => true,
            };
            found.retain(|event| name != "every 3 batches" || last(event));
            assert_same(&found, &expected(&case, part), &name);
        }
    }
}

#[test]
fn validations_by_update() {
    let folder = Temporary::new("tensor-board");
    let model = sequential![Input::new([1]), Dense::new(1)].unwrap();
    let mut model = model.compile("sgd", "mse", ()).unwrap();
    let (x, mut board, mut stop) = (Tensor::zeros(&[2, 1]), TensorBoard::new(folder.path()), false);
    model.train_on_batch(&x, &x).unwrap();
    model.train_on_batch(&x, &x).unwrap();
    let mut logs = Logs::default();
    logs.insert("loss", 0.75);
    let mut training =
        Training::new(&mut model, TrainParams { epochs: 1, steps: Some(1) }, &mut stop);
    board.on_train_begin(&mut training).unwrap();
    board.on_test_end(&logs, &mut training).unwrap();
    board.on_train_end(&logs, &mut training).unwrap();
    let tag = "evaluation_loss_vs_iterations".to_owned();
    let expected = vec![(tag, 2, "scalars".to_owned(), vec![0.75])];
    assert_eq!(events(&folder.path().join("validation")), expected);
    assert_eq!(events(&folder.path().join("train")), []);
}

#[test]
fn a_second_fit_begins_a_second_file_and_speed_is_written() {
    let folder = Temporary::new("tensor-board");
    let model = sequential![Input::new([1]), Dense::new(1)].unwrap();
    let mut model = model.compile("sgd", "mse", ()).unwrap();
    let mut board = TensorBoard::new(folder.path()).write_steps_per_second(true).update_freq(2);
    let x = Tensor::zeros(&[4, 1]);
    for _ in 0..2 {
        let options = FitOptions::new().verbose(Verbose::Silent).batch_size(1);
        model.fit(&x, &x, options.callback(&mut board)).unwrap();
    }
    let train = folder.path().join("train");
    let mut files: Vec<_> = fs::read_dir(&train).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 2);
    fs::remove_file(&files[0]).unwrap();
    let found = events(&train);
    let tags: Vec<String> = found.iter().map(|(tag, step, ..)| format!("{tag} {step}")).collect();
    let expected = [
        "batch_steps_per_second 2",
        "batch_loss 2",
        "batch_steps_per_second 4",
        "batch_loss 4",
        "epoch_loss 0",
        "epoch_learning_rate 0",
        "epoch_steps_per_second 0",
    ];
    assert_eq!(tags, expected);
    assert!(found.iter().all(|(tag, .., values)| !tag.ends_with("second") || values[0] > 0.0));
}

/// A crash leaves what was there after the last epoch.
#[test]
fn the_file_is_whole_after_each_epoch() {
    let folder = Temporary::new("tensor-board");
    let train = folder.path().join("train");
    let model = sequential![Input::new([1]), Dense::new(1)].unwrap();
    let mut model = model.compile("sgd", "mse", ()).unwrap();
    let mut lengths = Vec::new();
    let look = LambdaCallback::new().on_epoch_end(|_, _, _| lengths.push(events(&train).len()));
    let x = Tensor::zeros(&[4, 1]);
    let options = FitOptions::new().verbose(Verbose::Silent).epochs(3);
    let options = options.callback(TensorBoard::new(folder.path())).callback(look);
    model.fit(&x, &x, options).unwrap();
    assert_eq!(lengths, [2, 4, 6]);
}
