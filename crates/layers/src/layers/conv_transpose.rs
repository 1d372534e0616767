//! Conv1DTranspose, Conv2DTranspose and Conv3DTranspose: each input spreads a kernel over the output.

mod conv1d_transpose;
mod conv2d_transpose;
mod conv3d_transpose;
mod lengths;

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

pub use self::{
    conv1d_transpose::Conv1DTranspose, conv2d_transpose::Conv2DTranspose,
    conv3d_transpose::Conv3DTranspose,
};
use super::{
    built,
    conv::{check_sizes, check_strided_or_dilated, known_channels, places_of},
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation, DataFormat, Extent, Padding, Rank, WithActivation,
    kernels::{Convolution, WindowOptions, add_bias, add_bias_gradient},
};

/// y\[q, f\] = activation(Σ x\[p, g\] · kernel\[k, f, g\] + bias\[f\]), summed over all places p, taps k and
/// channels g with p·s + k·d = q + pads: the gradient of a convolution with strides s and dilation d,
/// which leads from its outputs back to its input.
///
/// It comes as [`Conv1DTranspose`], [`Conv2DTranspose`] and [`Conv3DTranspose`]. From (batch, places,
/// channels) to (batch, places, filters). Weights: `kernel` (taps, filters, channels) and `bias`
/// (filters,).
///
/// Along an axis of n places a kernel of length k, which spans k' = (k - 1)·d + 1, gives (n - 1)·s +
/// max(k', s) with [`Padding::Valid`] and n·s with [`Padding::Same`]; with an `output_padding` of p it
/// gives (n - 1)·s + k' + p and (n - 1)·s + k' mod 2 + p.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct ConvTranspose<R: TransposeRank> {
    /// How many output channels.
    pub filters: usize,
    /// The kernel's length along each axis.
    pub kernel_size: Extent<R>,
    /// How far apart the inputs spread their kernels.
    pub strides: Extent<R>,
    /// How the kernel meets the border of the output.
    pub padding: Padding,
    /// How much longer the output is than the shortest that is possible.
    pub output_padding: Option<Extent<R>>,
    /// Where the channels stand.
    pub data_format: DataFormat,
    /// How far apart the kernel's taps are.
    pub dilation_rate: Extent<R>,
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

/// The ranks that have a transposed convolution.
pub trait TransposeRank: Rank {
    /// The name of its class.
    const CONV_TRANSPOSE: &'static str;
}

impl<R: TransposeRank> Default for ConvTranspose<R> {
    fn default() -> Self {
        Self {
            filters: 0,
            kernel_size: 0.into(),
            strides: 1.into(),
            padding: Padding::Valid,
            output_padding: None,
            data_format: DataFormat::ChannelsLast,
            dilation_rate: 1.into(),
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

impl<R: TransposeRank> ConvTranspose<R> {
    /// A layer of `filters` kernels of size `kernel_size`, with Keras' defaults.
    pub fn new(filters: usize, kernel_size: impl Into<Extent<R>>) -> Self {
        Self { filters, kernel_size: kernel_size.into(), ..Self::default() }
    }

    builders! {
        strides padding data_format dilation_rate activation use_bias kernel_initializer
        bias_initializer kernel_regularizer bias_regularizer activity_regularizer kernel_constraint
        bias_constraint
    }

    /// Makes the output so much longer than the shortest that is possible.
    #[must_use]
    pub fn output_padding(self, output_padding: impl Into<Extent<R>>) -> Self {
        Self { output_padding: Some(output_padding.into()), ..self }
    }

    /// The window of the convolution from the output to the input.
    fn window(&self) -> WindowOptions<R> {
        WindowOptions {
            kernel: self.kernel_size,
            strides: self.strides,
            dilation: self.dilation_rate,
            padding: self.padding,
        }
    }

    /// The convolution whose gradient this is, for an input of shape `dims`, whose channels stand last.
    fn convolution(&self, dims: &[usize]) -> Result<Convolution> {
        let filters = built(self.kernel.as_ref())?.value().shape().last();
        let filters = filters.copied().unwrap_or(0);
        let input = Shape::of(places_of::<R>(dims, filters)?);
        let output = self.shape_of_last(&input)?;
        let lengths: Vec<usize> = output.axes().iter().map(|len| len.unwrap_or(0)).collect();
        let window = self.window().on("kernel", &lengths)?;
        let window = match self.padding {
            Padding::Same => window.at_places::<R>(&dims[1..dims.len() - 1]),
            _ => window,
        };
        Ok(Convolution { window, channels: self.filters, filters, groups: 1 })
    }

    /// The output's shape before the activation, in this layer's data format.
    fn linear_shape(&self, input: &Shape) -> Result<Shape> {
        let last = self.data_format.places_last::<R>(input)?;
        known_channels(&last)?;
        Ok(self.data_format.shape_from_last(&self.shape_of_last(&last)?))
    }

    fn kernel_rules(&self) -> Rules<'_> {
        Rules::new(&self.kernel_initializer, &self.kernel_regularizer, &self.kernel_constraint)
    }

    fn bias_rules(&self) -> Rules<'_> {
        Rules::new(&self.bias_initializer, &self.bias_regularizer, &self.bias_constraint)
    }

    /// The layer's weights without those of its activation.
    fn own(&self) -> impl Iterator<Item = &Param> {
        self.kernel.iter().chain(&self.bias)
    }

    fn tail(&self) -> Tail<'_> {
        Tail {
            activation: &self.activation,
            regularizer: self.activity_regularizer.as_ref(),
            own: self.own().count(),
        }
    }
}

