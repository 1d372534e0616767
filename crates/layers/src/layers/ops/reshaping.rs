//! Operations that give the same numbers another shape.

use std::fmt::Debug;

use ceratops_core::{Error, Result, Shape, Tensor, Tensors};
use serde::Deserialize;

use super::{
    axes::Axes,
    class::Class,
    compute::{Compute, Kept, Operand, only, only_gradient},
};
use crate::{DataFormat, Reshape as ReshapeLayer};

pub(super) const CLASSES: &[Class] = &[
    Class::of::<Blocks<true>>("DepthToSpace", "nn"),
    Class::of::<Reshaped<ExpandDims>>("ExpandDims", "numpy"),
    Class::of::<Reshaped<Reshape>>("Reshape", "numpy"),
    Class::of::<Blocks<false>>("SpaceToDepth", "nn"),
    Class::of::<Reshaped<Squeeze>>("Squeeze", "numpy"),
];

/// Another shape.
trait Reshaping: Debug + Send + Sync {
    fn target(&self, shape: &Shape) -> Result<Shape>;
}

/// An operation that only names another shape.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Reshaped<R>(R);

impl<R: Reshaping> Compute for Reshaped<R> {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        Ok(vec![self.0.target(only(operands)?)?])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let x = operands.single()?;
        let target = self.0.target(&Shape::of(x.shape()))?;
        let dims: Vec<usize> = target.axes().iter().copied().flatten().collect();
        Ok(x.reshape(&dims)?.into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let dx = only_gradient(dys).map(|dy| dy.reshape(kept.shape()));
        Ok(vec![dx.transpose()?])
    }

    fn keeps_operands(&self) -> bool {
        false
    }
}

/// Axes of length 1 more; they are counted in the output.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpandDims {
    axis: Axes,
}

impl Reshaping for ExpandDims {
    fn target(&self, shape: &Shape) -> Result<Shape> {
        let places = self.axis.places(shape.ndim() + self.axis.list().len())?;
        let mut axes = shape.axes().to_vec();
        places.into_iter().for_each(|place| axes.insert(place.min(axes.len()), Some(1)));
        Ok(axes.into())
    }
}

/// Axes of length 1 less: these, or all.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Squeeze {
    axis: Option<Axes>,
}

impl Reshaping for Squeeze {
    fn target(&self, shape: &Shape) -> Result<Shape> {
        let len = |axis: usize| shape.axes().get(axis).copied().flatten();
        let places = match &self.axis {
            Some(axes) => axes.places(shape.ndim())?,
            None => (1..shape.ndim()).filter(|&axis| len(axis) == Some(1)).collect(),
        };
        if let Some(axis) = places.iter().find(|&&axis| len(axis).is_some_and(|len| len != 1)) {
            let found = format!("axis {axis} of {shape}");
            return Err(Error::argument("axis", "an axis of length 1", found));
        }
        let axes = shape.axes().iter().enumerate();
        let left = axes.filter(|(axis, _)| !places.contains(axis)).map(|(_, len)| *len);
        Ok(left.collect::<Vec<_>>().into())
    }
}

/// Another shape, in which one length may be -1; the first one counts the samples.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reshape {
    newshape: Vec<Option<i64>>,
}

impl Reshaping for Reshape {
    fn target(&self, shape: &Shape) -> Result<Shape> {
        let open = self.newshape.iter().map(|len| len.unwrap_or(-1)).collect::<Vec<_>>();
        let Some((-1, sample)) = open.split_first().map(|(first, rest)| (*first, rest)) else {
            let expected = "-1 for the first axis, which counts the samples";
            return Err(Error::argument("newshape", expected, format!("{:?}", self.newshape)));
        };
        let layer = ReshapeLayer::new(sample);
        ceratops_core::Layer::validate(&layer)?;
        ceratops_core::Layer::output_shape(&layer, shape)
    }
}

/// Blocks of channels become blocks of pixels, or the other way round.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Blocks<const TO_SPACE: bool> {
    block_size: usize,
    data_format: Option<DataFormat>,
}

impl<const TO_SPACE: bool> Blocks<TO_SPACE> {
    /// The lengths of a sample's axes behind the operation.
    fn target(&self, shape: &Shape) -> Result<[Option<usize>; 3]> {
        let &[_, height, width, channels] = shape.axes() else {
            let expected = "(batch, height, width, channels)";
            return Err(crate::layers::shape_error(shape, expected, ""));
        };
        if self.data_format == Some(DataFormat::ChannelsFirst) {
            let expected = "\"channels_last\", the only one known here";
            return Err(Error::argument("data_format", expected, "\"channels_first\""));
        }
        let size = self.block_size;
        let unfit = || {
            let expected = format!("a size of blocks that divides the axes of {shape}");
            Error::argument("block_size", expected, size)
        };
        let area = size.checked_mul(size).filter(|_| size > 0).ok_or_else(unfit)?;
        let more = |len: Option<usize>, by| {
            len.map_or(Ok(None), |len: usize| len.checked_mul(by).map(Some).ok_or_else(unfit))
        };
        let less = |len: Option<usize>, by| match len {
            Some(len) if !len.is_multiple_of(by) => Err(unfit()),
            len => Ok(len.map(|len| len / by)),
        };
        Ok(match TO_SPACE {
            true => [more(height, size)?, more(width, size)?, less(channels, area)?],
            false => [less(height, size)?, less(width, size)?, more(channels, area)?],
        })
    }

    /// The numbers of `x` moved so, or back: pixels of blocks to channels, or channels to pixels.
    fn moved(&self, x: Tensor, to_space: bool) -> Result<Tensor> {
        let [batch, height, width, channels] = x.shape().try_into().unwrap_or_default();
        let size = self.block_size;
        let (cut, order, joined) = if to_space {
            let channels = channels / (size * size).max(1);
            let cut = [batch, height, width, size, size, channels];
            (cut, [0, 1, 3, 2, 4, 5], [batch, height * size, width * size, channels])
        } else {
            let (height, width) = (height / size.max(1), width / size.max(1));
            let cut = [batch, height, size, width, size, channels];
            (cut, [0, 1, 3, 2, 4, 5], [batch, height, width, channels * size * size])
        };
        x.reshape(&cut)?.permuted(&order)?.reshape(&joined)
    }
}

impl<const TO_SPACE: bool> Compute for Blocks<TO_SPACE> {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        let shape = only(operands)?;
        let [height, width, channels] = self.target(shape)?;
        Ok(vec![[None, height, width, channels].into()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let x = operands.single()?;
        self.target(&Shape::of(x.shape()))?;
        Ok(self.moved(x, TO_SPACE)?.into())
    }

    fn backward(&self, _: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let dx = only_gradient(dys).map(|dy| self.moved(dy, !TO_SPACE));
        Ok(vec![dx.transpose()?])
    }

    fn keeps_operands(&self) -> bool {
        false
    }
}
