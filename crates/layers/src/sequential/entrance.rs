//! The entrance of a model: what shape its input has, and whether data fits it.

use ceratops_core::{Error, Result, Shape, Tensor};

use super::Sequential;
use crate::{Input, IntoNode, Node};

impl Sequential {
    /// `x` as the model takes it, or an error that says how to change it.
    pub(super) fn checked_input(&self, x: &Tensor) -> Result<Tensor> {
        let Some(shape) = self.input_shape().filter(|_| self.is_built()) else {
            return Err(Error::Model(
                "the model has no weights yet: give it an Input, call build(shape), or fit it"
                    .into(),
            ));
        };
        // As in Keras, a vector stands for a column.
        let single = shape.last().is_none_or(|len| len == 1);
        let x = if x.ndim() == 1 && shape.ndim() == 2 && single {
            x.clone().reshape(&[x.len(), 1])?
        } else {
            x.clone()
        };
        // A batch size that the Input names is no more than a note.
        if shape.admits_samples(x.shape()) {
            return Ok(x);
        }
        let shape = &shape.with_axis(0, None);
        let what = format!("input of model \"{}\"", self.name());
        Err(Error::shape(what, shape, x.shape(), input_help(shape, x.shape())))
    }

    pub(super) fn set_input(&mut self, mut node: Node) -> Result<()> {
        if let Some(first) = self.input.as_ref().or(self.nodes.first()) {
            return Err(Error::Model(format!(
                "Input \"{}\" must come first, but the model begins with {} \"{}\" already",
                node.name(),
                first.class_name(),
                first.name()
            )));
        }
        if let (Some(shape), Some(input)) = (node.input_shape.take(), node.downcast_mut::<Input>())
        {
            input.batch_shape = shape;
        }
        let shape = input_shape(&node);
        check_input(&shape)?;
        node.built = Some(shape.clone());
        node.output_shape = Some(shape);
        self.names().insert(&node);
        self.input = Some(node);
        Ok(())
    }

    /// Puts an Input of that shape before the first layer.
    pub(super) fn enter(&mut self, batch_shape: Shape) {
        let name = self.names().free("input_layer", &[]);
        let input = Input { batch_shape }.named(name);
        self.names().insert(&input);
        self.input = Some(input);
    }
}

/// The shape of the input that a first layer itself describes.
pub(super) fn entrance_of(node: &Node) -> Result<Option<Shape>> {
    let nested = node.downcast_ref::<Sequential>().and_then(Sequential::input_shape);
    let shape = node.input_shape.as_ref().or(nested);
    shape.map_or(Ok(()), check_input)?;
    Ok(shape.cloned())
}

/// Refuses an input without a batch axis, and one whose samples are empty.
pub(super) fn check_input(shape: &Shape) -> Result<()> {
    if shape.ndim() == 0 || shape.axes().iter().flatten().any(|&len| len == 0) {
        let expected = "a batch axis and positive lengths behind it";
        return Err(Error::argument("input_shape", expected, shape));
    }
    Ok(())
}

fn input_shape(input: &Node) -> Shape {
    input.downcast_ref::<Input>().map(|input| input.batch_shape.clone()).unwrap_or_default()
}

/// What to do about data of shape `found` where the model takes `expected`.
fn input_help(expected: &Shape, found: &[usize]) -> String {
    let sample = expected.axes().get(1..).unwrap_or_default();
    let fits = |dims: &[usize]| Shape::from(sample.to_vec()).admits(dims);
    if fits(found) {
        return "this looks like one sample; put a batch axis of 1 in front".into();
    }
    if sample.last() == Some(&Some(1)) && expected.ndim() == found.len() + 1 {
        return "add a channel axis of 1 at the end with reshape".into();
    }
    if let ([height, width, channels], [_, first, ..]) = (sample, found)
        && Some(*first) == *channels
        && Shape::from([*channels, *height, *width]).admits(&found[1..])
    {
        return "the channels stand first; move them to the end, axes in the order 0, 2, 3, 1"
            .into();
    }
    let size = sample.iter().try_fold(1usize, |size, len| size.checked_mul((*len)?));
    if size.is_some() && size == found.get(1..).map(|dims| dims.iter().product()) {
        return "each sample has the right size; reshape the data".into();
    }
    format!(
        "the model was built for samples of shape {}; change its Input, or the data",
        Shape::from(sample.to_vec())
    )
}
