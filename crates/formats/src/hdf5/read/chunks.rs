//! Data sets that are cut into chunks, each found through an index.

use ceratops_core::Result;

use super::{
    Cursor, File, btree2, damaged,
    dataset::Dataset,
    filters::{self, Filter},
    grid::Grid,
    unsupported,
};

/// Where a chunk lies.
struct Chunk {
    address: u64,
    /// How many bytes it takes in the file.
    len: u64,
    /// A bit for each filter that was not applied.
    skipped: u32,
    /// The place of its first number in the data set.
    start: Vec<u64>,
}

/// How chunks are found.
#[derive(Debug, Clone, Copy)]
enum Index {
    Tree,
    Single { len: Option<u64>, skipped: u32 },
    Implicit,
    FixedArray { page_bits: u8 },
    Tree2,
}

/// The bytes of a data set in chunks, whose layout message goes on in `layout`.
pub(super) fn read(
    file: &File<'_>,
    layout: Cursor<'_>,
    version: u8,
    dataset: &Dataset,
    filters: &[Filter],
) -> Result<Vec<u8>> {
    let layout = if version == 3 { layout3(layout)? } else { layout4(layout)? };
    let Layout { chunk, index, address, bare_edges } = layout;
    let grid = Grid::new(dataset, chunk)?;
    let mut whole = dataset.filled(file)?;
    let Some(address) = address.filter(|_| !whole.is_empty()) else { return Ok(whole) };
    let is_filtered = !filters.is_empty();
    let mut place = |chunk: Chunk| {
        file.inflating.spend(grid.chunk_len as u64)?;
        let stored = file.slice(chunk.address, chunk.len)?;
        let (len, size) = (grid.chunk_len, dataset.datatype.size);
        let is_bare = bare_edges && grid.is_cut(&chunk.start);
        let filters = if is_bare { &[] } else { filters };
        let bytes = filters::undo(stored, filters, chunk.skipped, len, size)?;
        grid.place(&bytes, &chunk.start, &mut whole)
    };
    match index {
        Index::Tree => tree(file, address, &grid, None, &mut place)?,
        Index::Single { len, skipped } => {
            let len = len.unwrap_or(grid.chunk_len as u64);
            place(Chunk { address, len, skipped, start: grid.start_of(0) })?;
        }
        Index::Implicit => implicit(address, &grid, &mut place)?,
        Index::FixedArray { page_bits } => {
            fixed_array(file, address, page_bits, &grid, &mut place)?;
        }
        Index::Tree2 => tree2(file, address, &grid, is_filtered, &mut place)?,
    }
    Ok(whole)
}

type Place<'p> = &'p mut dyn FnMut(Chunk) -> Result<()>;

/// What a layout message says.
struct Layout {
    chunk: Vec<usize>,
    index: Index,
    address: Option<u64>,
    /// Whether no filter was applied to chunks that reach beyond the data set.
    bare_edges: bool,
}

/// The chunk's shape behind which the size of a number stands as one axis more.
fn shape(cursor: &mut Cursor<'_>, rank: u8, width: usize) -> Result<Vec<usize>> {
    let axis = |_| Ok(usize::try_from(cursor.uint(width)?).unwrap_or(usize::MAX));
    let mut shape = (0..rank).map(axis).collect::<Result<Vec<_>>>()?;
    shape.pop();
    Ok(shape)
}

fn layout3(mut cursor: Cursor<'_>) -> Result<Layout> {
    let rank = cursor.u8()?;
    let address = cursor.address()?;
    let chunk = shape(&mut cursor, rank, 4)?;
    Ok(Layout { chunk, index: Index::Tree, address, bare_edges: false })
}

fn layout4(mut cursor: Cursor<'_>) -> Result<Layout> {
    let (flags, rank, width) = (cursor.u8()?, cursor.u8()?, cursor.u8()?);
    let chunk = shape(&mut cursor, rank, width.into())?;
    let index = match cursor.u8()? {
        1 if flags & 2 != 0 => {
            Index::Single { len: Some(cursor.length()?), skipped: cursor.u32()? }
        }
        1 => Index::Single { len: None, skipped: 0 },
        2 => Index::Implicit,
        3 => Index::FixedArray { page_bits: cursor.u8()? },
        4 => return Err(unsupported("data sets that can grow")),
        5 => {
            cursor.skip(6)?;
            Index::Tree2
        }
        other => return Err(unsupported(format!("an index of chunks of kind {other}"))),
    };
    Ok(Layout { chunk, index, address: cursor.address()?, bare_edges: flags & 1 != 0 })
}

