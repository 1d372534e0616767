//! Models with every class of convolutions and their options.

use ceratops_core::Result;
use ceratops_layers::{
    Conv1D, Conv1DTranspose, Conv2DTranspose, Conv3D, Conv3DTranspose, DataFormat, DepthwiseConv1D,
    DepthwiseConv2D, Input, Padding, SeparableConv1D, SeparableConv2D, Sequential, sequential,
};
use ceratops_weights::{constraints::MaxNorm, regularizers::L2};

/// Name and model.
pub(crate) fn models() -> Result<Vec<(String, Sequential)>> {
    let mut models = sequences()?;
    models.extend(images()?);
    models.extend(volumes()?);
    Ok(models.into_iter().map(|(name, model)| (format!("convolutions_{name}"), model)).collect())
}

fn sequences() -> Result<Vec<(&'static str, Sequential)>> {
    let (same, causal) = (Padding::Same, Padding::Causal);
    Ok(vec![
        (
            "conv1d",
            sequential![
                Input::new([9, 2]),
                Conv1D::new(3, 3).activation("relu"),
                Conv1D::new(4, 2).strides(2).padding(same).use_bias(false),
                Conv1D::new(2, 3).dilation_rate(2).padding(same).kernel_regularizer("l2"),
            ]?,
        ),
        ("conv1d_groups", sequential![Input::new([9, 4]), Conv1D::new(4, 3).groups(2)]?),
        ("conv1d_causal", sequential![Input::new([9, 2]), Conv1D::new(3, 3).padding(causal)]?),
        (
            "depthwise_conv1d",
            sequential![
                Input::new([9, 2]),
                DepthwiseConv1D::new(3).depth_multiplier(2).activation("tanh"),
                DepthwiseConv1D::new(2).strides(2).padding(same).use_bias(false),
                DepthwiseConv1D::new(2).dilation_rate(2),
            ]?,
        ),
        (
            "separable_conv1d",
            sequential![
                Input::new([9, 2]),
                SeparableConv1D::new(3, 3).depth_multiplier(2).activation("tanh"),
                SeparableConv1D::new(2, 2).strides(2).padding(same).use_bias(false),
                SeparableConv1D::new(2, 2).dilation_rate(2),
            ]?,
        ),
        (
            "separable_conv1d_causal",
            sequential![Input::new([9, 2]), SeparableConv1D::new(3, 3).padding(causal)]?,
        ),
        (
            "conv1d_transpose",
            sequential![
                Input::new([4, 2]),
                Conv1DTranspose::new(3, 3).strides(2).activation("tanh"),
                Conv1DTranspose::new(2, 3).strides(2).padding(same).output_padding(1),
            ]?,
        ),
    ])
}

fn images() -> Result<Vec<(&'static str, Sequential)>> {
    let (same, first) = (Padding::Same, DataFormat::ChannelsFirst);
    let governed = DepthwiseConv2D::new(2)
        .depthwise_initializer("he_normal")
        .depthwise_regularizer(L2::new(1e-4))
        .depthwise_constraint(MaxNorm::new(3.0).axis([0, 1]))
        .bias_regularizer("l1");
    let separable = SeparableConv2D::new(2, 2)
        .depthwise_initializer("he_normal")
        .pointwise_initializer("lecun_uniform")
        .depthwise_regularizer(L2::new(1e-4))
        .pointwise_regularizer("l1")
        .depthwise_constraint(MaxNorm::new(3.0).axis([0, 1]))
        .pointwise_constraint("non_neg");
    Ok(vec![
        (
            "depthwise_conv2d",
            sequential![
                Input::new([9, 8, 2]),
                DepthwiseConv2D::new([3, 2]).depth_multiplier(2).activation("relu"),
                DepthwiseConv2D::new(2).strides(2).padding(same).use_bias(false),
            ]?,
        ),
        ("depthwise_conv2d_governed", sequential![Input::new([4, 4, 2]), governed]?),
        (
            "depthwise_conv2d_dilated",
            sequential![Input::new([5, 6, 2]), DepthwiseConv2D::new(2).dilation_rate(2)]?,
        ),
        (
            "depthwise_conv2d_first",
            sequential![Input::new([2, 4, 5]), DepthwiseConv2D::new(2).data_format(first)]?,
        ),
        (
            "separable_conv2d",
            sequential![
                Input::new([9, 8, 2]),
                SeparableConv2D::new(3, [3, 2]).activation("relu"),
                SeparableConv2D::new(4, 2).strides(2).padding(same).use_bias(false),
                SeparableConv2D::new(2, 2).dilation_rate(2),
            ]?,
        ),
        (
            "separable_conv2d_multiplier",
            sequential![Input::new([4, 5, 2]), SeparableConv2D::new(3, 2).depth_multiplier(3)]?,
        ),
        ("separable_conv2d_governed", sequential![Input::new([4, 4, 2]), separable]?),
        (
            "conv2d_transpose",
            sequential![
                Input::new([3, 2, 2]),
                Conv2DTranspose::new(3, 3).strides(2).activation("relu"),
                Conv2DTranspose::new(2, [2, 3]).strides([1, 2]).padding(same).use_bias(false),
                Conv2DTranspose::new(1, 2).strides(3).padding(same),
            ]?,
        ),
        (
            "conv2d_transpose_padded",
            sequential![
                Input::new([3, 2, 2]),
                Conv2DTranspose::new(3, 3).strides(2).output_padding([1, 0]),
            ]?,
        ),
    ])
}

fn volumes() -> Result<Vec<(&'static str, Sequential)>> {
    let same = Padding::Same;
    Ok(vec![
        (
            "conv3d",
            sequential![
                Input::new([5, 4, 6, 2]),
                Conv3D::new(3, [2, 1, 3]).activation("relu"),
                Conv3D::new(2, 2).strides([1, 2, 2]).padding(same).use_bias(false),
            ]?,
        ),
        (
            "conv3d_transpose",
            sequential![
                Input::new([2, 2, 3, 2]),
                Conv3DTranspose::new(3, 2).strides([1, 2, 2]).activation("relu"),
                Conv3DTranspose::new(2, [2, 3, 2]).padding(same).strides(2),
            ]?,
        ),
        (
            "conv3d_transpose_strided",
            sequential![
                Input::new([2, 2, 3, 2]),
                Conv3DTranspose::new(2, [1, 3, 2]).padding(same).strides(2),
            ]?,
        ),
        (
            "conv3d_strided",
            sequential![Input::new([5, 4, 6, 2]), Conv3D::new(3, 1).padding(same).strides(2),]?,
        ),
    ])
}
