//! Normalization: what `adapt` finds, and where it keeps it. The numbers are Keras 3.15's.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::{Arc, Mutex};

use ceratops_core::{Result, SampleSource, Samples, Tensor};
use ceratops_layers::{
    Dense, Input, IntoNode, Node, Normalization, Rescaling, Sequential, sequential,
};

const X: [[f32; 3]; 4] = [[0.0, 7.0, 4.0], [2.0, 9.0, 6.0], [0.0, 7.0, 4.0], [2.0, 9.0, 7.0]];

/// The weights of a layer that was adapted to `x`.
fn found(layer: Normalization, x: impl Into<Samples>) -> Result<Vec<Tensor>> {
    let mut node = Node::from(layer);
    node.adapt(x)?;
    Ok(node.get_weights())
}

#[test]
fn mean_and_variance_are_those_of_the_data() -> Result<()> {
    let weights = found(Normalization::new(), X)?;
    assert_eq!(weights[0], Tensor::from([1.0, 8.0, 5.25]));
    assert_eq!(weights[1], Tensor::from([1.0, 1.0, 1.6875]));
    // Keras 3 keeps the count at 0.
    assert_eq!(weights[2], Tensor::scalar(0.0));
    let single = found(Normalization::new().axis([]), [0.0, 1.0, 2.0, 3.0, 4.0])?;
    assert_eq!(single[..2], [Tensor::scalar(2.0), Tensor::scalar(2.0)]);
    Ok(())
}

