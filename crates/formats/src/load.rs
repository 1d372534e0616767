//! From a file to a model: which kind of file it is, what it holds, what was made of it.

use std::{
    fs::{self, File},
    io::{Cursor, Read},
    path::Path,
};

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::{Registry, Sequential};
use serde_json::Value;

use crate::{
    By, Format, Report, Training,
    contents::{Contents, Weights},
    hdf5, json, keras_archive, layer_weights, legacy_h5, named, npy, safetensors, tfjs, weights_h5,
};

/// A model from a file, and what was made of the file.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The model.
    pub model: Sequential,
    /// The kind of file.
    pub format: Format,
    /// Whether the file held weights; if not, the model has fresh ones.
    pub has_weights: bool,
    /// How the model was compiled, and what its optimizer remembers, if the file says so.
    pub training: Option<Training>,
    /// What was read, renamed, put in other words or passed over.
    pub report: Report,
}

/// Loads the model that a file or folder holds. Which kind it is, its first bytes tell, not its
/// name: a `.keras` archive or folder, a legacy `.h5`, the folder or `model.json` of TensorFlow.js,
/// an architecture as JSON (of any Keras, or of TensorFlow.js).
///
/// Nothing in a file is ever executed.
pub fn load(path: impl AsRef<Path>) -> Result<Loaded> {
    load_with(path, &Registry::builtin())
}

/// [`load`] with layers and activations of your own.
pub fn load_with(path: impl AsRef<Path>, registry: &Registry) -> Result<Loaded> {
    let path = path.as_ref();
    let (format, contents) = open(path).map_err(|e| within(e, path))?;
    assemble(format, contents, registry).map_err(|e| within(e, path))
}

/// Puts the file's path in front of an error that does not name it.
fn within(error: Error, path: &Path) -> Error {
    match error {
        error @ Error::Io { .. } => error,
        error => Error::Data(format!("{}: {error}", path.display())),
    }
}

fn open(path: &Path) -> Result<(Format, Contents)> {
    let failed = |e| Error::io(path.display(), e);
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return open_folder(path);
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut start = [0; 16];
    let len = file.read(&mut start).map_err(failed)?;
    match Kind::of(&start[..len]) {
        Kind::Zip => Ok((Format::Keras, keras_archive::contents(file)?)),
        Kind::Json => open_json(path),
        Kind::Hdf5 => of_bytes(&fs::read(path).map_err(failed)?),
        Kind::Safetensors => Err(only_weights("a safetensors file")),
        Kind::Unknown => Err(unknown_kind()),
    }
}

fn open_folder(folder: &Path) -> Result<(Format, Contents)> {
    if folder.join("config.json").is_file() {
        return Ok((Format::Keras, keras_archive::folder_contents(folder)?));
    }
    let model = folder.join("model.json");
    if model.is_file() {
        return open_json(&model);
    }
    Err(Error::Data(
        "this folder holds neither config.json (an unpacked .keras) nor model.json \
         (TensorFlow.js)"
            .into(),
    ))
}

fn open_json(path: &Path) -> Result<(Format, Contents)> {
    let text = fs::read_to_string(path).map_err(|e| Error::io(path.display(), e))?;
    let document = json::parse(&text)?;
    if document.get("weightsManifest").is_some_and(|manifest| !manifest.is_null()) {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        return Ok((Format::TensorFlowJs, tfjs::contents(document, folder)?));
    }
    Ok((Format::Json, architecture(document)))
}

fn architecture(document: Value) -> Contents {
    Contents { document, keras_version: None, weights: Weights::None, training: None }
}

/// Loads the model in the bytes of one file, where there are no files: in a browser, or from a
/// network.
pub fn load_bytes(file: &[u8], registry: &Registry) -> Result<Loaded> {
    let (format, contents) = of_bytes(file)?;
    assemble(format, contents, registry)
}

fn of_bytes(file: &[u8]) -> Result<(Format, Contents)> {
    match Kind::of(file) {
        Kind::Zip => Ok((Format::Keras, keras_archive::contents(Cursor::new(file))?)),
        Kind::Hdf5 => {
            let root = hdf5::read(file)?;
            if !legacy_h5::is_model(&root) {
                return Err(only_weights("an HDF5 file without model_config"));
            }
            Ok((Format::H5, legacy_h5::contents(root)?))
        }
        Kind::Json => {
            let text = str::from_utf8(file).map_err(|e| Error::Data(format!("not text: {e}")))?;
            Ok((Format::Json, architecture(json::parse(text)?)))
        }
        Kind::Safetensors => Err(only_weights("a safetensors file")),
        Kind::Unknown => Err(unknown_kind()),
    }
}

