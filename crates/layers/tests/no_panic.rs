//! Absurd arguments and inputs: refused or worked with, but never a panic.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail by panicking")]

use ceratops_core::{Context, Gradients, Layer, Rng, Shape, Tensor};
use ceratops_layers::{
    Activation, ActivityRegularization, AdaptiveAveragePooling1D, AdaptiveAveragePooling2D,
    AdaptiveMaxPooling2D, AdaptiveMaxPooling3D, AlphaDropout, AveragePooling1D, AveragePooling2D,
    AveragePooling3D, BatchNormalization, Bidirectional, Conv1D, Conv1DTranspose, Conv2D,
    Conv2DTranspose, Conv3D, ConvLSTM1D, ConvLSTM2D, Cropping1D, Cropping2D, Cropping3D,
    DataFormat, Dense, DepthwiseConv1D, DepthwiseConv2D, Dropout, ELU, Flatten, GRU, GRUCell,
    GaussianDropout, GaussianNoise, GlobalAveragePooling1D, GlobalMaxPooling2D, Input,
    Interpolation, LSTM, LSTMCell, LeakyReLU, MaxPooling1D, MaxPooling2D, MaxPooling3D, MergeMode,
    Node, Normalization, PReLU, Padding, PassOptions, Permute, RNN, ReLU, Registry, RepeatVector,
    Rescaling, Reshape, SeparableConv1D, SeparableConv2D, Sequential, SimpleRNN, Softmax,
    SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, ThresholdedReLU, UpSampling1D,
    UpSampling2D, UpSampling3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D, sequential,
};
use rand::SeedableRng;

const MAX: usize = usize::MAX;

