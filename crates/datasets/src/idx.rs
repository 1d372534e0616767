//! IDX: the format of MNIST's files, one array a file, plain or compressed with gzip.
//!
//! Two zero bytes, the type of the numbers (0x08 u8, 0x09 i8, 0x0B i16, 0x0C i32, 0x0D f32,
//! 0x0E f64), the number of axes, their lengths as u32, then the numbers row by row, all
//! big-endian (LeCun, Cortes and Burges, "The MNIST database of handwritten digits").

use std::{
    collections::TryReserveError,
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
};

use ceratops_core::{Error, Result, Tensor};
use flate2::read::MultiGzDecoder;

/// The most numbers that are read from one file; the whole of MNIST's training images are 47
/// million. A header of twelve bytes can promise far more than any memory holds.
pub const MAX_LEN: usize = 1 << 30;

/// What a gzip stream starts with, whatever its file is called.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The array in a file, its numbers converted to f32 (i32 and f64 are rounded).
///
/// [`Error::Io`] if the file cannot be read; [`Error::Data`] if it is no IDX file, holds fewer or
/// more numbers than its header says, or more than [`MAX_LEN`].
pub fn read(path: impl AsRef<Path>) -> Result<Tensor> {
    let path = path.as_ref();
    let name = path.display().to_string();
    let file = File::open(path).map_err(|e| Error::io(&name, e))?;
    from_reader(&name, file)
}

/// The array that `reader` gives, as [`read`]; `name` says in errors what was read.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_datasets::idx;
///
/// let bytes = [0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4];
/// assert_eq!(idx::from_reader("labels", &bytes[..])?, Tensor::from([5.0, 0.0, 4.0]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn from_reader(name: &str, mut reader: impl Read) -> Result<Tensor> {
    let mut magic = Vec::new();
    let read = reader.by_ref().take(2).read_to_end(&mut magic);
    read.map_err(|e| Error::io(name, e))?;
    let whole = magic.as_slice().chain(reader);
    let array = if magic == GZIP_MAGIC { array(Unpacked::new(whole)) } else { array(whole) };
    array.map_err(|e| match e.kind() {
        // What the bytes say is wrong, of which the system knows nothing.
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
            Error::Data(format!("{name}: {e}"))
        }
        _ => Error::io(name, e),
    })
}

/// What a compressed file becomes, as long as that is in proportion to it.
struct Unpacked<R> {
    from: MultiGzDecoder<Counted<R>>,
    made: u64,
}

impl<R: Read> Unpacked<R> {
    /// A file may become this many bytes, or this many times its own, whichever is more. Gzip makes up
    /// to 1,032 of one, and of images hardly ten.
    const FREE: u64 = 64 << 20;
    const EXPANSION: u64 = 100;

    fn new(from: R) -> Self {
        Self { from: MultiGzDecoder::new(Counted { from, count: 0 }), made: 0 }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.made += read as u64;
        let compressed = self.from.get_ref().count;
        if self.made > Self::FREE.max(compressed.saturating_mul(Self::EXPANSION)) {
            let (made, most) = (self.made, Self::EXPANSION);
            return Err(bad(format!(
                "{compressed} bytes became {made}; more than {most} times as many are refused, \
                 unpack it first"
            )));
        }
        Ok(read)
    }
}

/// Counts what is read.
struct Counted<R> {
    from: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

/// The error about bytes that are no such array.
fn bad(message: impl Into<String>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, message.into())
}

/// Reads the header and the numbers.
fn array(mut reader: impl Read) -> io::Result<Tensor> {
    let [zero, zero_too, code, axes] = header(&mut reader)?;
    if [zero, zero_too] != [0, 0] {
        return Err(bad(format!(
            "not an IDX file: expected it to start with 00 00, got {zero:02x} {zero_too:02x}"
        )));
    }
    let (size, convert) = kind(code)?;
    let mut shape = Vec::with_capacity(axes.into());
    for _ in 0..axes {
        shape.push(u32::from_be_bytes(header(&mut reader)?) as usize);
    }
    let bytes = body(reader, &shape, size)?;
    let data = convert(&bytes).map_err(|e| bad(e.to_string()))?;
    Tensor::new(&shape, data).map_err(|e| bad(e.to_string()))
}

/// Four bytes of the header.
fn header(reader: &mut impl Read) -> io::Result<[u8; 4]> {
    let mut bytes = [0; 4];
    reader.read_exact(&mut bytes).map_err(|e| match e.kind() {
        ErrorKind::UnexpectedEof => bad("not an IDX file: it ends within the header"),
        _ => e,
    })?;
    Ok(bytes)
}

/// The bytes of as many numbers as `shape` holds, with nothing behind them.
fn body(reader: impl Read, shape: &[usize], size: usize) -> io::Result<Vec<u8>> {
    // An axis of length 0 counts as 1: it must not hide what the others promise.
    let bound = shape.iter().try_fold(1usize, |n, &len| n.checked_mul(len.max(1)));
    if bound.is_none_or(|bound| bound > MAX_LEN) {
        return Err(bad(format!(
            "the header promises an array of shape {shape:?}, at most {MAX_LEN} numbers are read"
        )));
    }
    let promised = shape.iter().product::<usize>() as u64 * size as u64;
    // The buffer grows with what really comes, and one byte too many tells a longer stream.
    let mut bytes = Vec::new();
    reader.take(promised + 1).read_to_end(&mut bytes)?;
    let came = bytes.len() as u64;
    if came != promised {
        let came = if came > promised { "more".into() } else { format!("only {came}") };
        return Err(bad(format!(
            "the header promises {promised} bytes of numbers for shape {shape:?}, but {came} came"
        )));
    }
    Ok(bytes)
}

/// Turns the bytes of all numbers into the numbers.
type Convert = fn(&[u8]) -> Result<Vec<f32>, TryReserveError>;

/// How many bytes a number of this type has, and how they are read.
fn kind(code: u8) -> io::Result<(usize, Convert)> {
    let kind: (usize, Convert) = match code {
        0x08 => (1, |b| convert(b, |b| u8::from_be_bytes(b).into())),
        0x09 => (1, |b| convert(b, |b| i8::from_be_bytes(b).into())),
        0x0b => (2, |b| convert(b, |b| i16::from_be_bytes(b).into())),
        0x0c => (4, |b| convert(b, |b| i32::from_be_bytes(b) as f32)),
        0x0d => (4, |b| convert(b, f32::from_be_bytes)),
        0x0e => (8, |b| convert(b, |b| f64::from_be_bytes(b) as f32)),
        _ => {
            let known = "08, 09, 0b, 0c, 0d or 0e";
            return Err(bad(format!(
                "not an IDX file: expected {known} for the type of the numbers, got {code:02x}"
            )));
        }
    };
    Ok(kind)
}

/// The numbers in `bytes`, N bytes each.
fn convert<const N: usize>(
    bytes: &[u8],
    number: impl Fn([u8; N]) -> f32,
) -> Result<Vec<f32>, TryReserveError> {
    let (chunks, _) = bytes.as_chunks::<N>();
    let mut data = Vec::new();
    data.try_reserve_exact(chunks.len())?;
    data.extend(chunks.iter().map(|&chunk| number(chunk)));
    Ok(data)
}
