//! RandomGaussianBlur: blurs images, while training.

use ceratops_core::{Error, Result, Rng};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, BYTES, between, check_range, clip, happens, is_within},
    blur::Kernel,
    factor::positive,
};
use crate::DataFormat;

/// y = clip(w ∗ x) with a probability that is drawn from a range, else clip(x), while training, where w is a bell of
/// sum 1, and two deviations for it, across and down, are drawn for each image; y = x otherwise. Beyond the border
/// lie zeros.
///
/// Keras draws the deviations once for a batch. It scrambles a bell whose sides differ, and so it is here.
///
/// ```
/// use ceratops_layers::{Input, RandomGaussianBlur, sequential};
///
/// let blur = RandomGaussianBlur::new(1.0).kernel_size([5, 5]).sigma([0.5, 1.0]);
/// let model = sequential![Input::new([28, 28, 3]), blur]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomGaussianBlur`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomGaussianBlur {
    /// The range of the probability; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// The sides of the bell, which are odd.
    #[serde(deserialize_with = "sides")]
    pub kernel_size: [usize; 2],
    /// The range of the deviations; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub sigma: Factor,
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for RandomGaussianBlur {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl RandomGaussianBlur {
    /// The layer with this probability, or this range of it, a bell of 3 × 3 and deviations to 1.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().positive(),
            kernel_size: [3, 3],
            sigma: Factor::Range(0.0, 1.0),
            value_range: BYTES,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }

    /// Sets the sides of the bell.
    #[must_use]
    pub fn kernel_size(self, kernel_size: [usize; 2]) -> Self {
        Self { kernel_size, ..self }
    }

    /// Sets the range of the deviations.
    #[must_use]
    pub fn sigma(self, sigma: impl Into<Factor>) -> Self {
        Self { sigma: sigma.into().positive(), ..self }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an odd integer or a list of two")]
enum Sides {
    Both(usize),
    Each([usize; 2]),
}

/// Reads one side or two.
fn sides<'de, D: Deserializer<'de>>(from: D) -> Result<[usize; 2], D::Error> {
    Ok(match Sides::deserialize(from)? {
        Sides::Both(side) => [side; 2],
        Sides::Each(sides) => sides,
    })
}

/// The longest side of a bell.
const MOST: usize = 1001;

impl Augmentation for RandomGaussianBlur {
    /// The bell; nothing where the image stays.
    type Draw = Option<Kernel>;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        self.sigma.within("sigma", 0.0, 1.0)?;
        let fits = |side: &usize| side % 2 == 1 && *side <= MOST;
        if !self.kernel_size.iter().all(fits) {
            let expected = format!("an odd integer to {MOST}, or two");
            let [rows, columns] = self.kernel_size;
            return Err(Error::argument("kernel_size", expected, format!("[{rows}, {columns}]")));
        }
        check_range(self.value_range)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> Option<Kernel> {
        let blurs = happens(self.factor, rng);
        // As Keras, which divides by it.
        let sigma = [(); 2].map(|()| between(self.sigma.bounds(), rng) + 1e-6);
        blurs.then(|| Kernel::gaussian(self.kernel_size, sigma))
    }

    fn apply(&self, kernel: &Option<Kernel>, frame: Frame, x: &[f32], y: &mut [f32]) {
        match kernel {
            Some(kernel) => kernel.apply(frame, x, y),
            None => y.copy_from_slice(x),
        }
        y.iter_mut().for_each(|y| *y = clip(*y, self.value_range));
    }

    fn pull(&self, kernel: &Option<Kernel>, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        // g = dy where nothing was clipped
        let kept = |(y, dy): (&f32, &f32)| if is_within(*y, self.value_range) { *dy } else { 0.0 };
        let Some(kernel) = kernel else {
            return dx.iter_mut().zip(x.iter().zip(dy)).for_each(|(dx, pair)| *dx = kept(pair));
        };
        kernel.apply(frame, x, dx);
        let g: Vec<f32> = dx.iter().zip(dy).map(kept).collect();
        kernel.reversed().apply(frame, &g, dx);
    }
}

augmentation!(RandomGaussianBlur);