impl<R: TransposeRank> WithActivation for ConvTranspose<R> {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: the input (channels last), and what the activation keeps.
#[derive(Debug)]
pub struct SavedConvTranspose {
    x: Tensor,
    tail: SavedTail,
}

impl<R: TransposeRank> Layer for ConvTranspose<R> {
    const CLASS_NAME: &'static str = R::CONV_TRANSPOSE;
    type Saved = SavedConvTranspose;

    fn validate(&self) -> Result<()> {
        if self.filters == 0 {
            return Err(Error::argument("filters", "a positive integer", self.filters));
        }
        check_sizes(&self.window())?;
        self.padding.check_not_causal()?;
        check_strided_or_dilated(self.strides, self.dilation_rate)?;
        self.check_output_padding()?;
        self.tail().validate()?;
        self.kernel_rules().validate()?;
        self.bias_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.activation.output_shape(&self.linear_shape(input)?)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let channels = known_channels(&self.data_format.shape_to_last(input))?;
        let shape = [self.kernel_size.lengths(), &[self.filters, channels]].concat();
        self.kernel = Some(self.kernel_rules().weight("kernel", &shape, rng)?);
        self.bias = None;
        if self.use_bias {
            self.bias = Some(self.bias_rules().weight("bias", &[self.filters], rng)?);
        }
        let output = self.linear_shape(input)?;
        self.activation.build(&output, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedConvTranspose>)> {
        let x = self.data_format.channels_to_last(x)?;
        let convolution = self.convolution(x.shape())?;
        let mut y = zeros(&convolution.window.input::<R>(x.batch(), self.filters))?;
        convolution.input_gradient(&x, built(self.kernel.as_ref())?, &mut y);
        if let Some(bias) = &self.bias {
            add_bias(&mut y, bias.value());
        }
        let y = self.data_format.channels_from_last(y)?;
        let (y, tail) = self.tail().forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedConvTranspose { x, tail })))
    }

    fn backward(
        &self,
        SavedConvTranspose { x, tail }: SavedConvTranspose,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dz = self.tail().backward(tail, dy, dw)?;
        let dz = self.data_format.channels_to_last(dz)?;
        let convolution = self.convolution(x.shape())?;
        // Here dz is what the convolution sees, and x the gradient of what it gives.
        if let Some(dkernel) = dw.get(0) {
            convolution.kernel_gradient(&dz, &x, dkernel);
        }
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(1)) {
            add_bias_gradient(&dz, dbias);
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        let mut dx = Tensor::for_overwrite(x.shape());
        convolution.forward(&dz, built(self.kernel.as_ref())?, None, &mut dx);
        self.data_format.channels_from_last(dx).map(Some)
    }

    fn params(&self) -> Vec<&Param> {
        self.own().chain(self.activation.params()).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        let own = self.kernel.iter_mut().chain(&mut self.bias);
        own.chain(self.activation.params_mut()).collect()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        self.activation.parts_behind(self.own().collect())
    }

    fn couples_samples(&self) -> bool {
        self.activation.couples_samples()
    }

    fn closing_activation(&self) -> Option<Closing> {
        self.tail().closing()
    }
}

/// More numbers than this are asked of the system first, since strides may ask for any number.
const MANY: usize = 1 << 26;

/// All zeros, or an error where memory does not suffice.
fn zeros(shape: &[usize]) -> Result<Tensor> {
    let len = shape.iter().try_fold(1usize, |len, n| len.checked_mul(*n));
    if len.is_some_and(|len| len <= MANY) {
        return Ok(Tensor::zeros(shape));
    }
    Tensor::try_full(shape, 0.0)
}
