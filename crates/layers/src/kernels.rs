//! The few loops in which the time is spent.

mod convolution;
mod im2col;
mod matmul;
mod window;

pub(crate) use convolution::Convolution;
pub(crate) use im2col::Patches;
pub(crate) use matmul::{Matrix, MatrixMut, add_bias, add_bias_gradient, matmul, matmul_add};
pub(crate) use window::{Window, WindowOptions};
