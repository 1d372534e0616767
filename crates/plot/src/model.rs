//! A model as a graph: its layers in boxes, from the input to the output.

mod graph;

use ceratops_core::{Error, Result};
use ceratops_layers::Model;

use crate::{
    Picture,
    canvas::{self, Area, Type},
    flow::Flow,
    font::fit,
};

/// The model's layers in boxes, an arrow from each to those that read it: name and class, activation,
/// number of weights and whether they train (frozen ones are red), shapes of inputs and outputs. A
/// nested model is a frame around its layers. A layer that is called several times is one box.
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
/// A model that branches:
///
/// ```
/// use ceratops_layers::{Add, CallLayer, Dense, Input, Model};
///
/// let x = Input::new([4]).tensor();
/// let y = Add::new().call([&x, &Dense::new(4).call(&x)?])?;
/// let svg = ceratops_plot::model(&Model::new([&x], [&y])?)?.to_svg();
/// assert!(svg.contains("input_layer (InputLayer)") && svg.contains("2 × (None, 4)"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where the model has no layers, and where it has so many connections that nobody could follow them:
/// 20,000 more than layers, or such that pass 500,000 rows of layers in all.
///
/// Source: Keras, `keras.utils.plot_model` with `show_shapes`, `show_layer_names`,
/// `show_layer_activations`, `show_trainable` and `expand_nested`.
pub fn model(model: &Model) -> Result<Picture> {
    if model.layers().is_empty() {
        return Err(Error::Model("the model has no layers, and there is nothing to draw".into()));
    }
    let name = model.name();
    let flow = graph::flow(model)?;
    let (width, height) = flow.size();
    let size = (width + 2.0 * BORDER, height + TOP + BORDER);
    Picture::new(size, move |area| draw(area, &name, &flow))
}

const BORDER: f64 = 20.0;
const TOP: f64 = 44.0;
const TITLE: f64 = 14.0;

fn draw(area: &Area<'_>, name: &str, flow: &Flow) -> Result<()> {
    let (width, _) = canvas::size(area);
    let title = fit(name, TITLE, width - BORDER);
    canvas::text(area, &title, (width / 2.0, 20.0), Type::new(TITLE))?;
    flow.draw(area, (width / 2.0, TOP))
}
