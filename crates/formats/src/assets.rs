//! What a `.keras` archive keeps beside config and weights: vocabularies that layers have found, under
//! `assets/layers/<class>_<n>/vocabulary.txt`.

use std::collections::HashMap;

use ceratops_core::{Error, Result};
use ceratops_layers::snake_case;
use serde_json::{Value, json};

use crate::hdf5::{Group, Member};

/// Puts the vocabularies of an archive into the config, where they stand if they are given. `member` reads a
/// member of the archive, if there is one of that name.
pub(crate) fn put_in_place(
    document: &mut Value,
    weights: &mut Group,
    member: &mut impl FnMut(&str) -> Result<Option<Vec<u8>>>,
) -> Result<()> {
    in_layers(document, "layers", weights, member)
}

/// The layers of the model with that entry, which lie at `path`.
fn in_layers(
    model: &mut Value,
    path: &str,
    weights: &mut Group,
    member: &mut impl FnMut(&str) -> Result<Option<Vec<u8>>>,
) -> Result<()> {
    let Some(Value::Array(layers)) = model.pointer_mut("/config/layers") else { return Ok(()) };
    let mut seen: HashMap<String, usize> = HashMap::new();
    for layer in layers {
        let class = layer.get("class_name").and_then(Value::as_str).unwrap_or_default();
        let (class, key) = (class.to_owned(), snake_case(class));
        let before = seen.entry(key.clone()).or_default();
        let key = if *before == 0 { key } else { format!("{key}_{before}") };
        *before += 1;
        let path = format!("{path}/{key}");
        if let "StringLookup" | "IntegerLookup" | "TextVectorization" = class.as_str() {
            in_lookup(layer, &class, &path, weights, member)?;
        }
        in_layers(layer, &format!("{path}/layers"), weights, member)?;
    }
    Ok(())
}

fn in_lookup(
    layer: &mut Value,
    class: &str,
    path: &str,
    weights: &mut Group,
    member: &mut impl FnMut(&str) -> Result<Option<Vec<u8>>>,
) -> Result<()> {
    let Some(Value::Object(config)) = layer.get_mut("config") else { return Ok(()) };
    // They are no weights here, but arguments.
    let idf = take(weights, &format!("{path}/vars/idf_weights"));
    take(weights, &format!("{path}/_lookup_layer/vars/idf_weights"));
    if config.get("vocabulary").is_some_and(|vocabulary| !vocabulary.is_null()) {
        return Ok(());
    }
    let name = format!("assets/{path}/vocabulary.txt");
    let Some(bytes) = member(&name)? else { return Ok(()) };
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::Data(format!("{name}: expected UTF-8, one token a line")))?;
    let mut lines: Vec<&str> = text.lines().collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let vocabulary: Result<Vec<Value>> =
        lines.iter().map(|line| token(class, line, &name)).collect();
    // One that has found nothing has the tokens for unknown words only.
    config.insert("vocabulary".into(), vocabulary?.into());
    if let Some(Member::Tensor(idf)) = idf {
        config.insert("idf_weights".into(), json!(idf.as_slice()));
    }
    Ok(())
}

/// Takes out what lies at this path.
fn take(group: &mut Group, path: &str) -> Option<Member> {
    let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let place = group.members.iter().position(|(other, _)| other == name)?;
    match (rest, &mut group.members[place].1) {
        (None, _) => Some(group.members.remove(place).1),
        (Some(rest), Member::Group(group)) => take(group, rest),
        _ => None,
    }
}

fn token(class: &str, line: &str, name: &str) -> Result<Value> {
    if class != "IntegerLookup" {
        return Ok(line.into());
    }
    let number: Result<i64, _> = line.trim().parse();
    number.map(Value::from).map_err(|_| {
        Error::Data(format!("{name}: expected a whole number on each line, got {line:?}"))
    })
}
