//! Fractal heaps: where the links and attributes of large groups lie.
//!
//! Blocks stand in rows of a table; each row's blocks are twice as large as those of the row before,
//! but for the first two.

use std::{cell::RefCell, collections::HashSet};

use ceratops_core::Result;

use super::{
    Cursor, File,
    btree2::{self, width},
    checksum::lookup3,
    damaged, unsupported,
};

/// What a heap's header says.
pub(super) struct Heap {
    table_width: u64,
    /// The size of the blocks in the first row.
    first_size: u64,
    /// The size of the largest blocks that hold objects, and not blocks.
    largest_direct: u64,
    /// How many bits a place in the heap takes.
    offset_bits: u16,
    largest_managed: u64,
    root: Option<u64>,
    /// How many rows the root has; 0 where it is a block of objects.
    rows: u16,
    /// The index of the objects that lie outside.
    huge: Option<u64>,
    id_size: usize,
    /// Whether blocks of objects have check sums.
    is_summed: bool,
    /// The blocks whose check sums were found right.
    verified: RefCell<HashSet<u64>>,
}

/// A block of objects: its address, where in the heap it starts, how many bytes it has.
struct Block {
    address: u64,
    start: u64,
    size: u64,
}

impl Heap {
    pub(super) fn read(file: &File<'_>, address: u64) -> Result<Self> {
        let lengths = 12 * file.widths.length as u64;
        let len = 26 + lengths + 3 * file.address_size();
        let mut head = file.sealed(b"FRHP", address, len)?;
        head.skip(1)?;
        let (id_size, filters, flags) = (head.u16()?.into(), head.u16()?, head.u8()?);
        if filters != 0 {
            return Err(unsupported("compressed lists of attributes"));
        }
        let largest_managed = head.u32()?.into();
        head.length()?;
        let huge = head.address()?;
        head.length()?;
        head.address()?;
        for _ in 0..8 {
            head.length()?;
        }
        let table_width = head.u16()?.into();
        let (first_size, largest_direct) = (head.length()?, head.length()?);
        let (offset_bits, _starting_rows) = (head.u16()?, head.u16()?);
        let (root, rows) = (head.address()?, head.u16()?);
        let sizes = first_size.is_power_of_two() && largest_direct.is_power_of_two();
        if !sizes || table_width == 0 || offset_bits > 64 || first_size > largest_direct {
            return Err(damaged("a heap of impossible sizes"));
        }
        Ok(Self {
            table_width,
            first_size,
            largest_direct,
            offset_bits,
            largest_managed,
            root,
            rows,
            huge,
            id_size,
            is_summed: flags & 2 != 0,
            verified: RefCell::default(),
        })
    }

    /// The object whose number comes next in `record`.
    pub(super) fn object<'a>(&self, file: &File<'a>, mut record: Cursor<'a>) -> Result<Cursor<'a>> {
        let mut id = record.part(self.id_size)?;
        let first = id.u8()?;
        match first >> 4 & 3 {
            0 => self.managed(file, id),
            1 => self.huge(file, id),
            2 => id.part(usize::from(first & 15) + 1),
            _ => Err(damaged("an object of a heap has no kind")),
        }
    }

    fn managed<'a>(&self, file: &File<'a>, mut id: Cursor<'a>) -> Result<Cursor<'a>> {
        let offset = id.uint(self.offset_size())?;
        let len = id.uint(width(self.largest_direct.min(self.largest_managed)))?;
        let root = self.root.ok_or_else(|| damaged("an object of an empty heap"))?;
        let block = match self.rows {
            0 => Block { address: root, start: 0, size: self.first_size },
            rows => self.find(file, root, rows.into(), 0, offset)?,
        };
        self.verify(file, &block)?;
        let within = offset.checked_sub(block.start);
        let within = within.filter(|at| at.checked_add(len).is_some_and(|end| end <= block.size));
        let within = within.ok_or_else(|| damaged("an object outside its block"))?;
        file.cursor(block.address.saturating_add(within), len)
    }

