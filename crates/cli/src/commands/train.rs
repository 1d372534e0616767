//! `ceratops train`: fits a model to samples and their answers, and saves it.

mod places;
mod results;
mod watch;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::Ordering,
};

use ceratops::{
    Tensor,
    callbacks::BackupAndRestore,
    datasets::csv::Encoder,
    formats::{Format, check_savable},
    train::{Compile, CompiledModel, FitOptions, History, LearningRate, losses::Losses},
};
use clap::Args;

use self::watch::Watch;
use super::{
    convert::{formats, is_architecture, note_changes},
    evaluate::{given, no_target, resumed_as_saved},
};
use crate::{
    console::Console,
    failure::{Failure, Outcome},
    input::{self, Coded, TableOption},
    interrupt::{self, INTERRUPTED},
    model::Source,
    threads::Threads,
    values::{
        Identifier, MetricsOption, all_metrics, class_weight, count, loss, metrics, optimizer, rate,
    },
};

/// Train a model and save it, with its optimizer's state where the file has a place for it.
///
/// Ctrl-C ends it after the batch at hand, and saves the model as it is then.
///
/// Without --optimizer and --loss, a file that says how the model was compiled goes on from there,
/// with what its optimizer remembers.
#[derive(Debug, Args)]
#[command(after_help = format!("{}\n\n{EXAMPLES}", input::HELP))]
pub(crate) struct Train {
    #[command(flatten)]
    source: Source,

    /// The samples; of several inputs a .npz whose arrays have their names.
    #[arg(long, value_name = "X.npy", required_unless_present = "table", requires = "y")]
    x: Option<PathBuf>,

    /// Their right answers; for several outputs a .npz whose arrays have their names.
    #[arg(long, value_name = "Y.npy", requires = "x", conflicts_with = "table")]
    y: Option<PathBuf>,

    #[command(flatten)]
    table: TableOption,

    /// The column of the table that is to be learned; of words, each is a class.
    #[arg(long, value_name = "COLUMN", requires = "table")]
    target: Option<String>,

    /// The optimizer: a name, or JSON as Keras' optimizers.serialize gives it (also @FILE, or a path
    /// that ends in .json).
    #[arg(long, value_name = "OPTIMIZER", value_parser = optimizer, requires = "loss")]
    optimizer: Option<Identifier>,

    /// The loss: a name, or JSON likewise; for several outputs a list, or an object by their names.
    #[arg(long, value_name = "LOSS", value_parser = loss, requires = "optimizer")]
    loss: Option<Identifier>,

    /// The metrics, with commas between them; for several outputs JSON likewise.
    #[arg(long, value_name = "M1,M2", value_parser = metrics, requires = "loss")]
    metrics: Vec<MetricsOption>,

    /// The learning rate, in place of the optimizer's own.
    #[arg(long, value_name = "F", value_parser = rate, allow_negative_numbers = true)]
    learning_rate: Option<f64>,

    #[command(flatten)]
    fit: Fit,

    #[command(flatten)]
    watch: Watch,

    /// Where loss and metrics of each epoch go, as JSON.
    #[arg(long, value_name = "H.json")]
    history: Option<PathBuf>,

    /// Where a picture of these goes: .svg or .png.
    #[arg(long, value_name = "OUT.svg")]
    plot: Option<PathBuf>,

    #[command(flatten)]
    threads: Threads,

    /// Where the trained model goes; the ending says in which format.
    #[arg(long, value_name = "OUT")]
    out: PathBuf,

    /// The kind of file, where the ending of OUT does not say it.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    to: Option<Format>,
}

/// What a model learns from.
struct Data<'a> {
    x: input::Arrays,
    y: input::Arrays,
    /// Where they are from.
    files: (&'a Path, &'a Path),
    /// How a table became x and y.
    encoder: Option<Encoder>,
}

