//! Layers of one's own that set their weights themselves, in training.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops_core::{Context, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_layers::{Dense, Input, sequential};
use ceratops_train::{Compile, FitOptions, Verbose};
use common::column;
use serde::{Deserialize, Serialize};

/// y = x; counts how many samples it has seen in training, in a weight that does not learn.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Counter {
    #[serde(skip)]
    seen: Option<Param>,
    /// Whether it forgets what shape its weight has.
    forgets: bool,
}

impl Layer for Counter {
    const CLASS_NAME: &'static str = "Counter";
    type Saved = ();

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }
    fn build(&mut self, _: &Shape, _: &mut Rng) -> Result<()> {
        self.seen = Some(Param::new("seen", Tensor::from([0.0])).non_trainable());
        Ok(())
    }
    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        if let (true, Some(seen)) = (cx.is_training(), &self.seen) {
            let value = seen.value().clone().map(|n| n + x.batch() as f32);
            cx.assign(0, if self.forgets { value.reshape(&[1, 1])? } else { value });
        }
        Ok((x, cx.save(|| ())))
    }
    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(dy))
    }
    fn params(&self) -> Vec<&Param> {
        self.seen.iter().collect()
    }
    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.seen.iter_mut().collect()
    }
    fn couples_samples(&self) -> bool {
        true
    }
}

#[test]
fn weights_that_layers_set_themselves_are_kept() {
    let model = sequential![Input::new([1]), Dense::new(1), Counter::default(), Dense::new(1)];
    let mut model = model.unwrap().compile("adam", "mse", ()).unwrap();
    let data = column(10);
    model
        .fit(
            &data,
            &data,
            FitOptions::new().verbose(Verbose::Silent).batch_size(4).validation_split(0.2),
        )
        .unwrap();
    model.evaluate(&data, &data).unwrap();
    assert_eq!(model.get_weights()[2], Tensor::from([8.0]));
}

#[test]
fn a_layer_cannot_change_the_shape_of_its_weight() {
    let counter = Counter { forgets: true, ..Counter::default() };
    let model = sequential![Input::new([1]), Dense::new(1), counter].unwrap();
    let mut model = model.compile("adam", "mse", ()).unwrap();
    let error = model.train_on_batch(column(2), column(2)).unwrap_err().to_string();
    assert_eq!(error, "weight \"seen\": expected shape (1,), got (1, 1)");
    assert_eq!(model.get_weights()[2], Tensor::from([0.0]));
}

/// y = x; sets a weight that is not its own.
#[derive(Debug, Clone, Serialize)]
struct Meddler {
    index: usize,
}

impl Layer for Meddler {
    const CLASS_NAME: &'static str = "Meddler";
    type Saved = ();

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }
    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        cx.assign(self.index, Tensor::scalar(0.0));
        Ok((x, cx.save(|| ())))
    }
    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(dy))
    }
}

#[test]
fn a_layer_cannot_set_the_weights_of_others() {
    for index in [0, 1, usize::MAX] {
        let model = sequential![Input::new([1]), Meddler { index }, Dense::new(1)].unwrap();
        let mut model = model.compile("sgd", "mse", ()).unwrap();
        let before = model.get_weights();
        let error = model.train_on_batch(column(2), column(2)).unwrap_err().to_string();
        assert!(error.starts_with("Meddler \"meddler\" (layer 0): invalid `index`"), "{error}");
        assert_eq!(model.get_weights(), before);
    }
}
