//! Writing a zip archive whose members are stored, as Keras and NumPy do.

use std::io::{self, Seek, SeekFrom, Write};

use ceratops_core::{Error, Result};
use flate2::Crc;

/// An archive that is being written, member after member.
#[derive(Debug)]
pub(crate) struct Writer<W> {
    to: W,
    members: Vec<Written>,
    /// How much is written.
    len: u64,
}

#[derive(Debug)]
struct Written {
    name: String,
    crc: u32,
    size: u64,
    offset: u64,
    wide: bool,
}

/// What does not fit in 32 bits is said in a zip64 field, for which room is left where a member is
/// likely to need it.
const WIDE: u64 = 3 << 30;
const FULL: u32 = u32::MAX;

impl<W: Write + Seek> Writer<W> {
    /// An archive at the place where `to` stands, which must be its beginning.
    pub(crate) fn new(to: W) -> Self {
        Self { to, members: Vec::new(), len: 0 }
    }

    /// Adds a member, which `write` writes; `about` is how many bytes that will be, more or less.
    pub(crate) fn member(
        &mut self,
        name: &str,
        about: u64,
        write: impl FnOnce(&mut Counted<'_, W>) -> Result<()>,
    ) -> Result<()> {
        if self.members.iter().any(|member| member.name == name) {
            return Err(Error::Data(format!("two members \"{name}\" for one archive")));
        }
        let wide = about > WIDE;
        let mut member = Written { name: name.into(), crc: 0, size: 0, offset: self.len, wide };
        let failed = |e: io::Error| Error::io(name, e);
        // Size and check sum are not known yet; the header is written once more when they are.
        let header = member.local()?;
        self.to.write_all(&header).map_err(failed)?;
        let mut counted = Counted { to: &mut self.to, crc: Crc::new(), size: 0 };
        write(&mut counted)?;
        (member.crc, member.size) = (counted.crc.sum(), counted.size);
        self.len += header.len() as u64 + member.size;
        self.to.seek(SeekFrom::Start(member.offset)).map_err(failed)?;
        self.to.write_all(&member.local()?).map_err(failed)?;
        self.to.seek(SeekFrom::Start(self.len)).map_err(failed)?;
        self.members.push(member);
        Ok(())
    }

    /// Writes the list of members.
    pub(crate) fn finish(mut self) -> Result<()> {
        let mut list = Vec::new();
        for member in &self.members {
            member.central(&mut list)?;
        }
        let (count, size, offset) = (self.members.len() as u64, list.len() as u64, self.len);
        if count >= u64::from(u16::MAX) || size >= u64::from(FULL) || offset >= u64::from(FULL) {
            end64(&mut list, count, size, offset);
        }
        list.extend(b"PK\x05\x06\0\0\0\0");
        let short = u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes();
        list.extend([short, short].as_flattened());
        list.extend([narrow(size), narrow(offset)].map(u32::to_le_bytes).as_flattened());
        list.extend([0, 0]);
        self.to.write_all(&list).map_err(|e| Error::io("the archive's list", e))
    }
}

impl Written {
    /// The header in front of the member.
    fn local(&self) -> Result<Vec<u8>> {
        if !self.wide && self.size >= u64::from(FULL) {
            return Err(Error::Data(format!("{}: more than 4 GiB came unexpectedly", self.name)));
        }
        let size = if self.wide { FULL } else { narrow(self.size) };
        let mut header = b"PK\x03\x04".to_vec();
        self.common(&mut header, size)?;
        header.extend(if self.wide { 20_u16 } else { 0 }.to_le_bytes());
        header.extend(self.name.as_bytes());
        if self.wide {
            header.extend([1, 0, 16, 0]);
            header.extend([self.size, self.size].map(u64::to_le_bytes).as_flattened());
        }
        Ok(header)
    }

