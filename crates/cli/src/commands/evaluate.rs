//! `ceratops evaluate`: the loss and the metrics of a model on samples whose answers are known.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use ceratops::{
    Tensor,
    formats::{Loaded, Training},
    resume,
    train::{Compile, CompiledModel, Logs},
};
use clap::Args;

use crate::{
    console::{Console, Form},
    failure::{Failure, Outcome},
    input, json,
    model::{Source, measured_output},
    threads::Threads,
    values::{Identifier, loss, metric},
};

/// Measure a model on samples whose right answers are known.
///
/// A file that says how the model was compiled needs no --loss.
#[derive(Debug, Args)]
#[command(after_help = format!("{}\n\n{EXAMPLES}", input::HELP))]
pub(crate) struct Evaluate {
    #[command(flatten)]
    source: Source,

    /// The samples.
    #[arg(long, value_name = "X.npy")]
    x: PathBuf,

    /// Their right answers.
    #[arg(long, value_name = "Y.npy")]
    y: PathBuf,

    /// The loss: a name, or JSON as Keras writes it (also @FILE, or a path that ends in .json).
    #[arg(long, value_name = "LOSS", value_parser = loss)]
    loss: Option<Identifier>,

    /// The metrics, with commas between them.
    #[arg(long, value_name = "M1,M2", value_delimiter = ',', value_parser = metric,
          requires = "loss")]
    metrics: Vec<String>,

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
        input::one_stream([&self.source.model, &self.x, &self.y])?;
        self.threads.start()?;
        let (x, y) = (input::samples(&self.x, "x")?, input::samples(&self.y, "y")?);
        let model = self.compiled(&x.read(0..x.len().min(1))?, console)?;
        let logs = model.evaluate(x.clone(), y)?;
        match (self.format, x.in_memory()) {
            (Form::Json, _) => {
                let numbers = logs.iter().map(|(name, &x)| (name, json::number(x)));
                console.print_json(json::object(numbers))?;
            }
            (Form::Text, Some(x)) => {
                console.print(format_args!("{logs}{}", not_numbers(&model, x, &logs)?))?;
            }
            (Form::Text, None) => console.print(logs)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn compiled(&self, x: &Tensor, console: &Console) -> Outcome<CompiledModel> {
        let mut loaded = self.source.open_trained(x, console)?;
        if let Some(note) = measured_output(&loaded) {
            console.note(format_args!("note: {note}"));
        }
        match &self.loss {
            // Nothing is learned, so that any optimizer will do.
            Some(loss) => Ok(loaded.model.compile("sgd", &loss.value, self.metrics.as_slice())?),
            None => {
                loaded.training = loaded.training.map(Training::without_optimizer);
                compiled_as_saved(loaded, &self.source, "give --loss (and --metrics)")
            }
        }
    }
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
fn not_numbers(model: &CompiledModel, x: &Tensor, logs: &Logs) -> Outcome<String> {
    let mut text = String::new();
    if logs.iter().any(|(_, value)| value.is_nan()) {
        for (what, tensor) in [("samples", x), ("outputs", &model.predict(x)?)] {
            let rows = tensor.as_slice().chunks(tensor.sample_len().max(1));
            let bad = rows.filter(|row| row.iter().any(|number| number.is_nan())).count();
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{bad} of {} {what} hold NaN", tensor.batch());
        }
    }
    Ok(text)
}
