//! From a file to a model: which kind of file it is, what it holds, what was made of it.

use std::{io::Cursor, path::Path};

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::{Model, Registry, Sequential};

use crate::{
    By, Change, Format, Note, Report, Training,
    contents::{Contents, Weights},
    json, layer_weights, named,
    open::{self, Found},
    training, weights_h5,
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
    /// How the model was compiled, and what its optimizer remembers, if the file says so. Where it
    /// cannot be read, [`Loaded::training_lost`] tells why.
    pub training: Option<Training>,
    /// What was read, renamed, put in other words or passed over.
    pub report: Report,
}

impl Loaded {
    /// Why the file's training, or a part of it, could not be read. It never stands in the way of the
    /// model, which computes the same without.
    pub fn training_lost(&self) -> Option<String> {
        let notes = self.report.notes.iter().filter(|note| training::is_of_training(note));
        let texts: Vec<String> = notes.map(ToString::to_string).collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }
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
    open::open(path).and_then(|found| made(found, registry)).map_err(|e| within(e, path))
}

/// [`load`] of the bytes of one file: from a network, in a browser, or built into the program with
/// `include_bytes!("model.keras")`.
///
/// ```
/// use ceratops_formats::{ModelJson, load_bytes};
/// use ceratops_layers::{Dense, Input, sequential};
///
/// let json = sequential![Input::new([4]), Dense::new(3)]?.to_json()?;
/// assert_eq!(load_bytes(json.as_bytes())?.model.count_params(), 15);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// As [`load`], and for a file that needs others beside it, which [`load_bytes_with`] can give it.
pub fn load_bytes(file: &[u8]) -> Result<Loaded> {
    let alone = |name: &str| {
        let help = "load the folder, or give its files with `load_bytes_with`";
        Err(Error::Data(format!("the weights are in another file, {name}; {help}")))
    };
    load_bytes_with(file, &alone, &Registry::builtin())
}

/// [`load_bytes`] with layers and activations of your own. `fetch` gives the bytes of another file that this
/// one names, such as a shard of TensorFlow.js.
pub fn load_bytes_with(
    file: &[u8],
    fetch: &dyn Fn(&str) -> Result<Vec<u8>>,
    registry: &Registry,
) -> Result<Loaded> {
    made(open::read(Cursor::new(file), &|name, _| fetch(name))?, registry)
}

/// Puts the file's path in front of an error that does not name it.
fn within(error: Error, path: &Path) -> Error {
    match error {
        error @ Error::Io { .. } => error,
        error => Error::Data(format!("{}: {error}", path.display())),
    }
}

/// Makes the model of what was found.
fn made(found: Found, registry: &Registry) -> Result<Loaded> {
    match found {
        Found::Model(format, contents) => assemble(format, *contents, registry),
        Found::Weights(what, _) => Err(Error::Data(format!(
            "{what} holds weights alone; load the model from its architecture, then these into it \
             (`load_weights`, `--weights`)"
        ))),
    }
}

fn assemble(format: Format, contents: Contents, registry: &Registry) -> Result<Loaded> {
    let Contents { document, keras_version, weights, training, notes } = contents;
    let has_weights = !matches!(weights, Weights::None);
    let registry = registry.clone();
    let registry = if has_weights { registry.with_blank_weights() } else { registry };
    let json::Loaded { mut model, mut report, training: config } =
        json::read_value(document, keras_version.as_deref(), &registry)?;
    // Of the architecture these are no part, but here they are not passed over.
    let taken = ["compile_config", "training_config", "trainingConfig", "weightsManifest"];
    report.notes.retain(|note| {
        let key = note.path.rsplit('.').next().unwrap_or_default();
        note.change != Change::Ignored || !taken.contains(&key)
    });
    report.notes.extend(notes);
    report.notes.extend(give(&mut model, &weights, By::Position)?);
    let mut training =
        training.or_else(|| config.map(|config| Training { config, optimizer: None }));
    training.iter_mut().for_each(|training| json::resolve_clipping(&mut training.config));
    Ok(Loaded { model, format, has_weights, training, report })
}

/// Gives `model` the weights of a file, all or none.
fn give(model: &mut Model, weights: &Weights, by: By) -> Result<Vec<Note>> {
    match weights {
        Weights::None => Ok(Vec::new()),
        Weights::Layers(layers) => layer_weights::assign(model, layers, by),
        Weights::Tree(root) => weights_h5::assign(model, root, by),
        Weights::Named(tensors) => named::assign(model, tensors, by),
    }
}

/// Gives `model` the weights in a file, all or none: `.weights.h5`, a legacy `.h5` (of weights or
/// of a whole model), `.keras`, TensorFlow.js, `.safetensors` or `.npz`. Returns what is to be known of
/// them: which layers keep theirs ([`By::KnownNames`]), which were converted.
pub fn load_weights(model: &mut Model, path: impl AsRef<Path>, by: By) -> Result<Vec<Note>> {
    let path = path.as_ref();
    let weights = open::open(path).and_then(weights_of);
    weights.and_then(|weights| give(model, &weights, by)).map_err(|e| within(e, path))
}

/// [`load_weights`] of the bytes of one file; see [`load_bytes_with`].
pub fn load_weights_bytes(
    model: &mut Model,
    file: &[u8],
    fetch: &dyn Fn(&str) -> Result<Vec<u8>>,
    by: By,
) -> Result<Vec<Note>> {
    give(model, &weights_of(open::read(Cursor::new(file), &|name, _| fetch(name))?)?, by)
}

/// Every tensor of a file of weights or of a whole model, under its name there, in its order.
pub fn read_weights(path: impl AsRef<Path>) -> Result<Vec<(String, Tensor)>> {
    let path = path.as_ref();
    let weights = open::open(path).and_then(weights_of).map_err(|e| within(e, path))?;
    Ok(match weights {
        Weights::None => Vec::new(),
        Weights::Layers(file) => file.layers.into_iter().flat_map(|layer| layer.weights).collect(),
        Weights::Tree(root) => root.tensors(),
        Weights::Named(tensors) => tensors,
    })
}

/// What the file of a whole model says of its layers, whatever their classes: for who only looks at it.
/// No model is made, so that one which cannot be run here can be looked at, too.
pub fn read_outline(path: impl AsRef<Path>) -> Result<(Format, json::Outline)> {
    let path = path.as_ref();
    let read = || match open::open(path)? {
        Found::Model(format, contents) => {
            Ok((format, json::outline(contents.document, contents.keras_version.as_deref())?))
        }
        Found::Weights(what, _) => Err(Error::Data(format!("{what} holds weights alone"))),
    };
    read().map_err(|e| within(e, path))
}

fn weights_of(found: Found) -> Result<Weights> {
    match found {
        Found::Weights(_, weights) => Ok(weights),
        Found::Model(_, contents) => match contents.weights {
            Weights::None => Err(Error::Data("this file holds an architecture, no weights".into())),
            weights => Ok(weights),
        },
    }
}
