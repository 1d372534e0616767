//! What a file holds: its first bytes tell, not its name.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use ceratops_core::{Error, Result};
use serde_json::Value;

use crate::{
    Format,
    contents::{Contents, Weights},
    foreign, hdf5,
    inside::read_inside,
    json, keras_archive, legacy_h5, npy, safetensors, sharded, tfjs, zip,
};

/// What a file holds.
pub(crate) enum Found {
    /// A model, with or without weights.
    Model(Format, Box<Contents>),
    /// Weights alone; the text says in what.
    Weights(&'static str, Weights),
}

/// Gives the bytes of a file that another file names, so many at most.
pub(crate) type Fetch<'a> = &'a dyn Fn(&str, u64) -> Result<Vec<u8>>;

/// Opens a file or a folder.
pub(crate) fn open(path: &Path) -> Result<Found> {
    let failed = |e| Error::io(path.display(), e);
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return open_folder(path);
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let file = File::open(path).map_err(failed)?;
    read(file, &|name, most| read_inside(folder, name, most))
}

fn open_folder(folder: &Path) -> Result<Found> {
    if folder.join("config.json").is_file() {
        return Ok(Found::Model(Format::Keras, Box::new(keras_archive::folder_contents(folder)?)));
    }
    let model = folder.join("model.json");
    if model.is_file() {
        return open(&model);
    }
    Err(Error::Data(foreign::of_folder(folder)))
}

/// Reads a file, and by `fetch` those that it names.
pub(crate) fn read(mut file: impl Read + Seek, fetch: Fetch<'_>) -> Result<Found> {
    let mut start = Vec::new();
    file.by_ref().take(foreign::SEEN).read_to_end(&mut start).map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    match Kind::of(&start) {
        Kind::Zip => of_zip(file),
        Kind::Hdf5 => of_hdf5(&bytes(file)?),
        // A block of a user's own may look like any of these.
        Kind::Json | Kind::Foreign(_) if has_user_block(&mut file)? => of_hdf5(&bytes(file)?),
        Kind::Json => of_json(&bytes(file)?, fetch),
        Kind::Safetensors => {
            let tensors = safetensors::read(&bytes(file)?)?;
            Ok(Found::Weights("a safetensors file", Weights::Named(tensors)))
        }
        Kind::Npy => Err(Error::Data(
            "a .npy file holds one array and no model; of weights, .npz holds any number".into(),
        )),
        Kind::Empty => Err(Error::Data("the file is empty; write or download it once more".into())),
        Kind::Foreign(what) => Err(Error::Data(what)),
    }
}

/// Whether this is an HDF5 file behind a block of other data; `file` is left at its beginning.
fn has_user_block(file: &mut (impl Read + Seek)) -> Result<bool> {
    let len = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let (mut signature, mut found) = ([0; hdf5::SIGNATURE.len()], false);
    for place in hdf5::places().take_while(|place| place + 8 <= len) {
        file.seek(SeekFrom::Start(place)).map_err(unreadable)?;
        file.read_exact(&mut signature).map_err(unreadable)?;
        if signature == *hdf5::SIGNATURE {
            found = true;
            break;
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    Ok(found)
}

fn bytes(mut file: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn unreadable(error: std::io::Error) -> Error {
    Error::Data(format!("cannot be read: {error}"))
}

/// Both `.keras` and `.npz` are zip archives; their members tell which.
fn of_zip(file: impl Read + Seek) -> Result<Found> {
    let mut archive = zip::Archive::open(file)?;
    let is_npz = archive.find(keras_archive::CONFIG).is_none()
        && archive.names().all(|name| name.ends_with(".npy"));
    if is_npz {
        let tensors = npy::read_archive(&mut archive)?;
        return Ok(Found::Weights("a .npz file", Weights::Named(tensors)));
    }
    let is_keras = archive.find(keras_archive::CONFIG).is_some();
    match foreign::of_archive(archive.names()).filter(|_| !is_keras) {
        Some(what) => Err(Error::Data(what)),
        None => Ok(Found::Model(Format::Keras, Box::new(keras_archive::contents(&mut archive)?))),
    }
}

fn of_hdf5(file: &[u8]) -> Result<Found> {
    let root = hdf5::read(file)?;
    if legacy_h5::is_model(&root) {
        return Ok(Found::Model(Format::H5, Box::new(legacy_h5::contents(root)?)));
    }
    let weights = if legacy_h5::is_legacy(&root) {
        Weights::Layers(legacy_h5::layers(&root)?)
    } else {
        Weights::Tree(root)
    };
    Ok(Found::Weights("an HDF5 file without model_config", weights))
}

/// An architecture, a `model.json` of TensorFlow.js, or Keras' list of files of weights.
fn of_json(text: &[u8], fetch: Fetch<'_>) -> Result<Found> {
    let document = json::parse_bytes(text)?;
    if sharded::is_list(&document) {
        let tree = sharded::read(&document, fetch)?;
        return Ok(Found::Weights("Keras' list of files of weights", Weights::Tree(tree)));
    }
    if document.get("weightsManifest").is_some_and(|manifest| !manifest.is_null()) {
        return Ok(Found::Model(Format::TensorFlowJs, Box::new(tfjs::contents(document, fetch)?)));
    }
    if let Some(what) = foreign::of_json(&document) {
        return Err(Error::Data(what));
    }
    Ok(Found::Model(Format::Json, Box::new(architecture(document))))
}

fn architecture(document: Value) -> Contents {
    Contents {
        document,
        keras_version: None,
        weights: Weights::None,
        training: None,
        notes: Vec::new(),
    }
}

/// What the first bytes of a file tell.
enum Kind {
    Zip,
    Hdf5,
    Json,
    Safetensors,
    Npy,
    Empty,
    /// No model; the text says what it is instead.
    Foreign(String),
}

impl Kind {
    fn of(start: &[u8]) -> Self {
        // Of a byte order mark and of UTF-16 what is no ASCII is left out.
        let marks = |byte: &&u8| ![0xef, 0xbb, 0xbf, 0xff, 0xfe, 0].contains(*byte);
        let text: Vec<u8> = start.iter().filter(marks).copied().collect();
        let text = text.trim_ascii_start();
        if start.is_empty() {
            Self::Empty
        } else if start.starts_with(b"PK") {
            Self::Zip
        } else if start.starts_with(hdf5::SIGNATURE) {
            Self::Hdf5
        } else if text.starts_with(b"{") || text.starts_with(b"\"") || text.starts_with(b"[") {
            Self::Json
        } else if start.starts_with(b"\x93NUMPY") {
            Self::Npy
        } else if let Some(what) = foreign::of_start(start) {
            Self::Foreign(what)
        } else if start.get(8) == Some(&b'{') {
            Self::Safetensors
        } else {
            Self::Foreign(foreign::of_text(start))
        }
    }
}
