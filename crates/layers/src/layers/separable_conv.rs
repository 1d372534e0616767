//! SeparableConv1D and SeparableConv2D: kernels slide over each channel for itself, and what comes of
//! it is mixed at each place.

mod separable_conv1d;
mod separable_conv2d;

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

pub use self::{separable_conv1d::SeparableConv1D, separable_conv2d::SeparableConv2D};
use super::{
    built,
    conv::{check_sizes, known_channels, places_of},
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation, DataFormat, Extent, Padding, Rank, WithActivation,
    kernels::{
        Depthwise, Matrix, MatrixMut, WindowOptions, add_bias, add_bias_gradient, matmul,
        matmul_add,
    },
};

/// y\[p, f\] = activation(Σ h\[p, c\] · pointwise\[c, f\] + bias\[f\]), where h\[p, g·m + j\] = Σ x\[p·s + k·d, g\] ·
/// depthwise\[k, g, j\]: a depthwise convolution, and a product at each place.
///
/// It comes as [`SeparableConv1D`] and [`SeparableConv2D`]. From (batch, places, channels) to (batch,
/// places, filters). Weights: `depthwise_kernel` (taps, channels, m), `pointwise_kernel` (1.., channels · m,
/// filters) and `bias` (filters,).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct SeparableConv<R: SeparableRank> {
    /// How many filters each channel has, before they are mixed.
    pub depth_multiplier: usize,
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
    /// Applied last.
    pub activation: AnyActivation,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// The depthwise kernel's first values.
    pub depthwise_initializer: Initializer,
    /// The pointwise kernel's first values.
    pub pointwise_initializer: Initializer,
    /// The bias' first values.
    pub bias_initializer: Initializer,
    /// A penalty on the depthwise kernel.
    pub depthwise_regularizer: Option<Regularizer>,
    /// A penalty on the pointwise kernel.
    pub pointwise_regularizer: Option<Regularizer>,
    /// A penalty on the bias.
    pub bias_regularizer: Option<Regularizer>,
    /// A penalty on the output, divided by the number of samples.
    pub activity_regularizer: Option<Regularizer>,
    /// A condition on the depthwise kernel.
    pub depthwise_constraint: Option<Constraint>,
    /// A condition on the pointwise kernel.
    pub pointwise_constraint: Option<Constraint>,
    /// A condition on the bias.
    pub bias_constraint: Option<Constraint>,
    #[serde(skip)]
    depthwise: Option<Param>,
    #[serde(skip)]
    pointwise: Option<Param>,
    #[serde(skip)]
    bias: Option<Param>,
}

/// The ranks that have a separable convolution.
pub trait SeparableRank: Rank {
    /// The name of its class.
    const SEPARABLE_CONV: &'static str;
}

impl<R: SeparableRank> Default for SeparableConv<R> {
    fn default() -> Self {
        Self {
            depth_multiplier: 1,
            filters: 0,
            kernel_size: 0.into(),
            strides: 1.into(),
            padding: Padding::Valid,
            data_format: DataFormat::ChannelsLast,
            dilation_rate: 1.into(),
            activation: AnyActivation::default(),
            use_bias: true,
            depthwise_initializer: "glorot_uniform".into(),
            pointwise_initializer: "glorot_uniform".into(),
            bias_initializer: "zeros".into(),
            depthwise_regularizer: None,
            pointwise_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            depthwise_constraint: None,
            pointwise_constraint: None,
            bias_constraint: None,
            depthwise: None,
            pointwise: None,
            bias: None,
        }
    }
}

impl<R: SeparableRank> SeparableConv<R> {
    /// A layer of `filters` outputs with kernels of size `kernel_size`, with Keras' defaults.
    pub fn new(filters: usize, kernel_size: impl Into<Extent<R>>) -> Self {
        Self { filters, kernel_size: kernel_size.into(), ..Self::default() }
    }

    builders! {
        depth_multiplier strides padding data_format dilation_rate activation use_bias
        depthwise_initializer pointwise_initializer bias_initializer depthwise_regularizer
        pointwise_regularizer bias_regularizer activity_regularizer depthwise_constraint
        pointwise_constraint bias_constraint
    }

    fn window(&self) -> WindowOptions<R> {
        WindowOptions {
            kernel: self.kernel_size,
            strides: self.strides,
            dilation: self.dilation_rate,
            padding: self.padding,
        }
    }

    /// The depthwise convolution of a batch of shape `dims`, whose channels stand last.
    fn convolution(&self, dims: &[usize]) -> Result<Depthwise> {
        let channels = built(self.depthwise.as_ref())?.value().shape().iter().nth_back(1);
        let channels = channels.copied().unwrap_or(0);
        let window = self.window().on("kernel", places_of::<R>(dims, channels)?)?;
        Ok(Depthwise { window, channels, multiplier: self.depth_multiplier })
    }

