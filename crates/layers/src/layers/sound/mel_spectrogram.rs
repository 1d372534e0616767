//! MelSpectrogram: how loud a signal is at the pitches that an ear tells apart, frame by frame.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    FrameWindow,
    fourier::{Complex, Fourier},
};
use crate::{
    kernels::{Matrix, MatrixMut, matmul},
    layers::{expect_ndim, shape_error},
};

/// y\[m, p\] = Σ |X\[p, f\]|^e · M\[f, m\], summed over the frequencies f: how loud the signal is at pitch m in
/// frame p, in decibels unless `power_to_db` is false, 10 · log10(y / `ref_power`), and at least `top_db` below
/// the loudest of the batch.
///
/// X\[p, f\] = Σ x\[p·s + t\] · w\[t\] · exp(-2πi · t · f / n) over the samples t of a frame of n, where the signal
/// is mirrored at both ends so that a frame begins n / 2 samples before the first. M\[f, m\] falls from 1 at
/// pitch m to 0 at its neighbours, evenly on the scale of mels: 1127 · ln(1 + hertz / 700).
///
/// From (batch, samples) to (batch, pitches, frames), where there is a frame for every
/// `sequence_stride` samples, and one more. Keras' own `compute_output_shape` promises yet another where a
/// sample is missing to fill one; there too as many come out as here.
///
/// ```
/// use ceratops_layers::{Input, MelSpectrogram, sequential};
///
/// let mel = MelSpectrogram::new().num_mel_bins(64).sampling_rate(8000).sequence_stride(256);
/// let model = sequential![Input::new([16_000]), mel]?;
/// assert_eq!(model.output_shape().unwrap().to_string(), "(None, 64, 63)");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Of an odd number of samples, the window by name is that of Keras with JAX and PyTorch; with TensorFlow it
/// is another.
///
/// Source: Keras 3, `keras.layers.MelSpectrogram`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct MelSpectrogram {
    /// How many samples are transformed at a time.
    pub fft_length: usize,
    /// How far a frame is from the next.
    pub sequence_stride: usize,
    /// How many samples, in the middle of a frame, the window covers; all, if it is not said.
    pub sequence_length: Option<usize>,
    /// How much each of them counts, `"hann"` or `"hamming"`; all the same for `None`.
    pub window: Option<FrameWindow>,
    /// How many samples there are in a second.
    pub sampling_rate: usize,
    /// How many pitches there are.
    pub num_mel_bins: usize,
    /// Where the lowest pitch begins, in hertz.
    pub min_freq: f64,
    /// Where the highest ends; half of the sampling rate, if it is not said.
    pub max_freq: Option<f64>,
    /// Whether it comes out in decibels.
    pub power_to_db: bool,
    /// How far below the loudest decibels end.
    pub top_db: f64,
    /// The exponent e.
    pub mag_exp: f64,
    /// The least power that counts.
    pub min_power: f64,
    /// The power of 0 decibels.
    pub ref_power: f64,
}

impl Default for MelSpectrogram {
    fn default() -> Self {
        Self {
            fft_length: 2048,
            sequence_stride: 512,
            sequence_length: None,
            window: Some("hann".into()),
            sampling_rate: 16_000,
            num_mel_bins: 128,
            min_freq: 20.0,
            max_freq: None,
            power_to_db: true,
            top_db: 80.0,
            mag_exp: 2.0,
            min_power: 1e-10,
            ref_power: 1.0,
        }
    }
}

/// The windows that there are by name.
const WINDOWS: [&str; 2] = ["hann", "hamming"];

impl MelSpectrogram {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    builders! {
        fft_length sequence_stride sampling_rate num_mel_bins min_freq power_to_db top_db mag_exp min_power
        ref_power sequence_length max_freq
    }

    /// Sets the window, or none.
    #[must_use]
    pub fn window(self, window: impl Into<Option<FrameWindow>>) -> Self {
        Self { window: window.into(), ..self }
    }

    /// How many frequencies a frame has.
    fn frequencies(&self) -> usize {
        self.fft_length / 2 + 1
    }

    /// How many frames there are of so many samples; none where these are too few to be mirrored.
    fn frames(&self, samples: usize) -> Option<usize> {
        let half = self.fft_length / 2;
        let all = samples.checked_add(2 * half).filter(|_| samples > half)?;
        Some(all.checked_sub(self.fft_length)? / self.sequence_stride.max(1) + 1)
    }

    /// The samples and frames of an input.
    fn lengths(&self, input: &Shape) -> Result<(Option<usize>, Option<usize>)> {
        expect_ndim(input, 2, "(batch, samples)", "a signal has one channel here")?;
        let samples = input.axes().get(1).copied().flatten();
        let frames = samples.map(|samples| {
            let least = (self.fft_length / 2).saturating_add(1);
            let help = "a signal is mirrored at its ends by half of `fft_length`";
            let short = || shape_error(input, format!("at least {least} samples"), help);
            self.frames(samples).ok_or_else(short)
        });
        Ok((samples, frames.transpose()?))
    }

