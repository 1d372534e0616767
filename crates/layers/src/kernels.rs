//! The few loops in which the time is spent.

mod convolution;
mod depthwise;
mod direct;
mod im2col;
mod matmul;
mod pooling;
mod tile;
mod vectors;
mod window;
mod winograd;

pub(crate) use convolution::Convolution;
pub(crate) use depthwise::Depthwise;
pub(crate) use im2col::Patches;
pub(crate) use matmul::{Matrix, MatrixMut, add_bias, add_bias_gradient, matmul, matmul_add};
pub(crate) use pooling::{max_pool, max_pool_gradient};
pub(crate) use window::{Window, WindowAxis, WindowOptions};
