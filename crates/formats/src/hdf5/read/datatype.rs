//! Datatypes: how the bytes of a number or a text are to be understood.

use ceratops_core::Result;

use super::{Cursor, unsupported};
use crate::numbers::half;

/// The kinds of values that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Float16,
    BFloat16,
    Float32,
    Float64,
    Signed,
    Unsigned,
    /// A text of fixed length, behind which there are zeros or, if it says so, spaces.
    Text {
        spaces: bool,
    },
    /// A text in a global heap.
    LongText,
    /// Bytes of which the file does not know more.
    Opaque,
    /// Another kind, which is passed over.
    Other,
}

/// How a value is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Datatype {
    pub(super) kind: Kind,
    /// How many bytes a value takes; not 0.
    pub(super) size: usize,
    big_endian: bool,
}

impl Datatype {
    /// Reads a datatype message.
    pub(super) fn read(mut cursor: Cursor<'_>) -> Result<Self> {
        let (class, bits, size) = prefix(&mut cursor)?;
        let big_endian = bits & 1 != 0;
        let kind = match class {
            0 | 4 => integer(cursor, bits, size)?,
            1 => float(cursor, bits, size)?,
            3 => Kind::Text { spaces: bits & 15 == 2 },
            5 => Kind::Opaque,
            8 => return enumeration(cursor),
            9 if bits & 15 == 1 => Kind::LongText,
            _ => Kind::Other,
        };
        let kind = if size == 0 { Kind::Other } else { kind };
        Ok(Self { kind, size: size.max(1), big_endian })
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self.kind, Kind::Signed | Kind::Unsigned)
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self.kind, Kind::Float16 | Kind::BFloat16 | Kind::Float32 | Kind::Float64)
    }

    /// The floating-point numbers in `bytes`, into `numbers`.
    pub(super) fn floats(self, bytes: &[u8], numbers: &mut [f32]) {
        // The way of nearly every file: nothing is decided within the loop.
        if self.kind == Kind::Float32 && !self.big_endian {
            for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
                *number = f32::from_le_bytes(*bytes);
            }
            return;
        }
        for (number, bytes) in numbers.iter_mut().zip(bytes.chunks_exact(self.size)) {
            *number = self.float(bytes) as f32;
        }
    }

    /// The number in `bytes`, whichever kind it is.
    pub(super) fn float(self, bytes: &[u8]) -> f64 {
        let bits = self.bits(bytes);
        match self.kind {
            Kind::Float16 => half(bits as u16).into(),
            Kind::BFloat16 => f32::from_bits((bits as u32) << 16).into(),
            Kind::Float32 => f32::from_bits(bits as u32).into(),
            Kind::Float64 => f64::from_bits(bits),
            Kind::Unsigned => bits as f64,
            _ => self.integer(bytes) as f64,
        }
    }

    /// The integer in `bytes`; the largest i64 for larger ones.
    pub(super) fn integer(self, bytes: &[u8]) -> i64 {
        let bits = self.bits(bytes);
        if self.kind == Kind::Unsigned {
            return i64::try_from(bits).unwrap_or(i64::MAX);
        }
        // The sign is carried on by shifting it to the top and back.
        let unused = 64 - 8 * self.size.min(8) as u32;
        ((bits << unused) as i64) >> unused
    }

    fn bits(self, bytes: &[u8]) -> u64 {
        let add = |bits, &byte: &u8| bits << 8 | u64::from(byte);
        if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    }
}

/// The class, the bits that say more about it, the size.
fn prefix(cursor: &mut Cursor<'_>) -> Result<(u8, u32, usize)> {
    let first = cursor.u32()?;
    if !(1..=5).contains(&(first >> 4 & 15)) {
        return Err(unsupported(format!("types of version {}", first >> 4 & 15)));
    }
    Ok(((first & 15) as u8, first >> 8, cursor.size32()?))
}

/// An integer that fills its bytes; others are not read.
fn integer(mut cursor: Cursor<'_>, bits: u32, size: usize) -> Result<Kind> {
    let (offset, precision) = (cursor.u16()?, usize::from(cursor.u16()?));
    let whole = offset == 0 && precision == 8 * size && [1, 2, 4, 8].contains(&size);
    Ok(match (whole, bits & 8 != 0) {
        (false, _) => Kind::Other,
        (true, true) => Kind::Signed,
        (true, false) => Kind::Unsigned,
    })
}

