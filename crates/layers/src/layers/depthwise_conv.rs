//! DepthwiseConv1D and DepthwiseConv2D: kernels slide over each channel for itself.

mod depthwise_conv1d;
mod depthwise_conv2d;

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

pub use self::{depthwise_conv1d::DepthwiseConv1D, depthwise_conv2d::DepthwiseConv2D};
use super::{
    built,
    conv::{check_sizes, known_channels, places_of},
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation, DataFormat, Extent, Padding, Rank, WithActivation,
    kernels::{Depthwise, WindowOptions, add_bias_gradient},
};

/// y\[p, g·m + j\] = activation(Σ x\[p·s + k·d, g\] · kernel\[k, g, j\] + bias\[g·m + j\]), summed over the
/// taps k of the kernel, for each channel g and each of its m filters j, with strides s and dilation d
/// along each axis.
///
/// It comes as [`DepthwiseConv1D`] and [`DepthwiseConv2D`]. From (batch, places, channels) to (batch,
/// places, channels · m). Weights: `depthwise_kernel` (taps, channels, m), which Keras 3 calls `kernel`, and
/// `bias` (channels · m,).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct DepthwiseConv<R: DepthwiseRank> {
    /// How many filters each channel has.
    pub depth_multiplier: usize,
    /// The kernel's length along each axis.
    pub kernel_size: Extent<R>,
    /// How far the kernel moves at each step.
    pub strides: Extent<R>,
    /// How the kernel meets the border.
    pub padding: Padding,
    /// Where the channels stand.
    pub data_format: DataFormat,
    /// How far apart the kernel's taps are.
    pub dilation_rate: Extent<R>,
    /// Applied last.
    pub activation: AnyActivation,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// The kernel's first values.
    pub depthwise_initializer: Initializer,
    /// The bias' first values.
    pub bias_initializer: Initializer,
    /// A penalty on the kernel.
    pub depthwise_regularizer: Option<Regularizer>,
    /// A penalty on the bias.
    pub bias_regularizer: Option<Regularizer>,
    /// A penalty on the output, divided by the number of samples.
    pub activity_regularizer: Option<Regularizer>,
    /// A condition on the kernel.
    pub depthwise_constraint: Option<Constraint>,
    /// A condition on the bias.
    pub bias_constraint: Option<Constraint>,
    #[serde(skip)]
    kernel: Option<Param>,
    #[serde(skip)]
    bias: Option<Param>,
}

/// The ranks that have a depthwise convolution.
pub trait DepthwiseRank: Rank {
    /// The name of its class.
    const DEPTHWISE_CONV: &'static str;
}

impl<R: DepthwiseRank> Default for DepthwiseConv<R> {
    fn default() -> Self {
        Self {
            depth_multiplier: 1,
            kernel_size: 0.into(),
            strides: 1.into(),
            padding: Padding::Valid,
            data_format: DataFormat::ChannelsLast,
            dilation_rate: 1.into(),
            activation: AnyActivation::default(),
            use_bias: true,
            depthwise_initializer: "glorot_uniform".into(),
            bias_initializer: "zeros".into(),
            depthwise_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            depthwise_constraint: None,
            bias_constraint: None,
            kernel: None,
            bias: None,
        }
    }
}

impl<R: DepthwiseRank> DepthwiseConv<R> {
    /// A layer with a kernel of size `kernel_size` for each channel, with Keras' defaults.
    pub fn new(kernel_size: impl Into<Extent<R>>) -> Self {
        Self { kernel_size: kernel_size.into(), ..Self::default() }
    }

    builders! {
        depth_multiplier strides padding data_format dilation_rate activation use_bias
        depthwise_initializer bias_initializer depthwise_regularizer bias_regularizer
        activity_regularizer depthwise_constraint bias_constraint
    }

    fn window(&self) -> WindowOptions<R> {
        WindowOptions {
            kernel: self.kernel_size,
            strides: self.strides,
            dilation: self.dilation_rate,
            padding: self.padding,
        }
    }

