//! Labels in a shape that goes with the model's output.

use ceratops_core::{Error, Result, Shape, Tensor};

use crate::Loss;

/// The labels `y`, called `name`, in a shape that goes with the model's `output`.
pub(super) fn align(name: &str, y: Tensor, output: &Shape, loss: &dyn Loss) -> Result<Tensor> {
    let output = output.with_axis(0, None);
    let rows = Shape::from(output.axes().split_last().map_or(Vec::new(), |(_, a)| a.to_vec()));
    if rows.ndim() == 0 {
        return Err(Error::Model(format!(
            "the model's output has shape {output}; to be trained it needs an axis behind the \
             batch axis"
        )));
    }
    if loss.is_sparse() {
        let column = Shape::from([rows.axes(), &[Some(1)]].concat());
        if rows.admits(y.shape()) || column.admits(y.shape()) {
            return Ok(y);
        }
    } else if output.admits(y.shape()) {
        return Ok(y);
    } else if output.last() == Some(1) && rows.admits(y.shape()) {
        // As in Keras, a vector stands for a column.
        let shape = [y.shape(), &[1]].concat();
        return y.reshape(&shape);
    }
    let expected = if loss.is_sparse() { rows } else { output.clone() };
    Err(Error::shape(name, expected, y.shape(), help(&y, &output, loss)))
}

/// What to do about labels `y` that do not go with the model's `output`.
fn help(y: &Tensor, output: &Shape, loss: &dyn Loss) -> String {
    let name = loss.name();
    if loss.is_sparse() && output.admits(y.shape()) {
        return format!(
            "these look like one-hot labels; use loss=\"categorical_crossentropy\" for them, \
             {name} takes the index of the class"
        );
    }
    let indices = y.ndim() < output.ndim() || y.shape().last() == Some(&1);
    if name == "categorical_crossentropy" && indices {
        return "these look like indices of classes; use \
                loss=\"sparse_categorical_crossentropy\" for them, or one-hot labels"
            .into();
    }
    if output.ndim() > 2 && y.ndim() + usize::from(loss.is_sparse()) == 2 {
        return "there is one label for each sample, but the output has more axes; add a Flatten \
                layer before the last Dense"
            .into();
    }
    let units = if y.ndim() == 1 { 1 } else { y.shape().last().copied().unwrap_or(1) };
    if output.ndim() == 2 && y.ndim() <= 2 && !loss.is_sparse() {
        let word = if units == 1 { "unit" } else { "units" };
        return format!("give the last layer {units} {word}, or reshape y");
    }
    "the labels must go with the model's output, whose shape its summary() shows".into()
}
