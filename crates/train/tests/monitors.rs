//! Callbacks in a loop of one's own, and what they are told.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::cell::RefCell;

use ceratops_core::{Result, Tensor};
use ceratops_train::{
    Callback, Compile, CompiledModel, FitOptions, LambdaCallback, Logs, TrainParams, Training,
    Verbose,
    callbacks::{EarlyStopping, TerminateOnNaN},
};
use common::{column, dense};

fn model() -> CompiledModel {
    dense([[0.0]], [0.0], "linear").compile("sgd", "mse", ()).unwrap()
}

const PARAMS: TrainParams = TrainParams { epochs: 9, steps: Some(1) };

/// The first epoch whose end is an error for a callback that waits for `val_loss`, and whether the end
/// of the training is one. It has validation as is said; the logs never tell of it.
fn errors(has_validation: Option<bool>) -> (Option<usize>, bool) {
    let (mut model, mut stop) = (model(), false);
    let mut training = Training::new(&mut model, PARAMS, &mut stop);
    if let Some(has_validation) = has_validation {
        training = training.with_validation(has_validation);
    }
    let mut stopping = EarlyStopping::new();
    stopping.on_train_begin(&mut training).unwrap();
    let mut logs = Logs::default();
    logs.insert("loss", 1.0);
    let fails = |epoch: &usize| stopping.on_epoch_end(*epoch, &mut logs, &mut training).is_err();
    let first = (0..9).find(fails);
    (first, stopping.on_train_end(&logs, &mut training).is_err())
}

#[test]
fn missing_validation_is_an_error_as_soon_as_it_is_known() {
    assert_eq!(errors(Some(false)), (Some(0), false));
    assert_eq!(errors(Some(true)), (None, false));
    assert_eq!(errors(None), (None, true));
}

#[test]
fn a_closure_for_each_event() {
    let told = RefCell::new(Vec::new());
    let note = |what: String| told.borrow_mut().push(what);
    let lambda = LambdaCallback::new()
        .on_train_begin(|training| note(format!("begin {}", training.params().epochs)))
        .on_epoch_begin(|epoch, _| note(format!("epoch {epoch}")))
        .on_train_batch_end(|batch, _, _| note(format!("batch {batch}")))
        .on_epoch_end(|epoch, _, _| note(format!("epoch {epoch} done")))
        .on_train_end(|logs, _| note(format!("end {}", logs.len())));
    let options = FitOptions::new().verbose(Verbose::Silent).callback(lambda);
    model().fit(column(2), column(2), options).unwrap();
    assert_eq!(*told.borrow(), ["begin 1", "epoch 0", "batch 0", "epoch 0 done", "end 1"]);
}

#[test]
fn what_is_only_lent_is_told_everything() {
    #[derive(Default)]
    struct Diary(Vec<&'static str>);
    impl Callback for Diary {
        fn on_test_begin(&mut self, _: &mut Training<'_>) -> Result<()> {
            self.0.push("test");
            Ok(())
        }
        fn on_test_end(&mut self, _: &Logs, _: &mut Training<'_>) -> Result<()> {
            self.0.push("tested");
            Ok(())
        }
        fn tensors(&self) -> Vec<Tensor> {
            vec![Tensor::scalar(1.0)]
        }
        fn set_tensors(&mut self, _: &[Tensor]) -> Result<()> {
            self.0.push("tensors");
            Ok(())
        }
    }
    fn tell(mut callback: impl Callback, training: &mut Training<'_>) -> usize {
        callback.on_test_begin(training).unwrap();
        callback.on_test_end(&Logs::default(), training).unwrap();
        callback.set_tensors(&[]).unwrap();
        callback.tensors().len()
    }
    let (mut model, mut stop, mut diary) = (model(), false, Diary::default());
    assert_eq!(tell(&mut diary, &mut Training::new(&mut model, PARAMS, &mut stop)), 1);
    assert_eq!(diary.0, ["test", "tested", "tensors"]);
}

#[test]
fn a_loss_that_is_no_number_can_be_an_error() {
    let (x, y) = (Tensor::from([[0.0], [f32::NAN]]), column(2));
    let mut ended = false;
    let end = LambdaCallback::new().on_train_end(|_, _| ended = true);
    let callback = TerminateOnNaN::new().raise_error(true);
    let options = FitOptions::new().batch_size(1).shuffle(false).verbose(Verbose::Silent);
    let error = model().fit(x, y, options.callback(callback).callback(end)).unwrap_err();
    assert!(error.to_string().starts_with("the loss is NaN at batch 1"), "{error}");
    assert!(!ended);
}

#[test]
fn fit_tells_of_validation() {
    let told = RefCell::new(Vec::new());
    struct Told<'a>(&'a RefCell<Vec<String>>);
    impl Callback for Told<'_> {
        fn on_test_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
            self.0.borrow_mut().push(format!("test {:?}", training.has_validation()));
            Ok(())
        }
        fn on_test_end(&mut self, logs: &Logs, _: &mut Training<'_>) -> Result<()> {
            let names: Vec<&str> = logs.names().collect();
            self.0.borrow_mut().push(names.join(" "));
            Ok(())
        }
        fn on_epoch_end(&mut self, epoch: usize, _: &mut Logs, _: &mut Training<'_>) -> Result<()> {
            self.0.borrow_mut().push(format!("epoch {epoch}"));
            Ok(())
        }
    }
    let options = FitOptions::new().verbose(Verbose::Silent).epochs(3).validation_freq(2);
    let options = options.validation_data(column(2), column(2)).callback(Told(&told));
    model().fit(column(2), column(2), options).unwrap();
    assert_eq!(*told.borrow(), ["epoch 0", "test Some(true)", "loss", "epoch 1", "epoch 2"]);

    let options = FitOptions::new().verbose(Verbose::Silent).epochs(3);
    let mut epochs = 0;
    let note = LambdaCallback::new().on_epoch_begin(|_, _| epochs += 1);
    let options = options.callback(EarlyStopping::new()).callback(note);
    model().fit(column(2), column(2), options).unwrap_err();
    assert_eq!(epochs, 1);
}
