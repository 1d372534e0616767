//! Legacy `.h5` of Keras 1 to 3: `/model_weights/<layer>/<weight>`, the config in attributes.
//!
//! A file of weights alone has at its root what is else in `/model_weights`. Source: Keras,
//! `legacy_h5_format.py`.

mod lora;
mod readers;
mod write;

use ceratops_core::{Error, Result, Tensor};

use self::lora::Scales;
pub(crate) use self::{readers::check, write::tree};
use crate::{
    Note,
    contents::{Contents, Weights},
    hdf5::{Attribute, Group, Member},
    json,
    layer_weights::{LayerWeights, Layers, Origin, listed},
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
    let document = json::parse(text).map_err(|e| at("model_config", e))?;
    let weights = weights_group(&root);
    let keras_version = text_of(&root, "keras_version")?.or(text_of(weights, "keras_version")?);
    let scales = Scales::of(&document)?;
    let weights = Weights::Layers(scaled_layers(&root, &scales)?);
    let mut notes = Vec::new();
    let training = training(&root, &mut notes);
    Ok(Contents { document, keras_version, weights, training, notes })
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
pub(crate) fn layers(root: &Group) -> Result<Layers> {
    scaled_layers(root, &Scales::default())
}

fn scaled_layers(root: &Group, scales: &Scales) -> Result<Layers> {
    let group = weights_group(root);
    let layer = |name: String| {
        let of_layer = group.group(&name).ok_or_else(|| {
            let there = listed(group.members.iter().map(|(name, _)| name.as_str()));
            Error::Data(format!("the file has no group for layer \"{name}\"; it has: {there}"))
        })?;
        let within = |error| Error::Data(format!("/{name}: {error}"));
        let weights = subset(of_layer).map_err(within)?;
        let mut layer = LayerWeights { layer: name.clone(), weights };
        scales.merge(&mut layer).map_err(within)?;
        Ok(layer)
    };
    let names = names(group, "layer_names")?;
    let names = names.ok_or_else(|| Error::Data("the file has no layer_names".into()))?;
    let layers = names.into_iter().map(layer).collect::<Result<Vec<_>>>()?;
    Ok(Layers { origin: origin(root, &layers)?, layers })
}

/// Who wrote the weights. Keras 1 named its version in whole models only, and its backend nowhere:
/// but TensorFlow's names end in `:0`, Theano's do not.
fn origin(root: &Group, layers: &[LayerWeights]) -> Result<Origin> {
    let group = weights_group(root);
    let told = |name| Ok::<_, Error>(text_of(group, name)?.or(text_of(root, name)?));
    let names = || layers.iter().flat_map(|layer| &layer.weights).map(|(name, _)| name.as_str());
    let (plain, numbered) =
        (names().any(|n| n.ends_with("_W")), names().any(|n| n.ends_with("_W:0")));
    let is_keras1 = match told("keras_version")? {
        Some(version) => version.starts_with("1."),
        None => plain || numbered,
    };
    let is_theano = match told("backend")? {
        Some(backend) => backend == "theano",
        None => is_keras1 && plain,
    };
    Ok(Origin { is_keras1, is_theano })
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
fn training(root: &Group, notes: &mut Vec<Note>) -> Option<Training> {
    let config = text(root, "training_config").and_then(|text| match text {
        Some(text) => json::parse(text).map(Some),
        None => Ok(None),
    });
    let config = training::readable(training::CONFIG, config, notes).unwrap_or_default();
    let group = root.group("optimizer_weights");
    let optimizer = match group.map(members) {
        Some(Ok(members)) => training::optimizer_weights(members.into_iter()),
        Some(Err(error)) => Err(error),
        None => Ok(None),
    };
    let optimizer = training::readable(training::OPTIMIZER, optimizer, notes);
    let is_there = !config.is_null() || optimizer.is_some();
    is_there.then_some(Training { config, optimizer })
}
