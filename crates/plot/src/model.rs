//! A model as a graph: its layers in boxes, from the input to the output.

use ceratops_core::{Error, Result, Shape};
use ceratops_layers::{Model, Node};
use serde_json::Value;

use crate::{
    Picture,
    block::{Block, LayerBox, stack_size},
    canvas::{self, Area, Type},
    font::fit,
};

/// The model's layers in boxes, an arrow from each to the next: name and class, activation, number
/// of weights and whether they train (frozen ones are red), shapes of input and output. A nested model
/// is a frame around its layers.
///
/// ```
/// use ceratops_layers::{Dense, Input, sequential};
///
/// let model = sequential![Input::new([4]), Dense::new(8).activation("relu"), Dense::new(3)]?;
/// let svg = ceratops_plot::model(&model)?.to_svg();
/// assert!(svg.contains("dense_1 (Dense)") && svg.contains("(None, 8)"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where the model has no layers, and where it branches.
///
/// Source: Keras, `keras.utils.plot_model` with `show_shapes`, `show_layer_names`,
/// `show_layer_activations`, `show_trainable` and `expand_nested`.
pub fn model(model: &Model) -> Result<Picture> {
    if model.layers().is_empty() {
        return Err(Error::Model("the model has no layers, and there is nothing to draw".into()));
    }
    if let Some(branched) = branched(model) {
        return Err(Error::Model(format!(
            "\"{}\" branches, and only chains of layers are drawn as yet; `summary` says what is \
             connected to what",
            branched.name()
        )));
    }
    let name = model.name();
    let blocks = blocks(model, model.input_shape());
    let (width, height) = stack_size(&blocks);
    let size = (width + 2.0 * BORDER, height + TOP + BORDER);
    Picture::new(size, move |area| draw(area, &name, &blocks))
}

/// The model, or the model within it, that is no chain.
fn branched(model: &Model) -> Option<&Model> {
    if !model.is_chain() {
        return Some(model);
    }
    model.layers().iter().find_map(|node| node.as_model().and_then(branched))
}

const BORDER: f64 = 20.0;
const TOP: f64 = 44.0;
const TITLE: f64 = 14.0;

fn draw(area: &Area<'_>, name: &str, blocks: &[Block]) -> Result<()> {
    let (width, _) = canvas::size(area);
    let title = fit(name, TITLE, width - BORDER);
    canvas::text(area, &title, (width / 2.0, 20.0), Type::new(TITLE))?;
    crate::block::draw_stack(area, blocks, (width / 2.0, TOP))
}

/// What is drawn of the layers of `model`, which takes inputs of that shape.
fn blocks(model: &Model, input: Option<&Shape>) -> Vec<Block> {
    let mut input = input.cloned();
    let mut blocks = Vec::new();
    for node in model.layers() {
        let output = node.output_shape().cloned();
        blocks.push(match node.as_model() {
            Some(nested) if !nested.layers().is_empty() => Block::Frame {
                title: format!("{} ({})", node.name(), node.class_name()),
                blocks: self::blocks(nested, input.as_ref()),
            },
            _ => Block::Layer(layer_box(node, input.as_ref())),
        });
        input = output;
    }
    blocks
}

fn layer_box(node: &Node, input: Option<&Shape>) -> LayerBox {
    let shape = |shape: Option<&Shape>| shape.map_or_else(|| "?".into(), ToString::to_string);
    let weights = node.params();
    let trains = weights.iter().any(|param| param.learns());
    LayerBox::new(
        &format!("{} ({})", node.name(), node.class_name()),
        activation(node),
        node.count_params(),
        (!weights.is_empty()).then_some(trains),
        [shape(input), shape(node.output_shape())],
    )
}

/// The name of the layer's activation, if it has that argument.
fn activation(node: &Node) -> Option<String> {
    let config = node.layer().config().ok()?;
    let name = |value: &Value| value.as_str().map(str::to_owned);
    match config.get("activation")? {
        // A function of the user's own has its name in the config, a layer is its class.
        entry @ Value::Object(_) => name(&entry["config"]).or_else(|| name(&entry["class_name"])),
        other => name(other),
    }
}