/// How long, and on what.
#[derive(Debug, Args)]
struct Fit {
    /// How often the samples are gone through.
    #[arg(long, value_name = "N", default_value = "1", value_parser = count,
          allow_negative_numbers = true)]
    epochs: usize,

    /// How many samples make an update.
    #[arg(long, value_name = "N", default_value = "32", value_parser = count,
          allow_negative_numbers = true)]
    batch_size: usize,

    /// Leave the samples in their order.
    #[arg(long)]
    no_shuffle: bool,

    /// Whence shuffling, Dropout, and the weights of a model that has none are drawn.
    #[arg(long, value_name = "S", default_value_t = 0, allow_negative_numbers = true)]
    seed: u64,

    /// Validate on this last part of the samples, and do not train on it: 0.1 is a tenth.
    #[arg(long, value_name = "F", default_value_t = 0.0, allow_negative_numbers = true)]
    validation_split: f64,

    /// Validate on these samples, and not on a part of X.
    #[arg(long, value_name = "X.npy", requires = "val_y", conflicts_with = "validation_split")]
    val_x: Option<PathBuf>,

    /// Their right answers.
    #[arg(long, value_name = "Y.npy", requires = "val_x")]
    val_y: Option<PathBuf>,

    /// How many batches make an epoch, rather than all.
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    steps_per_epoch: Option<usize>,

    /// Validate after every so many epochs.
    #[arg(long, value_name = "N", default_value = "1", value_parser = count,
          allow_negative_numbers = true)]
    validation_freq: usize,

    /// How much the samples of classes weigh in the loss, the others 1: 0=1,1=5.
    #[arg(long, value_name = "CLASS=F,...", value_delimiter = ',', value_parser = class_weight)]
    class_weight: Vec<(usize, f32)>,

    /// Keep the training in this folder while it runs: the same command goes on from there, to the
    /// same bits, if the process dies or is interrupted.
    #[arg(long, value_name = "FOLDER")]
    backup: Option<PathBuf>,

    /// Keep it after every so many batches too, and not only after each epoch.
    #[arg(long, value_name = "N", value_parser = count, requires = "backup",
          allow_negative_numbers = true)]
    save_freq: Option<usize>,
}

const EXAMPLES: &str = "\
Examples:
  ceratops train model.json --x x.npy --y y.npy --optimizer adam --loss mse \\
    --epochs 5 --out model.keras
  ceratops train net.json --table penguins.csv --target species --epochs 50 --out net.keras \\
    --optimizer adam --loss sparse_categorical_crossentropy --metrics accuracy
  ceratops train model.keras --x x.npy --y y.npy --epochs 5 --out model.keras --plot curves.svg
  ceratops train model.keras --x x.npy --y y.npy --validation-split 0.1 --epochs 100 \\
    --early-stopping 5 --restore-best --reduce-lr 2 --backup kept --out model.keras
  ceratops train net.h5 --x data.npz --y data.npz --out net.h5 \\
    --loss sparse_categorical_crossentropy --metrics accuracy --optimizer \\
    '{\"class_name\": \"SGD\", \"config\": {\"learning_rate\": 0.1}}'";

