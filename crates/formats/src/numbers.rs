//! Numbers as bytes, of every type that files have them in, and the f32 they become.

use ceratops_core::{Error, Result};

/// The type of a number in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    BF16,
    F32,
    F64,
}

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Number {
    /// How many bytes it takes.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::BF16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Appends the numbers in `bytes`. What no f32 can tell exactly is rounded.
    pub(crate) fn decode(self, bytes: &[u8], order: Order, to: &mut Vec<f32>) {
        match self {
            Self::Bool => each(bytes, order, to, |[byte]| f32::from(u8::from(byte != 0))),
            Self::I8 => each(bytes, order, to, |n| f32::from(i8::from_le_bytes(n))),
            Self::I16 => each(bytes, order, to, |n| f32::from(i16::from_le_bytes(n))),
            Self::I32 => each(bytes, order, to, |n| i32::from_le_bytes(n) as f32),
            Self::I64 => each(bytes, order, to, |n| i64::from_le_bytes(n) as f32),
            Self::U8 => each(bytes, order, to, |n| f32::from(u8::from_le_bytes(n))),
            Self::U16 => each(bytes, order, to, |n| f32::from(u16::from_le_bytes(n))),
            Self::U32 => each(bytes, order, to, |n| u32::from_le_bytes(n) as f32),
            Self::U64 => each(bytes, order, to, |n| u64::from_le_bytes(n) as f32),
            Self::F16 => each(bytes, order, to, |n| half(u16::from_le_bytes(n))),
            Self::BF16 => each(bytes, order, to, |n| {
                // The upper half of an f32.
                f32::from_bits(u32::from(u16::from_le_bytes(n)) << 16)
            }),
            Self::F32 => each(bytes, order, to, f32::from_le_bytes),
            Self::F64 => each(bytes, order, to, |n| f64::from_le_bytes(n) as f32),
        }
    }
}

/// Refuses integers that no f32 is: an id or a label would become another.
pub(crate) fn check_exact(number: Number, bytes: &[u8], order: Order) -> Result<()> {
    let lost = match number {
        Number::I32 => lost(bytes, order, i32::from_le_bytes),
        Number::U32 => lost(bytes, order, u32::from_le_bytes),
        Number::I64 => lost(bytes, order, i64::from_le_bytes),
        Number::U64 => lost(bytes, order, u64::from_le_bytes),
        _ => None,
    };
    match lost {
        None => Ok(()),
        Some(lost) => Err(Error::Data(format!(
            "the integer {lost} is none that f32 holds, in which all is computed here; save the array as \
             floats if it may be rounded, and ids and labels below 16,777,216"
        ))),
    }
}

/// The first integer that is another as an f32.
fn lost<const N: usize, I: Into<i128>>(
    bytes: &[u8],
    order: Order,
    number: impl Fn([u8; N]) -> I,
) -> Option<i128> {
    let number = |&(mut bytes): &[u8; N]| {
        if order == Order::Big {
            bytes.reverse();
        }
        number(bytes).into()
    };
    bytes.as_chunks::<N>().0.iter().map(number).find(|&n| n as f32 as i128 != n)
}

fn each<const N: usize>(
    bytes: &[u8],
    order: Order,
    to: &mut Vec<f32>,
    number: impl Fn([u8; N]) -> f32,
) {
    let (numbers, _) = bytes.as_chunks::<N>();
    match order {
        Order::Little => to.extend(numbers.iter().map(|&bytes| number(bytes))),
        Order::Big => to.extend(numbers.iter().map(|&(mut bytes)| {
            bytes.reverse();
            number(bytes)
        })),
    }
}

/// An IEEE half.
pub(crate) fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let exponent = u32::from(bits >> 10 & 0x1f);
    let fraction = u32::from(bits & 0x3ff);
    let size = match exponent {
        // Halves without a leading one count in steps of 2^-24.
        0 => fraction as f32 * f32::from_bits((127 - 24) << 23),
        31 => f32::from_bits(0xff << 23 | fraction << 13),
        _ => f32::from_bits((exponent + 127 - 15) << 23 | fraction << 13),
    };
    sign * size
}

