//! The weights of a file, layer by layer, and how they find their places in a model.

mod conventions;
mod places;

use ceratops_core::{Error, Param, Result, Shape, Tensor};
use ceratops_layers::{Model, Node};

pub(crate) use self::{conventions::Origin, places::legacy_order};
use crate::{Change, Note};

/// The weights of a file, and whose conventions they follow.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layers {
    pub(crate) origin: Origin,
    pub(crate) layers: Vec<LayerWeights>,
}

/// The weights of one layer, as a file has them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LayerWeights {
    /// The layer's name in the file.
    pub(crate) layer: String,
    /// The weights in order, each under its name in the file.
    pub(crate) weights: Vec<(String, Tensor)>,
}

/// How the weights of a file find their layers: Keras' `load_weights(by_name=...)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// One after another; every layer must have its weights in the file, and none be left.
    #[default]
    Position,
    /// To the layer of the same name; every layer with weights must be in the file, which may hold
    /// others.
    Name,
    /// To the layer of the same name; layers that the file does not name keep theirs, and a note
    /// names each.
    KnownNames,
}

/// Gives `model` the weights of a legacy file, all or none. Layers without weights count neither
/// here nor there.
pub(crate) fn assign(model: &mut Model, file: &Layers, by: By) -> Result<Vec<Note>> {
    check_built(model)?;
    let pairs = match by {
        By::Position => by_position(model.layers(), &file.layers)?,
        By::Name | By::KnownNames => by_name(model.layers(), &file.layers)?,
    };
    let unknown = model.layers().iter().enumerate().filter(|(index, node)| {
        !node.params().is_empty() && pairs.iter().all(|(paired, _)| paired != index)
    });
    let mut notes = kept(unknown.map(|(_, node)| node.name()), by)?;
    notes.extend(file.origin.notes(model, &file.layers));
    let values = |(index, layer): (usize, &LayerWeights)| {
        let node = &model.layers()[index];
        values(node, layer, file.origin).map(|values| (index, values))
    };
    let found = pairs.into_iter().map(values).collect::<Result<Vec<_>>>()?;
    for (index, values) in found {
        model.layers_mut()[index].set_weights(&values)?;
    }
    Ok(notes)
}

/// Notes that these layers keep their weights, or refuses that where it is not wished.
pub(crate) fn kept<'a>(names: impl Iterator<Item = &'a str>, by: By) -> Result<Vec<Note>> {
    let names: Vec<&str> = names.collect();
    if by != By::KnownNames && !names.is_empty() {
        return Err(Error::Data(format!(
            "the file names no weights for {}; {} would keep what {} has, drawn at random unless \
             trained before (allow it with `By::KnownNames`, `--allow-missing`)",
            listed(names.iter().copied()),
            if names.len() == 1 { "the layer" } else { "these layers" },
            if names.len() == 1 { "it" } else { "each" },
        )));
    }
    let text = "the file names no weights for it; it keeps its own";
    let note = |name| Note {
        path: format!("layer \"{name}\""),
        change: Change::Missing,
        text: text.into(),
    };
    Ok(names.into_iter().map(note).collect())
}

/// Refuses a model whose weights are not made yet.
pub(crate) fn check_built(model: &Model) -> Result<()> {
    if model.is_built() {
        return Ok(());
    }
    let message = "the model has no weights yet; give it an Input, or build it, and load then";
    Err(Error::Model(message.into()))
}

/// The weights of the layer, in its own order and ways.
fn values(node: &Node, layer: &LayerWeights, origin: Origin) -> Result<Vec<Tensor>> {
    let gathered = conventions::gathered(node, layer)?;
    let layer = gathered.as_ref().unwrap_or(layer);
    check_count(node, &node.params(), layer)?;
    let places = places::of(node, &layer.weights)?;
    let weights = places.into_iter().map(|place| layer.weights[place].clone()).collect();
    let mut ordered = LayerWeights { layer: layer.layer.clone(), weights };
    conventions::convert(node, &mut ordered.weights, origin)?;
    check(node, &node.params(), &ordered)?;
    Ok(ordered.weights.into_iter().map(|(_, value)| value).collect())
}

type Pairs<'a> = Vec<(usize, &'a LayerWeights)>;

/// One after another; where both have the same names, these tell, whatever the order.
fn by_position<'a>(nodes: &[Node], file: &'a [LayerWeights]) -> Result<Pairs<'a>> {
    let file: Vec<&LayerWeights> = file.iter().filter(|layer| !layer.weights.is_empty()).collect();
    let weighted = nodes.iter().enumerate().filter(|(_, node)| !node.params().is_empty());
    let indices: Vec<usize> = weighted.map(|(index, _)| index).collect();
    if indices.len() != file.len() {
        return Err(Error::Data(format!(
            "the model has {} layers with weights ({}), the file {} ({}); they must be as many, \
             unless they are loaded by name",
            indices.len(),
            listed(indices.iter().map(|&i| nodes[i].name())),
            file.len(),
            listed(file.iter().map(|layer| layer.layer.as_str())),
        )));
    }
    let named = |index: &usize| {
        let layer = file.iter().find(|layer| layer.layer == nodes[*index].name());
        layer.map(|layer| (*index, *layer))
    };
    match indices.iter().map(named).collect() {
        Some(pairs) => Ok(pairs),
        None => Ok(indices.into_iter().zip(file).collect()),
    }
}

fn by_name<'a>(nodes: &[Node], file: &'a [LayerWeights]) -> Result<Pairs<'a>> {
    let place = |layer: &'a LayerWeights| {
        let index = nodes.iter().position(|node| node.name() == layer.layer)?;
        Some((index, layer))
    };
    let pairs: Pairs<'a> = file.iter().filter_map(place).collect();
    if pairs.is_empty() && !file.is_empty() {
        return Err(Error::Data(format!(
            "no layer of the model ({}) has a name that the file knows ({})",
            listed(nodes.iter().map(Node::name)),
            listed(file.iter().map(|layer| layer.layer.as_str())),
        )));
    }
    Ok(pairs)
}

/// Refuses weights that are not those of the layer, in number or shape; `params` are the layer's in
/// the order of the file.
pub(crate) fn check(node: &Node, params: &[&Param], layer: &LayerWeights) -> Result<()> {
    check_count(node, params, layer)?;
    for (param, (name, value)) in params.iter().zip(&layer.weights) {
        if param.value().shape() != value.shape() {
            let of = described(node);
            let what = format!("weight \"{}\" of {of}, \"{name}\" in the file", param.name());
            return Err(Error::shape(what, Shape::of(param.value().shape()), value.shape(), ""));
        }
    }
    Ok(())
}

fn check_count(node: &Node, params: &[&Param], layer: &LayerWeights) -> Result<()> {
    if params.len() == layer.weights.len() {
        return Ok(());
    }
    Err(Error::Data(format!(
        "{} has {} weights ({}), but the file has {} for \"{}\" ({})",
        described(node),
        params.len(),
        listed(params.iter().map(|param| param.name())),
        layer.weights.len(),
        layer.layer,
        listed(layer.weights.iter().map(|(name, _)| name.as_str())),
    )))
}

fn described(node: &Node) -> String {
    format!("layer \"{}\" ({})", node.name(), node.class_name())
}

/// Names in a message: the first ones, if they are many.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 12;
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => "none".into(),
        count if count > MOST => format!("{}, ...", names[..MOST].join(", ")),
        _ => names.join(", "),
    }
}
