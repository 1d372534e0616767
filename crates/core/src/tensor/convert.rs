//! From and to ndarray's arrays, Rust's arrays and vectors.

use ndarray::{ArcArray, Array, ArrayD, ArrayView, ArrayViewD, Dimension};

use super::Tensor;

impl<D: Dimension> From<Array<f32, D>> for Tensor {
    fn from(array: Array<f32, D>) -> Self {
        if array.is_standard_layout() {
            Self { data: array.into_dyn().into_shared() }
        } else {
            Self::from(array.view())
        }
    }
}

impl<D: Dimension> From<ArcArray<f32, D>> for Tensor {
    fn from(array: ArcArray<f32, D>) -> Self {
        if array.is_standard_layout() {
            Self { data: array.into_dyn() }
        } else {
            Self::from(array.view())
        }
    }
}

impl<D: Dimension> From<ArrayView<'_, f32, D>> for Tensor {
    fn from(view: ArrayView<'_, f32, D>) -> Self {
        Self { data: view.into_dyn().as_standard_layout().into_owned().into_shared() }
    }
}

impl<D: Dimension> From<&Array<f32, D>> for Tensor {
    fn from(array: &Array<f32, D>) -> Self {
        Self::from(array.view())
    }
}

impl From<Tensor> for ArrayD<f32> {
    fn from(tensor: Tensor) -> Self {
        tensor.data.into_owned()
    }
}

impl<'a> From<&'a Tensor> for ArrayViewD<'a, f32> {
    fn from(tensor: &'a Tensor) -> Self {
        tensor.data.view()
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
        Self::from(Array::from_vec(data))
    }
}

impl From<&[f32]> for Tensor {
    fn from(data: &[f32]) -> Self {
        Self::from(data.to_vec())
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
        // An array of its own may begin within its buffer; a copy never does.
        tensor.as_slice().to_vec()
    }
}

impl<const B: usize> From<&[[f32; B]]> for Tensor {
    fn from(rows: &[[f32; B]]) -> Self {
        Self::from(ndarray::aview2(rows))
    }
}

impl<const B: usize> From<&Vec<[f32; B]>> for Tensor {
    fn from(rows: &Vec<[f32; B]>) -> Self {
        Self::from(rows.as_slice())
    }
}

impl<const B: usize> From<Vec<[f32; B]>> for Tensor {
    fn from(rows: Vec<[f32; B]>) -> Self {
        Self::from(Array::from(rows))
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
        Self::from(ndarray::arr1(&row))
    }
}

impl<const A: usize, const B: usize> From<[[f32; B]; A]> for Tensor {
    fn from(rows: [[f32; B]; A]) -> Self {
        Self::from(ndarray::arr2(&rows))
    }
}

impl<const A: usize, const B: usize, const C: usize> From<[[[f32; C]; B]; A]> for Tensor {
    fn from(rows: [[[f32; C]; B]; A]) -> Self {
        Self::from(ndarray::arr3(&rows))
    }
}

impl<const A: usize, const B: usize, const C: usize, const D: usize> From<[[[[f32; D]; C]; B]; A]>
    for Tensor
{
    fn from(rows: [[[[f32; D]; C]; B]; A]) -> Self {
        Self::from(Array::from(rows.to_vec()))
    }
}
