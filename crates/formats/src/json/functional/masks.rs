//! Masks that Keras 3 writes as operations, which nothing but the argument `mask` of calls reads.
//!
//! Behind `Masking` an LSTM is called with `mask = any(not_equal(x, 0), axis=-1)`. That is the mask
//! which flows beside the tensors here: where it is that one, argument and operations are dropped.

pub(in crate::json) mod graph;

use std::collections::HashSet;

use ceratops_core::{Error, Result};
use ceratops_layers::Registry;
use serde_json::{Map, Value};

use self::graph::{Call, Graph, Tensor};
use super::{
    OWN_MASK,
    operations::{MERGING, is_named_by_keras3},
};
use crate::json::{
    Change, Dialect,
    classes::card,
    graph::is_graph,
    log::{Log, join},
};

/// Drops the masks that flow by themselves from the functional models in a document, at any depth,
/// and finds out whether there are any masks at all.
///
/// # Errors
/// A call that is given another mask.
pub(in crate::json) fn settle(entry: &mut Value, log: &mut Log) -> Result<()> {
    log.masks = graph::makes_masks(entry);
    match log.detected.dialect {
        Dialect::Keras3 => settle_models(entry, "", log),
        _ => Ok(()),
    }
}

/// The document without its operations.
pub(in crate::json) fn without_operations(entry: &Value) -> Value {
    match entry {
        Value::Object(object) => {
            let own = object.iter().map(|(key, value)| (key.clone(), without_operations(value)));
            Value::Object(own.collect())
        }
        Value::Array(items) => {
            let layers = items.iter().filter(|item| !is_named_by_keras3(item));
            layers.map(without_operations).collect()
        }
        other => other.clone(),
    }
}

/// The rule for masks of a layer that had another one before Keras 3, if there are masks.
pub(in crate::json) fn older_rule(entry: &mut Map<String, Value>, class_name: &str, log: &Log) {
    if !log.masks || log.detected.dialect == Dialect::Keras3 || entry.contains_key("masks") {
        return;
    }
    let calls = entry.get("inbound_nodes").and_then(Value::as_array);
    if let Some(rule) = rule_before_keras3(class_name, calls.map_or(&[], Vec::as_slice)) {
        entry.insert("masks".into(), rule.into());
    }
}

/// What became of masks before Keras 3 at layers of that class with these calls, if something else than
/// since: they end, or a step counts where it does in all inputs, or in the first.
pub(in crate::json) fn rule_before_keras3(
    class_name: &str,
    calls: &[Value],
) -> Option<&'static str> {
    // The states that a recurrent layer begins with stand behind its sequence, or have a name.
    let states = |call: &Value| {
        let named = call.pointer("/kwargs/initial_state").is_some_and(|states| !states.is_null());
        named || call.pointer("/args/0/1").is_some() || call.pointer("/args/1").is_some()
    };
    let is_recurrent = card(class_name).functions_within.is_some();
    match class_name {
        _ if is_recurrent && calls.iter().any(states) => Some("first"),
        "Identity" | "Normalization" | "Rescaling" => Some("end"),
        "Dot" => None,
        _ => MERGING.contains(&class_name).then_some("all"),
    }
}

fn settle_models(value: &mut Value, path: &str, log: &mut Log) -> Result<()> {
    match value {
        Value::Object(object) => {
            let class_name = object.get("class_name").and_then(Value::as_str);
            if class_name.is_some_and(is_graph) {
                settle_model(object, path, log)?;
            }
            let mut items = object.iter_mut();
            items.try_for_each(|(key, value)| settle_models(value, &join(path, key), log))
        }
        Value::Array(items) => {
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(i, item)| settle_models(item, &format!("{path}[{i}]"), log))
        }
        _ => Ok(()),
    }
}

/// The same for the functional model at `path` alone.
fn settle_model(object: &mut Map<String, Value>, path: &str, log: &mut Log) -> Result<()> {
    let config_path = join(path, "config");
    let Some(config) = object.get_mut("config").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    let ends = ["input_layers", "output_layers"].map(|key| config.get(key).cloned());
    let Some(Value::Array(entries)) = config.get_mut("layers") else { return Ok(()) };
    let Flowing { calls, operations } = Flowing::of(entries, &config_path)?;
    for (layer, node) in calls {
        let kwargs = entries[layer].pointer_mut(&format!("/inbound_nodes/{node}/kwargs"));
        if let Some(mask) = kwargs.and_then(|kwargs| kwargs.get_mut("mask")) {
            *mask = Value::Null;
        }
    }
    let dropped = unread(entries, &ends, operations);
    if !dropped.is_empty() {
        drop_layers(entries, &dropped, &config_path, log);
    }
    Ok(())
}

