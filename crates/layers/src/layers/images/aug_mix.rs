//! AugMix: a mixture of an image and of what chains of changes make of it, while training.

use ceratops_core::{Error, Result, Rng, Shape};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame, Sampling,
    assortment::{ALL, Kind, Strength},
    augmentation::{Augmentation, BYTES, check_range, clip, is_within},
    chain::Chain,
    chance::{beta, dirichlet},
    factor::positive,
    rand_augment::MOST,
    random_grayscale::check_colours,
};
use crate::DataFormat;

/// y = clip(m · x + (1 - m) · sum(wᵢ · fᵢ(x))) while training, with `num_chains` chains fᵢ of `chain_depth` changes,
/// weights w from Dirichlet(alpha) and m from Beta(alpha, alpha); y = x otherwise.
///
/// A change is any of those of [`RandAugment`](crate::RandAugment), or none, all as likely; without `all_ops`
/// RandomBrightness, RandomColorDegeneration, RandomContrast and RandomSharpness are left out. Each image has chains
/// and weights of its own, and is equalized by itself; Keras chooses once for a batch, and equalizes over it.
///
/// ```
/// use ceratops_layers::{AugMix, Input, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), AugMix::new().num_chains(2)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.AugMix`; Hendrycks et al. 2020.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AugMix {
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// How many chains there are.
    pub num_chains: usize,
    /// How many changes a chain has.
    pub chain_depth: usize,
    /// The factor of each change; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// How near the weights are to each other.
    pub alpha: f64,
    /// Whether changes of colour are among them.
    pub all_ops: bool,
    /// How pixels between the pixels are made.
    pub interpolation: Sampling,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for AugMix {
    fn default() -> Self {
        Self {
            value_range: BYTES,
            num_chains: 3,
            chain_depth: 3,
            factor: Factor::Range(0.0, 0.3),
            alpha: 1.0,
            all_ops: true,
            interpolation: Sampling::Bilinear,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl AugMix {
    /// The layer with three chains of three changes, and a factor up to 0.3.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { seed data_format value_range }

    /// Sets how many chains there are.
    #[must_use]
    pub fn num_chains(self, num_chains: usize) -> Self {
        Self { num_chains, ..self }
    }

    /// Sets how many changes a chain has.
    #[must_use]
    pub fn chain_depth(self, chain_depth: usize) -> Self {
        Self { chain_depth, ..self }
    }

    /// Sets the factor of each change.
    #[must_use]
    pub fn factor(self, factor: impl Into<Factor>) -> Self {
        Self { factor: factor.into().positive(), ..self }
    }

    /// Sets how near the weights are to each other.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    /// Has changes of colour among them (the default), or not.
    #[must_use]
    pub fn all_ops(self, all_ops: bool) -> Self {
        Self { all_ops, ..self }
    }

    /// Sets how pixels between the pixels are made.
    #[must_use]
    pub fn interpolation(self, interpolation: Sampling) -> Self {
        Self { interpolation, ..self }
    }

    fn kinds(&self) -> Vec<Kind> {
        let is_colour = |kind: &Kind| {
            use Kind::{Brightness, ColorDegeneration, Contrast, Sharpness};
            matches!(kind, Brightness | ColorDegeneration | Contrast | Sharpness)
        };
        ALL.into_iter().filter(|kind| self.all_ops || !is_colour(kind)).collect()
    }

    /// What is before values are clipped.
    fn mix(mixture: &Mixture, frame: Frame, x: &[f32], y: &mut [f32]) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = mixture.own * x);
        let mut changed = vec![0.0; x.len()];
        for (chain, weight) in &mixture.chains {
            chain.apply(frame, x, &mut changed);
            let weight = (1.0 - mixture.own) * weight;
            y.iter_mut().zip(&changed).for_each(|(y, changed)| *y += weight * changed);
        }
    }
}

/// The weight of the image itself; the chains, each with its weight.
#[derive(Debug)]
pub struct Mixture {
    pub(super) own: f32,
    pub(super) chains: Vec<(Chain, f32)>,
}

impl Augmentation for AugMix {
    type Draw = Mixture;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        for (argument, count) in
            [("num_chains", self.num_chains), ("chain_depth", self.chain_depth)]
        {
            if count == 0 || count > MOST {
                return Err(Error::argument(
                    argument,
                    format!("an integer from 1 to {MOST}"),
                    count,
                ));
            }
        }
        check_alpha(self.alpha)?;
        check_range(self.value_range)
    }

    fn check_input(&self, input: &Shape) -> Result<()> {
        if self.all_ops { check_colours(input, self.data_format) } else { Ok(()) }
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, frame: Frame, rng: &mut Rng) -> Mixture {
        let Self { factor, interpolation, value_range, .. } = *self;
        let strength = Strength { factor, interpolation, value_range };
        let weights = dirichlet(self.alpha, self.num_chains, rng);
        let (own, kinds) = (beta(self.alpha, rng), self.kinds());
        let mut chain = || {
            let chosen = (0..self.chain_depth).filter_map(|_| {
                let kind = kinds.get(rng.random_range(0..=kinds.len()))?;
                Some(strength.draw(*kind, frame, rng))
            });
            Chain::of(chosen.collect())
        };
        Mixture { own, chains: weights.into_iter().map(|weight| (chain(), weight)).collect() }
    }

    fn apply(&self, mixture: &Mixture, frame: Frame, x: &[f32], y: &mut [f32]) {
        Self::mix(mixture, frame, x, y);
        y.iter_mut().for_each(|y| *y = clip(*y, self.value_range));
    }

    fn pull(&self, mixture: &Mixture, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        // g = dy where nothing was clipped
        let mut g = vec![0.0; x.len()];
        Self::mix(mixture, frame, x, &mut g);
        for (g, dy) in g.iter_mut().zip(dy) {
            *g = if is_within(*g, self.value_range) { *dy } else { 0.0 };
        }
        dx.iter_mut().zip(&g).for_each(|(dx, g)| *dx = mixture.own * g);
        let mut through = vec![0.0; x.len()];
        for (chain, weight) in &mixture.chains {
            through.fill(0.0);
            chain.pull(frame, x, &g, &mut through);
            let weight = (1.0 - mixture.own) * weight;
            dx.iter_mut().zip(&through).for_each(|(dx, through)| *dx += weight * through);
        }
    }
}

/// Refuses a Beta distribution that there is not.
pub(super) fn check_alpha(alpha: f64) -> Result<()> {
    if alpha > 0.0 && alpha.is_finite() {
        return Ok(());
    }
    Err(Error::argument("alpha", "a number above 0", alpha))
}

augmentation!(AugMix);
