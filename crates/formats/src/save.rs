//! From a model to a file.

use std::{borrow::Cow, collections::BTreeMap, io::Write, path::Path};

use ceratops_core::{Error, Result};
use ceratops_layers::{Model, Node, Registry};
use serde_json::Value;

use crate::{
    Format, Note, Training, hdf5,
    json::{self, Change, Words, WriteOptions},
    keras_archive, legacy_h5, named, npy, safetensors, tfjs,
    training::OPTIMIZER,
    weights_h5,
    whole::write_whole,
};

/// Writes `model` to `path`, in the kind of file that its ending stands for; with `training` where
/// the kind has a place for it. Returns what had to be put in other words.
///
/// The file is written beside and renamed, so that it is there as a whole or not at all.
///
/// ```no_run
/// use ceratops_layers::{Dense, Input, sequential};
///
/// let model = sequential![Input::new([4]), Dense::new(3)]?;
/// ceratops_formats::save(&model, "model.keras", None)?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn save(
    model: &Model,
    path: impl AsRef<Path>,
    training: Option<&Training>,
) -> Result<Vec<Note>> {
    let format = Format::of_path(path.as_ref())?;
    save_as(model, path, format, training)
}

/// [`save`] as a kind of file of your choice. The config in `training` is written as it is: it has
/// to be what that kind of file holds.
pub fn save_as(
    model: &Model,
    path: impl AsRef<Path>,
    format: Format,
    training: Option<&Training>,
) -> Result<Vec<Note>> {
    let path = path.as_ref();
    match format.words() {
        Some(words) => {
            let ordered = model.in_keras_order();
            let (lost, training) = match (&ordered, training) {
                (Some(_), Some(training @ Training { optimizer: Some(_), .. })) => {
                    (true, Some(Cow::Owned(Training { optimizer: None, ..training.clone() })))
                }
                (_, training) => (false, training.map(Cow::Borrowed)),
            };
            let training = training.as_deref();
            let mut written = Written::of(ordered.as_ref().unwrap_or(model), words, training)?;
            if lost {
                let text = "it is in the order of the layers, which is another one in Keras where \
                            masks are not written as operations";
                let (path, change) = (OPTIMIZER.to_owned(), Change::LeftOut);
                written.notes.push(Note { path, change, text: text.into() });
            }
            if matches!(format, Format::H5 | Format::Keras3H5) {
                written.notes.extend(legacy_h5::check(&written.document, format)?);
            }
            written.write(path, format, training)?;
            Ok(written.notes)
        }
        None => save_weights(model, path, format, training).map(|()| Vec::new()),
    }
}

/// Refuses what [`save_as`] would refuse of the architecture of `model`, and writes nothing: so that it
/// is known before a long training, and not when its result is to be kept.
pub fn check_savable(model: &Model, format: Format) -> Result<()> {
    let Some(words) = format.words() else { return Ok(()) };
    let written = Written::of(model, words, None)?;
    if matches!(format, Format::H5 | Format::Keras3H5) {
        legacy_h5::check(&written.document, format)?;
    }
    json::to_text(&written.document).map(drop)
}

fn save_weights(
    model: &Model,
    path: &Path,
    format: Format,
    training: Option<&Training>,
) -> Result<()> {
    if format == Format::WeightsH5 {
        let tree = weights_h5::tree(model, training)?;
        return write_whole(path, |file| hdf5::write(&tree, file));
    }
    let weights = named::weights(model)?;
    write_whole(path, |file| match format {
        Format::Safetensors => safetensors::write(file, &weights, &BTreeMap::new()),
        _ => npy::write_npz(file, &weights),
    })
}

/// An architecture in somebody's words, and the model that it describes.
struct Written<'a> {
    document: Value,
    /// The model, or its equal where some layers have become others.
    model: Cow<'a, Model>,
    notes: Vec<Note>,
}

impl<'a> Written<'a> {
    fn of(model: &'a Model, words: Words, training: Option<&Training>) -> Result<Self> {
        let config = training.map(|training| training.config.clone());
        let compile_config = config.filter(|config| words == Words::Keras3 && !config.is_null());
        let json::Written { document, notes } =
            json::write_as(model, words, &WriteOptions { compile_config })?;
        let model = if has_layers_of(&document["config"], model) {
            Cow::Borrowed(model)
        } else {
            Cow::Owned(rewritten(&document, model)?)
        };
        Ok(Self { document, model, notes })
    }

    fn write(&self, path: &Path, format: Format, training: Option<&Training>) -> Result<()> {
        let Self { document, model, .. } = self;
        match format {
            Format::Keras => {
                let tree = weights_h5::tree(model, training)?;
                write_whole(path, |file| keras_archive::write(file, document, &tree))
            }
            Format::H5 | Format::Keras3H5 => {
                let tree = legacy_h5::tree(model, document, training)?;
                write_whole(path, |file| hdf5::write(&tree, file))
            }
            Format::TensorFlowJs => {
                tfjs::write(path, document.clone(), &named::weights(model)?, training)
            }
            _ => {
                let text = json::to_text(document)?;
                write_whole(path, |file| {
                    file.write_all(text.as_bytes()).map_err(|e| Error::io(path.display(), e))
                })
            }
        }
    }
}

/// Whether the config has the model's own layers, one for one and under their names.
fn has_layers_of(config: &Value, model: &Model) -> bool {
    let layers = config["layers"].as_array().map_or(&[][..], Vec::as_slice);
    let layers: Vec<&Value> =
        layers.iter().filter(|layer| layer["class_name"] != "InputLayer").collect();
    let is_own = |(layer, node): (&&Value, &Node)| {
        let alike = match node.as_model() {
            Some(nested) => has_layers_of(&layer["config"], nested),
            None => layer["class_name"] == node.class_name(),
        };
        alike && layer["config"]["name"] == node.name()
    };
    layers.len() == model.layers().len() && layers.iter().zip(model.layers()).all(is_own)
}

/// The model that `document` describes, with the weights of `model`, which computes the same.
fn rewritten(document: &Value, model: &Model) -> Result<Model> {
    let registry = Registry::builtin().with_blank_weights();
    let mut rewritten = json::read_value(document.clone(), None, &registry)?.model;
    // A layer that has become two keeps its weights in their order.
    rewritten.set_weights(&model.get_weights())?;
    Ok(rewritten.into())
}
