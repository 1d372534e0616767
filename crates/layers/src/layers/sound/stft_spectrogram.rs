//! STFTSpectrogram: the frequencies of a signal, frame by frame.

use std::f32::consts::PI;

use ceratops_core::{Context, Error, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_weights::Initializer;
use serde::{Deserialize, Serialize};

use super::{FrameWindow, mode::SpectrogramMode};
use crate::{
    DataFormat, One, Padding,
    kernels::{Convolution, WindowOptions},
    layers::{built, conv::known_channels},
};

/// X\[p, f\] = Σ x\[p·s + t\] · w\[t\] · exp(-2πi · t · f / n), summed over the samples t of a frame: how
/// strong frequency f is from place p·s on, where w is the window, s the step and n the length of the
/// transform; and of X what `mode` says.
///
/// From (batch, samples, channels) to (batch, frames, channels · frequencies), where there are
/// `fft_length / 2 + 1` frequencies (twice as many numbers for [`SpectrogramMode::Stft`]), channel by
/// channel; with `expand_dims` to (batch, frames, frequencies, channels). With the channels first,
/// to (batch, channels · frequencies, frames) or (batch, channels, frames, frequencies).
///
/// Weights: `real_kernel` and `imag_kernel` (frame length, 1, frequencies), the factors of x in the
/// formula, of which a mode may need only one. They learn, unless the layer is frozen.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Input, STFTSpectrogram, SpectrogramMode, sequential};
///
/// // A wave of four samples, over and over.
/// let wave: Vec<f32> = [0.0, 1.0, 0.0, -1.0].repeat(8);
/// let spectrogram = STFTSpectrogram::new(16).mode(SpectrogramMode::Magnitude);
/// let model = sequential![Input::new([32, 1]), spectrogram]?;
/// let y = model.predict(Tensor::new(&[1, 32, 1], wave)?)?;
/// assert_eq!(y.shape(), [1, 3, 9]);
/// // The strongest frequency is four waves a frame.
/// assert!(y.as_slice()[..9].iter().all(|f| *f <= y.as_slice()[4]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras 3, `keras.layers.STFTSpectrogram`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct STFTSpectrogram {
    /// What of X comes out.
    pub mode: SpectrogramMode,
    /// How many samples a frame has.
    pub frame_length: usize,
    /// How far a frame is from the next; half of its length, if it is not said.
    pub frame_step: Option<usize>,
    /// How long the transform is; the next power of two from the frame's length on, if it is not said.
    pub fft_length: Option<usize>,
    /// How much each sample of a frame counts; all the same for `None`.
    pub window: Option<FrameWindow>,
    /// Whether the window goes on from its end to its beginning.
    pub periodic: bool,
    /// By what the window is divided.
    pub scaling: Option<WindowScaling>,
    /// How frames meet the border.
    pub padding: Padding,
    /// Where the channels stand.
    pub data_format: DataFormat,
    /// Whether the frequencies have an axis of their own.
    pub expand_dims: bool,
    #[serde(skip)]
    real: Option<Param>,
    #[serde(skip)]
    imag: Option<Param>,
}

/// By what a window is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowScaling {
    /// √(Σ w²)
    Density,
    /// Σ |w|
    Spectrum,
}

impl Default for STFTSpectrogram {
    fn default() -> Self {
        Self {
            mode: SpectrogramMode::Log,
            frame_length: 256,
            frame_step: None,
            fft_length: None,
            window: Some("hann".into()),
            periodic: false,
            scaling: Some(WindowScaling::Density),
            padding: Padding::Valid,
            data_format: DataFormat::ChannelsLast,
            expand_dims: false,
            real: None,
            imag: None,
        }
    }
}

impl STFTSpectrogram {
    /// The layer for frames of so many samples, with Keras' defaults.
    pub fn new(frame_length: usize) -> Self {
        Self { frame_length, ..Self::default() }
    }

    builders! { padding data_format }

