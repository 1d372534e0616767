//! NpyFile: the rows of a `.npy` file, read as they are needed.

use std::{fs::File, io::Seek, ops::Range, path::Path};

use ceratops_core::{Error, Result, SampleSource, Samples, Tensor};

use super::{header::Header, positioned::Positioned};
use crate::numbers::{self, Number, Order};

/// The array in a `.npy` file as samples, which are read from the file when they are asked for: for
/// data larger than memory. The first axis counts the samples.
///
/// All types of numbers that [`read_npy`](super::read_npy) takes become f32. Memory is needed for the
/// samples that are asked for, and no more. Several threads may read at once. The file must stay as
/// it is meanwhile.
///
/// ```
/// use ceratops_core::{Samples, Tensor};
/// use ceratops_formats::npy::{self, NpyFile};
///
/// # let path = std::env::temp_dir().join("ceratops-npy-file.npy");
/// npy::write(&path, &Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))?;
/// let samples = Samples::from(NpyFile::open(&path)?);
/// assert_eq!(samples.shape(), [3, 2]);
/// assert_eq!(samples.gather(&[2, 0])?, Tensor::from([[5.0, 6.0], [1.0, 2.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct NpyFile {
    /// The file's name, for errors.
    name: String,
    file: Positioned,
    /// Where the numbers begin.
    start: u64,
    number: Number,
    order: Order,
    len: usize,
    sample: Vec<usize>,
    /// How many bytes a sample has.
    bytes: usize,
}

/// How many bytes are read at once: they stay in the cache until they are numbers.
const AT_ONCE: usize = 1 << 15;

impl NpyFile {
    /// Opens the file at `path` and reads its header.
    ///
    /// # Errors
    /// What [`read_npy`](super::read_npy) refuses: a file that is no `.npy`, holds no plain numbers,
    /// or ends before the array does. An array of no axes, which has no samples. An array in Fortran
    /// order, whose samples do not lie together.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| Error::io(path.display(), e))?;
        let length = file.metadata().map_err(|e| Error::io(path.display(), e))?.len();
        let named = |e: Error| Error::Data(format!("{}: {e}", path.display()));
        Self::of(file, length, path.display().to_string()).map_err(named)
    }

    fn of(mut file: File, length: u64, name: String) -> Result<Self> {
        let header = Header::read(&mut file)?;
        let number = header.number()?;
        let Header { order, fortran, shape, .. } = header;
        let start = file.stream_position().map_err(|e| Error::Data(e.to_string()))?;
        let Some((&len, sample)) = shape.split_first() else {
            return Err(Error::Data("the array is a single number; expected samples".into()));
        };
        if fortran && !sample.is_empty() {
            return Err(Error::Data(
                "the array is in Fortran order, in which a sample's numbers lie far apart; save it \
                 with numpy.save(path, numpy.ascontiguousarray(x)), or read it as a whole with \
                 npy::read"
                    .into(),
            ));
        }
        let sizes = numbers::extent(&shape, number).zip(numbers::extent(sample, number));
        let ((_, all), (_, bytes)) = sizes
            .ok_or_else(|| Error::Data(format!("an array of shape {shape:?} fits in no file")))?;
        let there = length.saturating_sub(start);
        if (all as u64) > there {
            return Err(Error::Data(format!(
                "the array of shape {shape:?} has {all} bytes, {} are missing",
                all as u64 - there
            )));
        }
        let (file, sample) = (Positioned::new(file), sample.to_vec());
        Ok(Self { name, file, start, number, order, len, sample, bytes })
    }

    /// Appends the numbers of the samples in `range`.
    fn read_run(
        &self,
        range: Range<usize>,
        scratch: &mut Vec<u8>,
        to: &mut Vec<f32>,
    ) -> Result<()> {
        let mut at = self.start + range.start as u64 * self.bytes as u64;
        let mut left = range.len() * self.bytes;
        while left > 0 {
            // A multiple of the size of every number.
            scratch.resize(left.min(AT_ONCE), 0);
            self.file.read_exact_at(scratch, at).map_err(|e| {
                let sample = range.start;
                Error::io(&self.name, format!("sample {sample} can no longer be read: {e}"))
            })?;
            numbers::check_exact(self.number, scratch, self.order)?;
            self.number.decode(scratch, self.order, to);
            at += scratch.len() as u64;
            left -= scratch.len();
        }
        Ok(())
    }
}

impl SampleSource for NpyFile {
    fn len(&self) -> usize {
        self.len
    }

    fn sample_shape(&self) -> &[usize] {
        &self.sample
    }

    /// Samples that lie one behind another are read at once.
    fn read(&self, indices: &[usize]) -> Result<Tensor> {
        if let Some(index) = indices.iter().find(|index| **index >= self.len) {
            return Err(Error::argument("index", format!("below {}", self.len), index));
        }
        let shape = [&[indices.len()], self.sample.as_slice()].concat();
        let (mut values, mut scratch) = (Vec::new(), Vec::new());
        let len = self.bytes / self.number.size();
        let room = len.checked_mul(indices.len());
        if room.is_none_or(|room| values.try_reserve_exact(room).is_err()) {
            let expected = "fewer samples at once, which fit in memory";
            return Err(Error::argument("index", expected, format!("{} samples", indices.len())));
        }
        for run in indices.chunk_by(|a, b| a + 1 == *b) {
            let first = run.first().copied().unwrap_or_default();
            self.read_run(first..first + run.len(), &mut scratch, &mut values)?;
        }
        Tensor::new(&shape, values)
    }
}

impl From<NpyFile> for Samples {
    fn from(file: NpyFile) -> Self {
        Self::from_source(file)
    }
}
