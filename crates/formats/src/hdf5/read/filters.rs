//! Filters: how the bytes of a chunk were changed before they were written.

use std::{borrow::Cow, io::Read};

use ceratops_core::Result;
use flate2::read::ZlibDecoder;

use super::{Cursor, checksum::fletcher32, damaged, unsupported};

/// One step, of those that h5py applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Deflate,
    Shuffle,
    /// A check sum behind the bytes.
    Fletcher32,
}

/// Reads the message that lists the filters in the order they were applied.
pub(super) fn read(mut cursor: Cursor<'_>) -> Result<Vec<Filter>> {
    let (version, count) = (cursor.u8()?, cursor.u8()?);
    if version == 1 {
        cursor.skip(6)?;
    }
    (0..count).map(|_| filter(&mut cursor, version)).collect()
}

fn filter(cursor: &mut Cursor<'_>, version: u8) -> Result<Filter> {
    let id = cursor.u16()?;
    let name_len = if version == 1 || id >= 256 { cursor.u16()?.into() } else { 0usize };
    let (_flags, values) = (cursor.u16()?, usize::from(cursor.u16()?));
    cursor.skip(if version == 1 { name_len.next_multiple_of(8) } else { name_len })?;
    cursor.skip(4 * values)?;
    if version == 1 && values % 2 == 1 {
        cursor.skip(4)?;
    }
    match id {
        1 => Ok(Filter::Deflate),
        2 => Ok(Filter::Shuffle),
        3 => Ok(Filter::Fletcher32),
        4 => Err(unsupported("the compression szip")),
        6 => Err(unsupported("the compression scaleoffset")),
        32000 => Err(unsupported("the compression lzf")),
        other => Err(unsupported(format!("the filter {other}"))),
    }
}

/// The bytes of a chunk as they were before the filters; `skipped` has a bit for each that was not
/// applied. They are `len`, in numbers of `size` bytes.
pub(super) fn undo<'a>(
    stored: &'a [u8],
    filters: &[Filter],
    skipped: u32,
    len: usize,
    size: usize,
) -> Result<Cow<'a, [u8]>> {
    let mut bytes = Cow::Borrowed(stored);
    for (place, filter) in filters.iter().enumerate().rev() {
        if place < 32 && skipped >> place & 1 == 1 {
            continue;
        }
        bytes = match filter {
            Filter::Deflate => Cow::Owned(inflate(&bytes, len)?),
            Filter::Shuffle => Cow::Owned(unshuffle(&bytes, size)),
            Filter::Fletcher32 => without_checksum(bytes)?,
        };
    }
    if bytes.len() != len {
        return Err(damaged(format!("a chunk of {} instead of {len} bytes", bytes.len())));
    }
    Ok(bytes)
}

fn inflate(bytes: &[u8], len: usize) -> Result<Vec<u8>> {
    // A check sum may have been put behind the bytes first; one byte more tells what is too long.
    let most = len as u64 + 5;
    let mut inflated =
        Vec::with_capacity(len.min(bytes.len().saturating_mul(1032)).saturating_add(4));
    let read = ZlibDecoder::new(bytes).take(most).read_to_end(&mut inflated);
    read.map_err(|e| damaged(format!("a compressed chunk: {e}")))?;
    Ok(inflated)
}

/// All first bytes of the numbers stand first, then all second ones, and so on.
fn unshuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size;
    let mut mixed = bytes.to_vec();
    for (place, row) in bytes.chunks_exact(count.max(1)).take(size).enumerate() {
        for (number, &byte) in row.iter().enumerate() {
            mixed[number * size + place] = byte;
        }
    }
    mixed
}

fn without_checksum(bytes: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>> {
    let (data, sum) =
        bytes.split_last_chunk::<4>().ok_or_else(|| damaged("a chunk without its check sum"))?;
    let (len, sum, right) = (data.len(), u32::from_le_bytes(*sum), fletcher32(data));
    // HDF5 before 1.6.3 wrote the bytes of each half the other way round.
    let swapped = (sum & 0x00ff_00ff) << 8 | sum >> 8 & 0x00ff_00ff;
    if sum != right && swapped != right {
        return Err(damaged("the check sum of a chunk is another than that of its bytes"));
    }
    Ok(match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..len]),
        Cow::Owned(mut bytes) => {
            bytes.truncate(len);
            Cow::Owned(bytes)
        }
    })
}
