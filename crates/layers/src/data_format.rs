//! Where the channels stand: the `data_format` argument of the image layers.

use ceratops_core::{Result, Shape, Tensor};
use ndarray::Ix4;
use serde::{Deserialize, Serialize};

/// The order of an image's axes.
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
    /// `shape`, given in this order, with its channels last.
    pub(crate) fn shape_to_last(self, shape: &Shape) -> Shape {
        match (self, shape.axes()) {
            (Self::ChannelsFirst, &[batch, channels, height, width]) => {
                Shape::from([batch, height, width, channels])
            }
            _ => shape.clone(),
        }
    }

    /// `shape`, given with its channels last, in this order.
    pub(crate) fn shape_from_last(self, shape: &Shape) -> Shape {
        match (self, shape.axes()) {
            (Self::ChannelsFirst, &[batch, height, width, channels]) => {
                Shape::from([batch, channels, height, width])
            }
            _ => shape.clone(),
        }
    }

    /// `x`, given in this order, with its channels last.
    pub(crate) fn channels_to_last(self, x: Tensor) -> Result<Tensor> {
        self.permuted(x, "(batch, channels, height, width)", [0, 2, 3, 1])
    }

    /// `x`, given with its channels last, in this order.
    pub(crate) fn channels_from_last(self, x: Tensor) -> Result<Tensor> {
        self.permuted(x, "(batch, height, width, channels)", [0, 3, 1, 2])
    }

    fn permuted(self, x: Tensor, axes: &str, order: [usize; 4]) -> Result<Tensor> {
        match self {
            Self::ChannelsLast => Ok(x),
            Self::ChannelsFirst => Ok(x.view::<Ix4>(axes)?.permuted_axes(order).into()),
        }
    }
}
