//! RepeatVector: a vector at every step of a sequence.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::expect_ndim;
use crate::kernels::{add_repeated, repeat};

/// y\[t, f\] = x\[f\] for each of n steps t.
///
/// From (batch, features) to (batch, n, features).
///
/// ```
/// use ceratops_layers::{Input, RepeatVector, sequential};
///
/// let model = sequential![Input::new([2]), RepeatVector::new(3)]?;
/// assert_eq!(model.predict([[1.0, 2.0]])?, [[[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RepeatVector`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RepeatVector {
    /// How often the vector comes.
    pub n: usize,
}

impl RepeatVector {
    /// The layer that gives its input `n` times.
    pub fn new(n: usize) -> Self {
        Self { n }
    }
}

impl Layer for RepeatVector {
    const CLASS_NAME: &'static str = "RepeatVector";
    /// The shape of the input.
    type Saved = [usize; 2];

    fn validate(&self) -> Result<()> {
        if self.n == 0 || isize::try_from(self.n).is_err() {
            return Err(Error::argument("n", "a positive integer", self.n));
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        expect_ndim(input, 2, "(batch, features)", "put a Flatten above")?;
        Ok(Shape::from([input.axes()[0], Some(self.n), input.axes()[1]]))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<[usize; 2]>)> {
        self.validate()?;
        let &[batch, features] = x.shape() else {
            return Err(Error::shape("input", "(batch, features)", x.shape(), ""));
        };
        let mut y = Tensor::try_for_overwrite(&[batch, self.n, features])?;
        repeat(x.as_slice(), y.as_mut_slice(), &[batch], &[self.n]);
        Ok((y, cx.save(|| [batch, features])))
    }

    fn backward(
        &self,
        [batch, features]: [usize; 2],
        mut dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let mut dx = Tensor::for_overwrite(&[batch, features]);
        add_repeated(dy.as_mut_slice(), dx.as_mut_slice(), &[batch], &[self.n]);
        Ok(Some(dx))
    }
}