    /// Sets what comes out.
    #[must_use]
    pub fn mode(self, mode: SpectrogramMode) -> Self {
        Self { mode, ..self }
    }

    /// Sets how far a frame is from the next.
    #[must_use]
    pub fn frame_step(self, frame_step: usize) -> Self {
        Self { frame_step: Some(frame_step), ..self }
    }

    /// Sets how long the transform is.
    #[must_use]
    pub fn fft_length(self, fft_length: usize) -> Self {
        Self { fft_length: Some(fft_length), ..self }
    }

    /// Sets the window, or none.
    #[must_use]
    pub fn window(self, window: impl Into<Option<FrameWindow>>) -> Self {
        Self { window: window.into(), ..self }
    }

    /// Takes the window for the beginning of one that is longer by a sample.
    #[must_use]
    pub fn periodic(self, periodic: bool) -> Self {
        Self { periodic, ..self }
    }

    /// Sets by what the window is divided, if by anything.
    #[must_use]
    pub fn scaling(self, scaling: impl Into<Option<WindowScaling>>) -> Self {
        Self { scaling: scaling.into(), ..self }
    }

    /// Gives the frequencies an axis of their own.
    #[must_use]
    pub fn expand_dims(self, expand_dims: bool) -> Self {
        Self { expand_dims, ..self }
    }

    fn step(&self) -> usize {
        self.frame_step.unwrap_or(self.frame_length / 2)
    }

    /// How many frequencies there are.
    fn frequencies(&self) -> usize {
        self.fft_length.unwrap_or_else(|| self.frame_length.next_power_of_two()) / 2 + 1
    }

    fn window_options(&self) -> WindowOptions<One> {
        WindowOptions {
            kernel: self.frame_length.into(),
            strides: self.step().into(),
            dilation: 1.into(),
            padding: self.padding,
        }
    }

    /// cos or sin of -2π·t·f / n, times the window, rounded where Keras rounds: what is left of the sine of
    /// a half turn decides the sign of an angle.
    fn factors(&self, side: fn(f32) -> f32) -> Vec<f32> {
        let (frequencies, len) = (self.frequencies(), self.frame_length);
        let window = self.window.as_ref().map(|window| window.values(len, self.periodic));
        let mut window: Vec<f32> = window.into_iter().flatten().map(|w| w as f32).collect();
        let scale = match self.scaling {
            Some(WindowScaling::Density) => window.iter().map(|w| w * w).sum::<f32>().sqrt(),
            Some(WindowScaling::Spectrum) => window.iter().map(|w| w.abs()).sum(),
            None => 1.0,
        };
        let scale = if window.is_empty() { 1.0 } else { scale };
        window.resize(len, 1.0);
        let turns = (2 * (frequencies - 1)) as f32;
        let mut factors = Vec::with_capacity(len * frequencies);
        for (t, w) in window.into_iter().enumerate() {
            let t = -2.0 * t as f32;
            factors.extend((0..frequencies).map(|f| side(t * (f as f32 / turns) * PI) * w / scale));
        }
        factors
    }

    /// The weight `name` of such factors.
    fn weight(&self, name: &'static str, side: fn(f32) -> f32, rng: &mut Rng) -> Result<Param> {
        let shape = [self.frame_length, 1, self.frequencies()];
        let zeros = Initializer::from("zeros").draw(&shape, rng)?;
        if rng.is_blank() {
            return Ok(Param::new(name, zeros));
        }
        Ok(Param::new(name, Tensor::new(&shape, self.factors(side))?))
    }

    /// The weights that there are, as one: for each sample of a frame all real factors, then all others.
    fn kernel(&self) -> Result<Param> {
        let kernel = match (&self.real, &self.imag) {
            (Some(real), Some(imag)) => {
                let len = self.frequencies();
                let [real, imag] =
                    [real, imag].map(|param| param.value().as_slice().chunks_exact(len));
                let both = real.zip(imag).flat_map(|(a, b)| a.iter().chain(b)).copied();
                Tensor::new(&[self.frame_length, 1, 2 * len], both.collect())?
            }
            (one, other) => built(one.as_ref().or(other.as_ref()))?.value().clone(),
        };
        Ok(Param::new("kernel", kernel))
    }

