//! The activation functions of Keras: stateless functions on tensors, each with its derivative.
//!
//! Each has two functions in a file of its own: the forward one takes anything that becomes a
//! [`Tensor`](ceratops_core::Tensor) and works in place where it is given a tensor that nobody
//! shares; the `_backward` one turns dy, the gradient of the output, into dx, that of the input.
//! Its first argument says what of the forward pass has to be kept for it: the input x, or the
//! output y. NaN goes in and comes out, everywhere.
//!
//! By its name, Keras' identifier, a function is an [`Activation`]:
//!
//! ```
//! use ceratops_activations::{Activation, relu};
//! use ceratops_core::Tensor;
//!
//! let x = Tensor::from([-1.0, 0.0, 2.0]);
//! assert_eq!(relu(&x, 0.0, None, 0.0), Tensor::from([0.0, 0.0, 2.0]));
//! assert_eq!(Activation::get("relu")?.call(x)?, Tensor::from([0.0, 0.0, 2.0]));
//! # Ok::<(), ceratops_core::Error>(())
//! ```

mod activation;
mod chain;
mod custom;
mod lanes;
mod math;
mod reduce;
mod steps;
mod table;

mod celu;
mod elu;
mod erf;
mod exponential;
mod gelu;
mod glu;
mod hard_shrink;
mod hard_sigmoid;
mod hard_sigmoid_keras2;
mod hard_silu;
mod hard_tanh;
mod leaky_relu;
mod linear;
mod log_sigmoid;
mod log_softmax;
mod mish;
mod relu;
mod relu6;
mod selu;
mod sigmoid;
mod silu;
mod soft_shrink;
mod softmax;
mod softplus;
mod softsign;
mod sparse_plus;
mod sparse_sigmoid;
mod sparsemax;
mod squareplus;
mod tanh;
mod tanh_shrink;
mod threshold;

pub use activation::{Activation, names};
pub use table::{BUILTIN, Entry, Keeps};

pub use celu::{celu, celu_backward};
pub use elu::{elu, elu_backward};
pub use erf::{erf, erf_slope};
pub use exponential::{exponential, exponential_backward};
pub use gelu::{gelu, gelu_backward};
pub use glu::{glu, glu_backward};
pub use hard_shrink::{hard_shrink, hard_shrink_backward};
pub use hard_sigmoid::{hard_sigmoid, hard_sigmoid_backward};
pub use hard_sigmoid_keras2::{hard_sigmoid_keras2, hard_sigmoid_keras2_backward};
pub use hard_silu::{hard_silu, hard_silu_backward};
pub use hard_tanh::{hard_tanh, hard_tanh_backward};
pub use leaky_relu::{leaky_relu, leaky_relu_backward};
pub use linear::{linear, linear_backward};
pub use log_sigmoid::{log_sigmoid, log_sigmoid_backward};
pub use log_softmax::{log_softmax, log_softmax_backward};
pub use mish::{mish, mish_backward};
pub use relu::{relu, relu_backward};
pub use relu6::{relu6, relu6_backward};
pub use selu::{selu, selu_backward};
pub use sigmoid::{sigmoid, sigmoid_backward};
pub use silu::{silu, silu_backward};
pub use soft_shrink::{soft_shrink, soft_shrink_backward};
pub use softmax::{softmax, softmax_1d, softmax_backward, softmax_over, softmax_over_backward};
pub use softplus::{softplus, softplus_backward};
pub use softsign::{softsign, softsign_backward};
pub use sparse_plus::{sparse_plus, sparse_plus_backward};
pub use sparse_sigmoid::{sparse_sigmoid, sparse_sigmoid_backward};
pub use sparsemax::{sparsemax, sparsemax_backward};
pub use squareplus::{squareplus, squareplus_backward};
pub use tanh::{tanh, tanh_backward};
pub use tanh_shrink::{tanh_shrink, tanh_shrink_backward};
pub use threshold::{threshold, threshold_backward};

/// The numbers [`Activation::differentiable`] calculates with, and their `exp`, `sin`, `tanh` ...
pub use num_dual::{Dual32 as Dual, DualNum};
