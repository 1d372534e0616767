//! What a file of a whole model holds, before a model is made of it.

use serde_json::Value;

use crate::{Note, hdf5::Group, layer_weights::Layers, training::Training};

/// What a file of a whole model holds.
#[derive(Debug)]
pub(crate) struct Contents {
    /// The architecture, in any dialect.
    pub(crate) document: Value,
    /// The version of Keras that wrote it, where it is said outside the document.
    pub(crate) keras_version: Option<String>,
    pub(crate) weights: Weights,
    pub(crate) training: Option<Training>,
    /// What of it had to be passed over.
    pub(crate) notes: Vec<Note>,
}

/// Weights, as the kinds of files have them.
#[derive(Debug)]
pub(crate) enum Weights {
    /// None: an architecture alone.
    None,
    /// By layer, in order.
    Layers(Layers),
    /// By class and place (`.weights.h5`).
    Tree(Group),
    /// By full name (`dense/kernel`), in order.
    Named(Vec<(String, ceratops_core::Tensor)>),
}
