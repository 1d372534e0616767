//! Callbacks as a stranger uses them: together, twice, interrupted, and wrongly.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{fs, path::Path};

use ceratops::{
    callbacks::{BackupAndRestore, Frequency, Monitor, Training},
    prelude::*,
};
use serde_json::Value;
use support::Temporary;

fn model() -> CompiledModel {
    let mut model = sequential![Input::new([1]), Dense::new(1)].unwrap();
    model.set_weights(&[Tensor::from([[0.0]]), Tensor::from([0.0])]).unwrap();
    model.compile(SGD::new(0.1), "mse", ["mae"]).unwrap()
}

fn options<'a>(epochs: usize) -> FitOptions<'a> {
    FitOptions::new().verbose(Verbose::Silent).epochs(epochs)
}

fn data() -> (Tensor, Tensor) {
    (Tensor::from([[0.0], [1.0], [2.0], [3.0]]), Tensor::from([[1.0], [3.0], [5.0], [7.0]]))
}

/// Puts values under a name in place of what was measured, one an epoch.
fn script<'a>(name: &'a str, values: &'a [f64]) -> LambdaCallback<'a> {
    LambdaCallback::new().on_epoch_end(move |epoch, logs, _| logs.insert(name, values[epoch]))
}

/// Goes on where another process stopped: remembers what that remembered, after `on_train_begin`.
struct Resumed<C> {
    callback: C,
    state: String,
    tensors: Vec<Tensor>,
}

impl<C: Callback> Resumed<C> {
    fn new(before: &impl Callback, callback: C) -> Self {
        Self { callback, state: before.state().to_string(), tensors: before.tensors() }
    }
}

impl<C: Callback> Callback for Resumed<C> {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        self.callback.on_train_begin(training)?;
        self.callback.set_state(&serde_json::from_str::<Value>(&self.state).unwrap())?;
        self.callback.set_tensors(&self.tensors)
    }
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) -> Result<()> {
        self.callback.on_epoch_begin(epoch, training)
    }
    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        self.callback.on_epoch_end(epoch, logs, training)
    }
    fn on_train_end(&mut self, logs: &Logs, training: &mut Training<'_>) -> Result<()> {
        self.callback.on_train_end(logs, training)
    }
}

/// A process that ends without a word: what is remembered is taken after an epoch.
struct Interrupted<'a, C> {
    callback: &'a mut C,
    after: usize,
}

impl<C: Callback> Callback for Interrupted<'_, C> {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        self.callback.on_train_begin(training)
    }
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) -> Result<()> {
        self.callback.on_epoch_begin(epoch, training)
    }
    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        self.callback.on_epoch_end(epoch, logs, training)?;
        if epoch == self.after { Err(Error::Model("the power is gone".into())) } else { Ok(()) }
    }
}

#[test]
fn together() {
    let folder = Temporary::new("callbacks-together");
    let losses = [5.0, 3.0, 4.0, 3.5, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0];
    let mut weights = Vec::new();
    let note = LambdaCallback::new()
        .on_epoch_end(|_, _, training| weights.push(training.model().get_weights()));
    let mut stopping = EarlyStopping::new().patience(3).restore_best_weights(true);
    let path = folder.path().join("best-{epoch}.keras");
    let mut checkpoint = ModelCheckpoint::new(path).save_best_only(true);
    let reduce = ReduceLROnPlateau::new().patience(2).factor(0.5);
    let options = options(10).callback(script("val_loss", &losses)).callback(note);
    let options = options.callback(&mut stopping).callback(&mut checkpoint).callback(reduce);
    let (mut model, (x, y)) = (model(), data());
    let history = model.fit(&x, &y, options).unwrap();

    assert_eq!(history.epoch, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(history["learning_rate"], [0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025]);
    assert_eq!((stopping.best_epoch(), stopping.stopped_epoch()), (4, Some(7)));
    assert_eq!(model.get_weights(), weights[4]);
    assert_eq!(checkpoint.best(), Some(2.0));
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["best-1.keras", "best-2.keras", "best-5.keras"]);

    // The file is a training that goes on, and its weights are those that were restored.
    let best = ceratops::load(checkpoint.saved().unwrap()).unwrap();
    assert_eq!(best.model.get_weights(), weights[4]);
    let resumed = ceratops::resume(best).unwrap();
    assert_eq!(resumed.optimizer_state().iterations(), 5);
}