    /// The convolution of a batch of shape `dims`, whose channels stand last.
    fn convolution(&self, dims: &[usize]) -> Result<Depthwise> {
        let channels = built(self.kernel.as_ref())?.value().shape().iter().nth_back(1);
        let channels = channels.copied().unwrap_or(0);
        let window = self.window().on("kernel", places_of::<R>(dims, channels)?)?;
        Ok(Depthwise { window, channels, multiplier: self.depth_multiplier })
    }

    /// How many channels come out of an input whose channels stand last.
    fn outputs(&self, last: &Shape) -> Result<usize> {
        let channels = known_channels(last)?;
        channels.checked_mul(self.depth_multiplier).filter(|&n| n > 0).ok_or_else(|| {
            let expected =
                format!("a number of filters for {channels} channels that fits in memory");
            Error::argument("depth_multiplier", expected, self.depth_multiplier)
        })
    }

    /// The output's shape before the activation, in this layer's data format.
    fn linear_shape(&self, input: &Shape) -> Result<Shape> {
        let last = self.data_format.places_last::<R>(input)?;
        let window = self.window();
        let output = window.places(&last, Some(self.outputs(&last)?));
        let output = output.ok_or_else(|| window.misfit("kernel", input))?;
        Ok(self.data_format.shape_from_last(&output))
    }

    fn kernel_rules(&self) -> Rules<'_> {
        Rules::new(
            &self.depthwise_initializer,
            &self.depthwise_regularizer,
            &self.depthwise_constraint,
        )
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

impl<R: DepthwiseRank> WithActivation for DepthwiseConv<R> {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: the input (channels last), and what the activation keeps.
#[derive(Debug)]
pub struct SavedDepthwiseConv {
    x: Tensor,
    tail: SavedTail,
}

impl<R: DepthwiseRank> Layer for DepthwiseConv<R> {
    const CLASS_NAME: &'static str = R::DEPTHWISE_CONV;
    type Saved = SavedDepthwiseConv;

    fn validate(&self) -> Result<()> {
        if self.depth_multiplier == 0 {
            let found = self.depth_multiplier;
            return Err(Error::argument("depth_multiplier", "a positive integer", found));
        }
        check_sizes(&self.window())?;
        self.padding.check_not_causal()?;
        self.tail().validate()?;
        self.kernel_rules().validate()?;
        self.bias_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.activation.output_shape(&self.linear_shape(input)?)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let last = self.data_format.shape_to_last(input);
        let (channels, outputs) = (known_channels(&last)?, self.outputs(&last)?);
        let shape = [self.kernel_size.lengths(), &[channels, self.depth_multiplier]].concat();
        self.kernel = Some(self.kernel_rules().weight("depthwise_kernel", &shape, rng)?);
        self.bias = None;
        if self.use_bias {
            self.bias = Some(self.bias_rules().weight("bias", &[outputs], rng)?);
        }
        let output = self.linear_shape(input)?;
        self.activation.build(&output, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedDepthwiseConv>)> {
        let x = self.data_format.channels_to_last(x)?;
        let convolution = self.convolution(x.shape())?;
        let output = convolution.window.output::<R>(x.batch(), convolution.outputs());
        let mut y = Tensor::for_overwrite(&output);
        let bias = self.bias.as_ref().map(Param::value);
        convolution.forward(&x, built(self.kernel.as_ref())?.value(), bias, &mut y);
        let y = self.data_format.channels_from_last(y)?;
        let (y, tail) = self.tail().forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedDepthwiseConv { x, tail })))
    }

    fn backward(
        &self,
        SavedDepthwiseConv { x, tail }: SavedDepthwiseConv,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dz = self.tail().backward(tail, dy, dw)?;
        let dz = self.data_format.channels_to_last(dz)?;
        let convolution = self.convolution(x.shape())?;
        if let Some(dkernel) = dw.get(0) {
            convolution.kernel_gradient(&x, &dz, dkernel);
        }
        // dL/dbias = the sum of dz over the batch and the places
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(1)) {
            add_bias_gradient(&dz, dbias);
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        let mut dx = Tensor::for_overwrite(x.shape());
        convolution.input_gradient(&dz, built(self.kernel.as_ref())?.value(), &mut dx);
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
