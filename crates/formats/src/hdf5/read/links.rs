//! The links of a group: which names lead to which objects.

use ceratops_core::{Error, Result};

use super::{
    Cursor, File, damaged, dense,
    header::{Message, kind},
    strings::until_zero,
};

/// A name, and the address of the object's header.
pub(super) type Link = (String, u64);

/// The links among a group's messages.
pub(super) fn links<'a>(file: &File<'a>, messages: &[Message<'a>]) -> Result<Vec<Link>> {
    let mut found = Vec::new();
    for message in messages {
        match message.kind {
            kind::SYMBOL_TABLE => symbol_table(file, message.body, &mut found)?,
            kind::LINK => found.push(link(message.body)?),
            kind::LINK_INFO => {
                for body in dense::links(file, message.body)? {
                    found.push(link(body)?);
                }
            }
            _ => {}
        }
    }
    let mut names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    // Which of the two a weight comes from would be chance.
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(damaged(format!("two objects of a group are called \"{}\"", pair[0]))),
        None => Ok(found),
    }
}

/// A link message: how files of HDF5 1.8 and later keep links.
fn link(mut cursor: Cursor<'_>) -> Result<Link> {
    let (_version, flags) = (cursor.u8()?, cursor.u8()?);
    let form = if flags & 8 != 0 { cursor.u8()? } else { 0 };
    if flags & 4 != 0 {
        cursor.skip(8)?;
    }
    if flags & 16 != 0 {
        cursor.skip(1)?;
    }
    let len = cursor.uint(1 << (flags & 3))?;
    let len = usize::try_from(len).map_err(|_| damaged("a name without end"))?;
    let name = String::from_utf8_lossy(cursor.take(len)?).into_owned();
    match form {
        0 => Ok((name, cursor.known_address()?)),
        1 => Err(not_followed(&name, "elsewhere in it")),
        _ => Err(not_followed(&name, "out of it")),
    }
}

fn not_followed(name: &str, where_to: &str) -> Error {
    Error::Data(format!(
        "\"{name}\" in this HDF5 file is a link that leads {where_to}; such links are not \
         followed: copy what it leads to in its place"
    ))
}

/// A symbol table: how older files, and h5py by default, keep links.
fn symbol_table(file: &File<'_>, mut cursor: Cursor<'_>, found: &mut Vec<Link>) -> Result<()> {
    let (tree, heap) = (cursor.known_address()?, cursor.known_address()?);
    let widths = (file.widths.address + 2 * file.widths.length) as u64;
    let mut cursor = file.signed(b"HEAP", heap, 8 + widths)?;
    cursor.skip(4)?;
    let (size, _free) = (cursor.length()?, cursor.length()?);
    let names = file.slice(cursor.known_address()?, size)?;
    tree_node(file, tree, None, &mut |leaf| leaf_links(file, leaf, names, found))
}

/// Calls `visit` for the address of every leaf under a node of a tree of symbols.
pub(super) fn tree_node(
    file: &File<'_>,
    address: u64,
    above: Option<u8>,
    visit: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<()> {
    let head = 8 + 2 * file.address_size();
    let mut cursor = file.signed(b"TREE", address, head)?;
    let (kind, level, used) = (cursor.u8()?, cursor.u8()?, cursor.u16()?);
    if kind != 0 {
        return Err(damaged("a tree that lists no links"));
    }
    // Levels that count down cannot lead in a circle.
    if above.is_some_and(|above| level >= above) {
        return Err(damaged("a tree that does not end"));
    }
    let entry = file.widths.length as u64 + file.address_size();
    let mut entries = file.cursor(address.saturating_add(head), u64::from(used) * entry)?;
    for _ in 0..used {
        entries.length()?;
        let child = entries.known_address()?;
        if level == 0 {
            visit(child)?;
        } else {
            tree_node(file, child, Some(level), visit)?;
        }
    }
    Ok(())
}

fn leaf_links(file: &File<'_>, address: u64, names: &[u8], found: &mut Vec<Link>) -> Result<()> {
    let mut cursor = file.signed(b"SNOD", address, 8)?;
    cursor.skip(2)?;
    let used = cursor.u16()?;
    let entry = 2 * file.address_size() + 24;
    let mut entries = file.cursor(address.saturating_add(8), u64::from(used) * entry)?;
    for _ in 0..used {
        let mut entry = entries.part(entry as usize)?;
        let at = entry.known_address()?;
        let name = usize::try_from(at).ok().and_then(|at| names.get(at..));
        let name = until_zero(name.ok_or_else(|| damaged("a name is missing"))?);
        file.reading.spend(name.len() as u64)?;
        let name = String::from_utf8_lossy(name).into_owned();
        let header = entry.address()?;
        if entry.u32()? == 2 {
            return Err(not_followed(&name, "elsewhere in it"));
        }
        found.push((name, header.ok_or_else(|| damaged("an object is missing"))?));
    }
    Ok(())
}
