//! NumPy's files: `.npy` holds one array, `.npz` some under names.
//!
//! [`read`] takes a whole array, [`NpyFile`] only the rows that are asked for.
//!
//! The layout is that of the documentation of `numpy.lib.format`, versions 1.0 to 3.0.

mod array;
mod file;
mod header;
mod positioned;

use std::{
    fs::File,
    io::{BufReader, ErrorKind, Read, Seek, Write},
    path::Path,
};

use ceratops_core::{Error, Result, Tensor, Text};

pub use array::Array;
pub use file::NpyFile;

use self::header::Header;
use crate::{named, numbers, whole::write_whole, zip};

/// Reads the `.npy` file at `path`; see [`read_npy`].
pub fn read(path: impl AsRef<Path>) -> Result<Tensor> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|e| Error::io(path.display(), e))?;
    read_npy(file).map_err(|e| Error::Data(format!("{}: {e}", path.display())))
}

/// Writes `tensor` to the `.npy` file at `path`, as a whole or not at all; see [`write_npy`].
pub fn write(path: impl AsRef<Path>, tensor: &Tensor) -> Result<()> {
    write_whole(path.as_ref(), |file| write_npy(file, tensor))
}

/// Reads one array in the format of `.npy` from a file or a stream: floats, integers and booleans
/// of any width and byte order, in C or Fortran order, become f32. What stands behind the array is
/// not read.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_formats::npy;
///
/// let mut file = Vec::new();
/// npy::write_npy(&mut file, &Tensor::from([[1.0, 2.0], [3.0, 4.0]]))?;
/// assert_eq!(npy::read_npy(file.as_slice())?, Tensor::from([[1.0, 2.0], [3.0, 4.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Objects, texts, complex numbers, dates and records are no tensors; a header that is no header;
/// an array that ends early; integers that f32 does not hold.
pub fn read_npy(from: impl Read) -> Result<Tensor> {
    numbers_in(&mut BufReader::new(from))
}

/// Reads one array as [`read_npy`], strings (`<U`, `|S`) and integers of any size too.
///
/// # Errors
/// As [`read_npy`], but for texts and large integers.
pub fn read_array(from: impl Read) -> Result<Array> {
    array::array(&mut BufReader::new(from))
}

/// The next array of a stream, which must be numbers.
fn numbers_in(from: &mut dyn Read) -> Result<Tensor> {
    let header = Header::read(from)?;
    numbers_of(from, &header)
}

/// The numbers behind a header.
fn numbers_of(from: &mut dyn Read, header: &Header) -> Result<Tensor> {
    let (number, &Header { order, fortran, ref shape, .. }) = (header.number()?, header);
    let (len, bytes) = numbers::extent(shape, number)
        .ok_or_else(|| Error::Data(format!("an array of shape {shape:?} fits in no memory")))?;
    // The header may lie: room is made as the numbers come.
    let mut values = Vec::with_capacity(len.min(1 << 20));
    let mut chunk = [0; 1 << 13];
    let mut left = bytes;
    while left > 0 {
        let chunk = &mut chunk[..left.min(1 << 13)];
        from.read_exact(chunk).map_err(|e| {
            let told = format!("the array of shape {shape:?} has {bytes} bytes");
            Error::Data(match e.kind() {
                ErrorKind::UnexpectedEof => format!("{told}, but the file ends before"),
                _ => format!("{told}, which cannot all be read: {e}"),
            })
        })?;
        numbers::check_exact(number, chunk, order)?;
        number.decode(chunk, order, &mut values);
        left -= chunk.len();
    }
    let values = if fortran { by_rows(shape, &values) } else { values };
    Tensor::new(shape, values)
}

/// Elements whose first index runs fastest, brought in the order in which the last one does.
fn by_rows<T: Clone>(shape: &[usize], columns: &[T]) -> Vec<T> {
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    let (mut index, mut at) = (vec![0; shape.len()], 0);
    let mut rows = Vec::with_capacity(columns.len());
    for _ in 0..columns.len() {
        rows.push(columns[at].clone());
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    rows
}

/// Writes one array of f32 in the format of `.npy`, version 1.0, in C order.
pub fn write_npy(mut to: impl Write, tensor: &Tensor) -> Result<()> {
    let failed = |e| Error::io("the .npy file", e);
    if Text::is_in(tensor) {
        let text = Text::of(tensor)?;
        let letters = |string: &String| string.chars().count();
        // NumPy has no strings without any letter.
        let longest = text.strings().iter().map(letters).max().unwrap_or(0).max(1);
        to.write_all(&header::of(&format!("<U{longest}"), text.shape())?).map_err(failed)?;
        return text.strings().iter().try_for_each(|string| {
            let letters = string.chars().map(u32::from).chain(std::iter::repeat(0));
            let bytes: Vec<u8> = letters.take(longest).flat_map(u32::to_le_bytes).collect();
            to.write_all(&bytes).map_err(failed)
        });
    }
    to.write_all(&header::of("<f4", tensor.shape())?).map_err(failed)?;
    numbers::write_f32(tensor.as_slice(), &mut to).map_err(failed)
}

/// Reads a `.npz` file, compressed or not: its arrays under their names, in its order. Members
/// that are no `.npy` are passed over, as in `numpy.load`.
pub fn read_npz(from: impl Read + Seek) -> Result<Vec<(String, Tensor)>> {
    read_archive(&mut zip::Archive::open(from)?)
}

/// Reads a `.npz` file as [`read_npz`], strings and integers of any size too.
pub fn read_arrays(from: impl Read + Seek) -> Result<Vec<(String, Array)>> {
    members(&mut zip::Archive::open(from)?, array::array)
}

/// [`read_npz`] of an archive that is open already.
pub(crate) fn read_archive<R: Read + Seek>(
    archive: &mut zip::Archive<R>,
) -> Result<Vec<(String, Tensor)>> {
    members(archive, numbers_in)
}

fn members<R: Read + Seek, T>(
    archive: &mut zip::Archive<R>,
    read: fn(&mut dyn Read) -> Result<T>,
) -> Result<Vec<(String, T)>> {
    let arrays = archive
        .names()
        .enumerate()
        .filter_map(|(index, name)| name.strip_suffix(".npy").map(|name| (index, name.to_owned())));
    let arrays: Vec<(usize, String)> = arrays.collect();
    let read = |(index, name)| Ok((name, archive.with(index, read)?));
    arrays.into_iter().map(read).collect()
}

/// Writes a `.npz` file as `numpy.savez` does, not compressed, to the beginning of `to`.
///
/// # Errors
/// Two arrays of one name, and names that lead elsewhere (`..`) or that NumPy would cut short.
pub fn write_npz(to: impl Write + Seek, tensors: &[(String, Tensor)]) -> Result<()> {
    let mut archive = zip::Writer::new(to);
    for (name, tensor) in tensors {
        named::check_name(name)?;
        let about = 4 * tensor.len() as u64;
        archive.member(&format!("{name}.npy"), about, |member| write_npy(member, tensor))?;
    }
    archive.finish()
}
