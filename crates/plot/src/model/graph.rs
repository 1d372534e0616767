//! What of a model is drawn: a block for each layer, an arrow for each value that one reads.

use std::{collections::HashMap, ptr};

use ceratops_core::{Result, Shape};
use ceratops_layers::{LayerCall, Model, Node, Origin};
use serde_json::Value;

use crate::{
    block::{Block, LayerBox},
    flow::{Arrow, Flow},
};

/// No box has more lines of shapes.
const MOST_LINES: usize = 6;

/// The shapes of a call's inputs or outputs, as far as they are known.
type Shapes = Vec<Option<Shape>>;

/// Which block each layer is.
type Places = HashMap<*const Node, usize>;

/// What is drawn of the model.
pub(super) fn flow(model: &Model) -> Result<Flow> {
    let given: Shapes = model.input_shapes().into_iter().cloned().map(Some).collect();
    of(model, &given, false)
}

/// What is drawn of a model that is given tensors of these shapes. Of a graph the inputs are drawn
/// too, as in Keras; and where it is `framed`, how its outputs get to the frame.
fn of(model: &Model, given: &[Option<Shape>], framed: bool) -> Result<Flow> {
    let names = model.input_names();
    let inputs = names.iter().map(|name| model.get_layer(name)).collect::<Result<Vec<_>>>()?;
    let calls = model.layer_calls();
    let is_row = model.is_chain() && calls.len() == model.layers().len();
    let shown = if is_row { 0 } else { inputs.len() };
    let nodes: Vec<&Node> = inputs[..shown].iter().copied().chain(model.layers()).collect();
    let places = nodes.iter().enumerate().map(|(i, node)| (ptr::from_ref(*node), i));
    let places: Places = places.collect();
    let given_to = |node: &Node| inputs.iter().position(|input| ptr::eq(*input, node));
    let mut shapes_of = vec![Vec::new(); nodes.len()];
    for call in &calls {
        if let Some(&place) = places.get(&ptr::from_ref(call.layer)) {
            shapes_of[place].push(shapes(call, given, given_to));
        }
    }
    let mut blocks = Vec::with_capacity(nodes.len());
    for (i, node) in nodes.iter().enumerate() {
        blocks.push(match i < shown {
            true => input_block(node, given.get(i).cloned().flatten()),
            false => block(node, &shapes_of[i])?,
        });
    }
    let mut arrows = arrows(&calls, &places);
    if framed && shown > 0 {
        for origin in model.output_origins() {
            let place = places.get(&ptr::from_ref(origin.layer));
            let (output, to, input) = (origin.output, blocks.len(), 0);
            arrows.extend(place.map(|&from| Arrow { from, output, to, input }));
            blocks.push(Block::Exit);
        }
    }
    let outputs = blocks.len() - nodes.len();
    Flow::new(blocks, &arrows, shown, outputs)
}

/// An arrow for each tensor that a call reads, from what makes it.
fn arrows(calls: &[LayerCall<'_>], places: &Places) -> Vec<Arrow> {
    let place = |node: &Node| places.get(&ptr::from_ref(node)).copied();
    let of_call = |call: &LayerCall<'_>| {
        let arrow = |(input, read): (usize, &Origin<'_>)| {
            let (from, to) = (place(read.layer)?, place(call.layer)?);
            Some(Arrow { from, output: read.output, to, input })
        };
        call.reads.iter().enumerate().filter_map(arrow).collect::<Vec<_>>()
    };
    calls.iter().flat_map(of_call).collect()
}

/// The shapes of what a call reads, and of what comes out. Of a model's inputs they are those that it
/// is given.
fn shapes(
    call: &LayerCall<'_>,
    given: &[Option<Shape>],
    given_to: impl Fn(&Node) -> Option<usize>,
) -> [Shapes; 2] {
    let made = |node: &Node, output: usize| node.output_shapes().get(output).cloned();
    let mut inputs: Shapes = Vec::with_capacity(call.reads.len());
    for read in &call.reads {
        inputs.push(match given_to(read.layer) {
            Some(place) => given.get(place).cloned().flatten(),
            None => read.shape.cloned().or_else(|| made(read.layer, read.output)),
        });
    }
    if inputs.is_empty() {
        inputs.push(given.first().cloned().flatten());
    }
    let outputs = match call.output_shapes {
        [] => vec![made(call.layer, 0)],
        known => known.iter().cloned().map(Some).collect(),
    };
    [inputs, outputs]
}

fn input_block(node: &Node, shape: Option<Shape>) -> Block {
    Block::Layer(layer_box(node, [Vec::new(), vec![vec![shape]]]))
}

/// What is drawn of a layer with these calls, of each the shapes of inputs and outputs.
fn block(node: &Node, calls: &[[Shapes; 2]]) -> Result<Block> {
    let column = |side: usize| calls.iter().map(|call| call[side].clone()).collect::<Vec<_>>();
    match node.as_model() {
        Some(nested) if !nested.layers().is_empty() => {
            let given = calls.first().map(|[inputs, _]| &inputs[..]).unwrap_or_default();
            let title = format!("{} ({})", node.name(), node.class_name());
            Ok(Block::Frame { title, flow: of(nested, given, true)? })
        }
        _ => Ok(Block::Layer(layer_box(node, [column(0), column(1)]))),
    }
}

fn layer_box(node: &Node, [inputs, outputs]: [Vec<Shapes>; 2]) -> LayerBox {
    let weights = node.params();
    let trains = weights.iter().any(|param| param.learns());
    LayerBox::new(
        &format!("{} ({})", node.name(), node.class_name()),
        activation(node),
        node.count_params(),
        (!weights.is_empty()).then_some(trains),
        [lines(&inputs), lines(&outputs)],
    )
}

/// The shapes of all calls, a line for each: calls that are alike count once, and neighbours that are
/// alike share a line.
fn lines(calls: &[Shapes]) -> Vec<String> {
    let mut lines = Vec::new();
    let new = |&(i, call): &(usize, &Shapes)| !calls[..i].contains(call);
    for (_, shapes) in calls.iter().enumerate().filter(new) {
        for alike in shapes.chunk_by(|a, b| a == b) {
            let shape = alike[0].as_ref().map_or_else(|| "?".into(), ToString::to_string);
            lines.push(match alike.len() {
                1 => shape,
                n => format!("{n} × {shape}"),
            });
        }
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    if more > 0 {
        lines.truncate(MOST_LINES - 1);
        lines.push(format!("and {} more", more + 1));
    }
    lines
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
