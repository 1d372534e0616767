//! Passes that are looked into give what other passes give.

use std::ops::Range;

use ceratops_core::{Result, Tensor};
use ceratops_layers::{
    BatchNormalization, Dense, Dropout, Input, IntoNode, PassOptions, Sequential, Watch, sequential,
};

use crate::{OPTIONS, assert_near, draw};

/// Keeps all that it sees.
#[derive(Default)]
struct Keep {
    outputs: Vec<Tensor>,
    gradients: Vec<(usize, Tensor)>,
}

impl Watch for Keep {
    fn output(&mut self, layer: usize, y: &Tensor) {
        assert_eq!(layer, self.outputs.len());
        self.outputs.push(y.clone());
    }
    fn gradient(&mut self, layer: usize, dy: &Tensor) {
        self.gradients.push((layer, dy.clone()));
    }
}

fn model(dropout: f64) -> Sequential {
    let inner = sequential![Dense::new(40).activation("tanh"), Dropout::new(dropout)].unwrap();
    let frozen = Dense::new(7).frozen();
    sequential![Input::new([6]), frozen, inner, Dense::new(3).activation("softmax")].unwrap()
}

/// The sum of the squares, and its gradient.
fn loss(_: Range<usize>, y: &Tensor) -> Result<(f64, Tensor)> {
    let squares = y.clone().map(|y| y * y).sum();
    Ok((squares, y.clone().map(|y| 2.0 * y)))
}

#[test]
fn every_layer_is_seen_and_nothing_changes() {
    let (model, x) = (model(0.0), draw(&[700, 6], 3));
    let paths: Vec<String> = model.leaves().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["dense", "sequential/dense", "sequential/dropout", "dense_1"]);
    let seen = model.watch(&x, Keep::default).unwrap();
    assert!(seen.len() > 1, "several chunks");
    let output = |i: usize| {
        let parts: Vec<Tensor> = seen.iter().map(|keep| keep.outputs[i].clone()).collect();
        Tensor::concat(&parts).unwrap()
    };
    assert_eq!(output(3), model.predict(&x).unwrap());
    assert_near(&output(0), &model.layer_outputs(&x).unwrap()[0], "the first layer");
}

#[test]
fn the_way_back_is_that_of_training() {
    for options in [OPTIONS, PassOptions { logits: true.into(), ..OPTIONS }] {
        let (model, x) = (model(0.5), draw(&[700, 6], 3));
        let expected = model.train_pass(&x, options, &loss).unwrap();
        let (pass, seen) = model.watch_training(&x, options, &loss, Keep::default).unwrap();
        assert!(seen.len() > 1, "several chunks");
        assert_eq!(pass.y, expected.y);
        assert!((pass.loss - expected.loss).abs() < 1e-9 * expected.loss);
        for (a, b) in pass.gradients.iter().zip(&expected.gradients) {
            match (a, b) {
                (Some(a), Some(b)) => assert_near(a, b, "gradient"),
                (a, b) => assert!(a.is_none() && b.is_none(), "a frozen weight has none"),
            }
        }
        // The first layer is frozen, so that nothing comes back to it.
        let layers: Vec<usize> = seen[0].gradients.iter().map(|(layer, _)| *layer).collect();
        assert_eq!(layers, [3, 2, 1]);
        assert_eq!(seen[0].gradients[0].1, loss(0..0, &seen[0].outputs[3]).unwrap().1);
    }
}

#[test]
fn a_batch_that_is_coupled_stays_whole() {
    let layers = sequential![Input::new([6]), BatchNormalization::new(), Dense::new(3)].unwrap();
    let x = draw(&[700, 6], 3);
    let expected = layers.train_pass(&x, OPTIONS, &loss).unwrap();
    let (pass, seen) = layers.watch_training(&x, OPTIONS, &loss, Keep::default).unwrap();
    assert_eq!((seen.len(), pass.updates.len()), (1, expected.updates.len()));
    assert_near(&pass.y, &expected.y, "output");
    for (a, b) in pass.gradients.iter().zip(&expected.gradients) {
        if let (Some(a), Some(b)) = (a, b) {
            assert_near(a, b, "gradient");
        }
    }
    let none = layers.watch_training(&draw(&[0, 6], 3), OPTIONS, &loss, Keep::default);
    assert!(none.is_err_and(|error| error.to_string().contains("without samples")));
}