#[test]
fn validation_after_every_other_epoch() {
    let folder = Temporary::new("callbacks-validation-freq");
    let path = folder.path().join("{epoch}.weights.h5");
    let stopping = EarlyStopping::new().patience(1);
    let best = ModelCheckpoint::new(path).save_best_only(true).save_weights_only(true);
    let options = options(20).validation_freq(2).callback(stopping).callback(best);
    // What is learned makes validation worse each time.
    let (x, y) = data();
    let options = options.validation_data(&x, Tensor::zeros(&[4, 1]));
    let history = model().fit(&x, &y, options).unwrap();
    assert_eq!(history.epoch, [0, 1, 2, 3]);
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["2.weights.h5"]);
}

#[test]
fn what_is_monitored_must_come() {
    let (x, y) = data();
    let error = model().fit(&x, &y, options(3).callback(EarlyStopping::new())).unwrap_err();
    let text = "unknown monitor `val_loss`; there are loss, mae; give validation_data or \
                validation_split, or monitor one of these";
    assert_eq!(error.to_string(), text);

    // Where there is validation, the first epoch tells.
    let mut epochs = 0;
    let note = LambdaCallback::new().on_epoch_begin(|_, _| epochs += 1);
    let reduce = ReduceLROnPlateau::new()
        .monitor("val_acuracy")
        .mode("max".parse::<ceratops::callbacks::Mode>().unwrap());
    let options = options(3).validation_split(0.25).callback(note).callback(reduce);
    let error = model().fit(&x, &y, options).unwrap_err();
    assert!(error.to_string().starts_with("unknown monitor `val_acuracy`"), "{error}");
    assert!(error.to_string().contains("there are loss, mae, val_loss, val_mae"), "{error}");
    assert_eq!(epochs, 1);
}

#[test]
fn which_way_is_better_must_be_known_before_the_first_epoch() {
    let (x, y) = data();
    let (mut model, before) = (model(), model().get_weights());
    let options = options(3).callback(EarlyStopping::new().monitor("val_acc"));
    let error = model.fit(&x, &y, options).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("unknown monitor `val_acc`; there are loss, mae"), "{text}");
    assert_eq!(model.get_weights(), before);
}

#[test]
fn what_cannot_be_written_is_known_before_the_first_epoch() {
    let folder = Temporary::new("callbacks-unwritable");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let ((x, y), before) = (data(), model().get_weights());
    let check = |options: FitOptions<'_>| {
        let mut model = model();
        let error = model.fit(&x, &y, options).unwrap_err().to_string();
        assert_eq!(model.get_weights(), before, "{error}");
        error
    };
    let named = |error: String| assert!(error.contains("file"), "{error}");
    named(check(options(1).callback(ModelCheckpoint::new(file.join("m.keras")))));
    named(check(options(1).callback(ModelCheckpoint::new(file.join("{epoch}.keras")))));
    named(check(options(1).callback(CSVLogger::new(file.join("log.csv")))));
    named(check(options(1).callback(TensorBoard::new(&file))));

    let taken = folder.path().join("taken.keras");
    fs::create_dir(&taken).unwrap();
    let error = check(options(1).callback(ModelCheckpoint::new(&taken)));
    assert!(error.starts_with("invalid `filepath`: expected a file, got the folder"), "{error}");
    for (name, weights, expected) in [
        ("m.txt", false, "expected a name that ends in .keras or .h5, got m.txt"),
        ("m.weights.h5", false, "expected a name that ends in .keras or .h5, got m.weights.h5"),
        ("m.keras", true, "expected a name that ends in .weights.h5, got m.keras"),
        ("{epoch.keras", false, "expected a { for each }"),
        ("epoch}.keras", false, "expected a { for each }"),
        ("{}.keras", false, "expected names between { and }"),
        ("{epoch!r}.keras", false, "expected names between { and }"),
        ("{epoch:x}.keras", false, "expected a format such as 02d, .2f, .3e or g, got `x`"),
        ("{epoch:<3}.keras", false, "expected a format such as 02d, .2f, .3e or g, got `<3`"),
        ("{loss:.3}.keras", false, "expected a format such as 02d, .2f, .3e or g, got `.3`"),
        ("{loss:999f}.keras", false, "expected a format such as 02d, .2f, .3e or g, got `999f`"),
        ("{loss:.+2f}.keras", false, "expected a format such as 02d, .2f, .3e or g, got `.+2f`"),
        ("{loss:é}.keras", false, "expected a format such as 02d, .2f, .3e or g, got `é`"),
    ] {
        let checkpoint = ModelCheckpoint::new(name).save_weights_only(weights);
        let error = check(options(1).callback(checkpoint));
        assert!(error.starts_with("invalid `filepath`: ") && error.contains(expected), "{error}");
    }
    let never = ModelCheckpoint::new("m.keras").save_freq(0);
    assert!(check(options(1).callback(never)).starts_with("invalid `save_freq`"));
    let never = TensorBoard::new(folder.path()).update_freq(Frequency::Batches(0));
    assert!(check(options(1).callback(never)).starts_with("invalid `update_freq`"));
    let factor = ReduceLROnPlateau::new().monitor("loss").factor(1.0);
    let text = "invalid `factor`: expected a number below 1, got 1";
    assert_eq!(check(options(1).callback(factor)), text);
    let text = "invalid `use_ema`: expected an optimizer that keeps running means of the weights, \
                for SwapEMAWeights, got false";
    assert_eq!(check(options(1).callback(SwapEMAWeights::new())), text);
}

