//! exp and its kin, written so that a loop over them vectorises.
//!
//! The standard library's are calls into libm, one number at a time. These are plain arithmetic
//! without a branch: an `if` here picks one of two numbers that are both there, which vectors can
//! do too. They are inlined always, and make vectors of what
//! [`vectorize`](ceratops_core::vectorize) dispatches.
//!
//! `tests/accuracy.rs` says how exact they are. A product and a sum are rounded separately: `mul_add`
//! would be a call into libm where the CPU lacks the instruction, and as it is every CPU gives the
//! same bits. NaN in is NaN out; an exponential below the normal numbers is 0.

mod exp;
mod ln_1p;
mod normal;
mod tanh;
#[cfg(test)]
mod tests;

pub(crate) use exp::{exp, exp_below_0, exp_m1, logistic_below_0};
pub(crate) use ln_1p::ln_1p;
pub(crate) use normal::{bell, cumulative};
pub(crate) use tanh::tanh;
