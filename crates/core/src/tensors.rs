//! Tensors: what goes into a layer, or comes out of it, where that may be several tensors.

use std::ops::{Deref, DerefMut};

use smallvec::SmallVec;

use crate::{Error, Result, Tensor};

/// A short list of tensors. Up to four need no memory of their own.
///
/// ```
/// use ceratops_core::{Tensor, Tensors};
///
/// let pair = Tensors::from([Tensor::zeros(&[1, 2]), Tensor::zeros(&[1, 3])]);
/// assert_eq!(pair[1].shape(), [1, 3]);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tensors(SmallVec<[Tensor; 4]>);

impl Tensors {
    /// No tensors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a tensor.
    pub fn push(&mut self, tensor: Tensor) {
        self.0.push(tensor);
    }

    /// The one tensor of the list.
    ///
    /// # Errors
    /// For none, or several.
    pub fn single(self) -> Result<Tensor> {
        let count = self.0.len();
        let mut all = self.0.into_iter();
        match (all.next(), all.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(Error::argument("tensors", "one tensor", format!("{count} tensors"))),
        }
    }

    /// The two tensors of the list.
    ///
    /// # Errors
    /// For another number of them.
    pub fn pair(self) -> Result<(Tensor, Tensor)> {
        let count = self.0.len();
        let mut all = self.0.into_iter();
        match (all.next(), all.next(), all.next()) {
            (Some(a), Some(b), None) => Ok((a, b)),
            _ => Err(Error::argument("tensors", "two tensors", format!("{count} tensors"))),
        }
    }
}

impl From<Tensor> for Tensors {
    fn from(tensor: Tensor) -> Self {
        std::iter::once(tensor).collect()
    }
}

impl From<Vec<Tensor>> for Tensors {
    fn from(tensors: Vec<Tensor>) -> Self {
        tensors.into_iter().collect()
    }
}

impl<const N: usize> From<[Tensor; N]> for Tensors {
    fn from(tensors: [Tensor; N]) -> Self {
        tensors.into_iter().collect()
    }
}

impl FromIterator<Tensor> for Tensors {
    fn from_iter<I: IntoIterator<Item = Tensor>>(tensors: I) -> Self {
        Self(tensors.into_iter().collect())
    }
}

impl IntoIterator for Tensors {
    type Item = Tensor;
    type IntoIter = smallvec::IntoIter<[Tensor; 4]>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Deref for Tensors {
    type Target = [Tensor];

    fn deref(&self) -> &[Tensor] {
        &self.0
    }
}

impl DerefMut for Tensors {
    fn deref_mut(&mut self) -> &mut [Tensor] {
        &mut self.0
    }
}
