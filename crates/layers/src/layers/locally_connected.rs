//! LocallyConnected1D and LocallyConnected2D: a convolution with a kernel of its own at each place.

mod wires;

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use self::wires::{Axes, Wires};
use super::{
    built,
    conv::{check_sizes, known_channels},
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation, DataFormat, Extent, One, Padding, Rank, Two, WithActivation,
    kernels::{Matrix, MatrixMut, WindowOptions, matmul},
};

/// y\[p, f\] = activation(Σ x\[p·s + k, g\] · kernel\[p, k, g, f\] + bias\[p, f\]), summed over the taps k of
/// the window and the input channels g: a convolution whose kernel is another one at each place p.
///
/// It comes as [`LocallyConnected1D`] and [`LocallyConnected2D`]. From (batch, places, channels) to (batch,
/// places, filters). All lengths of the input must be known.
///
/// Weights: `bias` (places, filters), and `kernel`, whose shape follows the `implementation`: 1, (places,
/// taps · channels, filters); 2, (input, output), of which nothing but the wires counts; 3, (wires,). All
/// compute the same. With `padding="same"`, for which Keras has the second and the third only, places at the
/// border see fewer inputs. As in Keras, the numbers of a bias stand as those of an output do, also where the
/// channels come first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct LocallyConnected<R: LocallyConnectedRank> {
    /// How many output channels.
    pub filters: usize,
    /// The window's length along each axis.
    pub kernel_size: Extent<R>,
    /// How far the window moves at each step.
    pub strides: Extent<R>,
    /// How the window meets the border.
    pub padding: Padding,
    /// Where the channels stand.
    pub data_format: DataFormat,
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
    /// In what shape the kernel is kept: 1, 2 or 3.
    pub implementation: u8,
    #[serde(skip)]
    kernel: Option<Param>,
    #[serde(skip)]
    bias: Option<Param>,
    #[serde(skip)]
    wires: Wires,
}

/// The [`LocallyConnected`] of sequences: from (batch, steps, channels) to (batch, steps, filters).
///
/// ```
/// use ceratops_layers::{Input, LocallyConnected1D, sequential};
///
/// let model = sequential![Input::new([10, 2]), LocallyConnected1D::new(4, 3)]?;
/// assert_eq!(model.output_shape().unwrap().to_string(), "(None, 8, 4)");
/// assert_eq!(model.count_params(), 8 * 3 * 2 * 4 + 8 * 4);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras 2, `keras.layers.LocallyConnected1D`.
pub type LocallyConnected1D = LocallyConnected<One>;

/// The [`LocallyConnected`] of images: from (batch, height, width, channels) to (batch, rows, columns,
/// filters).
///
/// Source: Keras 2, `keras.layers.LocallyConnected2D`.
pub type LocallyConnected2D = LocallyConnected<Two>;

/// The ranks that have such a layer.
pub trait LocallyConnectedRank: Rank {
    /// The name of its class.
    const LOCALLY_CONNECTED: &'static str;
}

impl LocallyConnectedRank for One {
    const LOCALLY_CONNECTED: &'static str = "LocallyConnected1D";
}

impl LocallyConnectedRank for Two {
    const LOCALLY_CONNECTED: &'static str = "LocallyConnected2D";
}

impl<R: LocallyConnectedRank> Default for LocallyConnected<R> {
    fn default() -> Self {
        Self {
            filters: 0,
            kernel_size: 0.into(),
            strides: 1.into(),
            padding: Padding::Valid,
            data_format: DataFormat::ChannelsLast,
            activation: AnyActivation::default(),
            use_bias: true,
            kernel_initializer: "glorot_uniform".into(),
            bias_initializer: "zeros".into(),
            kernel_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            kernel_constraint: None,
            bias_constraint: None,
            implementation: 1,
            kernel: None,
            bias: None,
            wires: Wires::default(),
        }
    }
}

impl<R: LocallyConnectedRank> LocallyConnected<R> {
    /// A layer of `filters` outputs at each place, which see a window of size `kernel_size`: one number for
    /// all axes or one for each.
    pub fn new(filters: usize, kernel_size: impl Into<Extent<R>>) -> Self {
        Self { filters, kernel_size: kernel_size.into(), ..Self::default() }
    }

    builders! {
        strides padding data_format activation use_bias kernel_initializer bias_initializer
        kernel_regularizer bias_regularizer activity_regularizer kernel_constraint bias_constraint
    }

    /// Keeps the kernel in the shape of Keras' implementation of that number.
    #[must_use]
    pub fn implementation(self, implementation: u8) -> Self {
        Self { implementation, ..self }
    }

    fn window(&self) -> WindowOptions<R> {
        let (kernel, strides, padding) = (self.kernel_size, self.strides, self.padding);
        WindowOptions { kernel, strides, dilation: 1.into(), padding }
    }

    /// The shape of the output before the activation.
    fn linear_shape(&self, input: &Shape) -> Result<Shape> {
        let last = self.data_format.places_last::<R>(input)?;
        known_channels(&last)?;
        input.features()?;
        let window = self.window();
        let output = window.places(&last, Some(self.filters));
        let output = output.ok_or_else(|| window.misfit("kernel", input))?;
        Ok(self.data_format.shape_from_last(&output))
    }

