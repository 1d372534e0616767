//! The few loops in which the time is spent.

mod convolution;
mod direct;
mod im2col;
mod matmul;
mod pooling;
mod tile;
mod window;
mod winograd;

pub(crate) use convolution::Convolution;
pub(crate) use im2col::Patches;
pub(crate) use matmul::{Matrix, MatrixMut, add_bias, add_bias_gradient, matmul, matmul_add};
pub(crate) use pooling::{max_pool, max_pool_gradient};
pub(crate) use window::{Window, WindowOptions};
