//! The header of a `.npy` file: a Python dict as text.

use std::io::Read;

use ceratops_core::{Error, Result};

use crate::numbers::{Number, Order};

/// What a header says.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub(super) content: Content,
    pub(super) order: Order,
    /// Whether the first index runs fastest.
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
}

/// What the elements of an array are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Content {
    Numbers(Number),
    /// Strings of so many letters.
    Letters(usize),
    /// Strings of so many bytes.
    Bytes(usize),
}

const MAGIC: [u8; 6] = *b"\x93NUMPY";
/// NumPy itself refuses more than 10,000 bytes unless it is told otherwise.
const LONGEST: usize = 1 << 16;
/// The most letters of a string, so that it goes through a model.
const LONGEST_STRING: usize = 1 << 24;
/// NumPy's limit since version 2; before, it was 32.
const MOST_AXES: usize = 64;

/// The header of an array in C order, whose numbers or strings are of that kind.
pub(super) fn of(kind: &str, shape: &[usize]) -> Result<Vec<u8>> {
    let axes: String = shape.iter().map(|axis| format!("{axis}, ")).collect();
    // One axis is written `(3,)`, more without a comma at the end.
    let axes = if shape.len() == 1 { axes.trim_end() } else { axes.trim_end_matches(", ") };
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({axes}), }}");
    // The numbers begin at a multiple of 64.
    let start = MAGIC.len() + 4;
    let len = (start + text.len() + 1).next_multiple_of(64) - start;
    text.push_str(&" ".repeat(len - 1 - text.len()));
    text.push('\n');
    let len = u16::try_from(len)
        .map_err(|_| Error::Data(format!("{} axes are too many for .npy", shape.len())))?;
    Ok([MAGIC.as_slice(), &[1, 0], &len.to_le_bytes(), text.as_bytes()].concat())
}

impl Header {
    /// The type of its numbers.
    ///
    /// # Errors
    /// For strings.
    pub(super) fn number(&self) -> Result<Number> {
        match self.content {
            Content::Numbers(number) => Ok(number),
            _ => Err(Error::Data("this array holds strings; expected numbers".into())),
        }
    }

    pub(super) fn read(from: &mut dyn Read) -> Result<Self> {
        let failed = |e: std::io::Error| Error::Data(format!("the .npy header is cut off: {e}"));
        let mut start = Vec::new();
        from.take(8).read_to_end(&mut start).map_err(failed)?;
        if !start.starts_with(&MAGIC[..start.len().min(MAGIC.len())]) || start.is_empty() {
            return Err(Error::Data("this is no .npy array: it does not begin as one".into()));
        }
        if start.len() < 8 {
            return Err(Error::Data("the .npy header is cut off".into()));
        }
        let mut len = [0; 4];
        match start[6] {
            1 => from.read_exact(&mut len[..2]).map_err(failed)?,
            2 | 3 => from.read_exact(&mut len).map_err(failed)?,
            version => {
                let message = format!("version {version} of .npy; expected 1, 2 or 3");
                return Err(Error::Data(message));
            }
        }
        let len = u32::from_le_bytes(len) as usize;
        if len > LONGEST {
            return Err(Error::Data(format!("a .npy header of {len} bytes; expected a short one")));
        }
        let mut text = vec![0; len];
        from.read_exact(&mut text).map_err(failed)?;
        let text = String::from_utf8_lossy(&text);
        Self::parse(text.trim()).ok_or_else(|| {
            if text.contains("'|O'") {
                let message = "this is an array of Python objects, which cannot be read; save strings with \
                               .astype(str)";
                return Error::Data(message.into());
            }
            let shown: String = text.trim().chars().take(200).collect();
            Error::Data(format!(
                "expected the .npy header of an array of numbers or strings, as \
                 {{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }}, got {shown}"
            ))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('{')?.strip_suffix('}')?.trim();
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        while !rest.is_empty() {
            let key = quoted(&mut rest)?;
            rest = rest.trim_start().strip_prefix(':')?.trim_start();
            match key {
                "descr" => descr = Some(content(quoted(&mut rest)?)?),
                "fortran_order" => fortran = Some(boolean(&mut rest)?),
                "shape" => shape = Some(axes(&mut rest)?),
                _ => return None,
            }
            rest = rest.trim_start();
            match rest.strip_prefix(',') {
                Some(next) => rest = next.trim_start(),
                None if rest.is_empty() => {}
                None => return None,
            }
        }
        let (content, order) = descr?;
        Some(Self { content, order, fortran: fortran?, shape: shape? })
    }
}

/// Takes a text in quotes, in which Python would escape nothing.
fn quoted<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let quote = rest.chars().next().filter(|c| ['\'', '"'].contains(c))?;
    let (text, after) = rest[1..].split_once(quote)?;
    *rest = after;
    Some(text)
}

fn boolean(rest: &mut &str) -> Option<bool> {
    for (word, value) in [("True", true), ("False", false)] {
        if let Some(after) = rest.strip_prefix(word) {
            *rest = after;
            return Some(value);
        }
    }
    None
}

fn axes(rest: &mut &str) -> Option<Vec<usize>> {
    let (inner, after) = rest.strip_prefix('(')?.split_once(')')?;
    *rest = after;
    let inner = inner.trim();
    if inner.is_empty() {
        return Some(Vec::new());
    }
    // Python 2 wrote long numbers as `3L`.
    let axis = |axis: &str| axis.trim().trim_end_matches('L').parse().ok();
    let axes: Vec<usize> =
        inner.strip_suffix(',').unwrap_or(inner).split(',').map(axis).collect::<Option<_>>()?;
    (axes.len() <= MOST_AXES).then_some(axes)
}

/// `<f4`, `<U12`, `|S3`: the byte order, the kind of element and its size.
fn content(descr: &str) -> Option<(Content, Order)> {
    let (order, kind) = descr.split_at_checked(1)?;
    let order = match order {
        // `=` is the machine's own, and the machines that write files are little-endian.
        "<" | "|" | "=" => Order::Little,
        ">" => Order::Big,
        _ => return None,
    };
    if let Some(letters) = kind.strip_prefix('U') {
        let letters = letters.parse().ok().filter(|letters| *letters <= LONGEST_STRING)?;
        return Some((Content::Letters(letters), order));
    }
    if let Some(bytes) = kind.strip_prefix('S') {
        let bytes = bytes.parse().ok().filter(|bytes| *bytes <= LONGEST_STRING)?;
        return Some((Content::Bytes(bytes), order));
    }
    let number = match kind {
        "b1" => Number::Bool,
        "i1" => Number::I8,
        "i2" => Number::I16,
        "i4" => Number::I32,
        "i8" => Number::I64,
        "u1" => Number::U8,
        "u2" => Number::U16,
        "u4" => Number::U32,
        "u8" => Number::U64,
        "f2" => Number::F16,
        "f4" => Number::F32,
        "f8" => Number::F64,
        _ => return None,
    };
    Some((Content::Numbers(number), order))
}
