//! `ceratops evaluate`: the loss and the metrics of a model on samples whose answers are known.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use ceratops::{
    Tensor,
    core::{Arrays, Inputs},
    datasets::csv::Encoder,
    formats::{Loaded, Training},
    resume,
    train::{Compile, CompileConfig, CompiledModel, Logs, losses::Losses},
};
use clap::Args;

use crate::{
    console::{Console, Form},
    failure::{Failure, Outcome},
    input::{self, Coded, Ends, TableOption},
    json,
    model::Source,
    threads::Threads,
    values::{Identifier, MetricsOption, all_metrics, loss, metrics},
};

/// Measure a model on samples whose right answers are known.
///
/// A file that says how the model was compiled needs no --loss.
#[derive(Debug, Args)]
#[command(after_help = format!("{}\n\n{EXAMPLES}", input::HELP))]
pub(crate) struct Evaluate {
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

    /// The loss: a name, or JSON as Keras writes it (also @FILE, or a path that ends in .json); for
    /// several outputs a list, or an object by their names.
    #[arg(long, value_name = "LOSS", value_parser = loss)]
    loss: Option<Identifier>,

    /// The metrics, with commas between them; for several outputs JSON likewise.
    #[arg(long, value_name = "M1,M2", value_parser = metrics)]
    metrics: Vec<MetricsOption>,

    /// In which form.
    #[arg(long, value_enum, default_value_t)]
    format: Form,

    #[command(flatten)]
    threads: Threads,
}

const EXAMPLES: &str = "\
Examples:
  ceratops evaluate lenet.keras --x test_x.npy --y test_y.npy
  ceratops evaluate lenet.h5 --x test.npz --y test.npz \\
    --loss sparse_categorical_crossentropy --metrics accuracy
  ceratops evaluate model.json --weights w.npz --x x.npy --y y.npy \\
    --loss mse --format json";

impl Evaluate {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let streams = std::iter::once(&self.source.model).chain(&self.x).chain(&self.y);
        input::one_stream(streams)?;
        self.threads.start()?;
        let ((x, x_file), (y, y_file)) = self.data(console)?;
        let model = self.compiled(x.sample("x")?.as_ref(), console)?;
        let (x, y) = given(&model, (x, x_file), (y, y_file))?;
        let logs = model.evaluate(&x, y)?;
        match (self.format, input::in_memory(&x)) {
            (Form::Json, _) => {
                let numbers = logs.iter().map(|(name, &x)| (name, json::number(x)));
                console.print_json(json::object(numbers))?;
            }
            (Form::Text, Some(x)) => {
                console.print(format_args!("{logs}{}", not_numbers(&model, &x, &logs)?))?;
            }
            (Form::Text, None) => console.print(logs)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The samples and their answers, with the files that they are from.
    fn data(&self, console: &Console) -> Outcome<(From<'_>, From<'_>)> {
        let coded = self.table.for_model(&self.source.model, console)?;
        if let (Some(Coded { x, y, encoder }), Some(file)) = (coded, &self.table.table) {
            let y = y.ok_or_else(|| no_target(file, &encoder))?;
            return Ok(((x, file), (y, file)));
        }
        match (&self.x, &self.y) {
            (Some(x), Some(y)) => Ok(((input::samples(x)?, x), (input::samples(y)?, y))),
            _ => Err(Failure::Usage("--x and --y, or --table, say what to measure on".into())),
        }
    }

    fn compiled(&self, x: Option<&Tensor>, console: &Console) -> Outcome<CompiledModel> {
        let mut loaded = self.source.open_with_weights(x, console)?;
        match &self.loss {
            // Nothing is learned, so that any optimizer will do.
            Some(loss) => {
                let losses = Losses::from_json(&loss.value)?.strict();
                Ok(loaded.model.compile("sgd", losses, all_metrics(&self.metrics)?)?)
            }
            None => {
                loaded.training = loaded.training.map(Training::without_optimizer);
                // Other metrics than the file's, with its loss.
                if let (Some(training), false) = (&loaded.training, self.metrics.is_empty()) {
                    let config = CompileConfig::from_json(&training.config)?;
                    let metrics = all_metrics(&self.metrics)?;
                    return Ok(loaded.model.compile("sgd", config.loss, metrics)?);
                }
                compiled_as_saved(loaded, &self.source, "give --loss (and --metrics)")
            }
        }
    }
}

/// Arrays, and the file that they are from.
type From<'a> = (input::Arrays, &'a Path);

/// The failure where a table has no column of right answers.
pub(super) fn no_target(table: &Path, encoder: &Encoder) -> Failure {
    let (table, target) = (table.display(), encoder.target());
    Failure::failed(format!("{table}: the column `{target}` with the right answers is not there"))
}

/// The arrays for the inputs of a model and for its outputs, from files at these paths.
pub(super) fn given(
    model: &CompiledModel,
    x: (input::Arrays, &Path),
    y: (input::Arrays, &Path),
) -> Outcome<(Arrays, Arrays)> {
    Ok((x.0.given(&Ends::inputs(model), x.1)?, y.0.given(&Ends::outputs(model), y.1)?))
}

/// The model compiled as its file says; where that cannot be done, `advice` says what to do.
fn compiled_as_saved(loaded: Loaded, source: &Source, advice: &str) -> Outcome<CompiledModel> {
    let file = input::name(&source.model);
    if loaded.training.is_none() {
        let lost = loaded.training_lost().map_or_else(String::new, |why| format!(" ({why})"));
        let message =
            format!("{file}: this does not say how the model was compiled{lost}; {advice}");
        return Err(Failure::failed(message));
    }
    resume(loaded).map_err(|error| Failure::failed(format!("{file}: {error}; or {advice}")))
}

/// The same to be trained on, with its optimizer; says what of that was lost.
pub(super) fn resumed_as_saved(
    loaded: Loaded,
    source: &Source,
    console: &Console,
) -> Outcome<CompiledModel> {
    let lost = loaded.training_lost();
    let compiled = compiled_as_saved(loaded, source, "give --optimizer and --loss")?;
    if let Some(why) = lost {
        console.note(format_args!("note: {why}"));
    }
    Ok(compiled)
}

/// What there is to say of NaN where some came out.
fn not_numbers(model: &CompiledModel, x: &Inputs, logs: &Logs) -> Outcome<String> {
    if !logs.iter().any(|(_, value)| value.is_nan()) {
        return Ok(String::new());
    }
    let outputs = model.predict_all(x.clone())?;
    Ok(rows_with_nan("samples", x.iter())
        + &rows_with_nan("outputs", outputs.iter().map(|(_, y)| y)))
}

/// How many rows of the first axis hold NaN in one of the `tensors`.
fn rows_with_nan<'a>(what: &str, tensors: impl Iterator<Item = &'a Tensor>) -> String {
    let mut bad: Vec<bool> = Vec::new();
    for tensor in tensors {
        bad.resize(bad.len().max(tensor.batch()), false);
        let rows = tensor.as_slice().chunks(tensor.sample_len().max(1));
        bad.iter_mut().zip(rows).for_each(|(bad, row)| *bad |= row.iter().any(|x| x.is_nan()));
    }
    let count = bad.iter().filter(|bad| **bad).count();
    format!("\n{count} of {} {what} hold NaN", bad.len())
}
