//! `ceratops predict`: a model's output for samples.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use ceratops::{
    Error, Result, Tensor,
    core::{Arrays as Given, Inputs, Samples},
    formats::Loaded,
    layers::Model,
};
use clap::Args;
use indicatif::ProgressBar;

use crate::{
    console::Console,
    failure::{Failure, Outcome},
    input::{self, Arrays, Coded, Ends, TableOption},
    model::Source,
    output::{self, Answers, Named},
    places::Places,
    threads::Threads,
    values::count,
};

/// Compute a model's output for samples, which the first axis of the input counts.
#[derive(Debug, Args)]
#[command(after_help = format!("{}\n\n{EXAMPLES}", input::HELP))]
pub(crate) struct Predict {
    #[command(flatten)]
    source: Source,

    /// The samples: an array of the shape that the model takes; of several inputs a .npz whose arrays
    /// have their names.
    #[arg(long, value_name = "X.npy", required_unless_present = "table", conflicts_with = "table")]
    input: Option<PathBuf>,

    #[command(flatten)]
    table: TableOption,

    /// Where the output goes, as the ending says: .npy, .npz, .csv or .json; where the model has several, a
    /// folder will do. Without, a table is printed.
    #[arg(long, value_name = "Y.csv")]
    output: Option<PathBuf>,

    /// A file with the names of the classes, one on each line, in the order of the model's outputs.
    #[arg(long, value_name = "NAMES.txt")]
    classes: Option<PathBuf>,

    /// Print all samples, not only the first 20.
    #[arg(long, conflicts_with = "output")]
    all: bool,

    /// How many samples go through the model at once.
    #[arg(long, value_name = "N", default_value = "1024", value_parser = count,
          allow_negative_numbers = true)]
    batch_size: usize,

    #[command(flatten)]
    threads: Threads,
}

const EXAMPLES: &str = "\
Examples:
  ceratops predict lenet.keras --input digits.npy
  ceratops predict iris.keras --input iris.npy --classes names.txt --output answers.csv
  ceratops predict net.keras --table penguins.csv --output answers.csv
  ceratops predict lenet.keras --input digits.npy --output scores.npy
  ceratops predict model.json --weights w.h5 --input test.npz:x --output y.npy
  cat digits.npy | ceratops predict lenet.h5 --input - --output - > scores.npy";

