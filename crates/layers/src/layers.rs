//! One file a layer, and the list of them all.

mod activation;
mod dense;
mod input;

pub use activation::Activation;
pub use dense::Dense;
pub use input::Input;

use crate::Entry;

/// The layers that a config may name without being registered.
pub(crate) const BUILTIN: &[Entry] = &[
    Entry::with_activation::<Activation>(),
    Entry::with_activation::<Dense>(),
    Entry::of::<Input>().ignoring(&[
        ("sparse", "false"),
        ("ragged", "false"),
        ("optional", "false"),
    ]),
];

/// An input shape's number of axes, refused where `axes` says otherwise.
pub(crate) fn expect_ndim(
    input: &ceratops_core::Shape,
    ndim: usize,
    axes: &str,
    help: &str,
) -> ceratops_core::Result<()> {
    if input.ndim() == ndim {
        return Ok(());
    }
    Err(ceratops_core::Error::Shape {
        what: "input".into(),
        expected: axes.into(),
        found: input.to_string(),
        help: help.into(),
    })
}