#[test]
fn names_of_files_must_be_known() {
    let folder = Temporary::new("callbacks-names");
    let (x, y) = data();
    let fit = |name: &str, freq: Frequency| {
        let checkpoint = ModelCheckpoint::new(folder.path().join(name)).save_freq(freq);
        model().fit(&x, &y, options(1).callback(checkpoint)).unwrap_err().to_string()
    };
    let text = "unknown value in filepath `los`; did you mean `loss`? (filepath may name epoch, loss, \
                mae)";
    assert_eq!(fit("{los:.2f}.keras", Frequency::Epoch), text);
    assert!(fit("{batch}.keras", Frequency::Epoch).contains("may name epoch, loss, mae"));
    assert!(fit("{acc}.keras", 1.into()).contains("may name epoch, batch, loss, mae"));
    let text = "invalid `filepath`: expected a format for numbers with a fraction, such as .2f, \
                got {loss:..d}";
    assert_eq!(fit("{loss:d}.keras", Frequency::Epoch), text);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let best = ModelCheckpoint::new(folder.path().join("m.keras"));
    let best = best.save_best_only(true).save_freq(1);
    let error = model().fit(&x, &y, options(1).callback(best)).unwrap_err().to_string();
    assert!(error.starts_with("unknown monitor `val_loss`"), "{error}");
}

#[test]
fn braces_in_names_of_files() {
    let folder = Temporary::new("callbacks-braces");
    let ((x, y), path) = (data(), folder.path().join("{{{epoch}}}.keras"));
    model().fit(&x, &y, options(1).callback(ModelCheckpoint::new(path))).unwrap();
    assert!(folder.path().join("{1}.keras").exists());
}

#[test]
fn a_checkpoint_keeps_what_is_best_from_fit_to_fit() {
    let folder = Temporary::new("callbacks-best");
    let mut best = ModelCheckpoint::new(folder.path().join("{epoch}.keras")).save_best_only(true);
    let (x, y) = data();
    for values in [[2.0, 3.0], [2.5, 1.0]] {
        let options = options(2).callback(script("val_loss", &values)).callback(&mut best);
        model().fit(&x, &y, options).unwrap();
    }
    assert!(folder.path().join("1.keras").exists() && folder.path().join("2.keras").exists());
    assert_eq!(best.best(), Some(1.0));
}

