//! The list of members at the end of a zip archive.

use std::{
    collections::HashSet,
    io::{Read, Seek, SeekFrom},
};

use ceratops_core::{Error, Result};

/// A member, as the list has it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    /// The name as it is written.
    pub(super) raw_name: Vec<u8>,
    /// 0 is stored, 8 is deflated.
    pub(super) method: u16,
    pub(super) encrypted: bool,
    pub(super) crc: u32,
    /// How many bytes it takes in the archive.
    pub(super) stored: u64,
    /// How many bytes it has.
    pub(super) size: u64,
    /// Where its header begins.
    pub(super) offset: u64,
}

const END: [u8; 4] = *b"PK\x05\x06";
const END_LEN: usize = 22;
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_LEN: usize = 20;
const END64: [u8; 4] = *b"PK\x06\x06";
const END64_LEN: usize = 56;
/// The bytes in front of a member's name.
pub(super) const LOCAL_LEN: usize = 30;
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const CENTRAL_LEN: usize = 46;

/// The members together may have this many bytes, or this many times the bytes of the archive,
/// whichever is more. Deflate makes up to 1,032 bytes of one, and of weights hardly two.
const FREE: u64 = 64 << 20;
const EXPANSION: u64 = 100;

fn broken(why: &str) -> Error {
    Error::Data(format!("this is no whole zip archive: {why}"))
}

/// Where the list is.
struct Place {
    count: u64,
    size: u64,
    offset: u64,
}

/// Reads the list and refuses what cannot be true.
pub(super) fn read(from: &mut (impl Read + Seek)) -> Result<Vec<Entry>> {
    let len = from.seek(SeekFrom::End(0)).map_err(|e| broken(&e.to_string()))?;
    let place = place(from, len)?;
    if place.offset.checked_add(place.size).is_none_or(|end| end > len) {
        return Err(broken("its list of members lies beyond its end"));
    }
    let list = at(from, place.offset, place.size as usize)?;
    let mut entries = Vec::new();
    let mut rest = list.as_slice();
    while !rest.is_empty() {
        entries.push(entry(&mut rest)?);
    }
    if entries.len() as u64 != place.count {
        let (found, told) = (entries.len(), place.count);
        return Err(broken(&format!("it lists {found} members and says that it has {told}")));
    }
    check(&entries, len)?;
    apart(&entries, place.offset)?;
    Ok(entries)
}

fn check(entries: &[Entry], len: u64) -> Result<()> {
    let mut names = HashSet::new();
    if let Some(entry) = entries.iter().find(|entry| !names.insert(entry.name.as_str())) {
        return Err(Error::Data(format!("the archive has two members \"{}\"", entry.name)));
    }
    let sizes = entries.iter().map(|entry| entry.size);
    let size = sizes.fold(0, u64::saturating_add);
    if size > FREE && size > len.saturating_mul(EXPANSION) {
        return Err(Error::Data(format!(
            "the archive has {len} bytes and says that they become {size}; more than {EXPANSION} \
             times as many are refused"
        )));
    }
    Ok(())
}

/// Refuses members that lie in each other, or beyond where the list begins: the same bytes would be
/// several members, of which each may be as large as the file.
fn apart(entries: &[Entry], list: u64) -> Result<()> {
    let mut order: Vec<&Entry> = entries.iter().collect();
    order.sort_by_key(|entry| entry.offset);
    let nexts = order.iter().skip(1).map(|entry| entry.offset).chain([list]);
    for (entry, next) in order.iter().zip(nexts) {
        let head = (LOCAL_LEN + entry.raw_name.len()) as u64;
        let end = entry.offset.checked_add(head).and_then(|end| end.checked_add(entry.stored));
        if end.is_none_or(|end| end > next) {
            let name = &entry.name;
            return Err(broken(&format!("member \"{name}\" reaches into what follows it")));
        }
    }
    Ok(())
}

