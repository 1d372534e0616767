//! Attention with its arguments and masks: promised shapes, gradients, batches that are cut.

use ceratops_core::{AnyLayer, Arguments, Context, Gradients, Mask, Rng, Shape, Tensor, Tensors};
use ceratops_layers::{
    AdditiveAttention, Attention, CallLayer, GroupQueryAttention, Input, IntoNode, Model,
    MultiHeadAttention, Node, ScoreMode,
};
use rand::SeedableRng;
use std::sync::Arc;

use crate::samples::draw;

/// A layer, its inputs' shapes without the batch (tensors among the arguments last), the arguments, and
/// for each input which of its steps count.
pub(crate) struct Case {
    node: Node,
    inputs: Vec<Vec<usize>>,
    arguments: Arguments,
    masks: Vec<Option<Vec<f32>>>,
}

fn case(layer: impl Into<Node>, inputs: &[&[usize]]) -> Case {
    let inputs = inputs.iter().map(|dims| dims.to_vec()).collect();
    Case { node: layer.into(), inputs, arguments: Arguments::NONE, masks: Vec::new() }
}

impl Case {
    fn value(self, name: &str) -> Self {
        Self { arguments: self.arguments.with_value(name, true), ..self }
    }

    fn tensor(self, name: &str) -> Self {
        Self { arguments: self.arguments.with_tensor(name), ..self }
    }

    fn masks(self, masks: &[Option<&[f32]>]) -> Self {
        Self { masks: masks.iter().map(|mask| mask.map(<[f32]>::to_vec)).collect(), ..self }
    }

    fn built(&self) -> Box<dyn AnyLayer> {
        let (inputs, _) = self.arguments.split(&self.inputs);
        let shapes: Vec<Shape> = inputs.iter().map(|dims| Shape::batched(&dims[..])).collect();
        let mut layer = self.node.layer().boxed_clone();
        layer.build_all(&shapes, &mut Rng::seed_from_u64(3)).unwrap();
        for (i, param) in layer.params_mut().into_iter().enumerate() {
            let moved = draw(param.value().shape(), i as u64);
            param.value_mut().iter_mut().zip(moved.as_slice()).for_each(|(w, d)| *w += d / 4.0);
        }
        layer
    }

    fn xs(&self, batch: usize) -> Tensors {
        let named = self.arguments.tensors().len();
        let first = self.inputs.len() - named;
        let x = |(i, dims): (usize, &Vec<usize>)| {
            let shape: Vec<usize> = [batch].iter().chain(dims).copied().collect();
            let x = draw(&shape, i as u64 + 20);
            // A mask of pairs: two of three count.
            if i < first { x } else { x.map(|x| f32::from(x > -0.35)) }
        };
        self.inputs.iter().enumerate().map(x).collect()
    }

    /// The context for samples that all have the same masks.
    fn told(&self, mut cx: Context, batch: usize) -> Context {
        let mask = |mask: &Option<Vec<f32>>| {
            let steps = mask.as_ref()?;
            let all = steps.repeat(batch);
            Some(Mask::from(Tensor::new(&[batch, steps.len()], all).unwrap()))
        };
        cx.set_masks(self.masks.iter().map(mask).collect());
        cx.set_arguments(Some(Arc::new(self.arguments.clone())));
        cx
    }
}

const QV: [&[usize]; 2] = [&[3, 4], &[5, 6]];
const QVK: [&[usize]; 3] = [&[3, 4], &[5, 2], &[5, 6]];
const ALIKE_QVK: [&[usize]; 3] = [&[3, 4], &[5, 4], &[5, 6]];
const ALIKE: [&[usize]; 3] = [&[3, 4], &[5, 2], &[5, 4]];

