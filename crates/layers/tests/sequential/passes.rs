//! Training passes: chunks do not show, frozen layers and the first layer's input cost nothing.

use std::sync::{Arc, Mutex};

use ceratops_core::{AnyLayer, Context, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_layers::{
    AnyActivation, BatchNormalization, Conv2D, Dense, Flatten, Input, IntoNode, MaxPooling2D,
    PReLU, Sequential, sequential,
};
use serde::Serialize;

use crate::{OPTIONS, assert_near, draw};

fn images() -> Sequential {
    sequential![
        Input::new([8, 8, 2]),
        Conv2D::new(3, 3).activation("tanh"),
        MaxPooling2D::new(2),
        Flatten::new(),
        Dense::new(4).activation(PReLU::new()),
        Dense::new(3),
    ]
    .unwrap()
}

#[test]
fn gradients_are_the_sum_over_the_samples() {
    let model = images();
    for batch in [1, 7, 64, 130] {
        let (x, r) = (draw(&[batch, 8, 8, 2], 1), draw(&[batch, 3], 2));
        let pass = |part: std::ops::Range<usize>| {
            let (x, r) = (x.batch_slice(part.clone()).unwrap(), r.batch_slice(part).unwrap());
            let loss = |range: std::ops::Range<usize>, y: &Tensor| {
                let r = r.batch_slice(range)?;
                Ok((y.clone().zip_map(&r, |y, r| y * r)?.sum(), r))
            };
            model.train_pass(&x, OPTIONS, &loss).unwrap()
        };
        let whole = pass(0..batch);
        let singles: Vec<_> = (0..batch).map(|i| pass(i..i + 1)).collect();
        for (i, dw) in whole.gradients.iter().enumerate() {
            let mut sum = Tensor::zeros(model.params()[i].value().shape());
            singles
                .iter()
                .for_each(|s| sum.add_scaled(1.0, s.gradients[i].as_ref().unwrap()).unwrap());
            assert_near(dw.as_ref().unwrap(), &sum, &format!("dw {i} of {batch}"));
        }
        let loss: f64 = singles.iter().map(|single| single.loss).sum();
        assert!((whole.loss - loss).abs() < 1e-5 * batch as f64, "{} {loss}", whole.loss);
        assert_near(&whole.y, &model.predict(&x).unwrap(), "y");
    }
}

/// The same as the layers run by hand, one after the other, on the whole batch.
#[test]
fn a_batch_in_chunks_is_normalized_as_one() {
    let bn = BatchNormalization::new;
    let model = sequential![
        Input::new([8, 8, 2]),
        Conv2D::new(3, 3).activation("tanh"),
        bn(),
        MaxPooling2D::new(2),
        Flatten::new(),
        Dense::new(4).activation(AnyActivation::layer(bn())),
        Dense::new(3).activation("tanh"),
        bn(),
    ]
    .unwrap();
    let (x, r) = (draw(&[150, 8, 8, 2], 1), draw(&[150, 3], 2));
    let pass = model.train_pass(&x, OPTIONS, &|range, _| Ok((0.0, r.batch_slice(range)?))).unwrap();
    let layer: &dyn AnyLayer = &model;
    let mut cx = Context::training(0, 0, 0);
    let (y, saved) = layer.forward(x, &mut cx).unwrap();
    let mut slots = Gradients::slots(layer.params());
    layer.backward(saved, r, &mut Gradients::new(&mut slots, false)).unwrap();
    assert_near(&pass.y, &y, "y");
    for (i, (chunked, whole)) in pass.gradients.iter().zip(&slots).enumerate() {
        assert_eq!(chunked.is_some(), whole.is_some());
        if let (Some(chunked), Some(whole)) = (chunked, whole) {
            assert_near(chunked, whole, &format!("dw {i}"));
        }
    }
    let updates = cx.take_updates();
    assert_eq!(pass.updates.len(), 6);
    for (a, b) in pass.updates.iter().zip(&updates) {
        assert_eq!(a.index, b.index);
        assert_near(&a.value, &b.value, "update");
    }
}

/// y = w · x, which remembers whether its dx was asked for.
#[derive(Debug, Clone, Default, Serialize)]
struct Probe {
    #[serde(skip)]
    asked: Arc<Mutex<Vec<bool>>>,
    #[serde(skip)]
    w: Option<Param>,
}

impl Layer for Probe {
    const CLASS_NAME: &'static str = "Probe";
    type Saved = Tensor;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn build(&mut self, _: &Shape, _: &mut Rng) -> Result<()> {
        self.w = Some(Param::new("w", Tensor::scalar(2.0)));
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Tensor>)> {
        let saved = cx.save(|| x.clone());
        Ok((x.map(|x| 2.0 * x), saved))
    }

    fn backward(&self, x: Tensor, dy: Tensor, dw: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        self.asked.lock().unwrap().push(dw.wants_dx());
        if let Some(dw) = dw.get(0) {
            let dot = x.zip_map(&dy, |x, dy| x * dy)?.sum() as f32;
            dw.as_mut_slice()[0] += dot;
        }
        Ok(dw.wants_dx().then(|| dy.map(|dy| 2.0 * dy)))
    }

    fn params(&self) -> Vec<&Param> {
        self.w.iter().collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.w.iter_mut().collect()
    }
}

/// What probes in four places were asked: one before and in and behind a nested model.
fn asked(freeze: &[&str]) -> [Vec<bool>; 4] {
    let probes: [Probe; 4] = Default::default();
    let [a, b, c, d] = probes.clone();
    let inner = sequential![b.named("b"), PReLU::new(), c.named("c")].unwrap();
    let mut model = sequential![Input::new([3]), Flatten::new(), a.named("a"), inner, d.named("d")];
    let model = model.as_mut().unwrap();
    for name in freeze {
        model.get_layer_mut(name).unwrap().set_trainable(false);
    }
    let pass = model.train_pass(&draw(&[2, 3], 0), OPTIONS, &|_, y| Ok((0.0, y.clone()))).unwrap();
    for (dw, param) in pass.gradients.iter().zip(model.params()) {
        assert_eq!(dw.is_some(), param.learns());
    }
    probes.map(|probe| probe.asked.lock().unwrap().clone())
}

#[test]
fn no_gradient_is_made_that_nothing_reads() {
    let (yes, no, not_run) = (vec![true], vec![false], vec![]);
    assert_eq!(asked(&[]), [no.clone(), yes.clone(), yes.clone(), yes]);
    let frozen_a = asked(&["a"]);
    assert_eq!(frozen_a, [not_run.clone(), no.clone(), vec![true], vec![true]]);
    let frozen_both = asked(&["a", "sequential"]);
    assert_eq!(frozen_both, [not_run.clone(), not_run.clone(), not_run.clone(), no]);
    assert_eq!(asked(&["a", "sequential", "d"]), [(); 4].map(|()| not_run.clone()));
}

/// A frozen BatchNormalization answers as in inference, and no longer couples the samples.
#[test]
fn a_frozen_batch_normalization_stands_still() {
    let bn = BatchNormalization::new().frozen();
    let model = sequential![Input::new([4]), Dense::new(3), bn, Dense::new(2)].unwrap();
    let x = draw(&[5, 4], 0);
    let pass = model.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone()))).unwrap();
    assert!(pass.updates.is_empty());
    assert_eq!(pass.y, model.predict(&x).unwrap());
    assert!(!AnyLayer::couples_samples(&model));
}
