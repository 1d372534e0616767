//! RandomElasticTransform: pulls images about as if they were rubber, while training.

use ceratops_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, FillMode, Frame, Sampling,
    augmentation::{Augmentation, BYTES, between, check_range, clip, happens, is_within},
    blur::Kernel,
    chance::normal,
    factor::positive,
    grid::{Shifts, read, unread},
    projective::reading,
};
use crate::DataFormat;

/// y\[r, c\] = clip(x\[r + v, c + u\]) with a probability that is drawn from a range, else clip(x), while training,
/// where u and v are smooth noise; y = x otherwise.
///
/// For a d that is drawn from the range `scale`, noise from N(0, σ²) with σ = 0.05 · d · (the shorter side) is blurred
/// by a bell of deviation σ and multiplied by 0.1 · d · (the longer side).
///
/// Each image has its own d, u and v. In Keras a batch has one d, and u = v, as it draws both from one seed: its pixels
/// only move along a diagonal.
///
/// ```
/// use ceratops_layers::{Input, RandomElasticTransform, sequential};
///
/// let model = sequential![Input::new([28, 28, 1]), RandomElasticTransform::new(0.5)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomElasticTransform`; Simard et al. 2003.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomElasticTransform {
    /// The range of the probability; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// The range of d; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub scale: Factor,
    /// How pixels between the pixels are made.
    pub interpolation: Sampling,
    /// What lies beyond the border.
    pub fill_mode: FillMode,
    /// The number that lies beyond the border, where it is constant.
    pub fill_value: f64,
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for RandomElasticTransform {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl RandomElasticTransform {
    /// The layer with this probability, or this range of it.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().positive(),
            scale: Factor::Range(0.0, 1.0),
            interpolation: Sampling::Bilinear,
            fill_mode: FillMode::Reflect,
            fill_value: 0.0,
            value_range: BYTES,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }

    /// Sets the range of d.
    #[must_use]
    pub fn scale(self, scale: impl Into<Factor>) -> Self {
        Self { scale: scale.into().positive(), ..self }
    }

    /// Sets how pixels between the pixels are made.
    #[must_use]
    pub fn interpolation(self, interpolation: Sampling) -> Self {
        Self { interpolation, ..self }
    }

    /// Sets what lies beyond the border.
    #[must_use]
    pub fn fill_mode(self, fill_mode: FillMode) -> Self {
        Self { fill_mode, ..self }
    }

    /// Sets the number that lies beyond the border, where that is constant.
    #[must_use]
    pub fn fill_value(self, fill_value: f64) -> Self {
        Self { fill_value, ..self }
    }
}

/// The deviation of the noise, and by what it is multiplied.
fn strength(d: f32, frame: Frame) -> (f32, f32) {
    let sides = (frame.height.min(frame.width) as f32, frame.height.max(frame.width) as f32);
    (sides.0 * (0.05 * d), sides.1 * (0.1 * d))
}

/// How far pixels move in one direction, given the noise of N(0, 1).
pub(super) fn smooth(noise: &[f32], d: f32, frame: Frame) -> Vec<f32> {
    let (sigma, alpha) = strength(d, frame);
    let plane = Frame { channels: 1, ..frame };
    let mut smooth = vec![0.0; noise.len()];
    if sigma > 0.0 {
        let side = (6 * sigma as usize) | 1;
        let noise: Vec<f32> = noise.iter().map(|noise| sigma * noise).collect();
        Kernel::gaussian([side; 2], [sigma; 2]).apply(plane, &noise, &mut smooth);
    }
    smooth.into_iter().map(|shift| alpha * shift).collect()
}

impl Augmentation for RandomElasticTransform {
    /// Nothing where the image stays.
    type Draw = Option<Shifts>;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        self.scale.within("scale", 0.0, 1.0)?;
        check_range(self.value_range)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, frame: Frame, rng: &mut Rng) -> Option<Shifts> {
        let moves = happens(self.factor, rng);
        let d = between(self.scale.bounds(), rng);
        let mut shifts = || {
            let noise: Vec<f32> =
                (0..frame.height * frame.width).map(|_| normal(rng) as f32).collect();
            smooth(&noise, d, frame)
        };
        moves.then(|| Shifts { right: shifts(), down: shifts() })
    }

    fn apply(&self, shifts: &Option<Shifts>, frame: Frame, x: &[f32], y: &mut [f32]) {
        match shifts {
            Some(shifts) => read(shifts, reading!(self), frame, x, y),
            None => y.copy_from_slice(x),
        }
        y.iter_mut().for_each(|y| *y = clip(*y, self.value_range));
    }

    fn pull(&self, shifts: &Option<Shifts>, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        // g = dy where nothing was clipped
        let kept = |(y, dy): (&f32, &f32)| if is_within(*y, self.value_range) { *dy } else { 0.0 };
        let Some(shifts) = shifts else {
            return dx.iter_mut().zip(x.iter().zip(dy)).for_each(|(dx, pair)| *dx = kept(pair));
        };
        read(shifts, reading!(self), frame, x, dx);
        let g: Vec<f32> = dx.iter().zip(dy).map(kept).collect();
        dx.fill(0.0);
        unread(shifts, reading!(self), frame, &g, dx);
    }
}

augmentation!(RandomElasticTransform);