#[test]
fn an_interrupted_early_stopping_goes_on() {
    let values = [2.0, 1.0, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5];
    let make = || EarlyStopping::new().patience(3).restore_best_weights(true);
    let (x, y) = data();
    let mut whole = model();
    let all = whole.fit(&x, &y, options(8).callback(script("val_loss", &values)).callback(make()));
    assert_eq!(all.unwrap().epoch, [0, 1, 2, 3, 4]);

    for after in 0..4 {
        let (mut first, mut part) = (make(), model());
        let options_of =
            |first| options(8).initial_epoch(first).callback(script("val_loss", &values));
        let interrupted = Interrupted { callback: &mut first, after };
        part.fit(&x, &y, options_of(0).callback(interrupted)).unwrap_err();
        let resumed = Resumed::new(&first, make());
        let history = part.fit(&x, &y, options_of(after + 1).callback(resumed)).unwrap();
        assert_eq!(history.epoch.last(), Some(&4));
        assert_eq!(part.get_weights(), whole.get_weights());
    }

    // Without the weights of the best epoch it cannot go on.
    let mut first = EarlyStopping::new();
    let options_of = |first| options(8).initial_epoch(first).callback(script("val_loss", &values));
    let interrupted = Interrupted { callback: &mut first, after: 1 };
    model().fit(&x, &y, options_of(0).callback(interrupted)).unwrap_err();
    let resumed = Resumed::new(&first, make());
    let error = model().fit(&x, &y, options_of(2).callback(resumed)).unwrap_err().to_string();
    assert!(error.contains("began without restore_best_weights"), "{error}");
}

#[test]
fn an_interrupted_plateau_goes_on() {
    let values = [1.0; 8];
    let make = || ReduceLROnPlateau::new().patience(2).cooldown(2).factor(0.5);
    let (x, y) = data();
    let options_of = |first| options(8).initial_epoch(first).callback(script("val_loss", &values));
    let whole = model().fit(&x, &y, options_of(0).callback(make())).unwrap();
    for after in 0..7 {
        let (mut first, mut part) = (make(), model());
        let interrupted = Interrupted { callback: &mut first, after };
        part.fit(&x, &y, options_of(0).callback(interrupted)).unwrap_err();
        let resumed = Resumed::new(&first, make());
        let history = part.fit(&x, &y, options_of(after + 1).callback(resumed)).unwrap();
        assert_eq!(history["learning_rate"], whole["learning_rate"][after + 1..]);
    }
}

#[test]
fn an_interrupted_table_goes_on_without_rows_that_nobody_remembers() {
    let folder = Temporary::new("callbacks-csv");
    let path = folder.path().join("log.csv");
    let (x, y) = data();
    for append in [false, true] {
        let make = || CSVLogger::new(&path).append(append);
        let _ = fs::remove_file(&path);
        let mut first = make();
        let interrupted = Interrupted { callback: &mut first, after: 1 };
        model().fit(&x, &y, options(4).callback(interrupted)).unwrap_err();
        let before = fs::read_to_string(&path).unwrap();
        let resumed = Resumed::new(&first, make());
        // An epoch that was begun again wrote a row already.
        fs::write(&path, format!("{before}2,9.0,9.0,NA,NA\r\n")).unwrap();
        model().fit(&x, &y, options(4).initial_epoch(2).callback(resumed)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(&before) && !text.contains("9.0,9.0"), "{text}");
        let epochs: Vec<&str> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(epochs, ["epoch", "0", "1", "2", "3"]);
    }
}

#[test]
fn a_table_has_columns_for_a_validation_that_can_come() {
    let folder = Temporary::new("callbacks-columns");
    let path = folder.path().join("log.csv");
    let header = |options: FitOptions<'_>| {
        let (x, y) = data();
        model().fit(&x, &y, options.callback(CSVLogger::new(&path))).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        (text.lines().next().unwrap().to_owned(), text.contains("NA"))
    };
    let (x, y) = data();
    let rare = |every: usize| {
        FitOptions::new()
            .epochs(2)
            .validation_data(&x, &y)
            .validation_freq(every)
            .verbose(Verbose::Silent)
    };
    assert_eq!(
        header(FitOptions::new().verbose(Verbose::Silent)),
        ("epoch,loss,mae".into(), false)
    );
    assert_eq!(header(rare(1)), ("epoch,loss,mae,val_loss,val_mae".into(), false));
    // The first epoch has none as yet.
    assert_eq!(header(rare(2)), ("epoch,loss,mae,val_loss,val_mae".into(), true));
}

