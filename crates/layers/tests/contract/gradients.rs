//! The numerical check of a layer's gradients.

use ceratops_core::{AnyLayer, Context, Tensor};
use ceratops_layers::check::{gradients_at, weight_gradients_at};

use crate::{pass, samples::draw};

/// Compares the gradients of x and of each weight that learns with differences.
pub(crate) fn check(layer: &dyn AnyLayer, x: &Tensor, cx: fn() -> Context) -> Result<(), String> {
    gradients_at(layer, x, &cx).map_err(|error| error.to_string())
}

/// The same for a layer that takes ids, none of which is near another: its gradient of them is 0.
pub(crate) fn check_for_ids(
    layer: &dyn AnyLayer,
    ids: &Tensor,
    cx: fn() -> Context,
) -> Result<(), String> {
    let y = layer.forward(ids.clone(), &mut cx()).map_err(|error| error.to_string())?.0;
    let (_, dx, _) = pass(layer, ids, &draw(y.shape(), 99), cx());
    assert_eq!(dx, Tensor::zeros(ids.shape()));
    weight_gradients_at(layer, ids, &cx).map_err(|error| error.to_string())
}
