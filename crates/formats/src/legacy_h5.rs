//! Legacy `.h5` of Keras 1 to 3: `/model_weights/<layer>/<weight>`, the config in attributes.

use ceratops_core::{Error, Result};
use ceratops_layers::Sequential;
use serde_json::Value;

use crate::{contents::Contents, hdf5::Group, layer_weights::LayerWeights, training::Training};

/// Whether the file is a whole model and not only weights.
pub(crate) fn is_model(root: &Group) -> bool {
    root.attributes.iter().any(|(name, _)| name == "model_config")
}

/// What a whole model's file holds.
pub(crate) fn contents(root: Group) -> Result<Contents> {
    let _ = root;
    Err(Error::Data("legacy .h5 is not read yet".into()))
}

/// The weights in a file, or in `/model_weights` of one, in the order of `layer_names`.
pub(crate) fn layers(root: &Group) -> Result<Vec<LayerWeights>> {
    let _ = root;
    Err(Error::Data("legacy .h5 is not read yet".into()))
}

/// The tree of a whole model, whose architecture is `document`.
pub(crate) fn tree(
    model: &Sequential,
    document: &Value,
    training: Option<&Training>,
) -> Result<Group> {
    let _ = (model, document, training);
    Err(Error::Data("legacy .h5 is not written yet".into()))
}
