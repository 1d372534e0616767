//! `Tensor`: an n-dimensional array of f32, row-major and contiguous.

mod batch;
mod broadcast;
mod buffer;
mod convert;
mod display;
mod number;
mod pool;
mod read;

use ndarray::{ArrayView, ArrayViewMut, Dimension, IxDyn};

use self::buffer::Buffer;
pub use self::{broadcast::broadcast, number::Number};
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
///
/// The memory of a tensor that is dropped serves the next one of about its size, so that a loop
/// which makes the same tensors again and again asks the system for none.
#[derive(Clone, PartialEq)]
pub struct Tensor {
    /// Up to four axes need no memory of their own.
    shape: IxDyn,
    /// As many numbers as the shape holds.
    buffer: Buffer,
}

impl Tensor {
    /// The numbers `data`, row by row, in the given shape.
    pub fn new(shape: &[usize], data: Vec<f32>) -> Result<Self> {
        if size(shape) != Some(data.len()) {
            let expected = format!("as many numbers as the shape {shape:?} holds");
            return Err(Error::argument("data", expected, format!("{} numbers", data.len())));
        }
        Ok(Self { shape: IxDyn(shape), buffer: data.into() })
    }

    /// All zeros. For a shape that a user gives, see [`Tensor::try_full`].
    pub fn zeros(shape: &[usize]) -> Self {
        Self { shape: IxDyn(shape), buffer: Buffer::zeros(expected_size(shape)) }
    }

    /// The same number everywhere. For a shape that a user gives, see [`Tensor::try_full`].
    pub fn full(shape: &[usize], value: f32) -> Self {
        Self { shape: IxDyn(shape), buffer: Buffer::full(expected_size(shape), value) }
    }

    /// A tensor whose numbers are arbitrary, for an output that will be written as a whole. It
    /// saves the time of [`Tensor::zeros`]. In a debug build all of them are NaN.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    ///
    /// let mut y = Tensor::for_overwrite(&[2]);
    /// y.as_mut_slice().copy_from_slice(&[1.0, 2.0]);
    /// assert_eq!(y, Tensor::from([1.0, 2.0]));
    /// ```
    pub fn for_overwrite(shape: &[usize]) -> Self {
        Self { shape: IxDyn(shape), buffer: Buffer::for_overwrite(expected_size(shape)) }
    }

    /// [`Tensor::for_overwrite`] for an output that may be much larger than the input, or an error
    /// where memory does not suffice.
    pub fn try_for_overwrite(shape: &[usize]) -> Result<Self> {
        let buffer = size(shape).and_then(Buffer::try_for_overwrite);
        let buffer = buffer.ok_or_else(|| too_large(shape))?;
        Ok(Self { shape: IxDyn(shape), buffer })
    }

    /// The same number everywhere, or an error where memory does not suffice.
    pub fn try_full(shape: &[usize], value: f32) -> Result<Self> {
        let len = size(shape).ok_or_else(|| too_large(shape))?;
        let mut data = Vec::new();
        data.try_reserve_exact(len).map_err(|_| too_large(shape))?;
        data.resize(len, value);
        Self::new(shape, data)
    }

    /// A single number, of no axes.
    pub fn scalar(value: f32) -> Self {
        Self::full(&[], value)
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        self.shape.slice()
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.shape.ndim()
    }

    /// The number of numbers.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether there are no numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers, row by row.
    pub fn as_slice(&self) -> &[f32] {
        self.buffer.as_slice()
    }

    /// The numbers, to be changed; copied first if they are shared.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        self.buffer.as_mut_slice()
    }

    /// A view with a static number of axes; `axes` names them in the error.
    pub fn view<D: Dimension>(&self, axes: &str) -> Result<TensorView<'_, D>> {
        D::from_dimension(&self.shape)
            .and_then(|shape| ArrayView::from_shape(shape, self.as_slice()).ok())
            .ok_or_else(|| self.other_axes(axes))
    }

    /// A mutable view with a static number of axes; `axes` names them in the error.
    pub fn view_mut<D: Dimension>(&mut self, axes: &str) -> Result<ArrayViewMut<'_, f32, D>> {
        let Some(shape) = D::from_dimension(&self.shape) else {
            return Err(self.other_axes(axes));
        };
        ArrayViewMut::from_shape(shape, self.buffer.as_mut_slice())
            .map_err(|error| Error::Data(error.to_string()))
    }

    fn other_axes(&self, axes: &str) -> Error {
        Error::shape("input", axes, self.shape(), "")
    }

    /// The same numbers in another shape of the same size; nothing is copied.
    pub fn reshape(self, shape: &[usize]) -> Result<Self> {
        if size(shape) != Some(self.len()) {
            let expected = format!("a size of {shape:?}");
            return Err(Error::shape("reshape", expected, self.shape(), ""));
        }
        Ok(Self { shape: IxDyn(shape), ..self })
    }

    /// `f` of every number; in place where the numbers are not shared. It is fastest where `f` is
    /// a `move` closure.
    #[must_use]
    pub fn map(mut self, f: impl Fn(f32) -> f32) -> Self {
        if self.buffer.is_unique() {
            map_in_place(self.as_mut_slice(), f);
            return self;
        }
        // Shared numbers would be copied first and then changed; writing straight into another
        // buffer touches the memory once.
        let mut buffer = Buffer::for_overwrite(self.len());
        map_into(self.as_slice(), buffer.as_mut_slice(), f);
        Self { buffer, ..self }
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
}

/// How many numbers a tensor of this shape has, if that can be counted. As in ndarray, the lengths
/// that are not 0 must be countable by themselves.
fn size(shape: &[usize]) -> Option<usize> {
    let lengths = shape.iter().filter(|&&len| len > 0);
    let size = lengths.copied().try_fold(1usize, usize::checked_mul)?;
    (size <= isize::MAX as usize).then_some(if shape.contains(&0) { 0 } else { size })
}

fn too_large(shape: &[usize]) -> Error {
    Error::argument("shape", "a size that fits in memory", format!("{shape:?}"))
}

/// The size of a shape that is known to fit; of another, more than can be had: the program ends, as
/// it does when the memory is used up.
fn expected_size(shape: &[usize]) -> usize {
    size(shape).unwrap_or(usize::MAX)
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

fn map_into(numbers: &[f32], mapped: &mut [f32], f: impl Fn(f32) -> f32) {
    vectorize(
        #[inline(always)]
        move || {
            let f = f;
            for (y, &x) in mapped.iter_mut().zip(numbers) {
                *y = f(x);
            }
        },
    );
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