#[test]
fn rows_are_appended_under_the_columns_that_are_there() {
    let folder = Temporary::new("callbacks-append");
    let path = folder.path().join("log.csv");
    fs::write(&path, "epoch,\"a,b\",mae,loss\n7,1.0,2.0,3.0\n").unwrap();
    let (x, y) = data();
    let logger = CSVLogger::new(&path).append(true);
    model().fit(&x, &y, options(1).callback(logger)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.ends_with("3.0\n0,NA,4.0,21.0\r\n"), "{text}");

    fs::write(&path, "something else").unwrap();
    let logger = CSVLogger::new(&path).append(true);
    let error = model().fit(&x, &y, options(1).callback(logger)).unwrap_err().to_string();
    assert!(error.contains("its first column is not \"epoch\""), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "something else");
}

#[test]
fn a_training_of_no_epochs_leaves_an_empty_table() {
    let folder = Temporary::new("callbacks-empty");
    let path = folder.path().join("log.csv");
    fs::write(&path, "old").unwrap();
    let (x, y) = data();
    model().fit(&x, &y, options(0).callback(CSVLogger::new(&path))).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
}

#[test]
fn a_checkpoint_remembers() {
    let folder = Temporary::new("callbacks-remember");
    let make = || ModelCheckpoint::new(folder.path().join("{epoch}.keras")).save_best_only(true);
    let ((x, y), values) = (data(), [1.0, 2.0, 0.5]);
    let mut first = make();
    let options_of = |first| options(3).initial_epoch(first).callback(script("val_loss", &values));
    let interrupted = Interrupted { callback: &mut first, after: 0 };
    model().fit(&x, &y, options_of(0).callback(interrupted)).unwrap_err();
    let resumed = Resumed::new(&first, make());
    model().fit(&x, &y, options_of(1).callback(resumed)).unwrap();
    assert!(!folder.path().join("2.keras").exists() && folder.path().join("3.keras").exists());
}

/// JSON has no words for them.
#[test]
fn what_is_no_number_is_remembered() {
    for best in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1, 1e-300] {
        let mut monitor = Monitor::new("loss");
        monitor.set_best(Some(best));
        let state: Value = serde_json::from_str(&monitor.state().to_string()).unwrap();
        let mut again = Monitor::new("loss");
        again.set_state(&state).unwrap();
        assert_eq!(again.best().map(f64::to_bits), Some(best.to_bits()));
    }
    let wrong = serde_json::json!({"best": "three"});
    let error = Monitor::new("loss").set_state(&wrong).unwrap_err().to_string();
    assert!(error.starts_with("the state of loss does not fit"), "{error}");
}

#[test]
fn learning_rates_of_a_schedule_cannot_be_set() {
    let schedule = ceratops::train::schedules::ExponentialDecay::new(0.1, 10, 0.5);
    let make = || {
        let model = sequential![Input::new([1]), Dense::new(1)].unwrap();
        model.compile(SGD::new(schedule.clone()), "mse", ()).unwrap()
    };
    let (x, y) = data();
    let scheduler = LearningRateScheduler::new(|_, rate| rate);
    let error = make().fit(&x, &y, options(1).callback(scheduler)).unwrap_err();
    assert!(error.to_string().contains("it follows ExponentialDecay"), "{error}");
    let reduce = ReduceLROnPlateau::new().monitor("loss").patience(0).min_delta(1e9);
    let error = make().fit(&x, &y, options(2).callback(reduce)).unwrap_err();
    assert!(error.to_string().contains("it follows ExponentialDecay"), "{error}");
}

#[test]
fn means_between_epochs_are_what_a_checkpoint_saves() {
    let folder = Temporary::new("callbacks-ema");
    let path = folder.path().join("m.keras");
    let model = sequential![Input::new([1]), Dense::new(1)].unwrap();
    let optimizer = SGD::new(0.05).use_ema(true).ema_momentum(0.9);
    let mut model = model.compile(optimizer, "mse", ()).unwrap();
    let (x, y) = data();
    // Stopped by another after the second of five epochs: in the end the model has the means.
    let stop = LambdaCallback::new().on_epoch_end(|epoch, _, training| {
        if epoch == 1 {
            training.stop();
        }
    });
    let options = options(5).batch_size(1).callback(SwapEMAWeights::new().swap_on_epoch(true));
    let options = options.callback(ModelCheckpoint::new(&path)).callback(stop);
    model.fit(&x, &y, options).unwrap();
    let means: Vec<Tensor> = (0..2).map(|i| model.optimizer_state().slots(i)[0].clone()).collect();
    assert_eq!(model.get_weights(), means);
    assert_eq!(ceratops::load(&path).unwrap().model.get_weights(), means);
}