    /// The wires for an input of that shape, and the lengths of the output's places.
    fn lay(&self, input: &Shape) -> Result<(Wires, Vec<usize>)> {
        let features = |shape: &Shape| self.data_format.shape_to_last(shape).features();
        let (input, mut output) = (features(input)?, features(&self.linear_shape(input)?)?);
        output.pop();
        let places = |lengths: &[usize]| Extent::<R>::of(lengths).unwrap_or(0.into()).volume();
        let (channels, before) = input.split_last().unwrap_or((&0, &[]));
        let axes = Axes {
            input: places(before),
            output: places(&output),
            window: self.kernel_size.volume(),
            strides: self.strides.volume(),
        };
        let Self { filters, padding, data_format, implementation, .. } = *self;
        Ok((Wires::new(&axes, *channels, filters, padding, data_format, implementation), output))
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

    /// The shape of the output for a batch of shape `dims`.
    fn output(&self, dims: &[usize]) -> Result<Vec<usize>> {
        let output = self.linear_shape(&Shape::of(dims))?.dims()?;
        let count = |dims: &[usize]| dims.iter().skip(1).product::<usize>();
        let (inputs, outputs) = (self.wires.inputs(), self.wires.places() * self.filters);
        if (count(dims), count(&output)) != (inputs, outputs) {
            let expected = format!("samples of {inputs} numbers, as when it was built");
            return Err(Error::shape("input", expected, dims, "it has weights for each place"));
        }
        Ok(output)
    }
}

impl<R: LocallyConnectedRank> WithActivation for LocallyConnected<R> {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: the input, and what the activation keeps.
#[derive(Debug)]
pub struct SavedLocallyConnected {
    x: Tensor,
    tail: SavedTail,
}

impl<R: LocallyConnectedRank> Layer for LocallyConnected<R> {
    const CLASS_NAME: &'static str = R::LOCALLY_CONNECTED;
    type Saved = SavedLocallyConnected;

    fn validate(&self) -> Result<()> {
        if self.filters == 0 {
            return Err(Error::argument("filters", "a positive integer", self.filters));
        }
        check_sizes(&self.window())?;
        self.padding.check_not_causal()?;
        if !(1..=3).contains(&self.implementation) {
            return Err(Error::argument("implementation", "1, 2 or 3", self.implementation));
        }
        if self.padding == Padding::Same && self.implementation == 1 {
            let help = "a place at the border sees fewer inputs, for which the kernel of the first \
                        implementation has no shape";
            return Err(Error::argument("implementation", "2 or 3 with padding=\"same\"", 1)
                .with_help(help));
        }
        self.tail().validate()?;
        self.kernel_rules().validate()?;
        self.bias_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.activation.output_shape(&self.linear_shape(input)?)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let output = self.linear_shape(input)?;
        let (wires, places) = self.lay(input)?;
        let shape = wires.kernel(&input.features()?, &output.features()?);
        self.kernel = Some(self.kernel_rules().weight("kernel", &shape, rng)?);
        self.bias = None;
        if self.use_bias {
            let shape = [&places[..], &[self.filters]].concat();
            self.bias = Some(self.bias_rules().weight("bias", &shape, rng)?);
        }
        self.wires = wires;
        self.activation.build(&output, rng)
    }

    fn forward(
        &self,
        x: Tensor,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<SavedLocallyConnected>)> {
        let kernel = built(self.kernel.as_ref())?.value().as_slice();
        let bias = self.bias.as_ref().map(|bias| bias.value().as_slice());
        let (filters, mut y) = (self.filters, Tensor::zeros(&self.output(x.shape())?));
        let len = y.sample_len().max(1);
        let mut sums = vec![0.0; x.batch() * filters];
        for place in 0..self.wires.places() {
            let (seen, weights) = (self.wires.seen(place, &x), self.wires.matrix(place, kernel));
            let seen = Matrix::new(&seen, self.wires.len(place));
            matmul(seen, Matrix::new(&weights, filters), MatrixMut::new(&mut sums, filters));
            let row = self.wires.outputs(place);
            for (y, sums) in y.as_mut_slice().chunks_exact_mut(len).zip(sums.chunks_exact(filters))
            {
                for (at, sum) in row.places(filters).zip(sums) {
                    y[at] = sum + bias.map_or(0.0, |bias| bias[at]);
                }
            }
        }
        let (y, tail) = self.tail().forward(y.flushed(), cx)?;
        Ok((y, tail.map(|tail| SavedLocallyConnected { x, tail })))
    }

    fn backward(
        &self,
        SavedLocallyConnected { x, tail }: SavedLocallyConnected,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dz = self.tail().backward(tail, dy, dw)?;
        let kernel = built(self.kernel.as_ref())?.value().as_slice();
        let (filters, mut dx) = (self.filters, Tensor::zeros(x.shape()));
        // dL/dbias = the sum of dz over the batch
        if let (Some(_), Some(dbias)) = (&self.bias, dw.get(1)) {
            for dz in dz.as_slice().chunks_exact(dz.sample_len().max(1)) {
                dbias.as_mut_slice().iter_mut().zip(dz).for_each(|(dbias, dz)| *dbias += dz);
            }
        }
        for place in 0..self.wires.places() {
            let wires = self.wires.len(place);
            let made = self.wires.outputs(place).of(&dz, filters);
            let dz = Matrix::new(&made, filters);
            // dL/dkernel = xᵀ · dz
            if let Some(dkernel) = dw.get(0) {
                let (seen, mut sums) = (self.wires.seen(place, &x), vec![0.0; wires * filters]);
                let seen = Matrix::new(&seen, wires).transposed();
                matmul(seen, dz, MatrixMut::new(&mut sums, filters));
                self.wires.add_matrix(place, &sums, dkernel.as_mut_slice());
            }
            if dw.wants_dx() {
                // dL/dx = dz · kernelᵀ, summed over the places that see x
                let weights = self.wires.matrix(place, kernel);
                let weights = Matrix::new(&weights, filters).transposed();
                let mut sums = vec![0.0; x.batch() * wires];
                matmul(dz, weights, MatrixMut::new(&mut sums, wires));
                self.wires.add_seen(place, &sums, &mut dx);
            }
        }
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
