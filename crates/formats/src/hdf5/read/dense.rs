//! Groups of many links, and objects of many attributes: their messages lie in a fractal heap.

use ceratops_core::Result;

use super::{Cursor, File, btree2, fractal_heap::Heap};

/// Bodies of link messages, from the body of the message that says where they are.
pub(super) fn links<'a>(file: &File<'a>, mut info: Cursor<'a>) -> Result<Vec<Cursor<'a>>> {
    let (_version, flags) = (info.u8()?, info.u8()?);
    if flags & 1 != 0 {
        info.skip(8)?;
    }
    // A record is the hash of the name, then the number in the heap.
    bodies(file, info, 4)
}

/// Bodies of attribute messages.
pub(super) fn attributes<'a>(file: &File<'a>, mut info: Cursor<'a>) -> Result<Vec<Cursor<'a>>> {
    let (_version, flags) = (info.u8()?, info.u8()?);
    if flags & 1 != 0 {
        info.skip(2)?;
    }
    bodies(file, info, 0)
}

/// The heap's objects that the index by name lists; `before` bytes of a record come before the
/// object's number.
fn bodies<'a>(file: &File<'a>, mut info: Cursor<'a>, before: usize) -> Result<Vec<Cursor<'a>>> {
    let (heap, index) = (info.address()?, info.address()?);
    let (Some(heap), Some(index)) = (heap, index) else { return Ok(Vec::new()) };
    let heap = Heap::read(file, heap)?;
    let mut found = Vec::new();
    btree2::records(file, index, &mut |mut record| {
        record.skip(before)?;
        found.push(heap.object(file, record)?);
        Ok(())
    })?;
    Ok(found)
}
