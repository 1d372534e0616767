//! The few loops in which the time is spent.

mod convolution;
mod depthwise;
mod direct;
mod im2col;
mod matmul;
mod pooling;
mod repeat;
mod rows;
mod tile;
mod vectors;
mod window;
mod winograd;

pub(crate) use convolution::Convolution;
pub(crate) use depthwise::Depthwise;
pub(crate) use im2col::Patches;
pub(crate) use matmul::{Matrix, MatrixMut, add_bias, add_bias_gradient, matmul, matmul_add};
pub(crate) use pooling::{
    PoolAxis, PoolWindow, average_pool, average_pool_gradient, max_pool, max_pool_gradient,
};
pub(crate) use repeat::{add_repeated, repeat};
pub(crate) use rows::{fold_rows, share_among_largest};
pub(crate) use window::{Window, WindowAxis, WindowOptions};
