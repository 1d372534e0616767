//! `.safetensors`: tensors by name behind a JSON header.
//!
//! The layout is that of Hugging Face's format description: the header's length (8 bytes, the
//! lowest first), the header, the numbers without gaps.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use ceratops_core::Tensor;
//! use ceratops_formats::safetensors;
//!
//! let tensors = [("weight".to_owned(), Tensor::from([1.0, 2.0]))];
//! let metadata = BTreeMap::from([("origin".to_owned(), "an example".to_owned())]);
//! let mut file = Vec::new();
//! safetensors::write(&mut file, &tensors, &metadata)?;
//! assert_eq!(safetensors::read(&file)?, tensors);
//! assert_eq!(safetensors::metadata(&file)?, metadata);
//! # Ok::<(), ceratops_core::Error>(())
//! ```

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    io::Write,
};

use ceratops_core::{Error, Result, Tensor};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value, json};

use crate::numbers::{self, Number, Order};

/// What the header says of one tensor.
#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// The format's own limit.
const LONGEST_HEADER: usize = 100_000_000;

/// The header as it stands; a name that comes twice is an error.
struct Header(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with an entry for each tensor")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let (mut entries, mut names) = (Vec::new(), HashSet::new());
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!("\"{name}\" is there twice")));
                    }
                    entries.push((name, value));
                }
                Ok(Header(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// What a file says of itself, text by text.
pub fn metadata(file: &[u8]) -> Result<BTreeMap<String, String>> {
    let (Header(header), _) = header(file)?;
    match header.into_iter().find(|(name, _)| name == "__metadata__") {
        Some((_, value)) => serde_json::from_value(value)
            .map_err(|e| Error::Data(format!("__metadata__ of the safetensors header: {e}"))),
        None => Ok(BTreeMap::new()),
    }
}

fn header(file: &[u8]) -> Result<(Header, &[u8])> {
    let (header, numbers) = split(file)?;
    let header = serde_json::from_slice(header)
        .map_err(|e| Error::Data(format!("the safetensors header is not JSON as expected: {e}")))?;
    Ok((header, numbers))
}

/// The tensors of a file, in its order.
pub fn read(file: &[u8]) -> Result<Vec<(String, Tensor)>> {
    let (Header(header), numbers) = header(file)?;
    let mut entries = Vec::new();
    for (name, value) in header {
        if name != "__metadata__" {
            let entry: Entry = serde_json::from_value(value)
                .map_err(|e| Error::Data(format!("tensor \"{name}\" in the header: {e}")))?;
            entries.push((name, entry));
        }
    }
    entries.sort_by_key(|(_, entry)| entry.data_offsets);
    let mut end = 0;
    let mut tensors = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        if entry.data_offsets[0] != end {
            return Err(Error::Data(format!(
                "tensor \"{name}\" begins at {}, where one ends at {end}; expected no gaps and no \
                 overlaps",
                entry.data_offsets[0]
            )));
        }
        end = entry.data_offsets[1];
        let value =
            tensor(&entry, numbers).map_err(|e| Error::Data(format!("tensor \"{name}\": {e}")))?;
        tensors.push((name, value));
    }
    if end != numbers.len() {
        let found = numbers.len();
        return Err(Error::Data(format!(
            "the tensors end at {end}, the file's numbers at {found}"
        )));
    }
    Ok(tensors)
}

fn split(file: &[u8]) -> Result<(&[u8], &[u8])> {
    let cut = || Error::Data("the safetensors header is cut off".into());
    let (len, rest) = file.split_first_chunk().ok_or_else(cut)?;
    let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| cut())?;
    if len > LONGEST_HEADER {
        return Err(Error::Data(format!("a safetensors header of {len} bytes is too long")));
    }
    rest.split_at_checked(len).ok_or_else(cut)
}

fn tensor(entry: &Entry, numbers: &[u8]) -> Result<Tensor> {
    let number = number(&entry.dtype)?;
    let [start, end] = entry.data_offsets;
    let bytes = numbers.get(start..end).ok_or_else(|| {
        Error::Data(format!("it lies at {start} to {end}, the file has {} bytes", numbers.len()))
    })?;
    let (len, size) = numbers::extent(&entry.shape, number)
        .filter(|&(_, size)| size == bytes.len())
        .ok_or_else(|| {
            let (dtype, shape) = (&entry.dtype, &entry.shape);
            Error::Data(format!("{} bytes are no {dtype} of shape {shape:?}", bytes.len()))
        })?;
    let mut values = Vec::with_capacity(len);
    number.decode(&bytes[..size], Order::Little, &mut values);
    Tensor::new(&entry.shape, values)
}

fn number(dtype: &str) -> Result<Number> {
    Ok(match dtype {
        "BOOL" => Number::Bool,
        "I8" => Number::I8,
        "I16" => Number::I16,
        "I32" => Number::I32,
        "I64" => Number::I64,
        "U8" => Number::U8,
        "U16" => Number::U16,
        "U32" => Number::U32,
        "U64" => Number::U64,
        "F16" => Number::F16,
        "BF16" => Number::BF16,
        "F32" => Number::F32,
        "F64" => Number::F64,
        _ => {
            return Err(Error::Data(format!(
                "dtype {dtype}; expected BOOL, I8 to I64, U8 to U64, F16, BF16, F32 or F64"
            )));
        }
    })
}

/// Writes tensors under their names, and what the file says of itself.
pub fn write(
    to: &mut impl Write,
    tensors: &[(String, Tensor)],
    metadata: &BTreeMap<String, String>,
) -> Result<()> {
    let (mut header, mut end) = (Map::new(), 0);
    if !metadata.is_empty() {
        header.insert("__metadata__".into(), json!(metadata));
    }
    for (name, tensor) in tensors {
        let start = end;
        end += 4 * tensor.len();
        let entry = json!({"dtype": "F32", "shape": tensor.shape(), "data_offsets": [start, end]});
        if name == "__metadata__" || header.insert(name.clone(), entry).is_some() {
            return Err(Error::Data(format!("two tensors \"{name}\" for one safetensors file")));
        }
    }
    let mut header = Value::Object(header).to_string();
    // The numbers begin at a multiple of 8.
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    let failed = |e| Error::io("the safetensors file", e);
    to.write_all(&(header.len() as u64).to_le_bytes()).map_err(failed)?;
    to.write_all(header.as_bytes()).map_err(failed)?;
    for (_, tensor) in tensors {
        numbers::write_f32(tensor.as_slice(), to).map_err(failed)?;
    }
    Ok(())
}
