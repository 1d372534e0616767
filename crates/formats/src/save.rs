//! From a model to a file.

use std::{io::Write, path::Path};

use ceratops_core::{Error, Result};
use ceratops_layers::Sequential;
use serde_json::Value;

use crate::{
    Format, ModelJson, Note, Training, hdf5, keras_archive, legacy_h5, named, npy, safetensors,
    tfjs, weights_h5, whole::write_whole,
};

/// Writes `model` to `path`, in the kind of file that its ending stands for; with `training` where
/// the kind has a place for it. Returns what had to be put in other words.
///
/// The file is written beside and renamed, so that it is there as a whole or not at all.
pub fn save(
    model: &Sequential,
    path: impl AsRef<Path>,
    training: Option<&Training>,
) -> Result<Vec<Note>> {
    let format = Format::of_path(path.as_ref())?;
    save_as(model, path, format, training)
}

/// [`save`] as a kind of file of your choice.
pub fn save_as(
    model: &Sequential,
    path: impl AsRef<Path>,
    format: Format,
    training: Option<&Training>,
) -> Result<Vec<Note>> {
    let path = path.as_ref();
    match format {
        Format::Keras => {
            let (document, notes) = document(model, format)?;
            let tree = weights_h5::tree(model, training)?;
            write_whole(path, |file| keras_archive::write(file, &document, &tree))?;
            Ok(notes)
        }
        Format::H5 => {
            let (document, notes) = document(model, format)?;
            let tree = legacy_h5::tree(model, &document, training)?;
            write_whole(path, |file| hdf5::write(&tree, file))?;
            Ok(notes)
        }
        Format::WeightsH5 => {
            let tree = weights_h5::tree(model, training)?;
            write_whole(path, |file| hdf5::write(&tree, file))?;
            Ok(Vec::new())
        }
        Format::Json | Format::Keras2Json | Format::PortableJson => {
            let (document, notes) = document(model, format)?;
            write_whole(path, |file| {
                let failed = |e| Error::io(path.display(), e);
                file.write_all(document.to_string().as_bytes()).map_err(failed)
            })?;
            Ok(notes)
        }
        Format::TensorFlowJs => {
            let (topology, notes) = document(model, format)?;
            tfjs::write(path, topology, &named::weights(model), training)?;
            Ok(notes)
        }
        Format::Safetensors => {
            write_whole(path, |file| safetensors::write(file, &named::weights(model)))?;
            Ok(Vec::new())
        }
        Format::Npz => {
            write_whole(path, |file| npy::write_npz(file, &named::weights(model)))?;
            Ok(Vec::new())
        }
    }
}

/// The architecture in the words of that kind of file.
fn document(model: &Sequential, format: Format) -> Result<(Value, Vec<Note>)> {
    // The other dialects come with their writers.
    let _ = format;
    let text = model.to_json()?;
    let document = serde_json::from_str(&text).map_err(|e| Error::Model(e.to_string()))?;
    Ok((document, Vec::new()))
}