    /// The window of a whole frame, 0 outside of what it covers.
    fn frame_window(&self) -> Vec<f64> {
        let len = self.sequence_length.unwrap_or(self.fft_length);
        let window = self.window.as_ref().map(|window| window.values(len, true));
        let mut frame = match &window {
            // Without a window the whole frame counts.
            None => vec![1.0; self.fft_length],
            Some(_) => vec![0.0; self.fft_length],
        };
        let before = (self.fft_length - len) / 2;
        frame.iter_mut().skip(before).zip(window.iter().flatten()).for_each(|(w, own)| *w = *own);
        frame
    }

    /// The matrix M, (frequencies, pitches), in Keras' own single precision.
    fn mel_matrix(&self) -> Vec<f32> {
        let mel = |hertz: f32| 1127.0 * (1.0 + hertz / 700.0).ln();
        let highest = self.max_freq.unwrap_or((self.sampling_rate / 2) as f64);
        let (lowest, highest) = (mel(self.min_freq as f32), mel(highest as f32));
        let step = (highest - lowest) / (self.num_mel_bins + 1) as f32;
        let edge =
            |m: usize| if m > self.num_mel_bins { highest } else { lowest + m as f32 * step };
        let mut matrix = vec![0.0; self.frequencies() * self.num_mel_bins];
        let width = self.sampling_rate as f32 / 2.0 / (self.frequencies() - 1) as f32;
        // The first frequency, which is none, counts nowhere.
        for (f, row) in matrix.chunks_exact_mut(self.num_mel_bins).enumerate().skip(1) {
            let at = mel(f as f32 * width);
            for (m, factor) in row.iter_mut().enumerate() {
                let [lower, center, upper] = [edge(m), edge(m + 1), edge(m + 2)];
                let (up, down) = ((at - lower) / (center - lower), (upper - at) / (upper - center));
                *factor = up.min(down).max(0.0);
            }
        }
        matrix
    }

    /// The place in a signal of so many samples of sample `t`, counted from half a frame before the first.
    fn mirrored(&self, t: usize, samples: usize) -> usize {
        let (half, last) = (self.fft_length / 2, samples - 1);
        if t < half { half - t } else { last - last.abs_diff(t - half) }
    }

    /// Decibels of `powers`, in place.
    fn decibels(&self, powers: &mut Tensor) {
        let reference = self.ref_power.abs().max(self.min_power).log10() * 10.0;
        let least = self.min_power as f32;
        powers
            .as_mut_slice()
            .iter_mut()
            .for_each(|p| *p = 10.0 * p.max(least).log10() - reference as f32);
        let floor = loudest(powers) - self.top_db as f32;
        powers.as_mut_slice().iter_mut().for_each(|p| *p = p.max(floor));
    }
}

