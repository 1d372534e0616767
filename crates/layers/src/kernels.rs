//! The few loops in which the time is spent.

mod matmul;

pub(crate) use matmul::{add_bias, add_bias_gradient, matmul};
