//! `Tensor`: an n-dimensional array of f32, row-major and contiguous.

mod convert;
mod display;

use std::ops::Range;

use ndarray::{ArcArray, ArrayView, ArrayViewMut, Dimension, IxDyn};

use crate::{Error, Result, vectorize};

/// A borrowed tensor whose number of axes is known at compile time.
pub type TensorView<'a, D> = ArrayView<'a, f32, D>;

/// An n-dimensional array of `f32`, always row-major and contiguous.
///
/// Cloning shares the numbers; the first change to a shared tensor copies them. Printing looks as
/// in TensorFlow and NumPy:
///
/// ```
/// use ceratops_core::Tensor;
///
/// let t = Tensor::from([[1.0, 2.5, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(t.to_string(), "Tensor(\n[[1.  2.5 3. ]\n [4.  5.  6. ]], shape=(2, 3))");
/// ```
#[derive(Clone, PartialEq)]
pub struct Tensor {
    data: ArcArray<f32, IxDyn>,
}

impl Tensor {
    /// The numbers `data`, row by row, in the given shape.
    pub fn new(shape: &[usize], data: Vec<f32>) -> Result<Self> {
        let count = data.len();
        let expected = format!("as many numbers as the shape {shape:?} holds");
        if shape.iter().try_fold(1usize, |n, &len| n.checked_mul(len)) != Some(count) {
            return Err(Error::argument("data", expected, format!("{count} numbers")));
        }
        ArcArray::from_shape_vec(IxDyn(shape), data)
            .map(|data| Self { data })
            .map_err(|e| Error::argument("data", expected, e))
    }

    /// All zeros. For a shape that a user gives, see [`Tensor::try_full`].
    pub fn zeros(shape: &[usize]) -> Self {
        Self { data: ArcArray::zeros(IxDyn(shape)) }
    }

    /// The same number everywhere. For a shape that a user gives, see [`Tensor::try_full`].
    pub fn full(shape: &[usize], value: f32) -> Self {
        Self { data: ArcArray::from_elem(IxDyn(shape), value) }
    }

    /// The same number everywhere, or an error where memory does not suffice.
    pub fn try_full(shape: &[usize], value: f32) -> Result<Self> {
        let too_large =
            || Error::argument("shape", "a size that fits in memory", format!("{shape:?}"));
        let len =
            shape.iter().try_fold(1usize, |n, &len| n.checked_mul(len)).ok_or_else(too_large)?;
        let mut data = Vec::new();
        data.try_reserve_exact(len).map_err(|_| too_large())?;
        data.resize(len, value);
        Self::new(shape, data)
    }

    /// A single number, of no axes.
    pub fn scalar(value: f32) -> Self {
        Self::full(&[], value)
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        self.data.shape()
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.data.ndim()
    }

    /// The number of numbers.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no numbers.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The number of samples: the length of the first axis (0 for a scalar).
    pub fn batch(&self) -> usize {
        self.shape().first().copied().unwrap_or(0)
    }

    /// The numbers, row by row.
    #[expect(clippy::expect_used, reason = "the invariant of the type")]
    pub fn as_slice(&self) -> &[f32] {
        self.data.as_slice().expect("a tensor is contiguous")
    }

