//! Masks: which layers read them, pass them on, end them, make them and join them, as in Keras 3.15.

use ceratops_core::{AnyLayer, Context, Mask, MultiLayer, Rng, Shape, Tensor};
use ceratops_layers::{
    BatchNormalization, Dense, Input, LSTM, Masking, Model, Node, Registry, Sequential, Softmax,
    sequential,
};
use rand::SeedableRng;
use serde_json::{Value, json};

use crate::{assert_near, gradients, pass, samples::draw, samples_categories, samples_images};

/// `supports_masking` of Keras 3; ThresholdedReLU is from Keras 2.
const PASSING: [&str; 29] = [
    "Activation",
    "ActivityRegularization",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "BatchNormalization",
    "Dense",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "GroupQueryAttention",
    "Identity",
    "LayerNormalization",
    "LeakyReLU",
    "MultiHeadAttention",
    "Normalization",
    "PReLU",
    "ReLU",
    "Rescaling",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "ThresholdedReLU",
    "TimeDistributed",
    "UnitNormalization",
];
/// With `return_sequences`.
const PASSING_SEQUENCES: [&str; 8] =
    ["Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "RNN", "SimpleRNN"];
/// InputLayer is never called.
const ENDING: [&str; 53] = [
    "Highway",
    "MaxoutDense",
    "MelSpectrogram",
    "STFTSpectrogram",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dot",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "InputLayer",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Permute",
    "RMSNormalization",
    "RepeatVector",
    "Reshape",
    "ReversibleEmbedding",
    "SeparableConv1D",
    "SeparableConv2D",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
];
const MAKING: [&str; 1] = ["Masking"];
const JOINING: [&str; 7] =
    ["Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"];

fn layer(class_name: &str, sequences: bool) -> Node {
    let config = match class_name {
        lstm if lstm.starts_with("ConvLSTM") => {
            json!({"filters": 2, "kernel_size": 1, "return_sequences": sequences})
        }
        conv if conv.contains("Depthwise") => json!({"kernel_size": 1}),
        conv if conv.contains("Conv") || conv.starts_with("Locally") => {
            json!({"filters": 2, "kernel_size": 1})
        }
        "Dense" | "MaxoutDense" => json!({"units": 2}),
        "Embedding" | "ReversibleEmbedding" => json!({"input_dim": 2, "output_dim": 2}),
        "GRU" | "LSTM" | "SimpleRNN" => json!({"units": 2, "return_sequences": sequences}),
        "RNN" => json!({"cell": cell("GRUCell"), "return_sequences": sequences}),
        "Bidirectional" => json!({"layer": {
            "class_name": "GRU", "config": {"units": 2, "return_sequences": sequences},
        }}),
        "EinsumDense" => json!({"equation": "...a,ab->...b", "output_shape": 2}),
        "GroupQueryAttention" => {
            json!({"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1})
        }
        "MultiHeadAttention" => json!({"num_heads": 2, "key_dim": 2}),
        "RepeatVector" => json!({"n": 2}),
        "Rescaling" => json!({"scale": 2.0}),
        "SpectralNormalization" | "TimeDistributed" => {
            json!({"layer": {"class_name": "Dense", "config": {"units": 2}}})
        }
        "CategoryEncoding" => json!({"num_tokens": 2}),
        "Discretization" | "HashedCrossing" | "Hashing" => json!({"num_bins": 2}),
        "CenterCrop" | "RandomCrop" | "Resizing" => json!({"height": 2, "width": 2}),
        class if class.starts_with("Adaptive") => json!({"output_size": 1}),
        _ => json!({}),
    };
    let entry = json!({"class_name": class_name, "config": config});
    Registry::builtin().layer(&entry).unwrap()
}

fn cell(class_name: &str) -> Value {
    json!({"class_name": class_name, "config": {"units": 2}})
}

fn mask<const N: usize, const M: usize>(keep: [[f32; M]; N]) -> Mask {
    Mask::from(Tensor::from(keep))
}

/// The mask behind a layer for two samples of three times, in front of which these masks stand.
fn behind(node: &Node, masks: &[Option<Mask>]) -> Option<Mask> {
    let xs: Vec<Tensor> = masks.iter().map(|_| Tensor::full(&[2, 3, 4], 1.0)).collect();
    node.layer().output_masks(&xs, masks).unwrap().into_iter().next().flatten()
}

#[test]
fn each_class_does_with_masks_what_it_does_in_keras() {
    let preparing = [samples_categories::CLASSES, samples_images::CLASSES].concat();
    let a = mask([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]);
    let b = mask([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    for class in Registry::builtin().class_names() {
        let lists = [&PASSING[..], &PASSING_SEQUENCES, &ENDING, &preparing, &MAKING, &JOINING];
        let count = lists.iter().filter(|list| list.contains(&class)).count();
        assert_eq!(count, 1, "{class} must be in one list");
        let node = layer(class, true);
        let one = behind(&node, &[Some(a.clone())]);
        if PASSING.contains(&class) || PASSING_SEQUENCES.contains(&class) {
            assert_eq!(one, Some(a.clone()), "{class}");
        }
        if PASSING_SEQUENCES.contains(&class) {
            assert_eq!(behind(&layer(class, false), &[Some(a.clone())]), None, "{class}");
        }
        if ENDING.contains(&class) || preparing.contains(&class) {
            assert_eq!(one, None, "{class}");
        }
        assert_eq!(node.layer().makes_mask(), MAKING.contains(&class), "{class}");
        if MAKING.contains(&class) {
            // Whatever came before: no step is 0.
            assert_eq!(one.map(|mask| mask.count()), Some(6.0), "{class}");
        }
        if JOINING.contains(&class) {
            let both = behind(&node, &[Some(a.clone()), Some(b.clone())]);
            assert_eq!(both, Some(a.or(&b).unwrap()), "{class}");
            let half = behind(&node, &[Some(a.clone()), None]).map(|mask| mask.count());
            // One without a mask: there is none, which Concatenate takes for all kept.
            assert_eq!(half, (class == "Concatenate").then_some(6.0), "{class}");
        }
    }
}

/// In one model after the other, the masks are those of the layers one after the other.
#[test]
fn models_within_pass_masks_on_as_their_layers_do() {
    let inner = |last: Node| sequential![Input::new([3, 4]), Dense::new(4), last].unwrap();
    let a = mask([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]);
    let masks = |model: &Model, mask: Option<Mask>| {
        let x = Tensor::full(&[2, 3, 4], 1.0);
        MultiLayer::output_masks(model, &[x], &[mask]).unwrap().into_iter().next().flatten()
    };
    let sequences = inner(layer("LSTM", true));
    assert_eq!(masks(&sequences, Some(a.clone())), Some(a.clone()));
    assert_eq!(masks(&sequences, None), None);
    assert_eq!(masks(&inner(layer("LSTM", false)), Some(a.clone())), None);
    assert_eq!(masks(&inner(layer("Masking", false)), None).unwrap().count(), 6.0);
    let twice = sequential![Input::new([3, 4]), sequences].unwrap();
    assert_eq!(masks(&twice, Some(a.clone())), Some(a));
}

/// What a layer computes does not depend on how deep it stands.
#[test]
fn masks_reach_the_layers_of_models_within() {
    let last = || LSTM::new(2).zero_output_for_mask(true).return_sequences(true);
    let flat = || -> Sequential {
        let mut model = Sequential::with_seed(2);
        model.add(Input::new([4, 3])).unwrap().add(Masking::new(0.0)).unwrap();
        model.add(Dense::new(3)).unwrap().add(last()).unwrap().add(LSTM::new(2)).unwrap();
        model
    };
    let row = sequential![Input::new([4, 3]), Dense::new(3), last()].unwrap();
    let mut nested = Sequential::with_seed(2);
    nested.add(Input::new([4, 3])).unwrap().add(Masking::new(0.0)).unwrap();
    nested.add(row).unwrap().add(LSTM::new(2)).unwrap();
    let flat = flat();
    nested.set_weights(&flat.get_weights()).unwrap();
    let mut x = draw(&[5, 4, 3], 8);
    x.as_mut_slice()[3..9].fill(0.0);
    x.as_mut_slice()[21..24].fill(0.0);
    assert_eq!(nested.predict(&x).unwrap(), flat.predict(&x).unwrap());
    let unmasked = sequential![Input::new([4, 3]), Dense::new(3), last(), LSTM::new(2)];
    let mut unmasked = unmasked.unwrap();
    unmasked.set_weights(&flat.get_weights()).unwrap();
    assert_ne!(unmasked.predict(&x).unwrap(), flat.predict(&x).unwrap());
}

/// Three samples of five times: gaps, an end, nothing at all.
fn gaps() -> Mask {
    mask([[0.0, 1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0, 0.0], [0.0; 5]])
}

fn told(mut cx: Context, mask: &Mask) -> Context {
    cx.set_masks(vec![Some(mask.clone())]);
    cx
}

fn saving() -> Context {
    told(Context::saving(), &gaps())
}

fn training() -> Context {
    told(Context::training(7, 0, 0), &gaps())
}

fn built(layer: impl AnyLayer + 'static, input: &[usize]) -> Box<dyn AnyLayer> {
    built_any(Box::new(layer), input)
}

fn built_any(mut layer: Box<dyn AnyLayer>, input: &[usize]) -> Box<dyn AnyLayer> {
    let mut rng = Rng::seed_from_u64(3);
    layer.build(&Shape::batched(input), &mut rng).unwrap();
    layer.params_mut().into_iter().for_each(|param| {
        let spread = draw(param.value().shape(), 6);
        param.value_mut().iter_mut().zip(spread.as_slice()).for_each(|(w, d)| *w += d / 8.0);
    });
    layer
}

fn lstms() -> Vec<LSTM> {
    let plain = || LSTM::new(3);
    let sequences = || LSTM::new(3).return_sequences(true);
    vec![
        plain(),
        sequences(),
        plain().go_backwards(true),
        sequences().go_backwards(true),
        plain().zero_output_for_mask(true),
        sequences().zero_output_for_mask(true),
        plain().go_backwards(true).zero_output_for_mask(true),
        sequences().go_backwards(true).zero_output_for_mask(true).activity_regularizer("l2"),
        sequences().dropout(0.3).recurrent_dropout(0.3),
        plain().use_bias(false).activation("relu").recurrent_activation("hard_sigmoid"),
    ]
}

#[test]
fn gradients_of_layers_that_read_masks() {
    let check = |layer: &dyn AnyLayer, x: &Tensor| {
        for cx in [saving, training] {
            gradients::check(layer, x, cx).unwrap_or_else(|e| panic!("{layer:?}: {e}"));
        }
    };
    for lstm in lstms().into_iter().filter(|lstm| lstm.activity_regularizer.is_none()) {
        check(&*built(lstm, &[5, 2]), &draw(&[3, 5, 2], 4));
    }
    for layer in super::samples_recurrent::masked() {
        check(&*built_any(layer.layer().boxed_clone(), &[5, 2]), &draw(&[3, 5, 2], 4));
    }
    check(&*built(BatchNormalization::new(), &[5, 2]), &draw(&[3, 5, 2], 4));
    check(&*built(BatchNormalization::new().axis(1), &[5, 2]), &draw(&[3, 5, 2], 4));
    check(
        &*built(BatchNormalization::new().center(false).scale(false), &[5, 2]),
        &draw(&[3, 5, 2], 4),
    );
    check(&Softmax::new(-1), &draw(&[3, 5], 4));
    check(&Softmax::new(1), &draw(&[3, 5], 4));
}

/// A masked time might as well not be there; the output then repeats the last one.
#[test]
fn an_lstm_passes_over_masked_times() {
    for lstm in lstms() {
        let layer = built(lstm.clone(), &[5, 2]);
        let x = draw(&[3, 5, 2], 4);
        let y = layer.forward(x.clone(), &mut told(Context::inference(), &gaps())).unwrap().0;
        let alone = |sample: usize, times: &[usize]| {
            let of = |t: &usize| x.as_slice()[(sample * 5 + t) * 2..][..2].to_vec();
            let x = Tensor::new(&[1, times.len(), 2], times.iter().flat_map(of).collect());
            layer.forward(x.unwrap(), &mut Context::inference()).unwrap().0.as_slice().to_vec()
        };
        let (zero, width) = (lstm.zero_output_for_mask, y.sample_len());
        for (sample, times) in [(0, &[1, 3, 4][..]), (1, &[0, 1, 2]), (2, &[])] {
            let found = &y.as_slice()[sample * width..][..width];
            let own = if times.is_empty() { Vec::new() } else { alone(sample, times) };
            let keep = &gaps().tensor().as_slice()[sample * 5..][..5].to_vec();
            let steps: Vec<f32> =
                if lstm.go_backwards { keep.iter().rev().copied().collect() } else { keep.clone() };
            let mut last = vec![0.0; 3];
            let mut rows = own.chunks(3);
            let all: Vec<Vec<f32>> = steps
                .iter()
                .map(|keep| {
                    if *keep != 0.0 && lstm.return_sequences {
                        last = rows.next().unwrap().to_vec();
                    }
                    if *keep == 0.0 && zero { vec![0.0; 3] } else { last.clone() }
                })
                .collect();
            let expected = match lstm.return_sequences {
                true => all.concat(),
                false if zero && steps[4] == 0.0 || times.is_empty() => vec![0.0; 3],
                false => own,
            };
            let near = found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6);
            assert!(near, "{lstm:?} {sample}: {found:?} {expected:?}");
        }
    }
}

/// A mask that keeps everything changes nothing, not a bit.
#[test]
fn a_mask_of_ones_changes_nothing() {
    let ones = Mask::from(Tensor::full(&[3, 5], 1.0));
    for lstm in lstms() {
        let (layer, x) = (built(lstm, &[5, 2]), draw(&[3, 5, 2], 4));
        let dy = draw(layer.forward(x.clone(), &mut saving()).unwrap().0.shape(), 5);
        let cx = || Context::training(7, 0, 0);
        assert_eq!(pass(&*layer, &x, &dy, told(cx(), &ones)), pass(&*layer, &x, &dy, cx()));
    }
    let (layer, x) = (built(BatchNormalization::new(), &[5, 2]), draw(&[3, 5, 2], 4));
    let cx = || Context::training(7, 0, 0);
    let (masked, plain) = (pass(&*layer, &x, &x, told(cx(), &ones)), pass(&*layer, &x, &x, cx()));
    assert_near(&masked.0, &plain.0, "y");
    assert_near(&masked.1, &plain.1, "dx");
}

#[test]
fn a_mask_of_another_shape_is_refused() {
    let wrong = mask([[1.0, 0.0]]);
    let refuse = |layer: &dyn AnyLayer, x: &[usize], mask: &Mask| {
        let mut cx = told(Context::training(1, 0, 0), mask);
        layer.forward(draw(x, 1), &mut cx).unwrap_err().to_string()
    };
    let error = refuse(&*built(LSTM::new(2), &[5, 2]), &[1, 5, 2], &wrong);
    assert!(error.contains("mask") && error.contains("(1, 5)"), "{error}");
    // As it is in Keras, where the mask would lie along the last axes.
    let error = refuse(&Softmax::new(-1), &[3, 5, 5], &gaps());
    assert!(error.contains("mask") && error.contains("Activation"), "{error}");
    let error = refuse(&*built(BatchNormalization::new(), &[3]), &[1, 3], &wrong);
    assert!(error.contains("mask") && error.contains("all axes"), "{error}");
}

/// Measured with Keras 3.15.
#[test]
fn a_softmax_leaves_out_what_is_masked() {
    let x = Tensor::from([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]);
    let keep = mask([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
    let mut cx = told(Context::inference(), &keep);
    let (y, _) = AnyLayer::forward(&Softmax::new(-1), x.clone(), &mut cx).unwrap();
    assert_near(&y, &[[0.119_202_91, 0.0, 0.880_797], [0.0; 3]].into(), "classes");
    let x = Tensor::new(&[2, 3, 2], x.as_slice().iter().flat_map(|x| [*x, *x]).collect()).unwrap();
    let keep = Mask::from(keep.tensor().clone().reshape(&[2, 3, 1]).unwrap());
    let (y, _) =
        AnyLayer::forward(&Softmax::new([1, 2]), x, &mut told(Context::inference(), &keep))
            .unwrap();
    let first = [0.059_601_47, 0.059_601_47, 0.0, 0.0, 0.440_398_6, 0.440_398_6];
    let expected = Tensor::new(&[2, 3, 2], [first, [0.0; 6]].concat()).unwrap();
    assert_near(&y, &expected, "two axes");
}
