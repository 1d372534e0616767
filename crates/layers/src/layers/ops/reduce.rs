//! One number of many: means, sums, largest ones along some axes.

use std::{fmt::Debug, marker::PhantomData};

use ceratops_core::{Result, Shape, Tensor, Tensors};
use serde::Deserialize;

use super::{
    axes::{Axes, named},
    class::Class,
    compute::{Compute, Kept, Operand, only, only_gradient},
    rows::{Rows, exponentials},
};

pub(super) const CLASSES: &[Class] = &[
    Class::of::<Reduce<All>>("All", "numpy"),
    Class::of::<Reduce<Max>>("Amax", "numpy"),
    Class::of::<Reduce<Min>>("Amin", "numpy"),
    Class::of::<Reduce<Any>>("Any", "numpy"),
    Class::of::<Reduce<Argmax>>("Argmax", "numpy"),
    Class::of::<Reduce<Argmin>>("Argmin", "numpy"),
    // Weights are not known here.
    Class::of::<Reduce<Mean>>("Average", "numpy"),
    Class::of::<Reduce<CountNonzero>>("CountNonzero", "numpy"),
    Class::of::<Reduce<Logsumexp>>("Logsumexp", "math"),
    Class::of::<Reduce<Max>>("Max", "numpy"),
    Class::of::<Reduce<Mean>>("Mean", "numpy"),
    Class::of::<Reduce<Min>>("Min", "numpy"),
    Class::of::<Reduce<Norm>>("Norm", "linalg"),
    Class::of::<Reduce<Prod>>("Prod", "numpy"),
    Class::of::<Reduce<Std>>("Std", "numpy"),
    Class::of::<Reduce<Sum>>("Sum", "numpy"),
    Class::of::<Reduce<Var>>("Var", "numpy"),
];

/// One number of a row.
trait Row: Debug + Send + Sync {
    /// Whether there is a gradient.
    const IS_SMOOTH: bool = true;

    fn of(x: &[f32]) -> f32;

    /// dx of x, y and dy.
    fn gradient(x: &[f32], y: f32, dy: f32, dx: &mut [f32]) {
        let _ = (x, y, dy, dx);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    axis: Option<Axes>,
    #[serde(default)]
    keepdims: bool,
    ord: Option<Order>,
    #[serde(rename = "dtype")]
    _dtype: Option<String>,
}

/// Which norm is meant.
#[derive(Deserialize)]
#[serde(untagged)]
enum Order {
    Number(f64),
    Name(String),
}

/// A number for each row along some axes.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Settings", bound = "")]
struct Reduce<R> {
    axes: Option<Axes>,
    keepdims: bool,
    row: PhantomData<R>,
}

impl<R> TryFrom<Settings> for Reduce<R> {
    type Error = String;

    fn try_from(settings: Settings) -> Result<Self, String> {
        match settings.ord {
            None | Some(Order::Number(2.0)) => {}
            Some(Order::Name(name)) if name == "fro" || name == "euclidean" => {}
            _ => return Err("only the Euclidean norm is known here".into()),
        }
        Ok(Self { axes: settings.axis, keepdims: settings.keepdims, row: PhantomData })
    }
}

impl<R: Row> Reduce<R> {
    fn places(&self, ndim: usize) -> Result<Vec<usize>> {
        named(self.axes.as_ref(), ndim)
    }
}

impl<R: Row + 'static> Compute for Reduce<R> {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        let shape = only(operands)?;
        let places = self.places(shape.ndim())?;
        let axes = shape.axes().iter().enumerate();
        let axes: Vec<Option<usize>> = match self.keepdims {
            true => axes.map(|(i, len)| if places.contains(&i) { Some(1) } else { *len }).collect(),
            false => axes.filter(|(i, _)| !places.contains(i)).map(|(_, len)| *len).collect(),
        };
        Ok(vec![axes.into()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let x = operands.single()?;
        let places = self.places(x.ndim())?;
        let Rows { numbers, len, mut kept, .. } = Rows::of(x, &places)?;
        let mut y = Tensor::try_full(&kept, R::of(&[]))?;
        if len > 0 {
            let rows = numbers.as_slice().chunks_exact(len);
            y.as_mut_slice().iter_mut().zip(rows).for_each(|(y, row)| *y = R::of(row));
        }
        if !self.keepdims {
            kept = (0..kept.len()).filter(|i| !places.contains(i)).map(|i| kept[i]).collect();
        }
        Ok(y.reshape(&kept)?.into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let Some(dy) = only_gradient(dys).filter(|_| R::IS_SMOOTH) else { return Ok(vec![None]) };
        let x = kept.x()?;
        let mut rows = Rows::of(x.clone(), &self.places(x.ndim())?)?;
        if let (1.., y) = (rows.len, kept.y()?) {
            let x = rows.numbers;
            let mut dx = Tensor::for_overwrite(x.shape());
            let ends = y.as_slice().iter().zip(dy.as_slice());
            let pairs = x.as_slice().chunks_exact(rows.len).zip(ends);
            let dxs = dx.as_mut_slice().chunks_exact_mut(rows.len);
            dxs.zip(pairs).for_each(|(dx, (x, (&y, &dy)))| R::gradient(x, y, dy, dx));
            rows.numbers = dx;
        }
        Ok(vec![Some(rows.back()?)])
    }

    fn keeps_operands(&self) -> bool {
        R::IS_SMOOTH
    }

    fn keeps_outputs(&self) -> bool {
        R::IS_SMOOTH
    }
}

fn sum(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x)).sum()
}