/// Layers with common and with absurd arguments.
fn layers() -> Vec<Node> {
    let same = Padding::Same;
    let conv = |size: usize| Conv2D::new(2, size);
    let pool = |size: usize| MaxPooling2D::new(size);
    let first = DataFormat::ChannelsFirst;
    let noise = vec![None, Some(MAX), None];
    let mut layers: Vec<Node> = vec![
        Activation::new("softmax").into(),
        Activation::new("glu").into(),
        Activation::new("threshold").into(),
        Activation::new(PReLU::new()).into(),
        BatchNormalization::new().axis(isize::MIN).into(),
        BatchNormalization::new().axis(isize::MAX).into(),
        BatchNormalization::new().axis(1).scale(false).into(),
        Dense::new(MAX).into(),
        Dense::new(2).activation("softmax").into(),
        Dropout::new(0.5).noise_shape(noise).into(),
        Dropout::new(1.0).into(),
        ELU::new(f64::NAN).into(),
        ELU::new(f64::NEG_INFINITY).into(),
        Flatten::new().data_format(first).into(),
        ConvLSTM2D::new(MAX, 2).into(),
        ConvLSTM2D::new(2, MAX).into(),
        ConvLSTM2D::new(2, [2, 1]).padding(Padding::Same).strides(MAX).into(),
        ConvLSTM1D::new(2, 0).into(),
        GRU::new(MAX).into(),
        GRU::new(2).return_sequences(true).dropout(0.5).recurrent_dropout(0.5).into(),
        GRU::new(2).reset_after(false).go_backwards(true).activation("glu").into(),
        LSTM::new(MAX).into(),
        SimpleRNN::new(MAX).into(),
        SimpleRNN::new(2).go_backwards(true).return_state(true).into(),
        RNN::stacked([]).into(),
        RNN::stacked([GRUCell::new(2).into(), LSTMCell::new(MAX).into()]).into(),
        Bidirectional::new(GRU::new(MAX)).into(),
        Bidirectional::new(GRU::new(2)).backward_layer(LSTM::new(3)).into(),
        Bidirectional::new(RNN::stacked([])).merge_mode(MergeMode::Sum).into(),
        Bidirectional::new(LSTM::new(2).return_sequences(true)).merge_mode(None).into(),
        LSTM::new(2).into(),
        LSTM::new(1).activation("glu").go_backwards(true).into(),
        LSTM::new(2).return_sequences(true).dropout(f64::NAN).into(),
        LSTM::new(2).return_sequences(true).dropout(0.5).recurrent_dropout(0.5).into(),
        LSTM::new(2).recurrent_activation(PReLU::new()).into(),
        LeakyReLU::new(f64::INFINITY).into(),
        Normalization::new().axis([isize::MIN]).into(),
        Normalization::new().axis([isize::MAX, -1]).into(),
        Normalization::new().axis([1, -1]).into(),
        Normalization::new().axis([]).into(),
        Normalization::new().mean([f64::MAX, 1.0]).variance([f64::MAX, 0.0]).into(),
        PReLU::new().shared_axes([isize::MIN, isize::MAX]).into(),
        PReLU::new().shared_axes([1, 1]).into(),
        PReLU::new().shared_axes([2]).into(),
        ReLU::new().threshold(f64::INFINITY).into(),
        Rescaling::new(f64::NAN).into(),
        Rescaling::new(f64::MAX).offset(f64::MIN).into(),
        Rescaling::new([[0.5], [2.0]]).offset([1.0, 2.0, 3.0]).into(),
        Rescaling::new(vec![]).into(),
        Reshape::new([i64::MAX, i64::MAX]).into(),
        Reshape::new([0, -1]).into(),
        Reshape::new([2, -1]).into(),
        Reshape::new([]).into(),
        Softmax::new([1, 1]).into(),
        Softmax::new([isize::MIN]).into(),
        ThresholdedReLU::new(f64::MAX).into(),
        Sequential::new().into(),
        sequential![Input::new([3]), Dense::new(2)].unwrap().into(),
        sequential![Flatten::new(), Dense::new(2)].unwrap().into(),
    ];
    for size in [1, 2, 3, MAX] {
        layers.extend([conv(size), conv(size).padding(same)].map(Node::from));
        layers.extend([pool(size), pool(size).padding(same)].map(Node::from));
        layers.push(pool(2).strides(size).padding(same).into());
        layers.push(pool(2).strides([MAX, size]).data_format(first).into());
        layers.push(conv(2).strides(size).into());
        layers.push(conv(2).strides([size, MAX]).padding(same).into());
        layers.push(conv(2).dilation_rate(size).into());
        layers.push(conv(2).dilation_rate([MAX, size]).padding(same).into());
        layers.push(conv(1).groups(size).data_format(first).into());
        layers.push(Conv2D::new(MAX, 1).groups(size).into());
        layers.extend(other_convolutions(size));
    }
    for size in [1, 2, MAX] {
        layers.extend(of_volumes(size));
    }
    let registry = Registry::builtin();
    layers.extend(
        registry
            .class_names()
            .filter_map(|class| registry.layer(&serde_json::json!({ "class_name": class })).ok()),
    );
    layers
}

