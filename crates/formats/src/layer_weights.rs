//! The weights of a file, layer by layer, and how they find their places in a model.

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::{Node, Sequential};

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

/// Gives `model` the weights of a file, all or none. Layers without weights count neither here
/// nor there.
pub(crate) fn assign(model: &mut Sequential, file: &[LayerWeights], by: By) -> Result<()> {
    let file: Vec<&LayerWeights> = file.iter().filter(|layer| !layer.weights.is_empty()).collect();
    let pairs = match by {
        By::Position => by_position(model.layers(), &file)?,
        By::Name => by_name(model.layers(), &file)?,
    };
    for (index, layer) in &pairs {
        check(&model.layers()[*index], layer)?;
    }
    for (index, layer) in pairs {
        let values: Vec<Tensor> = layer.weights.iter().map(|(_, value)| value.clone()).collect();
        model.layers_mut()[index].set_weights(&values)?;
    }
    Ok(())
}

type Pairs<'a> = Vec<(usize, &'a LayerWeights)>;

fn by_position<'a>(nodes: &[Node], file: &[&'a LayerWeights]) -> Result<Pairs<'a>> {
    let weighted = nodes.iter().enumerate().filter(|(_, node)| !node.params().is_empty());
    let indices: Vec<usize> = weighted.map(|(index, _)| index).collect();
    if indices.len() != file.len() {
        let named = |names: Vec<&str>| names.join(", ");
        return Err(Error::Data(format!(
            "the model has {} layers with weights ({}), the file {} ({}); they must be as many, \
             unless they are loaded by name",
            indices.len(),
            named(indices.iter().map(|&i| nodes[i].name()).collect()),
            file.len(),
            named(file.iter().map(|layer| layer.layer.as_str()).collect()),
        )));
    }
    Ok(indices.into_iter().zip(file.iter().copied()).collect())
}

fn by_name<'a>(nodes: &[Node], file: &[&'a LayerWeights]) -> Result<Pairs<'a>> {
    let place = |layer: &'a LayerWeights| {
        let index = nodes.iter().position(|node| node.name() == layer.layer)?;
        Some((index, layer))
    };
    let pairs: Pairs<'a> = file.iter().copied().filter_map(place).collect();
    if pairs.is_empty() && !file.is_empty() {
        let names = |names: Vec<&str>| names.join(", ");
        return Err(Error::Data(format!(
            "no layer of the model ({}) has a name that the file knows ({})",
            names(nodes.iter().map(Node::name).collect()),
            names(file.iter().map(|layer| layer.layer.as_str()).collect()),
        )));
    }
    Ok(pairs)
}

/// Refuses weights that are not those of the layer, in number or shape.
fn check(node: &Node, layer: &LayerWeights) -> Result<()> {
    let params = node.params();
    let of = format!("layer \"{}\" ({})", node.name(), node.class_name());
    if params.len() != layer.weights.len() {
        let own: Vec<&str> = params.iter().map(|param| param.name()).collect();
        let found: Vec<&str> = layer.weights.iter().map(|(name, _)| name.as_str()).collect();
        return Err(Error::Data(format!(
            "{of} has {} weights ({}), but the file has {} for \"{}\" ({})",
            own.len(),
            own.join(", "),
            found.len(),
            layer.layer,
            found.join(", "),
        )));
    }
    for (param, (name, value)) in params.iter().zip(&layer.weights) {
        if param.value().shape() != value.shape() {
            let what = format!("weight \"{}\" of {of}, \"{name}\" in the file", param.name());
            let expected = ceratops_core::Shape::of(param.value().shape());
            return Err(Error::shape(what, expected, value.shape(), ""));
        }
    }
    Ok(())
}
