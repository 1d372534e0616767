//! How much arithmetic a layer asks for.

use ceratops::prelude::*;

/// The floating-point operations of a layer's output for one sample,
/// `2 * (weights of the kernel) * (places it is laid on)`: a multiplication and an addition each.
///
/// It is counted for the direct convolution, whatever way is gone, and for products with a kernel
/// only; all else is small beside them.
pub(crate) fn of_layer(class: &str, params: &[&Param], output: &Shape) -> Result<u64> {
    let (Some(kernel), "Conv2D" | "Dense") = (params.first(), class) else { return Ok(0) };
    let features = output.features()?;
    let places: usize = features[..features.len().saturating_sub(1)].iter().product();
    Ok(2 * (kernel.value().len() * places) as u64)
}
