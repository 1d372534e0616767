//! Add: the sum of several tensors.

use ceratops_core::{Result, Tensor, Tensors};

use super::{Merge, MergeOp, fold};

/// y = x₁ + x₂ + …, number by number.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Add, CallLayer, Input, Model};
///
/// let (a, b) = (Input::new([2]).tensor(), Input::new([2]).tensor());
/// let model = Model::new([&a, &b], [&Add::new().call([&a, &b])?])?;
/// let y = model.predict([Tensor::from([[1.0, 2.0]]), Tensor::from([[3.0, 4.0]])])?;
/// assert_eq!(y, Tensor::from([[4.0, 6.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Add`.
pub type Add = Merge<AddOp>;

/// The operation of [`Add`].
#[derive(Debug, Clone, Default)]
pub struct AddOp;

impl MergeOp for AddOp {
    const CLASS_NAME: &'static str = "Add";

    fn merge(xs: Tensors) -> Result<Tensor> {
        fold(xs, |a, b| a + b)
    }

    fn gradients(_: &[Tensor], count: usize, dy: &Tensor) -> Result<Vec<Tensor>> {
        Ok(vec![dy.clone(); count])
    }
}
