//! `+`, `-`, `*`, `/` of symbolic tensors and numbers.

use std::ops;

use ceratops_core::Result;

use super::{CallLayer, KerasTensor};
use crate::{Add, Multiply, Rescaling, Subtract, ops::divide};

/// `Operator method: of two tensors, of tensor and number, of number and tensor;`
macro_rules! operators {
    ($($operator:ident $method:ident: $tensors:expr, $right:expr, $left:expr;)*) => {$(
        operators!(@tensors $operator $method $tensors, KerasTensor, KerasTensor);
        operators!(@tensors $operator $method $tensors, KerasTensor, &KerasTensor);
        operators!(@tensors $operator $method $tensors, &KerasTensor, KerasTensor);
        operators!(@tensors $operator $method $tensors, &KerasTensor, &KerasTensor);
        operators!(@numbers $operator $method $right, $left; f64 i32);
    )*};
    (@tensors $operator:ident $method:ident $f:expr, $a:ty, $b:ty) => {
        /// Tensors of shapes that go together, as in [`Add`].
        impl ops::$operator<$b> for $a {
            type Output = Result<KerasTensor>;

            fn $method(self, other: $b) -> Result<KerasTensor> {
                $f(&self.clone(), &other.clone())
            }
        }
    };
    (@numbers $operator:ident $method:ident $right:expr, $left:expr; $($number:ident)*) => {$(
        operators!(@number $operator $method $right, $left; $number, KerasTensor);
        operators!(@number $operator $method $right, $left; $number, &KerasTensor);
    )*};
    (@number $operator:ident $method:ident $right:expr, $left:expr; $number:ident, $x:ty) => {
        /// Each number of the tensor with this one.
        impl ops::$operator<$number> for $x {
            type Output = Result<KerasTensor>;

            fn $method(self, number: $number) -> Result<KerasTensor> {
                $right(&self.clone(), f64::from(number))
            }
        }

        /// This number with each of the tensor.
        impl ops::$operator<$x> for $number {
            type Output = Result<KerasTensor>;

            fn $method(self, x: $x) -> Result<KerasTensor> {
                $left(f64::from(self), &x.clone())
            }
        }
    };
}

operators! {
    Add add:
        |a: &_, b: &_| Add::new().call([a, b]),
        |x: &_, n| scaled(x, 1.0, n),
        |n, x: &_| scaled(x, 1.0, n);
    Sub sub:
        |a: &_, b: &_| Subtract::new().call([a, b]),
        |x: &_, n: f64| scaled(x, 1.0, -n),
        |n, x: &_| scaled(x, -1.0, n);
    Mul mul:
        |a: &_, b: &_| Multiply::new().call([a, b]),
        |x: &_, n| scaled(x, n, 0.0),
        |n, x: &_| scaled(x, n, 0.0);
    Div div:
        |a: &KerasTensor, b: &KerasTensor| divide(a, b),
        |x: &KerasTensor, n: f64| divide(x, n),
        |n: f64, x: &KerasTensor| divide(n, x);
}

/// A [`Rescaling`]: scale · x + offset.
fn scaled(x: &KerasTensor, scale: f64, offset: f64) -> Result<KerasTensor> {
    Rescaling::new(scale).offset(offset).call(x)
}

macro_rules! negative {
    ($($x:ty),*) => {$(
        /// -x: a [`Rescaling`] by -1.
        impl ops::Neg for $x {
            type Output = Result<KerasTensor>;

            fn neg(self) -> Result<KerasTensor> {
                scaled(&self.clone(), -1.0, 0.0)
            }
        }
    )*};
}

negative!(KerasTensor, &KerasTensor);
