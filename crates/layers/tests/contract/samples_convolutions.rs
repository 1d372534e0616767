//! Convolutions: each class with every option that changes what it computes.

use ceratops_layers::{
    Conv1D, Conv1DTranspose, Conv2DTranspose, Conv3D, Conv3DTranspose, DataFormat, DepthwiseConv1D,
    DepthwiseConv2D, LocallyConnected1D, LocallyConnected2D, PReLU, Padding, SeparableConv1D,
    SeparableConv2D,
};

use crate::samples::{Sample, sample};

const FIRST: DataFormat = DataFormat::ChannelsFirst;

pub(crate) fn convolutions() -> Vec<Sample> {
    let transposed = [transposed(), transposed_in_other_ranks()].into_iter().flatten().collect();
    [conv1d(), conv3d(), depthwise(), separable(), transposed, local()]
        .into_iter()
        .flatten()
        .collect()
}

fn local() -> Vec<Sample> {
    let line = |way: u8| LocallyConnected1D::new(2, 3).implementation(way).activation("softplus");
    let image = |way: u8| LocallyConnected2D::new(2, [2, 3]).implementation(way);
    let mut samples = Vec::new();
    for way in 1..=3 {
        samples.push(sample(line(way).strides(2), &[6, 2]));
        samples.push(sample(line(way).use_bias(false).data_format(FIRST), &[2, 4]));
        samples.push(sample(image(way), &[3, 4, 2]));
        samples.push(sample(image(way).data_format(FIRST).activation("tanh"), &[1, 3, 4]));
        if way > 1 {
            samples.push(sample(line(way).padding(Padding::Same), &[4, 2]));
            samples.push(sample(image(way).padding(Padding::Same).strides(2), &[3, 4, 1]));
        }
    }
    samples
}

fn conv1d() -> Vec<Sample> {
    let conv = |filters: usize, size: usize| Conv1D::new(filters, size).activation("softplus");
    vec![
        sample(conv(2, 3), &[5, 3]),
        sample(conv(2, 1).use_bias(false), &[3, 2]),
        sample(conv(2, 3).padding(Padding::Same).strides(2), &[6, 2]),
        sample(conv(2, 3).padding(Padding::Causal), &[4, 2]),
        sample(conv(2, 2).padding(Padding::Causal).strides(2), &[5, 2]),
        sample(conv(2, 2).padding(Padding::Causal).dilation_rate(3), &[4, 1]),
        sample(conv(2, 3).dilation_rate(2), &[7, 2]),
        sample(conv(16, 2).padding(Padding::Causal), &[4, 1]),
        sample(conv(4, 2).groups(2), &[4, 4]),
        sample(conv(4, 2).data_format(FIRST).groups(2).padding(Padding::Causal), &[2, 4]),
        sample(Conv1D::new(2, 2).activation(PReLU::new().shared_axes([1])), &[3, 2]),
        sample(
            Conv1D::new(2, 2)
                .kernel_regularizer("l2")
                .bias_regularizer("l1")
                .kernel_constraint("unit_norm")
                .bias_constraint("non_neg"),
            &[3, 1],
        ),
    ]
}

fn conv3d() -> Vec<Sample> {
    let conv = |filters: usize, size: [usize; 3]| Conv3D::new(filters, size).activation("softplus");
    let same = Padding::Same;
    vec![
        sample(conv(2, [2, 3, 2]), &[3, 4, 3, 2]),
        sample(conv(2, [3, 2, 1]).padding(same).use_bias(false), &[3, 2, 3, 1]),
        sample(conv(2, [2, 2, 3]).padding(same).strides([2, 1, 2]), &[4, 2, 3, 2]),
        sample(conv(2, [2, 1, 2]).dilation_rate([2, 1, 2]), &[4, 2, 3, 1]),
        // Taps of which none sees a slice.
        sample(conv(2, [2, 1, 1]).padding(same).dilation_rate([5, 1, 1]), &[1, 2, 2, 2]),
        // Straight from the image.
        sample(conv(16, [2, 2, 2]).padding(same), &[2, 2, 3, 1]),
        sample(conv(4, [2, 1, 2]).groups(2), &[3, 2, 2, 4]),
        sample(conv(2, [2, 2, 1]).data_format(FIRST).padding(same), &[2, 2, 3, 2]),
    ]
}

fn depthwise() -> Vec<Sample> {
    let conv = |size: [usize; 2]| DepthwiseConv2D::new(size).activation("softplus");
    let line = |size: usize| DepthwiseConv1D::new(size).activation("softplus");
    let same = Padding::Same;
    vec![
        sample(conv([3, 2]), &[4, 4, 3]),
        sample(conv([2, 3]).use_bias(false), &[3, 7, 2]),
        sample(conv([2, 3]).depth_multiplier(2), &[3, 4, 3]),
        sample(conv([3, 3]).padding(same).depth_multiplier(3), &[3, 4, 2]),
        sample(conv([3, 2]).strides(2).padding(same), &[5, 4, 2]),
        sample(conv([2, 2]).strides([2, 3]), &[5, 6, 1]),
        sample(conv([2, 3]).dilation_rate([2, 1]).padding(same), &[4, 4, 2]),
        sample(conv([2, 2]).dilation_rate(2).strides(2), &[6, 5, 2]),
        sample(conv([2, 2]).data_format(FIRST).depth_multiplier(2).padding(same), &[2, 3, 3]),
        // More channels than a vector has numbers.
        sample(conv([2, 2]), &[2, 3, 19]),
        sample(
            DepthwiseConv2D::new(2)
                .depthwise_regularizer("l2")
                .bias_regularizer("l1")
                .depthwise_constraint("unit_norm")
                .bias_constraint("non_neg"),
            &[3, 3, 2],
        ),
        sample(line(3), &[5, 3]),
        sample(line(2).depth_multiplier(2).padding(same).strides(2), &[5, 2]),
        sample(line(2).dilation_rate(2).data_format(FIRST), &[2, 5]),
        sample(
            DepthwiseConv1D::new(2).use_bias(false).activation(PReLU::new().shared_axes([1])),
            &[3, 2],
        ),
    ]
}

