//! From and to ndarray's arrays, Rust's arrays and vectors.

use ndarray::{ArcArray, Array, ArrayD, ArrayView, ArrayViewD, ArrayViewMut, Dimension, IxDyn};

use super::{Buffer, Tensor};

impl Tensor {
    /// A copy of `numbers`, row by row, of which there are as many as the shape holds.
    fn of_rows(shape: &[usize], numbers: &[f32]) -> Self {
        Self { shape: IxDyn(shape), buffer: Buffer::copy_of(numbers) }
    }
}

impl<D: Dimension> From<Array<f32, D>> for Tensor {
    fn from(array: Array<f32, D>) -> Self {
        if !array.is_standard_layout() {
            return Self::from(array.view());
        }
        let (shape, len) = (IxDyn(array.shape()), array.len());
        let (mut numbers, start) = array.into_raw_vec_and_offset();
        // An array that was cut to size begins, and ends, within its vector.
        numbers.drain(..start.unwrap_or(0));
        numbers.truncate(len);
        Self { shape, buffer: numbers.into() }
    }
}

impl<D: Dimension> From<ArcArray<f32, D>> for Tensor {
    fn from(array: ArcArray<f32, D>) -> Self {
        array.try_into_owned_nocopy().map_or_else(|shared| shared.view().into(), Self::from)
    }
}

impl<D: Dimension> From<ArrayView<'_, f32, D>> for Tensor {
    fn from(view: ArrayView<'_, f32, D>) -> Self {
        if let Some(numbers) = view.as_slice() {
            return Self::of_rows(view.shape(), numbers);
        }
        let mut tensor = Self::for_overwrite(view.shape());
        if let Ok(mut rows) = ArrayViewMut::from_shape(view.raw_dim(), tensor.as_mut_slice()) {
            rows.assign(&view);
        }
        tensor
    }
}

impl<D: Dimension> From<&Array<f32, D>> for Tensor {
    fn from(array: &Array<f32, D>) -> Self {
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

impl From<Vec<f32>> for Tensor {
    fn from(data: Vec<f32>) -> Self {
        Self { shape: IxDyn(&[data.len()]), buffer: data.into() }
    }
}

impl From<&[f32]> for Tensor {
    fn from(data: &[f32]) -> Self {
        Self::of_rows(&[data.len()], data)
    }
}

impl From<&Vec<f32>> for Tensor {
    fn from(data: &Vec<f32>) -> Self {
        Self::from(data.as_slice())
    }
}

/// The numbers, row by row.
impl From<Tensor> for Vec<f32> {
    fn from(tensor: Tensor) -> Self {
        tensor.buffer.into_vec()
    }
}

impl<const B: usize> From<&[[f32; B]]> for Tensor {
    fn from(rows: &[[f32; B]]) -> Self {
        Self::of_rows(&[rows.len(), B], rows.as_flattened())
    }
}

impl<const B: usize> From<&Vec<[f32; B]>> for Tensor {
    fn from(rows: &Vec<[f32; B]>) -> Self {
        Self::from(rows.as_slice())
    }
}

impl<const B: usize> From<Vec<[f32; B]>> for Tensor {
    fn from(rows: Vec<[f32; B]>) -> Self {
        Self { shape: IxDyn(&[rows.len(), B]), buffer: rows.into_flattened().into() }
    }
}

impl<const A: usize> From<&[f32; A]> for Tensor {
    fn from(row: &[f32; A]) -> Self {
        Self::from(row.as_slice())
    }
}

impl<const A: usize, const B: usize> From<&[[f32; B]; A]> for Tensor {
    fn from(rows: &[[f32; B]; A]) -> Self {
        Self::from(rows.as_slice())
    }
}

impl From<f32> for Tensor {
    fn from(value: f32) -> Self {
        Self::scalar(value)
    }
}

impl<const A: usize> From<[f32; A]> for Tensor {
    fn from(row: [f32; A]) -> Self {
        Self::of_rows(&[A], &row)
    }
}

impl<const A: usize, const B: usize> From<[[f32; B]; A]> for Tensor {
    fn from(rows: [[f32; B]; A]) -> Self {
        Self::of_rows(&[A, B], rows.as_flattened())
    }
}

impl<const A: usize, const B: usize, const C: usize> From<[[[f32; C]; B]; A]> for Tensor {
    fn from(rows: [[[f32; C]; B]; A]) -> Self {
        Self::of_rows(&[A, B, C], rows.as_flattened().as_flattened())
    }
}

impl<const A: usize, const B: usize, const C: usize, const D: usize> From<[[[[f32; D]; C]; B]; A]>
    for Tensor
{
    fn from(rows: [[[[f32; D]; C]; B]; A]) -> Self {
        Self::of_rows(&[A, B, C, D], rows.as_flattened().as_flattened().as_flattened())
    }
}
