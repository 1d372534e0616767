//! The entrance of a model: what shape its input has, and whether data fits it.

use ceratops_core::{Error, Inputs, Result, Shape, Tensor, Tensors, Text};

use super::Model;
use crate::{Input, Node};

impl Model {
    /// `x` as the model's only input takes it, or an error that says how to change it.
    pub(super) fn checked_input(&self, x: &Tensor) -> Result<Tensor> {
        self.expect_built()?;
        if self.inputs.len() > 1 {
            self.in_order(Inputs::One(x.clone()))?;
        }
        self.checked(x, 0)
    }

    /// The inputs in the model's order, or an error that says how to change them.
    pub(crate) fn checked_inputs(&self, xs: Inputs) -> Result<Tensors> {
        self.expect_built()?;
        let xs = self.in_order(xs)?;
        let checked: Tensors =
            xs.iter().enumerate().map(|(i, x)| self.checked(x, i)).collect::<Result<_>>()?;
        let batch = checked.first().map_or(0, Tensor::batch);
        match checked.iter().zip(&self.inputs).find(|(x, _)| x.batch() != batch) {
            None => Ok(checked),
            Some((x, input)) => Err(Error::argument(
                "x",
                format!("{batch} samples of every input, as of \"{}\"", self.inputs[0].name()),
                format!("{} samples of \"{}\"", x.batch(), input.name()),
            )),
        }
    }

    fn in_order(&self, xs: Inputs) -> Result<Vec<Tensor>> {
        let xs = match xs {
            // A list needs no names, which would ask for memory.
            Inputs::List(xs) if xs.len() == self.inputs.len() => return Ok(xs),
            xs => xs,
        };
        self.by_input_keys(xs).in_order("x", "input", &self.input_keys())
    }

    fn expect_built(&self) -> Result<()> {
        if self.is_built() {
            return Ok(());
        }
        let message =
            "the model has no weights yet: give it an Input, call build(shape), or fit it";
        Err(Error::Model(message.into()))
    }

    fn checked(&self, x: &Tensor, place: usize) -> Result<Tensor> {
        let Some(shape) = self.inputs.get(place).and_then(batch_shape) else {
            return Err(Error::Model("the model has no input".into()));
        };
        if shape.is_text() {
            return self.checked_text(x, place, shape);
        }
        let whole = if Text::is_in(x) { Some(self.checked_whole(x, place)?) } else { None };
        if let Some(text) = whole.as_ref().filter(|x| Text::is_in(x)) {
            return self.checked_text(text, place, shape);
        }
        let x = whole.as_ref().unwrap_or(x);
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
        let what = match self.inputs.len() {
            1 => format!("input of model \"{}\"", self.name()),
            _ => format!("input \"{}\" of model \"{}\"", self.inputs[place].name(), self.name()),
        };
        Err(Error::shape(what, shape, x.shape(), input_help(shape, x.shape())))
    }
}

impl Model {
    /// The whole numbers of any size that an input of numbers is given: as numbers, or where f32 does not hold all
    /// of them as they are, if the layers behind the input take them so.
    fn checked_whole(&self, x: &Tensor, place: usize) -> Result<Tensor> {
        let what = format!("input \"{}\"", self.inputs[place].name());
        let text = Text::of(x)?;
        text.to_numbers(&what, "strings are for an Input::text").or_else(|error| {
            let whole = text.integers().is_some() && self.takes_whole_numbers(place);
            if whole { Ok(x.clone()) } else { Err(error) }
        })
    }

    /// `x` as an input of that shape takes it, where one of them is of strings.
    fn checked_text(&self, x: &Tensor, place: usize, shape: &Shape) -> Result<Tensor> {
        let what = format!("input \"{}\"", self.inputs[place].name());
        if x.is_empty() && x.ndim() > 0 {
            return no_strings(x, shape);
        }
        if !Text::is_in(x) {
            let help = "give it strings, or whole numbers as i64";
            return Err(Error::argument(what, "strings", "numbers").with_help(help));
        }
        // As in Keras, a vector stands for a column.
        let x = match *x.shape() {
            [batch, letters] if shape.ndim() == 2 => x.clone().reshape(&[batch, 1, letters])?,
            _ => x.clone(),
        };
        if shape.clone().of_text().admits_samples(x.shape()) {
            return Ok(x);
        }
        let found = x.shape().split_last().map_or(&[][..], |(_, dims)| dims);
        Err(Error::shape(what, shape.with_axis(0, None), found, "reshape the strings"))
    }
}

/// No samples of strings, whatever the empty tensor looks like.
fn no_strings(x: &Tensor, shape: &Shape) -> Result<Tensor> {
    let sample = shape.axes().iter().skip(1).map(|len| len.unwrap_or(0));
    let dims: Vec<usize> = std::iter::once(x.batch()).chain(sample).collect();
    Tensor::new(&[&dims[..], &[0]].concat(), Vec::new())
}

/// The shape that an input layer says, batch first.
pub(crate) fn batch_shape(input: &Node) -> Option<&Shape> {
    input.downcast_ref::<Input>().map(|input| &input.batch_shape)
}

/// Lets an input layer know its shape, which may have been given beside it.
pub(crate) fn settle_input(node: &mut Node) -> Shape {
    if let (Some(shape), Some(input)) = (node.input_shape.take(), node.downcast_mut::<Input>()) {
        input.batch_shape = shape;
    }
    let shape = batch_shape(node).cloned().unwrap_or_default();
    node.built = Some(vec![shape.clone()]);
    node.output_shapes = vec![shape.clone()];
    shape
}

/// The shape of the input that a first layer itself describes.
pub(crate) fn entrance_of(node: &Node) -> Result<Option<Shape>> {
    let nested = node.as_model().and_then(Model::input_shape);
    let shape = node.input_shape.as_ref().or(nested);
    shape.map_or(Ok(()), check_input)?;
    Ok(shape.cloned())
}

/// Refuses an input without a batch axis, and one whose samples are empty.
pub(crate) fn check_input(shape: &Shape) -> Result<()> {
    if shape.ndim() == 0 || shape.axes().iter().flatten().any(|&len| len == 0) {
        let expected = "a batch axis and positive lengths behind it";
        return Err(Error::argument("input_shape", expected, shape));
    }
    Ok(())
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