/// Finds the record at the archive's end, behind which there may be a comment.
fn place(from: &mut (impl Read + Seek), len: u64) -> Result<Place> {
    let tail_len = len.min((END_LEN + usize::from(u16::MAX) + LOCATOR_LEN) as u64);
    let tail_at = len - tail_len;
    let tail = at(from, tail_at, tail_len as usize)?;
    let end = tail.windows(END_LEN).rposition(|window| window.starts_with(&END));
    let end = end.ok_or_else(|| broken("its end is missing"))?;
    let record = &tail[end..];
    let [disk, list_disk] = [u16_at(record, 4), u16_at(record, 6)];
    let place = Place {
        count: u16_at(record, 10).into(),
        size: u32_at(record, 12).into(),
        offset: u32_at(record, 16).into(),
    };
    // A locator in front of the record means that the numbers were too large for it.
    let locator = end.checked_sub(LOCATOR_LEN).map(|start| &tail[start..end]);
    if let Some(locator) = locator.filter(|locator| locator.starts_with(&LOCATOR)) {
        return place64(from, u64_at(locator, 8));
    }
    if disk != 0 || list_disk != 0 {
        return Err(broken("it is one part of several"));
    }
    Ok(place)
}

fn place64(from: &mut (impl Read + Seek), offset: u64) -> Result<Place> {
    let record = at(from, offset, END64_LEN)?;
    if !record.starts_with(&END64) {
        return Err(broken("its zip64 record is missing"));
    }
    Ok(Place { count: u64_at(&record, 32), size: u64_at(&record, 40), offset: u64_at(&record, 48) })
}

/// Takes the first entry off the list.
fn entry(rest: &mut &[u8]) -> Result<Entry> {
    let cut = || broken("its list of members is cut off");
    let fixed = take(rest, CENTRAL_LEN).ok_or_else(cut)?;
    if !fixed.starts_with(&CENTRAL) {
        return Err(broken("its list of members is damaged"));
    }
    let name = take(rest, u16_at(fixed, 28).into()).ok_or_else(cut)?;
    if name.contains(&0) {
        // Python takes the name up to there, so that two readers would find two names.
        return Err(broken("a member's name holds a zero byte"));
    }
    let extra = take(rest, u16_at(fixed, 30).into()).ok_or_else(cut)?;
    take(rest, u16_at(fixed, 32).into()).ok_or_else(cut)?;
    let mut entry = Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        raw_name: name.to_vec(),
        method: u16_at(fixed, 10),
        encrypted: u16_at(fixed, 8) & 1 != 0,
        crc: u32_at(fixed, 16),
        stored: u32_at(fixed, 20).into(),
        size: u32_at(fixed, 24).into(),
        offset: u32_at(fixed, 42).into(),
    };
    widen(&mut entry, extra).ok_or_else(|| broken("a zip64 field is too short"))?;
    Ok(entry)
}

/// Takes the numbers that did not fit in 32 bits from the extra field of zip64.
fn widen(entry: &mut Entry, mut extra: &[u8]) -> Option<()> {
    const FULL: u64 = u32::MAX as u64;
    while extra.len() >= 4 {
        let header = take(&mut extra, 4)?;
        let mut field = take(&mut extra, u16_at(header, 2).into())?;
        if u16_at(header, 0) == 1 {
            for number in [&mut entry.size, &mut entry.stored, &mut entry.offset] {
                if *number == FULL {
                    *number = u64_at(take(&mut field, 8)?, 0);
                }
            }
        }
    }
    Some(())
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(len)?;
    *rest = left;
    Some(taken)
}

/// Reads `len` bytes at `offset`, which must be there.
pub(super) fn at(from: &mut (impl Read + Seek), offset: u64, len: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.seek(SeekFrom::Start(offset)).map_err(|e| broken(&e.to_string()))?;
    from.by_ref().take(len as u64).read_to_end(&mut bytes).map_err(|e| broken(&e.to_string()))?;
    if bytes.len() == len { Ok(bytes) } else { Err(broken("it ends early")) }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

/// Zeros where the bytes end early, which no caller lets happen.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or([0; N])
}