/// The numbers as bytes, the lowest first, some at a time.
pub(crate) fn write_f32(numbers: &[f32], to: &mut impl std::io::Write) -> std::io::Result<()> {
    let mut bytes = Vec::with_capacity(4 * numbers.len().min(CHUNK));
    for chunk in numbers.chunks(CHUNK) {
        bytes.clear();
        bytes.extend(chunk.iter().flat_map(|x| x.to_le_bytes()));
        to.write_all(&bytes)?;
    }
    Ok(())
}

const CHUNK: usize = 1 << 14;

/// How many numbers an array of this shape has, and how many bytes, if that can be counted.
pub(crate) fn extent(shape: &[usize], number: Number) -> Option<(usize, usize)> {
    if shape.contains(&0) {
        return Some((0, 0));
    }
    let len = shape.iter().try_fold(1usize, |len, &axis| len.checked_mul(axis))?;
    Some((len, len.checked_mul(number.size())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(number: Number, order: Order, bytes: &[u8]) -> Vec<f32> {
        let mut to = Vec::new();
        number.decode(bytes, order, &mut to);
        to
    }

    #[test]
    fn every_half_is_what_ieee_says() {
        // The value of a half, by its definition and in f64.
        let value = |bits: u16| {
            let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
            let size = match exponent {
                0 => fraction * 2f64.powi(-24),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
            };
            if bits >> 15 == 1 { -size } else { size }
        };
        for bits in 0..=u16::MAX {
            let (expected, found) = (value(bits), f64::from(half(bits)));
            let same = expected == found || expected.is_nan() && found.is_nan();
            assert!(same, "{bits:#x}: {expected} {found}");
            assert_eq!(
                expected.is_sign_negative(),
                found.is_sign_negative() || found.is_nan() && bits >> 15 == 1
            );
        }
    }

    #[test]
    fn numbers_of_every_type() {
        use Number::*;
        let cases: [(Number, &[u8], f32); 13] = [
            (Bool, &[7], 1.0),
            (I8, &[0xfe], -2.0),
            (I16, &[0xfe, 0xff], -2.0),
            (I32, &[0xfe, 0xff, 0xff, 0xff], -2.0),
            (I64, &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -2.0),
            (U8, &[0xfe], 254.0),
            (U16, &[0xfe, 0xff], 65534.0),
            (U32, &[2, 1, 0, 0], 258.0),
            (U64, &[2, 1, 0, 0, 0, 0, 0, 0], 258.0),
            (F16, &[0x00, 0xc1], -2.5),
            (BF16, &[0x20, 0xc0], -2.5),
            (F32, &[0, 0, 0x20, 0xc0], -2.5),
            (F64, &[0, 0, 0, 0, 0, 0, 4, 0xc0], -2.5),
        ];
        for (number, bytes, expected) in cases {
            assert_eq!(number.size(), bytes.len());
            assert_eq!(decoded(number, Order::Little, bytes), [expected], "{number:?}");
            let turned: Vec<u8> = bytes.iter().rev().copied().collect();
            assert_eq!(decoded(number, Order::Big, &turned), [expected], "{number:?}");
        }
    }

    #[test]
    fn a_shape_may_be_too_large_to_count() {
        assert_eq!(extent(&[2, 3], Number::F64), Some((6, 48)));
        assert_eq!(extent(&[], Number::F32), Some((1, 4)));
        assert_eq!(extent(&[usize::MAX, 0], Number::F32), Some((0, 0)));
        assert_eq!(extent(&[usize::MAX], Number::F32), None);
        assert_eq!(extent(&[usize::MAX, 2], Number::U8), None);
    }
}
