//! What a functional model's config says of its connections, in Keras 1, 2 and 3.

use ceratops_core::{Error, Result};
use serde_json::Value;

use super::chains_only;
use crate::json::shown;

/// The output of a layer. Which call of the layer it is does not matter where there is one call.
pub(super) struct Link {
    pub(super) layer: String,
    output: u64,
}

/// The model's inputs or outputs: `[["dense", 0, 0]]`, or for a single one `["dense", 0, 0]`.
pub(super) fn links(value: Option<Value>, path: &str) -> Result<Vec<Link>> {
    let Some(Value::Array(items)) = value else {
        let found = value.unwrap_or_default();
        return Err(Error::config(path, format!("expected a list, got {}", shown(&found))));
    };
    let links: Option<Vec<Link>> = match items.first() {
        Some(Value::String(_)) => link(&items).map(|link| vec![link]),
        _ => items.iter().map(|item| item.as_array().and_then(|item| link(item))).collect(),
    };
    let links = links.ok_or_else(|| {
        let message = "expected a layer's name and two numbers, as [\"dense\", 0, 0]";
        Error::config(path, message)
    })?;
    links.into_iter().map(|link| first_output(link, path)).collect()
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

/// What the layer `name` takes: of `inbound_nodes`, one for each call, there must be no more than
/// one, with one input.
pub(super) fn one_link(nodes: Option<Value>, name: &str, path: &str) -> Result<Option<Link>> {
    let refuse = |what: String| Error::config(path, chains_only(&what));
    let nodes = match nodes {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(nodes)) => nodes,
        Some(other) => {
            let message = format!("expected a list, got {}", shown(&other));
            return Err(Error::config(path, message));
        }
    };
    let node = match nodes.as_slice() {
        [] => return Ok(None),
        [node] => node,
        _ => return Err(refuse(format!("\"{name}\" is used {} times", nodes.len()))),
    };
    let mut found = Vec::new();
    let understood = match node {
        Value::Array(items) => keras2(items, &mut found),
        Value::Object(call) => keras3(call.get("args"), &mut found)
            .and_then(|()| plain(call.get("kwargs").unwrap_or(&Value::Null))),
        other => Err(shown(other)),
    };
    understood.map_err(|argument| {
        refuse(format!("\"{name}\" is called with an argument besides its input: {argument}"))
    })?;
    let count = found.len();
    match found.pop() {
        Some(link) if count == 1 => first_output(link, path).map(Some),
        _ => Err(refuse(format!("\"{name}\" takes {count} inputs"))),
    }
}

/// A call in Keras 1 and 2: `[["dense", 0, 0, {}], ...]`, or one input alone.
fn keras2(items: &[Value], found: &mut Vec<Link>) -> Result<(), String> {
    if matches!(items.first(), Some(Value::String(_))) {
        found.push(link(items).ok_or_else(|| shown(&items.into()))?);
        return plain(items.get(3).unwrap_or(&Value::Null));
    }
    items.iter().try_for_each(|item| match item {
        Value::Array(inner) if matches!(inner.first(), Some(Value::String(_))) => {
            keras2(inner, found)
        }
        other => Err(shown(other)),
    })
}

/// The arguments of a call in Keras 3: tensors, which tell where they come from.
fn keras3(args: Option<&Value>, found: &mut Vec<Link>) -> Result<(), String> {
    match args {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(items)) => items.iter().try_for_each(|item| keras3(Some(item), found)),
        Some(tensor) => {
            let history = tensor.pointer("/config/keras_history").and_then(Value::as_array);
            let from = history.and_then(|items| link(items)).ok_or_else(|| shown(tensor))?;
            found.push(from);
            Ok(())
        }
    }
}

/// Refuses arguments by name that are not null: they change what the layer does.
fn plain(kwargs: &Value) -> Result<(), String> {
    let given = kwargs.as_object().and_then(|all| all.iter().find(|(_, value)| !value.is_null()));
    given.map_or(Ok(()), |(key, value)| Err(format!("{key} = {}", shown(value))))
}
