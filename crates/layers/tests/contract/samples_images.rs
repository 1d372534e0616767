//! The image layers that the contract is tried on.

use ceratops_layers::{
    AugMix, AutoContrast, CenterCrop, ContrastLimitedAdaptiveHistogramEqualization, CutMix,
    DataFormat, Equalization, FillMode, FlipMode, Interpolation, MixUp, RandAugment,
    RandomBrightness, RandomColorDegeneration, RandomColorJitter, RandomContrast, RandomCrop,
    RandomElasticTransform, RandomErasing, RandomFlip, RandomGaussianBlur, RandomGrayscale,
    RandomHeight, RandomHue, RandomInvert, RandomPerspective, RandomPosterization, RandomRotation,
    RandomSaturation, RandomSharpness, RandomShear, RandomTranslation, RandomWidth, RandomZoom,
    Resizing, Sampling, Solarization,
};

use super::samples::{Sample, sample};

/// The classes that are tried here.
pub(super) const CLASSES: &[&str] = &[
    "RandomHeight",
    "RandomWidth",
    "RandomErasing",
    "RandomPerspective",
    "RandomElasticTransform",
    "RandAugment",
    "AugMix",
    "MixUp",
    "CutMix",
    "AutoContrast",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "Equalization",
    "RandomColorJitter",
    "RandomGaussianBlur",
    "RandomHue",
    "RandomPosterization",
    "RandomSaturation",
    "RandomSharpness",
    "Solarization",
    "CenterCrop",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomGrayscale",
    "RandomInvert",
    "RandomRotation",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "Resizing",
];

pub(super) fn images() -> Vec<Sample> {
    let mut all = sizes();
    all.extend(moving().into_iter().map(Sample::differs_in_training));
    all.extend(shades().into_iter().map(Sample::differs_in_training));
    all.extend(mixtures().into_iter().map(Sample::differs_in_training));
    all.extend(colours().into_iter().map(Sample::differs_in_training));
    all
}

fn sizes() -> Vec<Sample> {
    let first = DataFormat::ChannelsFirst;
    let all = [
        Interpolation::Bilinear,
        Interpolation::Nearest,
        Interpolation::Bicubic,
        Interpolation::Area,
        Interpolation::Lanczos3,
        Interpolation::Lanczos5,
    ];
    let with = |how| sample(Resizing::new(3, 7).interpolation(how), &[5, 4, 2]);
    let mut samples: Vec<Sample> = all.into_iter().map(with).collect();
    let smooth = |how| sample(Resizing::new(2, 3).interpolation(how).antialias(true), &[5, 4, 1]);
    samples.extend(all.into_iter().map(smooth));
    samples.extend([
        sample(Resizing::new(3, 3), &[3, 3, 2]),
        sample(Resizing::new(2, 3).crop_to_aspect_ratio(true), &[5, 4, 1]),
        sample(Resizing::new(2, 5).pad_to_aspect_ratio(true).fill_value(0.5), &[5, 4, 1]),
        sample(Resizing::new(5, 2).pad_to_aspect_ratio(true).data_format(first), &[2, 3, 4]),
        sample(Resizing::new(2, 3).data_format(first), &[2, 3, 4]),
        sample(CenterCrop::new(2, 3), &[5, 4, 2]),
        sample(CenterCrop::new(6, 3), &[5, 4, 1]),
        sample(CenterCrop::new(2, 3).data_format(first), &[2, 5, 4]),
        sample(CenterCrop::new(2, 6).data_format(first), &[2, 5, 4]),
        sample(RandomCrop::new(2, 3), &[5, 4, 2]).differs_in_training(),
        sample(RandomCrop::new(6, 3), &[5, 4, 1]),
        sample(RandomCrop::new(2, 3).seed(4).data_format(first), &[2, 5, 4]).differs_in_training(),
    ]);
    samples
}

