//! The ground that the other crates of Ceratops stand on: [`Tensor`], [`Shape`], [`Error`], the
//! [`Layer`] trait and [`Param`].
//!
//! A layer is a value with a config and weights. `forward` computes its output and says what the
//! gradient will need; `backward` turns the gradient of the output into that of the input, and
//! adds the gradients of the weights to [`Gradients`].

mod any_layer;
mod arguments;
mod closing;
mod context;
mod error;
mod flush;
mod gradients;
mod index;
mod layer;
mod mask;
mod multi_layer;
mod param;
mod part;
mod printable;
mod random;
mod samples;
mod shape;
mod structure;
mod suggest;
mod tensor;
mod tensors;
mod text;
mod vectorize;

pub mod parallel;

pub use any_layer::{AnyLayer, Saved};
pub use arguments::Arguments;
pub use closing::Closing;
pub use context::{Context, Inside, Mode, Update};
pub use error::{Error, Result};
pub use flush::flushed;
pub use gradients::Gradients;
pub use index::{LARGEST_INDEX, index};
pub use layer::Layer;
pub use mask::Mask;
pub use multi_layer::MultiLayer;
pub use param::{Constrain, Param, Regularize};
pub use part::Part;
pub use printable::{is_printable, printable, printable_lines};
pub use random::{Purpose, Rng, rng};
pub use samples::{SampleSource, Samples};
pub use shape::Shape;
pub use structure::{Arrays, Inputs, IntoArrays, IntoInputs, Structure};
pub use suggest::nearest;
pub use tensor::{Number, Tensor, TensorView, broadcast};
pub use tensors::Tensors;
pub use text::Text;
pub use vectorize::vectorize;