impl Train {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let streams = std::iter::once(&self.source.model).chain(&self.x).chain(&self.y);
        let streams = streams.chain(self.fit.val_x.iter().chain(&self.fit.val_y));
        input::one_stream(streams)?;
        self.check_distinct()?;
        self.check_places()?;
        self.watch.check(self.fit.validates())?;
        self.threads.start()?;
        let Data { x, y, files, encoder } = self.data(console)?;
        let mut model = self.compiled(x.sample("x")?.as_ref(), console)?;
        let (x, y) = given(&model, (x, files.0), (y, files.1))?;
        // A training must not be lost for what was known before.
        check_savable(model.model(), self.format()?)?;
        if let Some(rate) = self.learning_rate {
            model.set_learning_rate(LearningRate::Constant(rate))?;
        }
        let interrupt = interrupt::listen()?;
        let options = self.fit.options(&model)?.verbose(console.fit()).interrupted_by(interrupt);
        let data = input::in_memory(&x).zip(input::in_memory(&y));
        let mut options = self.watch.add_to(options, self.fit.validates(), data);
        let backup = self.fit.backup();
        if let Some(backup) = &backup {
            if let Some((epochs, batches)) = backup.kept()? {
                console.note(format!(
                    "going on from the backup: {epochs} epochs are done, and {batches} batches of the \
                     next"
                ));
            }
            options = options.backup(backup.clone());
        }
        let before = model.optimizer_state().iterations();
        let history = model.fit(x, y, options);
        let history = history.map_err(|error| self.keep(error, &model, before, console))?;
        self.write(&model, &history, console)?;
        encoder.map_or(Ok(()), |encoder| encoder.save(input::encoder_of(&self.out)))?;
        note_divergence(&history, console);
        if interrupt.load(Ordering::Relaxed) {
            self.note_interruption(&history, console);
            return Ok(INTERRUPTED.into());
        }
        // Not before all is written: a process that dies here goes on from the backup's end.
        backup.map_or(Ok(()), |backup| backup.delete())?;
        Ok(ExitCode::SUCCESS)
    }

    /// What is learned from.
    fn data(&self, console: &Console) -> Outcome<Data<'_>> {
        let coded = self.table.to_learn(self.target.as_deref(), &self.source.model, console)?;
        if let (Some(Coded { x, y, encoder }), Some(file)) = (coded, &self.table.table) {
            let y = y.ok_or_else(|| no_target(file, &encoder))?;
            return Ok(Data { x, y, files: (file, file), encoder: Some(encoder) });
        }
        match (&self.x, &self.y) {
            (Some(x), Some(y)) => {
                let files: (&Path, &Path) = (x, y);
                Ok(Data { x: input::samples(x)?, y: input::samples(y)?, files, encoder: None })
            }
            _ => Err(Failure::Usage("--x and --y, or --table, say what is learned from".into())),
        }
    }

    fn note_interruption(&self, history: &History, console: &Console) {
        let epochs = history.epoch.len();
        let out = self.out.display();
        console.note(format!(
            "interrupted after {epochs} whole epochs; {out} is the model as it is now"
        ));
        if self.fit.backup.is_some() {
            console.note("the same command goes on from there");
        }
    }

    fn compiled(&self, x: Option<&Tensor>, console: &Console) -> Outcome<CompiledModel> {
        let mut loaded = self.source.open(x, console)?;
        if !loaded.has_weights && self.fit.seed != 0 {
            loaded.model.draw_weights(self.fit.seed)?;
        }
        match (&self.optimizer, &self.loss) {
            (Some(optimizer), Some(loss)) => {
                let (loss, metrics) =
                    (Losses::from_json(&loss.value)?.strict(), all_metrics(&self.metrics)?);
                Ok(loaded.model.compile(&optimizer.value, loss, metrics)?)
            }
            _ => resumed_as_saved(loaded, &self.source, console),
        }
    }
}

impl Fit {
    /// Whether something is validated on.
    fn validates(&self) -> bool {
        self.val_x.is_some() || self.validation_split > 0.0
    }

    fn options(&self, model: &CompiledModel) -> Outcome<FitOptions<'static>> {
        let mut options = FitOptions::new();
        if let (Some(x), Some(y)) = (&self.val_x, &self.val_y) {
            let arrays = ((input::samples(x)?, &**x), (input::samples(y)?, &**y));
            let (x, y) = given(model, arrays.0, arrays.1)?;
            options = options.validation_data(x, y);
        }
        if let Some(steps) = self.steps_per_epoch {
            options = options.steps_per_epoch(steps);
        }
        if !self.class_weight.is_empty() {
            options = options.class_weight(self.class_weight.iter().copied());
        }
        Ok(options
            .validation_freq(self.validation_freq)
            .epochs(self.epochs)
            .batch_size(self.batch_size)
            .shuffle(!self.no_shuffle)
            .seed(self.seed)
            .validation_split(self.validation_split))
    }

    /// Where the training is kept; deleted only when its result is saved.
    fn backup(&self) -> Option<BackupAndRestore> {
        let backup = BackupAndRestore::new(self.backup.as_ref()?).delete_checkpoint(false);
        Some(match self.save_freq {
            Some(batches) => backup.save_freq(batches),
            None => backup,
        })
    }
}

/// Says that the training came to nothing, where it did.
fn note_divergence(history: &History, console: &Console) {
    let last = history.history.get("loss").and_then(|losses| losses.last());
    if let Some(loss) = last.filter(|loss| !loss.is_finite()) {
        let became = if loss.is_nan() { "NaN" } else { "infinite" };
        console.note(format!(
            "the loss became {became}; `ceratops diagnose`, or training with \
             --terminate-on-divergence, says where that begins"
        ));
    }
}