#[test]
fn words_of_keras() {
    assert_eq!("epoch".parse::<Frequency>().unwrap(), Frequency::Epoch);
    assert_eq!("batch".parse::<Frequency>().unwrap(), Frequency::Batches(1));
    assert_eq!("25".parse::<Frequency>().unwrap(), 25.into());
    let error = "epochs".parse::<Frequency>().unwrap_err().to_string();
    assert!(error.starts_with("unknown frequency `epochs`; did you mean `epoch`?"), "{error}");
    let error = "most".parse::<ceratops::callbacks::Mode>().unwrap_err().to_string();
    assert!(error.starts_with("unknown mode `most`"), "{error}");
}

/// The power goes after a batch.
struct PowerCut(Option<(usize, usize)>, usize);

impl Callback for PowerCut {
    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Training<'_>) -> Result<()> {
        self.1 = epoch;
        Ok(())
    }
    fn on_train_batch_end(&mut self, batch: usize, _: &Logs, _: &mut Training<'_>) -> Result<()> {
        let gone = self.0 == Some((self.1, batch));
        if gone { Err(Error::Model("the power is gone".into())) } else { Ok(()) }
    }
}

/// A training with every callback that remembers something, in a folder.
fn watched(folder: &Path, cut: Option<(usize, usize)>) -> Result<(History, CompiledModel)> {
    let mut model = sequential![Input::new([1]), Dense::new(1)]?;
    model.set_weights(&[Tensor::from([[0.0]]), Tensor::from([0.0])])?;
    let mut model = model.compile(SGD::new(0.4).use_ema(true).ema_momentum(0.5), "mse", ["mae"])?;
    let best = ModelCheckpoint::new(folder.join("best-{epoch}.keras")).save_best_only(true);
    let some = ModelCheckpoint::new(folder.join("{epoch}-{batch}.weights.h5"));
    let (x, y) = data();
    let options = options(12)
        .batch_size(1)
        .validation_split(0.25)
        .callback(PowerCut(cut, 0))
        .callback(SwapEMAWeights::new().swap_on_epoch(true))
        .callback(EarlyStopping::new().patience(4).restore_best_weights(true))
        .callback(ReduceLROnPlateau::new().patience(1).cooldown(1).factor(0.5))
        .callback(best.monitor("val_mae"))
        .callback(some.save_weights_only(true).save_freq(4))
        .callback(CSVLogger::new(folder.join("log.csv")))
        .callback(TensorBoard::new(folder.join("logs")).update_freq(2))
        .backup(BackupAndRestore::new(folder.join("backup")).save_freq(1));
    model.fit(&x, &y, options).map(|history| (history, model))
}

/// The files of models, and their bytes but for the time in them; and the table.
fn written(folder: &Path) -> Vec<(String, Vec<Tensor>, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".keras") {
            found.push((name, ceratops::load(&path).unwrap().model.get_weights(), String::new()));
        } else if name.ends_with(".weights.h5") {
            let mut model = model().into_model();
            model.load_weights(&path).unwrap();
            found.push((name, model.get_weights(), String::new()));
        } else if name.ends_with(".csv") {
            found.push((name, Vec::new(), fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    found
}

#[test]
fn a_power_cut_changes_nothing() {
    let folder = Temporary::new("callbacks-whole");
    let (history, model) = watched(folder.path(), None).unwrap();
    let expected = written(folder.path());
    // The training is one that they have a hand in.
    assert!(history.epoch.len() < 12 && history["learning_rate"].last() != Some(&0.4));
    assert!(expected.len() > 5, "{}", expected.len());
    for epoch in 0..history.epoch.len() {
        for batch in 0..3 {
            let folder = Temporary::new("callbacks-cut");
            watched(folder.path(), Some((epoch, batch))).unwrap_err();
            let (again, resumed) = watched(folder.path(), None).unwrap();
            assert_eq!(again, history, "{epoch} {batch}");
            assert_eq!(resumed.get_weights(), model.get_weights(), "{epoch} {batch}");
            assert_eq!(written(folder.path()), expected, "{epoch} {batch}");
        }
    }
}
