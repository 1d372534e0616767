//! The numerical check of a layer's gradients.

use ceratops_core::{AnyLayer, Context, Tensor};

use crate::{pass, samples::draw};

/// How far each number is moved to either side.
const STEP: f32 = 2e-3;
/// How far a gradient may be off, as a share of the largest of its tensor: a formula that is wrong
/// by a hundredth does not pass.
const TOLERANCE: f64 = 4e-3;
/// What rounding an output near 1 to f32 makes of a difference over two steps.
const ROUNDING: f64 = 5e-5;

/// Compares the gradients of x and of each weight that learns with central differences of
/// loss = Σ y · r, for random r.
pub(crate) fn check(layer: &dyn AnyLayer, x: &Tensor, cx: fn() -> Context) -> Result<(), String> {
    check_of(layer, x, true, cx)
}

/// The same for a layer that takes ids, none of which is near another: its gradient of them is 0.
pub(crate) fn check_for_ids(
    layer: &dyn AnyLayer,
    ids: &Tensor,
    cx: fn() -> Context,
) -> Result<(), String> {
    check_of(layer, ids, false, cx)
}

fn check_of(
    layer: &dyn AnyLayer,
    x: &Tensor,
    moves: bool,
    cx: fn() -> Context,
) -> Result<(), String> {
    let shape = layer.forward(x.clone(), &mut cx()).unwrap().0.shape().to_vec();
    let r = draw(&shape, 99);
    let loss = |layer: &dyn AnyLayer, x: Tensor| -> f64 {
        let y = layer.forward(x, &mut cx()).unwrap().0;
        let terms = y.as_slice().iter().zip(r.as_slice());
        terms.map(|(&y, &r)| f64::from(y) * f64::from(r)).sum()
    };
    let (_, dx, dw) = pass(layer, x, &r, cx());
    match moves {
        true => compare("x", x, &dx, |x| loss(layer, x))?,
        false => assert_eq!(dx, Tensor::zeros(x.shape())),
    }
    for (i, dw) in dw.iter().enumerate() {
        let Some(dw) = dw else { continue };
        let mut moved = layer.boxed_clone();
        let (name, w) = (layer.params()[i].name().to_owned(), layer.params()[i].value().clone());
        compare(&name, &w, dw, |w| {
            moved.params_mut()[i].set_value(w).unwrap();
            loss(&*moved, x.clone())
        })?;
    }
    Ok(())
}

/// Compares `gradient` with the differences of `loss` at `at`.
fn compare(
    name: &str,
    at: &Tensor,
    gradient: &Tensor,
    mut loss: impl FnMut(Tensor) -> f64,
) -> Result<(), String> {
    let numeric: Vec<f64> = (0..at.len())
        .map(|i| {
            let mut moved = |step: f32| {
                let mut at = at.clone();
                at.as_mut_slice()[i] += step;
                let there = f64::from(at.as_slice()[i]);
                (there, loss(at))
            };
            let ((left, below), (right, above)) = (moved(-STEP), moved(STEP));
            (above - below) / (right - left)
        })
        .collect();
    let largest = numeric.iter().fold(0.0, |max: f64, d| max.max(d.abs()));
    for (i, (numeric, &given)) in numeric.iter().zip(gradient.as_slice()).enumerate() {
        let near = (numeric - f64::from(given)).abs() <= TOLERANCE * largest + ROUNDING;
        // NaN is near nothing.
        if !near {
            return Err(format!("the gradient of {name} at {i} is {given}, not {numeric}"));
        }
    }
    Ok(())
}
