//! Axes as settings: one, several, or none, which means all.

use ceratops_core::{Error, Result};
use serde::Deserialize;

use crate::layers::wrong_axis;

/// One axis or several; counted from the end where they are below 0.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected an axis, or a list of axes")]
pub(super) enum Axes {
    One(i64),
    Several(Vec<i64>),
}

impl Axes {
    pub(super) fn list(&self) -> &[i64] {
        match self {
            Self::One(axis) => std::slice::from_ref(axis),
            Self::Several(axes) => axes,
        }
    }

    /// The axes counted from 0, in order, each once; none of them is the batch.
    pub(super) fn places(&self, ndim: usize) -> Result<Vec<usize>> {
        let places: Result<Vec<usize>> =
            self.list().iter().map(|&axis| place(axis, ndim)).collect();
        let mut places = places?;
        places.sort_unstable();
        if places.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::argument("axis", "each axis once", format!("{:?}", self.list())));
        }
        Ok(places)
    }
}

/// The axis counted from 0, which must not be the batch.
pub(super) fn place(axis: i64, ndim: usize) -> Result<usize> {
    let place =
        usize::try_from(if axis < 0 { axis.saturating_add_unsigned(ndim as u64) } else { axis });
    let place = place.ok().filter(|place| (1..ndim).contains(place));
    place.ok_or_else(|| wrong_axis(axis, ndim))
}

/// The axes counted from 0, all being meant where none is named: that would mix samples.
pub(super) fn named(axes: Option<&Axes>, ndim: usize) -> Result<Vec<usize>> {
    match axes {
        Some(axes) => axes.places(ndim),
        None => Err(Error::argument("axis", "axes behind the batch", "None, which means all")
            .with_help("the samples of a batch do not look at each other; name the other axes")),
    }
}
