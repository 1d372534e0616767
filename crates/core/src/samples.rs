//! Samples that need not all be in memory.

use std::{fmt::Debug, ops::Range, sync::Arc};

use crate::{Error, Result, Tensor};

/// A place from which samples are read piece by piece: a file larger than memory, a folder of
/// images. Reading must give the same numbers each time, and goes on in another thread while the
/// model learns.
///
/// ```
/// use ceratops_core::{Result, SampleSource, Samples, Tensor};
///
/// /// The numbers 0, 1, 2 and so on.
/// #[derive(Debug)]
/// struct Counting(usize);
///
/// impl SampleSource for Counting {
///     fn len(&self) -> usize {
///         self.0
///     }
///     fn sample_shape(&self) -> &[usize] {
///         &[1]
///     }
///     fn read(&self, indices: &[usize]) -> Result<Tensor> {
///         Tensor::new(&[indices.len(), 1], indices.iter().map(|i| *i as f32).collect())
///     }
/// }
///
/// let samples = Samples::from_source(Counting(1000));
/// assert_eq!(samples.shape(), [1000, 1]);
/// assert_eq!(samples.gather(&[7, 2])?, Tensor::from([[7.0], [2.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub trait SampleSource: Debug + Send + Sync + 'static {
    /// How many samples there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape of one sample.
    fn sample_shape(&self) -> &[usize];

    /// The samples at `indices`, in that order: a tensor of shape (indices, ...sample shape).
    fn read(&self, indices: &[usize]) -> Result<Tensor>;
}

/// Samples: a tensor whose first axis counts them, or a [`SampleSource`] that is read as they are
/// needed. What is a tensor is `Into<Samples>`.
#[derive(Debug, Clone)]
pub struct Samples(Kept);

#[derive(Debug, Clone)]
enum Kept {
    Memory(Tensor),
    /// These of a source.
    Source(Arc<dyn SampleSource>, Range<usize>),
}

impl Samples {
    /// All samples of `source`.
    pub fn from_source(source: impl SampleSource) -> Self {
        let all = 0..source.len();
        Self(Kept::Source(Arc::new(source), all))
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Memory(tensor) => tensor.batch(),
            Kept::Source(_, range) => range.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape of all of them together.
    pub fn shape(&self) -> Vec<usize> {
        match &self.0 {
            Kept::Memory(tensor) => tensor.shape().to_vec(),
            Kept::Source(source, range) => [&[range.len()], source.sample_shape()].concat(),
        }
    }

    /// The tensor, if they are in memory already.
    pub fn in_memory(&self) -> Option<&Tensor> {
        match &self.0 {
            Kept::Memory(tensor) => Some(tensor),
            Kept::Source(..) => None,
        }
    }

    /// The samples at `indices`, in that order.
    ///
    /// # Errors
    /// For an index that is too large, and where they cannot be read.
    pub fn gather(&self, indices: &[usize]) -> Result<Tensor> {
        let (source, range) = match &self.0 {
            Kept::Memory(tensor) => return tensor.batch_gather(indices),
            Kept::Source(source, range) => (source, range),
        };
        if let Some(index) = indices.iter().find(|index| **index >= range.len()) {
            return Err(Error::argument("index", format!("below {}", range.len()), index));
        }
        let shifted: Vec<usize> = indices.iter().map(|index| range.start + index).collect();
        let samples = source.read(&shifted)?;
        let shape = [&[indices.len()], source.sample_shape()].concat();
        if samples.shape() != shape {
            let help = "a source must read what its len and sample_shape promise";
            let expected = crate::Shape::of(&shape);
            return Err(Error::shape("samples", expected, samples.shape(), help));
        }
        Ok(samples)
    }

    /// The samples of `range` as a tensor.
    pub fn read(&self, range: Range<usize>) -> Result<Tensor> {
        match &self.0 {
            Kept::Memory(tensor) if range == (0..tensor.batch()) => Ok(tensor.clone()),
            Kept::Memory(tensor) => tensor.batch_slice(range),
            Kept::Source(..) => self.gather(&range.collect::<Vec<_>>()),
        }
    }

    /// The samples of `range`; those of a source are not read yet.
    pub fn slice(&self, range: Range<usize>) -> Result<Self> {
        match &self.0 {
            Kept::Memory(_) => Ok(self.read(range)?.into()),
            Kept::Source(_, all) if range.start > range.end || range.end > all.len() => {
                let expected = format!("a range within 0..{}", all.len());
                Err(Error::argument("range", expected, format!("{range:?}")))
            }
            Kept::Source(source, all) => {
                let range = all.start + range.start..all.start + range.end;
                Ok(Self(Kept::Source(source.clone(), range)))
            }
        }
    }
}

impl<T: Into<Tensor>> From<T> for Samples {
    fn from(tensor: T) -> Self {
        Self(Kept::Memory(tensor.into()))
    }
}

impl From<&Self> for Samples {
    fn from(samples: &Self) -> Self {
        samples.clone()
    }
}
