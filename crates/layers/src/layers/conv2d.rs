//! Conv2D: a kernel slides over an image.

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::{
    built, expect_ndim,
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation, DataFormat, Padding, Size, WithActivation,
    kernels::{Convolution, WindowOptions, add_bias_gradient},
};

/// y\[r, c, f\] = activation(Σ x\[r·s + i·d, c·s + j·d, g\] · kernel\[i, j, g, f\] + bias\[f\]), summed over
/// the kernel's rows i and columns j and the input channels g, with strides s and dilation d.
///
/// From (batch, height, width, channels) to (batch, rows, columns, filters). Weights: `kernel`
/// (kernel height, kernel width, channels / groups, filters) and `bias` (filters,).
///
/// A 3 x 3 kernel with stride 1 whose channels and filters come in sixteens is calculated by
/// Winograd's method: the error is a few times that of the plain sum (below 1e-5 of the largest
/// output in all sizes tried), and a NaN or an infinity in the image reaches the 4 x 4 outputs of
/// each tile that sees it.
///
/// ```
/// use ceratops_layers::{Conv2D, Padding};
///
/// let layer = Conv2D::new(32, 3).padding(Padding::Same).activation("relu");
/// assert_eq!(layer.filters, 32);
/// ```
///
/// Source: Keras, `keras.layers.Conv2D`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Conv2D {
    /// How many output channels.
    pub filters: usize,
    /// The kernel's height and width.
    pub kernel_size: Size,
    /// How far the kernel moves at each step.
    pub strides: Size,
    /// How the kernel meets the border.
    pub padding: Padding,
    /// Where the channels stand.
    pub data_format: DataFormat,
    /// How far apart the kernel's taps are.
    pub dilation_rate: Size,
    /// Into how many groups the channels are split, each with filters of its own.
    pub groups: usize,
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

impl Default for Conv2D {
    fn default() -> Self {
        Self {
            filters: 0,
            kernel_size: 0.into(),
            strides: 1.into(),
            padding: Padding::Valid,
            data_format: DataFormat::ChannelsLast,
            dilation_rate: 1.into(),
            groups: 1,
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

impl Conv2D {
    /// A layer of `filters` kernels of size `kernel_size` (3, or `[3, 5]`), with Keras' defaults.
    pub fn new(filters: usize, kernel_size: impl Into<Size>) -> Self {
        Self { filters, kernel_size: kernel_size.into(), ..Self::default() }
    }

    builders! {
        data_format activation use_bias kernel_initializer bias_initializer
        kernel_regularizer bias_regularizer activity_regularizer kernel_constraint
        bias_constraint
    }

    /// Moves the kernel so far at each step.
    #[must_use]
    pub fn strides(self, strides: impl Into<Size>) -> Self {
        Self { strides: strides.into(), ..self }
    }

    /// Treats the border so.
    #[must_use]
    pub fn padding(self, padding: Padding) -> Self {
        Self { padding, ..self }
    }

    /// Spreads the kernel's taps so far apart.
    #[must_use]
    pub fn dilation_rate(self, dilation_rate: impl Into<Size>) -> Self {
        Self { dilation_rate: dilation_rate.into(), ..self }
    }

    /// Splits the channels into so many groups.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    fn window(&self) -> WindowOptions {
        WindowOptions {
            kernel: self.kernel_size,
            strides: self.strides,
            dilation: self.dilation_rate,
            padding: self.padding,
        }
    }

    fn convolution(&self) -> Convolution {
        Convolution { window: self.window(), filters: self.filters, groups: self.groups }
    }

    /// The output's shape before the activation, in this layer's data format.
    fn linear_shape(&self, input: &Shape) -> Result<Shape> {
        let axes = match self.data_format {
            DataFormat::ChannelsLast => "(batch, height, width, channels)",
            DataFormat::ChannelsFirst => "(batch, channels, height, width)",
        };
        expect_ndim(input, 4, axes, "add the missing axis with Reshape, or in the Input")?;
        let last = self.data_format.shape_to_last(input);
        self.channels(&last)?;
        let window = self.window();
        let [rows, columns] = window.places(&last).ok_or_else(|| window.misfit("kernel", input))?;
        let output = Shape::from([last.axes()[0], rows, columns, Some(self.filters)]);
        Ok(self.data_format.shape_from_last(&output))
    }

    /// The channels of an input whose channels stand last.
    fn channels(&self, last: &Shape) -> Result<usize> {
        let channels = last.last().ok_or_else(|| {
            Error::argument("input_shape", "a known number of channels", last)
                .with_help("set it in the Input: the kernel's size depends on it")
        })?;
        if channels == 0 || !channels.is_multiple_of(self.groups) {
            let expected = format!("a divisor of the input's {channels} channels");
            return Err(Error::argument("groups", expected, self.groups));
        }
        Ok(channels)
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

impl WithActivation for Conv2D {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: the input (channels last), and what the activation keeps.
#[derive(Debug)]
pub struct SavedConv2D {
    x: Tensor,
    tail: SavedTail,
}

impl Layer for Conv2D {
    const CLASS_NAME: &'static str = "Conv2D";
    type Saved = SavedConv2D;

    fn validate(&self) -> Result<()> {
        if self.filters == 0 {
            return Err(Error::argument("filters", "a positive integer", self.filters));
        }
        for (argument, size) in [
            ("kernel_size", self.kernel_size),
            ("strides", self.strides),
            ("dilation_rate", self.dilation_rate),
        ] {
            if size.is_zero() {
                return Err(Error::argument(argument, "positive integers", size));
            }
        }
        if self.groups == 0 || !self.filters.is_multiple_of(self.groups) {
            let expected = format!("a positive divisor of the {} filters", self.filters);
            return Err(Error::argument("groups", expected, self.groups));
        }
        if self.strides != 1.into() && self.dilation_rate != 1.into() {
            let expected = "1 where `strides` is not 1";
            return Err(Error::argument("dilation_rate", expected, self.dilation_rate)
                .with_help("a convolution is either strided or dilated"));
        }
        self.tail().validate()?;
        self.kernel_rules().validate()?;
        self.bias_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.activation.output_shape(&self.linear_shape(input)?)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let depth = self.channels(&self.data_format.shape_to_last(input))? / self.groups;
        let Size { height, width } = self.kernel_size;
        let shape = [height, width, depth, self.filters];
        self.kernel = Some(self.kernel_rules().weight("kernel", &shape, rng)?);
        self.bias = None;
        if self.use_bias {
            self.bias = Some(self.bias_rules().weight("bias", &[self.filters], rng)?);
        }
        let output = self.linear_shape(input)?;
        self.activation.build(&output, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedConv2D>)> {
        let x = self.data_format.channels_to_last(x)?;
        let bias = self.bias.as_ref().map(Param::value);
        let y = self.convolution().forward(&x, built(self.kernel.as_ref())?, bias)?;
        let y = self.data_format.channels_from_last(y)?;
        let (y, tail) = self.tail().forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedConv2D { x, tail })))
    }

    fn backward(
        &self,
        SavedConv2D { x, tail }: SavedConv2D,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dz = self.tail().backward(tail, dy, dw)?;
        let dz = self.data_format.channels_to_last(dz)?;
        // dL/dbias = the sum of dz over the batch and the places
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(1)) {
            add_bias_gradient(&dz, dbias);
        }
        let kernel = built(self.kernel.as_ref())?;
        let wants_dx = dw.wants_dx();
        let dx = self.convolution().backward(&x, kernel, &dz, dw.get(0), wants_dx)?;
        dx.map(|dx| self.data_format.channels_from_last(dx)).transpose()
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