fn separable() -> Vec<Sample> {
    let conv =
        |filters: usize, size: [usize; 2]| SeparableConv2D::new(filters, size).activation("tanh");
    let line = |filters: usize, size: usize| SeparableConv1D::new(filters, size).activation("tanh");
    let same = Padding::Same;
    vec![
        sample(conv(2, [3, 2]), &[4, 4, 3]),
        sample(conv(3, [2, 2]).use_bias(false).padding(same), &[3, 3, 2]),
        sample(conv(2, [2, 3]).depth_multiplier(2).strides(2), &[4, 5, 2]),
        sample(conv(2, [2, 2]).dilation_rate([1, 2]).padding(same), &[3, 4, 2]),
        sample(conv(2, [2, 2]).data_format(FIRST).depth_multiplier(2), &[2, 3, 3]),
        sample(
            SeparableConv2D::new(2, 2)
                .activation(PReLU::new().shared_axes([1, 2]))
                .depthwise_regularizer("l2")
                .pointwise_regularizer("l1")
                .bias_regularizer("l2")
                .depthwise_constraint("unit_norm")
                .pointwise_constraint("non_neg")
                .bias_constraint("max_norm"),
            &[3, 3, 2],
        ),
        sample(line(2, 3), &[5, 3]),
        sample(line(3, 2).depth_multiplier(2).padding(same).strides(2), &[5, 2]),
        sample(line(3, 2).padding(Padding::Causal).dilation_rate(2), &[4, 2]),
        sample(line(2, 2).use_bias(false).data_format(FIRST), &[2, 4]),
    ]
}

fn transposed() -> Vec<Sample> {
    let conv = |filters: usize, size: [usize; 2]| {
        Conv2DTranspose::new(filters, size).activation("softplus")
    };
    let same = Padding::Same;
    vec![
        sample(conv(2, [3, 2]), &[3, 4, 3]),
        sample(conv(2, [3, 3]).padding(same).use_bias(false), &[3, 2, 2]),
        sample(conv(2, [2, 3]).strides([3, 2]), &[2, 3, 2]),
        sample(conv(2, [3, 2]).strides(2).padding(same), &[3, 2, 2]),
        sample(conv(2, [3, 3]).strides([2, 3]).output_padding([1, 2]), &[2, 3, 2]),
        sample(conv(2, [3, 3]).strides(2).output_padding([1, 0]).padding(same), &[3, 2, 1]),
        sample(conv(2, [2, 3]).strides(2).output_padding([1, 1]).padding(same), &[2, 2, 1]),
        sample(conv(2, [2, 3]).dilation_rate([2, 1]), &[3, 2, 2]),
        sample(conv(2, [3, 2]).dilation_rate(2).padding(same), &[3, 4, 1]),
        sample(conv(2, [2, 2]).strides(2).data_format(FIRST), &[3, 2, 2]),
        // Sixteen channels: the gradient is calculated straight from the image.
        sample(conv(2, [2, 3]).strides([1, 2]).padding(same), &[2, 2, 16]),
        sample(
            Conv2DTranspose::new(2, 2)
                .activation(PReLU::new().shared_axes([1, 2]))
                .kernel_regularizer("l2")
                .bias_regularizer("l1")
                .kernel_constraint("unit_norm")
                .bias_constraint("non_neg"),
            &[2, 2, 2],
        ),
    ]
}

fn transposed_in_other_ranks() -> Vec<Sample> {
    let line =
        |filters: usize, size: usize| Conv1DTranspose::new(filters, size).activation("softplus");
    let volume = |filters: usize, size: [usize; 3]| {
        Conv3DTranspose::new(filters, size).activation("softplus")
    };
    let same = Padding::Same;
    vec![
        sample(line(2, 3), &[4, 2]),
        sample(line(2, 3).strides(2).padding(same), &[3, 2]),
        sample(line(2, 2).strides(3).output_padding(1), &[3, 2]),
        sample(line(2, 2).dilation_rate(2).data_format(FIRST), &[2, 3]),
        sample(volume(2, [2, 3, 2]), &[2, 2, 3, 2]),
        sample(volume(2, [3, 2, 1]).strides([2, 1, 2]).padding(same), &[2, 3, 2, 1]),
        sample(volume(2, [2, 2, 2]).strides(2).output_padding([1, 0, 1]), &[2, 1, 2, 2]),
        sample(volume(2, [2, 1, 2]).data_format(FIRST).use_bias(false), &[2, 2, 2, 3]),
    ]
}
