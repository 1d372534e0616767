//! The layers of Keras and the Sequential model

pub mod summary;
