//! What governs a weight: its first values (an [`Initializer`]), the penalty on its size
//! (a [`Regularizer`]), and the condition it meets after every update (a [`Constraint`]).
//!
//! Each is an enum over the classes that Keras has, and each class is a struct whose public
//! fields are Keras' config. Where a layer asks for one, a name will do, as in Keras:
//!
//! ```
//! use ceratops_weights::{Constraint, Regularizer, constraints::MaxNorm, regularizers::L2};
//!
//! assert_eq!(Regularizer::from("l2"), L2::new(0.01).into());
//! assert_eq!(Constraint::from("max_norm"), MaxNorm::new(2.0).into());
//!
//! // A name becomes a value at once; only `validate` says that nothing is known by it.
//! let error = Constraint::from("mox_norm").validate().unwrap_err();
//! assert_eq!(error.to_string(), "unknown constraint `mox_norm`; did you mean `MaxNorm`?");
//!
//! let read: Regularizer = serde_json::from_str(r#"{"class_name": "L2", "config": {"l2": 1}}"#)?;
//! assert_eq!(read, L2::new(1.0).into());
//! # Ok::<(), serde_json::Error>(())
//! ```

mod kinds;
mod numbers;
mod object;

pub mod constraints;
pub mod initializers;
pub mod regularizers;

pub use constraints::Constraint;
pub use initializers::Initializer;
pub use regularizers::Regularizer;
