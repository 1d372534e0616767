//! What stands in brackets.

use std::ops::{Range, RangeFrom, RangeFull, RangeTo};

use serde_json::{Value, json};

/// One item of what stands in brackets; ranges and numbers become one by `into()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slice {
    /// One place, counted from the end below 0; the axis is gone then: `0`.
    At(i64),
    /// From, up to and in steps of: `1:4:2`.
    Range(Option<i64>, Option<i64>, Option<i64>),
    /// A new axis of length 1: `None`.
    New,
    /// All axes that are not named: `...`.
    Ellipsis,
}

impl Slice {
    /// Every so many-th place: `::2`; below 0 from the end on.
    pub fn every(step: i64) -> Self {
        Self::Range(None, None, Some(step))
    }

    fn value(self) -> Value {
        match self {
            Self::At(place) => place.into(),
            Self::New => Value::Null,
            Self::Ellipsis => json!({ "class_name": "__ellipsis__", "config": {} }),
            Self::Range(start, stop, step) => json!({
                "class_name": "__slice__", "config": { "start": start, "stop": stop, "step": step },
            }),
        }
    }
}

impl From<i64> for Slice {
    fn from(place: i64) -> Self {
        Self::At(place)
    }
}

impl From<RangeFull> for Slice {
    fn from(_: RangeFull) -> Self {
        Self::Range(None, None, None)
    }
}

impl From<Range<i64>> for Slice {
    fn from(range: Range<i64>) -> Self {
        Self::Range(Some(range.start), Some(range.end), None)
    }
}

impl From<RangeFrom<i64>> for Slice {
    fn from(range: RangeFrom<i64>) -> Self {
        Self::Range(Some(range.start), None, None)
    }
}

impl From<RangeTo<i64>> for Slice {
    fn from(range: RangeTo<i64>) -> Self {
        Self::Range(None, Some(range.end), None)
    }
}

/// What can stand in brackets: a tuple of items, the first one `..` for the batch.
pub trait IntoKey {
    /// The items as Keras records them.
    #[doc(hidden)]
    fn key(self) -> Value;
}

macro_rules! tuples {
    ($(($($item:ident)*))*) => {$(
        impl<$($item: Into<Slice>),*> IntoKey for ($($item,)*) {
            #[allow(non_snake_case, reason = "the types name the items")]
            fn key(self) -> Value {
                let ($($item,)*) = self;
                json!([$($item.into().value()),*])
            }
        }
    )*};
}

tuples!((A B)(A B C)(A B C D)(A B C D E));
