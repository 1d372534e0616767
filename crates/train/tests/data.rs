//! What `fit` learns from: samples read piece by piece, batches from elsewhere.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ceratops_core::{Error, Result, SampleSource, Samples, Tensor};
use ceratops_layers::{Dense, Dropout, Input, Sequential, sequential};
use ceratops_train::{Batch, Compile, CompiledModel, FitOptions, History, Verbose};

/// A tensor that is read as if it were in a file.
#[derive(Debug)]
struct Elsewhere {
    tensor: Tensor,
    rows_read: Arc<AtomicUsize>,
    /// The row that cannot be read.
    broken: Option<usize>,
}

impl SampleSource for Elsewhere {
    fn len(&self) -> usize {
        self.tensor.batch()
    }

    fn sample_shape(&self) -> &[usize] {
        &self.tensor.shape()[1..]
    }

    fn read(&self, indices: &[usize]) -> Result<Tensor> {
        if self.broken.is_some_and(|row| indices.contains(&row)) {
            return Err(Error::Data("row 7 is broken".into()));
        }
        self.rows_read.fetch_add(indices.len(), Ordering::Relaxed);
        self.tensor.batch_gather(indices)
    }
}

fn elsewhere(tensor: &Tensor) -> Samples {
    let rows_read = Arc::default();
    Samples::from_source(Elsewhere { tensor: tensor.clone(), rows_read, broken: None })
}

fn data() -> (Tensor, Tensor) {
    let x: Vec<f32> = (0..40).map(|i| (i as f32 * 12.9).sin()).collect();
    let y = x.chunks(2).map(|x| f32::from(x[0] > x[1])).collect();
    (Tensor::new(&[20, 2], x).unwrap(), Tensor::new(&[20], y).unwrap())
}

fn model() -> CompiledModel {
    let model: Sequential = sequential![
        Input::new([2]),
        Dense::new(4).activation("relu"),
        Dropout::new(0.2),
        Dense::new(1).activation("sigmoid"),
    ]
    .unwrap();
    model.compile("adam", "binary_crossentropy", "accuracy").unwrap()
}

fn options<'a>() -> FitOptions<'a> {
    FitOptions::new().epochs(3).batch_size(6).seed(2).verbose(Verbose::Silent)
}

#[test]
fn samples_from_elsewhere_train_as_those_in_memory() {
    let (x, y) = data();
    let train = |x: Samples, y: Samples| -> (Vec<Tensor>, History) {
        let mut model = model();
        let options = options().validation_split(0.3).class_weight([(0, 0.5), (1, 2.0)]);
        let history = model.fit(x, y, options).unwrap();
        (model.get_weights(), history)
    };
    let (weights, history) = train((&x).into(), (&y).into());
    for (x, y) in [
        (elsewhere(&x), Samples::from(&y)),
        (elsewhere(&x), elsewhere(&y)),
        (Samples::from(&x), elsewhere(&y)),
    ] {
        let (found, logs) = train(x, y);
        assert_eq!(found, weights);
        assert_eq!(logs["loss"], history["loss"]);
        assert_eq!(logs["val_loss"], history["val_loss"]);
    }
    let model = model();
    assert_eq!(model.evaluate(elsewhere(&x), &y).unwrap(), model.evaluate(&x, &y).unwrap());
}

#[test]
fn only_the_rows_that_are_needed_are_read() {
    let (x, y) = data();
    let rows_read = Arc::new(AtomicUsize::new(0));
    let source = Elsewhere { tensor: x, rows_read: rows_read.clone(), broken: None };
    let x = Samples::from_source(source);
    model().fit(&x, &y, options().epochs(2).steps_per_epoch(1)).unwrap();
    // Two batches of 6, and at most two that were made ahead and not taken each time.
    let rows = rows_read.load(Ordering::Relaxed);
    assert!((12..=36).contains(&rows), "{rows}");
}