/// The tree of older files.
fn tree(
    file: &File<'_>,
    address: u64,
    grid: &Grid<'_>,
    above: Option<u8>,
    place: Place<'_>,
) -> Result<()> {
    let head = 8 + 2 * file.address_size();
    let mut cursor = file.signed(b"TREE", address, head)?;
    let (kind, level, used) = (cursor.u8()?, cursor.u8()?, cursor.u16()?);
    if kind != 1 {
        return Err(damaged("an index that lists no chunks"));
    }
    // Levels that count down cannot lead in a circle.
    if above.is_some_and(|above| level >= above) {
        return Err(damaged("an index that does not end"));
    }
    let key = 8 * (grid.rank() as u64 + 2);
    let len = u64::from(used) * (key + file.address_size());
    let mut entries = file.cursor(address.saturating_add(head), len)?;
    for _ in 0..used {
        let (len, skipped) = (entries.u32()?.into(), entries.u32()?);
        let start = (0..grid.rank()).map(|_| entries.uint(8)).collect::<Result<_>>()?;
        entries.skip(8)?;
        let address = entries.known_address()?;
        if level == 0 {
            place(Chunk { address, len, skipped, start })?;
        } else {
            tree(file, address, grid, Some(level), place)?;
        }
    }
    Ok(())
}

/// Chunks that lie one behind another.
fn implicit(address: u64, grid: &Grid<'_>, place: Place<'_>) -> Result<()> {
    let len = grid.chunk_len as u64;
    (0..grid.len()).try_for_each(|number| {
        let address = address.saturating_add(number.saturating_mul(len));
        place(Chunk { address, len, skipped: 0, start: grid.start_of(number) })
    })
}

/// The bytes of a check sum.
const CHECKSUM: u64 = 4;

/// A list of addresses, in pages if it is long.
fn fixed_array(
    file: &File<'_>,
    address: u64,
    page_bits: u8,
    grid: &Grid<'_>,
    place: Place<'_>,
) -> Result<()> {
    let (address_size, length_size) = (file.address_size(), file.widths.length as u64);
    let mut head = file.sealed(b"FAHD", address, 12 + length_size + address_size)?;
    head.skip(1)?;
    let (is_filtered, entry) = (head.u8()? == 1, u64::from(head.u8()?));
    head.skip(1)?;
    let (count, block) = (head.length()?, head.known_address()?);
    let per_page = 1u64.checked_shl(page_bits.into()).unwrap_or(u64::MAX);
    let pages = if count > per_page { count.div_ceil(per_page) } else { 0 };
    let bytes = |entries: u64| entries.checked_mul(entry).and_then(|len| len.checked_add(CHECKSUM));
    let too_long = || damaged(format!("a list of {count} chunks"));
    // A bit for each page that has chunks, or the list itself.
    let in_block = if pages > 0 { Some(pages.div_ceil(8) + CHECKSUM) } else { bytes(count) };
    let block_len = in_block.and_then(|len| len.checked_add(6 + address_size));
    let block_len = block_len.ok_or_else(too_long)?;
    let mut cursor = file.sealed(b"FADB", block, block_len)?;
    cursor.skip(2 + file.widths.address)?;
    let mut list = |first: u64, entries: u64, mut cursor: Cursor<'_>| {
        (first..first + entries).try_for_each(|number| {
            let entry = cursor.part(entry as usize)?;
            listed(entry, is_filtered, number, grid)
                .and_then(|chunk| chunk.map_or(Ok(()), &mut *place))
        })
    };
    if pages == 0 {
        return list(0, count, cursor);
    }
    let used = cursor.rest();
    let mut at = block.saturating_add(block_len);
    for page in 0..pages {
        let first = page * per_page;
        let entries = per_page.min(count - first);
        let len = bytes(entries).ok_or_else(too_long)?;
        if used[(page / 8) as usize] << (page % 8) & 0x80 != 0 {
            let page = file.cursor(at, len)?.sealed("a page of a list of chunks")?;
            list(first, entries, page)?;
        }
        at = at.saturating_add(len);
    }
    Ok(())
}

/// The chunk that an entry of a list leads to, if it leads to one.
fn listed(
    mut entry: Cursor<'_>,
    is_filtered: bool,
    number: u64,
    grid: &Grid<'_>,
) -> Result<Option<Chunk>> {
    let Some(address) = entry.address()? else { return Ok(None) };
    let (mut len, mut skipped) = (grid.chunk_len as u64, 0);
    if is_filtered {
        let width = entry.len().saturating_sub(4);
        (len, skipped) = (entry.uint(width)?, entry.u32()?);
    }
    Ok(Some(Chunk { address, len, skipped, start: grid.start_of(number) }))
}

/// The tree of newer files, for data sets that can grow along several axes.
fn tree2(
    file: &File<'_>,
    address: u64,
    grid: &Grid<'_>,
    is_filtered: bool,
    place: Place<'_>,
) -> Result<()> {
    btree2::records(file, address, &mut |mut record| {
        let address = record.known_address()?;
        let (mut len, mut skipped) = (grid.chunk_len as u64, 0);
        if is_filtered {
            let width = record.len().saturating_sub(4 + 8 * grid.rank());
            (len, skipped) = (record.uint(width)?, record.u32()?);
        }
        let places = (0..grid.rank()).map(|_| record.uint(8)).collect::<Result<Vec<_>>>()?;
        place(Chunk { address, len, skipped, start: grid.start_at(&places) })
    })
}
