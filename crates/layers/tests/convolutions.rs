//! Convolutions that are the same as others: what the one calculates holds for the other.

#![allow(clippy::unwrap_used, reason = "a test's helpers may fail by panicking")]

use ceratops_core::{Context, Gradients, Layer, Purpose, Shape, Tensor};
use ceratops_layers::{
    Conv1D, Conv1DTranspose, Conv2D, Conv2DTranspose, Conv3D, DepthwiseConv2D, Input, Padding,
    SeparableConv2D, sequential,
};

/// Numbers between -1 and 1.
fn random(shape: &[usize], seed: u64) -> Tensor {
    use rand::Rng;
    let mut rng = Purpose::Own.rng(seed);
    let len = shape.iter().product();
    Tensor::new(shape, (0..len).map(|_| rng.random_range(-1.0..1.0)).collect()).unwrap()
}

/// The output, the gradient of the input and those of the weights, flat.
fn pass(layer: &impl Layer, x: &Tensor, dy: &Tensor) -> Vec<Tensor> {
    let flat = |tensor: Tensor| {
        let len = tensor.len();
        tensor.reshape(&[len]).unwrap()
    };
    let (y, saved) = layer.forward(x.clone(), &mut Context::training(0, 0, 0)).unwrap();
    let mut slots = Gradients::slots(layer.params());
    let mut dw = Gradients::new(&mut slots, true);
    let dy = dy.clone().reshape(y.shape()).unwrap();
    let dx = layer.backward(saved.unwrap(), dy, &mut dw).unwrap().unwrap();
    [y, dx].into_iter().chain(slots.into_iter().flatten()).map(flat).collect()
}

/// A layer for inputs of that shape with these weights, each in its own shape.
fn built<L: Layer>(mut layer: L, input: &[usize], weights: &[Tensor]) -> L {
    layer.build(&Shape::of(input), &mut Purpose::Own.rng(1)).unwrap();
    for (param, weight) in layer.params_mut().into_iter().zip(weights) {
        let shape = param.value().shape().to_vec();
        param.set_value(weight.clone().reshape(&shape).unwrap()).unwrap();
    }
    layer
}

fn assert_near(what: &str, found: &[Tensor], expected: &[Tensor]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.len(), expected.len(), "{what}, {i}");
        let largest = expected.as_slice().iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
        for (found, expected) in found.as_slice().iter().zip(expected.as_slice()) {
            assert!((found - expected).abs() <= 1e-5 * largest, "{what}, {i}: {found}, {expected}");
        }
    }
}

/// A depthwise convolution is one of as many groups as there are channels.
#[test]
fn depthwise_is_a_group_for_each_channel() {
    for channels in [1, 5, 16, 35] {
        for multiplier in [1, 2, 3] {
            for (size, strides, dilation) in
                [([3, 3], 1, 1), ([2, 5], 1, 1), ([3, 2], 2, 1), ([3, 3], 1, 2), ([1, 7], 3, 1)]
            {
                for padding in [Padding::Valid, Padding::Same] {
                    let (input, filters) = ([2, 7, 9, channels], channels * multiplier);
                    let kernel = random(&[size[0] * size[1] * filters], 2);
                    let weights = [kernel, random(&[filters], 3)];
                    let grouped = Conv2D::new(filters, size)
                        .groups(channels)
                        .strides(strides)
                        .dilation_rate(dilation)
                        .padding(padding);
                    let depthwise = DepthwiseConv2D::new(size)
                        .depth_multiplier(multiplier)
                        .strides(strides)
                        .dilation_rate(dilation)
                        .padding(padding);
                    let what = format!("{depthwise:?} of {channels} channels");
                    let grouped = built(grouped, &input, &weights);
                    let depthwise = built(depthwise, &input, &weights);
                    let shape = grouped.output_shape(&Shape::of(&input)).unwrap();
                    assert_eq!(depthwise.output_shape(&Shape::of(&input)).unwrap(), shape);
                    let (x, dy) = (random(&input, 4), random(&known(&shape), 5));
                    assert_near(&what, &pass(&depthwise, &x, &dy), &pass(&grouped, &x, &dy));
                }
            }
        }
    }
}

