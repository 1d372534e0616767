//! Wiring: what comes out of a layer, and what it reads.

use ceratops_core::Shape;

/// What comes out of a layer, and what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wiring {
    /// The shapes of all outputs.
    pub(crate) outputs: Vec<Shape>,
    /// Whether it is an input of the model.
    pub(crate) is_input: bool,
    /// Each tensor that it reads, call after call: whose it is, of which call and which output.
    /// `None` where the layers are a chain, which says it all.
    pub(crate) connected: Option<Vec<(String, usize, usize)>>,
}

impl Wiring {
    /// A layer of which nothing is known.
    pub(crate) const NONE: &'static Self =
        &Self { outputs: Vec::new(), is_input: false, connected: None };
}