/// `Name "formula": y of x, dx of x, y and dy;`, or without a gradient.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident: $f:expr $(, $gradient:expr)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        struct $name;

        impl Row for $name {
            const IS_SMOOTH: bool = rows!(@ $($gradient)?);

            fn of(x: &[f32]) -> f32 {
                let f: fn(&[f32]) -> f32 = $f;
                f(x)
            }

            $(fn gradient(x: &[f32], y: f32, dy: f32, dx: &mut [f32]) {
                let gradient: fn(&[f32], f32, f32, &mut [f32]) = $gradient;
                gradient(x, y, dy, dx);
            })?
        }
    )*};
    (@) => { false };
    (@ $gradient:expr) => { true };
}

rows! {
    /// 1 if no number is 0.
    All: |x| f32::from(x.iter().all(|x| *x != 0.0));
    /// 1 if a number is not 0.
    Any: |x| f32::from(x.iter().any(|x| *x != 0.0));
    /// The place of the first of the largest.
    Argmax: |x| first(x, |a, b| a > b);
    /// The place of the first of the smallest.
    Argmin: |x| first(x, |a, b| a < b);
    /// How many are not 0.
    CountNonzero: |x| x.iter().filter(|x| **x != 0.0).count() as f32;
    /// ln Σ exp(x)
    Logsumexp: |x| {
        let (largest, sum) = exponentials(x);
        largest + sum.ln() as f32
    }, |x, y, dy, dx| dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = dy * (x - y).exp());
    /// The largest; equal ones share the gradient.
    Max: |x| x.iter().copied().fold(f32::NEG_INFINITY, larger), shared;
    /// The smallest; equal ones share the gradient.
    Min: |x| -x.iter().map(|x| -x).fold(f32::NEG_INFINITY, larger), shared;
    /// Σ x / n
    Mean: |x| (sum(x) / x.len() as f64) as f32, |_, _, dy, dx| {
        let each = dy / dx.len() as f32;
        dx.fill(each);
    };
    /// √Σ x²
    Norm: |x| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt() as f32,
        |x, y, dy, dx| dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = dy * x / y);
    /// The product.
    Prod: |x| x.iter().map(|x| f64::from(*x)).product::<f64>() as f32, |x, _, dy, dx| {
        // dxᵢ = dy · what stands before · what stands behind
        let (mut before, mut behind) = (f64::from(dy), 1.0);
        for (dx, x) in dx.iter_mut().zip(x) {
            *dx = before as f32;
            before *= f64::from(*x);
        }
        for (dx, x) in dx.iter_mut().zip(x).rev() {
            *dx = (f64::from(*dx) * behind) as f32;
            behind *= f64::from(*x);
        }
    };
    /// √(Σ (x - mean)² / n)
    Std: |x| variance(x).1.sqrt() as f32,
        |x, y, dy, dx| deviations(x, dy / (y * x.len() as f32), dx);
    /// Σ x
    Sum: |x| sum(x) as f32, |_, _, dy, dx| dx.fill(dy);
    /// Σ (x - mean)² / n
    Var: |x| variance(x).1 as f32, |x, _, dy, dx| deviations(x, 2.0 * dy / x.len() as f32, dx);
}

/// NaN stays, as in TensorFlow.
fn larger(a: f32, b: f32) -> f32 {
    if a >= b || a.is_nan() { a } else { b }
}

/// The gradient in equal parts to all numbers that are the result.
fn shared(x: &[f32], y: f32, dy: f32, dx: &mut [f32]) {
    let count = x.iter().filter(|x| **x == y).count() as f32;
    dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = if *x == y { dy / count } else { 0.0 });
}

fn first(x: &[f32], is_better: fn(f32, f32) -> bool) -> f32 {
    let mut best = 0;
    for (i, value) in x.iter().enumerate() {
        if is_better(*value, x[best]) {
            best = i;
        }
    }
    best as f32
}

/// The mean and the variance.
fn variance(x: &[f32]) -> (f64, f64) {
    let count = x.len() as f64;
    let mean = sum(x) / count;
    (mean, x.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / count)
}

/// dx = scale (x - mean)
fn deviations(x: &[f32], scale: f32, dx: &mut [f32]) {
    let mean = variance(x).0 as f32;
    dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = scale * (x - mean));
}
