//! The superblock: the first bytes, which say where the rest is.

use ceratops_core::{Error, Result};

use super::{Allowance, Cursor, File, Strings, Widths, damaged, header::messages, unsupported};
use crate::hdf5::{SIGNATURE, places};

/// What may be read for each byte of the file: a number of one byte becomes one of eight, and
/// several links may lead to one data set.
const READING: u64 = 16;

/// What may be made of each byte of the file, where it is more than [`FREE`]. Weights are noise,
/// which hardly gets smaller.
const INFLATING: u64 = 100;

/// What any file may become.
const FREE: u64 = 8 << 20;

/// What may be made of compressed bytes, and of numbers that were never written, at all.
const MOST_INFLATED: u64 = 1 << 30;

impl<'a> File<'a> {
    /// Opens the file in these bytes.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let (bytes, base) = without_user_block(bytes);
        // The widths are not known before they are read.
        let mut cursor = Cursor::new(bytes, Widths { address: 8, length: 8 });
        if cursor.take(8).ok() != Some(SIGNATURE.as_slice()) {
            return Err(Error::Data("this is no HDF5 file: it does not begin as one".into()));
        }
        let version = cursor.u8()?;
        let widths = match version {
            0 | 1 => {
                cursor.skip(4)?;
                let widths = widths(&mut cursor)?;
                // A reserved byte, two ranks of trees, flags.
                cursor.skip(if version == 0 { 9 } else { 13 })?;
                widths
            }
            2 | 3 => {
                let widths = widths(&mut cursor)?;
                cursor.skip(1)?;
                widths
            }
            other => return Err(unsupported(format!("a superblock of version {other}"))),
        };
        let Addresses { extension, end, root } =
            addresses(Cursor::new(cursor.rest(), widths), version, base)?;
        if version >= 2 {
            let len = 12 + 4 * widths.address + 4;
            let block = bytes.get(..len).ok_or_else(|| damaged("its beginning is cut short"))?;
            Cursor::new(block, widths).sealed("its first block")?;
        }
        let len = bytes.len() as u64;
        // The end counts from the first byte, with the block in front.
        let there = len + base;
        if end > there {
            return Err(damaged(format!("it is cut short: {there} of {end} bytes are there")));
        }
        let what = "claims to hold far more than its length allows";
        let reading = Allowance::new(len.saturating_mul(READING).saturating_add(1 << 16), what);
        let most = len.saturating_mul(INFLATING).max(FREE).min(MOST_INFLATED.max(len));
        let inflating = Allowance::new(most, "would become far larger when it is unpacked");
        let strings = Strings::default();
        let file = Self { bytes, widths, root, reading, inflating, strings };
        // Reading it refuses what is not understood.
        extension.map_or(Ok(Vec::new()), |address| messages(&file, address))?;
        Ok(file)
    }
}

/// The file without the block of other data in front, if there is one, and the length of that block:
/// addresses count from behind it.
fn without_user_block(bytes: &[u8]) -> (&[u8], u64) {
    let behind = |place: u64| bytes.get(usize::try_from(place).ok()?..).zip(Some(place));
    let mut files = places().map_while(behind);
    files.find(|(file, _)| file.starts_with(SIGNATURE)).unwrap_or((bytes, 0))
}

fn widths(cursor: &mut Cursor<'_>) -> Result<Widths> {
    let (address, length) = (usize::from(cursor.u8()?), usize::from(cursor.u8()?));
    let known = |width| [2, 4, 8].contains(&width);
    if !known(address) || !known(length) {
        return Err(damaged(format!("addresses of {address} and lengths of {length} bytes")));
    }
    Ok(Widths { address, length })
}

/// What the first block says of the rest.
struct Addresses {
    /// The header of what more there is to say, in newer files.
    extension: Option<u64>,
    /// The end of the file.
    end: u64,
    /// The header of the root group.
    root: u64,
}

fn addresses(mut cursor: Cursor<'_>, version: u8, base: u64) -> Result<Addresses> {
    let told = cursor.known_address()?;
    if told != base {
        return Err(damaged(format!("it begins at {base} and says that it begins at {told}")));
    }
    // Where free space is listed, or more of what is said here.
    let extension = cursor.address()?.filter(|_| version >= 2);
    let end = cursor.known_address()?;
    if version < 2 {
        if cursor.address()?.is_some() {
            return Err(unsupported("a form that is split over several files"));
        }
        // The root's name.
        cursor.address()?;
    }
    Ok(Addresses { extension, end, root: cursor.known_address()? })
}