/// Layers over one, two and three axes.
fn of_volumes(size: usize) -> Vec<Node> {
    let (same, first) = (Padding::Same, DataFormat::ChannelsFirst);
    vec![
        MaxPooling1D::new(size).padding(same).into(),
        MaxPooling1D::new(size).data_format(first).into(),
        MaxPooling3D::new([1, size, 2]).strides([size, 1, 1]).padding(same).into(),
        AveragePooling1D::new(size).strides(MAX).into(),
        AveragePooling2D::new(size).padding(same).data_format(first).into(),
        AveragePooling3D::new([size, 1, 1]).into(),
        AdaptiveAveragePooling1D::new(size).into(),
        AdaptiveAveragePooling2D::new([size, 2]).data_format(first).into(),
        AdaptiveMaxPooling2D::new([1, size]).into(),
        AdaptiveMaxPooling3D::new([size, size, 1]).into(),
        GlobalAveragePooling1D::new().data_format(first).into(),
        GlobalMaxPooling2D::new().data_format(first).keepdims(true).into(),
        ZeroPadding1D::new([size, 0]).into(),
        ZeroPadding1D::new(size).data_format(first).into(),
        ZeroPadding2D::new([[0, size], [1, 0]]).into(),
        ZeroPadding3D::new(size).data_format(first).into(),
        Cropping1D::new([size, 1]).into(),
        Cropping2D::new([[0, 1], [size, size]]).data_format(first).into(),
        Cropping3D::new(size).into(),
        UpSampling1D::new(size).into(),
        UpSampling2D::new([1, size]).data_format(first).into(),
        UpSampling2D::new([size, 2]).interpolation(Interpolation::Bilinear).into(),
        UpSampling2D::new(size).interpolation(Interpolation::Bicubic).data_format(first).into(),
        UpSampling2D::new([2, size]).interpolation(Interpolation::Lanczos5).into(),
        UpSampling3D::new([size, 1, 2]).into(),
        RepeatVector::new(size).into(),
        Permute::new([size, 1]).into(),
        Permute::new([3, 1, 2]).into(),
        SpatialDropout1D::new(0.5).into(),
        SpatialDropout2D::new(1.0).data_format(first).into(),
        SpatialDropout3D::new(f64::NAN).into(),
        GaussianNoise::new(size as f64).into(),
        GaussianDropout::new(1.0).into(),
        AlphaDropout::new(0.5).noise_shape([None, Some(size)]).into(),
        ActivityRegularization::new().l1(f64::MAX).l2(f64::NAN).into(),
    ]
}

/// Those of other ranks and kinds.
fn other_convolutions(size: usize) -> [Node; 12] {
    let (same, causal) = (Padding::Same, Padding::Causal);
    let first = DataFormat::ChannelsFirst;
    [
        Conv1D::new(2, 2).padding(causal).dilation_rate(size).into(),
        Conv1D::new(size, 2).strides(MAX).padding(causal).into(),
        Conv2D::new(16, 2).padding(same).dilation_rate(1 << 40).into(),
        Conv3D::new(2, [size, 1, 2]).padding(same).into(),
        Conv3D::new(2, 1).strides([MAX, size, 1]).data_format(first).into(),
        DepthwiseConv1D::new(2).padding(same).dilation_rate(size).into(),
        DepthwiseConv2D::new(2).depth_multiplier(size).strides([2, MAX]).into(),
        DepthwiseConv2D::new(2).padding(same).dilation_rate([1, 1 << 40]).into(),
        SeparableConv1D::new(2, size).padding(causal).data_format(first).into(),
        SeparableConv2D::new(2, 2).depth_multiplier(size).padding(same).into(),
        Conv1DTranspose::new(2, 2).strides(size).output_padding(1).padding(same).into(),
        Conv2DTranspose::new(2, [2, size]).strides([1 << 40, 2]).into(),
    ]
}

/// The shapes of samples: of no axes, of empty ones, of lengths that no memory holds, of open ones.
fn shapes() -> Vec<Shape> {
    let mut shapes = vec![
        Shape::from([None; 3]),
        Shape::from([None, None, Some(2)]),
        Shape::from([None, Some(2)]),
        Shape::from([None]),
        Shape::of(&[MAX]),
        Shape::of(&[MAX, MAX]),
        Shape::of(&[1, MAX, 2]),
        Shape::of(&[MAX, 2, 1]),
    ];
    shapes.extend(inputs().iter().map(|x| Shape::of(x.shape().get(1..).unwrap_or_default())));
    shapes
}

/// Inputs, of which each is fed to every model.
fn inputs() -> Vec<Tensor> {
    let shapes: [&[usize]; 14] = [
        &[],
        &[0],
        &[1],
        &[3],
        &[2, 0],
        &[2, 3],
        &[0, 3],
        &[2, 3, 2],
        &[2, 0, 2],
        &[2, 4, 4, 2],
        &[1, 1, 1, 1],
        &[2, 4, 0, 2],
        &[0, 4, 4, 2],
        &[1, 2, 1, 2, 1],
    ];
    shapes.iter().map(|shape| Tensor::full(shape, 0.5)).collect()
}

