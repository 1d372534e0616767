//! Where the channels stand: the `data_format` argument of the image layers.

use ceratops_core::{Error, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use crate::Rank;

/// The order of the axes of a sequence, an image or a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataFormat {
    /// (batch, height, width, channels).
    #[default]
    ChannelsLast,
    /// (batch, channels, height, width).
    ChannelsFirst,
}

impl DataFormat {
    /// The names of the axes in this order.
    pub(crate) fn axes<R: Rank>(self) -> String {
        match self {
            Self::ChannelsLast => format!("(batch, {}, channels)", R::NAMES),
            Self::ChannelsFirst => format!("(batch, channels, {})", R::NAMES),
        }
    }

    /// `input`, given in this order, with its channels last; it must have the axes of rank `R`.
    pub(crate) fn places_last<R: Rank>(self, input: &Shape) -> Result<Shape> {
        if input.ndim() != R::AXES + 2 {
            let (expected, found) = (self.axes::<R>(), input.to_string());
            let help = "add the missing axis with Reshape, or in the Input".into();
            return Err(Error::Shape { what: "input".into(), expected, found, help });
        }
        Ok(self.shape_to_last(input))
    }

    /// `shape`, given in this order, with its channels last.
    pub(crate) fn shape_to_last(self, shape: &Shape) -> Shape {
        match (self, shape.axes()) {
            (Self::ChannelsFirst, [batch, channels, places @ ..]) => {
                let axes = [&[*batch], places, &[*channels]].concat();
                axes.into()
            }
            _ => shape.clone(),
        }
    }

    /// `shape`, given with its channels last, in this order.
    pub(crate) fn shape_from_last(self, shape: &Shape) -> Shape {
        match (self, shape.axes()) {
            (Self::ChannelsFirst, [batch, places @ .., channels]) => {
                let axes = [&[*batch, *channels], places].concat();
                axes.into()
            }
            _ => shape.clone(),
        }
    }

    /// `x`, given in this order, with its channels last.
    pub(crate) fn channels_to_last(self, x: Tensor) -> Result<Tensor> {
        match (self, x.shape()) {
            (Self::ChannelsFirst, &[batch, channels, ref places @ ..]) => {
                let shape = [&[batch], places, &[channels]].concat();
                let points = places.iter().product();
                x.reshape(&[batch, channels, points])?.permuted(&[0, 2, 1])?.reshape(&shape)
            }
            _ => Ok(x),
        }
    }

    /// `x`, given with its channels last, in this order.
    pub(crate) fn channels_from_last(self, x: Tensor) -> Result<Tensor> {
        match (self, x.shape()) {
            (Self::ChannelsFirst, &[batch, ref places @ .., channels]) => {
                let shape = [&[batch, channels], places].concat();
                let points = places.iter().product();
                x.reshape(&[batch, points, channels])?.permuted(&[0, 2, 1])?.reshape(&shape)
            }
            _ => Ok(x),
        }
    }
}
