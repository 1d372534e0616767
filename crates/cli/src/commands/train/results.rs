//! What is left of a training: the model, its history, a picture of it.

use std::{env, io::Write, path::Path, process};

use ceratops::{
    Error, Result, Save, SavePicture,
    formats::{Note, write_whole},
    plot,
    train::{CompiledModel, History},
};

use super::Train;
use crate::{
    console::Console,
    failure::{Failure, Outcome},
    json,
};

impl Train {
    /// Writes them all; what cannot be written keeps none of the others from it.
    pub(super) fn write(
        &self,
        model: &CompiledModel,
        history: &History,
        console: &Console,
    ) -> Outcome<()> {
        let model = self.write_model(model, console);
        let table = self.history.as_ref().map_or(Ok(()), |path| write_history(path, history));
        // A training that was interrupted at once has nothing to show.
        let picture = self.plot.as_ref().filter(|_| !history.epoch.is_empty());
        let picture = picture.map_or(Ok(()), |path| plot::history(&history.history)?.save(path));
        model?;
        table?;
        Ok(picture?)
    }

    /// Writes the model; where that fails, among the temporary files, so that it is not lost.
    pub(super) fn write_model(&self, model: &CompiledModel, console: &Console) -> Outcome<()> {
        let error = match self.save(model, &self.out) {
            Ok(notes) => {
                super::note_changes(&notes, console);
                return Ok(());
            }
            Err(error) => error,
        };
        let name = self.out.file_name().unwrap_or_default().to_string_lossy();
        let rescue = env::temp_dir().join(format!("ceratops-{}-{name}", process::id()));
        Err(Failure::failed(match self.save(model, &rescue) {
            Ok(_) => format!("{error}; the trained model is in {} instead", rescue.display()),
            Err(again) => format!("{error}; the trained model is lost, for {again}"),
        }))
    }

    fn save(&self, model: &CompiledModel, path: &Path) -> Result<Vec<Note>> {
        model.save_as(path, self.format()?)
    }

    /// Keeps the model of a training that ended because something could not be read or written.
    pub(super) fn keep(
        &self,
        error: Error,
        model: &CompiledModel,
        before: u64,
        console: &Console,
    ) -> Failure {
        let has_learned = model.optimizer_state().iterations() > before;
        if !matches!(error, Error::Io { .. }) || !has_learned {
            return error.into();
        }
        if let Err(Failure::Failed(more)) = self.write_model(model, console) {
            return Failure::failed(format!("{error}; and {more}"));
        }
        let out = self.out.display();
        Failure::failed(format!("{error}; {out} is the model as it was then"))
    }
}

/// Writes `{"loss": [...], ...}`, a value for each epoch, as [`json::number`] has them.
fn write_history(path: &Path, history: &History) -> Result<()> {
    let values = history.history.iter();
    let text = json::object(values.map(|(name, values)| (name, json::numbers(values))));
    write_whole(path, |file| {
        file.write_all(format!("{text}\n").as_bytes()).map_err(|e| Error::io(path.display(), e))
    })
}
