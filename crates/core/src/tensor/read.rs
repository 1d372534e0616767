//! What stands in a tensor: single numbers, rows, samples, the largest.

use std::ops::Index;

use super::Tensor;
use crate::{Error, Result};

/// The number at an index, as in `y[[0, 3]]`: one place for each axis.
///
/// ```
/// use ceratops_core::Tensor;
///
/// let y = Tensor::from([[0.1, 0.7, 0.2], [0.8, 0.1, 0.1]]);
/// assert_eq!(y[[0, 1]], 0.7);
/// ```
///
/// # Panics
/// Where the index does not lie within the tensor, as with Rust's arrays; [`Tensor::get`] returns `None`.
impl<const N: usize> Index<[usize; N]> for Tensor {
    type Output = f32;

    #[track_caller]
    #[expect(clippy::panic, reason = "as with Rust's arrays")]
    fn index(&self, index: [usize; N]) -> &f32 {
        let shape = self.shape();
        self.get_ref(&index).unwrap_or_else(|| {
            panic!("the index {index:?} does not lie within a tensor of shape {shape:?}")
        })
    }
}

impl Tensor {
    /// The number at an index of one place for each axis, or `None` outside.
    ///
    /// ```
    /// # use ceratops_core::Tensor;
    /// let y = Tensor::from([[0.1, 0.7, 0.2]]);
    /// assert_eq!((y.get(&[0, 2]), y.get(&[1, 0]), y.get(&[0])), (Some(0.2), None, None));
    /// ```
    pub fn get(&self, index: &[usize]) -> Option<f32> {
        self.get_ref(index).copied()
    }

    fn get_ref(&self, index: &[usize]) -> Option<&f32> {
        let shape = self.shape();
        if index.len() != shape.len() || index.iter().zip(shape).any(|(i, len)| i >= len) {
            return None;
        }
        self.as_slice().get(index.iter().zip(shape).fold(0, |place, (i, len)| place * len + i))
    }

    /// The numbers of each sample, one after another.
    ///
    /// ```
    /// # use ceratops_core::Tensor;
    /// let y = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// let sums: Vec<f32> = y.rows().map(|row| row.iter().sum()).collect();
    /// assert_eq!(sums, [3.0, 7.0]);
    /// ```
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        let len = self.sample_len();
        (0..self.batch()).map(move |i| &self.as_slice()[i * len..(i + 1) * len])
    }

    /// Each sample as a tensor of its own, without the axis of the batch.
    ///
    /// ```
    /// # use ceratops_core::Tensor;
    /// let images = Tensor::zeros(&[3, 28, 28, 1]);
    /// assert!(images.samples().all(|image| image.shape() == [28, 28, 1]));
    /// ```
    pub fn samples(&self) -> impl ExactSizeIterator<Item = Self> {
        let shape = ndarray::IxDyn(self.shape().get(1..).unwrap_or_default());
        self.rows()
            .map(move |row| Self { shape: shape.clone(), buffer: super::Buffer::copy_of(row) })
    }

    /// The place of the largest number along `axis`, row by row: of a classifier's output `y.argmax(-1)?` is
    /// the class of each sample. -1 is the last axis; of equal numbers the first counts, and NaN before all,
    /// as in NumPy.
    ///
    /// ```
    /// # use ceratops_core::Tensor;
    /// let y = Tensor::from([[0.1, 0.7, 0.2], [0.8, 0.1, 0.1]]);
    /// assert_eq!(y.argmax(-1)?, [1, 0]);
    /// assert_eq!(y.argmax(0)?, [1, 0, 0]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For an axis that the tensor does not have, and for one of length 0.
    pub fn argmax(&self, axis: i64) -> Result<Vec<usize>> {
        let shape = self.shape();
        let place = usize::try_from(if axis < 0 { axis + shape.len() as i64 } else { axis });
        let Some(place) = place.ok().filter(|&place| place < shape.len()) else {
            let expected = format!("an axis of a tensor of shape {shape:?}");
            return Err(Error::argument("axis", expected, axis));
        };
        let (len, inner) = (shape[place], shape[place + 1..].iter().product::<usize>());
        if len == 0 {
            let expected = "an axis along which there are numbers";
            return Err(Error::argument("axis", expected, format!("{axis} of shape {shape:?}")));
        }
        let blocks = self.as_slice().chunks_exact((len * inner).max(1));
        let largest = |block: &[f32], start: usize| {
            let at = |i: usize| block[start + i * inner];
            (1..len).fold(0, |best, i| if is_larger(at(i), at(best)) { i } else { best })
        };
        Ok(blocks.flat_map(|block| (0..inner).map(move |start| largest(block, start))).collect())
    }

    /// The largest number; NaN if there is one among them, or none at all.
    pub fn max(&self) -> f32 {
        let numbers = self.as_slice().iter().copied();
        numbers.reduce(|a, b| if is_larger(b, a) { b } else { a }).unwrap_or(f32::NAN)
    }

    /// The smallest number; NaN if there is one among them, or none at all.
    pub fn min(&self) -> f32 {
        let numbers = self.as_slice().iter().copied();
        numbers.reduce(|a, b| if is_larger(-b, -a) { b } else { a }).unwrap_or(f32::NAN)
    }

    /// The mean, in f64; NaN of no numbers.
    pub fn mean(&self) -> f64 {
        self.sum() / self.len() as f64
    }
}