fn moving() -> Vec<Sample> {
    let first = DataFormat::ChannelsFirst;
    vec![
        sample(RandomFlip::default(), &[3, 2, 2]),
        sample(RandomFlip::new(FlipMode::Horizontal).seed(1), &[3, 2, 2]),
        sample(RandomFlip::new(FlipMode::Vertical).data_format(first), &[2, 3, 2]),
        sample(RandomRotation::new(0.2), &[4, 3, 2]),
        sample(RandomRotation::new([0.1, 0.3]).fill_mode(FillMode::Wrap), &[4, 3, 1]),
        sample(RandomRotation::new(0.2).interpolation(Sampling::Nearest).seed(3), &[4, 3, 1]),
        sample(RandomRotation::new(0.2).data_format(first), &[2, 4, 3]),
        sample(RandomZoom::new(0.3), &[4, 3, 2]),
        sample(RandomZoom::new(0.3).width_factor([0.2, 0.4]), &[4, 3, 1]),
        sample(
            RandomZoom::new([0.2, 0.4]).fill_mode(FillMode::Constant).fill_value(0.5),
            &[4, 3, 1],
        ),
        sample(RandomTranslation::new(0.3, 0.2), &[4, 3, 2]),
        sample(RandomTranslation::new([0.2, 0.3], 0.2).fill_mode(FillMode::Nearest), &[4, 3, 1]),
        sample(RandomShear::new(0.3, 0.0), &[4, 3, 2]),
        sample(RandomShear::new([0.2, 0.3], [0.1, 0.4]).data_format(first), &[1, 4, 3]),
    ]
}

fn colours() -> Vec<Sample> {
    let first = DataFormat::ChannelsFirst;
    vec![
        sample(RandomBrightness::new(0.2).value_range([-9.0, 9.0]), &[3, 2, 2]),
        sample(RandomBrightness::new([0.1, 0.2]).value_range([-9.0, 9.0]).seed(2), &[3, 2, 1]),
        sample(RandomInvert::new(0.9).value_range([-1.0, 1.5]).seed(2), &[3, 2, 2]),
        sample(RandomInvert::new([1.0, 1.0]).data_format(first), &[2, 3, 2]),
        sample(RandomGrayscale::new(1.0), &[2, 2, 3]),
        sample(RandomGrayscale::new(1.0).data_format(first), &[3, 2, 2]),
        sample(RandomColorDegeneration::new(0.5).value_range([-9.0, 9.0]), &[2, 2, 3]),
        sample(
            RandomColorDegeneration::new([0.2, 0.9]).value_range([-9.0, 9.0]).seed(3),
            &[2, 2, 3],
        ),
        sample(RandomContrast::new(0.5).value_range([-9.0, 9.0]), &[3, 2, 2]),
        sample(RandomContrast::new([0.5, 0.2]).value_range([-9.0, 9.0]), &[3, 2, 1]),
        sample(RandomContrast::new(0.5).value_range([-9.0, 9.0]).data_format(first), &[2, 3, 2]),
    ]
}

