//! sparsemax: probabilities from scores, many of them exactly 0.

use ceratops_core::{Result, Tensor};

use crate::lanes::Lanes;

/// y = max(x - tau, 0) along `axis`, tau being the number for which y sums to 1 (Martins and
/// Astudillo, "From Softmax to Sparsemax", 2016).
///
/// Keras 3 agrees where a single number stays above tau. Where several do, its tau is too large
/// (it adds up the running sums instead of taking the last), and the sum is not 1.
///
/// ```
/// use ceratops_activations::sparsemax;
/// use ceratops_core::Tensor;
///
/// assert_eq!(sparsemax([[1.0, 1.5, -3.0]], -1)?, Tensor::from([[0.25, 0.75, 0.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn sparsemax(x: impl Into<Tensor>, axis: isize) -> Result<Tensor> {
    forward(x.into(), axis)
}

/// dx = dy for x >= tau, less, for x > tau, the sum of those dy over the count of x > tau.
///
/// The two conditions differ for an x that is exactly tau, where Keras lets dy through.
pub fn sparsemax_backward(x: &Tensor, dy: Tensor, axis: isize) -> Result<Tensor> {
    Lanes::along(x.shape(), &[axis])?.chain(x, dy, |x, dy, len| {
        x.chunks_exact(len).zip(dy.chunks_exact_mut(len)).for_each(|(x, dy)| lane_backward(x, dy));
    })
}

fn forward(x: Tensor, axis: isize) -> Result<Tensor> {
    Ok(Lanes::along(x.shape(), &[axis])?.map(x, |x, len| {
        x.chunks_exact_mut(len).for_each(lane_forward);
    }))
}

fn lane_forward(x: &mut [f32]) {
    let max = largest(x);
    let tau = tau(x, max);
    for x in x {
        let above = f64::from(*x - max) - tau;
        *x = if above <= 0.0 { 0.0 } else { above as f32 };
    }
}

fn lane_backward(x: &[f32], dy: &mut [f32]) {
    let max = largest(x);
    let tau = tau(x, max);
    let above = |x: f32| f64::from(x - max) > tau;
    let reached = |x: f32| f64::from(x - max) >= tau;
    let count = x.iter().filter(|&&x| above(x)).count() as f64;
    let sum: f64 =
        x.iter().zip(&*dy).filter(|(x, _)| reached(**x)).map(|(_, &dy)| f64::from(dy)).sum();
    let mean = (sum / count) as f32;
    for (dy, &x) in dy.iter_mut().zip(x) {
        let through = if reached(x) { *dy } else { 0.0 };
        *dy = if above(x) { through - mean } else { through };
    }
}

/// The largest number of a lane; NaN if there is one among them.
fn largest(lane: &[f32]) -> f32 {
    // Written so that NaN, once met, stays: `f32::max` would drop it.
    lane.iter().fold(f32::NEG_INFINITY, |max, &x| if x > max || x.is_nan() { x } else { max })
}

/// tau for x - max, which is at least -1.
fn tau(x: &[f32], max: f32) -> f64 {
    let mut sorted: Vec<f32> = x.iter().map(move |x| x - max).collect();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut tau, mut sum, mut count) = (f64::NAN, 0.0, 0.0);
    for x in sorted.into_iter().map(f64::from) {
        sum += x;
        count += 1.0;
        let next = (sum - 1.0) / count;
        if x <= next {
            break;
        }
        tau = next;
    }
    tau
}
