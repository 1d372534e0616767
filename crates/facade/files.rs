//! Models to and from files, with how they are trained.

use std::path::Path;

use ceratops_core::{Error, Result};
use ceratops_formats::{By, Format, Loaded, Note, OptimizerWeights, Training};
use ceratops_layers::{Model, Sequential};
use ceratops_train::{Compile, CompiledModel, CustomObjects, KerasVersion, OptimizerVariables};
use serde_json::Value;

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

impl Save for Model {
    fn save_as(&self, path: impl AsRef<Path>, format: Format) -> Result<Vec<Note>> {
        ceratops_formats::save_as(self, path, format, None)
    }
}

impl Save for Sequential {
    fn save_as(&self, path: impl AsRef<Path>, format: Format) -> Result<Vec<Note>> {
        (**self).save_as(path, format)
    }
}

impl Save for CompiledModel {
    fn save_as(&self, path: impl AsRef<Path>, format: Format) -> Result<Vec<Note>> {
        let training = training_of(self, format)?;
        ceratops_formats::save_as(self.model(), path, format, training.as_ref())
    }
}

/// What a file of that kind says of training.
fn training_of(model: &CompiledModel, format: Format) -> Result<Option<Training>> {
    let config = match format {
        Format::Keras | Format::Json => model.compile_config()?,
        Format::H5 => model.training_config(KerasVersion::V2)?,
        Format::Keras3H5 => model.training_config(KerasVersion::V3)?,
        Format::WeightsH5 => Value::Null,
        _ => return Ok(None),
    };
    let OptimizerVariables { iterations, learning_rate, slots } = model.optimizer_variables();
    // The optimizers of Keras 2 have the learning rate in their config alone.
    let learning_rate = learning_rate.filter(|_| format != Format::H5);
    let optimizer = Some(OptimizerWeights { iterations, learning_rate, slots });
    Ok(Some(Training { config, optimizer }))
}

/// A model that takes weights from a file: Keras' `model.load_weights`. Each way returns what is to
/// be known of the weights: which were converted, which layers keep theirs.
pub trait LoadWeights {
    /// Replaces all weights by those in a file, layer after layer; all or none.
    fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<Vec<Note>> {
        self.load_weights_by(path, By::Position)
    }

    /// Replaces all weights by those that the file has under the same names, among others; all or
    /// none. Where some layers shall keep theirs, as in transfer learning, [`By::KnownNames`] says so:
    ///
    /// ```no_run
    /// use ceratops::{formats::By, prelude::*};
    ///
    /// # let mut model = sequential![Input::new([4]), Dense::new(3)]?;
    /// for note in model.load_weights_by("base.h5", By::KnownNames)? {
    ///     println!("{note}"); // layer "head": missing: the file names no weights for it; ...
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    fn load_weights_by_name(&mut self, path: impl AsRef<Path>) -> Result<Vec<Note>> {
        self.load_weights_by(path, By::Name)
    }

    /// Replaces weights by those in a file, all or none; `by` says how they find their layers.
    fn load_weights_by(&mut self, path: impl AsRef<Path>, by: By) -> Result<Vec<Note>>;
}

impl LoadWeights for Model {
    fn load_weights_by(&mut self, path: impl AsRef<Path>, by: By) -> Result<Vec<Note>> {
        ceratops_formats::load_weights(self, path, by)
    }
}

impl LoadWeights for Sequential {
    fn load_weights_by(&mut self, path: impl AsRef<Path>, by: By) -> Result<Vec<Note>> {
        (**self).load_weights_by(path, by)
    }
}

/// A loaded model compiled as its file says, with what its optimizer remembers, so that training
/// goes on where it stopped.
///
/// # Errors
/// Where the file does not say how the model was compiled, or names an optimizer, a loss or a
/// metric that is not known here. Where only what the optimizer remembers is missing or damaged
/// ([`Loaded::training_lost`]), it begins anew.
pub fn resume(loaded: Loaded) -> Result<CompiledModel> {
    resume_with(loaded, &CustomObjects::new())
}

/// [`resume`] with losses, metrics and optimizers of your own, which the file names.
///
/// ```no_run
/// use ceratops::{prelude::*, train::losses::{Custom, DualNum}};
///
/// let quartic = Custom::each("quartic", |t, p| (p - t).powi(4));
/// let loaded = ceratops::load("quartic.keras")?;
/// let model = ceratops::resume_with(loaded, &CustomObjects::new().with_loss(quartic))?;
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// As there.
pub fn resume_with(loaded: Loaded, custom: &CustomObjects) -> Result<CompiledModel> {
    let lost = loaded.training_lost().map_or_else(String::new, |why| format!(" ({why})"));
    let nothing = || {
        Error::Model(format!(
            "the file does not say how the model was compiled{lost}; compile it anew: \
             loaded.model.compile(optimizer, loss, metrics)"
        ))
    };
    let Training { config, optimizer } = loaded.training.ok_or_else(nothing)?;
    if config.is_null() {
        return Err(nothing());
    }
    let mut model = loaded.model.compile_from_config_with(&config, custom)?;
    if let Some(OptimizerWeights { iterations, learning_rate, slots }) = optimizer {
        model.set_optimizer_variables(OptimizerVariables { iterations, learning_rate, slots })?;
    }
    Ok(model)
}

/// A picture that can be written to a file.
#[cfg(feature = "plot")]
pub trait SavePicture {
    /// Writes the picture to `path`, as its ending says: `.svg` or `.png`. The file is written beside
    /// and renamed.
    ///
    /// ```no_run
    /// use ceratops::{SavePicture, plot};
    ///
    /// plot::activation("gelu", None)?.save("gelu.svg")?;
    /// # Ok::<(), ceratops::Error>(())
    /// ```
    fn save(&self, path: impl AsRef<Path>) -> Result<()>;
}

#[cfg(feature = "plot")]
impl SavePicture for ceratops_plot::Picture {
    fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = self.to_bytes(ceratops_plot::Kind::of_path(path)?)?;
        ceratops_formats::write_whole(path, |file| {
            std::io::Write::write_all(file, &bytes).map_err(|e| Error::io(path.display(), e))
        })
    }
}
