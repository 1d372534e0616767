//! A pass that only answers: the calls one after another, on the calling thread.

use std::cell::RefCell;

use ceratops_core::{Context, Error, Mask, Mode, Result, Tensor, Tensors};

use crate::{
    Model,
    executor::{Logits, in_node},
    model::Call,
};

/// What comes out of a model, and which steps of it count.
pub(crate) type Masked = (Tensors, Vec<Option<Mask>>);

thread_local! {
    /// Lists of values that were used before, so that a model asks for no memory.
    static LISTS: RefCell<Vec<Vec<Option<Tensor>>>> = const { RefCell::new(Vec::new()) };
}

/// The outputs of `model` for `xs` and their masks (none at all where there are none).
pub(crate) fn infer(
    model: &Model,
    xs: Tensors,
    masks: Vec<Option<Mask>>,
    cx: &mut Context,
    logits: Logits,
) -> Result<Masked> {
    if model.schedule().makes_masks() || !masks.is_empty() {
        return masked(model, xs, masks, cx, logits);
    }
    if model.schedule().is_chain() {
        return Ok((chain(model, xs.single()?, cx, logits)?.into(), Vec::new()));
    }
    let mut values = LISTS.with_borrow_mut(Vec::pop).unwrap_or_default();
    values.extend(xs.into_iter().map(Some));
    values.resize(model.value_count(), None);
    let result = graph(model, &mut values, cx, logits);
    values.clear();
    LISTS.with_borrow_mut(|lists| lists.push(values));
    Ok((result?, Vec::new()))
}

/// The only output of `model` for its only input, which has no mask.
pub(crate) fn infer_one(
    model: &Model,
    x: Tensor,
    cx: &mut Context,
    logits: Logits,
) -> Result<Tensor> {
    if model.schedule().is_chain() && !model.schedule().makes_masks() {
        return chain(model, x, cx, logits);
    }
    infer(model, x.into(), Vec::new(), cx, logits)?.0.single()
}

/// The output of a model whose calls each read the one before.
fn chain(model: &Model, mut x: Tensor, cx: &mut Context, logits: Logits) -> Result<Tensor> {
    let (calls, mode) = (model.calls(), cx.mode());
    for (i, call) in calls.iter().enumerate() {
        let node = &model.layers()[call.layer];
        cx.set_mode(model.mode_of(call).unwrap_or(mode));
        cx.set_wants_logits(i + 1 == calls.len() && logits.of(0));
        x = node.infer(x, &call.shapes, cx).map_err(|e| in_node(e, node, call.layer))?;
    }
    cx.set_mode(mode);
    Ok(x)
}

/// The outputs of a model whose inputs stand first among its `values`.
fn graph(
    model: &Model,
    values: &mut [Option<Tensor>],
    cx: &mut Context,
    logits: Logits,
) -> Result<Tensors> {
    let mode = cx.mode();
    for (i, call) in model.calls().iter().enumerate() {
        let node = &model.layers()[call.layer];
        let xs = inputs_of(model, i, values)?;
        prepare(model, i, mode, cx, logits);
        let made = node.forward(xs, call.outputs.len(), &call.shapes, cx);
        let (ys, _) = made.map_err(|e| in_node(e, node, call.layer))?;
        call.outputs.clone().zip(ys).for_each(|(value, y)| values[value] = Some(y));
    }
    cx.set_mode(mode);
    model.outputs().iter().map(|&value| values[value].clone().ok_or_else(lost)).collect()
}

/// The same with masks beside the values.
fn masked(
    model: &Model,
    xs: Tensors,
    masks: Vec<Option<Mask>>,
    cx: &mut Context,
    logits: Logits,
) -> Result<Masked> {
    let mode = cx.mode();
    let mut values: Vec<Option<Tensor>> = xs.into_iter().map(Some).collect();
    values.resize(model.value_count(), None);
    let mut all_masks = masks;
    all_masks.resize(model.value_count(), None);
    for (i, call) in model.calls().iter().enumerate() {
        let node = &model.layers()[call.layer];
        let at = |e| in_node(e, node, call.layer);
        let xs = inputs_of(model, i, &mut values)?;
        let masks: Vec<_> = call.inputs.iter().map(|&value| all_masks[value].clone()).collect();
        prepare(model, i, mode, cx, logits);
        let (ys, made) = match node.as_model() {
            Some(nested) => {
                infer(nested, xs, masks, cx, Logits::from(cx.wants_logits())).map_err(at)?
            }
            None => {
                let [told, made] = node.masks(&xs, masks, call.manner.arguments()).map_err(at)?;
                cx.set_masks(told);
                let ys = node.forward(xs, call.outputs.len(), &call.shapes, cx).map_err(at)?.0;
                cx.set_masks(Vec::new());
                (ys, made)
            }
        };
        call.outputs.clone().zip(ys).for_each(|(value, y)| values[value] = Some(y));
        call.outputs.clone().zip(made).for_each(|(value, mask)| all_masks[value] = mask);
    }
    cx.set_mode(mode);
    let outputs = model.outputs().iter();
    let ys = outputs
        .clone()
        .map(|&value| values[value].clone().ok_or_else(lost))
        .collect::<Result<_>>()?;
    Ok((ys, outputs.map(|&value| all_masks[value].clone()).collect()))
}

/// Tells the context what holds for call `i`.
fn prepare(model: &Model, i: usize, mode: Mode, cx: &mut Context, logits: Logits) {
    let call = &model.calls()[i];
    cx.set_mode(model.mode_of(call).unwrap_or(mode));
    cx.set_arguments(call.manner.arguments.clone());
    cx.set_wants_logits(model.schedule().closes(i).is_some_and(|place| logits.of(place)));
}

/// The values that call `i` reads, moved where it is the last to do so.
fn inputs_of(model: &Model, i: usize, values: &mut [Option<Tensor>]) -> Result<Tensors> {
    let Call { inputs, .. } = &model.calls()[i];
    let inputs = inputs.iter().enumerate();
    inputs
        .map(|(place, &value)| {
            let last = model.schedule().is_last_use(i, place);
            let slot = &mut values[value];
            if last { slot.take() } else { slot.clone() }.ok_or_else(lost)
        })
        .collect()
}

fn lost() -> Error {
    Error::Model("a value of the batch was lost on its way through the layers".into())
}