    /// The convolution with the kernel of the signals of all channels, each a sample of its own.
    fn convolution(&self, signals: &Tensor, kernel: &Param) -> Result<Convolution> {
        let window = self.window_options().on("frame", signals.shape())?;
        let filters = kernel.value().shape().last().copied().unwrap_or_default();
        Ok(Convolution { window, channels: 1, filters, groups: 1 })
    }

    /// The order in which the output has the axes (batch, channels, frames, frequencies), and the one
    /// that undoes it.
    fn orders(&self) -> ([usize; 4], [usize; 4]) {
        match (self.data_format, self.expand_dims) {
            (DataFormat::ChannelsLast, true) => ([0, 2, 3, 1], [0, 3, 1, 2]),
            (DataFormat::ChannelsLast, false) => ([0, 2, 1, 3], [0, 2, 1, 3]),
            (DataFormat::ChannelsFirst, true) => ([0, 1, 2, 3], [0, 1, 2, 3]),
            (DataFormat::ChannelsFirst, false) => ([0, 1, 3, 2], [0, 1, 3, 2]),
        }
    }

    /// (batch, channels, frames, frequencies) as the output has them: unless `expand_dims`, channels and
    /// frequencies are one axis.
    fn axes(&self, axes: [Option<usize>; 4]) -> Vec<Option<usize>> {
        let axes = self.orders().0.map(|axis| axes[axis]);
        let both = |a: Option<usize>, b: Option<usize>| a?.checked_mul(b?);
        match (self.data_format, axes) {
            _ if self.expand_dims => axes.to_vec(),
            (DataFormat::ChannelsLast, [n, t, c, f]) => vec![n, t, both(c, f)],
            (DataFormat::ChannelsFirst, [n, c, f, t]) => vec![n, both(c, f), t],
        }
    }
}

/// What the gradient needs: the signals, how many channels they were, and what came of them.
#[derive(Debug)]
pub struct SavedSpectrogram {
    signals: Tensor,
    channels: usize,
    strengths: Option<Tensor>,
}

impl Layer for STFTSpectrogram {
    const CLASS_NAME: &'static str = "STFTSpectrogram";
    type Saved = SavedSpectrogram;

    fn validate(&self) -> Result<()> {
        let (len, step) = (self.frame_length, self.step());
        if len == 0 {
            return Err(Error::argument("frame_length", "a positive integer", 0));
        }
        if step == 0 || step > len {
            let expected = format!("from 1 to {len}, which is `frame_length`");
            return Err(Error::argument("frame_step", expected, step));
        }
        if let Some(short) = self.fft_length.filter(|fft_length| *fft_length < len.max(2)) {
            let expected = format!("at least {}, and `frame_length`", len.max(2));
            return Err(Error::argument("fft_length", expected, short));
        }
        self.padding.check_not_causal()?;
        let check = |window: &FrameWindow| window.validate(None, len, "frame_length");
        self.window.as_ref().map_or(Ok(()), check)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let last = self.data_format.places_last::<One>(input)?;
        let channels = known_channels(&last)?;
        let window = self.window_options();
        let places = window.places(&last, Some(channels));
        let places = places.ok_or_else(|| window.misfit("frame", input))?;
        let &[batch, frames, _] = places.axes() else { return Ok(places) };
        let parts = if self.mode == SpectrogramMode::Stft { 2 } else { 1 };
        Ok(self.axes([batch, Some(channels), frames, Some(parts * self.frequencies())]).into())
    }