    /// The pointwise kernel as a matrix.
    fn pointwise(&self) -> Result<Matrix<'_>> {
        let kernel = built(self.pointwise.as_ref())?.value();
        Ok(Matrix::new(kernel.as_slice(), self.filters))
    }

    /// The output's shape before the activation, in this layer's data format.
    fn linear_shape(&self, input: &Shape) -> Result<Shape> {
        let last = self.data_format.places_last::<R>(input)?;
        known_channels(&last)?;
        let window = self.window();
        let output = window.places(&last, Some(self.filters));
        let output = output.ok_or_else(|| window.misfit("kernel", input))?;
        Ok(self.data_format.shape_from_last(&output))
    }

    fn depthwise_rules(&self) -> Rules<'_> {
        Rules::new(
            &self.depthwise_initializer,
            &self.depthwise_regularizer,
            &self.depthwise_constraint,
        )
    }

    fn pointwise_rules(&self) -> Rules<'_> {
        Rules::new(
            &self.pointwise_initializer,
            &self.pointwise_regularizer,
            &self.pointwise_constraint,
        )
    }

    fn bias_rules(&self) -> Rules<'_> {
        Rules::new(&self.bias_initializer, &self.bias_regularizer, &self.bias_constraint)
    }

    /// The layer's weights without those of its activation.
    fn own(&self) -> impl Iterator<Item = &Param> {
        self.depthwise.iter().chain(&self.pointwise).chain(&self.bias)
    }

    fn tail(&self) -> Tail<'_> {
        Tail {
            activation: &self.activation,
            regularizer: self.activity_regularizer.as_ref(),
            own: self.own().count(),
        }
    }
}

impl<R: SeparableRank> WithActivation for SeparableConv<R> {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: the input and what the depthwise kernel made of it (channels last), and
/// what the activation keeps.
#[derive(Debug)]
pub struct SavedSeparableConv {
    x: Tensor,
    h: Tensor,
    tail: SavedTail,
}

impl<R: SeparableRank> Layer for SeparableConv<R> {
    const CLASS_NAME: &'static str = R::SEPARABLE_CONV;
    type Saved = SavedSeparableConv;

    fn validate(&self) -> Result<()> {
        for (argument, n) in
            [("filters", self.filters), ("depth_multiplier", self.depth_multiplier)]
        {
            if n == 0 {
                return Err(Error::argument(argument, "a positive integer", n));
            }
        }
        check_sizes(&self.window())?;
        if R::AXES > 1 {
            self.padding.check_not_causal()?;
        }
        self.tail().validate()?;
        self.depthwise_rules().validate()?;
        self.pointwise_rules().validate()?;
        self.bias_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.activation.output_shape(&self.linear_shape(input)?)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let (filters, multiplier) = (self.filters, self.depth_multiplier);
        let channels = known_channels(&self.data_format.shape_to_last(input))?;
        let mixed = channels.checked_mul(multiplier).filter(|&n| n > 0).ok_or_else(|| {
            let expected =
                format!("a number of filters for {channels} channels that fits in memory");
            Error::argument("depth_multiplier", expected, multiplier)
        })?;
        let depthwise = [self.kernel_size.lengths(), &[channels, multiplier]].concat();
        let pointwise = [&[1; 3][..R::AXES], &[mixed, filters]].concat();
        self.depthwise =
            Some(self.depthwise_rules().weight("depthwise_kernel", &depthwise, rng)?);
        self.pointwise =
            Some(self.pointwise_rules().weight("pointwise_kernel", &pointwise, rng)?);
        self.bias = None;
        if self.use_bias {
            self.bias = Some(self.bias_rules().weight("bias", &[filters], rng)?);
        }
        let output = self.linear_shape(input)?;
        self.activation.build(&output, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedSeparableConv>)> {
        let x = self.data_format.channels_to_last(x)?;
        let convolution = self.convolution(x.shape())?;
        let window = convolution.window;
        let mut h = Tensor::for_overwrite(&window.output::<R>(x.batch(), convolution.outputs()));
        let mut y = Tensor::for_overwrite(&window.output::<R>(x.batch(), self.filters));
        convolution.forward(&x, built(self.depthwise.as_ref())?.value(), None, &mut h);
        let places = Matrix::new(h.as_slice(), convolution.outputs());
        matmul(places, self.pointwise()?, MatrixMut::new(y.as_mut_slice(), self.filters));
        if let Some(bias) = &self.bias {
            add_bias(&mut y, bias.value());
        }
        let y = self.data_format.channels_from_last(y)?;
        let (y, tail) = self.tail().forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedSeparableConv { x, h, tail })))
    }

    fn backward(
        &self,
        SavedSeparableConv { x, h, tail }: SavedSeparableConv,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dz = self.tail().backward(tail, dy, dw)?;
        let dz = self.data_format.channels_to_last(dz)?;
        let convolution = self.convolution(x.shape())?;
        let mixed = convolution.outputs();
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(2)) {
            add_bias_gradient(&dz, dbias);
        }
        let dz = Matrix::new(dz.as_slice(), self.filters);
        // dL/dpointwise = hᵀ · dz
        if let Some(dpointwise) = dw.get(1) {
            let h = Matrix::new(h.as_slice(), mixed).transposed();
            matmul_add(h, dz, MatrixMut::new(dpointwise.as_mut_slice(), self.filters));
        }
        // dL/dh = dz · pointwiseᵀ
        let mut dh = Tensor::for_overwrite(h.shape());
        matmul(dz, self.pointwise()?.transposed(), MatrixMut::new(dh.as_mut_slice(), mixed));
        if let Some(ddepthwise) = dw.get(0) {
            convolution.kernel_gradient(&x, &dh, ddepthwise);
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        let mut dx = Tensor::for_overwrite(x.shape());
        convolution.input_gradient(&dh, built(self.depthwise.as_ref())?.value(), &mut dx);
        self.data_format.channels_from_last(dx).map(Some)
    }

    fn params(&self) -> Vec<&Param> {
        self.own().chain(self.activation.params()).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        let own = self.depthwise.iter_mut().chain(&mut self.pointwise).chain(&mut self.bias);
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
