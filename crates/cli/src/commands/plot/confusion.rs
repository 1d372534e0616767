//! `ceratops plot confusion`: which classes a model takes for which.

use std::path::PathBuf;

use ceratops::plot::{self, Picture};
use clap::Args;

use super::Out;
use crate::{
    console::Console,
    failure::{Failure, Outcome},
    input,
    model::Source,
    places::Places,
    threads::Threads,
};

/// Which classes a model takes for which: a row for each true class, a column for each answer.
#[derive(Debug, Args)]
#[command(after_help = format!("{}\n\n{}", input::HELP, "\
Examples:
  ceratops plot confusion lenet.keras --x digits.npz --y digits.npz -o confusion.svg
  ceratops plot confusion pets.h5 --x x.npy --y y.npy --labels cat,dog,horse -o pets.png"))]
pub(super) struct Confusion {
    #[command(flatten)]
    source: Source,

    /// The samples.
    #[arg(long, value_name = "X.npy")]
    x: PathBuf,

    /// Their classes: numbers, or one-hot rows.
    #[arg(long, value_name = "Y.npy")]
    y: PathBuf,

    /// The names of the classes, with commas between them.
    #[arg(long, value_name = "L1,L2", value_delimiter = ',')]
    labels: Option<Vec<String>>,

    #[command(flatten)]
    threads: Threads,

    #[command(flatten)]
    pub(super) out: Out,
}

impl Confusion {
    /// What is read.
    pub(super) fn places(&self) -> Places {
        Places::of_model(&self.source).read("--x", &self.x).read("--y", &self.y)
    }

    pub(super) fn picture(&self, console: &Console) -> Outcome<Picture> {
        input::one_stream([&self.source.model, &self.x, &self.y])?;
        self.threads.start()?;
        let (model, x) = input::samples_for(&self.source, &self.x, console)?;
        let y = input::labels_for(&model, &self.y)?;
        let outputs = model.predict_all(x)?.into_tensors();
        let [output] = outputs.as_slice() else {
            let message =
                format!("a model of one output is needed, and this has {}", outputs.len());
            return Err(Failure::failed(message));
        };
        let counts = plot::confusion_counts(&y, output)?;
        Ok(plot::confusion_matrix(&counts, self.labels.as_deref())?)
    }
}
