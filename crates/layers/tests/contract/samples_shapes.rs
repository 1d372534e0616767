//! Samples of the layers that pool, pad, crop, enlarge and permute, and of those that draw noise.

use ceratops_layers::{
    ActivityRegularization, AdaptiveAveragePooling1D, AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D, AdaptiveMaxPooling1D, AdaptiveMaxPooling2D, AdaptiveMaxPooling3D,
    AlphaDropout, AveragePooling1D, AveragePooling2D, AveragePooling3D, Cropping1D, Cropping2D,
    Cropping3D, DataFormat::ChannelsFirst, GaussianDropout, GaussianNoise, GlobalAveragePooling1D,
    GlobalAveragePooling2D, GlobalAveragePooling3D, GlobalMaxPooling1D, GlobalMaxPooling2D,
    GlobalMaxPooling3D, Interpolation, MaxPooling1D, MaxPooling2D, MaxPooling3D, Padding::Same,
    Permute, RepeatVector, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, UpSampling1D,
    UpSampling2D, UpSampling3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D,
};

use crate::samples::{Sample, sample};

pub(crate) fn shapes() -> Vec<Sample> {
    [pooling(), global(), adaptive(), borders(), enlarging(), noise()]
        .into_iter()
        .flatten()
        .collect()
}

fn pooling() -> Vec<Sample> {
    let pool = |size: usize| MaxPooling2D::new(size);
    vec![
        sample(MaxPooling2D::default(), &[4, 6, 2]),
        sample(pool(2), &[5, 4, 2]),
        sample(MaxPooling2D::new([3, 2]).strides([1, 2]), &[4, 5, 2]),
        sample(pool(3).strides(2).padding(Same), &[4, 5, 2]),
        sample(pool(2).strides(3).padding(Same), &[4, 4, 1]),
        sample(pool(2).strides(1).data_format(ChannelsFirst), &[2, 3, 4]),
        sample(MaxPooling1D::default(), &[6, 3]),
        sample(MaxPooling1D::new(3).strides(2).padding(Same), &[6, 2]),
        sample(MaxPooling1D::new(2).strides(1).data_format(ChannelsFirst), &[2, 5]),
        sample(MaxPooling3D::default(), &[2, 4, 3, 2]),
        sample(MaxPooling3D::new([2, 1, 3]).strides([1, 2, 1]).padding(Same), &[3, 3, 4, 1]),
        sample(MaxPooling3D::new(2).strides(1).data_format(ChannelsFirst), &[2, 3, 2, 2]),
        sample(AveragePooling2D::default(), &[4, 6, 2]),
        sample(AveragePooling2D::new([3, 2]).strides([1, 2]), &[4, 5, 2]),
        sample(AveragePooling2D::new(3).strides(2).padding(Same), &[4, 5, 2]),
        sample(AveragePooling2D::new(5).strides(1).padding(Same), &[3, 2, 1]),
        sample(AveragePooling2D::new(2).strides(3).data_format(ChannelsFirst), &[2, 5, 5]),
        sample(AveragePooling1D::default(), &[6, 3]),
        sample(AveragePooling1D::new(3).strides(2).padding(Same), &[6, 2]),
        sample(AveragePooling1D::new(2).strides(1).data_format(ChannelsFirst), &[2, 5]),
        sample(AveragePooling3D::default(), &[2, 4, 3, 2]),
        sample(AveragePooling3D::new([2, 1, 3]).strides([1, 2, 1]).padding(Same), &[3, 3, 4, 1]),
        sample(AveragePooling3D::new(2).strides(1).data_format(ChannelsFirst), &[2, 3, 2, 2]),
    ]
}

fn global() -> Vec<Sample> {
    vec![
        sample(GlobalAveragePooling1D::new(), &[5, 3]),
        sample(GlobalAveragePooling1D::new().keepdims(true).data_format(ChannelsFirst), &[3, 5]),
        sample(GlobalAveragePooling2D::new(), &[4, 3, 35]),
        sample(GlobalAveragePooling2D::new().keepdims(true), &[4, 3, 2]),
        sample(GlobalAveragePooling2D::new().data_format(ChannelsFirst), &[2, 6, 7]),
        sample(GlobalAveragePooling3D::new(), &[2, 3, 2, 2]),
        sample(
            GlobalAveragePooling3D::new().keepdims(true).data_format(ChannelsFirst),
            &[2, 3, 2, 2],
        ),
        sample(GlobalMaxPooling1D::new(), &[5, 3]),
        sample(GlobalMaxPooling1D::new().keepdims(true).data_format(ChannelsFirst), &[3, 5]),
        sample(GlobalMaxPooling2D::new(), &[3, 2, 35]),
        sample(GlobalMaxPooling2D::new().keepdims(true), &[4, 3, 2]),
        sample(GlobalMaxPooling2D::new().data_format(ChannelsFirst), &[2, 6, 7]),
        sample(GlobalMaxPooling3D::new(), &[2, 3, 2, 2]),
        sample(GlobalMaxPooling3D::new().keepdims(true).data_format(ChannelsFirst), &[2, 3, 2, 2]),
    ]
}