fn known(shape: &Shape) -> Vec<usize> {
    shape.axes().iter().map(|len| len.unwrap()).collect()
}

/// A separable convolution is a depthwise one, and a 1 x 1 one of what that gives.
#[test]
fn separable_is_depthwise_and_pointwise() {
    let input = [3, 6, 5, 7];
    let weights = [random(&[3 * 3 * 7 * 2], 1), random(&[14 * 4], 2), random(&[4], 3)];
    let separable = SeparableConv2D::new(4, 3).depth_multiplier(2).padding(Padding::Same);
    let separable = built(separable, &input, &weights);
    let depthwise = DepthwiseConv2D::new(3).depth_multiplier(2).padding(Padding::Same);
    let depthwise = built(depthwise.use_bias(false), &input, &weights);
    let pointwise = built(Conv2D::new(4, 1), &[3, 6, 5, 14], &weights[1..]);
    let x = random(&input, 4);
    let h = depthwise.forward(x.clone(), &mut Context::inference()).unwrap().0;
    let y = pointwise.forward(h, &mut Context::inference()).unwrap().0;
    let found = separable.forward(x, &mut Context::inference()).unwrap().0;
    assert_near("y", &[found], &[y]);
}

/// A sequence is an image of one row, and an image a volume of one slice.
#[test]
fn a_lower_rank_is_a_higher_one_with_an_axis_of_one() {
    for (filters, groups) in [(3, 1), (16, 1), (4, 2)] {
        let weights = [random(&[3 * 4 / groups * filters], 1), random(&[filters], 2)];
        let line = Conv1D::new(filters, 3).groups(groups).padding(Padding::Same);
        let image = Conv2D::new(filters, [1, 3]).groups(groups).padding(Padding::Same);
        let volume = Conv3D::new(filters, [1, 1, 3]).groups(groups).padding(Padding::Same);
        let numbers = random(&[2 * 9 * 4], 3);
        let x = |shape: &[usize]| numbers.clone().reshape(shape).unwrap();
        let dy = random(&[2 * 9 * filters], 4);
        let expected = pass(&built(image, &[2, 1, 9, 4], &weights), &x(&[2, 1, 9, 4]), &dy);
        let found = pass(&built(line, &[2, 9, 4], &weights), &x(&[2, 9, 4]), &dy);
        assert_near("Conv1D", &found, &expected);
        let shape = [2, 1, 1, 9, 4];
        let found = pass(&built(volume, &shape, &weights), &x(&shape), &dy);
        assert_near("Conv3D", &found, &expected);
    }
}

/// Two taps along the depth are an image of twice the channels.
#[test]
fn a_volume_of_taps_is_a_sum_of_images() {
    for filters in [3, 16] {
        // Depth 2 of 3 slices: the taps see slices (0, 1) and (1, 2).
        let weights = [random(&[2 * 3 * 3 * 2 * filters], 1), random(&[filters], 2)];
        let volume = built(Conv3D::new(filters, [2, 3, 3]), &[1, 3, 4, 5, 2], &weights);
        let x = random(&[1, 3, 4, 5, 2], 3);
        let y = volume.forward(x.clone(), &mut Context::inference()).unwrap().0;
        // Both slices as channels of one image.
        for depth in 0..2 {
            let slice = |d: usize| &x.as_slice()[d * 40..(d + 1) * 40];
            let pairs = slice(depth).chunks(2).zip(slice(depth + 1).chunks(2));
            let both: Vec<f32> = pairs.flat_map(|(a, b)| [a, b].concat()).collect();
            let half = weights[0].len() / 2;
            let (first, second) = weights[0].as_slice().split_at(half);
            let taps = first.chunks(2 * filters).zip(second.chunks(2 * filters));
            let kernel: Vec<f32> = taps.flat_map(|(a, b)| [a, b].concat()).collect();
            let kernel = Tensor::new(&[2 * half], kernel).unwrap();
            let image = Conv2D::new(filters, 3);
            let image = built(image, &[1, 4, 5, 4], &[kernel, weights[1].clone()]);
            let both = Tensor::new(&[1, 4, 5, 4], both).unwrap();
            let expected = image.forward(both, &mut Context::inference()).unwrap().0;
            let len = expected.len();
            let found = &y.as_slice()[depth * len..(depth + 1) * len];
            assert_near("y", &[found.to_vec().into()], &[expected.reshape(&[len]).unwrap()]);
        }
    }
}