fn cases() -> Vec<Case> {
    let mha = || MultiHeadAttention::new(2, 3);
    let (causal, scores, pairs) = ("use_causal_mask", "return_attention_scores", "attention_mask");
    let some: [Option<&[f32]>; 3] = [
        Some(&[1.0, 0.0, 1.0]),
        Some(&[1.0, 1.0, 0.0, 0.0, 1.0]),
        Some(&[0.0, 1.0, 1.0, 1.0, 1.0]),
    ];
    let grouped = || GroupQueryAttention::new(2, 4, 2);
    let concat = || Attention::new().score_mode(ScoreMode::Concat);
    let images: [&[usize]; 2] = [&[2, 3, 4], &[3, 2, 4]];
    vec![
        case(mha(), &QV),
        case(mha().value_dim(2).use_bias(false), &QVK),
        case(mha().output_shape([2, 3]), &QV),
        case(mha().use_gate(true), &QVK).value(causal),
        case(mha(), &QV).value(causal).value(scores),
        case(mha().sliding_window(2), &QV),
        case(mha(), &QVK).masks(&some),
        case(mha(), &QVK).masks(&some).value(causal).value(scores),
        case(mha(), &[&[3, 4], &[5, 6], &[3, 5]]).tensor(pairs),
        case(mha(), &[&[3, 4], &[5, 6], &[2, 3, 5]]).tensor(pairs).value(causal),
        case(mha(), &[&[3, 4], &[5, 2], &[5, 6], &[1, 5]]).tensor(pairs).masks(&some),
        case(mha().dropout(0.4), &QV).value(scores).masks(&some[..2]),
        case(mha(), &images),
        case(mha().attention_axes([2]), &[&[2, 3, 4], &[2, 5, 4]]).value(causal),
        case(mha().attention_axes([1]).output_shape([3]), &[&[2, 3, 4], &[5, 3, 4]]).value(scores),
        case(mha().attention_axes([2, 1]), &images),
        case(mha().activity_regularizer("l2"), &QV),
        case(grouped(), &ALIKE_QVK),
        case(grouped().use_gate(true).use_bias(false).sliding_window(2), &ALIKE_QVK[..2])
            .value(causal),
        case(grouped().dropout(0.3), &ALIKE_QVK[..2]).value(scores).masks(&some[..2]),
        case(GroupQueryAttention::new(3, 2, 1), &[&[3, 4], &[5, 4], &[3, 5]]).tensor(pairs),
        case(Attention::new(), &ALIKE),
        case(Attention::new().use_scale(true).dropout(0.3), &ALIKE).value(causal).value(scores),
        case(Attention::new().use_scale(true), &[&[3, 4], &[5, 4]]).masks(&some[..2]),
        case(Attention::new(), &[&[2, 3, 4], &[2, 5, 4]]),
        case(concat(), &ALIKE),
        case(concat().use_scale(true), &ALIKE).masks(&some).value(causal),
        case(AdditiveAttention::new(), &ALIKE).value(scores),
        case(AdditiveAttention::new().use_scale(false).dropout(0.2), &[&[3, 4], &[5, 4]])
            .masks(&some[..2]),
    ]
}

fn saving() -> Context {
    Context::saving()
}

fn training() -> Context {
    Context::training(7, 0, 0)
}

/// The outputs, the gradients of the inputs, and of the weights.
fn pass(
    case: &Case,
    layer: &dyn AnyLayer,
    xs: &Tensors,
    dys: &[Option<Tensor>],
    cx: Context,
) -> (Vec<Tensor>, Vec<Option<Tensor>>, Vec<Tensor>) {
    let batch = xs[0].batch();
    let (ys, saved) = layer.forward_all(xs.clone(), &mut case.told(cx, batch)).unwrap();
    let mut slots = Gradients::slots(layer.params());
    let dxs =
        layer.backward_all(saved, dys.to_vec(), &mut Gradients::new(&mut slots, true)).unwrap();
    (ys.into_iter().collect(), dxs, slots.into_iter().flatten().collect())
}

fn run(case: &Case, layer: &dyn AnyLayer, xs: &Tensors, cx: Context) -> (Vec<Tensor>, f64) {
    let mut cx = case.told(cx, xs[0].batch());
    let ys = layer.forward_all(xs.clone(), &mut cx).unwrap().0;
    (ys.into_iter().collect(), cx.take_loss())
}

#[test]
fn outputs_have_the_promised_shapes() {
    for case in cases() {
        let layer = case.built();
        for batch in [0, 1, 3] {
            let xs = case.xs(batch);
            let shapes: Vec<Shape> = xs.iter().map(|x| Shape::of(x.shape())).collect();
            let promised = layer.shapes_of_call(&shapes, &case.arguments).unwrap();
            for cx in [Context::inference(), saving(), training()] {
                let (ys, _) = run(&case, &*layer, &xs, cx);
                let found: Vec<Shape> = ys.iter().map(|y| Shape::of(y.shape())).collect();
                assert_eq!(found, promised, "{layer:?}");
            }
        }
    }
}

