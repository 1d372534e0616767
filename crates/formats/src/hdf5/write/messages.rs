//! The messages of an object's header: shapes, types, places, attributes.

use ceratops_core::{Error, Result};

use super::bytes::Bytes;

/// Kinds of messages.
pub(super) mod kind {
    pub(crate) const DATASPACE: u16 = 0x01;
    pub(crate) const DATATYPE: u16 = 0x03;
    pub(crate) const FILL_VALUE: u16 = 0x05;
    pub(crate) const LAYOUT: u16 = 0x08;
    pub(crate) const ATTRIBUTE: u16 = 0x0c;
    pub(crate) const SYMBOL_TABLE: u16 = 0x11;
}

/// A message: its kind, its body.
pub(super) type Message = (u16, Bytes);

/// An object's header of these messages.
pub(super) fn header(messages: &[Message]) -> Result<Bytes> {
    let mut all = Bytes::default();
    for (kind, body) in messages {
        let len = body.len().next_multiple_of(8);
        // Kind, size, no flags.
        let size = u16::try_from(len).map_err(|_| too_large(len))?;
        all.u16(*kind).u16(size).u32(0).raw(&body.0).pad();
    }
    let count = u16::try_from(messages.len()).map_err(|_| too_large(messages.len()))?;
    let size = u32::try_from(all.len()).map_err(|_| too_large(all.len()))?;
    let mut header = Bytes::default();
    // Version 1, one link to it.
    header.u16(1).u16(count).u32(1).u32(size).u32(0).raw(&all.0);
    Ok(header)
}

fn too_large(size: usize) -> Error {
    Error::Data(format!("HDF5 cannot hold an attribute of {size} bytes"))
}

/// The length of each axis.
pub(super) fn dataspace(shape: &[usize]) -> Bytes {
    let mut body = Bytes::default();
    body.raw(&[1, shape.len() as u8, 0, 0, 0, 0, 0, 0]);
    for &axis in shape {
        body.u64(axis as u64);
    }
    body
}

pub(super) fn float32() -> Bytes {
    let mut body = Bytes::default();
    // Class 1, a sign at bit 31; then offset, precision, exponent, mantissa, bias.
    body.raw(&[0x11, 0x20, 31, 0]).u32(4).u16(0).u16(32).raw(&[23, 8, 0, 23]).u32(127);
    body
}

pub(super) fn float64() -> Bytes {
    let mut body = Bytes::default();
    body.raw(&[0x11, 0x20, 63, 0]).u32(8).u16(0).u16(64).raw(&[52, 11, 0, 52]).u32(1023);
    body
}

pub(super) fn int64() -> Bytes {
    let mut body = Bytes::default();
    // Class 0, signed.
    body.raw(&[0x10, 8, 0, 0]).u32(8).u16(0).u16(64);
    body
}

/// Texts of any length, in UTF-8.
pub(super) fn text() -> Bytes {
    let mut body = Bytes::default();
    // Class 9, a reference of 16 bytes to a sequence of characters, each of class 3.
    body.raw(&[0x19, 1, 1, 0]).u32(16).raw(&[0x13, 0x10, 0, 0]).u32(1);
    body
}

/// What stands where nothing was written: nothing in particular, as h5py says it.
pub(super) fn fill_value() -> Bytes {
    Bytes(vec![2, 2, 2, 1, 0, 0, 0, 0])
}

/// Numbers in one piece; returns the place of the address in the body too.
pub(super) fn contiguous(address: u64, len: u64) -> (Bytes, usize) {
    let mut body = Bytes::default();
    body.raw(&[3, 1]).u64(address).u64(len);
    (body, 2)
}

/// An attribute; returns the place of its values in the body too.
pub(super) fn attribute(
    name: &str,
    datatype: &Bytes,
    shape: Option<usize>,
    values: &[u8],
) -> Result<(Bytes, usize)> {
    let space = dataspace(shape.as_slice());
    let name_len = u16::try_from(name.len() + 1).map_err(|_| too_large(name.len()))?;
    let mut body = Bytes::default();
    body.u16(1).u16(name_len).u16(datatype.len() as u16).u16(space.len() as u16);
    body.raw(name.as_bytes()).raw(&[0]).pad();
    body.raw(&datatype.0).pad().raw(&space.0).pad();
    let place = body.len();
    body.raw(values);
    Ok((body, place))
}
