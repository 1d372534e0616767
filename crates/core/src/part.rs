//! Part: the weights that one object within a layer keeps.

use crate::Param;

/// The weights of a layer itself, or of an object that it holds, such as the cell of an LSTM. Files
/// keep them apart.
#[derive(Debug)]
pub struct Part<'a> {
    /// The attributes under which the layer holds the object, `forward_layer/cell`; empty for the
    /// layer itself.
    pub attribute: String,
    /// The names of the objects on the way, `forward_lstm/lstm_cell`; empty for the layer itself.
    pub name: String,
    /// The object's own weights.
    pub params: Vec<&'a Param>,
}

impl<'a> Part<'a> {
    /// What the layer keeps itself.
    pub fn own(params: Vec<&'a Param>) -> Self {
        Self::held("", "", params)
    }

    /// What an object keeps that the layer holds.
    pub fn held(
        attribute: impl Into<String>,
        name: impl Into<String>,
        params: Vec<&'a Param>,
    ) -> Self {
        Self { attribute: attribute.into(), name: name.into(), params }
    }

    /// The same part of an object that a layer holds under `attribute` and calls `name`.
    #[must_use]
    pub fn within(self, attribute: &str, name: &str) -> Self {
        let join = |outer: &str, inner: String| match inner.as_str() {
            "" => outer.to_owned(),
            inner => format!("{outer}/{inner}"),
        };
        Self {
            attribute: join(attribute, self.attribute),
            name: join(name, self.name),
            params: self.params,
        }
    }
}
