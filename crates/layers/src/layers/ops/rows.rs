//! What is computed along one axis or several, each row of numbers by itself.

use ceratops_core::{Error, Result, Shape, Tensor, Tensors};
use serde::Deserialize;
use std::fmt::Debug;

use super::{
    axes::{Axes, named},
    class::Class,
    compute::{Compute, Kept, Operand, only, only_gradient},
};

pub(super) const CLASSES: &[Class] = &[
    Class::of::<Along<Cumprod>>("Cumprod", "numpy"),
    Class::of::<Along<Cumsum>>("Cumsum", "numpy"),
    Class::of::<Along<LogSoftmax>>("LogSoftmax", "nn"),
    Class::of::<Along<Normalize>>("Normalize", "nn"),
];

/// A tensor turned so that the numbers along some axes stand in rows.
pub(super) struct Rows {
    /// The numbers, row after row.
    pub(super) numbers: Tensor,
    /// How long a row is.
    pub(super) len: usize,
    /// The shape of a tensor in which the axes have the length 1.
    pub(super) kept: Vec<usize>,
    /// The order of axes in `numbers`; nothing where they stood so already.
    order: Option<Vec<usize>>,
}

impl Rows {
    /// The rows of `x` along these axes, which stand in order.
    pub(super) fn of(x: Tensor, axes: &[usize]) -> Result<Self> {
        let shape = x.shape().to_vec();
        let len = axes.iter().map(|&axis| shape[axis]).product();
        let mut kept = shape.clone();
        axes.iter().for_each(|&axis| kept[axis] = 1);
        let others = (0..shape.len()).filter(|axis| !axes.contains(axis));
        let order: Vec<usize> = others.chain(axes.iter().copied()).collect();
        let in_place = order.iter().copied().eq(0..shape.len());
        let numbers = if in_place { x } else { x.permuted(&order)? };
        Ok(Self { numbers, len, kept, order: (!in_place).then_some(order) })
    }

    /// The rows turned back to where they stood.
    pub(super) fn back(self) -> Result<Tensor> {
        let Some(order) = self.order else { return Ok(self.numbers) };
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(i, &axis)| back[axis] = i);
        self.numbers.permuted(&back)
    }
}

/// What becomes of a row.
pub(super) trait Row: Debug + Default + Clone + Send + Sync {
    /// The row's numbers as others.
    fn forward(&self, row: &mut [f32], settings: &Settings);

    /// dx of x, y and dy, in the place of dy.
    fn backward(&self, x: &[f32], y: &[f32], dy: &mut [f32], settings: &Settings);
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    #[serde(default)]
    axis: Option<Axes>,
    order: Option<u32>,
    epsilon: Option<f32>,
    /// Numbers are f32 here.
    #[serde(rename = "dtype")]
    _dtype: Option<String>,
}

/// A function of the rows along an axis.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Settings", bound(deserialize = "R: Default"))]
struct Along<R> {
    row: R,
    settings: Settings,
}

impl<R: Default> From<Settings> for Along<R> {
    fn from(settings: Settings) -> Self {
        Self { row: R::default(), settings }
    }
}

