//! Object headers: the list of messages that describe a group or a data set.

use std::collections::VecDeque;

use ceratops_core::Result;

use super::{Cursor, File, damaged, unsupported};

/// Kinds of messages.
pub(super) mod kind {
    pub(crate) const DATASPACE: u16 = 0x01;
    pub(crate) const LINK_INFO: u16 = 0x02;
    pub(crate) const DATATYPE: u16 = 0x03;
    pub(crate) const OLD_FILL_VALUE: u16 = 0x04;
    pub(crate) const FILL_VALUE: u16 = 0x05;
    pub(crate) const LINK: u16 = 0x06;
    pub(crate) const EXTERNAL: u16 = 0x07;
    pub(crate) const LAYOUT: u16 = 0x08;
    pub(crate) const BOGUS: u16 = 0x09;
    pub(crate) const GROUP_INFO: u16 = 0x0a;
    pub(crate) const FILTERS: u16 = 0x0b;
    pub(crate) const ATTRIBUTE: u16 = 0x0c;
    pub(crate) const CONTINUATION: u16 = 0x10;
    pub(crate) const SYMBOL_TABLE: u16 = 0x11;
    pub(crate) const DRIVER: u16 = 0x14;
    pub(crate) const ATTRIBUTE_INFO: u16 = 0x15;
    pub(crate) const CACHE_IMAGE: u16 = 0x18;
    /// The first kind that is not known.
    pub(crate) const UNKNOWN: u16 = 0x19;
}

/// One message of an object header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    /// Whether the body only says where the message is.
    pub(super) shared: bool,
    pub(super) body: Cursor<'a>,
}

/// The messages of the object whose header is at `address`.
pub(super) fn messages<'a>(file: &File<'a>, address: u64) -> Result<Vec<Message<'a>>> {
    let is_new = file.slice(address, 4)? == b"OHDR";
    let (first, form) =
        if is_new { new_prefix(file, address)? } else { old_prefix(file, address)? };
    let (mut found, mut blocks) = (Vec::new(), VecDeque::from([first]));
    // The allowance ends a chain that leads into itself.
    while let Some(block) = blocks.pop_front() {
        for message in block_messages(block, form)? {
            if message.kind == kind::CONTINUATION {
                blocks.push_back(continuation(file, message.body, is_new)?);
            } else {
                found.push(message);
            }
        }
    }
    Ok(found)
}

/// How messages are written in this header.
#[derive(Debug, Clone, Copy)]
enum Form {
    Old,
    New { with_order: bool },
}

fn old_prefix<'a>(file: &File<'a>, address: u64) -> Result<(Cursor<'a>, Form)> {
    let mut cursor = file.cursor(address, 16)?;
    let version = cursor.u8()?;
    if version != 1 {
        return Err(damaged(format!("an object header of version {version} at {address}")));
    }
    cursor.skip(7)?;
    let size = cursor.u32()?;
    let start = address.saturating_add(16);
    Ok((file.cursor(start, size.into())?, Form::Old))
}

fn new_prefix<'a>(file: &File<'a>, address: u64) -> Result<(Cursor<'a>, Form)> {
    let (version_and_flags, signature) = (2, 4);
    let flags = file.cursor(address.saturating_add(signature), version_and_flags)?.rest()[1];
    let times = if flags & 0x20 != 0 { 16 } else { 0 };
    let phases = if flags & 0x10 != 0 { 4 } else { 0 };
    let width = 1u64 << (flags & 3);
    let at_size = address.saturating_add(signature + version_and_flags + times + phases);
    let size = file.cursor(at_size, width)?.uint(width as usize)?;
    let form = Form::New { with_order: flags & 4 != 0 };
    let before = at_size.saturating_sub(address).saturating_add(width);
    let checksum = 4;
    let mut block =
        file.sealed(b"OHDR", address, before.saturating_add(size).saturating_add(checksum))?;
    block.skip(before.saturating_sub(signature) as usize)?;
    Ok((block, form))
}

fn continuation<'a>(file: &File<'a>, mut body: Cursor<'a>, is_new: bool) -> Result<Cursor<'a>> {
    let (address, length) = (body.known_address()?, body.length()?);
    if !is_new {
        return file.cursor(address, length);
    }
    file.sealed(b"OCHK", address, length)
}

fn block_messages(mut block: Cursor<'_>, form: Form) -> Result<Vec<Message<'_>>> {
    let prefix = match form {
        Form::Old => 8,
        Form::New { with_order: false } => 4,
        Form::New { with_order: true } => 6,
    };
    let mut messages = Vec::new();
    // Less than a prefix is a gap.
    while block.len() >= prefix {
        let mut head = block.part(prefix)?;
        let kind = if matches!(form, Form::Old) { head.u16()? } else { head.u8()?.into() };
        let size = head.u16()?;
        let flags = head.u8()?;
        let body = block.part(size.into())?;
        understood(kind, flags)?;
        messages.push(Message { kind, shared: flags & 2 != 0, body });
    }
    Ok(messages)
}

/// Refuses what says that the data lie or mean something else, in a way that is not known here.
fn understood(kind: u16, flags: u8) -> Result<()> {
    const MUST_BE_UNDERSTOOD: u8 = 0x80;
    match kind {
        kind::EXTERNAL => Err(unsupported("numbers that lie in other files (external storage)")),
        kind::DRIVER => Err(unsupported("a form that is split over several files")),
        kind::CACHE_IMAGE => {
            Err(unsupported("a cache image, beside which the rest is out of date"))
        }
        kind::BOGUS | kind::UNKNOWN.. if flags & MUST_BE_UNDERSTOOD != 0 => {
            Err(unsupported(format!("a message of kind {kind:#x} that must be understood")))
        }
        _ => Ok(()),
    }
}

/// The body of a message that may be shared: then it stands in the header of an object of its own,
/// such as a named type.
pub(super) fn shared_body<'a>(file: &File<'a>, message: Message<'a>) -> Result<Cursor<'a>> {
    if !message.shared {
        return Ok(message.body);
    }
    let mut place = message.body;
    let (version, kind) = (place.u8()?, place.u8()?);
    match (version, kind) {
        (1, _) => place.skip(6)?,
        (2, _) | (3, 2) => {}
        _ => return Err(unsupported("messages that objects share")),
    }
    let owner = messages(file, place.known_address()?)?;
    let found = owner.into_iter().find(|other| other.kind == message.kind && !other.shared);
    Ok(found.ok_or_else(|| damaged("a shared message is missing"))?.body)
}