fn adaptive() -> Vec<Sample> {
    vec![
        sample(AdaptiveAveragePooling1D::new(3), &[5, 2]),
        sample(AdaptiveAveragePooling1D::new(5).data_format(ChannelsFirst), &[2, 3]),
        sample(AdaptiveAveragePooling2D::new([3, 2]), &[5, 4, 2]),
        sample(AdaptiveAveragePooling2D::new(1).data_format(ChannelsFirst), &[2, 3, 4]),
        sample(AdaptiveAveragePooling3D::new([2, 3, 2]), &[3, 4, 2, 2]),
        sample(AdaptiveAveragePooling3D::new(2).data_format(ChannelsFirst), &[2, 3, 2, 3]),
        sample(AdaptiveMaxPooling1D::new(3), &[5, 2]),
        sample(AdaptiveMaxPooling1D::new(5).data_format(ChannelsFirst), &[2, 3]),
        sample(AdaptiveMaxPooling2D::new([3, 2]), &[5, 4, 2]),
        sample(AdaptiveMaxPooling2D::new(1).data_format(ChannelsFirst), &[2, 3, 4]),
        sample(AdaptiveMaxPooling3D::new([2, 3, 2]), &[3, 4, 2, 2]),
        sample(AdaptiveMaxPooling3D::new(2).data_format(ChannelsFirst), &[2, 3, 2, 3]),
    ]
}

fn borders() -> Vec<Sample> {
    vec![
        sample(ZeroPadding1D::default(), &[3, 2]),
        sample(ZeroPadding1D::new([0, 2]).data_format(ChannelsFirst), &[2, 3]),
        sample(ZeroPadding2D::default(), &[3, 2, 2]),
        sample(ZeroPadding2D::new([1, 0]), &[3, 2, 2]),
        sample(ZeroPadding2D::new([[1, 2], [0, 3]]).data_format(ChannelsFirst), &[2, 3, 2]),
        sample(ZeroPadding3D::default(), &[2, 3, 2, 2]),
        sample(
            ZeroPadding3D::new([[1, 0], [0, 2], [3, 1]]).data_format(ChannelsFirst),
            &[2, 2, 3, 2],
        ),
        sample(Cropping1D::default(), &[4, 2]),
        sample(Cropping1D::new([0, 2]), &[3, 2]),
        sample(Cropping2D::default(), &[3, 2, 2]),
        sample(Cropping2D::new(1), &[3, 4, 2]),
        sample(Cropping2D::new([[1, 2], [0, 3]]).data_format(ChannelsFirst), &[2, 4, 5]),
        sample(Cropping3D::default(), &[3, 4, 3, 2]),
        sample(Cropping3D::new([[1, 0], [0, 2], [3, 1]]).data_format(ChannelsFirst), &[2, 2, 3, 6]),
    ]
}

fn enlarging() -> Vec<Sample> {
    let by = |interpolation| UpSampling2D::new([2, 3]).interpolation(interpolation);
    vec![
        sample(UpSampling1D::default(), &[3, 2]),
        sample(UpSampling1D::new(1), &[3, 2]),
        sample(UpSampling2D::default(), &[3, 2, 2]),
        sample(UpSampling2D::new([3, 1]).data_format(ChannelsFirst), &[2, 2, 3]),
        sample(by(Interpolation::Area), &[2, 3, 2]),
        sample(by(Interpolation::Bilinear), &[2, 3, 2]),
        sample(by(Interpolation::Bilinear).data_format(ChannelsFirst), &[2, 1, 3]),
        sample(by(Interpolation::Bicubic), &[2, 5, 2]),
        sample(by(Interpolation::Bicubic).data_format(ChannelsFirst), &[2, 4, 3]),
        sample(by(Interpolation::Lanczos3), &[4, 7, 1]),
        sample(by(Interpolation::Lanczos5), &[3, 12, 1]),
        sample(UpSampling3D::default(), &[2, 1, 2, 2]),
        sample(UpSampling3D::new([1, 3, 2]).data_format(ChannelsFirst), &[2, 2, 2, 2]),
        sample(RepeatVector::new(3), &[4]),
        sample(Permute::new([2, 1]), &[3, 2]),
        sample(Permute::new([3, 1, 2]), &[3, 2, 4]),
    ]
}

fn noise() -> Vec<Sample> {
    vec![
        sample(GaussianNoise::new(0.0), &[4]),
        sample(GaussianNoise::new(0.5).seed(3), &[4]).differs_in_training(),
        sample(GaussianDropout::new(0.0), &[4]),
        sample(GaussianDropout::new(0.3), &[6]).differs_in_training(),
        sample(AlphaDropout::new(0.0), &[4]),
        sample(AlphaDropout::new(0.4).seed(2), &[6]).differs_in_training(),
        sample(AlphaDropout::new(0.4).noise_shape([None, Some(1), None]), &[3, 4])
            .differs_in_training(),
        sample(SpatialDropout1D::new(0.4), &[3, 5]).differs_in_training(),
        sample(SpatialDropout2D::new(0.4).seed(1), &[3, 2, 5]).differs_in_training(),
        sample(SpatialDropout2D::new(0.4).data_format(ChannelsFirst), &[5, 3, 2])
            .differs_in_training(),
        sample(SpatialDropout3D::new(0.4), &[3, 2, 2, 5]).differs_in_training(),
        sample(ActivityRegularization::new(), &[4]),
    ]
}