    /// Holds a block of objects against its check sum, once.
    fn verify(&self, file: &File<'_>, block: &Block) -> Result<()> {
        if !self.verified.borrow_mut().insert(block.address) {
            return Ok(());
        }
        let bytes = file.slice(block.address, block.size)?;
        let mut head = Cursor::new(bytes, file.widths);
        let is_block = head.take(4)? == b"FHDB";
        // The sum lies within the block; it was 0 when it was taken.
        let at = 5 + file.widths.address + self.offset_size();
        head.skip(at - 4)?;
        let mut summed = bytes.to_vec();
        let right = !self.is_summed || {
            let sum = head.u32()?;
            summed[at..at + 4].fill(0);
            lookup3(&summed) == sum
        };
        if is_block && right {
            return Ok(());
        }
        Err(damaged(format!("the block of a heap at {} is not what was written", block.address)))
    }

    fn offset_size(&self) -> usize {
        usize::from(self.offset_bits).div_ceil(8)
    }

    /// The block of objects that holds `offset`, within a block of `rows` rows that starts at
    /// `start`.
    fn find(
        &self,
        file: &File<'_>,
        block: u64,
        rows: u64,
        start: u64,
        offset: u64,
    ) -> Result<Block> {
        let outside = || damaged("an object outside its heap");
        let head = 5 + file.address_size() + self.offset_size() as u64;
        if !self.verified.borrow().contains(&block) {
            let entries = rows.checked_mul(self.table_width).filter(|&entries| entries < 1 << 32);
            let len = head + entries.ok_or_else(outside)? * file.address_size() + 4;
            file.sealed(b"FHIB", block, len)?;
            self.verified.borrow_mut().insert(block);
        }
        let (mut start, mut before) = (start, head);
        for row in 0..rows {
            let size = self.row_size(row).ok_or_else(outside)?;
            let row_end = size.checked_mul(self.table_width).and_then(|row| start.checked_add(row));
            let row_end = row_end.ok_or_else(outside)?;
            if offset < row_end {
                let column = offset.checked_sub(start).ok_or_else(outside)? / size;
                let start = start + column * size;
                let at = block.saturating_add(before + column * file.address_size());
                let child = file.cursor(at, file.address_size())?.known_address()?;
                if size <= self.largest_direct {
                    return Ok(Block { address: child, start, size });
                }
                // How many rows make up the size of a block of blocks. They are fewer than here, so
                // that this ends.
                let rows_below = self.rows_of(size).filter(|&below| below < rows);
                return self.find(file, child, rows_below.ok_or_else(outside)?, start, offset);
            }
            start = row_end;
            before += self.table_width * file.address_size();
        }
        Err(outside())
    }

    /// The size of the blocks in a row.
    fn row_size(&self, row: u64) -> Option<u64> {
        let doublings = u32::try_from(row.saturating_sub(1)).ok()?;
        self.first_size.checked_mul(1u64.checked_shl(doublings)?)
    }

    /// How many rows have this size together: with those before, each row doubles what there is.
    fn rows_of(&self, size: u64) -> Option<u64> {
        let first_row = self.first_size.checked_mul(self.table_width)?;
        Some(u64::from((size / first_row).checked_ilog2()?) + 1)
    }

    /// An object that lies outside the heap: its number is looked up in an index.
    fn huge<'a>(&self, file: &File<'a>, mut id: Cursor<'a>) -> Result<Cursor<'a>> {
        if id.len() >= file.widths.address + file.widths.length {
            let (address, len) = (id.known_address()?, id.length()?);
            return file.cursor(address, len);
        }
        let number = id.uint(id.len().min(8))?;
        let index = self.huge.ok_or_else(|| damaged("a heap without an index"))?;
        let mut found = None;
        btree2::records(file, index, &mut |mut record| {
            let (address, len) = (record.known_address()?, record.length()?);
            if record.length()? == number {
                found = Some((address, len));
            }
            Ok(())
        })?;
        let (address, len) = found.ok_or_else(|| damaged("an object of a heap is missing"))?;
        file.cursor(address, len)
    }
}
