//! Writing HDF5: the small part of the oldest form that every version reads, as h5py does.
//!
//! First comes all that describes (the *plan*, in memory), then the texts, then the numbers, which
//! are streamed from where they are.

mod bytes;
mod group;
mod messages;
mod plan;
mod strings;

use std::io::Write;

use ceratops_core::{Error, Result};

use self::plan::Plan;
use super::{Group, Member};

/// Writes a whole file.
pub(super) fn write(root: &Group, to: &mut impl Write) -> Result<()> {
    let mut plan = Plan::of(root)?;
    let mut send = |bytes: &[u8]| to.write_all(bytes).map_err(|e| Error::io("HDF5", e));
    plan.describe(&mut send)?;
    for member in &plan.data {
        match member {
            Member::Group(_) => {}
            Member::Tensor(tensor) => numbers(tensor.as_slice(), f32::to_le_bytes, &mut send)?,
            Member::Integers { values, .. } => numbers(values, i64::to_le_bytes, &mut send)?,
        }
    }
    Ok(())
}

/// Sends numbers in pieces, and zeros up to the next multiple of 8 bytes.
fn numbers<T: Copy, const N: usize>(
    numbers: &[T],
    to_bytes: impl Fn(T) -> [u8; N],
    send: &mut impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    const PIECE: usize = 1 << 16;
    let mut buffer = vec![0; PIECE.min(numbers.len() * N)];
    for piece in numbers.chunks(PIECE / N) {
        for (bytes, &number) in buffer.as_chunks_mut().0.iter_mut().zip(piece) {
            *bytes = to_bytes(number);
        }
        send(&buffer[..piece.len() * N])?;
    }
    send(&[0; 8][..padding(numbers.len() * N)])
}

/// How many bytes there are up to the next multiple of 8.
fn padding(len: usize) -> usize {
    len.next_multiple_of(8) - len
}
