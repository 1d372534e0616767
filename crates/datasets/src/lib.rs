//! Data to train on: 5,000 handwritten digits inside the program, and readers of what users have.
//!
//! - [`mnist::digits`] needs no file and no network, [`mnist::from_folder`] reads the whole set
//!   or any other in its format, such as Fashion-MNIST.
//! - [`idx::read`] reads one array of the format MNIST comes in.
//! - [`csv::read`] reads a table, whose columns become tensors.
//! - `image_folder` reads images, one folder for each class (feature `images`).
//! - [`to_categorical`] turns labels into the rows that `categorical_crossentropy` wants.
//!
//! A reader never panics and never asks for more memory than what it reads deserves, whatever the
//! bytes: what is wrong comes back as an error with the file and the place.

pub mod csv;
pub mod idx;
#[cfg(feature = "images")]
pub mod image_folder;
pub mod mnist;
mod to_categorical;

pub use to_categorical::to_categorical;