    fn build(&mut self, _: &Shape, rng: &mut Rng) -> Result<()> {
        (self.real, self.imag) = (None, None);
        if self.mode != SpectrogramMode::Imag {
            self.real = Some(self.weight("real_kernel", f32::cos, rng)?);
        }
        if self.mode != SpectrogramMode::Real {
            self.imag = Some(self.weight("imag_kernel", f32::sin, rng)?);
        }
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedSpectrogram>)> {
        let first = match self.data_format {
            DataFormat::ChannelsLast => x.permuted(&[0, 2, 1])?,
            DataFormat::ChannelsFirst => x,
        };
        let &[batch, channels, samples] = first.shape() else {
            let expected = self.data_format.axes::<One>();
            return Err(Error::shape("input", expected, first.shape(), ""));
        };
        let signals = first.reshape(&[batch * channels, samples, 1])?;
        let kernel = self.kernel()?;
        let convolution = self.convolution(&signals, &kernel)?;
        let shape = convolution.window.output::<One>(signals.batch(), convolution.filters);
        let mut x = Tensor::for_overwrite(&shape);
        convolution.forward(&signals, &kernel, None, &mut x);

        let frames = convolution.window.columns.output;
        let (y, strengths) = if self.mode.is_plain() {
            (x, None)
        } else {
            let len = self.frequencies();
            let mut y = Tensor::for_overwrite(&[signals.batch(), frames, len]);
            let rows = y.as_mut_slice().chunks_exact_mut(len);
            rows.zip(x.as_slice().chunks_exact(2 * len)).for_each(|(y, x)| self.mode.write(x, y));
            (y, Some(x))
        };
        let axes = [batch, channels, frames, y.shape()[2]];
        let shape: Vec<usize> = self.axes(axes.map(Some)).into_iter().flatten().collect();
        let y = y.reshape(&axes)?.permuted(&self.orders().0)?.reshape(&shape)?;
        Ok((y, cx.save(|| SavedSpectrogram { signals, channels, strengths })))
    }

    fn backward(
        &self,
        SavedSpectrogram { signals, channels, strengths }: SavedSpectrogram,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let kernel = self.kernel()?;
        let convolution = self.convolution(&signals, &kernel)?;
        let [rows, frames] = [signals.batch(), convolution.window.columns.output];
        let batch = rows.checked_div(channels).unwrap_or(0);
        let numbers = dy.len().checked_div(rows * frames).unwrap_or(0);
        let (to, back) = self.orders();
        let axes = to.map(|axis| [batch, channels, frames, numbers][axis]);
        let dy = dy.reshape(&axes)?.permuted(&back)?.reshape(&[rows, frames, numbers])?;
        let dz = match strengths {
            None => dy,
            Some(mut x) => {
                let rows = x.as_mut_slice().chunks_exact_mut(2 * numbers.max(1));
                rows.zip(dy.as_slice().chunks_exact(numbers.max(1)))
                    .for_each(|(x, dy)| self.mode.turn_back(dy, x));
                x
            }
        };
        let mut dkernel = Tensor::zeros(kernel.value().shape());
        convolution.kernel_gradient(&signals, &dz, &mut dkernel);
        let len = self.frequencies();
        let parts = convolution.filters / len;
        for part in 0..parts {
            let Some(dpart) = dw.get(part) else { continue };
            let all = dkernel.as_slice().chunks_exact(len).skip(part).step_by(parts);
            let sums = dpart.as_mut_slice().chunks_exact_mut(len);
            sums.zip(all).for_each(|(sum, dw)| sum.iter_mut().zip(dw).for_each(|(s, d)| *s += d));
        }
        if !dw.wants_dx() {
            return Ok(None);
        }
        let mut dx = Tensor::zeros(signals.shape());
        convolution.input_gradient(&dz, &kernel, &mut dx);
        let dx = dx.reshape(&[batch, channels, signals.shape()[1]])?;
        match self.data_format {
            DataFormat::ChannelsLast => dx.permuted(&[0, 2, 1]).map(Some),
            DataFormat::ChannelsFirst => Ok(Some(dx)),
        }
    }

    fn params(&self) -> Vec<&Param> {
        self.real.iter().chain(&self.imag).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.real.iter_mut().chain(&mut self.imag).collect()
    }
}