#[test]
fn what_cannot_be_read_ends_the_training_with_its_error() {
    let (x, y) = data();
    let source = Elsewhere { tensor: x.clone(), rows_read: Arc::default(), broken: Some(7) };
    let error = model().fit(Samples::from_source(source), &y, options()).unwrap_err();
    assert_eq!(error.to_string(), "row 7 is broken");
    let error = model().fit(elsewhere(&x), elsewhere(&y.batch_slice(0..3).unwrap()), options());
    assert!(error.unwrap_err().to_string().contains("cardinality"));
    let wrong = Tensor::zeros(&[20, 3]);
    let error = model().fit(&x, elsewhere(&wrong), options()).unwrap_err().to_string();
    assert!(error.contains("y") && error.contains("3)"), "{error}");
}

/// The batches of `data()` in order, as `fit` cuts them without shuffling.
fn batches(_: usize) -> impl Iterator<Item = Result<Batch>> + Send + 'static {
    let (x, y) = data();
    (0..20).step_by(6).map(move |start| {
        let range = start..20.min(start + 6);
        Ok(Batch::new(x.batch_slice(range.clone())?, y.batch_slice(range)?))
    })
}

#[test]
fn batches_from_elsewhere_train_as_arrays_do() {
    let (x, y) = data();
    let (mut one, mut other) = (model(), model());
    let weights = [(0, 0.5), (1, 2.0)];
    let history = one
        .fit(&x, &y, options().shuffle(false).validation_data(&x, &y).class_weight(weights))
        .unwrap();
    let options = options().validation_batches(batches).class_weight(weights);
    let logs = other.fit_batches(batches, options).unwrap();
    assert_eq!(other.get_weights(), one.get_weights());
    assert_eq!(logs["loss"], history["loss"]);
    assert!((logs["val_loss"][2] - history["val_loss"][2]).abs() < 1e-6);
    assert_eq!(logs.params.steps, None);
    let measured = other.evaluate_batches(batches).unwrap();
    assert!((measured["loss"] - one.evaluate(&x, &y).unwrap()["loss"]).abs() < 1e-6);
}

#[test]
fn an_endless_iterator_needs_steps() {
    let endless = |epoch: usize| (0..).flat_map(move |_: usize| batches(epoch));
    let history = model().fit_batches(endless, options().steps_per_epoch(9)).unwrap();
    assert_eq!((history.epoch.len(), history.params.steps), (3, Some(9)));
}

#[test]
fn batches_from_elsewhere_are_validated_on_arrays_too() {
    let (x, y) = data();
    let mut model = model();
    let history = model.fit_batches(batches, options().validation_data(&x, &y)).unwrap();
    assert_eq!(history["val_loss"].len(), 3);
    let last = model.evaluate(&x, &y).unwrap()["loss"];
    assert_eq!(history["val_loss"][2], last);
    let both = options().validation_data(&x, &y).validation_batches(batches);
    assert!(model.fit_batches(batches, both).unwrap_err().to_string().contains("both"));
    let endless = |epoch: usize| (0..).flat_map(move |_: usize| batches(epoch));
    let steps = options().validation_batches(endless).validation_steps(4);
    let history = model.fit(&x, &y, steps.shuffle(false)).unwrap();
    let last = model.evaluate(&x, &y).unwrap()["loss"];
    assert!((history["val_loss"][2] - last).abs() < 1e-6);
}

#[test]
fn what_does_not_fit_is_refused_before_the_training() {
    let (x, y) = data();
    let mut model = model();
    let before = model.get_weights();
    let wrong = options().validation_data(Tensor::zeros(&[4, 3]), Tensor::zeros(&[4]));
    let error = model.fit(&x, &y, wrong).unwrap_err().to_string();
    assert!(error.contains('3'), "{error}");
    let weighted = |epoch: usize| {
        batches(epoch).map(|batch| {
            let batch = batch?;
            let n = batch.len();
            Ok(batch.with_sample_weight(Tensor::zeros(&[n])))
        })
    };
    let error = model.fit_batches(weighted, options().class_weight([(1, 2.0)])).unwrap_err();
    assert!(error.to_string().contains("both of them"), "{error}");
    assert!(model.set_learning_rate(f64::NAN).is_err());
    assert_eq!(model.get_weights(), before);
}

#[test]
fn a_panic_in_an_iterator_keeps_its_message() {
    let burns = |epoch: usize| {
        batches(epoch).inspect(|batch| {
            assert!(batch.as_ref().is_ok_and(|batch| batch.len() == 6), "the sensor burns");
        })
    };
    let caught = std::panic::catch_unwind(|| model().fit_batches(burns, options()).map(|_| ()));
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"the sensor burns"));
}