fn loudest(powers: &Tensor) -> f32 {
    powers.as_slice().iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// What the gradient needs.
#[derive(Debug)]
pub struct SavedMelSpectrogram {
    /// X of each frame.
    strengths: Vec<Complex>,
    /// (frames, pitches), before decibels.
    powers: Tensor,
    samples: usize,
}

impl Layer for MelSpectrogram {
    const CLASS_NAME: &'static str = "MelSpectrogram";
    type Saved = SavedMelSpectrogram;

    fn validate(&self) -> Result<()> {
        for (argument, value) in [
            ("sequence_stride", self.sequence_stride),
            ("sampling_rate", self.sampling_rate),
            ("num_mel_bins", self.num_mel_bins),
        ] {
            if value == 0 {
                return Err(Error::argument(argument, "a positive integer", value));
            }
        }
        if !(2..=1 << 24).contains(&self.fft_length) {
            return Err(Error::argument("fft_length", "from 2 to 16,777,216", self.fft_length));
        }
        let len = self.sequence_length.unwrap_or(self.fft_length);
        if len == 0 || len > self.fft_length {
            let expected = format!("from 1 to {}, which is `fft_length`", self.fft_length);
            return Err(Error::argument("sequence_length", expected, len));
        }
        let highest = self.max_freq.unwrap_or((self.sampling_rate / 2) as f64);
        if !(self.min_freq >= 0.0 && self.min_freq < highest && highest.is_finite()) {
            let expected = format!("from 0 to below `max_freq`, which is {highest}");
            return Err(Error::argument("min_freq", expected, self.min_freq));
        }
        if self.min_power.is_nan() || self.min_power <= 0.0 {
            return Err(Error::argument("min_power", "a positive number", self.min_power));
        }
        let check = |window: &FrameWindow| window.validate(Some(&WINDOWS), len, "sequence_length");
        self.window.as_ref().map_or(Ok(()), check)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let (_, frames) = self.lengths(input)?;
        let batch = input.axes().first().copied().flatten();
        Ok(Shape::from([batch, Some(self.num_mel_bins), frames]))
    }

    fn forward(
        &self,
        x: Tensor,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<SavedMelSpectrogram>)> {
        let (Some(samples), Some(frames)) = self.lengths(&Shape::of(x.shape()))? else {
            return Err(Error::shape("input", "(batch, samples)", x.shape(), ""));
        };
        let (window, fourier) = (self.frame_window(), Fourier::of(self.fft_length));
        let len = self.frequencies();
        let mut strengths = Vec::with_capacity(x.batch() * frames * len);
        let mut frame = vec![(0.0, 0.0); self.fft_length];
        for signal in x.as_slice().chunks_exact(samples) {
            for p in 0..frames {
                for (t, (place, w)) in frame.iter_mut().zip(&window).enumerate() {
                    let x = signal[self.mirrored(p * self.sequence_stride + t, samples)];
                    *place = (f64::from(x) * w, 0.0);
                }
                strengths.extend(fourier.transform(&frame).into_iter().take(len));
            }
        }
        let magnitudes = strengths.iter().map(|x| x.0.hypot(x.1).powf(self.mag_exp) as f32);
        let magnitudes: Vec<f32> = magnitudes.collect();
        let mut powers = Tensor::for_overwrite(&[x.batch(), frames, self.num_mel_bins]);
        let mel = self.mel_matrix();
        let y = MatrixMut::new(powers.as_mut_slice(), self.num_mel_bins);
        matmul(Matrix::new(&magnitudes, len), Matrix::new(&mel, self.num_mel_bins), y);
        let mut y = powers.clone();
        if self.power_to_db {
            self.decibels(&mut y);
        }
        let y = y.permuted(&[0, 2, 1])?;
        Ok((y, cx.save(|| SavedMelSpectrogram { strengths, powers, samples })))
    }

    fn backward(
        &self,
        SavedMelSpectrogram { strengths, powers, samples }: SavedMelSpectrogram,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        if !dw.wants_dx() {
            return Ok(None);
        }
        let mut dpowers = dy.permuted(&[0, 2, 1])?;
        if self.power_to_db {
            self.decibel_slopes(&powers, &mut dpowers)?;
        }
        let len = self.frequencies();
        let mut dmagnitudes = vec![0.0; strengths.len()];
        let mel = self.mel_matrix();
        let mel = Matrix::new(&mel, self.num_mel_bins).transposed();
        let dz = Matrix::new(dpowers.as_slice(), self.num_mel_bins);
        matmul(dz, mel, MatrixMut::new(&mut dmagnitudes, len));

        let (window, fourier) = (self.frame_window(), Fourier::of(self.fft_length));
        let mut dx = Tensor::zeros(&[powers.batch(), samples]);
        let frames = powers.shape()[1];
        let all = strengths.chunks_exact(len).zip(dmagnitudes.chunks_exact(len));
        let mut dframe = vec![(0.0, 0.0); self.fft_length];
        for (i, (strengths, dmagnitudes)) in all.enumerate() {
            dframe.fill((0.0, 0.0));
            for ((dx, x), d) in dframe.iter_mut().zip(strengths).zip(dmagnitudes) {
                // d|X|^e = e · |X|^(e - 2) · (a da + b db), as a conjugate: its transform is the sum back.
                let size = x.0.hypot(x.1);
                let factor =
                    if size > 0.0 { self.mag_exp * size.powf(self.mag_exp - 2.0) } else { 0.0 };
                let factor = factor * f64::from(*d);
                *dx = (x.0 * factor, -x.1 * factor);
            }
            let signal = &mut dx.as_mut_slice()[i / frames * samples..][..samples];
            for (t, (d, w)) in fourier.transform(&dframe).into_iter().zip(&window).enumerate() {
                signal[self.mirrored(i % frames * self.sequence_stride + t, samples)] +=
                    (d.0 * w) as f32;
            }
        }
        Ok(Some(dx))
    }

    /// The loudest of the batch says how quiet the others may be.
    fn couples_samples(&self) -> bool {
        self.power_to_db
    }

    fn couples_always(&self) -> bool {
        self.power_to_db
    }
}

impl MelSpectrogram {
    /// Makes of dL/d decibels dL/d powers, in place: where the floor is reached, the loudest has it.
    fn decibel_slopes(&self, powers: &Tensor, dy: &mut Tensor) -> Result<()> {
        let least = self.min_power as f32;
        let loud = loudest(powers);
        let floor = loud.max(least) * 10f32.powf(-self.top_db as f32 / 10.0);
        let mut floored = 0.0;
        for (dy, p) in dy.as_mut_slice().iter_mut().zip(powers.as_slice()) {
            if p.max(least) < floor {
                floored += *dy;
                *dy = 0.0;
            }
        }
        for (dy, p) in dy.as_mut_slice().iter_mut().zip(powers.as_slice()) {
            let own = if *p == loud { std::mem::take(&mut floored) } else { 0.0 };
            // d 10·log10(p) = 10 / ln 10 · dp / p
            let slope = if *p > least { 10.0 / std::f32::consts::LN_10 / p } else { 0.0 };
            *dy = (*dy + own) * slope;
        }
        Ok(())
    }
}
