//! What a model makes of data: a histogram of each layer's output.

use ceratops_core::{Error, Inputs, IntoInputs, Result, Tensor};
use ceratops_layers::Model;

use crate::{
    Picture, grid,
    histogram::{Extent, Histogram},
};

/// How many samples go through the model at once.
const BATCH: usize = 64;

/// A histogram of each layer's output for the samples of `x`, in inference. Outputs that are NaN or
/// infinite are counted below the title, and so are zeros: units that are silent.
///
/// The samples go through the model twice, a few at a time, so that the outputs need not be kept.
///
/// ```
/// use ceratops_layers::{Dense, Input, sequential};
///
/// let model = sequential![Input::new([2]), Dense::new(8).activation("tanh"), Dense::new(1)]?;
/// let picture = ceratops_plot::activations(&model, [[0.0, 1.0], [1.0, 0.0]])?;
/// assert!(picture.to_svg().contains("dense_1 (Dense)"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where the model does not take `x`, has no layers or more than a thousand, or where there are no
/// samples.
pub fn activations(model: &Model, x: impl IntoInputs) -> Result<Picture> {
    let x = x.into();
    let leaves = model.leaves();
    if leaves.is_empty() {
        return Err(Error::Model("the model has no layers, and there is nothing to draw".into()));
    }
    if x.iter().all(|x| x.ndim() == 0 || x.batch() == 0) {
        return Err(Error::Data("there are no samples to look at".into()));
    }
    let mut extents = vec![Extent::default(); leaves.len()];
    each_batch(model, &x, |i, output| extents[i] = extents[i].and(output))?;
    let mut histograms: Vec<_> = extents.into_iter().map(Histogram::new).collect();
    let mut zeros = vec![0_u64; leaves.len()];
    each_batch(model, &x, |i, output| {
        histograms[i].count(output);
        zeros[i] += output.iter().filter(|&&value| value == 0.0).count() as u64;
    })?;
    let charts = leaves.iter().zip(histograms.iter().zip(zeros)).map(
        |((path, node), (histogram, zeros))| {
            let title = format!("{path} ({})", node.class_name());
            let mut chart = histogram.chart(title, "outputs");
            if zeros > 0 {
                chart.note = format!("{}, {} zero", chart.note, histogram.share(zeros));
            }
            chart
        },
    );
    grid::picture(charts.collect())
}

/// Shows `look` each layer's output for each batch, with the number of the layer.
fn each_batch(model: &Model, x: &Inputs, mut look: impl FnMut(usize, &[f32])) -> Result<()> {
    let n = x.iter().map(Tensor::batch).max().unwrap_or(0);
    for start in (0..n).step_by(BATCH) {
        // Too few samples of an input are the model's to complain of.
        let part = |x: Tensor| x.batch_slice(start.min(x.batch())..x.batch().min(start + BATCH));
        for (i, output) in model.leaf_outputs(x.clone().try_map(part)?)?.iter().enumerate() {
            look(i, output.as_slice());
        }
    }
    Ok(())
}