    /// The entry in the list.
    fn central(&self, to: &mut Vec<u8>) -> Result<()> {
        // Both sizes and the place, if one of them is too large.
        let wide = self.wide || self.offset >= u64::from(FULL);
        let extra = if wide { 28_u16 } else { 0 };
        let (size, offset) =
            if wide { (FULL, FULL) } else { (narrow(self.size), narrow(self.offset)) };
        to.extend(b"PK\x01\x02");
        // Written by version 4.5 on Unix.
        to.extend([45, 3]);
        self.common(to, size)?;
        to.extend(extra.to_le_bytes());
        to.extend([0; 6]);
        // A file that its owner may read and write, as Python's `zipfile` has it.
        to.extend((0o600_u32 << 16).to_le_bytes());
        to.extend(offset.to_le_bytes());
        to.extend(self.name.as_bytes());
        if wide {
            to.extend([1, 0, 24, 0]);
            to.extend([self.size, self.size, self.offset].map(u64::to_le_bytes).as_flattened());
        }
        Ok(())
    }

    /// What both have: the version needed to read it, flags, method, date, check sum and sizes.
    fn common(&self, to: &mut Vec<u8>, size: u32) -> Result<()> {
        let long = || Error::Data(format!("{}: the name is too long for an archive", self.name));
        let name = u16::try_from(self.name.len()).map_err(|_| long())?;
        let version: u16 = if size == FULL { 45 } else { 20 };
        let utf8: u16 = if self.name.is_ascii() { 0 } else { 1 << 11 };
        // The first of January 1980, the date of no date.
        let date = 1 << 5 | 1;
        to.extend([version, utf8, 0, 0, date].map(u16::to_le_bytes).as_flattened());
        to.extend([self.crc, size, size].map(u32::to_le_bytes).as_flattened());
        to.extend(name.to_le_bytes());
        Ok(())
    }
}

/// The record of zip64, and the one that says where it is.
fn end64(list: &mut Vec<u8>, count: u64, size: u64, offset: u64) {
    let at = offset + size;
    list.extend(b"PK\x06\x06");
    list.extend(44_u64.to_le_bytes());
    list.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    list.extend([count, count, size, offset].map(u64::to_le_bytes).as_flattened());
    list.extend(b"PK\x06\x07\0\0\0\0");
    list.extend(at.to_le_bytes());
    list.extend([1, 0, 0, 0]);
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(FULL)
}

/// Passes on what is written, and counts it.
#[derive(Debug)]
pub(crate) struct Counted<'a, W> {
    to: &'a mut W,
    crc: Crc,
    size: u64,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.crc.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::zip::Archive;

    /// What `Writer` writes for two members, of which the second is expected to be of this size.
    fn archive(about: u64) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let mut archive = Writer::new(&mut file);
        for (name, about) in [("first", 0), ("zweiter Größe", about)] {
            let text = format!("what {name} holds");
            let write = |to: &mut Counted<'_, _>| {
                to.write_all(text.as_bytes()).map_err(|e| Error::io(name, e))
            };
            archive.member(name, about, write).unwrap();
        }
        archive.finish().unwrap();
        file.into_inner()
    }

    #[test]
    fn members_of_any_expected_size_are_read_again() {
        let (narrow, wide) = (archive(100), archive(5 << 30));
        assert_eq!(narrow.len() + 20 + 28, wide.len());
        for file in [narrow, wide] {
            let mut archive = Archive::open(Cursor::new(file)).unwrap();
            assert_eq!(archive.names().collect::<Vec<_>>(), ["first", "zweiter Größe"]);
            assert_eq!(archive.read(1).unwrap(), "what zweiter Größe holds".as_bytes());
            assert_eq!(archive.read(0).unwrap(), b"what first holds");
        }
    }

    #[test]
    fn records_of_zip64_are_found() {
        let narrow = archive(0);
        let list = narrow.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        let (body, end) = narrow.split_at(narrow.len() - 22);
        let mut records = Vec::new();
        end64(&mut records, 2, (body.len() - list) as u64, list as u64);
        let end = [&end[..8], &[0xff; 12], &[0, 0]].concat();
        let wide = [body, &records, &end].concat();
        let mut archive = Archive::open(Cursor::new(wide)).unwrap();
        assert_eq!(archive.read(0).unwrap(), b"what first holds");
    }

    #[test]
    fn a_name_stands_for_one_member() {
        let mut archive = Writer::new(Cursor::new(Vec::new()));
        archive.member("a", 0, |_| Ok(())).unwrap();
        let error = archive.member("a", 0, |_| Ok(())).unwrap_err();
        assert_eq!(error.to_string(), "two members \"a\" for one archive");
    }
}