/// What a transposed convolution gives is the gradient of the convolution's input, by each method.
#[test]
fn transposed_is_the_gradient_of_a_convolution() {
    for (filters, channels, size, strides, padding) in [
        (3, 5, 3, 2, Padding::Same),
        (16, 16, 3, 1, Padding::Same),
        (2, 16, 4, 2, Padding::Same),
        (16, 3, 2, 3, Padding::Valid),
    ] {
        let kernel = [random(&[size * size * filters * channels], 1)];
        let transposed = Conv2DTranspose::new(filters, size).strides(strides).padding(padding);
        let transposed = built(transposed.use_bias(false), &[2, 6, 7, channels], &kernel);
        let x = random(&[2, 6, 7, channels], 2);
        let y = transposed.output_shape(&Shape::of(x.shape())).unwrap();
        let convolution = Conv2D::new(channels, size).strides(strides).padding(padding);
        let convolution = built(convolution.use_bias(false), &known(&y), &kernel);
        let there = random(&known(&y), 3);
        let found = pass(&transposed, &x, &there);
        let expected = pass(&convolution, &there, &x);
        // y is the other's dx, dx its y, and the gradient of the kernel that they share the same.
        let expected = [expected[1].clone(), expected[0].clone(), expected[2].clone()];
        assert_near(&format!("{transposed:?}"), &found, &expected);
    }
}

/// The numbers of Keras 3.15 on JAX, which computes also what TensorFlow has no convolution for: those whose
/// output another input would fit in.
#[test]
fn transposed_with_an_output_padding_as_on_jax() {
    type Case = (usize, usize, usize, usize, usize, &'static [f32]);
    let cases: [Case; 6] = [
        (
            7,
            2,
            3,
            0,
            1,
            &[10., 0., 2., 20., 0., 3., 30., 0., 4., 40., 0., 5., 50., 0., 6., 60., 0., 7.],
        ),
        (7, 2, 1, 0, 1, &[12., 23., 34., 45., 56., 67.]),
        (5, 4, 2, 0, 1, &[102., 1020., 203., 2030., 304., 3040., 405., 4050.]),
        (5, 4, 2, 1, 1, &[10., 102., 1020., 203., 2030., 304., 3040., 405., 4050.]),
        (5, 2, 3, 1, 1, &[1., 10., 0., 2., 20., 0., 3., 30., 0., 4., 40., 0., 5.]),
        (4, 2, 1, 0, 2, &[2., 13., 24., 30.]),
    ];
    for (n, k, s, p, d, expected) in cases {
        let layer = || {
            let layer = Conv1DTranspose::new(1, k).strides(s).dilation_rate(d).use_bias(false);
            layer.padding(Padding::Same).output_padding(p)
        };
        let mut model = sequential![Input::new([n, 1]), layer()].unwrap();
        let kernel = Tensor::new(&[k, 1, 1], [1., 10., 100., 1000.][..k].to_vec()).unwrap();
        model.set_weights(&[kernel]).unwrap();
        let x = Tensor::new(&[1, n, 1], (1..=n).map(|i| i as f32).collect()).unwrap();
        assert_eq!(model.predict(&x).unwrap().as_slice(), expected, "{n} {k} {s} {p} {d}");
        ceratops_layers::check::gradients(layer(), [n, 1]).unwrap();
    }
}