/// The masks of a model that flow by themselves.
struct Flowing {
    /// The calls that are given one, each by its layer and its number.
    calls: Vec<(usize, usize)>,
    /// The operations that make them.
    operations: HashSet<String>,
}

impl Flowing {
    /// Those of the model whose config is at `path`.
    fn of(entries: &[Value], path: &str) -> Result<Self> {
        let graph = Graph::of(entries);
        let (seen, operations) = (HashSet::new(), HashSet::new());
        let mut flow = Flow { graph: &graph, seen, operations, masked: None };
        let mut calls = Vec::new();
        for call in graph.calls() {
            let Some(mask) = call.mask() else { continue };
            let (name, place) = (call.layer.name, call.layer.place);
            let maker = mask.0.clone();
            let flows = call.inputs().into_iter().next().is_some_and(|x| flow.is_mask_of(mask, x));
            if !flows {
                let path = format!("{path}.layers[{place}].inbound_nodes[{}]", call.number);
                let what = "is called with an argument besides its input";
                let message = format!("\"{name}\" {what}: mask = \"{maker}\"{OWN_MASK}");
                return Err(Error::config(path, message));
            }
            calls.push((place, call.number));
        }
        Ok(Self { calls, operations: flow.operations })
    }
}

/// Follows masks from the calls that read them to the layers that make them.
struct Flow<'a> {
    graph: &'a Graph<'a>,
    /// Pairs of a mask and the tensor it goes with.
    seen: HashSet<(Tensor, Tensor)>,
    /// The operations on the way.
    operations: HashSet<String>,
    /// The tensors that have a mask, once that was asked.
    masked: Option<HashSet<Tensor>>,
}

impl<'a> Flow<'a> {
    /// Whether `mask` is what flows beside `x`. A pair that was seen before holds, or the model is
    /// refused for it.
    fn is_mask_of(&mut self, mask: Tensor, x: Tensor) -> bool {
        let mut open = vec![(mask, x)];
        while let Some((mask, x)) = open.pop() {
            if self.seen.insert((mask.clone(), x.clone())) {
                match self.above(mask, &x) {
                    Some(pairs) => open.extend(pairs),
                    None => return false,
                }
            }
        }
        true
    }

    /// What must hold of the tensors that `x` is made of, for `mask` to flow beside it; `None` if it
    /// does not.
    fn above(&mut self, mask: Tensor, x: &Tensor) -> Option<Vec<(Tensor, Tensor)>> {
        let call = self.graph.call(x).filter(|call| !call.layer.is_operation)?;
        let mut inputs = call.inputs();
        match call.layer.class_name {
            "Masking" => {
                let value = call.layer.config.get("mask_value").and_then(Value::as_f64);
                let any = self.any(&mask)?;
                let unequal = self.operation(&any, "NotEqual")?;
                let same =
                    unequal.inputs() == inputs && unequal.number() == Some(value.unwrap_or(0.0));
                same.then(Vec::new)
            }
            "Embedding" => {
                let unequal = self.operation(&mask, "NotEqual")?;
                let makes_it = call.layer.config.get("mask_zero").is_some_and(|zero| *zero == true);
                let same = unequal.inputs() == inputs && unequal.number() == Some(0.0);
                (same && makes_it).then(Vec::new)
            }
            "Concatenate" => self.concatenated(&mask, call),
            "Dot" => None,
            // They hand on the query's mask, copied.
            "Attention" | "AdditiveAttention" => {
                let own = self.operation(&mask, "ConvertToTensor")?.inputs().pop()?;
                Some(vec![(own, inputs.into_iter().next()?)])
            }
            class_name if MERGING.contains(&class_name) => {
                let (mut pairs, mut rest) = (Vec::new(), mask);
                while inputs.len() > 1 {
                    let [left, right] =
                        self.operation(&rest, "LogicalOr")?.inputs().try_into().ok()?;
                    pairs.push((right, inputs.pop()?));
                    rest = left;
                }
                pairs.push((rest, inputs.pop()?));
                Some(pairs)
            }
            _ => {
                let passes = call.layer.passes_masks();
                let x = inputs.into_iter().next().filter(|_| passes)?;
                Some(vec![(mask, x)])
            }
        }
    }

