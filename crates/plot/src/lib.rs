//! Pictures: how a training went, what an activation looks like, what a model is made of and has
//! learned, where it errs. As SVG and as PNG.
//!
//! Each kind of picture is one function that returns a [`Picture`], and has a file of its own:
//! [`history`], [`activation`], [`weights`], [`activations`], [`filters`], [`confusion_matrix`],
//! [`model`]. Nothing is written to a disk here.
//!
//! ```
//! let curves = [("loss", vec![0.9, 0.4, 0.3]), ("val_loss", vec![1.0, 0.6, 0.7])];
//! let picture = ceratops_plot::history(curves)?;
//! assert!(picture.to_svg().starts_with("<svg "));
//! assert!(picture.to_png()?.starts_with(b"\x89PNG"));
//! # Ok::<(), ceratops_core::Error>(())
//! ```
//!
//! # How it is made
//!
//! The charts are drawn with `plotters` on a backend of our own (`recorder.rs`), which only notes
//! down lines, rectangles and texts. What is noted down is then written as SVG (`svg.rs`) or painted
//! by `tiny-skia` (`png.rs`), so that both look the same. Texts are measured, and in a PNG painted,
//! with a font that is embedded (`font/`); an SVG asks for the same one, and the room for texts is
//! enough for those that stand in for it.

mod activation;
mod activations;
mod axis;
mod block;
mod canvas;
mod chart;
mod colors;
mod confusion;
mod counts;
mod curve;
mod filters;
mod flow;
mod font;
mod grid;
mod histogram;
mod history;
mod layout;
mod mark;
mod model;
mod picture;
mod png;
mod recorder;
mod svg;
mod tiles;
mod weights;

pub use activation::activation;
pub use activations::activations;
pub use confusion::confusion_matrix;
pub use counts::confusion_counts;
pub use filters::filters;
pub use history::history;
pub use model::model;
pub use picture::{Kind, Picture};
pub use weights::weights;
