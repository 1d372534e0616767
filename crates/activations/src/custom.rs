//! Activations that users write.

use ceratops_core::{Error, Result, Shape, Tensor};

type Forward = dyn Fn(Tensor) -> Result<Tensor> + Send + Sync;
type Backward = dyn Fn(&Tensor, Tensor) -> Result<Tensor> + Send + Sync;

/// A named pair of closures.
pub(crate) struct Custom {
    pub(crate) name: String,
    forward: Box<Forward>,
    backward: Box<Backward>,
}

impl Custom {
    pub(crate) fn new(
        name: String,
        forward: impl Fn(Tensor) -> Result<Tensor> + Send + Sync + 'static,
        backward: impl Fn(&Tensor, Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Result<Self> {
        if name.trim().is_empty() {
            let expected = "a name for the activation, such as `mypackage>wavy`";
            return Err(Error::argument("name", expected, format!("{name:?}")));
        }
        Ok(Self { name, forward: Box::new(forward), backward: Box::new(backward) })
    }

    pub(crate) fn call(&self, x: Tensor) -> Result<Tensor> {
        let shape = x.shape().to_vec();
        self.checked("y", &shape, (self.forward)(x)?)
    }

    pub(crate) fn backward(&self, x: &Tensor, dy: Tensor) -> Result<Tensor> {
        self.checked("dx", x.shape(), (self.backward)(x, dy)?)
    }

    /// Holds the closures to what `output_shape` promises.
    fn checked(&self, what: &str, shape: &[usize], result: Tensor) -> Result<Tensor> {
        if result.shape() == shape {
            return Ok(result);
        }
        let what = format!("{what} of activation `{}`", self.name);
        let help = "a custom activation keeps the shape; write a layer for one that does not";
        Err(Error::shape(what, Shape::of(shape), result.shape(), help))
    }
}
