//! Keras for Rust.
