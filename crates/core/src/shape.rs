//! Shapes whose batch axis, and sometimes others, are not known yet.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The lengths of a tensor's axes, batch first; `None` where a length is open, as in Keras'
/// `(None, 28, 28, 1)`.
///
/// ```
/// use ceratops_core::Shape;
///
/// assert_eq!(Shape::batched([28, 28, 1]).to_string(), "(None, 28, 28, 1)");
/// assert_eq!(Shape::from([None, Some(4)]).to_string(), "(None, 4)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Option<usize>>", into = "Vec<Option<usize>>")]
pub struct Shape(Vec<Option<usize>>, Holds);

/// What an array of that shape holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Holds {
    #[default]
    Numbers,
    /// Strings, for which their tensor has one more axis: see [`Text`](crate::Text).
    Text,
}

impl Shape {
    /// The shape with an open batch axis in front of `dims`.
    pub fn batched(dims: impl Into<Self>) -> Self {
        let Self(axes, holds) = dims.into();
        Self(std::iter::once(None).chain(axes).collect(), holds)
    }

    /// The shape in which every length is known.
    pub fn of(dims: &[usize]) -> Self {
        Self(dims.iter().copied().map(Some).collect(), Holds::Numbers)
    }

    /// The same shape of an array of strings.
    #[must_use]
    pub fn of_text(self) -> Self {
        Self(self.0, Holds::Text)
    }

    /// Whether it is that of an array of strings.
    pub fn is_text(&self) -> bool {
        self.1 == Holds::Text
    }

    /// The axes, batch first.
    pub fn axes(&self) -> &[Option<usize>] {
        &self.0
    }

    /// The number of axes, batch included.
    pub fn ndim(&self) -> usize {
        self.0.len()
    }

    /// The last axis; `None` if there is none or its length is open.
    pub fn last(&self) -> Option<usize> {
        self.0.last().copied().flatten()
    }

    /// The same shape with another length at `axis`.
    #[must_use]
    pub fn with_axis(&self, axis: usize, len: Option<usize>) -> Self {
        let mut axes = self.0.clone();
        if let Some(slot) = axes.get_mut(axis) {
            *slot = len;
        }
        Self(axes, self.1)
    }

    /// The lengths behind the batch axis, all of which must be known.
    pub fn features(&self) -> Result<Vec<usize>> {
        let known: Option<Vec<usize>> = self.0.iter().skip(1).copied().collect();
        known.ok_or_else(|| {
            Error::argument("input_shape", "known lengths behind the batch axis", self)
        })
    }

    /// All lengths, each of which must be known.
    pub fn dims(&self) -> Result<Vec<usize>> {
        let known: Option<Vec<usize>> = self.0.iter().copied().collect();
        known.ok_or_else(|| Error::argument("input_shape", "known lengths", self))
    }

    /// Whether a tensor of shape `dims` has this shape.
    pub fn admits(&self, dims: &[usize]) -> bool {
        let Some(dims) = self.without_letters(dims) else { return false };
        self.0.len() == dims.len()
            && self.0.iter().zip(dims).all(|(axis, len)| axis.is_none_or(|axis| axis == *len))
    }

    /// Whether samples of shape `dims`, however many, have this shape: the batch axis does not count.
    pub fn admits_samples(&self, dims: &[usize]) -> bool {
        let Some(dims) = self.without_letters(dims) else { return false };
        self.0.len() == dims.len()
            && self.0.iter().zip(dims).skip(1).all(|(axis, len)| axis.is_none_or(|a| a == *len))
    }
}

impl Shape {
    /// The axes of a tensor that count: all, but for that of the letters of strings.
    fn without_letters<'a>(&self, dims: &'a [usize]) -> Option<&'a [usize]> {
        match self.1 {
            Holds::Numbers => Some(dims),
            Holds::Text => dims.split_last().map(|(_, dims)| dims),
        }
    }
}

impl From<Shape> for Vec<Option<usize>> {
    fn from(shape: Shape) -> Self {
        shape.0
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Self {
        Self::of(&dims)
    }
}

impl<const N: usize> From<[Option<usize>; N]> for Shape {
    fn from(axes: [Option<usize>; N]) -> Self {
        Self(axes.into(), Holds::Numbers)
    }
}

/// A tuple of lengths, as Keras writes shapes: `(28, 28, 1)`.
macro_rules! from_tuples {
    ($($of:ident: $($axis:ident)*;)*) => {$(
        impl From<($($of!($axis),)*)> for Shape {
            fn from(($($axis,)*): ($($of!($axis),)*)) -> Self {
                Self::of(&[$($axis),*])
            }
        }
    )*};
}

macro_rules! length {
    ($axis:ident) => {
        usize
    };
}

from_tuples! {
    length: a;
    length: a b;
    length: a b c;
    length: a b c d;
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Self {
        Self::of(dims)
    }
}

impl From<Vec<usize>> for Shape {
    fn from(dims: Vec<usize>) -> Self {
        Self::of(&dims)
    }
}

impl From<Vec<Option<usize>>> for Shape {
    fn from(axes: Vec<Option<usize>>) -> Self {
        Self(axes, Holds::Numbers)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes: Vec<String> =
            self.0.iter().map(|a| a.map_or_else(|| "None".into(), |n| n.to_string())).collect();
        // A single axis is written as Python writes a tuple of one: (3,).
        let comma = if axes.len() == 1 { "," } else { "" };
        write!(f, "({}{comma})", axes.join(", "))
    }
}
