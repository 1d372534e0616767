//! Zip archives, as `.keras` and `.npz` are: members stored or deflated, zip64 included.

mod directory;
mod member;
mod write;

use std::io::{Read, Seek};

use ceratops_core::{Error, Result};

pub(crate) use self::write::Writer;
use self::{directory::Entry, member::Member};

/// An archive to read from. Sizes that lie, names that occur twice and bombs are refused when it is
/// opened.
#[derive(Debug)]
pub(crate) struct Archive<R> {
    from: R,
    entries: Vec<Entry>,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the list of members.
    pub(crate) fn open(mut from: R) -> Result<Self> {
        let entries = directory::read(&mut from)?;
        Ok(Self { from, entries })
    }

    /// The members' names, in the order of the archive.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The place of the member of this name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.names().position(|member| member == name)
    }

    /// Hands over what a member holds, as a stream that must be read to its end: only there are
    /// length and check sum known to be right.
    pub(crate) fn with<T>(
        &mut self,
        index: usize,
        read: impl FnOnce(&mut dyn Read) -> Result<T>,
    ) -> Result<T> {
        let Some(entry) = self.entries.get(index) else {
            return Err(Error::Data(format!("the archive has no member {index}")));
        };
        let within = |e: Error| Error::Data(format!("member \"{}\": {e}", entry.name));
        let mut member = Member::open(&mut self.from, entry).map_err(within)?;
        let value = read(&mut member).map_err(within)?;
        member.finish().map_err(within)?;
        Ok(value)
    }

    /// All that a member holds.
    pub(crate) fn read(&mut self, index: usize) -> Result<Vec<u8>> {
        // No more than lies in the file, whatever it says that becomes of it: the list of members was
        // held against the file's length.
        let stored = self.entries.get(index).map_or(0, |entry| entry.stored);
        self.with(index, |member| {
            let mut bytes = Vec::new();
            let room = bytes.try_reserve_exact(usize::try_from(stored).unwrap_or(usize::MAX));
            room.map_err(|e| Error::Data(e.to_string()))?;
            member.read_to_end(&mut bytes).map_err(|e| Error::Data(e.to_string()))?;
            Ok(bytes)
        })
    }
}
