//! Array: one array of a file, of numbers or of strings.

use std::io::Read;

use ceratops_core::{Error, Result, Tensor, Text};

use super::{
    by_rows,
    header::{Content, Header},
    numbers_of,
};
use crate::numbers::{Number, Order};

/// An array of a `.npy` or `.npz` file, before it is known what a model takes it for.
///
/// ```
/// use ceratops_core::{Tensor, Text};
/// use ceratops_formats::npy::{self, Array};
///
/// let mut file = Vec::new();
/// npy::write_npy(&mut file, &Tensor::from([1.0, 2.0]))?;
/// let array = npy::read_array(file.as_slice())?;
/// assert_eq!(array.numbers()?, Tensor::from([1.0, 2.0]));
/// assert_eq!(Array::from(Text::from(["Bern"])).text()?, Text::from(["Bern"]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Array {
    /// Numbers that are exact in f32, or were floats.
    Numbers {
        /// These.
        values: Tensor,
        /// Whether they were integers.
        whole: bool,
    },
    /// Strings, or integers of which f32 does not hold all.
    Text(Text),
}

impl Array {
    /// The array as numbers.
    ///
    /// # Errors
    /// For strings, and for integers of which f32 does not hold all.
    pub fn numbers(&self) -> Result<Tensor> {
        match self {
            Self::Numbers { values, .. } => Ok(values.clone()),
            Self::Text(text) => Err(Error::Data(match inexact(text) {
                Some(integer) => format!(
                    "the integer {integer} is none that f32 holds, in which all is computed here; save \
                     the array as floats if it may be rounded, and ids and labels below 16,777,216"
                ),
                None => "this array holds strings; expected numbers".into(),
            })),
        }
    }

    /// The array as strings: integers as they are written.
    ///
    /// # Errors
    /// For floats.
    pub fn text(&self) -> Result<Text> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Numbers { values, whole: true } => {
                let strings = values.as_slice().iter().map(|x| (*x as i64).to_string());
                Text::new(values.shape(), strings.collect())
            }
            Self::Numbers { .. } => {
                let message = "this array holds floats; expected strings or integers: save it with \
                               .astype(str) or .astype(\"int64\")";
                Err(Error::Data(message.into()))
            }
        }
    }
}

impl From<Tensor> for Array {
    fn from(values: Tensor) -> Self {
        Self::Numbers { values, whole: false }
    }
}

impl From<Text> for Array {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// The first integer that no f32 is, if all strings are integers.
fn inexact(text: &Text) -> Option<i128> {
    let integers = text.strings().iter().map(|string| string.parse::<i128>().ok());
    let integers: Vec<i128> = integers.collect::<Option<_>>()?;
    integers.into_iter().find(|&integer| !is_exact(integer))
}

fn is_exact(integer: i128) -> bool {
    integer as f32 as i128 == integer
}

/// The next array of a stream, strings and large integers too.
pub(super) fn array(from: &mut dyn Read) -> Result<Array> {
    let header = Header::read(from)?;
    match header.content {
        Content::Numbers(Number::I32 | Number::U32 | Number::I64 | Number::U64) => {
            integers(from, &header)
        }
        Content::Numbers(number) => {
            let whole = !matches!(number, Number::F16 | Number::F32 | Number::F64);
            Ok(Array::Numbers { values: numbers_of(from, &header)?, whole })
        }
        Content::Letters(count) => {
            strings(from, &header, 4 * count, |bytes| letters(bytes, header.order))
        }
        Content::Bytes(count) => strings(from, &header, count, utf8),
    }
}

/// Integers of four or eight bytes: numbers if f32 holds all of them.
fn integers(from: &mut dyn Read, header: &Header) -> Result<Array> {
    let number = header.number()?;
    let values =
        elements(from, header, number.size(), |bytes| Ok(integer(number, bytes, header.order)))?;
    let shape = &header.shape;
    if values.iter().all(|&value| is_exact(value)) {
        let values = values.into_iter().map(|value| value as f32).collect();
        return Ok(Array::Numbers { values: Tensor::new(shape, values)?, whole: true });
    }
    Text::new(shape, values.iter().map(ToString::to_string).collect()).map(Array::Text)
}

fn integer(number: Number, bytes: &[u8], order: Order) -> i128 {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    if order == Order::Big {
        wide[..bytes.len()].reverse();
    }
    match number {
        Number::I32 => i128::from(u64::from_le_bytes(wide) as u32 as i32),
        Number::I64 => i128::from(i64::from_le_bytes(wide)),
        _ => i128::from(u64::from_le_bytes(wide)),
    }
}

fn strings(
    from: &mut dyn Read,
    header: &Header,
    size: usize,
    read: impl Fn(&[u8]) -> Result<String>,
) -> Result<Array> {
    let strings = elements(from, header, size, read)?;
    Text::new(&header.shape, strings).map(Array::Text)
}

/// The elements of an array, row by row, each of `size` bytes.
fn elements<T: Clone>(
    from: &mut dyn Read,
    header: &Header,
    size: usize,
    read: impl Fn(&[u8]) -> Result<T>,
) -> Result<Vec<T>> {
    let shape = &header.shape;
    let len = shape.iter().try_fold(1usize, |len, &axis| len.checked_mul(axis));
    // Strings of no bytes would be as many as a header likes.
    let len = len.filter(|&len| size > 0 || len == 0).filter(|len| len.checked_mul(size).is_some());
    let len = len.ok_or_else(|| {
        Error::Data(format!("an array of shape {shape:?} of {size} bytes each fits in no memory"))
    })?;
    let (mut values, mut bytes) = (Vec::new(), Vec::new());
    for index in 0..len {
        bytes.clear();
        // The header may lie: room is made as the bytes come.
        let got = from.take(size as u64).read_to_end(&mut bytes).map_err(|e| {
            Error::Data(format!("the array of shape {shape:?} cannot all be read: {e}"))
        })?;
        if got < size {
            return Err(Error::Data(format!(
                "the array of shape {shape:?} has {len} elements of {size} bytes, but the file ends in \
                 element {index}"
            )));
        }
        values.push(read(&bytes)?);
    }
    Ok(if header.fortran { by_rows(shape, &values) } else { values })
}

/// A string in UTF-32, filled up with zeros.
fn letters(bytes: &[u8], order: Order) -> Result<String> {
    let points = bytes.as_chunks::<4>().0.iter().map(|&bytes| match order {
        Order::Little => u32::from_le_bytes(bytes),
        Order::Big => u32::from_be_bytes(bytes),
    });
    let points: Vec<u32> = points.collect();
    let end = points.iter().rposition(|&point| point != 0).map_or(0, |last| last + 1);
    let string: Option<String> = points[..end].iter().map(|&point| char::from_u32(point)).collect();
    string.ok_or_else(|| Error::Data("a string of the array holds no Unicode".into()))
}

/// A string in bytes, filled up with zeros.
fn utf8(bytes: &[u8]) -> Result<String> {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let string = String::from_utf8(bytes[..end].to_vec());
    string.map_err(|e| Error::Data(format!("a string of the array is not UTF-8: {e}")))
}