impl Predict {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let paths = std::iter::once(&self.source.model).chain(&self.input);
        if paths.filter(|path| path.as_os_str() == "-").count() > 1 {
            let message = "the model and --input cannot both be the standard input";
            return Err(Failure::Usage(message.into()));
        }
        self.check_places(self.output.as_slice())?;
        let classes = self.classes.as_deref().map(class_names).transpose()?;
        self.threads.start()?;
        let (arrays, file, classes) = self.data(classes, console)?;
        // Where the model does not know its input yet, the samples say what it is.
        let loaded = match arrays.sample("x")? {
            Some(x) => self.source.open_trained(&x, console)?,
            None => return Err(no_arrays()),
        };
        let given = arrays.given(&Ends::inputs(&loaded.model), file)?;
        let xs = in_order(&loaded.model, given)?;
        let names = output_names(&loaded);
        if let Some(output) = &self.output {
            self.check_places(&output::files(output, &names))?;
            output::check(output, names.len())?;
        }
        let bar = console.progress(xs.first().map_or(0, Tensor::batch));
        // Stateful layers want whole batches of their own length.
        let batch_size = match loaded.model.stateful_batch_size()? {
            Some(len) => (self.batch_size / len.max(1)).max(1) * len,
            None => self.batch_size,
        };
        let outputs = predict(&loaded, names.len(), &xs, batch_size, &bar)?;
        bar.finish_and_clear();
        let outputs: Named = names.into_iter().zip(outputs).collect();
        let answers = Answers { outputs: &outputs, classes: classes.as_deref() };
        answers.check()?;
        match &self.output {
            Some(output) => output::write(output, &answers, console)?,
            None => console.write(answers.table(self.all)?.as_bytes())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Predict {
    /// The samples, the file that they are from, and the names of the classes: those that were given, or those of
    /// the table that the model learned from.
    fn data(
        &self,
        classes: Option<Vec<String>>,
        console: &Console,
    ) -> Outcome<(Arrays, &Path, Option<Vec<String>>)> {
        let coded = self.table.for_model(&self.source.model, console)?;
        if let (Some(Coded { x, encoder, .. }), Some(file)) = (coded, &self.table.table) {
            let names = Some(encoder.class_names().to_vec()).filter(|names| !names.is_empty());
            return Ok((x, file, classes.or(names)));
        }
        match &self.input {
            Some(input) => Ok((input::arrays(input)?, input, classes)),
            None => Err(Failure::Usage("--input, or --table, says what to answer".into())),
        }
    }

    /// Refuses outputs in the places of what is read.
    fn check_places(&self, outputs: &[PathBuf]) -> Outcome<()> {
        let inputs = || {
            let inputs = Places::of_model(&self.source)
                .read("--input", self.input.as_ref())
                .read("--table", self.table.table.as_ref());
            match &self.classes {
                Some(classes) => inputs.read("--classes", classes),
                None => inputs,
            }
        };
        outputs.iter().try_for_each(|path| inputs().written("--output", path.as_path()).check())
    }
}

/// The lines of a file, each of which names a class.
fn class_names(path: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(path).map_err(|e| Error::io(path.display(), e))?;
    let names: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    match names.iter().position(String::is_empty) {
        None => Ok(names),
        Some(line) => {
            let message =
                format!("{}, line {}: expected the name of a class", path.display(), line + 1);
            Err(Error::Data(message))
        }
    }
}

fn no_arrays() -> Failure {
    Failure::failed("the file of the samples holds no arrays")
}

/// The samples for each input of the model, in its order.
fn in_order(model: &Model, given: Given) -> Result<Vec<Tensor>> {
    let given = match (given, model.input_keys()) {
        (given, keys) if keys.is_empty() => given.iter().cloned().collect(),
        (given, keys) => given.in_order("--input", "input", &keys)?,
    };
    given.into_iter().map(|samples: Samples| samples.read(0..samples.len())).collect()
}

/// The names of the model's outputs.
fn output_names(loaded: &Loaded) -> Vec<String> {
    loaded.model.output_names()
}

/// The `count` outputs for the samples of `xs`, one tensor for each input.
fn predict(
    loaded: &Loaded,
    count: usize,
    xs: &[Tensor],
    batch_size: usize,
    bar: &ProgressBar,
) -> Result<Vec<Tensor>> {
    let n = xs.iter().map(Tensor::batch).max().unwrap_or(0);
    let mut parts = vec![Vec::new(); count];
    // Without samples, or an axis that counts them, the model says what it makes of that.
    for start in (0..n.max(1)).step_by(batch_size) {
        let end = n.min(start.saturating_add(batch_size));
        let part = |x: &Tensor| match end {
            0 => Ok(x.clone()),
            // Too few samples of an input are the model's to complain of.
            end => x.batch_slice(start.min(x.batch())..end.min(x.batch())),
        };
        let samples = xs.iter().map(part).collect::<Result<Vec<_>>>()?;
        for (parts, output) in parts.iter_mut().zip(outputs(loaded, samples)?) {
            parts.push(output);
        }
        bar.set_position(end as u64);
    }
    parts.iter().map(|parts| Tensor::concat(parts)).collect()
}

fn outputs(loaded: &Loaded, mut xs: Vec<Tensor>) -> Result<Vec<Tensor>> {
    let inputs = match xs.len() {
        1 => Inputs::One(xs.swap_remove(0)),
        _ => Inputs::List(xs),
    };
    Ok(loaded.model.predict_all(inputs)?.into_tensors())
}
