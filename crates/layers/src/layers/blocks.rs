//! The numbers of a batch as blocks of places, whatever stands last.

use ceratops_core::{Error, Result};

use crate::{DataFormat, Rank};

/// `outer` times the places of a volume, each of which has `inner` numbers: with channels last a block is
/// a sample and a place has all its channels, with channels first each channel is a block of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    pub(super) outer: usize,
    /// Depth, height and width; 1 along the axes that the rank lacks.
    pub(super) lens: [usize; 3],
    pub(super) inner: usize,
}

impl Blocks {
    /// Those of a batch of sequences, images or volumes of that shape.
    pub(super) fn of<R: Rank>(data_format: DataFormat, shape: &[usize]) -> Result<Self> {
        let (outer, places, inner) = match (data_format, shape) {
            (DataFormat::ChannelsLast, [batch, places @ .., channels]) => {
                (*batch, places, *channels)
            }
            (DataFormat::ChannelsFirst, [batch, channels, places @ ..]) => {
                (batch * channels, places, 1)
            }
            _ => (0, shape, 0),
        };
        if shape.len() != R::AXES + 2 {
            return Err(Error::shape("input", data_format.axes::<R>(), shape, ""));
        }
        let mut lens = [1; 3];
        lens[3 - R::AXES..].copy_from_slice(places);
        Ok(Self { outer, lens, inner })
    }
}
