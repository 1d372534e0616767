//! Merge: the layers that make one tensor of several, number by number.

mod add;
mod average;
mod masked;
mod maximum;
mod minimum;
mod multiply;
mod subtract;

use std::{fmt::Debug, marker::PhantomData};

use ceratops_core::{Context, Error, Gradients, Mask, MultiLayer, Result, Shape, Tensor, Tensors};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

pub use self::{
    add::Add, average::Average, maximum::Maximum, minimum::Minimum, multiply::Multiply,
    subtract::Subtract,
};

/// How tensors of one rank are merged, number by number, and the gradient of that.
pub trait MergeOp: Debug + Clone + Default + Send + Sync + 'static {
    /// The class of the layer, as Keras spells it.
    const CLASS_NAME: &'static str;
    /// The number of inputs, where only one is right.
    const INPUTS: Option<usize> = None;
    /// Whether the gradient needs the inputs.
    const KEEPS_INPUTS: bool = false;

    /// The inputs as one.
    fn merge(xs: Tensors) -> Result<Tensor>;

    /// The gradient of each input, of which there are `count`, before stretched axes are added up;
    /// `xs` are the inputs if they were kept.
    fn gradients(xs: &[Tensor], count: usize, dy: &Tensor) -> Result<Vec<Tensor>>;

    /// The inputs, of which at least one has a mask, as one.
    fn merge_masked(xs: Tensors, masks: &[Option<Mask>]) -> Result<Tensor> {
        let _ = masks;
        Self::merge(xs)
    }

    /// [`MergeOp::gradients`] where at least one input has a mask.
    fn gradients_masked(
        xs: &[Tensor],
        masks: &[Option<Mask>],
        count: usize,
        dy: &Tensor,
    ) -> Result<Vec<Tensor>> {
        let _ = masks;
        Self::gradients(xs, count, dy)
    }
}

/// A layer that makes one tensor of several, number by number. Axes of length 1 are stretched; to
/// an input of fewer axes some of length 1 are added behind the batch axis, as Keras does.
///
/// Masks: a step counts where it does in any input; without a mask on each there is none. What is
/// masked takes part in the result, but where the layer says otherwise.
#[derive(Clone, Default)]
pub struct Merge<O> {
    op: PhantomData<O>,
}

impl<O: MergeOp> Merge<O> {
    /// The layer; it has no arguments.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<O: MergeOp> Debug for Merge<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(O::CLASS_NAME)
    }
}

/// Without arguments the config is empty.
impl<O> Serialize for Merge<O> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_map(Some(0))?.end()
    }
}

impl<'de, O: MergeOp> Deserialize<'de> for Merge<O> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Nothing {}
        Nothing::deserialize(deserializer).map(|Nothing {}| Self::default())
    }
}

/// What the gradient needs.
#[derive(Debug)]
pub struct SavedMerge {
    /// The shapes of the inputs.
    shapes: Vec<Vec<usize>>,
    /// The inputs with as many axes as the output, if they are needed.
    xs: Tensors,
    /// Their masks; none where there is none at all.
    masks: Vec<Option<Mask>>,
}

impl<O: MergeOp> MultiLayer for Merge<O> {
    const CLASS_NAME: &'static str = O::CLASS_NAME;
    type Saved = SavedMerge;

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let count = inputs.len();
        if O::INPUTS.is_some_and(|inputs| inputs != count) {
            return Err(Error::argument("inputs", "two tensors", format!("{count} tensors")));
        }
        let Some((first, others)) = inputs.split_first() else {
            return Err(Error::argument("inputs", "at least one tensor", "none"));
        };
        let merged =
            others.iter().try_fold(first.clone(), |merged, input| stretched(&merged, input));
        Ok(vec![merged?])
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<SavedMerge>)> {
        let shapes = cx.save(|| xs.iter().map(|x| x.shape().to_vec()).collect());
        let ndim = xs.iter().map(Tensor::ndim).max().unwrap_or(0);
        let xs: Tensors = xs.into_iter().map(|x| with_axes(x, ndim)).collect::<Result<_>>()?;
        let kept = if O::KEEPS_INPUTS { xs.clone() } else { Tensors::new() };
        let masked = cx.masks().iter().any(Option::is_some);
        let masks = if masked { cx.masks().to_vec() } else { Vec::new() };
        let y = if masked { O::merge_masked(xs, &masks)? } else { O::merge(xs)? };
        Ok((y.into(), shapes.map(|shapes| SavedMerge { shapes, xs: kept, masks })))
    }

    fn backward_all(
        &self,
        saved: SavedMerge,
        dys: Vec<Option<Tensor>>,
        _: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let SavedMerge { shapes, xs, masks } = saved;
        let Some(dy) = dys.into_iter().next().flatten() else {
            return Ok(vec![None; shapes.len()]);
        };
        let dxs = match masks.is_empty() {
            true => O::gradients(&xs, shapes.len(), &dy)?,
            false => O::gradients_masked(&xs, &masks, shapes.len(), &dy)?,
        };
        let own = |(dx, shape): (Tensor, Vec<usize>)| {
            let mut aligned = shape.clone();
            (shape.len()..dx.ndim()).for_each(|_| aligned.insert(1.min(aligned.len()), 1));
            dx.sum_to(&aligned)?.reshape(&shape).map(Some)
        };
        dxs.into_iter().zip(shapes).map(own).collect()
    }

    fn output_masks(&self, _: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        let all: Option<Vec<&Mask>> = masks.iter().map(Option::as_ref).collect();
        let Some([first, others @ ..]) = all.as_deref() else { return Ok(vec![None]) };
        let mask = others.iter().try_fold((*first).clone(), |mask, other| mask.or(other));
        Ok(vec![Some(mask?)])
    }
}

/// `x` with as many axes, of length 1 behind the batch axis.
fn with_axes(x: Tensor, ndim: usize) -> Result<Tensor> {
    if x.ndim() == ndim {
        return Ok(x);
    }
    let mut shape = x.shape().to_vec();
    (shape.len()..ndim).for_each(|_| shape.insert(1.min(shape.len()), 1));
    x.reshape(&shape)
}

/// The shape of two tensors together, batch axes apart.
fn stretched(a: &Shape, b: &Shape) -> Result<Shape> {
    let (longer, shorter) = if a.ndim() < b.ndim() { (b, a) } else { (a, b) };
    let mut axes = longer.axes().to_vec();
    let lead = longer.ndim() - shorter.ndim();
    for (axis, len) in shorter.axes().iter().enumerate().skip(1) {
        let place = &mut axes[lead + axis];
        *place = match (*place, *len) {
            (Some(1), len) | (len, Some(1)) => len,
            (None, _) | (_, None) => None,
            (Some(a), Some(b)) if a == b => Some(a),
            _ => {
                let (expected, found) = (a.to_string(), b.to_string());
                let help = "the inputs must have equal lengths, or 1, along each axis".into();
                return Err(Error::Shape { what: "input".into(), expected, found, help });
            }
        };
    }
    Ok(Shape::from(axes))
}

/// Merges from left to right by `f`.
fn fold(xs: Tensors, f: impl Fn(f32, f32) -> f32 + Copy) -> Result<Tensor> {
    let mut xs = xs.into_iter();
    let Some(first) = xs.next() else {
        return Err(Error::argument("inputs", "at least one tensor", "none"));
    };
    xs.try_fold(first, |merged, x| merged.broadcast_map(&x, f))
}
