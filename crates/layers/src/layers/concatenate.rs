//! Concatenate: tensors one behind the other along an axis.

use ceratops_core::{Context, Error, Gradients, Mask, MultiLayer, Result, Shape, Tensor, Tensors};
use serde::{Deserialize, Serialize};

use super::wrong_axis;

/// y = [x₁, x₂, …], one behind the other along `axis`; along all other axes they have one length.
///
/// Masks: along the last axis a step counts where it does in any input; along another one the masks
/// are put one behind the other. An input without a mask counts as a whole.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{CallLayer, Concatenate, Input, Model};
///
/// let (a, b) = (Input::new([1]).tensor(), Input::new([2]).tensor());
/// let model = Model::new([&a, &b], [&Concatenate::new().call([&a, &b])?])?;
/// let y = model.predict([Tensor::from([[1.0]]), Tensor::from([[2.0, 3.0]])])?;
/// assert_eq!(y, Tensor::from([[1.0, 2.0, 3.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Concatenate`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Concatenate {
    /// The axis along which the tensors stand; -1, the last, by default.
    pub axis: isize,
}

impl Default for Concatenate {
    fn default() -> Self {
        Self { axis: -1 }
    }
}

impl Concatenate {
    /// Along the last axis.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the axis along which the tensors stand.
    #[must_use]
    pub fn axis(self, axis: isize) -> Self {
        Self { axis }
    }

    /// The axis, counted from 0.
    fn axis_of(&self, ndim: usize) -> Result<usize> {
        let axis = if self.axis < 0 { self.axis + ndim as isize } else { self.axis };
        let axis = usize::try_from(axis).ok().filter(|axis| (1..ndim).contains(axis));
        axis.ok_or_else(|| wrong_axis(self.axis, ndim))
    }
}

impl MultiLayer for Concatenate {
    const CLASS_NAME: &'static str = "Concatenate";
    /// The shapes of the inputs.
    type Saved = Vec<Vec<usize>>;

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let Some((first, others)) = inputs.split_first() else {
            return Err(Error::argument("inputs", "at least one tensor", "none"));
        };
        let axis = self.axis_of(first.ndim())?;
        let mut axes = first.axes().to_vec();
        for input in others {
            let fits = |(i, (a, b)): (usize, (&Option<usize>, &Option<usize>))| {
                i == 0 || i == axis || a.is_none() || b.is_none() || a == b
            };
            let pairs = axes.iter().zip(input.axes()).enumerate();
            if input.ndim() != axes.len() || !pairs.into_iter().all(fits) {
                let expected = first.with_axis(axis, None).to_string();
                let (what, found) = ("input".into(), input.to_string());
                let help = format!("the inputs may differ along axis {axis} only");
                return Err(Error::Shape { what, expected, found, help });
            }
            for (i, (own, other)) in axes.iter_mut().zip(input.axes()).enumerate().skip(1) {
                *own = match i == axis {
                    true => own.zip(*other).and_then(|(a, b)| a.checked_add(b)),
                    false => own.or(*other),
                };
            }
        }
        Ok(vec![Shape::from(axes)])
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Self::Saved>)> {
        let axis = self.axis_of(xs.first().map_or(0, Tensor::ndim))?;
        let saved = cx.save(|| xs.iter().map(|x| x.shape().to_vec()).collect());
        Ok((join(&xs, axis)?.into(), saved))
    }

    fn backward_all(
        &self,
        shapes: Self::Saved,
        dys: Vec<Option<Tensor>>,
        _: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let Some(dy) = dys.into_iter().next().flatten() else {
            return Ok(vec![None; shapes.len()]);
        };
        let axis = self.axis_of(dy.ndim())?;
        let row: usize = dy.shape()[axis..].iter().product();
        let mut start = 0;
        let part = |shape: Vec<usize>| {
            let len: usize = shape[axis..].iter().product();
            let mut dx = Tensor::for_overwrite(&shape);
            let rows = dx.as_mut_slice().chunks_exact_mut(len.max(1));
            for (to, from) in rows.zip(dy.as_slice().chunks_exact(row.max(1))) {
                to.copy_from_slice(&from[start..start + len]);
            }
            start += len;
            Some(dx)
        };
        Ok(shapes.into_iter().map(part).collect())
    }

    fn output_masks(&self, xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        let (Some(first), true) = (xs.first(), masks.iter().any(Option::is_some)) else {
            return Ok(vec![None]);
        };
        let axis = self.axis_of(first.ndim())?;
        // As many axes as masks of Keras have: those of the inputs but the last.
        let steps = first.ndim() - 1;
        let mask = |(x, mask): (&Tensor, &Option<Mask>)| match mask {
            Some(mask) => Ok(mask.clone()),
            None => Tensor::try_full(&x.shape()[..steps], 1.0).map(Mask::from),
        };
        let masks: Vec<Mask> = xs.iter().zip(masks).map(mask).collect::<Result<_>>()?;
        if axis == steps {
            let (first, others) = masks.split_at(1);
            let any = others.iter().try_fold(first[0].clone(), |any, mask| any.or(mask));
            return Ok(vec![Some(any?)]);
        }
        let parts: Tensors = masks.iter().map(|mask| mask.tensor().clone()).collect();
        Ok(vec![Some(join(&parts, axis)?.into())])
    }
}

/// The tensors one behind the other along `axis`.
pub(super) fn join(xs: &[Tensor], axis: usize) -> Result<Tensor> {
    let Some(first) = xs.first() else {
        return Err(Error::argument("inputs", "at least one tensor", "none"));
    };
    let mut len = 0;
    for x in xs {
        let others = |(i, (a, b)): (usize, (&usize, &usize))| i != axis && a != b;
        let mut pairs = first.shape().iter().zip(x.shape()).enumerate();
        if x.ndim() != first.ndim() || pairs.any(others) {
            let help = format!("the inputs may differ along axis {axis} only");
            return Err(Error::shape("input", Shape::of(first.shape()), x.shape(), help));
        }
        len += x.shape()[axis];
    }
    // Up to four axes need no memory of their own.
    let mut shape = ndarray::IxDyn(first.shape());
    shape[axis] = len;
    let shape = ndarray::Dimension::slice(&shape);
    let mut y = Tensor::for_overwrite(shape);
    let row: usize = shape[axis..].iter().product();
    let mut start = 0;
    for x in xs {
        let len: usize = x.shape()[axis..].iter().product();
        let rows = y.as_mut_slice().chunks_exact_mut(row.max(1));
        for (to, from) in rows.zip(x.as_slice().chunks_exact(len.max(1))) {
            to[start..start + len].copy_from_slice(from);
        }
        start += len;
    }
    Ok(y)
}