#[test]
fn models_of_one_layer() {
    let options = PassOptions { seed: 0, step: 0, logits: true.into(), whole: false };
    let mut answered = 0;
    for layer in layers() {
        for shape in shapes() {
            let mut model = Sequential::new();
            let given = model.add(Input::new(shape.clone())).is_ok();
            let _ = model.add(layer.clone());
            if !given {
                let _ = model.build(Shape::batched(shape.clone()));
            }
            let _ = (model.summary().to_string(), model.to_entry());
            for x in inputs() {
                answered += usize::from(model.predict(&x).is_ok());
                let pass = model.train_pass(&x, options, &|_, y| Ok((0.0, y.clone())));
                let _ = pass.and_then(|pass| model.test_pass(&pass.y, true));
            }
        }
    }
    // The table is of use only if a good part of it runs.
    assert!(answered > 200, "{answered}");
}

/// A layer by itself, built for one shape and run on another.
#[test]
fn layers_fed_with_another_shape() {
    for node in layers() {
        for shape in shapes() {
            let mut layer = node.layer().boxed_clone();
            let built = layer
                .output_shape(&Shape::batched(shape.clone()))
                .and_then(|_| layer.build(&Shape::batched(shape), &mut Rng::seed_from_u64(0)));
            for x in inputs() {
                let Ok((y, saved)) = layer.forward(x, &mut Context::training(0, 0, 0)) else {
                    continue;
                };
                let mut slots = Gradients::slots(layer.params());
                let _ = layer.backward(saved, y, &mut Gradients::new(&mut slots, true));
            }
            let _ = built;
        }
    }
}

/// A model of `layer`, changed after its weights are made.
fn changed<L: Layer>(layer: L, change: impl FnOnce(&mut L)) -> Sequential {
    let mut model = sequential![Input::new([4, 4, 2]), layer].unwrap();
    change(model.layers_mut()[0].downcast_mut().unwrap());
    model
}

#[test]
fn arguments_changed_after_building() {
    let models = [
        changed(Dense::new(3), |layer| layer.units = 5),
        changed(Dense::new(3), |layer| layer.use_bias = false),
        changed(Conv2D::new(3, 2), |layer| layer.filters = 0),
        changed(Conv2D::new(3, 2), |layer| layer.groups = 0),
        changed(Conv2D::new(3, 2), |layer| layer.strides = 0.into()),
        changed(PReLU::new(), |layer| layer.shared_axes = Some(vec![2, -1])),
        changed(BatchNormalization::new(), |layer| layer.axis = 1.into()),
        changed(BatchNormalization::new(), |layer| layer.scale = false),
        changed(Normalization::new(), |layer| layer.axis = vec![]),
        changed(Normalization::new(), |layer| layer.axis = vec![1, 2]),
        changed(Normalization::new().axis([1, 3]), |layer| layer.axis = vec![2]),
        changed(Normalization::new(), |layer| layer.mean = Some(vec![].into())),
        changed(Normalization::new().mean(1.0).variance(1.0), |layer| {
            layer.mean = Some(vec![].into());
            layer.variance = Some(vec![].into());
        }),
        changed(Normalization::new().mean(1.0).variance(1.0), |layer| {
            layer.mean = Some([1.0, 2.0].into());
        }),
        changed(Rescaling::new(1.0), |layer| layer.scale = vec![].into()),
        changed(Rescaling::new(1.0), |layer| layer.offset = [[1.0, 2.0], [1.0, 2.0]].into()),
        changed(Rescaling::new(1.0), |layer| layer.offset = [1.0, 2.0, 3.0].into()),
        changed(MaxPooling2D::new(2), |layer| layer.pool_size = 0.into()),
    ];
    let (x, options) = (
        Tensor::full(&[2, 4, 4, 2], 0.5),
        PassOptions { seed: 0, step: 0, logits: false.into(), whole: false },
    );
    for model in models {
        let _ = model.predict(&x);
        let _ = model.train_pass(&x, options, &|_, y| Ok((0.0, y.clone())));
    }
}