fn only_weights(what: &str) -> Error {
    Error::Data(format!(
        "{what} holds weights alone; load the model from its architecture, then these into it \
         (`load_weights`, `--weights`)"
    ))
}

fn unknown_kind() -> Error {
    Error::Data(
        "this is no file of a model: expected a .keras archive, an HDF5 file, or JSON".into(),
    )
}

/// Makes the model.
fn assemble(format: Format, contents: Contents, registry: &Registry) -> Result<Loaded> {
    let Contents { document, keras_version, weights, training } = contents;
    let json::Loaded { mut model, report } =
        json::read_value(document, keras_version.as_deref(), registry)?;
    let has_weights = !matches!(weights, Weights::None);
    give(&mut model, &weights, By::Position)?;
    Ok(Loaded { model, format, has_weights, training, report })
}

/// Gives `model` the weights of a file, all or none.
fn give(model: &mut Sequential, weights: &Weights, by: By) -> Result<()> {
    match weights {
        Weights::None => Ok(()),
        Weights::Layers(layers) => layer_weights::assign(model, layers, by),
        Weights::Tree(root) => weights_h5::assign(model, root, by),
        Weights::Named(tensors) => named::assign(model, tensors, by),
    }
}

/// Gives `model` the weights in a file, all or none: `.weights.h5`, a legacy `.h5` (of weights or
/// of a whole model), `.keras`, TensorFlow.js, `.safetensors` or `.npz`.
pub fn load_weights(model: &mut Sequential, path: impl AsRef<Path>, by: By) -> Result<()> {
    let path = path.as_ref();
    let weights = open_weights(path).map_err(|e| within(e, path))?;
    give(model, &weights, by).map_err(|e| within(e, path))
}

fn open_weights(path: &Path) -> Result<Weights> {
    let failed = |e| Error::io(path.display(), e);
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return with_weights(open_folder(path)?.1);
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut start = [0; 16];
    let len = file.read(&mut start).map_err(failed)?;
    match Kind::of(&start[..len]) {
        Kind::Zip if is_npz(path) => Ok(Weights::Named(npy::read_npz(file)?)),
        Kind::Zip => with_weights(keras_archive::contents(file)?),
        Kind::Json => with_weights(open_json(path)?.1),
        Kind::Hdf5 => hdf5_weights(&fs::read(path).map_err(failed)?),
        Kind::Safetensors => {
            Ok(Weights::Named(safetensors::read(&fs::read(path).map_err(failed)?)?))
        }
        Kind::Unknown => Err(unknown_kind()),
    }
}

fn is_npz(path: &Path) -> bool {
    Format::of_path(path).is_ok_and(|format| format == Format::Npz)
}

fn hdf5_weights(file: &[u8]) -> Result<Weights> {
    let root = hdf5::read(file)?;
    if legacy_h5::is_legacy(&root) {
        return Ok(Weights::Layers(legacy_h5::layers(&root)?));
    }
    Ok(Weights::Tree(root))
}

fn with_weights(contents: Contents) -> Result<Weights> {
    match contents.weights {
        Weights::None => Err(Error::Data("this file holds an architecture, no weights".into())),
        weights => Ok(weights),
    }
}

/// What the first bytes of a file tell.
enum Kind {
    Zip,
    Hdf5,
    Json,
    Safetensors,
    Unknown,
}

impl Kind {
    fn of(start: &[u8]) -> Self {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        if start.starts_with(b"PK") {
            Self::Zip
        } else if start.starts_with(b"\x89HDF\r\n\x1a\n") {
            Self::Hdf5
        } else if text.starts_with(b"{") || text.starts_with(b"\"") {
            Self::Json
        } else if start.get(8) == Some(&b'{') {
            Self::Safetensors
        } else {
            Self::Unknown
        }
    }
}

/// Every tensor of a file of weights or of a whole model, under its name there, in its order.
pub fn read_weights(path: impl AsRef<Path>) -> Result<Vec<(String, Tensor)>> {
    let path = path.as_ref();
    let weights = open_weights(path).map_err(|e| within(e, path))?;
    Ok(match weights {
        Weights::None => Vec::new(),
        Weights::Layers(layers) => layers.into_iter().flat_map(|layer| layer.weights).collect(),
        Weights::Tree(root) => root.tensors(),
        Weights::Named(tensors) => tensors,
    })
}
