//! `ceratops convert`: from one kind of file to another.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, ExitCode},
};

use ceratops::{
    Error, Result, Save,
    formats::{Format, Loaded, Note},
    resume,
};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use crate::{
    console::Console,
    failure::{Failure, Outcome},
    model::{Source, load},
    output,
    places::Places,
};

/// Write a model as another kind of file, with its weights and the state of its training where the
/// kind has a place for them.
#[derive(Debug, Args)]
#[command(after_help = "\
The ending of OUT says which kind of file it becomes: .keras, .h5, .weights.h5, .json, model.json \
(the folder of TensorFlow.js), .safetensors, .npz. Architectures as JSON come in three dialects: \
json (Keras 3), keras2-json, and portable-json, which Keras 3, Keras 2 and TensorFlow.js all read. \
An .h5 is written for Keras 2; Keras 3 opens it too, but with the optimizer's default settings, which \
`--to keras3-h5` avoids.

Examples:
  ceratops convert old.h5 new.keras
  ceratops convert model.keras web --to tfjs
  ceratops convert model.json model.keras --weights model.weights.h5
  ceratops convert model.keras - --to portable-json | jq .")]
pub(crate) struct Convert {
    #[command(flatten)]
    source: Source,

    /// The file to write; `-` for the standard output.
    out: PathBuf,

    /// The kind of file, where the ending of OUT does not say it.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    to: Option<Format>,
}

/// Reads the name of a kind of file.
pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::all().map(Format::name))
        .try_map(|name| name.parse::<Format>())
}

impl Convert {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let piped = self.out == Path::new("-");
        let format = match self.to {
            Some(format) => format,
            None if piped => {
                let message = "say with --to FORMAT what goes to the standard output";
                return Err(Failure::Usage(message.into()));
            }
            None => Format::of_path(&self.out)?,
        };
        if piped && format == Format::TensorFlowJs {
            let message = "TensorFlow.js has several files to a model, and the standard output \
                           takes one";
            return Err(Failure::Usage(message.into()));
        }
        let places = Places::of_model(&self.source).result("OUT", &self.out, format);
        places.check()?;
        if !piped {
            check_place(&self.out, format)?;
        }
        let loaded = if is_architecture(format) && self.source.weights.is_none() {
            load(&self.source.model, console)?
        } else {
            self.source.open(None, console)?
        };
        if loaded.has_weights && is_architecture(format) && places.renews_the_model() {
            let message = format!(
                "{format} holds no weights, and OUT is MODEL itself: they would be lost; give OUT another place"
            );
            return Err(Failure::Usage(message));
        }
        let notes = notes(&loaded, format);
        if piped {
            let bytes = bytes(loaded, format, console)?;
            console.write(&bytes)?;
        } else {
            write(loaded, &self.out, format, console)?;
        }
        notes.iter().for_each(|note| console.note(format_args!("note: {note}")));
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes the model, compiled as its file says, so that training can go on where it goes.
fn save(loaded: Loaded, out: &Path, format: Format, console: &Console) -> Result<()> {
    let resumed = loaded.training.is_some().then(|| resume(loaded.clone()));
    let notes = match resumed {
        Some(Ok(compiled)) => compiled.save_as(out, format)?,
        Some(Err(error)) => {
            console.note(format_args!("note: the training is left out: {error}"));
            loaded.model.save_as(out, format)?
        }
        None => loaded.model.save_as(out, format)?,
    };
    note_changes(&notes, console);
    Ok(())
}

/// Says what had to be put in other words.
pub(super) fn note_changes(notes: &[Note], console: &Console) {
    notes.iter().for_each(|note| console.note(format_args!("note: {note}")));
}

/// Whether such a file holds no weights.
pub(super) fn is_architecture(format: Format) -> bool {
    matches!(format, Format::Json | Format::Keras2Json | Format::PortableJson)
}

/// What the new file will not hold, or will although the old one did not.
fn notes(loaded: &Loaded, format: Format) -> Vec<String> {
    let trains = matches!(
        format,
        Format::Keras | Format::H5 | Format::Keras3H5 | Format::WeightsH5 | Format::Json
    );
    let mut notes = Vec::new();
    if !is_architecture(format) && !loaded.has_weights {
        notes.push("the model came without weights; those written are fresh ones".into());
    }
    if !trains && loaded.training.is_some() {
        notes.push(format!("{format} does not hold the state of training"));
    }
    notes
}

/// Refuses a place to which a model of that kind could not be written, before the work is done.
pub(super) fn check_place(out: &Path, format: Format) -> Result<()> {
    let names_file = out.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    if format == Format::TensorFlowJs {
        let folder = if names_file { out.parent().unwrap_or(out) } else { out };
        return output::check_folder(folder);
    }
    if out.is_dir() {
        return Err(Error::io(out.display(), "this is a folder; name a file"));
    }
    output::check_file(out)
}

/// Writes the file, of TensorFlow.js into the folder `out` if no file is named.
fn write(loaded: Loaded, out: &Path, format: Format, console: &Console) -> Result<()> {
    let names_file = out.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    if format == Format::TensorFlowJs && !names_file {
        let is_new = !out.exists();
        fs::create_dir_all(out).map_err(|e| Error::io(out.display(), e))?;
        let saved = save(loaded, &out.join("model.json"), format, console);
        if saved.is_err() && is_new {
            // The first error is the one to tell.
            drop(fs::remove_dir(out));
        }
        return saved;
    }
    save(loaded, out, format, console)
}

/// The bytes of the file that the model becomes.
fn bytes(loaded: Loaded, format: Format, console: &Console) -> Outcome<Vec<u8>> {
    // Writers go back and forth in their file, which a pipe does not allow. The folder must be new,
    // so that nobody else has put anything there.
    let folder = env::temp_dir().join(format!("ceratops-{}", process::id()));
    let failed = |e| Error::io(folder.display(), e);
    fs::create_dir(&folder).map_err(failed)?;
    let path = folder.join("model");
    let saved = save(loaded, &path, format, console);
    let bytes = saved.and_then(|()| fs::read(&path).map_err(failed));
    fs::remove_dir_all(&folder).map_err(failed)?;
    Ok(bytes?)
}
