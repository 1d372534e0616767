//! SpatialDropout1D: forgets whole channels of sequences, while training.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{super::expect_ndim, Dropout, dropout};
use crate::{DataFormat, One};

/// While training, y\[t, f\] = 0 at all steps of channel f with probability `rate`, else
/// x\[t, f\] / (1 - `rate`); y = x otherwise.
///
/// The input has the shape (batch, steps, channels).
///
/// ```
/// use ceratops_layers::{Input, LSTM, SpatialDropout1D, sequential};
///
/// let model = sequential![Input::new([10, 8]), SpatialDropout1D::new(0.2), LSTM::new(4)]?;
/// assert_eq!(model.count_params(), 4 * 4 * (8 + 4 + 1));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Tompson et al. 2014, "Efficient Object Localization Using Convolutional Networks";
/// Keras, `keras.layers.SpatialDropout1D`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpatialDropout1D {
    /// The share of channels that is dropped.
    pub rate: f64,
    /// Told apart by it, two layers drop different channels; without, by their place.
    pub seed: Option<u64>,
}

impl SpatialDropout1D {
    /// The layer that drops this share of the channels.
    pub fn new(rate: f64) -> Self {
        Self { rate, ..Self::default() }
    }

    builders! {
        seed
    }

    fn dropout(&self) -> Dropout {
        dropout::<One>(self.rate, self.seed, DataFormat::ChannelsLast)
    }
}

impl Layer for SpatialDropout1D {
    const CLASS_NAME: &'static str = "SpatialDropout1D";
    const KEEPS_MASK: bool = true;
    type Saved = <Dropout as Layer>::Saved;

    fn validate(&self) -> Result<()> {
        self.dropout().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        expect_ndim(input, 3, "(batch, steps, channels)", "")?;
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
