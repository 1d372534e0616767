//! What a functional model's config says of its connections, in Keras 1, 2 and 3.

use ceratops_core::{Error, Result};
use serde_json::Value;

use super::chains_only;
use crate::json::{
    functional::{OWN_MASK, is_nothing},
    shown,
};

/// The output of a layer. Which call of the layer it is does not matter where there is one call.
pub(super) struct Link {
    pub(super) layer: String,
    output: u64,
}

/// The call of a layer.
pub(super) struct Call {
    /// What it takes; nothing for an input.
    pub(super) from: Option<Link>,
    /// The mode that it names.
    pub(super) training: Option<bool>,
}

/// The model's inputs or outputs: `["dense", 0, 0]`, or any nest of such, in lists or under keys.
pub(super) fn links(value: Option<Value>, path: &str) -> Result<Vec<Link>> {
    let value = value.unwrap_or_default();
    if !value.is_array() && !value.is_object() {
        return Err(Error::config(path, format!("expected a list, got {}", shown(&value))));
    }
    let mut found = Vec::new();
    nested(&value, &mut found).ok_or_else(|| {
        let message = "expected a layer's name and two numbers, as [\"dense\", 0, 0]";
        Error::config(path, message)
    })?;
    found.into_iter().map(|link| first_output(link, path)).collect()
}

/// Gathers the links in a nest; those under keys in the order of the keys, as Keras does.
fn nested(value: &Value, found: &mut Vec<Link>) -> Option<()> {
    match value {
        Value::Array(items) if matches!(items.first(), Some(Value::String(_))) => {
            found.push(link(items)?);
            Some(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| nested(item, found)),
        Value::Object(items) => {
            let mut items: Vec<(&String, &Value)> = items.iter().collect();
            items.sort_unstable_by_key(|(key, _)| *key);
            items.into_iter().try_for_each(|(_, item)| nested(item, found))
        }
        _ => None,
    }
}

/// `["dense", 0, 0]`: the layer, which call of it, which of its outputs.
fn link(items: &[Value]) -> Option<Link> {
    let [Value::String(layer), Value::Number(_), output, ..] = items else { return None };
    Some(Link { layer: layer.clone(), output: output.as_u64()? })
}

fn first_output(link: Link, path: &str) -> Result<Link> {
    if link.output == 0 {
        return Ok(link);
    }
    let what = format!("it takes output {} of \"{}\"", link.output, link.layer);
    Err(Error::config(path, chains_only(&what)))
}

/// How the layer `name` is called: of `inbound_nodes`, one for each call, there must be no more than
/// one, with one input.
pub(super) fn one_call(nodes: Option<Value>, name: &str, path: &str) -> Result<Call> {
    let refuse = |what: String| Error::config(path, chains_only(&what));
    let nodes = match nodes {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(nodes)) => nodes,
        Some(other) => {
            let message = format!("expected a list, got {}", shown(&other));
            return Err(Error::config(path, message));
        }
    };
    let mut found = Arguments::default();
    let understood = match nodes.as_slice() {
        [] => return Ok(Call { from: None, training: None }),
        [Value::Array(items)] => found.keras2(items),
        [Value::Object(call)] => {
            let positional = found.keras3(call.get("args").unwrap_or(&Value::Null));
            positional.and_then(|()| found.named(call.get("kwargs").unwrap_or(&Value::Null)))
        }
        [other] => Err(shown(other)),
        _ => return Err(refuse(format!("\"{name}\" is used {} times", nodes.len()))),
    };
    understood.map_err(|argument| {
        refuse(format!("\"{name}\" is called with an argument besides its input: {argument}"))
    })?;
    let Arguments { mut links, training } = found;
    let count = links.len();
    match links.pop() {
        Some(link) if count == 1 => {
            first_output(link, path).map(|link| Call { from: Some(link), training })
        }
        _ => Err(refuse(format!("\"{name}\" takes {count} inputs"))),
    }
}

/// The arguments of a call, as far as they are understood.
#[derive(Default)]
struct Arguments {
    links: Vec<Link>,
    training: Option<bool>,
}

impl Arguments {
    /// A call in Keras 1 and 2: `[["dense", 0, 0, {}], ...]`, or one input alone.
    fn keras2(&mut self, items: &[Value]) -> Result<(), String> {
        if matches!(items.first(), Some(Value::String(_))) {
            self.links.push(link(items).ok_or_else(|| shown(&items.into()))?);
            return self.named(items.get(3).unwrap_or(&Value::Null));
        }
        items.iter().try_for_each(|item| match item {
            Value::Array(inner) if matches!(inner.first(), Some(Value::String(_))) => {
                self.keras2(inner)
            }
            other => Err(shown(other)),
        })
    }

    /// The arguments of a call in Keras 3: tensors, which tell where they come from; of the layers
    /// there are, only `training` is a switch.
    fn keras3(&mut self, args: &Value) -> Result<(), String> {
        match args {
            Value::Null => Ok(()),
            Value::Bool(training) => {
                self.training = Some(*training);
                Ok(())
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.keras3(item)),
            tensor => {
                self.links.push(from(tensor).ok_or_else(|| shown(tensor))?);
                Ok(())
            }
        }
    }

    /// Arguments by name. All that are not null but the input and the mode change what a layer does.
    fn named(&mut self, kwargs: &Value) -> Result<(), String> {
        for (key, value) in kwargs.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                (_, value) if is_nothing(value) => {}
                ("training", Value::Bool(training)) => self.training = Some(*training),
                ("training", Value::Number(number)) if number.as_u64().is_some_and(|n| n < 2) => {
                    self.training = Some(number.as_u64() == Some(1));
                }
                ("inputs" | "sequence" | "x", tensor) if from(tensor).is_some() => {
                    self.links.extend(from(tensor));
                }
                ("mask", value) => return Err(format!("{key} = {}{OWN_MASK}", shown(value))),
                _ => return Err(format!("{key} = {}", shown(value))),
            }
        }
        Ok(())
    }
}

/// Where a tensor of Keras 3 comes from.
fn from(tensor: &Value) -> Option<Link> {
    tensor.pointer("/config/keras_history").and_then(Value::as_array).and_then(|items| link(items))
}
