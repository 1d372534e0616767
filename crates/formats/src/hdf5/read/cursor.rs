//! Bytes, taken one field after another; every step is checked.

use ceratops_core::Result;

use super::{checksum::lookup3, damaged};

/// How many bytes an address and a length take in this file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Widths {
    pub(super) address: usize,
    pub(super) length: usize,
}

/// The bytes that are not taken yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    widths: Widths,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], widths: Widths) -> Self {
        Self { rest: bytes, widths }
    }

    /// How many bytes are left.
    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or_else(|| damaged(format!("{len} bytes wanted, {} left", self.rest.len())))?;
        self.rest = rest;
        Ok(taken)
    }

    /// All that is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// The bytes without the check sum that ends them, which must be theirs; `what` they are.
    pub(super) fn sealed(self, what: &str) -> Result<Self> {
        let (bytes, sum) = self
            .rest
            .split_last_chunk()
            .ok_or_else(|| damaged(format!("{what} is too short for its check sum")))?;
        if lookup3(bytes) != u32::from_le_bytes(*sum) {
            return Err(damaged(format!(
                "the check sum of {what} is another than that of its bytes"
            )));
        }
        Ok(Self { rest: bytes, ..self })
    }

    pub(super) fn skip(&mut self, len: usize) -> Result<()> {
        self.take(len).map(drop)
    }

    /// The next `len` bytes as a cursor of their own.
    pub(super) fn part(&mut self, len: usize) -> Result<Self> {
        Ok(Self { rest: self.take(len)?, ..*self })
    }

    /// A little-endian number of `len` bytes, 8 at most.
    pub(super) fn uint(&mut self, len: usize) -> Result<u64> {
        if len > 8 {
            return Err(damaged(format!("a number of {len} bytes")));
        }
        Ok(self.take(len)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        Ok(self.uint(1)? as u8)
    }

    pub(super) fn u16(&mut self) -> Result<u16> {
        Ok(self.uint(2)? as u16)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        Ok(self.uint(4)? as u32)
    }

    /// A 32-bit number that counts bytes or things in memory.
    pub(super) fn size32(&mut self) -> Result<usize> {
        Ok(self.u32()? as usize)
    }

    pub(super) fn length(&mut self) -> Result<u64> {
        self.uint(self.widths.length)
    }

    /// An address; `None` where there is nothing.
    pub(super) fn address(&mut self) -> Result<Option<u64>> {
        let width = self.widths.address;
        let address = self.uint(width)?;
        let none = if width == 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
        Ok(Some(address).filter(|&address| address != none))
    }

    /// An address that must be there.
    pub(super) fn known_address(&mut self) -> Result<u64> {
        self.address()?.ok_or_else(|| damaged("an address is missing"))
    }
}
