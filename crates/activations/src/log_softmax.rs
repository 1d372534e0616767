//! log_softmax: the logarithm of softmax.

use ceratops_core::{Result, Tensor, vectorize};

use crate::{
    lanes::Lanes,
    math::exp_below_0,
    reduce::{largest, sum},
};

/// y = x - ln(sum(exp(x))) along `axis`, which counts from the end where it is negative.
pub fn log_softmax(x: impl Into<Tensor>, axis: isize) -> Result<Tensor> {
    forward(x.into(), axis)
}

/// dx = dy - exp(y) sum(dy) along `axis`, in the output y.
pub fn log_softmax_backward(y: &Tensor, dy: Tensor, axis: isize) -> Result<Tensor> {
    Lanes::along(y.shape(), &[axis])?.chain(y, dy, |y, dy, len| {
        let mut probabilities = y.to_vec();
        vectorize(
            #[inline(always)]
            || {
                exp_all(&mut probabilities);
                for (p, dy) in probabilities.chunks_exact(len).zip(dy.chunks_exact_mut(len)) {
                    let sum = sum(dy, dy, |dy, _| f64::from(dy)) as f32;
                    dy.iter_mut().zip(p).for_each(|(dy, p)| *dy -= p * sum);
                }
            },
        );
    })
}

fn forward(x: Tensor, axis: isize) -> Result<Tensor> {
    Ok(Lanes::along(x.shape(), &[axis])?.map(x, |x, len| {
        vectorize(
            #[inline(always)]
            || {
                for x in x.chunks_exact_mut(len) {
                    let max = largest(x);
                    x.iter_mut().for_each(|x| *x -= max);
                }
                let mut exps = x.to_vec();
                exp_all(&mut exps);
                for (x, exps) in x.chunks_exact_mut(len).zip(exps.chunks_exact(len)) {
                    // Summed in f64: where one class is sure, its y is the logarithm of a sum
                    // barely above 1.
                    let log_sum = sum(exps, exps, |e, _| f64::from(e)).ln() as f32;
                    x.iter_mut().for_each(|x| *x -= log_sum);
                }
            },
        );
    }))
}

/// In one loop over all lanes: many a lane is shorter than a vector.
#[inline(always)]
fn exp_all(numbers: &mut [f32]) {
    for x in numbers {
        *x = exp_below_0(*x);
    }
}
