//! Inputs: what a model is asked about, one tensor or several.

use crate::Tensor;

/// What a model is asked about: one tensor, or one for each of its inputs, in their order or by
/// their names.
///
/// ```
/// use ceratops_core::{Inputs, Tensor};
///
/// let (a, b) = (Tensor::from([[1.0]]), Tensor::from([[2.0]]));
/// assert!(matches!(Inputs::from([[1.0, 2.0]]), Inputs::One(_)));
/// assert!(matches!(Inputs::from([&a, &b]), Inputs::List(_)));
/// assert!(matches!(Inputs::from([("a", &a), ("b", &b)]), Inputs::Named(_)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Inputs {
    /// The only input.
    One(Tensor),
    /// All inputs, in the model's order.
    List(Vec<Tensor>),
    /// All inputs, by their names.
    Named(Vec<(String, Tensor)>),
}

impl<T: Into<Tensor>> From<T> for Inputs {
    fn from(x: T) -> Self {
        Self::One(x.into())
    }
}

impl<const N: usize> From<[&Tensor; N]> for Inputs {
    fn from(xs: [&Tensor; N]) -> Self {
        Self::List(xs.into_iter().cloned().collect())
    }
}

impl<const N: usize> From<[Tensor; N]> for Inputs {
    fn from(xs: [Tensor; N]) -> Self {
        Self::List(xs.into())
    }
}

impl From<Vec<Tensor>> for Inputs {
    fn from(xs: Vec<Tensor>) -> Self {
        Self::List(xs)
    }
}

impl<const N: usize> From<[(&str, &Tensor); N]> for Inputs {
    fn from(xs: [(&str, &Tensor); N]) -> Self {
        Self::Named(xs.into_iter().map(|(name, x)| (name.into(), x.clone())).collect())
    }
}

impl<const N: usize> From<[(&str, Tensor); N]> for Inputs {
    fn from(xs: [(&str, Tensor); N]) -> Self {
        Self::Named(xs.into_iter().map(|(name, x)| (name.into(), x)).collect())
    }
}

impl From<Vec<(String, Tensor)>> for Inputs {
    fn from(xs: Vec<(String, Tensor)>) -> Self {
        Self::Named(xs)
    }
}