/// In every number of every input and every weight, for each output by itself and for all together.
#[test]
fn gradients_are_those_of_small_steps() {
    for (case, cx) in cases().into_iter().flat_map(|case| {
        let both: [fn() -> Context; 2] = [saving, training];
        let case = Arc::new(case);
        both.map(|cx| (Arc::clone(&case), cx))
    }) {
        let (layer, xs) = (case.built(), case.xs(2));
        let (ys, _) = run(&case, &*layer, &xs, cx());
        let all: Vec<Option<Tensor>> =
            ys.iter().enumerate().map(|(i, y)| Some(draw(y.shape(), 50 + i as u64))).collect();
        let mut wanted = vec![all.clone()];
        for place in 0..if all.len() > 1 { 2 } else { 0 } {
            let alone = |(i, dy): (usize, &Option<Tensor>)| dy.clone().filter(|_| i == place);
            wanted.push(all.iter().enumerate().map(alone).collect());
        }
        for dys in wanted {
            let loss = |layer: &dyn AnyLayer, xs: &Tensors| -> f64 {
                let (ys, penalty) = run(&case, layer, xs, cx());
                let pairs = ys.iter().zip(&dys).filter_map(|(y, dy)| Some((y, dy.as_ref()?)));
                let one = |(y, dy): (&Tensor, &Tensor)| -> f64 {
                    let both = y.as_slice().iter().zip(dy.as_slice());
                    both.map(|(y, dy)| f64::from(*y) * f64::from(*dy)).sum()
                };
                pairs.map(one).sum::<f64>() + penalty
            };
            let (_, dxs, dws) = pass(&case, &*layer, &xs, &dys, cx());
            let named = case.arguments.tensors().len();
            for place in 0..xs.len() - named {
                let dx = dxs[place].clone().unwrap();
                compare(
                    &format!("input {place} of {}", layer.config().unwrap()),
                    &xs[place],
                    &dx,
                    |x| {
                        let mut xs = xs.clone();
                        xs[place] = x;
                        loss(&*layer, &xs)
                    },
                );
            }
            for (i, dw) in dws.iter().enumerate() {
                let (mut moved, w) = (layer.clone(), layer.params()[i].value().clone());
                compare(&format!("weight {i} of {}", layer.config().unwrap()), &w, dw, |w| {
                    moved.params_mut()[i].set_value(w).unwrap();
                    loss(&*moved, &xs)
                });
            }
        }
    }
}

fn compare(what: &str, at: &Tensor, gradient: &Tensor, mut loss: impl FnMut(Tensor) -> f64) {
    const STEP: f32 = 8e-3;
    let slopes: Vec<f64> = (0..at.len())
        .map(|i| {
            let mut moved = |step: f32| {
                let mut at = at.clone();
                at.as_mut_slice()[i] += step;
                (f64::from(at.as_slice()[i]), loss(at))
            };
            let ((left, below), (right, above)) = (moved(-STEP), moved(STEP));
            (above - below) / (right - left)
        })
        .collect();
    assert_eq!(at.shape(), gradient.shape(), "{what}");
    let largest = slopes.iter().fold(0.0, |max: f64, slope| max.max(slope.abs()));
    for (slope, dx) in slopes.iter().zip(gradient.as_slice()) {
        let near = (slope - f64::from(*dx)).abs() <= 4e-3 * largest + 2e-4;
        assert!(near, "{what}: {dx} and {slope}");
    }
}

