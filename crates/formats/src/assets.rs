//! What a `.keras` archive keeps beside config and weights: vocabularies that layers have found, under
//! `assets/layers/<class>_<n>/vocabulary.txt`.

use std::collections::HashMap;

use ceratops_core::{Error, Result, Tensor};
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
        let class = class.to_owned();
        let path = format!("{path}/{}", numbered(&class, &mut seen));
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

/// The weights of tf_idf in the config, which Keras looks for beside the model's: where they lie, and one for each
/// number.
pub(crate) fn idf_weights(document: &Value) -> Vec<(String, Tensor)> {
    let mut found = Vec::new();
    gather(document, "layers", &mut found);
    found
}

fn gather(model: &Value, path: &str, found: &mut Vec<(String, Tensor)>) {
    let layers = model.pointer("/config/layers").and_then(Value::as_array);
    let mut seen: HashMap<String, usize> = HashMap::new();
    for layer in layers.into_iter().flatten() {
        let class = layer.get("class_name").and_then(Value::as_str).unwrap_or_default();
        let path = format!("{path}/{}", numbered(class, &mut seen));
        if let Some(weights) = weights_of(&layer["config"]) {
            if class == "TextVectorization" {
                let within = format!("{path}/_lookup_layer/vars/idf_weights");
                found.push((within, weights.clone()));
            }
            found.push((format!("{path}/vars/idf_weights"), weights));
        }
        gather(layer, &format!("{path}/layers"), found);
    }
}

/// The weight of each number: what is given, in front of which stands the mean for unknown words, unless these
/// are in the vocabulary.
fn weights_of(config: &Value) -> Option<Tensor> {
    let list = |key: &str| config.get(key).and_then(Value::as_array);
    let given = list("idf_weights")?.iter().filter_map(Value::as_f64);
    let mut weights: Vec<f32> = given.map(|weight| weight as f32).collect();
    let size = config.get("vocabulary_size").and_then(Value::as_u64).unwrap_or(0);
    let ahead = usize::try_from(size).ok()?.saturating_sub(weights.len());
    let mean = weights.iter().map(|w| f64::from(*w)).sum::<f64>() / weights.len().max(1) as f64;
    weights.splice(0..0, std::iter::repeat_n(mean as f32, ahead));
    if config.get("pad_to_max_tokens") == Some(&true.into()) {
        let most = config.get("max_tokens").and_then(Value::as_u64).unwrap_or(0);
        weights.resize(usize::try_from(most).ok()?.max(weights.len()), 0.0);
    }
    Some(weights.into())
}

/// The key of a layer of that class in its model's group: a number tells it from those before.
fn numbered(class: &str, seen: &mut HashMap<String, usize>) -> String {
    let key = snake_case(class);
    let before = seen.entry(key.clone()).or_default();
    *before += 1;
    if *before == 1 { key } else { format!("{key}_{}", *before - 1) }
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
