//! UpSampling1D, UpSampling2D and UpSampling3D: each place becomes several.

mod one;
mod three;
mod two;

use ceratops_core::{Error, Result, Shape, Tensor};

use super::blocks::Blocks;
use crate::{
    DataFormat, Extent, Rank,
    kernels::{add_repeated, repeat},
};

pub use self::{one::UpSampling1D, three::UpSampling3D, two::UpSampling2D};

/// The shape of an input of which each place becomes `size` places.
fn enlarged<R: Rank>(input: &Shape, size: Extent<R>, data_format: DataFormat) -> Result<Shape> {
    let mut last = data_format.places_last::<R>(input)?;
    for (axis, &times) in (1..).zip(size.lengths()) {
        if let Some(len) = last.axes()[axis] {
            let longer = len.checked_mul(times).filter(|&len| isize::try_from(len).is_ok());
            let too_long = || Error::argument("size", "a size that can be counted", size);
            last = last.with_axis(axis, Some(longer.ok_or_else(too_long)?));
        }
    }
    Ok(data_format.shape_from_last(&last))
}

fn validate<R: Rank>(size: Extent<R>) -> Result<()> {
    if size.is_zero() {
        return Err(Error::argument("size", "positive integers", size));
    }
    Ok(())
}

/// x with each place as `size` places.
fn forward<R: Rank>(x: &Tensor, size: Extent<R>, data_format: DataFormat) -> Result<Tensor> {
    validate(size)?;
    let shape = enlarged(&Shape::of(x.shape()), size, data_format)?.dims()?;
    let mut y = Tensor::try_for_overwrite(&shape)?;
    let (lens, times) = axes(x.shape(), size, data_format)?;
    repeat(x.as_slice(), y.as_mut_slice(), &lens, &times);
    Ok(y)
}

/// The gradient of an input of that shape.
fn backward<R: Rank>(
    shape: &[usize],
    mut dy: Tensor,
    size: Extent<R>,
    data_format: DataFormat,
) -> Result<Tensor> {
    let mut dx = Tensor::for_overwrite(shape);
    let (lens, times) = axes(shape, size, data_format)?;
    add_repeated(dy.as_mut_slice(), dx.as_mut_slice(), &lens, &times);
    Ok(dx)
}

/// The length of each axis, of which the first is not repeated, and how often each place comes.
fn axes<R: Rank>(
    shape: &[usize],
    size: Extent<R>,
    data_format: DataFormat,
) -> Result<([usize; 4], [usize; 4])> {
    let Blocks { outer, lens: [depth, height, width], .. } = Blocks::of::<R>(data_format, shape)?;
    let [planes, rows, columns] = size.volume();
    Ok(([outer, depth, height, width], [1, planes, rows, columns]))
}
