//! What a model has learned: a histogram of each weight.

use ceratops_core::{Error, Result, Shape};
use ceratops_layers::Model;

use crate::{
    Picture, grid,
    histogram::{Extent, Histogram},
};

/// A histogram of each weight of the model, under the names of its layer and of itself
/// (`conv2d/kernel`), with its shape. Weights that are NaN or infinite are counted below the title.
///
/// ```
/// use ceratops_layers::{Dense, Input, sequential};
///
/// let model = sequential![Input::new([4]), Dense::new(8)]?;
/// assert!(ceratops_plot::weights(&model)?.to_svg().contains("dense/kernel (4, 8)"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where the model has no weights, or more than a thousand.
pub fn weights(model: &Model) -> Result<Picture> {
    let mut charts = Vec::new();
    for (path, node) in model.leaves() {
        for param in node.params() {
            let values = param.value();
            let mut histogram = Histogram::new(Extent::default().and(values.as_slice()));
            histogram.count(values.as_slice());
            let shape = Shape::of(values.shape());
            let title = format!("{path}/{} {shape}", param.name());
            charts.push(histogram.chart(title, "weights"));
        }
    }
    if charts.is_empty() {
        return Err(Error::Model(if model.is_built() {
            "the model has no weights, and there is nothing to draw".into()
        } else {
            "the model is not built and has no weights yet; give it an Input".into()
        }));
    }
    grid::picture(charts)
}
