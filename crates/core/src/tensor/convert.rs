//! From and to ndarray's arrays, Rust's arrays and vectors.

use ndarray::{ArcArray, Array, ArrayD, ArrayView, ArrayViewD, ArrayViewMut, Dimension, IxDyn};

use super::{Buffer, Number, Tensor};
use crate::{Error, Result};

impl Tensor {
    /// The rows, one below the other: a tensor of shape (rows, length of a row).
    ///
    /// ```
    /// use ceratops_core::Tensor;
    ///
    /// let rows: Vec<Vec<f64>> = vec![vec![1.0, 2.0], vec![3.0, 4.0]];
    /// assert_eq!(Tensor::from_rows(&rows)?, Tensor::from([[1.0, 2.0], [3.0, 4.0]]));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For rows that differ in length.
    pub fn from_rows<T: Number>(rows: &[impl AsRef<[T]>]) -> Result<Self> {
        let len = rows.first().map_or(0, |row| row.as_ref().len());
        let other = rows.iter().map(|row| row.as_ref().len()).enumerate();
        if let Some((i, found)) = other.into_iter().find(|&(_, found)| found != len) {
            let expected = format!("rows of {len} numbers, as the first has");
            return Err(Error::argument("rows", expected, format!("{found} in row {i}")));
        }
        let mut tensor = Self::for_overwrite(&[rows.len(), len]);
        for (to, row) in tensor.as_mut_slice().chunks_exact_mut(len.max(1)).zip(rows) {
            to.iter_mut().zip(row.as_ref()).for_each(|(to, number)| *to = number.to_f32());
        }
        Ok(tensor)
    }

    /// A copy of `numbers`, row by row, of which there are as many as the shape holds.
    fn of_rows<T: Number>(shape: &[usize], numbers: &[T]) -> Self {
        let mut buffer = Buffer::for_overwrite(numbers.len());
        buffer
            .as_mut_slice()
            .iter_mut()
            .zip(numbers)
            .for_each(|(to, number)| *to = number.to_f32());
        Self { shape: IxDyn(shape), buffer }
    }
}

impl<T: Number, D: Dimension> From<Array<T, D>> for Tensor {
    fn from(array: Array<T, D>) -> Self {
        if !array.is_standard_layout() {
            return Self::from(array.view());
        }
        let array = T::array(array);
        let (shape, len) = (IxDyn(array.shape()), array.len());
        let (mut numbers, start) = array.into_raw_vec_and_offset();
        // An array that was cut to size begins, and ends, within its vector.
        numbers.drain(..start.unwrap_or(0));
        numbers.truncate(len);
        Self { shape, buffer: numbers.into() }
    }
}

impl<T: Number, D: Dimension> From<ArcArray<T, D>> for Tensor {
    fn from(array: ArcArray<T, D>) -> Self {
        array.try_into_owned_nocopy().map_or_else(|shared| shared.view().into(), Self::from)
    }
}

impl<T: Number, D: Dimension> From<ArrayView<'_, T, D>> for Tensor {
    fn from(view: ArrayView<'_, T, D>) -> Self {
        if let Some(numbers) = view.as_slice() {
            return Self::of_rows(view.shape(), numbers);
        }
        let mut tensor = Self::for_overwrite(view.shape());
        if let Ok(mut rows) = ArrayViewMut::from_shape(view.raw_dim(), tensor.as_mut_slice()) {
            rows.zip_mut_with(&view, |to, number| *to = number.to_f32());
        }
        tensor
    }
}

impl<T: Number, D: Dimension> From<&Array<T, D>> for Tensor {
    fn from(array: &Array<T, D>) -> Self {
        Self::from(array.view())
    }
}

#[expect(clippy::expect_used, reason = "the invariant of the type")]
impl From<Tensor> for ArrayD<f32> {
    fn from(Tensor { shape, buffer }: Tensor) -> Self {
        Self::from_shape_vec(shape, buffer.into_vec()).expect("the shape holds the numbers")
    }
}

#[expect(clippy::expect_used, reason = "the invariant of the type")]
impl<'a> From<&'a Tensor> for ArrayViewD<'a, f32> {
    fn from(tensor: &'a Tensor) -> Self {
        let shape = tensor.shape.clone();
        Self::from_shape(shape, tensor.as_slice()).expect("the shape holds the numbers")
    }
}

/// A cheap clone: the numbers are shared.
impl From<&Self> for Tensor {
    fn from(tensor: &Self) -> Self {
        tensor.clone()
    }
}

/// The numbers, row by row.
impl From<Tensor> for Vec<f32> {
    fn from(tensor: Tensor) -> Self {
        tensor.buffer.into_vec()
    }
}

impl<T: Number> From<T> for Tensor {
    fn from(value: T) -> Self {
        Self::scalar(value.to_f32())
    }
}

impl<T: Number> From<Vec<T>> for Tensor {
    fn from(numbers: Vec<T>) -> Self {
        Self { shape: IxDyn(&[numbers.len()]), buffer: T::vector(numbers).into() }
    }
}

impl<T: Number> From<&[T]> for Tensor {
    fn from(numbers: &[T]) -> Self {
        Self::of_rows(&[numbers.len()], numbers)
    }
}

impl<T: Number> From<&Vec<T>> for Tensor {
    fn from(numbers: &Vec<T>) -> Self {
        Self::from(numbers.as_slice())
    }
}

impl<T: Number, const B: usize> From<&[[T; B]]> for Tensor {
    fn from(rows: &[[T; B]]) -> Self {
        Self::of_rows(&[rows.len(), B], rows.as_flattened())
    }
}

impl<T: Number, const B: usize> From<&Vec<[T; B]>> for Tensor {
    fn from(rows: &Vec<[T; B]>) -> Self {
        Self::from(rows.as_slice())
    }
}

impl<T: Number, const B: usize> From<Vec<[T; B]>> for Tensor {
    fn from(rows: Vec<[T; B]>) -> Self {
        Self { shape: IxDyn(&[rows.len(), B]), buffer: T::vector(rows.into_flattened()).into() }
    }
}

impl<T: Number, const A: usize> From<&[T; A]> for Tensor {
    fn from(row: &[T; A]) -> Self {
        Self::from(row.as_slice())
    }
}

impl<T: Number, const A: usize, const B: usize> From<&[[T; B]; A]> for Tensor {
    fn from(rows: &[[T; B]; A]) -> Self {
        Self::from(rows.as_slice())
    }
}

impl<T: Number, const A: usize> From<[T; A]> for Tensor {
    fn from(row: [T; A]) -> Self {
        Self::of_rows(&[A], &row)
    }
}

impl<T: Number, const A: usize, const B: usize> From<[[T; B]; A]> for Tensor {
    fn from(rows: [[T; B]; A]) -> Self {
        Self::of_rows(&[A, B], rows.as_flattened())
    }
}

impl<T: Number, const A: usize, const B: usize, const C: usize> From<[[[T; C]; B]; A]> for Tensor {
    fn from(rows: [[[T; C]; B]; A]) -> Self {
        Self::of_rows(&[A, B, C], rows.as_flattened().as_flattened())
    }
}

impl<T: Number, const A: usize, const B: usize, const C: usize, const D: usize>
    From<[[[[T; D]; C]; B]; A]> for Tensor
{
    fn from(rows: [[[[T; D]; C]; B]; A]) -> Self {
        Self::of_rows(&[A, B, C, D], rows.as_flattened().as_flattened().as_flattened())
    }
}
