//! Functions of two numbers, z = f(a, b), the operands being stretched to each other.

use std::sync::Arc;

use ceratops_core::{Error, Result, Shape, Tensor, Tensors};

use super::{
    class::Class,
    compute::{Compute, Kept, Operand, only_gradient, stretched},
    unary::without_settings,
};

/// What each two numbers become.
type Map = fn(Tensor, &Tensor) -> Result<Tensor>;

/// A function of each two numbers.
#[derive(Debug)]
struct Function {
    f: Map,
    /// ∂z/∂a and ∂z/∂b; none for comparisons.
    slopes: Option<[Map; 2]>,
}

/// `Name "module": f;` or `Name "module": f, ∂f/∂a, ∂f/∂b;`
macro_rules! functions {
    ($($name:ident $module:literal: $f:expr $(, $da:expr, $db:expr)?;)*) => {
        pub(super) const CLASSES: &[Class] = &[$(
            Class {
                name: stringify!($name),
                module: $module,
                operands: None,
                make: |settings| {
                    without_settings(&settings)?;
                    let slopes: Option<[Map; 2]> = functions!(@ $($da, $db)?);
                    Ok(Arc::new(Function { f: |a, b| combined(a, b, $f), slopes }))
                },
            },
        )*];
    };
    (@) => { None };
    (@ $da:expr, $db:expr) => { Some([|a, b| combined(a, b, $da), |a, b| combined(a, b, $db)]) };
}

functions! {
    Add "numpy": |a: f32, b| a + b, |_, _| 1.0, |_, _| 1.0;
    Arctan2 "numpy": f32::atan2, |a: f32, b| b / (a * a + b * b), |a: f32, b| -a / (a * a + b * b);
    Divide "numpy": |a: f32, b| a / b, |_, b| 1.0 / b, |a: f32, b| -a / (b * b);
    DivideNoNan "numpy": |a: f32, b| if b == 0.0 { 0.0 } else { a / b },
        |_, b| if b == 0.0 { 0.0 } else { 1.0 / b },
        |a: f32, b| if b == 0.0 { 0.0 } else { -a / (b * b) };
    Equal "numpy": |a, b| f32::from(a == b);
    FloorDivide "numpy": |a: f32, b| (a / b).floor();
    Greater "numpy": |a, b| f32::from(a > b);
    GreaterEqual "numpy": |a, b| f32::from(a >= b);
    Less "numpy": |a, b| f32::from(a < b);
    LessEqual "numpy": |a, b| f32::from(a <= b);
    LogicalAnd "numpy": |a, b| f32::from(a != 0.0 && b != 0.0);
    LogicalOr "numpy": |a, b| f32::from(a != 0.0 || b != 0.0);
    LogicalXor "numpy": |a, b| f32::from((a != 0.0) != (b != 0.0));
    // Of equal numbers the first has the gradient, and NaN stays, as in TensorFlow.
    Maximum "numpy": |a: f32, b| if a >= b || a.is_nan() { a } else { b },
        |a, b| f32::from(a >= b), |a, b| 1.0 - f32::from(a >= b);
    Minimum "numpy": |a: f32, b| if a <= b || a.is_nan() { a } else { b },
        |a, b| f32::from(a <= b), |a, b| 1.0 - f32::from(a <= b);
    Mod "numpy": modulo, |_, _| 1.0, |a: f32, b| -(a / b).floor();
    Multiply "numpy": |a: f32, b| a * b, |_, b| b, |a, _| a;
    NotEqual "numpy": |a, b| f32::from(a != b);
    Power "numpy": f32::powf, |a: f32, b| b * a.powf(b - 1.0),
        |a: f32, b| if a > 0.0 { a.powf(b) * a.ln() } else { 0.0 };
    SquaredDifference "tensorflow": |a: f32, b| (a - b) * (a - b),
        |a: f32, b| 2.0 * (a - b), |a: f32, b| 2.0 * (b - a);
    Subtract "numpy": |a: f32, b| a - b, |_, _| 1.0, |_, _| -1.0;
    TrueDivide "numpy": |a: f32, b| a / b, |_, b| 1.0 / b, |a: f32, b| -a / (b * b);
}

/// What a leaves of the largest multiple of b below it: it has the sign of b.
fn modulo(a: f32, b: f32) -> f32 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

/// f(a, b) of each two numbers; a single number is not stretched first.
pub(super) fn combined(
    a: Tensor,
    b: &Tensor,
    f: impl Fn(f32, f32) -> f32 + Copy,
) -> Result<Tensor> {
    match (a.as_slice(), b.as_slice()) {
        (_, &[b_only]) if b.ndim() <= a.ndim() => Ok(a.map(move |a| f(a, b_only))),
        (&[a_only], _) if a.ndim() <= b.ndim() => Ok(b.clone().map(move |b| f(a_only, b))),
        _ => a.broadcast_map(b, f),
    }
}

/// The two operands.
fn two(operands: &[Tensor]) -> Result<[&Tensor; 2]> {
    match operands {
        [a, b] => Ok([a, b]),
        _ => {
            let found = format!("{} operands", operands.len());
            Err(Error::argument("inputs", "two operands", found))
        }
    }
}

impl Compute for Function {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        if operands.len() != 2 {
            let found = format!("{} operands", operands.len());
            return Err(Error::argument("inputs", "two operands", found));
        }
        Ok(vec![stretched(operands)?])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let (a, b) = operands.pair()?;
        Ok((self.f)(a, &b)?.into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let (Some(dy), Some(slopes)) = (only_gradient(dys), self.slopes) else {
            return Ok(vec![None, None]);
        };
        let [a, b] = two(&kept.xs)?;
        let mut dxs = vec![None, None];
        for (i, (slope, own)) in slopes.into_iter().zip([a, b]).enumerate() {
            if kept.wants(i) {
                let slope = slope(a.clone(), b)?;
                let dx = dy.clone().broadcast_map(&slope, |dy, slope| dy * slope)?;
                dxs[i] = Some(dx.sum_to(own.shape())?);
            }
        }
        Ok(dxs)
    }

    fn keeps_operands(&self) -> bool {
        self.slopes.is_some()
    }
}
