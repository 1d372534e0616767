//! EinsumDense: a dense layer along any axes.

mod equation;

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Deserializer, Serialize};

use self::equation::{Equation, Sizes};
use super::{
    built,
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation, WithActivation,
    kernels::{add_bias, add_bias_gradient},
};

/// y = activation(einsum(equation, x, kernel) + bias): products of input and kernel, summed along the axes
/// that the output lacks.
///
/// The equation names each axis of the input, the kernel and the output by a letter; `...` stands for axes
/// at the beginning, or at the end, that stay as they are. The first axis is the batch. `output_shape` has
/// the lengths of the output's axes without the batch and those of `...`; `None` where it is the input's.
///
/// | equation | | kernel |
/// |---|---|---|
/// | `ab,bc->ac` | as [`Dense`](crate::Dense) | (inputs, units) |
/// | `abc,cde->abde` | the vectors of a sequence as several heads | (features, heads, units) |
/// | `...x,xy->...y` | along the last of any number of axes | (inputs, units) |
///
/// Weights: `kernel` and, if `bias_axes` names axes of the output, `bias`, which has these and 1 for each
/// axis behind the first of them that is not named.
///
/// ```
/// use ceratops_layers::{EinsumDense, Input, sequential};
///
/// let layer = EinsumDense::new("abc,cd->abd", [None, Some(4)]).bias_axes("d");
/// let model = sequential![Input::new([5, 8]), layer]?;
/// assert_eq!(model.count_params(), 8 * 4 + 4);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.EinsumDense`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct EinsumDense {
    /// The lengths of the output's axes, without the batch and what `...` stands for.
    #[serde(deserialize_with = "one_or_several")]
    pub output_shape: Vec<Option<usize>>,
    /// Which axes are multiplied and summed.
    pub equation: String,
    /// Applied last.
    pub activation: AnyActivation,
    /// The axes of the output along which there is a bias; none by default.
    pub bias_axes: Option<String>,
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

impl Default for EinsumDense {
    fn default() -> Self {
        Self {
            output_shape: Vec::new(),
            equation: String::new(),
            activation: AnyActivation::default(),
            bias_axes: None,
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

impl EinsumDense {
    /// The layer of this equation and this output, linear, without a bias.
    pub fn new(equation: impl Into<String>, output_shape: impl Into<Vec<Option<usize>>>) -> Self {
        let (equation, output_shape) = (equation.into(), output_shape.into());
        Self { equation, output_shape, ..Self::default() }
    }

    builders! {
        activation kernel_initializer bias_initializer kernel_regularizer bias_regularizer
        activity_regularizer kernel_constraint bias_constraint
    }

    /// Adds a bias along these axes of the output: `"d"`.
    #[must_use]
    pub fn bias_axes(self, bias_axes: impl Into<String>) -> Self {
        Self { bias_axes: Some(bias_axes.into()), ..self }
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

    /// The equation for an input of so many axes.
    fn parsed(&self, ndim: usize) -> Result<Equation> {
        Equation::parse(&self.equation, ndim)
    }
}

impl WithActivation for EinsumDense {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: the input, and what the activation keeps.
#[derive(Debug)]
pub struct SavedEinsum {
    x: Tensor,
    tail: SavedTail,
}

impl Layer for EinsumDense {
    const CLASS_NAME: &'static str = "EinsumDense";
    type Saved = SavedEinsum;

    fn validate(&self) -> Result<()> {
        Equation::check(&self.equation, self.bias_axes.as_deref())?;
        self.tail().validate()?;
        self.kernel_rules().validate()?;
        self.bias_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let output = self.parsed(input.ndim())?.output_shape(input, &self.output_shape)?;
        self.activation.output_shape(&output)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let equation = self.parsed(input.ndim())?;
        let output = equation.output_shape(input, &self.output_shape)?;
        let (shape, summed) = equation.kernel_shape(input, &output)?;
        self.kernel = Some(self.kernel_rules().kernel("kernel", &shape, &summed, rng)?);
        self.bias = None;
        if let Some(axes) = &self.bias_axes {
            let shape = equation.bias_shape(&output, axes)?;
            self.bias = Some(self.bias_rules().weight("bias", &shape, rng)?);
        }
        self.activation.build(&output, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedEinsum>)> {
        let kernel = built(self.kernel.as_ref())?.value();
        let equation = self.parsed(x.ndim())?;
        let sizes = equation.sizes(x.shape(), kernel.shape())?;
        let mut y = equation.product(&x, kernel, &sizes)?;
        y = match self.bias.as_ref().map(Param::value) {
            Some(bias) if is_tail(bias.shape(), y.shape()) => {
                add_bias(&mut y, bias);
                y
            }
            Some(bias) => y.broadcast_map(bias, |y, bias| y + bias)?,
            None => y.flushed(),
        };
        let (y, tail) = self.tail().forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedEinsum { x, tail })))
    }

    fn backward(
        &self,
        saved: SavedEinsum,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let kernel = built(self.kernel.as_ref())?.value();
        let dz = self.tail().backward(saved.tail, dy, dw)?;
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(1)) {
            if is_tail(dbias.shape(), dz.shape()) {
                add_bias_gradient(&dz, dbias);
            } else {
                let sum = dz.clone().sum_to(dbias.shape())?;
                dbias.add_scaled(1.0, &sum)?;
            }
        }
        let equation = self.parsed(saved.x.ndim())?;
        let sizes: Sizes = equation.sizes(saved.x.shape(), kernel.shape())?;
        if let Some(dkernel) = dw.get(0) {
            dkernel.add_scaled(1.0, &equation.kernel_gradient(&saved.x, &dz, &sizes)?)?;
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        equation.input_gradient(&dz, kernel, saved.x.shape(), &sizes).map(Some)
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

/// Whether a bias of shape `own` is one number for each place of the last axes of `all`.
fn is_tail(own: &[usize], all: &[usize]) -> bool {
    all.ends_with(own)
}

/// A length, or a list of lengths, each of which may be null.
fn one_or_several<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Option<usize>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a length or a list of lengths")]
    enum Form {
        One(usize),
        Several(Vec<Option<usize>>),
    }
    Ok(match Form::deserialize(deserializer)? {
        Form::One(one) => vec![Some(one)],
        Form::Several(several) => several,
    })
}

/// The error for an equation that cannot be read.
fn wrong(equation: &str, why: impl Into<String>) -> Error {
    let expected = "axes as letters, \"ab,bc->ac\", \"...b,bc->...c\" or \"ab...,bc->ac...\"";
    Error::argument("equation", expected, equation).with_help(why)
}