/// Whether `a` is larger than `b`, or the first NaN.
fn is_larger(a: f32, b: f32) -> bool {
    a > b || a.is_nan() && !b.is_nan()
}

#[cfg(test)]
mod tests {
    use super::Tensor;

    #[test]
    fn the_largest_is_found_as_in_numpy() {
        let y = Tensor::from([[[1.0, 5.0], [3.0, 5.0]], [[f32::NAN, 0.0], [9.0, f32::NAN]]]);
        assert_eq!(y.argmax(0).unwrap(), [1, 0, 1, 1]);
        assert_eq!(y.argmax(1).unwrap(), [1, 0, 0, 1]);
        assert_eq!(y.argmax(-1).unwrap(), [1, 1, 0, 1]);
        assert!(y.max().is_nan() && y.min().is_nan());
        assert_eq!(Tensor::from([2.0, -3.0, 7.0]).max(), 7.0);
        assert_eq!(Tensor::from([2.0, -3.0, 7.0]).min(), -3.0);
        assert_eq!(Tensor::from([2, -3, 7]).mean(), 2.0);
    }

    #[test]
    fn what_is_not_there_is_said() {
        let y = Tensor::from([[1.0, 2.0]]);
        for axis in [2, -3, i64::MIN, i64::MAX] {
            let error = y.argmax(axis).unwrap_err().to_string();
            assert!(error.contains("an axis of a tensor of shape [1, 2]"), "{error}");
        }
        assert!(Tensor::scalar(1.0).argmax(-1).is_err());
        assert!(Tensor::zeros(&[2, 0]).argmax(-1).is_err());
        assert_eq!(Tensor::zeros(&[0, 3]).argmax(-1).unwrap(), [0usize; 0]);
        assert!(Tensor::zeros(&[0]).max().is_nan() && Tensor::zeros(&[0]).mean().is_nan());
        assert_eq!(Tensor::zeros(&[3, 0]).rows().count(), 3);
        assert_eq!(Tensor::scalar(1.0).samples().count(), 0);
        assert_eq!((Tensor::scalar(2.0)[[]], y.get(&[0, 2])), (2.0, None));
    }

    #[test]
    fn an_index_outside_panics() {
        let outside = std::panic::catch_unwind(|| Tensor::from([[1.0, 2.0]])[[0, 2]]);
        let message = outside.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(*message, "the index [0, 2] does not lie within a tensor of shape [1, 2]");
    }

    #[test]
    fn tensors_are_made_of_numbers_of_any_type() {
        let expected = Tensor::from([[1.0f32, 0.0], [1.0, 1.0]]);
        assert_eq!(Tensor::from([[1, 0], [1, 1]]), expected);
        assert_eq!(Tensor::from([[true, false], [true, true]]), expected);
        assert_eq!(Tensor::from(ndarray::arr2(&[[1.0f64, 0.0], [1.0, 1.0]])), expected);
        let columns = ndarray::arr2(&[[1u8, 1], [0, 1]]);
        assert_eq!(Tensor::from(columns.t()), expected);
        assert_eq!(Tensor::from_rows(&[vec![1usize, 0], vec![1, 1]]).unwrap(), expected);
        let error = Tensor::from_rows(&[vec![1.0], vec![]]).unwrap_err().to_string();
        assert!(error.contains("0 in row 1"), "{error}");
        assert_eq!(Tensor::from_rows::<f32>(&[[0.0; 0]; 3]).unwrap().shape(), [3, 0]);
        assert_eq!(Tensor::from_rows::<f32>(&[] as &[[f32; 2]]).unwrap().shape(), [0, 0]);
    }
}
