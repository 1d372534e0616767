//! Stack: tensors of one shape, side by side along an axis of their own.

use ceratops_core::{Error, Result, Shape, Tensor, Tensors};
use serde::Deserialize;

use super::{
    axes::place,
    class::Class,
    compute::{Compute, Kept, Operand, only_gradient},
};
use crate::layers::concatenate::join;

pub(super) const CLASSES: &[Class] = &[Class::of::<Stack>("Stack", "numpy")];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stack {
    #[serde(default)]
    axis: i64,
}

impl Compute for Stack {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        let Some(first) = operands.first() else {
            return Err(Error::argument("inputs", "at least one tensor", "none"));
        };
        let mut axes = first.shape.axes().to_vec();
        for Operand { shape, is_constant } in operands {
            let fits =
                |(a, b): (&Option<usize>, &Option<usize>)| a.is_none() || b.is_none() || a == b;
            let same =
                shape.ndim() == axes.len() && axes.iter().zip(shape.axes()).skip(1).all(fits);
            if !same || *is_constant {
                let (what, expected) = ("input".into(), first.shape.to_string());
                let help = "the tensors must be of one shape".into();
                return Err(Error::Shape { what, expected, found: shape.to_string(), help });
            }
            axes.iter_mut().zip(shape.axes()).for_each(|(own, len)| *own = own.or(*len));
        }
        axes.insert(place(self.axis, axes.len() + 1)?, Some(operands.len()));
        Ok(vec![axes.into()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let axis = place(self.axis, operands.first().map_or(0, Tensor::ndim) + 1)?;
        let wide = |x: Tensor| {
            let mut shape = x.shape().to_vec();
            shape.insert(axis.min(shape.len()), 1);
            x.reshape(&shape)
        };
        let wide: Tensors = operands.into_iter().map(wide).collect::<Result<_>>()?;
        Ok(join(&wide, axis)?.into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let count = kept.shapes.len();
        let Some(dy) = only_gradient(dys) else { return Ok(vec![None; count]) };
        let axis = place(self.axis, dy.ndim())?;
        let inner: usize = dy.shape()[axis + 1..].iter().product();
        let part = |i: usize| {
            let mut dx = Tensor::for_overwrite(kept.shape());
            let rows = dx.as_mut_slice().chunks_exact_mut(inner.max(1));
            for (to, from) in
                rows.zip(dy.as_slice().chunks_exact(inner.max(1)).skip(i).step_by(count))
            {
                to.copy_from_slice(from);
            }
            Some(dx)
        };
        Ok((0..count).map(part).collect())
    }

    fn keeps_operands(&self) -> bool {
        false
    }
}
