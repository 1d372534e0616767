//! Data sets: from an object's messages to numbers.

use std::borrow::Cow;

use ceratops_core::{Error, Result, Tensor};

use super::{
    Cursor, File, chunks, damaged,
    datatype::{Datatype, Kind, count, dataspace},
    filters,
    header::{Message, kind, shared_body},
    unsupported,
};
use crate::hdf5::{Attribute, Member};

/// What a data set holds and how, before its numbers are read.
pub(super) struct Dataset {
    pub(super) datatype: Datatype,
    pub(super) shape: Vec<usize>,
    /// How many bytes there are in all.
    pub(super) len: usize,
    /// The bytes of a number that was never written; empty for 0.
    pub(super) fill: Vec<u8>,
}

/// The numbers of the data set that `messages` describe; nothing if it holds no numbers.
pub(super) fn dataset<'a>(
    file: &File<'a>,
    messages: &[Message<'a>],
    attributes: &[(String, Attribute)],
) -> Result<Option<Member>> {
    let find = |kind| messages.iter().find(|message| message.kind == kind).copied();
    let body = |kind| find(kind).map(|message| shared_body(file, message)).transpose();
    let datatype = body(kind::DATATYPE)?.ok_or_else(|| damaged("a data set has no type"))?;
    let mut datatype = Datatype::read(datatype)?;
    // This is how Keras marks the type that HDF5 does not know.
    if datatype.kind == Kind::Opaque && datatype.size == 2 && says_bfloat16(attributes) {
        datatype.kind = Kind::BFloat16;
    }
    let shape = body(kind::DATASPACE)?.ok_or_else(|| damaged("a data set has no shape"))?;
    let (Some(shape), true) = (dataspace(shape)?, datatype.is_float() || datatype.is_integer())
    else {
        return Ok(None);
    };
    let len = count(&shape)?.checked_mul(datatype.size);
    let len = len.ok_or_else(|| damaged(format!("a data set of shape {shape:?}")))?;
    let fill = match (body(kind::FILL_VALUE)?, body(kind::OLD_FILL_VALUE)?) {
        (Some(body), _) => fill(body, datatype.size)?,
        (None, Some(body)) => fill_value(body, datatype.size)?,
        (None, None) => Vec::new(),
    };
    let dataset = Dataset { datatype, shape, len, fill };
    let filters = body(kind::FILTERS)?.map_or(Ok(Vec::new()), filters::read)?;
    let layout = body(kind::LAYOUT)?.ok_or_else(|| damaged("a data set lies nowhere"))?;
    let bytes = stored(file, layout, &dataset, &filters)?;
    dataset.numbers(file, &bytes).map(Some)
}

fn says_bfloat16(attributes: &[(String, Attribute)]) -> bool {
    let is = |(name, value): &(String, Attribute)| {
        name == "dtype" && *value == Attribute::Text("bfloat16".into())
    };
    attributes.iter().any(is)
}

/// The fill value: what stands where nothing was written.
fn fill(mut cursor: Cursor<'_>, size: usize) -> Result<Vec<u8>> {
    let version = cursor.u8()?;
    let defined = match version {
        1 | 2 => {
            cursor.skip(2)?;
            cursor.u8()? != 0
        }
        3 => cursor.u8()? & 0x20 != 0,
        other => return Err(unsupported(format!("a fill value of version {other}"))),
    };
    if !defined {
        return Ok(Vec::new());
    }
    fill_value(cursor, size)
}

/// The length of the value and the value, which is 0 where it has no length.
fn fill_value(mut cursor: Cursor<'_>, size: usize) -> Result<Vec<u8>> {
    let len = cursor.size32()?;
    if len != 0 && len != size {
        return Err(damaged(format!("a fill value of {len} bytes for numbers of {size}")));
    }
    Ok(cursor.take(len)?.to_vec())
}

/// The bytes of all numbers, wherever they lie.
fn stored<'a>(
    file: &File<'a>,
    mut layout: Cursor<'a>,
    dataset: &Dataset,
    filters: &[filters::Filter],
) -> Result<Cow<'a, [u8]>> {
    const COMPACT: u8 = 0;
    const CONTIGUOUS: u8 = 1;
    const CHUNKED: u8 = 2;
    let version = layout.u8()?;
    if version < 3 {
        return old_layout(file, layout, dataset);
    }
    match layout.u8()? {
        _ if version > 4 => Err(unsupported(format!("a layout of version {version}"))),
        COMPACT => {
            let len = layout.u16()?;
            whole(layout.take(len.into())?, dataset)
        }
        CONTIGUOUS => {
            let address = layout.address()?;
            // Behind its place lies what belongs to others.
            if layout.length()? < dataset.len as u64 {
                return Err(damaged("a data set is larger than its place"));
            }
            contiguous(file, address, dataset)
        }
        CHUNKED => chunks::read(file, layout, version, dataset, filters).map(Cow::Owned),
        other => Err(unsupported(format!("a layout of class {other}"))),
    }
}

/// A layout as HDF5 wrote it before version 1.6.3.
fn old_layout<'a>(
    file: &File<'a>,
    mut layout: Cursor<'a>,
    dataset: &Dataset,
) -> Result<Cow<'a, [u8]>> {
    let (rank, class) = (layout.u8()?, layout.u8()?);
    layout.skip(5)?;
    match class {
        0 => {
            layout.skip(4 * usize::from(rank))?;
            let len = layout.size32()?;
            whole(layout.take(len)?, dataset)
        }
        1 => contiguous(file, layout.address()?, dataset),
        _ => Err(unsupported("chunks as HDF5 1.6 wrote them")),
    }
}

fn contiguous<'a>(
    file: &File<'a>,
    address: Option<u64>,
    dataset: &Dataset,
) -> Result<Cow<'a, [u8]>> {
    match address {
        _ if dataset.len == 0 => Ok(Cow::Borrowed(&[])),
        Some(address) => file.slice(address, dataset.len as u64).map(Cow::Borrowed),
        None => dataset.filled(file).map(Cow::Owned),
    }
}

fn whole<'a>(bytes: &'a [u8], dataset: &Dataset) -> Result<Cow<'a, [u8]>> {
    let bytes = bytes.get(..dataset.len);
    bytes.map(Cow::Borrowed).ok_or_else(|| damaged("a data set is larger than its place"))
}

impl Dataset {
    /// The bytes as they are before anything is written.
    pub(super) fn filled(&self, file: &File<'_>) -> Result<Vec<u8>> {
        file.inflating.spend(self.len as u64)?;
        let mut bytes = Vec::new();
        let no_room = |_| Error::Data(format!("there is no memory for {} bytes", self.len));
        bytes.try_reserve_exact(self.len).map_err(no_room)?;
        bytes.resize(self.len, 0);
        if self.fill.iter().any(|&byte| byte != 0) {
            for value in bytes.chunks_exact_mut(self.fill.len()) {
                value.copy_from_slice(&self.fill);
            }
        }
        Ok(bytes)
    }

    fn numbers(self, file: &File<'_>, bytes: &[u8]) -> Result<Member> {
        let Self { datatype, shape, .. } = self;
        let count = bytes.len() / datatype.size;
        if datatype.is_integer() {
            file.reading.spend(8 * count as u64)?;
            let values = bytes.chunks_exact(datatype.size).map(|value| datatype.integer(value));
            return Ok(Member::Integers { shape, values: values.collect() });
        }
        // As many bytes are there already, so that there is memory for the numbers too.
        let mut tensor = Tensor::for_overwrite(&shape);
        datatype.floats(bytes, tensor.as_mut_slice());
        Ok(Member::Tensor(tensor))
    }
}