/// How many steps an epoch has, the losses, and the kernel in the end.
const KERAS_STEPS: [(usize, [f64; 5], f32); 2] = [
    (2, [0.874_166_2, 11.072_328_6, 0.663_433_85, 8.436_486_2, 0.576_723_28], 0.402_872_9),
    (3, [2.837_348_5, 15.380_943_3, 2.081_779_2, 11.954_502_1, 1.581_689_8], 0.448_533_18),
];

/// Keras 3.15: `fit(x, y, batch_size=5, epochs=5, steps_per_epoch=s, shuffle=False)` on a Dense(1) of
/// zeros with SGD(0.01) and "mse", x = 0, 0.1, ... 1.9 and y = 3x - 1.
#[test]
fn fewer_steps_go_on_with_the_samples_in_the_next_epoch() {
    let x: Vec<f32> = (0..20).map(|i| i as f32 / 10.0).collect();
    let y: Vec<f32> = x.iter().map(|x| 3.0 * x - 1.0).collect();
    let (x, y) = (Tensor::new(&[20, 1], x).unwrap(), Tensor::new(&[20, 1], y).unwrap());
    for (steps, losses, kernel) in KERAS_STEPS {
        let mut model: Sequential = sequential![Input::new([1]), Dense::new(1)].unwrap();
        model.set_weights(&[[[0.0]].into(), [0.0].into()]).unwrap();
        let mut model = model.compile("sgd", "mse", ()).unwrap();
        let options = FitOptions::new().epochs(5).batch_size(5).shuffle(false);
        let options = options.steps_per_epoch(steps).verbose(Verbose::Silent);
        let history = model.fit(&x, &y, options).unwrap();
        for (found, expected) in history["loss"].iter().zip(losses) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
        assert!((model.get_weights()[0].as_slice()[0] - kernel).abs() < 1e-5);
    }
}

#[test]
fn a_model_without_input_is_built_for_the_first_batch() {
    let model: Sequential = sequential![Dense::new(1).activation("sigmoid")].unwrap();
    let mut model = model.compile("sgd", "binary_crossentropy", ()).unwrap();
    model.fit_batches(batches, options()).unwrap();
    assert_eq!(model.get_weights()[0].shape(), [2, 1]);
}

#[test]
fn what_is_wrong_with_batches_is_said() {
    let none = |_: usize| std::iter::empty::<Result<Batch>>();
    let error = model().fit_batches(none, options()).unwrap_err().to_string();
    assert!(error.contains("epoch 0") && error.contains("no batches"), "{error}");
    let broken = |_: usize| std::iter::once(Err(Error::Data("the sensor is gone".into())));
    let error = model().fit_batches(broken, options()).unwrap_err().to_string();
    assert_eq!(error, "the sensor is gone");
    let uneven = |_: usize| std::iter::once(Ok(Batch::new([[1.0, 2.0]], [1.0, 2.0])));
    let error = model().fit_batches(uneven, options()).unwrap_err().to_string();
    assert!(error.contains("x has 1 samples, y has 2"), "{error}");
    let error = model().fit_batches(batches, options().validation_split(0.2)).unwrap_err();
    assert!(error.to_string().contains("validation_split"), "{error}");
    let error = model().fit_batches(batches, options().sample_weight([1.0])).unwrap_err();
    assert!(error.to_string().contains("sample_weight"), "{error}");
    for options in [options().steps_per_epoch(0), options().validation_batch_size(0)] {
        assert!(
            model().fit_batches(batches, options).unwrap_err().to_string().contains("at least 1")
        );
    }
}

#[test]
fn validation_may_come_after_some_epochs_only() {
    let (x, y) = data();
    let train = |options: FitOptions<'_>| {
        let options = options.epochs(5).validation_data(&x, &y);
        model().fit(&x, &y, options).unwrap()["val_loss"].len()
    };
    assert_eq!(train(options().validation_freq(2)), 2);
    assert_eq!(train(options().validation_freq([1, 4, 9])), 2);
    assert_eq!(train(options().validation_freq(vec![5])), 1);
}