fn shades() -> Vec<Sample> {
    let (first, wide) = (DataFormat::ChannelsFirst, [-9.0, 9.0]);
    let clahe = ContrastLimitedAdaptiveHistogramEqualization::new();
    let jitter = RandomColorJitter::new().value_range(wide).brightness_factor(0.1);
    let steps = Equalization::new().value_range([-2.1, 2.1]).bins(4);
    vec![
        sample(AutoContrast::new().value_range(wide), &[3, 2, 2]),
        sample(AutoContrast::new().value_range(wide).data_format(first), &[2, 3, 2]),
        // All numbers are the same to them.
        sample(clahe.clone().value_range([-1e3, 1e3]), &[3, 2, 2]),
        sample(clahe.value_range([-1e3, 1e3]).tile_grid_size([2, 1]), &[3, 2, 2]),
        sample(steps.clone(), &[3, 2, 2]).kinks([-0.7, 0.7]),
        sample(steps.data_format(first), &[2, 3, 2]).kinks([-0.7, 0.7]),
        sample(Solarization::new().value_range(wide), &[3, 2, 2]),
        sample(
            Solarization::new().value_range(wide).addition_factor(0.1).threshold_factor([0.5, 0.7]),
            &[3, 2, 1],
        ),
        sample(RandomPosterization::new(4).factor([3, 3]).value_range(wide), &[3, 2, 2])
            .kinks([0.0]),
        sample(RandomSharpness::new(1.0).value_range(wide), &[3, 2, 2]),
        sample(RandomSharpness::new([0.7, 0.8]).value_range([-1.0, 1.0]).seed(3), &[3, 4, 1]),
        sample(RandomGaussianBlur::new([1.0, 1.0]).value_range(wide), &[3, 2, 2]),
        sample(
            RandomGaussianBlur::new([0.5, 1.0])
                .kernel_size([3, 5])
                .sigma([0.6, 0.9])
                .value_range(wide),
            &[3, 4, 1],
        ),
        sample(RandomHue::new(0.9).value_range(wide), &[3, 2, 3]),
        sample(RandomHue::new([0.3, 0.4]).value_range(wide).seed(5).data_format(first), &[3, 2, 2]),
        sample(RandomSaturation::new([0.2, 0.4]).value_range(wide), &[3, 2, 3]).kinks([0.0]),
        sample(RandomSaturation::new([0.7, 0.8]).value_range([0.0, 1.0]), &[3, 2, 3]).kinks([0.0]),
        sample(jitter.clone(), &[3, 2, 2]),
        sample(
            jitter.contrast_factor(0.2).saturation_factor([0.4, 0.6]).hue_factor(0.3),
            &[3, 2, 3],
        )
        .kinks([0.0]),
    ]
}

fn mixtures() -> Vec<Sample> {
    let (first, wide) = (DataFormat::ChannelsFirst, [-9.0, 9.0]);
    let tilted = RandomPerspective::new([1.0, 1.0]).scale(0.4);
    let rubber = RandomElasticTransform::new([1.0, 1.0]).value_range(wide).scale([0.9, 1.0]);
    vec![
        sample(RandomErasing::new([1.0, 1.0]).value_range(wide), &[4, 3, 2]),
        sample(RandomErasing::new([0.8, 1.0]).scale([0.3, 0.9]).fill_value(0.3), &[4, 3, 1]),
        sample(
            RandomErasing::new(1.0)
                .scale(0.9)
                .fill_value([0.3, 0.2, 0.1])
                .seed(4)
                .data_format(first),
            &[3, 4, 3],
        ),
        sample(tilted.clone(), &[4, 3, 2]),
        sample(tilted.interpolation(Sampling::Nearest).fill_value(0.5), &[5, 4, 1]),
        sample(rubber.clone(), &[21, 22, 1]),
        sample(rubber.fill_mode(FillMode::Constant).fill_value(0.5).data_format(first), &[1, 9, 8]),
        sample(RandAugment::new().num_ops(1).value_range(wide), &[4, 3, 3]),
        sample(AugMix::new().chain_depth(1).num_chains(2).value_range(wide).seed(1), &[4, 3, 3]),
        sample(RandomHeight::new([0.3, 0.6]), &[4, 3, 2]),
        sample(RandomHeight::new([-0.5, -0.4]).interpolation(Interpolation::Bicubic), &[4, 3, 1]),
        sample(RandomWidth::new([0.4, 0.6]).seed(3), &[4, 3, 2]),
        sample(MixUp::new(0.9), &[3, 2, 2]),
        sample(MixUp::new(2.0).seed(3).data_format(first), &[2, 3, 2]),
        sample(CutMix::new(1.0), &[4, 3, 2]),
        sample(CutMix::new([0.5, 0.8]).seed(2).data_format(first), &[2, 4, 3]),
    ]
}
