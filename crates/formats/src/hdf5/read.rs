//! Reading HDF5: what HDF5 1.4 to 1.14 and h5py write, as far as numbers and texts go.
//!
//! The file is in memory, and everything is a checked look into it. An [`Allowance`] bounds what
//! may be made of it, so that neither time nor memory grows beyond a multiple of its length, whatever
//! its addresses claim.

mod attribute;
mod btree2;
mod checksum;
mod chunks;
mod cursor;
mod dataset;
mod datatype;
mod dense;
mod filters;
mod fractal_heap;
mod grid;
mod header;
mod links;
mod strings;
mod superblock;
mod tree;

use std::cell::Cell;

use ceratops_core::{Error, Result};

use self::{
    cursor::{Cursor, Widths},
    strings::Strings,
};

pub(super) use self::tree::read;

/// A file in memory.
struct File<'a> {
    bytes: &'a [u8],
    widths: Widths,
    /// The address of the root group's header.
    root: u64,
    /// What may still be read of the file's own bytes.
    reading: Allowance,
    /// What may still be made of compressed or missing bytes.
    inflating: Allowance,
    strings: Strings<'a>,
}

impl<'a> File<'a> {
    /// The bytes at an address.
    fn slice(&self, address: u64, len: u64) -> Result<&'a [u8]> {
        self.reading.spend(len)?;
        let range = usize::try_from(address).ok().zip(usize::try_from(len).ok());
        let range = range.and_then(|(start, len)| Some(start..start.checked_add(len)?));
        range.and_then(|range| self.bytes.get(range)).ok_or_else(|| {
            let end = self.bytes.len();
            damaged(format!("{len} bytes at {address} lie beyond its end at {end}"))
        })
    }

    /// The bytes at an address, to be taken apart.
    fn cursor(&self, address: u64, len: u64) -> Result<Cursor<'a>> {
        Ok(Cursor::new(self.slice(address, len)?, self.widths))
    }

    /// The bytes at an address that begin with `signature`; behind it.
    fn signed(&self, signature: &[u8; 4], address: u64, len: u64) -> Result<Cursor<'a>> {
        let mut cursor = self.cursor(address, len)?;
        if cursor.take(4)? != signature {
            let name = String::from_utf8_lossy(signature).into_owned();
            return Err(damaged(format!("no {name} at {address}")));
        }
        Ok(cursor)
    }

    /// The bytes at an address that begin with `signature` and end with their check sum; behind the
    /// one and before the other.
    fn sealed(&self, signature: &[u8; 4], address: u64, len: u64) -> Result<Cursor<'a>> {
        let whole = self.slice(address, len)?;
        let name = || String::from_utf8_lossy(signature).into_owned();
        if !whole.starts_with(signature) {
            return Err(damaged(format!("no {} at {address}", name())));
        }
        let mut cursor =
            Cursor::new(whole, self.widths).sealed(&format!("{} at {address}", name()))?;
        cursor.skip(signature.len())?;
        Ok(cursor)
    }

    /// The length of an address.
    fn address_size(&self) -> u64 {
        self.widths.address as u64
    }
}

/// How many bytes may still be read or made.
struct Allowance {
    left: Cell<u64>,
    what: &'static str,
}

impl Allowance {
    fn new(bytes: u64, what: &'static str) -> Self {
        Self { left: Cell::new(bytes), what }
    }

    fn spend(&self, bytes: u64) -> Result<()> {
        match self.left.get().checked_sub(bytes) {
            Some(left) => self.left.set(left),
            None => {
                let what = self.what;
                return Err(Error::Data(format!("this HDF5 file {what}, so it is not read")));
            }
        }
        Ok(())
    }
}

fn damaged(what: impl std::fmt::Display) -> Error {
    Error::Data(format!("this HDF5 file is damaged: {what}"))
}

fn unsupported(what: impl std::fmt::Display) -> Error {
    Error::Data(format!(
        "this HDF5 file uses {what}, which is not read here; write it anew with Keras, or copy it \
         with h5py's default settings"
    ))
}
