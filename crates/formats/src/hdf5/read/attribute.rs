//! Attributes: small named values beside a group or a data set.

use ceratops_core::Result;

use super::{
    Cursor, File, damaged,
    datatype::{Datatype, Kind, count, dataspace},
    dense,
    header::{Message, kind, shared_body},
    strings::{long_text, until_zero},
    unsupported,
};
use crate::hdf5::Attribute;

/// The attributes among an object's messages. Those of kinds that no Keras writes are passed over.
pub(super) fn attributes<'a>(
    file: &File<'a>,
    messages: &[Message<'a>],
) -> Result<Vec<(String, Attribute)>> {
    let mut found = Vec::new();
    for message in messages {
        match message.kind {
            kind::ATTRIBUTE => found.extend(attribute(file, shared_body(file, *message)?)?),
            kind::ATTRIBUTE_INFO => {
                for body in dense::attributes(file, message.body)? {
                    found.extend(attribute(file, body)?);
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

fn attribute<'a>(file: &File<'a>, mut cursor: Cursor<'a>) -> Result<Option<(String, Attribute)>> {
    let (version, flags) = (cursor.u8()?, cursor.u8()?);
    let sizes = [cursor.u16()?, cursor.u16()?, cursor.u16()?].map(usize::from);
    let padded = match version {
        1 => sizes.map(|size| size.next_multiple_of(8)),
        2 => sizes,
        3 => {
            cursor.skip(1)?;
            sizes
        }
        other => return Err(unsupported(format!("an attribute of version {other}"))),
    };
    let name = String::from_utf8_lossy(until_zero(cursor.take(padded[0])?)).into_owned();
    let body = cursor.part(padded[1])?;
    // In the first version the flags are a byte without meaning.
    let shared = version > 1 && flags & 1 != 0;
    let datatype = shared_body(file, Message { kind: kind::DATATYPE, shared, body })?;
    let shape = dataspace(cursor.part(padded[2])?)?;
    let value = value(file, Datatype::read(datatype)?, shape, cursor.rest());
    let value = value.map_err(|e| damaged(format!("attribute \"{name}\": {e}")))?;
    Ok(value.map(|value| (name, value)))
}

fn value(
    file: &File<'_>,
    datatype: Datatype,
    shape: Option<Vec<usize>>,
    bytes: &[u8],
) -> Result<Option<Attribute>> {
    let len = shape.as_ref().map_or(Ok(0), |shape| count(shape))?;
    let needed = len.checked_mul(datatype.size);
    let bytes = needed.and_then(|needed| bytes.get(..needed));
    let bytes = bytes.ok_or_else(|| damaged(format!("there are no {len} values")))?;
    let values = bytes.chunks_exact(datatype.size);
    let texts = match datatype.kind {
        Kind::Text { spaces } => values.map(|text| short_text(text, spaces)).collect(),
        Kind::LongText => values.map(|text| long_text(file, text)).collect::<Result<Vec<_>>>()?,
        Kind::Other | Kind::Opaque => return Ok(None),
        _ => {
            let numbers = values.map(|number| datatype.float(number)).collect();
            return Ok(Some(Attribute::Numbers(numbers)));
        }
    };
    let is_scalar = shape.is_some_and(|shape| shape.is_empty());
    Ok(Some(match <[String; 1]>::try_from(texts) {
        Ok([text]) if is_scalar => Attribute::Text(text),
        Ok(texts) => Attribute::Texts(texts.into()),
        Err(texts) => Attribute::Texts(texts),
    }))
}

fn short_text(bytes: &[u8], spaces: bool) -> String {
    let text = String::from_utf8_lossy(until_zero(bytes));
    if spaces { text.trim_end_matches(' ').to_owned() } else { text.into_owned() }
}
