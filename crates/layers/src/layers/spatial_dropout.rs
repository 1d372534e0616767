//! SpatialDropout1D, SpatialDropout2D and SpatialDropout3D: forget whole channels, while training.

mod one;

use std::marker::PhantomData;

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

pub use self::one::SpatialDropout1D;
use super::{Dropout, expect_ndim};
use crate::{DataFormat, Rank, Three, Two};

/// While training, y\[r, c, f\] = 0 in all places of channel f with probability `rate`, else
/// x\[r, c, f\] / (1 - `rate`); y = x otherwise.
///
/// The input has the shape (batch, height, width, channels).
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::SpatialDropout2D;
///
/// let x = Tensor::full(&[1, 2, 2, 100], 1.0);
/// let (y, _) = SpatialDropout2D::new(0.5).forward(x, &mut Context::training(0, 0, 0))?;
/// let mut pixels = y.as_slice().chunks(100);
/// let first = pixels.next();
/// assert!(pixels.all(|pixel| Some(pixel) == first));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Tompson et al. 2014, "Efficient Object Localization Using Convolutional Networks";
/// Keras, `keras.layers.SpatialDropout2D`.
pub type SpatialDropout2D = SpatialDropout<Two>;

/// Forgets whole channels of volumes, as [`SpatialDropout2D`] those of images.
///
/// The input has the shape (batch, depth, height, width, channels).
///
/// Source: Tompson et al. 2014, "Efficient Object Localization Using Convolutional Networks";
/// Keras, `keras.layers.SpatialDropout3D`.
pub type SpatialDropout3D = SpatialDropout<Three>;

/// Forgets whole channels of images or of volumes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct SpatialDropout<R: Rank> {
    /// The share of channels that is dropped.
    pub rate: f64,
    /// Told apart by it, two layers drop different channels; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
    #[serde(skip)]
    rank: PhantomData<R>,
}

impl<R: Rank> SpatialDropout<R> {
    /// The layer that drops this share of the channels.
    pub fn new(rate: f64) -> Self {
        Self { rate, ..Self::default() }
    }

    builders! {
        seed data_format
    }

    fn dropout(&self) -> Dropout {
        dropout::<R>(self.rate, self.seed, self.data_format)
    }
}

/// Dropout of whole channels.
fn dropout<R: Rank>(rate: f64, seed: Option<u64>, data_format: DataFormat) -> Dropout {
    let mut pattern = vec![Some(1); R::AXES + 2];
    pattern[0] = None;
    let channels = if data_format == DataFormat::ChannelsFirst { 1 } else { R::AXES + 1 };
    pattern[channels] = None;
    Dropout { rate, seed, noise_shape: Some(pattern) }
}

impl<R: Rank> Layer for SpatialDropout<R> {
    const CLASS_NAME: &'static str = ["SpatialDropout2D", "SpatialDropout3D"][R::AXES - 2];
    const KEEPS_MASK: bool = true;
    type Saved = <Dropout as Layer>::Saved;

    fn validate(&self) -> Result<()> {
        self.dropout().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        expect_ndim(input, R::AXES + 2, &self.data_format.axes::<R>(), "")?;
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        self.dropout().forward(x, cx)
    }

    fn backward(
        &self,
        saved: Self::Saved,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        self.dropout().backward(saved, dy, dw)
    }
}
