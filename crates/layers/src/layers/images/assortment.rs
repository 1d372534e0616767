//! The changes that RandAugment and AugMix choose from.

use ceratops_core::Rng;

use super::{
    AutoContrast, Equalization, Factor, Frame, RandomBrightness, RandomColorDegeneration,
    RandomContrast, RandomPosterization, RandomRotation, RandomSharpness, RandomShear,
    RandomTranslation, Sampling, Solarization,
    chain::{Change, drawn},
};

/// A change of images by name, the strength of which a factor sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Shear,
    Translation,
    Rotation,
    Brightness,
    ColorDegeneration,
    Contrast,
    Sharpness,
    Posterization,
    Solarization,
    AutoContrast,
    Equalization,
}

/// Those of RandAugment.
pub(super) const ALL: [Kind; 11] = [
    Kind::Shear,
    Kind::Translation,
    Kind::Rotation,
    Kind::Brightness,
    Kind::ColorDegeneration,
    Kind::Contrast,
    Kind::Sharpness,
    Kind::Posterization,
    Kind::Solarization,
    Kind::AutoContrast,
    Kind::Equalization,
];

/// How strong the changes are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strength {
    pub(super) factor: Factor,
    pub(super) interpolation: Sampling,
    pub(super) value_range: [f64; 2],
}

impl Strength {
    /// The number of bits that [`RandomPosterization`] gets.
    fn bits(self) -> u8 {
        ((8.0 * self.factor.bounds().1) as u8).max(1)
    }

    /// What such a change makes of an image, drawn now.
    pub(super) fn draw(self, kind: Kind, frame: Frame, rng: &mut Rng) -> Box<dyn Change> {
        let Self { factor, interpolation, value_range } = self;
        match kind {
            Kind::Shear => {
                let layer = RandomShear::new(factor, factor).interpolation(interpolation);
                drawn(layer, frame, rng)
            }
            Kind::Translation => {
                let layer = RandomTranslation::new(factor, factor).interpolation(interpolation);
                drawn(layer, frame, rng)
            }
            Kind::Rotation => {
                drawn(RandomRotation::new(factor).interpolation(interpolation), frame, rng)
            }
            Kind::Brightness => {
                drawn(RandomBrightness::new(factor).value_range(value_range), frame, rng)
            }
            Kind::ColorDegeneration => {
                drawn(RandomColorDegeneration::new(factor).value_range(value_range), frame, rng)
            }
            Kind::Contrast => {
                drawn(RandomContrast::new(factor).value_range(value_range), frame, rng)
            }
            Kind::Sharpness => {
                drawn(RandomSharpness::new(factor).value_range(value_range), frame, rng)
            }
            Kind::Posterization => {
                let layer = RandomPosterization::new(self.bits()).value_range(value_range);
                drawn(layer, frame, rng)
            }
            Kind::Solarization => {
                let layer = Solarization::new().value_range(value_range);
                drawn(layer.addition_factor(factor).threshold_factor(factor), frame, rng)
            }
            Kind::AutoContrast => drawn(AutoContrast::new().value_range(value_range), frame, rng),
            Kind::Equalization => drawn(Equalization::new().value_range(value_range), frame, rng),
        }
    }
}
