//! Legacy `.h5` of Keras 1 to 3: `/model_weights/<layer>/<weight>`, the config in attributes.
//!
//! A file of weights alone has at its root what is else in `/model_weights`. Source: Keras,
//! `legacy_h5_format.py`.

mod readers;
mod write;

use ceratops_core::{Error, Result, Tensor};
use serde_json::Value;

pub(crate) use self::{readers::check, write::tree};
use crate::{
    contents::{Contents, Weights},
    hdf5::{Attribute, Group, Member},
    json,
    layer_weights::{LayerWeights, listed},
    training::{self, Training},
};

/// Whether the file is a whole model and not only weights.
pub(crate) fn is_model(root: &Group) -> bool {
    root.attribute("model_config").is_some()
}

/// Whether the file is a whole model, or the weights of one under the names of its layers.
pub(crate) fn is_legacy(root: &Group) -> bool {
    let signs = ["model_config", "layer_names", "layer_names0"];
    signs.iter().any(|sign| root.attribute(sign).is_some())
}

/// What a whole model's file holds.
pub(crate) fn contents(root: Group) -> Result<Contents> {
    let text = text(&root, "model_config")?;
    let text = text.ok_or_else(|| Error::Data("the file has no model_config".into()))?;
    let mut document = json::parse(text).map_err(|e| at("model_config", e))?;
    let weights = weights_group(&root);
    let origin = |name| Ok(text_of(&root, name)?.or(text_of(weights, name)?));
    let keras_version = origin("keras_version")?;
    // The reader of documents refuses what a backend does differently; the document itself does not
    // name it here.
    if let (Some(backend), Value::Object(document)) = (origin("backend")?, &mut document) {
        document.entry("backend").or_insert(backend.into());
    }
    let weights = Weights::Layers(layers(&root)?);
    Ok(Contents { document, keras_version, weights, training: training(&root)? })
}

fn text_of(group: &Group, name: &str) -> Result<Option<String>> {
    Ok(text(group, name)?.map(str::to_owned))
}

/// A text in an attribute; some versions wrote it as a list of one.
fn text<'a>(group: &'a Group, name: &str) -> Result<Option<&'a str>> {
    match group.attribute(name) {
        None => Ok(None),
        Some(Attribute::Text(text)) => Ok(Some(text)),
        Some(Attribute::Texts(texts)) if texts.len() == 1 => Ok(texts.first().map(String::as_str)),
        Some(_) => Err(Error::Data(format!("the attribute {name} is no text"))),
    }
}

fn at(attribute: &str, error: Error) -> Error {
    Error::Data(format!("attribute {attribute}: {error}"))
}

/// Where the weights are.
fn weights_group(root: &Group) -> &Group {
    root.group("model_weights").unwrap_or(root)
}

/// The weights in a file, or in `/model_weights` of one, in the order of `layer_names`.
pub(crate) fn layers(root: &Group) -> Result<Vec<LayerWeights>> {
    let group = weights_group(root);
    let layer = |name: String| {
        let of_layer = group.group(&name).ok_or_else(|| {
            let there = listed(group.members.iter().map(|(name, _)| name.as_str()));
            Error::Data(format!("the file has no group for layer \"{name}\"; it has: {there}"))
        })?;
        let weights = subset(of_layer).map_err(|e| Error::Data(format!("/{name}: {e}")))?;
        Ok(LayerWeights { layer: name, weights })
    };
    let names = names(group, "layer_names")?;
    let names = names.ok_or_else(|| Error::Data("the file has no layer_names".into()))?;
    let layers = names.into_iter().map(layer).collect::<Result<Vec<_>>>()?;
    refuse_theano(group, &layers)?;
    Ok(layers)
}

/// Refuses kernels of convolutions that Theano turned round.
fn refuse_theano(group: &Group, layers: &[LayerWeights]) -> Result<()> {
    let is_theano = text(group, "backend")?.is_some_and(|backend| backend == "theano");
    let of_kernels = |layer: &&LayerWeights| layer.weights.iter().any(|(_, w)| w.ndim() > 2);
    match layers.iter().find(of_kernels).filter(|_| is_theano) {
        None => Ok(()),
        Some(layer) => Err(Error::Data(format!(
            "the weights were written with the Theano backend, whose convolutions turn their \
             kernels round, as in layer \"{}\"; convert the kernels in Keras 2 \
             (convert_all_kernels_in_model) and save them again",
            layer.layer
        ))),
    }
}

/// The weights that a group names, in their order.
fn subset(group: &Group) -> Result<Vec<(String, Tensor)>> {
    members(group)?
        .into_iter()
        .map(|(name, member)| {
            let tensor = member.to_tensor();
            let no_tensor = || Error::Data(format!("\"{name}\" is a group, not a weight"));
            tensor.map(|tensor| (name.clone(), tensor)).ok_or_else(no_tensor)
        })
        .collect()
}

/// What a group's `weight_names` lead to.
fn members(group: &Group) -> Result<Vec<(String, &Member)>> {
    let names = names(group, "weight_names")?.unwrap_or_default();
    let member = |name: String| match group.get(name.trim_start_matches('/')) {
        Some(member) => Ok((name, member)),
        None => Err(Error::Data(format!("weight_names lists \"{name}\", which is not there"))),
    };
    names.into_iter().map(member).collect()
}

/// A list of names in an attribute, or in several, numbered ones: Keras splits what is too large.
fn names(group: &Group, name: &str) -> Result<Option<Vec<String>>> {
    if let Some(attribute) = group.attribute(name) {
        return texts(name, attribute).map(Some);
    }
    let mut all = None;
    for number in 0.. {
        let name = format!("{name}{number}");
        let Some(attribute) = group.attribute(&name) else { break };
        all.get_or_insert_with(Vec::new).extend(texts(&name, attribute)?);
    }
    Ok(all)
}

fn texts(name: &str, attribute: &Attribute) -> Result<Vec<String>> {
    match attribute {
        Attribute::Texts(texts) => Ok(texts.clone()),
        Attribute::Text(text) => Ok(vec![text.clone()]),
        // Keras writes no names as no numbers.
        Attribute::Numbers(numbers) if numbers.is_empty() => Ok(Vec::new()),
        Attribute::Numbers(_) => {
            Err(Error::Data(format!("the attribute {name} holds numbers, no names")))
        }
    }
}

/// How the model was compiled, and what its optimizer remembers.
fn training(root: &Group) -> Result<Option<Training>> {
    let config = match text(root, "training_config")? {
        Some(text) => json::parse(text).map_err(|e| at("training_config", e))?,
        None => Value::Null,
    };
    let optimizer = match root.group("optimizer_weights") {
        Some(group) => training::optimizer_weights(members(group)?.into_iter())?,
        None => None,
    };
    let is_there = !config.is_null() || optimizer.is_some();
    Ok(is_there.then_some(Training { config, optimizer }))
}