    /// The numbers, to be changed; copied first if they are shared.
    #[expect(clippy::expect_used, reason = "the invariant of the type")]
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        self.data.as_slice_mut().expect("a tensor is contiguous")
    }

    /// A view with a static number of axes; `axes` names them in the error.
    pub fn view<D: Dimension>(&self, axes: &str) -> Result<TensorView<'_, D>> {
        self.data
            .view()
            .into_dimensionality::<D>()
            .map_err(|_| Error::shape("input", axes, self.shape(), ""))
    }

    /// A mutable view with a static number of axes; `axes` names them in the error.
    pub fn view_mut<D: Dimension>(&mut self, axes: &str) -> Result<ArrayViewMut<'_, f32, D>> {
        let error = Error::shape("input", axes, self.shape(), "");
        self.data.view_mut().into_dimensionality::<D>().map_err(|_| error)
    }

    /// The same numbers in another shape of the same size; nothing is copied.
    pub fn reshape(self, shape: &[usize]) -> Result<Self> {
        let found = self.shape().to_vec();
        self.data
            .into_shape_with_order(IxDyn(shape))
            .map(|data| Self { data })
            .map_err(|_| Error::shape("reshape", format!("a size of {shape:?}"), &found, ""))
    }

    /// `f` of every number; in place where the numbers are not shared. It is fastest where `f` is
    /// a `move` closure.
    #[must_use]
    pub fn map(mut self, f: impl Fn(f32) -> f32) -> Self {
        // Shared numbers would be copied first and then changed; writing straight into a new
        // vector touches the memory once.
        if self.data.is_unique() {
            map_in_place(self.as_mut_slice(), f);
            return self;
        }
        let mapped = mapped(self.as_slice(), f);
        self.with_numbers(mapped)
    }

    /// `f(a, b)` for each pair of numbers of two tensors of the same shape; in place where the
    /// numbers of `self` are not shared.
    pub fn zip_map(mut self, other: &Self, f: impl Fn(f32, f32) -> f32) -> Result<Self> {
        self.expect_same_shape(other)?;
        zip_in_place(self.as_mut_slice(), other.as_slice(), f);
        Ok(self)
    }

    /// Adds `scale` times `other`, number by number, to a tensor of the same shape.
    pub fn add_scaled(&mut self, scale: f32, other: &Self) -> Result<()> {
        self.expect_same_shape(other)?;
        zip_in_place(self.as_mut_slice(), other.as_slice(), move |a, b| a + scale * b);
        Ok(())
    }

    /// A tensor of the same shape with other numbers, of which there are as many.
    fn with_numbers(&self, numbers: Vec<f32>) -> Self {
        let data = ArcArray::from_shape_vec(self.data.raw_dim(), numbers);
        data.map_or_else(|_| self.clone(), |data| Self { data })
    }

    /// Refuses a second tensor of another shape.
    fn expect_same_shape(&self, other: &Self) -> Result<()> {
        if self.shape() == other.shape() {
            return Ok(());
        }
        let expected = crate::Shape::of(self.shape());
        Err(Error::shape("the second tensor", expected, other.shape(), ""))
    }

    /// The sum, in f64.
    pub fn sum(&self) -> f64 {
        self.as_slice().iter().map(|&x| f64::from(x)).sum()
    }

    /// The samples of `range`, copied.
    pub fn batch_slice(&self, range: Range<usize>) -> Result<Self> {
        let (n, sample) = (self.batch(), self.sample_len());
        if range.start > range.end || range.end > n {
            return Err(Error::argument(
                "range",
                format!("a part of 0..{n}"),
                format!("{range:?}"),
            ));
        }
        let data = &self.as_slice()[range.start * sample..range.end * sample];
        Self::new(&self.batch_shape(range.len()), data.to_vec())
    }

    /// The samples at `indices`, in that order, copied.
    pub fn batch_gather(&self, indices: &[usize]) -> Result<Self> {
        let sample = self.sample_len();
        let mut data = Vec::with_capacity(indices.len() * sample);
        for &i in indices {
            if i >= self.batch() {
                return Err(Error::argument("index", format!("less than {}", self.batch()), i));
            }
            data.extend_from_slice(&self.as_slice()[i * sample..(i + 1) * sample]);
        }
        Self::new(&self.batch_shape(indices.len()), data)
    }

    /// The tensors one after another along the first axis; their other axes must agree.
    pub fn concat(parts: &[Self]) -> Result<Self> {
        let Some(first) = parts.first() else {
            return Err(Error::Data("nothing to concatenate: the list of tensors is empty".into()));
        };
        let mut data = Vec::with_capacity(parts.iter().map(Self::len).sum());
        for part in parts {
            if part.shape().get(1..) != first.shape().get(1..) {
                let expected = crate::Shape::of(first.shape());
                return Err(Error::shape("a part to concatenate", expected, part.shape(), ""));
            }
            data.extend_from_slice(part.as_slice());
        }
        Self::new(&first.batch_shape(parts.iter().map(Self::batch).sum()), data)
    }

    /// How many numbers one sample has.
    pub fn sample_len(&self) -> usize {
        self.shape().iter().skip(1).product()
    }

    fn batch_shape(&self, batch: usize) -> Vec<usize> {
        let mut shape = self.shape().to_vec();
        if let Some(first) = shape.first_mut() {
            *first = batch;
        }
        shape
    }
}

// In these loops `f` is moved to a local first, so that the compiler knows that writing the numbers
// does not change what it holds. For that it must hold values, not references: a `move` closure.

fn map_in_place(numbers: &mut [f32], f: impl Fn(f32) -> f32) {
    vectorize(
        #[inline(always)]
        move || {
            let f = f;
            for x in numbers {
                *x = f(*x);
            }
        },
    );
}

fn mapped(numbers: &[f32], f: impl Fn(f32) -> f32) -> Vec<f32> {
    vectorize(
        #[inline(always)]
        move || {
            let f = f;
            numbers.iter().map(|&x| f(x)).collect()
        },
    )
}

fn zip_in_place(left: &mut [f32], right: &[f32], f: impl Fn(f32, f32) -> f32) {
    vectorize(
        #[inline(always)]
        move || {
            let f = f;
            for (a, &b) in left.iter_mut().zip(right) {
                *a = f(*a, b);
            }
        },
    );
}