/// A floating-point number as IEEE 754 has it, or bfloat16; another would be read as wrong numbers.
fn float(mut cursor: Cursor<'_>, bits: u32, size: usize) -> Result<Kind> {
    let (offset, precision) = (cursor.u16()?, usize::from(cursor.u16()?));
    let (exponent_at, exponent) = (cursor.u8()?, cursor.u8()?);
    let (mantissa_at, mantissa) = (cursor.u8()?, cursor.u8()?);
    let bias = cursor.u32()?;
    let kind = match (size, exponent, mantissa, bias) {
        (2, 5, 10, 15) => Some(Kind::Float16),
        (2, 8, 7, 127) => Some(Kind::BFloat16),
        (4, 8, 23, 127) => Some(Kind::Float32),
        (8, 11, 52, 1023) => Some(Kind::Float64),
        _ => None,
    };
    let (is_vax, leading_one, sign_at) = (bits & 0x40 != 0, bits >> 4 & 3, bits >> 8 & 0xff);
    let in_place = offset == 0
        && precision == 8 * size
        && (mantissa_at, exponent_at) == (0, mantissa)
        && sign_at as usize + 1 == 8 * size;
    // The first bit of a mantissa, which is always 1, is left out.
    let is_plain = in_place && !is_vax && leading_one == 2;
    kind.filter(|_| is_plain).ok_or_else(|| {
        unsupported(format!("floating-point numbers of {size} bytes of its own form"))
    })
}

/// An enumeration, such as h5py's booleans, is read as the integers behind it.
fn enumeration(mut cursor: Cursor<'_>) -> Result<Datatype> {
    let (class, bits, size) = prefix(&mut cursor)?;
    let kind = if class == 0 { integer(cursor, bits, size)? } else { Kind::Other };
    Ok(Datatype { kind, size: size.max(1), big_endian: bits & 1 != 0 })
}

/// The length of each axis; `None` where a data set is said to hold nothing.
pub(super) fn dataspace(mut cursor: Cursor<'_>) -> Result<Option<Vec<usize>>> {
    let (version, rank, flags) = (cursor.u8()?, cursor.u8()?, cursor.u8()?);
    match version {
        1 => cursor.skip(5)?,
        2 => {
            if cursor.u8()? == 2 {
                return Ok(None);
            }
        }
        other => return Err(unsupported(format!("a dataspace of version {other}"))),
    }
    let mut lengths = || (0..rank).map(|_| cursor.length()).collect::<Result<Vec<u64>>>();
    let shape = lengths()?;
    let is_bounded = flags & 1 != 0;
    let most = if is_bounded { lengths()? } else { shape.clone() };
    if shape.iter().zip(&most).any(|(length, most)| length > most) {
        return Err(super::damaged(format!("a shape of {shape:?}, which is {most:?} at most")));
    }
    let axis = |length: u64| {
        usize::try_from(length).map_err(|_| super::damaged(format!("an axis of length {length}")))
    };
    shape.into_iter().map(axis).collect::<Result<_>>().map(Some)
}

/// How many values there are. As for a tensor, the lengths that are not 0 must be countable by
/// themselves.
pub(super) fn count(shape: &[usize]) -> Result<usize> {
    let mut lengths = shape.iter().filter(|&&axis| axis > 0);
    let product = lengths.try_fold(1usize, |product, &axis| product.checked_mul(axis));
    let product = product.filter(|&product| product <= isize::MAX as usize);
    let product = product.ok_or_else(|| super::damaged(format!("a shape of {shape:?}")))?;
    Ok(if shape.contains(&0) { 0 } else { product })
}

#[cfg(test)]
mod tests {
    use super::super::{Cursor, cursor::Widths};

    // As HDF5's own library has it.
    #[test]
    fn no_axis_is_longer_than_it_may_become() {
        let shape = |length: u64, most: u64| {
            let lengths = [length, most].map(u64::to_le_bytes).concat();
            let bytes = [&[1, 1, 1, 0, 0, 0, 0, 0], lengths.as_slice()].concat();
            super::dataspace(Cursor::new(&bytes, Widths { address: 8, length: 8 })).ok().flatten()
        };
        assert_eq!(shape(4, 4), Some(vec![4]));
        assert_eq!(shape(4, u64::MAX), Some(vec![4]));
        assert_eq!(shape(5, 4), None);
    }

    #[test]
    fn a_shape_without_numbers_may_still_be_too_large() {
        assert_eq!(super::count(&[0, 3]).ok(), Some(0));
        assert_eq!(super::count(&[]).ok(), Some(1));
        assert!(super::count(&[0, 1 << 40, 1 << 40]).is_err());
    }
}
