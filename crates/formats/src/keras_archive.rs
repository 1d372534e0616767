//! `.keras`: `metadata.json`, `config.json` and `model.weights.h5`, zipped or in a folder.

use std::{
    fs::File,
    io::{BufWriter, Read, Seek},
    path::Path,
};

use ceratops_core::{Error, Result};
use serde_json::Value;

use crate::{contents::Contents, hdf5::Group};

/// What an archive holds.
pub(crate) fn contents(file: impl Read + Seek) -> Result<Contents> {
    drop(file);
    Err(Error::Data(".keras is not read yet".into()))
}

/// What an unpacked archive holds.
pub(crate) fn folder_contents(folder: &Path) -> Result<Contents> {
    let _ = folder;
    Err(Error::Data(".keras folders are not read yet".into()))
}

/// Writes an archive of the architecture `document` and the tree of weights.
pub(crate) fn write(to: &mut BufWriter<File>, document: &Value, weights: &Group) -> Result<()> {
    let _ = (to, document, weights);
    Err(Error::Data(".keras is not written yet".into()))
}