#[test]
fn axes_may_be_any_but_the_batch() -> Result<()> {
    // Of shape (2, 2, 3): 0 to 11.
    let x = Tensor::new(&[2, 2, 3], (0..12).map(|i| i as f32).collect())?;
    let means = |axis: &[isize]| -> Result<Tensor> {
        Ok(found(Normalization::new().axis(axis.iter().copied()), &x)?[0].clone())
    };
    assert_eq!(means(&[-1])?, Tensor::from([4.5, 5.5, 6.5]));
    assert_eq!(means(&[1])?, Tensor::from([4.0, 7.0]));
    let both = Tensor::from([[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]);
    assert_eq!(means(&[1, 2])?, both);
    assert_eq!(means(&[-1, 1])?, both);
    assert_eq!(means(&[])?, Tensor::scalar(5.5));
    for (axis, expected) in [
        (vec![0], "axis 0 is the batch"),
        (vec![3], "expected 1 to 2 or -2 to -1"),
        (vec![2, -1], "expected each axis once, got 2"),
    ] {
        let error = means(&axis).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let vector = found(Normalization::new(), [1.0, 2.0]).unwrap_err().to_string();
    assert!(vector.ends_with("take a single mean: .axis([])"), "{vector}");
    Ok(())
}

/// Numbers close together and far from 0, after one that is neither.
#[derive(Debug)]
struct Far {
    reads: Arc<Mutex<Vec<usize>>>,
}

const FAR: usize = 400_000;

fn far(index: usize) -> f32 {
    if index == 0 { -3.0e6 } else { 1.0e6 + (index % 8) as f32 }
}

impl SampleSource for Far {
    fn len(&self) -> usize {
        FAR
    }
    fn sample_shape(&self) -> &[usize] {
        &[2]
    }
    fn read(&self, indices: &[usize]) -> Result<Tensor> {
        self.reads.lock().unwrap().push(indices.len());
        let data = indices.iter().flat_map(|&i| [far(i), 0.5]).collect();
        Tensor::new(&[indices.len(), 2], data)
    }
}

#[test]
fn samples_larger_than_memory_are_read_piece_by_piece_and_to_the_last_digit() -> Result<()> {
    let reads = Arc::new(Mutex::new(Vec::new()));
    let source = Samples::from_source(Far { reads: reads.clone() });
    let streamed = found(Normalization::new(), &source)?;
    let pieces = reads.lock().unwrap().clone();
    assert!(pieces.len() > 1 && pieces.iter().all(|len| *len < FAR), "{pieces:?}");
    assert_eq!(pieces.iter().sum::<usize>(), FAR);

    let mean = (0..FAR).map(|i| f64::from(far(i))).sum::<f64>() / FAR as f64;
    let square = |i: usize| (f64::from(far(i)) - mean).powi(2);
    let variance = (0..FAR).map(square).sum::<f64>() / FAR as f64;
    let near = |a: f32, b: f64| (f64::from(a) - b).abs() <= 1e-6 * b.abs();
    assert!(near(streamed[0].as_slice()[0], mean), "{} {mean}", streamed[0]);
    assert!(near(streamed[1].as_slice()[0], variance), "{} {variance}", streamed[1]);
    assert_eq!([streamed[0].as_slice()[1], streamed[1].as_slice()[1]], [0.5, 0.0]);
    assert_eq!(found(Normalization::new(), source.read(0..FAR)?)?[2], streamed[2]);
    Ok(())
}

#[test]
fn what_was_adapted_stays_when_the_layer_is_added_and_the_model_built() -> Result<()> {
    let mut normalization = Normalization::new();
    normalization.adapt(X)?;
    let mut model = sequential![normalization, Rescaling::new(2.0), Dense::new(1)]?;
    assert!(!model.is_built());
    model.build([None, Some(3)])?;
    assert_eq!(model.get_weights()[0], Tensor::from([1.0, 8.0, 5.25]));
    let y = model.layer_outputs([[2.0, 7.0, 5.25]])?;
    assert_eq!(y[0], Tensor::from([[1.0, -1.0, 0.0]]));
    assert_eq!(y[1], Tensor::from([[2.0, -2.0, 0.0]]));
    let mut other = Normalization::new();
    other.adapt(X)?;
    let error = sequential![Input::new([4]), other].unwrap_err().to_string();
    assert!(error.contains("samples for means of shape (3,)"), "{error}");
    Ok(())
}

#[test]
fn a_layer_in_a_model_can_be_adapted_and_adapted_again() -> Result<()> {
    let mut model = sequential![Input::new([3]), Normalization::new(), Dense::new(1)]?;
    assert_eq!(model.layer_outputs(X)?[0], Tensor::from(X));
    for shift in [0.0, 5.0] {
        let x = Tensor::from(X).map(move |x| x + shift);
        model.get_layer_mut("normalization")?.adapt(&x)?;
        let y = model.layer_outputs(&x)?;
        assert_eq!(&y[0].as_slice()[..2], [-1.0, -1.0]);
    }
    // The weights are no more than before, and none of them learns.
    assert_eq!(
        (model.count_params(), model.params().iter().filter(|p| p.learns()).count()),
        (11, 2)
    );
    let mut unbuilt = sequential![Normalization::new(), Dense::new(1)]?;
    unbuilt.get_layer_mut("normalization")?.adapt(X)?;
    unbuilt.build([None, Some(3)])?;
    assert_eq!(unbuilt.get_weights()[1], Tensor::from([1.0, 1.0, 1.6875]));
    Ok(())
}

#[test]
fn a_model_copy_and_frozen_layer_keep_their_numbers() -> Result<()> {
    let mut node = Normalization::new().frozen();
    node.adapt(X)?;
    assert!(node.params().iter().all(|param| param.is_frozen()));
    let mut model = Sequential::new();
    model.add(Input::new([3]))?.add(node)?;
    assert_eq!(model.clone().predict(X)?, model.predict(X)?);
    Ok(())
}

#[test]
fn a_deviation_of_nothing_counts_as_that_of_keras() -> Result<()> {
    let given = |invert| Normalization::new().mean(1.0).variance(0.0).invert(invert);
    let model = |layer: Normalization| sequential![Input::new([2]), layer];
    assert_eq!(model(given(false))?.predict([[1.0, 2.0]])?, Tensor::from([[0.0, 1.0e7]]));
    let inverse = model(given(true))?.predict([[1.0, 2.0]])?;
    assert_eq!(inverse, Tensor::from([[1.000_000_1, 1.000_000_2]]));
    Ok(())
}

#[test]
fn what_cannot_be_adapted_is_refused_and_left_alone() -> Result<()> {
    let mut model = sequential![Input::new([3]), Normalization::new(), Dense::new(1)]?;
    model.get_layer_mut("normalization")?.adapt(X)?;
    let before = model.get_weights();
    let node = model.get_layer_mut("normalization")?;
    for (error, expected) in [
        (node.adapt([[1.0, f32::NAN, 2.0]]), "at feature 1 (from 0)"),
        (node.adapt([[1.0, f32::INFINITY, 2.0]]), "at feature 1 (from 0)"),
        (node.adapt([[1.0, 2.0]]), "expected samples for means of shape (3,)"),
        (node.adapt(Tensor::zeros(&[0, 3])), "cannot adapt to no samples"),
        (model.get_layer_mut("dense")?.adapt(X), "Dense \"dense\" has nothing to adapt to data"),
        (Normalization::new().mean(0.0).variance(1.0).adapt(X), "invalid `mean`: expected None"),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(model.get_weights(), before);
    Ok(())
}

#[test]
fn given_means_must_fit() {
    let given = |layer: Normalization| sequential![Input::new([4, 3]), layer].map(|_| ());
    let new = Normalization::new;
    for (layer, expected) in [
        (new().mean(1.0), "invalid `variance`: expected a value, as `mean` has one, got None"),
        (new().variance(1.0), "invalid `mean`: expected a value"),
        (new().mean([1.0, 2.0]).variance([1.0, 2.0]), "expected a number, or lists that fit"),
        (new().mean([1.0]).variance(1.0), "expected lists of shape (1,), as `mean`"),
        (new().mean([[1.0]]).variance([[1.0]]), "got lists of shape (1, 1)"),
        (new().mean(1.0).variance(-1.0), "expected numbers >= 0, got -1"),
        (new().mean(f64::NAN).variance(1.0), "expected a finite number"),
    ] {
        let error = given(layer).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(given(new().mean([1.0, 2.0, 3.0]).variance([1.0, 2.0, 3.0])).is_ok());
}

#[test]
fn scales_must_fit() {
    let add = |layer: Rescaling| sequential![Input::new([4, 3]), layer].map(|_| ());
    for (layer, expected) in [
        (Rescaling::default(), "invalid `scale`: expected a finite number"),
        (Rescaling::new(f64::INFINITY), "invalid `scale`"),
        (
            Rescaling::new([1.0, 2.0]),
            "expected a number, or lists that fit samples of shape (4, 3)",
        ),
        (Rescaling::new(1.0).offset([[1.0], [2.0]]), "invalid `offset`"),
    ] {
        let error = add(layer).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(add(Rescaling::new([[1.0], [2.0], [3.0], [4.0]])).is_ok());
}

#[test]
fn a_summary_counts_as_keras_does() -> Result<()> {
    let normalization = Normalization::new();
    let model =
        sequential![Input::new([3]), normalization, Rescaling::new(1.0 / 255.0), Dense::new(2)]?;
    let summary = model.summary().to_string();
    for line in [
        "│ normalization (Normalization)   │ (None, 3)              │             7 │",
        " Total params: 15 (64.00 B)",
        " Non-trainable params: 7 (32.00 B)",
    ] {
        assert!(summary.contains(line), "{summary}");
    }
    Ok(())
}
