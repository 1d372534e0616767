//! Global heaps: where texts of any length lie.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use ceratops_core::Result;

use super::{Cursor, File, damaged};

/// The objects of one collection, by number.
type Collection<'a> = Rc<HashMap<u16, &'a [u8]>>;

/// The collections that were needed so far.
#[derive(Default)]
pub(super) struct Strings<'a> {
    collections: RefCell<HashMap<u64, Collection<'a>>>,
}

/// The text that a reference of 4 bytes of length, an address and a number stands for.
pub(super) fn long_text(file: &File<'_>, reference: &[u8]) -> Result<String> {
    let mut cursor = Cursor::new(reference, file.widths);
    let (len, address, number) = (cursor.size32()?, cursor.address()?, cursor.u32()?);
    let Some(address) = address.filter(|&address| address != 0 && len > 0) else {
        return Ok(String::new());
    };
    file.reading.spend(len as u64)?;
    let collection = collection(file, address)?;
    let object = u16::try_from(number).ok().and_then(|number| collection.get(&number));
    let text = object.and_then(|object| object.get(..len));
    let text = text.ok_or_else(|| damaged(format!("a text of {len} bytes is missing")))?;
    Ok(String::from_utf8_lossy(until_zero(text)).into_owned())
}

/// A text ends at the first zero.
pub(super) fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn collection<'a>(file: &File<'a>, address: u64) -> Result<Collection<'a>> {
    if let Some(known) = file.strings.collections.borrow().get(&address) {
        return Ok(Rc::clone(known));
    }
    let head = 8 + file.widths.length as u64;
    let mut cursor = file.signed(b"GCOL", address, head)?;
    cursor.skip(4)?;
    let size = cursor.length()?;
    let mut rest = file.cursor(address, size)?;
    rest.skip(head as usize)?;
    let objects = Rc::new(objects(rest)?);
    file.strings.collections.borrow_mut().insert(address, Rc::clone(&objects));
    Ok(objects)
}

fn objects(mut rest: Cursor<'_>) -> Result<HashMap<u16, &[u8]>> {
    let mut objects = HashMap::new();
    while rest.len() >= 16 {
        let number = rest.u16()?;
        rest.skip(6)?;
        let len = rest.length()?;
        // Number 0 is the free space at the end.
        if number == 0 {
            break;
        }
        let len = usize::try_from(len).map_err(|_| damaged("a text without end"))?;
        objects.insert(number, rest.take(len)?);
        rest.skip((len.next_multiple_of(8) - len).min(rest.len()))?;
    }
    Ok(objects)
}
