//! What all convolutions check.

use ceratops_core::{Error, Result, Shape};

use crate::{Extent, Rank, kernels::WindowOptions};

/// Refuses lengths of zero.
pub(in crate::layers) fn check_sizes<R: Rank>(window: &WindowOptions<R>) -> Result<()> {
    for (argument, size) in [
        ("kernel_size", window.kernel),
        ("strides", window.strides),
        ("dilation_rate", window.dilation),
    ] {
        if size.is_zero() {
            return Err(Error::argument(argument, "positive integers", size));
        }
    }
    Ok(())
}

/// Refuses strides together with dilation.
pub(in crate::layers) fn check_strided_or_dilated<R: Rank>(
    strides: Extent<R>,
    dilation_rate: Extent<R>,
) -> Result<()> {
    if strides == 1.into() || dilation_rate == 1.into() {
        return Ok(());
    }
    let expected = "1 where `strides` is not 1";
    Err(Error::argument("dilation_rate", expected, dilation_rate)
        .with_help("a convolution is either strided or dilated"))
}

/// The channels of an input whose channels stand last.
pub(in crate::layers) fn known_channels(last: &Shape) -> Result<usize> {
    last.last().ok_or_else(|| {
        Error::argument("input_shape", "a known number of channels", last)
            .with_help("set it in the Input: the kernel's size depends on it")
    })
}

/// The shape `dims` of a batch whose channels stand last, if there are so many and the right axes.
pub(in crate::layers) fn places_of<R: Rank>(dims: &[usize], channels: usize) -> Result<&[usize]> {
    if dims.len() == R::AXES + 2 && dims.last() == Some(&channels) {
        return Ok(dims);
    }
    let expected = format!("(batch, {}, {channels})", R::NAMES);
    Err(Error::shape("input", expected, dims, ""))
}
