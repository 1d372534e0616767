//! Dense: every output sees every input.

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::{
    built,
    rules::Rules,
    shape_error,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation, WithActivation,
    kernels::{Matrix, MatrixMut, add_bias, add_bias_gradient, matmul, matmul_add},
};

/// y = activation(x · kernel + bias), from (batch, ..., inputs) to (batch, ..., units).
///
/// Weights: `kernel` (inputs, units) and `bias` (units,).
///
/// ```
/// use ceratops_layers::Dense;
///
/// let layer = Dense::new(10).activation("softmax").kernel_regularizer("l2");
/// assert_eq!(layer.units, 10);
/// ```
///
/// Source: Keras, `keras.layers.Dense`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Dense {
    /// How many outputs.
    pub units: usize,
    /// Applied last.
    pub activation: AnyActivation,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// The kernel's first values.
    pub kernel_initializer: Initializer,
    /// The bias' first values.
    pub bias_initializer: Initializer,
    /// A penalty on the kernel.
    pub kernel_regularizer: Option<Regularizer>,
    /// A penalty on the bias.
    pub bias_regularizer: Option<Regularizer>,
    /// A penalty on the output, divided by the number of samples.
    pub activity_regularizer: Option<Regularizer>,
    /// A condition on the kernel.
    pub kernel_constraint: Option<Constraint>,
    /// A condition on the bias.
    pub bias_constraint: Option<Constraint>,
    #[serde(skip)]
    kernel: Option<Param>,
    #[serde(skip)]
    bias: Option<Param>,
}

impl Default for Dense {
    fn default() -> Self {
        Self {
            units: 0,
            activation: AnyActivation::default(),
            use_bias: true,
            kernel_initializer: "glorot_uniform".into(),
            bias_initializer: "zeros".into(),
            kernel_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            kernel_constraint: None,
            bias_constraint: None,
            kernel: None,
            bias: None,
        }
    }
}

impl Dense {
    /// A layer of `units` outputs, linear, with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self { units, ..Self::default() }
    }

    builders! {
        activation use_bias kernel_initializer bias_initializer kernel_regularizer
        bias_regularizer activity_regularizer kernel_constraint bias_constraint
    }

    fn kernel_rules(&self) -> Rules<'_> {
        Rules::new(&self.kernel_initializer, &self.kernel_regularizer, &self.kernel_constraint)
    }

    fn bias_rules(&self) -> Rules<'_> {
        Rules::new(&self.bias_initializer, &self.bias_regularizer, &self.bias_constraint)
    }

    fn tail(&self) -> Tail<'_> {
        Tail {
            activation: &self.activation,
            regularizer: self.activity_regularizer.as_ref(),
            own: self.kernel.iter().chain(&self.bias).count(),
        }
    }
}

impl WithActivation for Dense {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: the input, and what the activation keeps.
#[derive(Debug)]
pub struct SavedDense {
    x: Tensor,
    tail: SavedTail,
}

impl Layer for Dense {
    const CLASS_NAME: &'static str = "Dense";
    const KEEPS_MASK: bool = true;
    type Saved = SavedDense;

    fn validate(&self) -> Result<()> {
        if self.units == 0 {
            return Err(Error::argument("units", "a positive integer", self.units));
        }
        self.tail().validate()?;
        self.kernel_rules().validate()?;
        self.bias_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if input.ndim() < 2 {
            let expected = "(batch, ..., inputs)";
            let help = "give the input at least one axis behind the batch axis";
            return Err(shape_error(input, expected, help));
        }
        self.activation.output_shape(&input.with_axis(input.ndim() - 1, Some(self.units)))
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let inputs = input.last().ok_or_else(|| {
            Error::argument("input_shape", "a known length of the last axis", input)
                .with_help("set it in the Input: the kernel's size depends on it")
        })?;
        let shape = [inputs, self.units];
        self.kernel = Some(self.kernel_rules().weight("kernel", &shape, rng)?);
        self.bias = None;
        if self.use_bias {
            self.bias = Some(self.bias_rules().weight("bias", &[self.units], rng)?);
        }
        let output = input.with_axis(input.ndim() - 1, Some(self.units));
        self.activation.build(&output, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedDense>)> {
        let kernel = built(self.kernel.as_ref())?.value();
        let &[inputs, units] = kernel.shape() else { return Err(misshapen(kernel)) };
        let rows = rows(&x, inputs)?;
        let lead = &x.shape()[..x.ndim() - 1];
        let mut y = Tensor::for_overwrite(&[lead.iter().product(), units]);
        matmul(
            rows,
            Matrix::new(kernel.as_slice(), units),
            MatrixMut::new(y.as_mut_slice(), units),
        );
        if let Some(bias) = &self.bias {
            add_bias(&mut y, bias.value());
        } else {
            y = y.flushed();
        }
        if lead.len() > 1 {
            y = y.reshape(&[lead, &[units]].concat())?;
        }
        let (y, tail) = self.tail().forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedDense { x, tail })))
    }

    fn backward(
        &self,
        saved: SavedDense,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let kernel = built(self.kernel.as_ref())?.value();
        let &[inputs, units] = kernel.shape() else { return Err(misshapen(kernel)) };
        let dz = self.tail().backward(saved.tail, dy, dw)?;
        // dL/dbias = the sum of dz over the rows
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(1)) {
            add_bias_gradient(&dz, dbias);
        }
        let (x, dz) = (rows(&saved.x, inputs)?, rows(&dz, units)?);
        // dL/dkernel = xᵀ · dz
        if let Some(dkernel) = dw.get(0) {
            matmul_add(x.transposed(), dz, MatrixMut::new(dkernel.as_mut_slice(), units));
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        // dL/dx = dz · kernelᵀ
        let mut dx = Tensor::for_overwrite(saved.x.shape());
        let kernel = Matrix::new(kernel.as_slice(), units);
        matmul(dz, kernel.transposed(), MatrixMut::new(dx.as_mut_slice(), inputs));
        Ok(Some(dx))
    }

    fn params(&self) -> Vec<&Param> {
        let own = self.kernel.iter().chain(&self.bias);
        own.chain(self.activation.params()).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        let own = self.kernel.iter_mut().chain(&mut self.bias);
        own.chain(self.activation.params_mut()).collect()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        self.activation.parts_behind(self.kernel.iter().chain(&self.bias).collect())
    }

    fn couples_samples(&self) -> bool {
        self.activation.couples_samples()
    }

    fn closing_activation(&self) -> Option<Closing> {
        self.tail().closing()
    }
}

/// `x` as a matrix with one row for each vector of its last axis.
fn rows(x: &Tensor, inputs: usize) -> Result<Matrix<'_>> {
    if x.shape().last() != Some(&inputs) || x.ndim() < 2 {
        let expected = format!("(batch, ..., {inputs})");
        return Err(Error::shape("input", expected, x.shape(), ""));
    }
    Ok(Matrix::new(x.as_slice(), inputs))
}

/// The error for a kernel that was given another number of axes.
fn misshapen(kernel: &Tensor) -> Error {
    Error::shape("kernel", "(inputs, units)", kernel.shape(), "")
}
