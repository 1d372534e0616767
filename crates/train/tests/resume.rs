//! A training that is interrupted anywhere and goes on in another process ends with the same bits.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::{AtomicBool, Ordering};

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::{BatchNormalization, Dense, Dropout, Input, PReLU, Sequential, sequential};
use ceratops_train::{
    Backup, Batch, Callback, Compile, CompiledModel, FitOptions, History, LambdaCallback, Logs,
    Optimizer, Snapshot, TerminateOnDivergence, Training, Verbose,
    metrics::{AUC, AnyMetric, F1Score, MeanIoU, Precision, R2Score, RootMeanSquaredError},
    optimizers::{AdamW, Nadam, SGD},
    schedules::ExponentialDecay,
};
use serde_json::Value;

const SAMPLES: usize = 22;
const EPOCHS: usize = 3;

/// Keeps snapshots in memory, and lets the process die after one of them.
#[derive(Default)]
struct Memory {
    kept: Vec<Snapshot>,
    dies_after: Option<usize>,
    finished: bool,
}

impl Backup for Memory {
    fn restore(&mut self) -> Result<Option<Snapshot>> {
        Ok(self.kept.last().cloned())
    }

    fn save_freq(&self) -> Option<usize> {
        Some(1)
    }

    fn save(&mut self, snapshot: &Snapshot) -> Result<()> {
        // As a file would keep it.
        let text = snapshot.progress.to_string();
        let progress: Value = serde_json::from_str(&text).unwrap();
        self.kept.push(Snapshot { progress, tensors: snapshot.tensors.clone() });
        match self.dies_after {
            Some(n) if n == self.kept.len() => Err(Error::Data("killed".into())),
            _ => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<()> {
        self.finished = true;
        Ok(())
    }
}

/// Halves the learning rate where the loss does not fall, as far as it remembers.
#[derive(Default)]
struct Halving {
    best: Option<f64>,
}

impl Callback for Halving {
    fn on_epoch_end(
        &mut self,
        _: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        if self.best.is_none_or(|best| logs["loss"] < best - 0.05) {
            self.best = Some(logs["loss"]);
        } else {
            training.set_learning_rate(training.learning_rate() * 0.7);
        }
        Ok(())
    }

    fn state(&self) -> Value {
        self.best.into()
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        self.best = state.as_f64();
        Ok(())
    }
}

fn data() -> (Tensor, Tensor) {
    let x: Vec<f32> = (0..SAMPLES * 3).map(|i| (i as f32 * 12.9).sin() * 1.5).collect();
    let y = x.chunks(3).map(|x| f32::from(x[0] * x[1] > 0.1 * x[2])).collect();
    (Tensor::new(&[SAMPLES, 3], x).unwrap(), Tensor::new(&[SAMPLES, 1], y).unwrap())
}

fn model(optimizer: impl Optimizer) -> CompiledModel {
    let model: Sequential = sequential![
        Input::new([3]),
        Dense::new(6),
        BatchNormalization::new(),
        PReLU::new(),
        Dropout::new(0.3),
        Dense::new(1).activation("sigmoid"),
    ]
    .unwrap();
    let metrics: Vec<AnyMetric> = vec![
        "accuracy".into(),
        AUC::new().into(),
        F1Score::new().threshold(0.5).into(),
        Precision::new().into(),
        R2Score::new().into(),
        RootMeanSquaredError::new().into(),
        MeanIoU::new(2).into(),
    ];
    model.compile(optimizer, "binary_crossentropy", metrics).unwrap()
}

/// Trains, dying after `dies_after` snapshots and going on from the last, as often as it takes.
fn train(optimizer: impl Optimizer + Clone, dies_after: Option<usize>) -> (Vec<Tensor>, History) {
    let (x, y) = data();
    let mut memory = Memory { dies_after, ..Memory::default() };
    loop {
        let mut model = model(optimizer.clone());
        let options = FitOptions::new()
            .epochs(EPOCHS)
            .batch_size(5)
            .seed(11)
            .validation_split(0.2)
            .verbose(Verbose::Silent)
            .callback(Halving::default())
            .backup(&mut memory);
        match model.fit(&x, &y, options) {
            Ok(history) => {
                assert!(memory.finished);
                return (model.get_weights(), history);
            }
            Err(error) => assert!(error.to_string().contains("killed"), "{error}"),
        }
    }
}

fn dies_anywhere(optimizer: impl Optimizer + Clone) {
    let (weights, history) = train(optimizer.clone(), None);
    assert_eq!(history.epoch, [0, 1, 2]);
    // 17 samples in batches of 5: 4 snapshots in an epoch and one at its end.
    for dies_after in 1..=EPOCHS * 5 {
        let (again, history_again) = train(optimizer.clone(), Some(dies_after));
        assert_eq!(again, weights, "dead after {dies_after}");
        assert_eq!(history_again, history, "dead after {dies_after}");
    }
}

#[test]
fn a_training_ends_with_the_same_bits_wherever_it_died() {
    dies_anywhere(SGD::new(0.1).momentum(0.9));
    dies_anywhere(Nadam::new(0.01));
}

#[test]
fn so_it_does_with_running_means_accumulated_gradients_and_a_schedule() {
    let mut adamw = AdamW::new(ExponentialDecay::new(0.01, 3, 0.9));
    adamw.base_mut().use_ema = true;
    adamw.base_mut().gradient_accumulation_steps = Some(3);
    let (x, y) = data();
    let whole = {
        let mut model = model(adamw.clone());
        let options = || FitOptions::new().batch_size(5).verbose(Verbose::Silent);
        model.fit(&x, &y, options().epochs(3)).unwrap();
        model.get_weights()
    };
    for dies_after in 1..18 {
        let mut memory = Memory { dies_after: Some(dies_after), ..Memory::default() };
        let run = |memory: &mut Memory| {
            let mut model = model(adamw.clone());
            let options = FitOptions::new().epochs(3).batch_size(5).verbose(Verbose::Silent);
            model.fit(&x, &y, options.backup(memory)).map(|_| model.get_weights())
        };
        assert!(run(&mut memory).is_err());
        memory.dies_after = None;
        assert_eq!(run(&mut memory).unwrap(), whole, "dead after {dies_after}");
    }
}

#[test]
fn other_options_than_before_are_refused() {
    let (x, y) = data();
    let mut memory = Memory { dies_after: Some(2), ..Memory::default() };
    let options = |batch_size: usize| {
        FitOptions::new().epochs(2).batch_size(batch_size).verbose(Verbose::Silent)
    };
    assert!(model(SGD::new(0.1)).fit(&x, &y, options(5).backup(&mut memory)).is_err());
    let mut other = model(SGD::new(0.1));
    let before = other.get_weights();
    let error = other.fit(&x, &y, options(6).backup(&mut memory)).unwrap_err().to_string();
    assert!(error.contains("batch_size was 5, and is 6 now"), "{error}");
    assert_eq!(other.get_weights(), before);
    let error = model(Nadam::new(0.1)).fit(&x, &y, options(5).backup(&mut memory)).unwrap_err();
    assert!(error.to_string().contains("optimizer"), "{error}");
    let options = options(5).callback(LambdaCallback::new()).backup(&mut memory);
    let error = model(SGD::new(0.1)).fit(&x, &y, options).unwrap_err().to_string();
    assert!(error.contains("0 callbacks, this one has 1"), "{error}");
}

#[test]
fn an_interrupted_training_ends_after_the_batch_and_goes_on_later() {
    let (x, y) = data();
    let run = |memory: &mut Memory, stop_after: Option<usize>| {
        let flag = AtomicBool::new(false);
        let mut batches = 0;
        let mut model = model(SGD::new(0.1));
        let interrupt = LambdaCallback::new().on_train_batch_end(|_, _, _| {
            batches += 1;
            flag.store(Some(batches) == stop_after, Ordering::Relaxed);
        });
        let options = FitOptions::new().epochs(2).batch_size(5).verbose(Verbose::Silent);
        let options = options.callback(interrupt).interrupted_by(&flag).backup(memory);
        let history = model.fit(&x, &y, options).unwrap();
        (model.get_weights(), history)
    };
    let (whole, history) = run(&mut Memory::default(), None);
    let mut memory = Memory::default();
    let (_, part) = run(&mut memory, Some(7));
    assert_eq!((part.epoch.len(), memory.finished), (1, false));
    let (again, history_again) = run(&mut memory, None);
    assert_eq!((again, history_again), (whole, history));
    assert!(memory.finished);
}

#[test]
fn batches_from_elsewhere_go_on_where_they_were() {
    let (x, y) = data();
    let batches = |epoch: usize| {
        let (x, y) = (x.clone(), y.clone());
        (0..4).map(move |step| {
            let range = (step * 4 + epoch)..(step * 4 + epoch + 5);
            Ok(Batch::new(x.batch_slice(range.clone())?, y.batch_slice(range)?))
        })
    };
    let run = |memory: &mut Memory| {
        let mut model = model(SGD::new(0.1));
        let options = FitOptions::new().epochs(2).verbose(Verbose::Silent).backup(memory);
        model.fit_batches(batches, options).map(|history| (model.get_weights(), history))
    };
    let whole = run(&mut Memory::default()).unwrap();
    for dies_after in 1..10 {
        let mut memory = Memory { dies_after: Some(dies_after), ..Memory::default() };
        assert!(run(&mut memory).is_err());
        memory.dies_after = None;
        assert_eq!(run(&mut memory).unwrap(), whole);
    }
}

/// A model that any training here begins with.
fn small(activation: &str) -> Sequential {
    sequential![Input::new([3]), Dense::new(4).activation(activation), Dense::new(1)].unwrap()
}

fn quiet<'a>() -> FitOptions<'a> {
    FitOptions::new().batch_size(5).verbose(Verbose::Silent)
}

#[test]
fn a_backup_that_went_further_is_kept_and_told() {
    let (x, y) = data();
    // Within the fourth epoch, and at the end of the third.
    for dies_after in [17, 15] {
        let mut memory = Memory { dies_after: Some(dies_after), ..Memory::default() };
        let mut first = small("relu").compile("sgd", "mse", ()).unwrap();
        assert!(first.fit(&x, &y, quiet().epochs(5).backup(&mut memory)).is_err());
        let kept = memory.kept.len();
        let mut model = small("relu").compile("sgd", "mse", ()).unwrap();
        let before = model.get_weights();
        let error = model.fit(&x, &y, quiet().epochs(2).backup(&mut memory)).unwrap_err();
        assert!(error.to_string().contains("further than epochs = 2"), "{error}");
        assert_eq!(
            (model.get_weights(), memory.kept.len(), memory.finished),
            (before, kept, false)
        );
    }
}

#[test]
fn an_interruption_before_the_first_batch_loses_nothing() {
    let (x, y) = data();
    let run = |memory: &mut Memory, flag: bool| {
        let mut model = model(SGD::new(0.1));
        let flag = AtomicBool::new(flag);
        let options = quiet().epochs(3).interrupted_by(&flag).backup(memory);
        model.fit(&x, &y, options).map(|history| (model.get_weights(), history))
    };
    let whole = run(&mut Memory::default(), false).unwrap();
    let mut memory = Memory { dies_after: Some(7), ..Memory::default() };
    assert!(run(&mut memory, false).is_err());
    memory.dies_after = None;
    let (_, history) = run(&mut memory, true).unwrap();
    assert_eq!((history.epoch.len(), memory.finished), (1, false));
    assert_eq!(run(&mut memory, false).unwrap(), whole);
}

#[test]
fn a_training_that_a_callback_ended_stays_ended() {
    let (x, y) = data();
    let run = |memory: &mut Memory| {
        let mut model = model(SGD::new(0.1));
        let stop = LambdaCallback::new().on_train_batch_end(|batch, _, training| {
            if batch == 2 {
                training.stop();
            }
        });
        let options = quiet().epochs(3).validation_split(0.2).callback(stop).backup(memory);
        model.fit(&x, &y, options).map(|history| (model.get_weights(), history))
    };
    let whole = run(&mut Memory::default()).unwrap();
    for dies_after in 1..=4 {
        let mut memory = Memory { dies_after: Some(dies_after), ..Memory::default() };
        assert!(run(&mut memory).is_err());
        memory.dies_after = None;
        assert_eq!(run(&mut memory).unwrap(), whole, "dead after {dies_after}");
        assert!(memory.finished);
    }
}

#[test]
fn a_backup_of_another_training_is_refused_by_what_differs() {
    let (x, y) = data();
    let mut memory = Memory { dies_after: Some(3), ..Memory::default() };
    let begin = |activation: &str| small(activation).compile(SGD::new(0.1), "mse", ()).unwrap();
    assert!(begin("relu").fit(&x, &y, quiet().epochs(2).backup(&mut memory)).is_err());
    memory.dies_after = None;
    let mut refused =
        |mut model: CompiledModel, x: &Tensor, options: FitOptions<'_>, word: &str| {
            let before = model.get_weights();
            let error =
                model.fit(x, &y, options.epochs(2).backup(&mut memory)).unwrap_err().to_string();
            assert!(error.contains("another training") && error.contains(word), "{error}");
            assert_eq!(model.get_weights(), before);
        };
    let momentum = small("relu").compile(SGD::new(0.1).momentum(0.9), "mse", ()).unwrap();
    refused(momentum, &x, quiet(), "momentum was 0.0, and is 0.9 now");
    refused(small("relu").compile(SGD::new(0.1), "mae", ()).unwrap(), &x, quiet(), "the loss");
    refused(begin("tanh"), &x, quiet(), "the layer dense");
    refused(begin("relu"), &x.clone().map(|x| -x), quiet(), "the data");
    refused(begin("relu"), &x, quiet().validation_data(&x, &y), "validation");
    refused(begin("relu"), &x, quiet().steps_per_epoch(2), "steps_per_epoch");
    // The learning rate goes on as it was: callbacks change it.
    let mut other = small("relu").compile(SGD::new(0.5), "mse", ()).unwrap();
    other.fit(&x, &y, quiet().epochs(2).backup(&mut memory)).unwrap();
    assert_eq!(other.learning_rate(), 0.1);
}

#[test]
fn divergence_is_noticed_at_the_same_batch() {
    let (x, y) = data();
    let run = |memory: &mut Memory| {
        let mut model = small("relu").compile(SGD::new(1.3), "mse", ()).unwrap();
        let guard = TerminateOnDivergence::new().exploded(50.0);
        model.fit(&x, &y, quiet().epochs(9).callback(guard).backup(memory)).unwrap_err().to_string()
    };
    let whole = run(&mut Memory::default());
    assert!(whole.contains("diverge") || whole.contains("exploded"), "{whole}");
    let mut memory = Memory { dies_after: Some(1), ..Memory::default() };
    assert_eq!(run(&mut memory), "killed");
    memory.dies_after = None;
    assert_eq!(run(&mut memory), whole);
}