impl<R: Row> Compute for Along<R> {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        let shape = only(operands)?;
        named(self.settings.axis.as_ref(), shape.ndim())?;
        if self.settings.order.is_some_and(|order| order != 2) {
            return Err(Error::argument("order", "2", format!("{:?}", self.settings.order)));
        }
        Ok(vec![shape.clone()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let x = operands.single()?;
        let axes = named(self.settings.axis.as_ref(), x.ndim())?;
        let mut rows = Rows::of(x, &axes)?;
        let len = rows.len.max(1);
        let numbers = rows.numbers.as_mut_slice().chunks_exact_mut(len);
        numbers.for_each(|row| self.row.forward(row, &self.settings));
        Ok(rows.back()?.into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let Some(dy) = only_gradient(dys) else { return Ok(vec![None]) };
        let axes = named(self.settings.axis.as_ref(), dy.ndim())?;
        let (x, y) = (Rows::of(kept.x()?.clone(), &axes)?, Rows::of(kept.y()?.clone(), &axes)?);
        let mut rows = Rows::of(dy, &axes)?;
        let len = rows.len.max(1);
        let pairs =
            x.numbers.as_slice().chunks_exact(len).zip(y.numbers.as_slice().chunks_exact(len));
        for (dy, (x, y)) in rows.numbers.as_mut_slice().chunks_exact_mut(len).zip(pairs) {
            self.row.backward(x, y, dy, &self.settings);
        }
        Ok(vec![Some(rows.back()?)])
    }

    fn keeps_outputs(&self) -> bool {
        true
    }
}

/// yᵢ = x₁ + … + xᵢ
#[derive(Debug, Clone, Default)]
struct Cumsum;

impl Row for Cumsum {
    fn forward(&self, row: &mut [f32], _: &Settings) {
        let mut sum = 0.0;
        for x in row {
            sum += *x;
            *x = sum;
        }
    }

    fn backward(&self, _: &[f32], _: &[f32], dy: &mut [f32], _: &Settings) {
        // dxᵢ = dyᵢ + … + dyₙ
        let mut sum = 0.0;
        for dy in dy.iter_mut().rev() {
            sum += *dy;
            *dy = sum;
        }
    }
}

/// yᵢ = x₁ · … · xᵢ
#[derive(Debug, Clone, Default)]
struct Cumprod;

impl Row for Cumprod {
    fn forward(&self, row: &mut [f32], _: &Settings) {
        let mut product = 1.0;
        for x in row {
            product *= *x;
            *x = product;
        }
    }

    fn backward(&self, x: &[f32], _: &[f32], dy: &mut [f32], _: &Settings) {
        // dxᵢ = (x₁ · … · xᵢ₋₁) · (dyᵢ + xᵢ₊₁ (dyᵢ₊₁ + xᵢ₊₂ (…)))
        let mut behind = 0.0;
        for i in (0..dy.len()).rev() {
            behind = dy[i] + x.get(i + 1).map_or(0.0, |x| x * behind);
            dy[i] = behind;
        }
        let mut before = 1.0;
        for (dy, x) in dy.iter_mut().zip(x) {
            *dy *= before;
            before *= x;
        }
    }
}

/// The largest number of a row, and the sum of exp(x - largest).
pub(super) fn exponentials(row: &[f32]) -> (f32, f64) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // All of them infinitely small: their distances are no numbers.
    let largest = if largest.is_finite() { largest } else { 0.0 };
    (largest, row.iter().map(|x| f64::from((x - largest).exp())).sum())
}

/// y = x - ln Σ exp(x)
#[derive(Debug, Clone, Default)]
struct LogSoftmax;

impl Row for LogSoftmax {
    fn forward(&self, row: &mut [f32], _: &Settings) {
        let (largest, sum) = exponentials(row);
        let log = sum.ln() as f32;
        row.iter_mut().for_each(|x| *x = *x - largest - log);
    }

    fn backward(&self, _: &[f32], y: &[f32], dy: &mut [f32], _: &Settings) {
        // dx = dy - exp(y) Σ dy
        let sum: f64 = dy.iter().map(|dy| f64::from(*dy)).sum();
        dy.iter_mut().zip(y).for_each(|(dy, y)| *dy -= y.exp() * sum as f32);
    }
}

/// y = x · min(1 / ‖x‖, 1 / epsilon)
#[derive(Debug, Clone, Default)]
struct Normalize;

impl Normalize {
    /// 1 / ‖x‖, or 1 / epsilon, and whether it is the former.
    fn scale(row: &[f32], settings: &Settings) -> (f32, bool) {
        let square: f64 = row.iter().map(|x| f64::from(*x).powi(2)).sum();
        let inverse = 1.0 / square.sqrt();
        let most = 1.0 / f64::from(settings.epsilon.unwrap_or(1e-7));
        (inverse.min(most) as f32, inverse <= most)
    }
}

impl Row for Normalize {
    fn forward(&self, row: &mut [f32], settings: &Settings) {
        let (scale, _) = Self::scale(row, settings);
        row.iter_mut().for_each(|x| *x *= scale);
    }

    fn backward(&self, x: &[f32], y: &[f32], dy: &mut [f32], settings: &Settings) {
        // dx = (dy - y Σ y dy) / ‖x‖
        let (scale, free) = Self::scale(x, settings);
        let dot: f64 = y.iter().zip(&*dy).map(|(y, dy)| f64::from(y * dy)).sum();
        let dot = if free { dot as f32 } else { 0.0 };
        dy.iter_mut().zip(y).for_each(|(dy, y)| *dy = (*dy - y * dot) * scale);
    }
}
