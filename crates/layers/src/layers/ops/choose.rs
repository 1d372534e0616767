//! Operations that choose, cut or turn numbers into others: Where, Clip, Cast, OneHot, Gelu.

use ceratops_activations::{gelu, gelu_backward};
use ceratops_core::{Error, Result, Shape, Tensor, Tensors, broadcast};
use serde::Deserialize;

use super::{
    class::Class,
    compute::{Compute, Kept, Operand, only, only_gradient, stretched},
};

pub(super) const CLASSES: &[Class] = &[
    Class::of::<Cast>("Cast", "core"),
    Class::of::<Clip>("Clip", "numpy"),
    Class::of::<Gelu>("Gelu", "nn"),
    Class::of::<OneHot>("OneHot", "nn"),
    Class::of::<Where>("Where", "numpy"),
];

/// The second operand where the first is not 0, else the third.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Where {}

impl Compute for Where {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        if operands.len() != 3 {
            let found = format!("{} operands", operands.len());
            return Err(Error::argument("inputs", "a condition and two operands", found));
        }
        Ok(vec![stretched(operands)?])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let mut shapes = operands.iter().map(Tensor::shape);
        let shape = shapes.try_fold(Vec::new(), |a, b| broadcast(&a, b))?;
        let wide = operands.into_iter().map(|x| x.broadcast_to(&shape));
        let mut wide = wide.collect::<Result<Vec<_>>>()?.into_iter();
        let (Some(condition), Some(mut yes), Some(no)) = (wide.next(), wide.next(), wide.next())
        else {
            return Err(Error::argument("inputs", "a condition and two operands", "fewer"));
        };
        let others = condition.as_slice().iter().zip(no.as_slice());
        for (y, (condition, no)) in yes.as_mut_slice().iter_mut().zip(others) {
            if *condition == 0.0 {
                *y = *no;
            }
        }
        Ok(yes.into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let Some(dy) = only_gradient(dys) else { return Ok(vec![None; 3]) };
        let condition = kept.x()?;
        let of = |i: usize, takes: fn(f32) -> bool| {
            let dx =
                dy.clone().broadcast_map(condition, |dy, c| if takes(c) { dy } else { 0.0 })?;
            dx.sum_to(&kept.shapes[i]).map(Some)
        };
        Ok(vec![None, of(1, |c| c != 0.0)?, of(2, |c| c == 0.0)?])
    }
}

/// Every number cut to a range.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clip {
    x_min: Option<f32>,
    x_max: Option<f32>,
}

impl Clip {
    fn range(&self) -> (f32, f32) {
        (self.x_min.unwrap_or(f32::NEG_INFINITY), self.x_max.unwrap_or(f32::INFINITY))
    }
}

impl Compute for Clip {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        Ok(vec![only(operands)?.clone()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let (low, high) = self.range();
        // NaN stays.
        let cut = move |x: f32| {
            if x < low {
                low
            } else if x > high {
                high
            } else {
                x
            }
        };
        Ok(operands.single()?.map(cut).into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let Some(dy) = only_gradient(dys) else { return Ok(vec![None]) };
        let (low, high) = self.range();
        let inside = move |dy: f32, x: f32| if x < low || x > high { 0.0 } else { dy };
        Ok(vec![Some(dy.zip_map(kept.x()?, inside)?)])
    }
}

/// Numbers of another kind, still as f32: whole ones, or 0 and 1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cast {
    dtype: String,
}

/// What numbers become.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Same,
    Whole,
    Truth,
}

impl Cast {
    fn kind(&self) -> Result<Kind> {
        match self.dtype.as_str() {
            "float32" | "float64" => Ok(Kind::Same),
            "bool" => Ok(Kind::Truth),
            "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64" => {
                Ok(Kind::Whole)
            }
            other => Err(Error::argument("dtype", "float32, a whole number or bool", other)),
        }
    }
}

impl Compute for Cast {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        self.kind()?;
        Ok(vec![only(operands)?.clone()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let x = operands.single()?;
        Ok(match self.kind()? {
            Kind::Same => x,
            Kind::Whole => x.map(f32::trunc),
            Kind::Truth => x.map(|x| f32::from(x != 0.0)),
        }
        .into())
    }

    fn backward(&self, _: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let is_same = self.kind()? == Kind::Same;
        Ok(vec![only_gradient(dys).filter(|_| is_same)])
    }

    fn keeps_operands(&self) -> bool {
        false
    }
}

/// For each number n a row of zeros with a 1 in place n; of none if there is no such place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneHot {
    num_classes: usize,
    #[serde(default = "last")]
    axis: i64,
    /// Numbers are f32 here.
    #[serde(rename = "dtype")]
    _dtype: Option<String>,
    #[serde(default)]
    sparse: bool,
}

fn last() -> i64 {
    -1
}

impl Compute for OneHot {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        let shape = only(operands)?;
        if self.sparse || self.axis != -1 && usize::try_from(self.axis) != Ok(shape.ndim()) {
            let expected = "-1, and no sparse tensors";
            return Err(Error::argument("axis", expected, self.axis));
        }
        let mut axes = shape.axes().to_vec();
        axes.push(Some(self.num_classes));
        Ok(vec![axes.into()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let x = operands.single()?;
        let mut shape = x.shape().to_vec();
        shape.push(self.num_classes);
        let mut y = Tensor::try_full(&shape, 0.0)?;
        let rows = y.as_mut_slice().chunks_exact_mut(self.num_classes.max(1));
        for (row, &x) in rows.zip(x.as_slice()) {
            if x > -1.0
                && x.is_finite()
                && let Some(y) = row.get_mut(x as usize)
            {
                *y = 1.0;
            }
        }
        Ok(y.into())
    }

    fn backward(&self, _: &Kept, _: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        Ok(vec![None])
    }

    fn keeps_operands(&self) -> bool {
        false
    }
}

/// x Φ(x), or a function near it, which Keras' operation is unless told otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gelu {
    #[serde(default = "yes")]
    approximate: bool,
}

fn yes() -> bool {
    true
}

impl Compute for Gelu {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        Ok(vec![only(operands)?.clone()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        Ok(gelu(operands.single()?, self.approximate).into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let dx = only_gradient(dys).map(|dy| gelu_backward(kept.x()?, dy, self.approximate));
        Ok(vec![dx.transpose()?])
    }
}
