//! Conv1D, Conv2D and Conv3D: a kernel slides over a sequence, an image or a volume.

mod conv1d;
mod conv2d;
mod conv3d;
mod shared;

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

pub(super) use self::shared::{check_sizes, check_strided_or_dilated, known_channels, places_of};
pub use self::{conv1d::Conv1D, conv2d::Conv2D, conv3d::Conv3D};
use super::{
    built,
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation, DataFormat, Extent, Padding, Rank, WithActivation,
    kernels::{Convolution, WindowOptions, add_bias_gradient},
};

/// y\[p, f\] = activation(Σ x\[p·s + k·d, g\] · kernel\[k, g, f\] + bias\[f\]), summed over the taps k of the
/// kernel and the input channels g, with strides s and dilation d along each axis.
///
/// It comes as [`Conv1D`], [`Conv2D`] and [`Conv3D`]: a place p has one, two or three coordinates, and
/// so has a tap. From (batch, places, channels) to (batch, places, filters). Weights: `kernel` (taps,
/// channels / groups, filters) and `bias` (filters,).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct Conv<R: ConvRank> {
    /// How many output channels.
    pub filters: usize,
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

/// The ranks that have a convolution.
pub trait ConvRank: Rank {
    /// The name of its class.
    const CONV: &'static str;
}

impl<R: ConvRank> Default for Conv<R> {
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

impl<R: ConvRank> Conv<R> {
    /// A layer of `filters` kernels of size `kernel_size`, which is one number for all axes or one for
    /// each, with Keras' defaults.
    pub fn new(filters: usize, kernel_size: impl Into<Extent<R>>) -> Self {
        Self { filters, kernel_size: kernel_size.into(), ..Self::default() }
    }

    builders! {
        strides padding data_format dilation_rate groups activation use_bias kernel_initializer
        bias_initializer kernel_regularizer bias_regularizer activity_regularizer kernel_constraint
        bias_constraint
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
    fn convolution(&self, dims: &[usize]) -> Result<Convolution> {
        let depth = built(self.kernel.as_ref())?.value().shape().iter().nth_back(1);
        let channels = depth.map_or(0, |depth| depth * self.groups);
        let batch = places_of::<R>(dims, channels)?;
        let window = self.window().on("kernel", batch)?;
        Ok(Convolution { window, channels, filters: self.filters, groups: self.groups })
    }

    /// The output's shape before the activation, in this layer's data format.
    fn linear_shape(&self, input: &Shape) -> Result<Shape> {
        let last = self.data_format.places_last::<R>(input)?;
        self.channels(&last)?;
        let window = self.window();
        let output = window.places(&last, Some(self.filters));
        let output = output.ok_or_else(|| window.misfit("kernel", input))?;
        Ok(self.data_format.shape_from_last(&output))
    }

    /// The channels of an input whose channels stand last.
    fn channels(&self, last: &Shape) -> Result<usize> {
        let channels = known_channels(last)?;
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

impl<R: ConvRank> WithActivation for Conv<R> {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: the input (channels last), and what the activation keeps.
#[derive(Debug)]
pub struct SavedConv {
    x: Tensor,
    tail: SavedTail,
}

impl<R: ConvRank> Layer for Conv<R> {
    const CLASS_NAME: &'static str = R::CONV;
    type Saved = SavedConv;

    fn validate(&self) -> Result<()> {
        if self.filters == 0 {
            return Err(Error::argument("filters", "a positive integer", self.filters));
        }
        check_sizes(&self.window())?;
        if self.groups == 0 || !self.filters.is_multiple_of(self.groups) {
            let expected = format!("a positive divisor of the {} filters", self.filters);
            return Err(Error::argument("groups", expected, self.groups));
        }
        check_strided_or_dilated(self.strides, self.dilation_rate)?;
        if R::AXES > 1 {
            self.padding.check_not_causal()?;
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
        let shape = [self.kernel_size.lengths(), &[depth, self.filters]].concat();
        self.kernel = Some(self.kernel_rules().weight("kernel", &shape, rng)?);
        self.bias = None;
        if self.use_bias {
            self.bias = Some(self.bias_rules().weight("bias", &[self.filters], rng)?);
        }
        let output = self.linear_shape(input)?;
        self.activation.build(&output, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedConv>)> {
        let x = self.data_format.channels_to_last(x)?;
        let convolution = self.convolution(x.shape())?;
        let bias = self.bias.as_ref().map(Param::value);
        let output = convolution.window.output::<R>(x.batch(), self.filters);
        let mut y = Tensor::for_overwrite(&output);
        convolution.forward(&x, built(self.kernel.as_ref())?, bias, &mut y);
        let y = self.data_format.channels_from_last(y)?;
        let (y, tail) = self.tail().forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedConv { x, tail })))
    }

    fn backward(
        &self,
        SavedConv { x, tail }: SavedConv,
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
        let mut dx = Tensor::zeros(x.shape());
        convolution.input_gradient(&dz, built(self.kernel.as_ref())?, &mut dx);
        self.data_format.channels_from_last(dx).map(Some)
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
