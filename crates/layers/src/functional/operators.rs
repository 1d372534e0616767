//! `+`, `-`, `*`, `/` of symbolic tensors and numbers.

use std::ops;

use ceratops_core::Result;

use super::{CallLayer, KerasTensor};
use crate::{Add, Multiply, Rescaling, Subtract, ops::divide};

macro_rules! of_tensors {
    ($($operator:ident $method:ident $layer:ident;)*) => {$(
        /// Calls the merging layer of this name.
        impl ops::$operator for &KerasTensor {
            type Output = Result<KerasTensor>;

            fn $method(self, other: Self) -> Result<KerasTensor> {
                $layer::new().call([self, other])
            }
        }
    )*};
}

of_tensors! {
    Add add Add;
    Sub sub Subtract;
    Mul mul Multiply;
}

/// The operation [`divide`].
impl ops::Div for &KerasTensor {
    type Output = Result<KerasTensor>;

    fn div(self, other: Self) -> Result<KerasTensor> {
        divide(self, other)
    }
}

/// The operation [`divide`].
impl ops::Div<&KerasTensor> for f64 {
    type Output = Result<KerasTensor>;

    fn div(self, other: &KerasTensor) -> Result<KerasTensor> {
        divide(self, other)
    }
}

/// The operation [`divide`].
impl ops::Div<f64> for &KerasTensor {
    type Output = Result<KerasTensor>;

    fn div(self, other: f64) -> Result<KerasTensor> {
        divide(self, other)
    }
}

/// A Rescaling by -1.
impl ops::Neg for &KerasTensor {
    type Output = Result<KerasTensor>;

    fn neg(self) -> Result<KerasTensor> {
        Rescaling::new(-1.0).call(self)
    }
}

macro_rules! of_numbers {
    ($($operator:ident $method:ident: $x:ident, $scale:expr, $offset:expr, $turned:expr;)*) => {$(
        /// A [`Rescaling`], which computes the same.
        impl ops::$operator<f64> for &KerasTensor {
            type Output = Result<KerasTensor>;

            fn $method(self, $x: f64) -> Result<KerasTensor> {
                Rescaling::new($scale).offset($offset).call(self)
            }
        }

        /// A [`Rescaling`], which computes the same.
        impl ops::$operator<&KerasTensor> for f64 {
            type Output = Result<KerasTensor>;

            fn $method(self, other: &KerasTensor) -> Result<KerasTensor> {
                let $x = self;
                let (scale, offset) = $turned;
                Rescaling::new(scale).offset(offset).call(other)
            }
        }
    )*};
}

of_numbers! {
    Add add: n, 1.0, n, (1.0, n);
    Sub sub: n, 1.0, -n, (-1.0, n);
    Mul mul: n, n, 0.0, (n, 0.0);
}
