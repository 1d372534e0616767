//! Class weights: each label weighs as its class, and what is no class is refused.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use ceratops_core::{Result, SampleSource, Samples, Tensor};
use ceratops_layers::{Dense, Input, sequential};
use ceratops_train::{Batch, Compile, CompiledModel, FitOptions, IntoLoss, Verbose, losses};
use common::assert_close;

const WEIGHTS: [(usize, f32); 3] = [(0, 1.0), (1, 5.0), (2, 0.5)];

/// The class of each step: of two samples with three steps each.
const CLASSES: [usize; 6] = [0, 2, 1, 1, 1, 0];

/// A tensor that is read as if it were in a file.
#[derive(Debug)]
struct Elsewhere(Tensor);

impl SampleSource for Elsewhere {
    fn len(&self) -> usize {
        self.0.batch()
    }

    fn sample_shape(&self) -> &[usize] {
        &self.0.shape()[1..]
    }

    fn read(&self, indices: &[usize]) -> Result<Tensor> {
        self.0.batch_gather(indices)
    }
}

/// A model of six inputs (two samples with three steps of two numbers, or six samples of two).
fn model(shape: &[usize], units: usize, loss: impl IntoLoss) -> CompiledModel {
    let activation = if units == 1 { "sigmoid" } else { "softmax" };
    let model =
        sequential![Input::new(shape[1..].to_vec()), Dense::new(units).activation(activation)];
    model.unwrap().compile("sgd", loss, ()).unwrap()
}

fn x(shape: &[usize]) -> Tensor {
    Tensor::new(shape, (0..12).map(|i| (i as f32 * 1.7).sin()).collect()).unwrap()
}

fn options<'a>() -> FitOptions<'a> {
    FitOptions::new().shuffle(false).verbose(Verbose::Silent).class_weight(WEIGHTS)
}

/// The loss that `fit` reports of labels in memory, of such that are read, and of batches.
fn fitted(model: &CompiledModel, x: &Tensor, y: &Tensor) -> Result<[f64; 3]> {
    let read = Samples::from_source(Elsewhere(y.clone()));
    let batches = |_: usize| std::iter::once(Ok(Batch::new(x.clone(), y.clone())));
    Ok([
        model.clone().fit(x, y, options())?["loss"][0],
        model.clone().fit(x, read, options())?["loss"][0],
        model.clone().fit_batches(batches, options())?["loss"][0],
    ])
}

fn one_hot(shape: &[usize]) -> Tensor {
    let rows = CLASSES.iter().flat_map(|&class| (0..3).map(move |i| f32::from(i == class)));
    Tensor::new(shape, rows.collect()).unwrap()
}

fn classes(shape: &[usize]) -> Tensor {
    Tensor::new(shape, CLASSES.iter().map(|&class| class as f32).collect()).unwrap()
}

/// mean(weight of the class · -ln(probability of the class)) over the steps.
fn by_hand(model: &CompiledModel, x: &Tensor) -> f64 {
    let p = model.predict(x).unwrap();
    let term = |(class, row): (&usize, &[f32])| {
        f64::from(WEIGHTS[*class].1) * -f64::from(row[*class]).ln()
    };
    CLASSES.iter().zip(p.as_slice().chunks(3)).map(term).sum::<f64>() / 6.0
}

#[test]
fn each_step_weighs_as_its_class() {
    let (sparse, categorical) = ("sparse_categorical_crossentropy", "categorical_crossentropy");
    let cases = [
        (sparse, vec![6, 2], classes(&[6])),
        (sparse, vec![6, 2], classes(&[6, 1])),
        (sparse, vec![2, 3, 2], classes(&[2, 3])),
        (sparse, vec![2, 3, 2], classes(&[2, 3, 1])),
        (categorical, vec![6, 2], one_hot(&[6, 3])),
        (categorical, vec![2, 3, 2], one_hot(&[2, 3, 3])),
    ];
    for (loss, shape, y) in cases {
        let (model, x) = (model(&shape, 3, loss), x(&shape));
        for found in fitted(&model, &x, &y).unwrap() {
            assert_close(found, by_hand(&model, &x), 1e-6);
        }
    }
}

