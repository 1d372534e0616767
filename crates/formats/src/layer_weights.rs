//! The weights of a file, layer by layer, and how they find their places in a model.

use ceratops_core::{Error, Param, Result, Shape, Tensor};
use ceratops_layers::{Model, Node};

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
    /// To the layer of the same name; layers that the file does not name keep theirs.
    Name,
}

/// Gives `model` the weights of a legacy file, all or none. Layers without weights count neither
/// here nor there.
///
/// The weights of a layer come in the order of Keras' legacy files: what learns first, then the
/// rest. It differs from the usual order in a nested model with BatchNormalization.
pub(crate) fn assign(model: &mut Model, file: &[LayerWeights], by: By) -> Result<()> {
    check_built(model)?;
    let pairs = match by {
        By::Position => by_position(model.layers(), file)?,
        By::Name => by_name(model.layers(), file)?,
    };
    for (index, layer) in &pairs {
        let node = &model.layers()[*index];
        check(node, &legacy_order(node.params(), |param| param.learns()), layer)?;
    }
    for (index, layer) in pairs {
        let node = &mut model.layers_mut()[index];
        let params = legacy_order(node.params_mut(), |param| param.learns());
        for (param, (_, value)) in params.into_iter().zip(&layer.weights) {
            param.set_value(value.clone())?;
        }
    }
    Ok(())
}

/// Refuses a model whose weights are not made yet.
pub(crate) fn check_built(model: &Model) -> Result<()> {
    if model.is_built() {
        return Ok(());
    }
    let message = "the model has no weights yet; give it an Input, or build it, and load then";
    Err(Error::Model(message.into()))
}

/// What learns first, then the rest: Keras' `trainable_weights + non_trainable_weights`.
pub(crate) fn legacy_order<P>(params: Vec<P>, learns: impl Fn(&P) -> bool) -> Vec<P> {
    let (mut first, rest): (Vec<P>, Vec<P>) = params.into_iter().partition(learns);
    first.extend(rest);
    first
}

type Pairs<'a> = Vec<(usize, &'a LayerWeights)>;

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
    Ok(indices.into_iter().zip(file).collect())
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
    let of = format!("layer \"{}\" ({})", node.name(), node.class_name());
    if params.len() != layer.weights.len() {
        return Err(Error::Data(format!(
            "{of} has {} weights ({}), but the file has {} for \"{}\" ({})",
            params.len(),
            listed(params.iter().map(|param| param.name())),
            layer.weights.len(),
            layer.layer,
            listed(layer.weights.iter().map(|(name, _)| name.as_str())),
        )));
    }
    for (param, (name, value)) in params.iter().zip(&layer.weights) {
        if param.value().shape() != value.shape() {
            let what = format!("weight \"{}\" of {of}, \"{name}\" in the file", param.name());
            return Err(Error::shape(what, Shape::of(param.value().shape()), value.shape(), ""));
        }
    }
    Ok(())
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
