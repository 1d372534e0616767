//! Callbacks: when they are told what, and what they can do.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::{Error, Result, Tensor};
use ceratops_train::{
    Callback, Compile, CompiledModel, FitOptions, LambdaCallback, Logs, Training, Verbose,
};
use common::{column, dense};

fn model() -> CompiledModel {
    dense([[0.0]], [0.0], "linear").compile("sgd", "mse", ()).unwrap()
}

fn options<'a>() -> FitOptions<'a> {
    FitOptions::new().batch_size(2).verbose(Verbose::Silent)
}

/// Writes down what it is told.
#[derive(Default)]
struct Diary(Vec<String>);

impl Callback for Diary {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        let params = training.params();
        self.0.push(format!("begin {}x{}", params.epochs, params.steps.unwrap()));
        Ok(())
    }
    fn on_train_end(&mut self, logs: &Logs, _: &mut Training<'_>) -> Result<()> {
        self.0.push(format!("end {}", logs.len()));
        Ok(())
    }
    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Training<'_>) -> Result<()> {
        self.0.push(format!("epoch {epoch}"));
        Ok(())
    }
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Training<'_>) -> Result<()> {
        self.0.push(format!("epoch {epoch} done {:?}", logs.names().collect::<Vec<_>>()));
        Ok(())
    }
    fn on_train_batch_end(&mut self, batch: usize, _: &Logs, _: &mut Training<'_>) -> Result<()> {
        self.0.push(format!("batch {batch}"));
        Ok(())
    }
}

#[test]
fn everything_is_told_in_order() {
    let mut diary = Diary::default();
    let options = options().epochs(2).validation_split(0.25).callback(&mut diary);
    model().fit(column(4), column(4), options).unwrap();
    let epoch = |n: usize| {
        let done = format!("epoch {n} done [\"loss\", \"val_loss\"]");
        [format!("epoch {n}"), "batch 0".into(), "batch 1".into(), done]
    };
    let expected = [vec!["begin 2x2".to_owned()], epoch(0).into(), epoch(1).into()];
    assert_eq!(diary.0, [expected.concat(), vec!["end 2".into()]].concat());
}

#[test]
fn a_callback_can_stop_after_an_epoch_or_a_batch() {
    let stop = LambdaCallback::new().on_epoch_end(|epoch, _, training| {
        if epoch == 1 {
            training.stop();
        }
    });
    let history = model().fit(column(4), column(4), options().epochs(9).callback(stop)).unwrap();
    assert_eq!(history.epoch, [0, 1]);

    let stop = LambdaCallback::new().on_train_batch_end(|_, _, training| training.stop());
    let mut model = model();
    let history = model.fit(column(4), column(4), options().epochs(9).callback(stop)).unwrap();
    assert_eq!((history.epoch, model.optimizer_state().iterations()), (vec![0], 1));
}

#[test]
fn what_a_callback_logs_is_in_the_history() {
    let rates = LambdaCallback::new().on_epoch_end(|_, logs, training| {
        logs.insert("learning_rate", training.learning_rate());
        training.set_learning_rate(training.learning_rate() / 2.0);
    });
    let history = model().fit(column(2), column(2), options().epochs(3).callback(rates)).unwrap();
    assert_eq!(history["learning_rate"], [0.01, 0.005, 0.0025]);
}

#[test]
fn batches_tell_the_means_so_far() {
    let mut seen = Vec::new();
    let watch = LambdaCallback::new().on_train_batch_end(|_, logs, _| seen.push(logs["loss"]));
    let mut model = model();
    model.set_learning_rate(0.0).unwrap();
    let y = Tensor::from([1.0, 1.0, 2.0]);
    model.fit(column(3), &y, options().shuffle(false).callback(watch)).unwrap();
    assert_eq!(seen, [1.0, 2.0]);
}

#[test]
fn a_callback_can_change_the_weights() {
    let reset = LambdaCallback::new().on_epoch_end(|_, _, training| {
        let zeros: Vec<Tensor> =
            training.model().get_weights().iter().map(|w| Tensor::zeros(w.shape())).collect();
        training.model_mut().set_weights(&zeros).unwrap();
    });
    let mut model = model();
    model.fit(column(4), column(4), options().callback(reset)).unwrap();
    assert_eq!(model.get_weights()[0].sum(), 0.0);
}

#[test]
fn an_error_of_a_callback_ends_the_training() {
    struct Full;
    impl Callback for Full {
        fn on_epoch_end(&mut self, _: usize, _: &mut Logs, _: &mut Training<'_>) -> Result<()> {
            Err(Error::io("weights.h5", "no space left"))
        }
    }
    let error = model().fit(column(4), column(4), options().callback(Full)).unwrap_err();
    assert_eq!(error.to_string(), "weights.h5: no space left");
}
