//! The callbacks of the diagnosis: checkups, and the end of a training that diverges.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::{Dense, Input, IntoNode, sequential};
use ceratops_train::{
    Checkup, Compile, CompiledModel, FitOptions, LambdaCallback, Origin, TerminateOnDivergence,
    Verbose,
    diagnose::{DivergenceKind, NotFinite},
    optimizers::SGD,
};
use common::column;

/// A line through points.
fn model(learning_rate: f64) -> CompiledModel {
    let line = sequential![Input::new([1]), Dense::new(1).named("line")].unwrap();
    line.compile(SGD::new(learning_rate), "mse", ()).unwrap()
}

fn options<'a>(epochs: usize) -> FitOptions<'a> {
    FitOptions::new().epochs(epochs).batch_size(2).shuffle(false).verbose(Verbose::Silent)
}

fn fails(result: Result<impl std::fmt::Debug>) -> String {
    let Error::Model(message) = result.unwrap_err() else { panic!("another error") };
    message
}

#[test]
fn checkups_are_made_when_they_are_due() {
    let (x, mut told) = (column(6), Vec::new());
    let mut checkup =
        Checkup::new(&x).labels(&x).every_epochs(2).every_batches(3).then(|checked, training| {
            told.push((checked.epoch, checked.batch));
            if checked.epoch == 3 {
                training.stop();
            }
        });
    let mut model = model(0.01);
    let begun = model.clone();
    model.fit(&x, &x, options(9).callback(&mut checkup)).unwrap();
    let checked = std::mem::take(&mut checkup.checked);
    drop(checkup);
    let batch = |epoch| (epoch, Some(2));
    assert_eq!(told, [batch(0), batch(1), (1, None), batch(2), batch(3), (3, None)]);
    let last = checked.last().unwrap();
    assert_eq!(last.diagnosis, model.diagnose_training(&x, &x).unwrap());
    assert_eq!(checked[0].diagnosis.advice, []);
    // Looking changed nothing.
    let mut alone = begun;
    alone.fit(&x, &x, options(4)).unwrap();
    assert_eq!(alone.get_weights(), model.get_weights());
    let mut checkup = Checkup::new(&x);
    model.fit(&x, &x, options(2).callback(&mut checkup)).unwrap();
    assert_eq!(
        checkup.checked.iter().map(|c| (c.epoch, c.batch)).collect::<Vec<_>>(),
        [(0, None), (1, None)]
    );
    assert!(checkup.checked[0].diagnosis.loss.is_none());
}

#[test]
fn nan_in_the_data_is_named() {
    let (mut x, y) = (column(8), column(8));
    x.as_mut_slice()[5] = f32::NAN;
    let mut guard = TerminateOnDivergence::new().data(&x, &y);
    let mut trained = model(0.001);
    let message = fails(trained.fit(&x, &y, options(3).callback(&mut guard)));
    assert!(
        message.starts_with("the loss became NaN at epoch 0, batch 2 (both counted from 0)"),
        "{message}"
    );
    assert!(message.contains("x holds numbers that are not finite"), "{message}");
    assert!(message.contains("NaN, in sample 5 at (0,)"), "{message}");
    let found = guard.found.unwrap();
    assert_eq!((found.kind, found.epoch, found.batch), (DivergenceKind::Loss, 0, 2));

    // Without the data it is the batch that is looked at.
    let mut guard = TerminateOnDivergence::new();
    let message = fails(model(0.001).fit(&x, &y, options(3).callback(&mut guard)));
    assert!(message.contains("x of the batch holds numbers that are not finite"), "{message}");
    assert!(message.contains("NaN, in sample 1 at (0,)"), "{message}");
}

#[test]
fn a_learning_rate_that_is_too_high_is_named() {
    let x = column(8);
    let guard = || TerminateOnDivergence::new().data(&x, &x);
    let message = fails(model(10.0).fit(&x, &x, options(50).callback(guard())));
    assert!(message.starts_with("the loss exploded at epoch 0, batch 1"), "{message}");
    assert!(
        message.contains("of line/kernel was") && message.contains("learning rate"),
        "{message}"
    );

    // Who lets it explode comes to the end of f32.
    let mut patient = guard().exploded(f64::INFINITY);
    let message = fails(model(10.0).fit(&x, &x, options(50).callback(&mut patient)));
    let found = patient.found.unwrap();
    assert_eq!(found.kind, DivergenceKind::Loss, "{message}");
    assert!(message.starts_with("the loss became inf at epoch 4, batch 2"), "{message}");
    assert!(found.update.unwrap().1 > 10.0);
    let Some(Origin::Output { layer, value, largest_weight, .. }) = found.origin else {
        panic!("{message}")
    };
    assert_eq!((layer.as_str(), value), ("line", NotFinite::Infinite));
    assert!(largest_weight > 1e37, "{message}");
}

#[test]
fn a_weight_that_somebody_breaks_is_named() {
    let x = column(4);
    let breaks = LambdaCallback::new().on_train_batch_end(|batch, _, training| {
        if batch == 1 {
            training.model_mut().params_mut()[1].value_mut()[0] = f32::NAN;
        }
    });
    let guard = TerminateOnDivergence::new().data(&x, &x);
    let options = options(2).callback(breaks).callback(guard);
    let message = fails(model(0.001).fit(&x, &x, options));
    let start = "a weight became NaN or infinite at epoch 0, batch 1 (both counted from 0), while";
    assert!(message.starts_with(start), "{message}");
    assert!(message.contains("The weight line/bias is NaN at (0,)"), "{message}");

    let mut broken = model(0.001);
    broken.model_mut().params_mut()[0].value_mut()[0] = f32::INFINITY;
    let guard = TerminateOnDivergence::new();
    let message = fails(broken.fit(&x, &x, self::options(2).callback(guard)));
    assert!(message.contains("The weight line/kernel is infinite at (0, 0)"), "{message}");
}

#[test]
fn who_only_wants_to_know_goes_on() {
    let x = column(8);
    let mut guard = TerminateOnDivergence::new().goes_on();
    let history = model(10.0).fit(&x, &x, options(3).callback(&mut guard)).unwrap();
    assert_eq!(history.epoch.len(), 3);
    let found = guard.found.clone().unwrap();
    assert_eq!((found.kind, found.batch), (DivergenceKind::Exploded, 1));
    assert!(found.loss > 1e3 * found.first);
    // A second training begins afresh.
    let history = model(0.001).fit(&x, &x, options(3).callback(&mut guard)).unwrap();
    assert!(history["loss"][2] < history["loss"][0]);
    assert_eq!(guard.found, None);
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(
        (json["kind"].as_str(), json["update"][0].as_str()),
        (Some("exploded"), Some("line/kernel"))
    );
    let zeros = Tensor::zeros(&[4, 1]);
    let mut still = TerminateOnDivergence::new();
    model(0.1).fit(&zeros, &zeros, options(2).callback(&mut still)).unwrap();
    assert_eq!(still.found, None, "a loss of 0 stays 0");
}