    /// The same for a Concatenate: any(concatenate([logical_or(expand_dims(m), zeros_like(x)), ...])),
    /// with ones_like(x) for an input without a mask.
    fn concatenated(&mut self, mask: &Tensor, call: Call<'_>) -> Option<Vec<(Tensor, Tensor)>> {
        let any = self.any(mask)?;
        let joined = self.operation(&any, "Concatenate")?;
        let axis = |call: &Call<'_>| call.layer.config.get("axis").map_or(Some(-1), Value::as_i64);
        let (parts, xs) = (joined.inputs(), call.inputs());
        if axis(&joined) != axis(&call) || parts.len() != xs.len() {
            return None;
        }
        let mut pairs = Vec::new();
        for (part, x) in parts.into_iter().zip(xs) {
            if let Some(ones) = self.operation(&part, "OnesLike") {
                if ones.inputs() != [x.clone()] || self.has_mask(&x) {
                    return None;
                }
                continue;
            }
            let [wide, zeros] = self.operation(&part, "LogicalOr")?.inputs().try_into().ok()?;
            let own = self.operation(&wide, "ExpandDims").filter(Call::is_along_the_last_axis)?;
            if self.operation(&zeros, "ZerosLike")?.inputs() != [x.clone()] {
                return None;
            }
            pairs.push((own.inputs().pop()?, x));
        }
        Some(pairs)
    }

    /// What the operation `any(..., axis=-1)` is given that makes `mask`.
    fn any(&mut self, mask: &Tensor) -> Option<Tensor> {
        let any = self.operation(mask, "Any").filter(Call::is_along_the_last_axis)?;
        let drops_it = any.layer.config.get("keepdims").is_none_or(|keeps| keeps == false);
        any.inputs().pop().filter(|_| drops_it)
    }

    /// The operation of that class that makes `tensor`.
    fn operation(&mut self, tensor: &Tensor, class_name: &str) -> Option<Call<'a>> {
        let call = self.graph.call(tensor).filter(|call| call.layer.class_name == class_name)?;
        self.operations.insert(call.layer.name.to_owned());
        Some(call)
    }

    /// Whether a mask flows beside `x`.
    fn has_mask(&mut self, x: &Tensor) -> bool {
        self.masked.get_or_insert_with(|| self.graph.masked()).contains(x)
    }
}

/// The places of those operations that no layer reads, no output, and no other operation that stays.
fn unread(
    entries: &[Value],
    ends: &[Option<Value>; 2],
    operations: HashSet<String>,
) -> HashSet<usize> {
    let graph = Graph::of(entries);
    let mut open: Vec<Tensor> = Vec::new();
    ends.iter().flatten().for_each(|end| graph::tensors(end, &mut open));
    let stays = |name: &str| !operations.contains(name);
    open.extend(
        graph.calls().filter(|call| stays(call.layer.name)).flat_map(|call| call.tensors()),
    );
    let mut read = HashSet::new();
    while let Some((name, ..)) = open.pop() {
        if operations.contains(&name) && read.insert(name.clone()) {
            let own = graph.calls().filter(|call| call.layer.name == name);
            open.extend(own.flat_map(|call| call.tensors()));
        }
    }
    let unread = operations.iter().filter(|name| !read.contains(*name));
    unread.filter_map(|name| graph.place(name)).collect()
}

/// Takes these layers out.
fn drop_layers(entries: &mut Vec<Value>, dropped: &HashSet<usize>, path: &str, log: &mut Log) {
    let text = "a mask, which reaches the layers that read it by itself";
    let mut places: Vec<_> = dropped.iter().copied().collect();
    places.sort_unstable();
    for place in places {
        log.note(&join(path, &format!("layers[{place}]")), Change::Ignored, text);
    }
    let kept = (0..entries.len()).filter(|place| !dropped.contains(place));
    let moves =
        kept.enumerate().map(|(new, old)| (format!("layers[{old}]"), format!("layers[{new}]")));
    log.all_moved(path, moves.collect());
    let mut place = 0;
    entries.retain(|_| {
        place += 1;
        !dropped.contains(&(place - 1))
    });
}

/// Whether layers of that class, with that config, hand on the mask of their input. A class of the
/// user's own is taken to do so if Keras says so.
fn passes_masks(class_name: &str, config: &Value) -> bool {
    let held = if class_name == "Bidirectional" { &config["layer"]["config"] } else { config };
    if let Some(sequences) = held.get("return_sequences").and_then(Value::as_bool) {
        return sequences;
    }
    match class_name {
        "Functional" | "Sequential" | "Model" | "InputLayer" => false,
        _ => Registry::keeps_mask(class_name).unwrap_or(true),
    }
}
