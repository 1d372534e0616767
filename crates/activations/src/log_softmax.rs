//! log_softmax: the logarithm of softmax.

use ceratops_core::{Result, Tensor};

use crate::lanes::{Lanes, largest};

/// y = x - ln(sum(exp(x))) along `axis`, which counts from the end where it is negative.
pub fn log_softmax(x: impl Into<Tensor>, axis: isize) -> Result<Tensor> {
    forward(x.into(), axis)
}

/// dx = dy - exp(y) sum(dy) along `axis`, in the output y.
pub fn log_softmax_backward(y: &Tensor, dy: Tensor, axis: isize) -> Result<Tensor> {
    Lanes::along(y.shape(), &[axis])?.chain(y, dy, move |y, dy| {
        let sum = dy.iter().map(|&dy| f64::from(dy)).sum::<f64>() as f32;
        dy.iter_mut().zip(y).for_each(|(dy, y)| *dy -= y.exp() * sum);
    })
}

fn forward(x: Tensor, axis: isize) -> Result<Tensor> {
    Ok(Lanes::along(x.shape(), &[axis])?.map(x, |x| {
        let max = largest(x);
        // Summed in f64: where one class is sure, its y is the logarithm of a sum barely above 1.
        let sum: f64 = x.iter().map(|&x| f64::from((x - max).exp())).sum();
        let log_sum = sum.ln() as f32;
        x.iter_mut().for_each(|x| *x = *x - max - log_sum);
    }))
}