#[test]
fn a_unit_of_two_classes_weighs_step_by_step() {
    let labels = [0.0, 1.0, 1.0, 1.0, 0.0, 0.0];
    for shape in [&[2, 3][..], &[2, 3, 1]] {
        let (model, x) = (model(&[2, 3, 2], 1, "binary_crossentropy"), x(&[2, 3, 2]));
        let p = model.predict(&x).unwrap();
        let term = |(&t, &p): (&f32, &f32)| {
            let p = f64::from(p);
            if t == 1.0 { -5.0 * p.ln() } else { -(1.0 - p).ln() }
        };
        let expected = labels.iter().zip(p.as_slice()).map(term).sum::<f64>() / 6.0;
        let y = Tensor::new(shape, labels.to_vec()).unwrap();
        for found in fitted(&model, &x, &y).unwrap() {
            assert_close(found, expected, 1e-6);
        }
    }
}

#[test]
fn an_ignored_label_weighs_nothing_whatever_its_number() {
    for ignored in [-1, 255] {
        let loss = losses::SparseCategoricalCrossentropy::new().ignore_class(ignored);
        let (model, x) = (model(&[2, 3, 2], 3, loss), x(&[2, 3, 2]));
        let mut y = classes(&[2, 3]);
        y.as_mut_slice()[1] = ignored as f32;
        let p = model.predict(&x).unwrap();
        let term = |i: usize| {
            f64::from(WEIGHTS[CLASSES[i]].1) * -f64::from(p.as_slice()[3 * i + CLASSES[i]]).ln()
        };
        let expected = [0, 2, 3, 4, 5].map(term).iter().sum::<f64>() / 5.0;
        for found in fitted(&model, &x, &y).unwrap() {
            assert_close(found, expected, 1e-6);
        }
    }
}

#[test]
fn classes_without_a_weight_weigh_one_and_probabilities_name_their_largest() {
    let (model, x) = (model(&[6, 2], 3, "categorical_crossentropy"), x(&[6, 2]));
    let mut y = one_hot(&[6, 3]);
    y.as_mut_slice().iter_mut().for_each(|t| *t = 0.85 * *t + 0.05);
    let loss = |weights: &[(usize, f32)], by_sample: bool| {
        let mut options = FitOptions::new().verbose(Verbose::Silent);
        options = if by_sample {
            let weight =
                |class: &usize| weights.iter().find(|w| w.0 == *class).map_or(1.0, |w| w.1);
            let weights: Vec<f32> = CLASSES.iter().map(weight).collect();
            options.sample_weight(weights)
        } else {
            options.class_weight(weights.iter().copied())
        };
        model.clone().fit(&x, &y, options).unwrap()["loss"][0]
    };
    for weights in [&WEIGHTS[..], &WEIGHTS[1..2]] {
        assert_close(loss(weights, false), loss(weights, true), 1e-12);
    }
}

#[test]
fn what_is_no_class_is_refused_and_named() {
    let cases: [(&str, [f32; 18], &str); 4] = [
        ("binary_crossentropy", rows([1.0, 1.0, 0.0]), "the label [1, 1, 0] of sample 1"),
        ("binary_crossentropy", rows([0.0, 0.0, 0.0]), "the label [0, 0, 0] of sample 1"),
        ("mse", rows([0.2, 3.1, -1.0]), "the label [0.2, 3.1, -1] of sample 1"),
        ("categorical_crossentropy", rows([0.5, 0.5, 0.0]), "the label [0.5, 0.5, 0] of sample 1"),
    ];
    for (loss, labels, names) in cases {
        for (shape, y) in [([6, 2].to_vec(), vec![6, 3]), ([2, 3, 2].to_vec(), vec![2, 3, 3])] {
            let (model, x) = (model(&shape, 3, loss), x(&shape));
            let y = Tensor::new(&y, labels.to_vec()).unwrap();
            let error = fitted(&model, &x, &y).unwrap_err().to_string();
            // The second row is of the second sample, or of the first.
            let names =
                if shape.len() == 2 { names.into() } else { names.replace("sample 1", "sample 0") };
            assert!(error.contains(&*names) && error.contains("sample_weight"), "{error}");
            let read = Samples::from_source(Elsewhere(y.clone()));
            assert!(model.clone().fit(&x, read, options()).is_err());
        }
    }
    let model = model(&[6, 2], 1, "hinge");
    let error = fitted(&model, &x(&[6, 2]), &Tensor::from([1.0, -1.0, 1.0, 1.0, 1.0, 1.0]));
    assert!(error.unwrap_err().to_string().contains("label -1 of sample 1 is none"));
}

/// Six rows, of which the second is this one and the others are 1 at their class.
fn rows(second: [f32; 3]) -> [f32; 18] {
    let mut rows = [0.0; 18];
    rows.copy_from_slice(one_hot(&[6, 3]).as_slice());
    rows[3..6].copy_from_slice(&second);
    rows
}
