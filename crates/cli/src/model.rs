//! Opening models: from files of any kind or the standard input, with weights of their own file.

use std::{
    io::stdin,
    path::{Path, PathBuf},
};

use ceratops::{
    Error, LoadWeights, Result, Tensor,
    core::Shape,
    formats::{By, Loaded, load_bytes_with},
    layers::Registry,
};
use clap::Args;

use crate::{console::Console, input};

/// Which model.
#[derive(Debug, Clone, Args)]
pub(crate) struct Source {
    /// A file or folder of a model; `-` for the standard input.
    pub(crate) model: PathBuf,

    /// Weights for the model, in place of its own: .weights.h5, .h5, .keras, .safetensors, .npz,
    /// TensorFlow.js.
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,

    /// Give the weights to the layers of the same names; the file may hold others.
    #[arg(long, requires = "weights")]
    by_name: bool,

    /// Let layers that the file does not name keep theirs, and say which.
    #[arg(long, requires = "by_name")]
    allow_missing: bool,
}

impl Source {
    fn by(&self) -> By {
        match (self.by_name, self.allow_missing) {
            (false, _) => By::Position,
            (true, false) => By::Name,
            (true, true) => By::KnownNames,
        }
    }

    /// Loads the model. If the shape of its input is unknown, that of the samples `x` decides.
    pub(crate) fn open(&self, x: Option<&Tensor>, console: &Console) -> Result<Loaded> {
        // Weights that others replace need not be drawn.
        let is_replaced = self.weights.is_some() && !self.allow_missing;
        self.open_with(x, is_replaced, console)
    }

    /// Loads the model; where it comes without weights, they are zeros if they are to be `blank`.
    fn open_with(&self, x: Option<&Tensor>, blank: bool, console: &Console) -> Result<Loaded> {
        let mut loaded = load_with(&self.model, &registry(blank), console)?;
        if let (Some(x), false) = (x, loaded.model.is_built()) {
            let shape = match x.shape() {
                // As in Keras, a vector stands for a column.
                [_] => Shape::batched([1]),
                shape => Shape::of(shape).with_axis(0, None),
            };
            if blank { loaded.model.build_blank(shape)? } else { loaded.model.build(shape)? }
        }
        if let Some(weights) = &self.weights {
            let notes = loaded.model.load_weights_by(weights, self.by())?;
            notes.iter().for_each(|note| console.note(format_args!("note: {note}")));
            loaded.report.notes.extend(notes);
            loaded.has_weights = true;
        }
        Ok(loaded)
    }

    /// The same for a model that will be asked, and must know something.
    pub(crate) fn open_trained(&self, x: &Tensor, console: &Console) -> Result<Loaded> {
        self.open_with_weights(Some(x), console)
    }

    /// Loads the model, which must have weights.
    pub(crate) fn open_with_weights(
        &self,
        x: Option<&Tensor>,
        console: &Console,
    ) -> Result<Loaded> {
        // Nothing is drawn that others replace, or without which the model is refused.
        let blank = self.weights.is_none() || !self.allow_missing;
        let loaded = self.open_with(x, blank, console)?;
        if !loaded.has_weights && loaded.model.count_params() > 0 {
            return Err(Error::Data(format!(
                "{}: this holds an architecture without weights; give them with --weights FILE, or \
                 train the model first (`ceratops train`)",
                input::name(&self.model)
            )));
        }
        Ok(loaded)
    }
}

/// Loads the model at `path`, to be looked at: one without weights has zeros, which take no time.
pub(crate) fn load(path: &Path, console: &Console) -> Result<Loaded> {
    load_with(path, &registry(true), console)
}

fn registry(blank: bool) -> Registry {
    let registry = Registry::builtin();
    if blank { registry.with_blank_weights() } else { registry }
}

fn load_with(path: &Path, registry: &Registry, console: &Console) -> Result<Loaded> {
    let loaded = if path == Path::new("-") {
        let bytes = input::piped(stdin().lock(), "the standard input")?;
        let alone = |name: &str| {
            let why = "the model is in several files; give its path, not its bytes";
            Err(Error::Data(format!("{name} is beside it: {why}")))
        };
        load_bytes_with(&bytes, &alone, registry)
            .map_err(|error| Error::Data(format!("the standard input: {error}")))?
    } else {
        ceratops::load_with(path, registry)?
    };
    console.detail(format_args!("{}: {}", input::name(path), loaded.report));
    Ok(loaded)
}
