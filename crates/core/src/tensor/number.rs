//! Numbers of other types, which become those of a tensor.

use ndarray::{Array, Dimension};

/// A type of numbers that a [`Tensor`](crate::Tensor) can be made of: `f32`, `f64`, `bool` (0 and 1), `usize`
/// and integers of up to 32 bits, each rounded to the nearest `f32`. Integers up to 2^24 = 16,777,216 are exact.
/// Of `i64` no digit is lost: they are kept as [`Text`](crate::Text), for the layers that look ids up.
///
/// ```
/// use ceratops_core::Tensor;
///
/// let labels: Vec<usize> = vec![3, 0, 2];
/// assert_eq!(Tensor::from(labels), Tensor::from([3.0, 0.0, 2.0]));
/// ```
#[diagnostic::on_unimplemented(
    message = "a tensor is not made of `{Self}`",
    label = "expected f32, f64, bool, usize, integers of up to 32 bits, or arrays of them",
    note = "for rows that are vectors, which may differ in length: `Tensor::from_rows(&rows)?`",
    note = "for words and ids of 64 bits: `Text`, which lookup layers read"
)]
pub trait Number: Copy + sealed::Sealed {
    /// The nearest `f32`.
    fn to_f32(self) -> f32;

    /// The nearest `f32` of each; a vector of these is handed on.
    fn vector(numbers: Vec<Self>) -> Vec<f32> {
        numbers.into_iter().map(Self::to_f32).collect()
    }

    /// The nearest `f32` of each; an array of these is handed on.
    fn array<D: Dimension>(numbers: Array<Self, D>) -> Array<f32, D> {
        numbers.mapv(Self::to_f32)
    }
}

impl Number for f32 {
    fn to_f32(self) -> f32 {
        self
    }

    fn vector(numbers: Vec<Self>) -> Vec<f32> {
        numbers
    }

    fn array<D: Dimension>(numbers: Array<Self, D>) -> Array<f32, D> {
        numbers
    }
}

impl Number for bool {
    fn to_f32(self) -> f32 {
        f32::from(u8::from(self))
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Number for $number {
            fn to_f32(self) -> f32 {
                self as f32
            }
        }
    )*};
}

numbers!(f64, i8, u8, i16, u16, i32, u32, usize);

mod sealed {
    pub trait Sealed {}

    macro_rules! sealed {
        ($($number:ty),*) => { $(impl Sealed for $number {})* };
    }

    sealed!(f32, f64, bool, i8, u8, i16, u16, i32, u32, usize);
}
