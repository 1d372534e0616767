//! The folders of TensorFlow.js: `model.json`, and shards of weights beside it.

use std::path::Path;

use ceratops_core::{Error, Result, Tensor};
use serde_json::Value;

use crate::{contents::Contents, training::Training};

/// What `model.json`, whose text is `document`, and the shards in `folder` hold.
pub(crate) fn contents(document: Value, folder: &Path) -> Result<Contents> {
    let _ = (document, folder);
    Err(Error::Data("TensorFlow.js folders are not read yet".into()))
}

/// Writes `model.json` at `path`, and the shards beside it. `topology` is the value of
/// `modelTopology`.
pub(crate) fn write(
    path: &Path,
    topology: Value,
    weights: &[(String, Tensor)],
    training: Option<&Training>,
) -> Result<()> {
    let _ = (path, topology, weights, training);
    Err(Error::Data("TensorFlow.js folders are not written yet".into()))
}