#[test]
fn a_batch_may_be_cut_anywhere() {
    for case in cases() {
        let (layer, xs) = (case.built(), case.xs(5));
        let (ys, _) = run(&case, &*layer, &xs, saving());
        let dys: Vec<Tensor> =
            ys.iter().enumerate().map(|(i, y)| draw(y.shape(), 50 + i as u64)).collect();
        let of = |range: std::ops::Range<usize>| {
            let cut = |x: &Tensor| x.batch_slice(range.clone()).unwrap();
            let xs: Tensors = xs.iter().map(cut).collect();
            let dys: Vec<_> = dys.iter().map(|dy| Some(cut(dy))).collect();
            pass(&case, &*layer, &xs, &dys, saving().of_batch(5))
        };
        let (whole, first, second) = (of(0..5), of(0..2), of(2..5));
        for (i, y) in whole.0.iter().enumerate() {
            let joined = Tensor::concat(&[first.0[i].clone(), second.0[i].clone()]).unwrap();
            crate::assert_near(&joined, y, &format!("y of {}", layer.config().unwrap()));
        }
        for (i, dx) in whole.1.iter().enumerate() {
            let Some(dx) = dx else { continue };
            let parts = [&first, &second].map(|part| part.1[i].clone().unwrap());
            crate::assert_near(
                &Tensor::concat(&parts).unwrap(),
                dx,
                &format!("dx of {}", layer.config().unwrap()),
            );
        }
        for (i, dw) in whole.2.iter().enumerate() {
            let sum = first.2[i].clone().zip_map(&second.2[i], |a, b| a + b).unwrap();
            crate::assert_near(&sum, dw, &format!("dw {i} of {}", layer.config().unwrap()));
        }
    }
}

/// The arguments of its calls are kept: in JSON, in a part of the model, and for each call by itself.
#[test]
fn a_model_keeps_the_arguments_of_calls() {
    let x = Input::new([3, 4]).named("x").tensor();
    let pairs = Input::new([3, 3]).named("pairs").tensor();
    let shared = MultiHeadAttention::new(2, 3).named("look").shared();
    let plain = shared.call([&x, &x]).unwrap();
    let causal = shared.clone().use_causal_mask(true).call([&x, &x]).unwrap();
    let masked = shared.clone().attention_mask(&pairs).return_attention_scores(true);
    let masked = masked.call_all([&x, &x, &x]).unwrap();
    let model = Model::new([&x, &pairs], [&plain, &causal, &masked[0], &masked[1]]).unwrap();
    let xs = [draw(&[2, 3, 4], 1), draw(&[2, 3, 3], 2).map(|x| f32::from(x > 0.0))];
    let ys = model.predict_all(xs.to_vec()).unwrap().into_tensors();
    assert_ne!(ys[0], ys[1]);
    assert_ne!(ys[0], ys[2]);
    assert_eq!(ys[3].shape(), [2, 2, 3, 3]);
    // The last step sees all before it and itself either way.
    let last = |y: &Tensor| y.as_slice()[2 * 4..3 * 4].to_vec();
    assert_eq!(last(&ys[0]), last(&ys[1]));
    let part = model.up_to("look[1]").unwrap();
    assert_eq!(part.predict(xs[0].clone()).unwrap(), ys[1]);
    let part = model.up_to("look[2][1]").unwrap();
    assert_eq!(part.predict(xs.to_vec()).unwrap(), ys[3]);
}

#[test]
fn calls_that_make_no_sense_are_refused() {
    let x = Input::new([3, 4]).tensor();
    let error = MultiHeadAttention::new(2, 3).call(&x).unwrap_err().to_string();
    assert!(error.contains("[&x, &x]"), "{error}");
    let two = Input::new([4]).tensor();
    let error = MultiHeadAttention::new(2, 3).call([&two, &two]).unwrap_err().to_string();
    assert!(error.contains("(batch, steps, features)"), "{error}");
    let error = Attention::new().attention_mask_refused(&x);
    assert!(error.contains("takes no argument `attention_mask`"), "{error}");
    let other = Input::new([3, 5]).tensor();
    let error = Attention::new().call([&x, &other]).unwrap_err().to_string();
    assert!(error.contains("as many features"), "{error}");
    let error = MultiHeadAttention::new(2, 3).attention_axes([3]).call([&x, &x]).unwrap_err();
    assert!(error.to_string().contains("attention_axes"), "{error}");
}

trait Refused {
    fn attention_mask_refused(self, x: &ceratops_layers::KerasTensor) -> String;
}

impl Refused for Attention {
    fn attention_mask_refused(self, x: &ceratops_layers::KerasTensor) -> String {
        self.shared().attention_mask(x).call([x, x]).unwrap_err().to_string()
    }
}
