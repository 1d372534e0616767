//! The legacy tree of a whole model, as Keras 3 or, for a document in its words, Keras 2 writes it.

use ceratops_core::{Param, Result, Tensor};
use ceratops_layers::{Model, Node, inner_name};
use serde_json::{Value, json};

use crate::{
    hdf5::{Attribute, Group, Member},
    json,
    layer_weights::legacy_order,
    training::{self, OptimizerWeights, Training},
};

/// The version that is named where the document names none.
const KERAS_3: &str = "3.15.1";

/// Keras splits lists of names that would take more bytes.
const LARGEST: usize = 64_512;

/// In whose words the file is written.
struct Words {
    is_keras2: bool,
    version: String,
}

/// The tree of a whole model, whose architecture is `document`.
pub(crate) fn tree(model: &Model, document: &Value, training: Option<&Training>) -> Result<Group> {
    let version = document.get("keras_version").and_then(Value::as_str);
    let words = Words {
        // Only Keras 3 says where its classes come from.
        is_keras2: document.get("module").is_none(),
        version: version.unwrap_or(KERAS_3).to_owned(),
    };
    let mut root = Group { attributes: words.origin(), members: Vec::new() };
    let config = json::to_text(&bare(document.clone()))?;
    root.attributes.push(("model_config".into(), Attribute::Text(config)));
    if let Some(config) = training.map(|training| &training.config).filter(|c| !c.is_null()) {
        root.attributes.push(("training_config".into(), Attribute::Text(json::to_text(config)?)));
    }
    root.members.push(("model_weights".into(), Member::Group(words.weights(model))));
    if let Some(optimizer) = training.and_then(|training| training.optimizer.as_ref()) {
        let (name, rate) = training::optimizer_name_and_rate(training);
        let group = words.optimizer(optimizer, &name, rate);
        root.members.push(("optimizer_weights".into(), Member::Group(group)));
    }
    Ok(root)
}

impl Words {
    fn origin(&self) -> Vec<(String, Attribute)> {
        let text = |name: &str, value: &str| (name.to_owned(), Attribute::Text(value.into()));
        vec![text("backend", "tensorflow"), text("keras_version", &self.version)]
    }

    /// The group of all weights, one group for each layer.
    fn weights(&self, model: &Model) -> Group {
        let mut group = Group { attributes: self.origin(), members: Vec::new() };
        let layers = model.layers();
        let names = layers.iter().map(|node| node.name().to_owned()).collect();
        group.attributes.extend(name_list("layer_names", names));
        for node in layers {
            let prefix = if self.is_keras2 { String::new() } else { format!("{}/", model.name()) };
            let weights = legacy_order(named(node, &prefix), |(_, param)| param.learns());
            let members = weights.into_iter().map(|(name, param)| {
                let suffix = if self.is_keras2 { ":0" } else { "" };
                (format!("{name}{suffix}"), Member::of(param))
            });
            group.insert(node.name(), Member::Group(of_weights(members.collect())));
        }
        group.insert("top_level_model_weights", Member::Group(of_weights(Vec::new())));
        group
    }

    fn optimizer(&self, weights: &OptimizerWeights, name: &str, rate: Option<f32>) -> Group {
        let own = |variable: &str| {
            if self.is_keras2 { format!("{variable}:0") } else { format!("{name}/{variable}") }
        };
        let mut members = vec![(own("iteration"), Member::integer(weights.iterations))];
        // In Keras 2 the rate is no variable.
        if let (false, Some(rate)) = (self.is_keras2, weights.learning_rate.or(rate)) {
            members.push((own("learning_rate"), Member::Tensor(Tensor::scalar(rate))));
        }
        members.extend(weights.slots.iter().map(|(slot, value)| {
            // A name that has no path is no more than a number.
            let slot = if slot.contains('/') { slot.clone() } else { format!("{name}/{slot}") };
            (slot, Member::Tensor(value.clone()))
        }));
        of_weights(members)
    }
}

/// The weights of a layer under their full names.
fn named<'a>(node: &'a Node, prefix: &str) -> Vec<(String, &'a Param)> {
    let prefix = format!("{prefix}{}/", node.name());
    if let Some(nested) = node.as_model() {
        return nested.layers().iter().flat_map(|node| named(node, &prefix)).collect();
    }
    let named = node.layer().parts().into_iter().flat_map(|part| {
        let prefix =
            if !part.name.is_empty() { format!("{prefix}{}/", part.name) } else { prefix.clone() };
        let named = |param: &'a Param| (format!("{prefix}{}", param.name()), param);
        part.params.into_iter().map(named).collect::<Vec<_>>()
    });
    // A weight that two objects keep is listed once, as that of the inner one.
    let mut once: Vec<(String, &Param)> = Vec::new();
    for (name, param) in named {
        match once.iter_mut().find(|(_, other)| std::ptr::eq(*other, param)) {
            Some(known) => known.0 = name,
            None => once.push((name, param)),
        }
    }
    once
}

/// The group of these weights, which lists their names.
fn of_weights(weights: Vec<(String, Member)>) -> Group {
    let names = weights.iter().map(|(name, _)| name.clone()).collect();
    let mut group = Group { attributes: name_list("weight_names", names), members: Vec::new() };
    for (name, member) in weights {
        group.insert(&name, member);
    }
    group
}

/// The attribute of a list of names, or several if it is large.
fn name_list(name: &str, names: Vec<String>) -> Vec<(String, Attribute)> {
    // Keras counts each name as long as the longest; here each takes a reference of 16 bytes.
    let width = names.iter().map(String::len).max().unwrap_or_default().max(16);
    let fits = |count: &usize| names.len().div_ceil(*count) * width <= LARGEST;
    match (1..names.len()).find(fits).unwrap_or(names.len()) {
        0 => vec![(name.into(), Attribute::Numbers(Vec::new()))],
        1 => vec![(name.into(), Attribute::Texts(names))],
        count => {
            let mut rest = names.into_iter();
            // As NumPy splits: the first pieces are longer where it does not come out even.
            let piece = |number: usize| {
                let len = (rest.len()).div_ceil(count - number);
                let piece = rest.by_ref().take(len).collect();
                (format!("{name}{number}"), Attribute::Texts(piece))
            };
            (0..count).map(piece).collect()
        }
    }
}

/// The entry of a model or layer with nothing but its class and config, as legacy files have it; of
/// the layers in it too.
pub(super) fn bare(mut entry: Value) -> Value {
    let class_name = entry.get("class_name").and_then(Value::as_str).unwrap_or_default();
    let class_name = inner_name(class_name).to_owned();
    let mut config = entry.get_mut("config").map(Value::take).unwrap_or_default();
    without_time_major(&mut config);
    if let Some(Value::Array(layers)) = config.get_mut("layers") {
        for layer in layers {
            *layer = bare(layer.take());
        }
    }
    let mut bare = json!({ "class_name": class_name, "config": config });
    // What a functional model says of its connections.
    for key in ["name", "inbound_nodes"] {
        if let Some(value) = entry.get_mut(key).map(Value::take) {
            bare[key] = value;
        }
    }
    bare
}

/// Keras 3 reads the recurrent layers of Keras 2 only without it, also within another layer, and must not
/// read one whose hard_sigmoid it takes for its own.
fn without_time_major(config: &mut Value) {
    let own = !says_hard_sigmoid(config);
    let Some(config) = config.as_object_mut() else { return };
    if own && config.get("time_major") == Some(&false.into()) {
        config.shift_remove("time_major");
    }
    for key in ["layer", "backward_layer"] {
        if let Some(held) = config.get_mut(key).and_then(|entry| entry.get_mut("config")) {
            without_time_major(held);
        }
    }
}

/// Whether a function of that name stands in a config, or in those of the cells in it.
fn says_hard_sigmoid(config: &Value) -> bool {
    let Some(config) = config.as_object() else { return false };
    let held = config.get("cell").into_iter();
    let cells = config.get("cells").and_then(Value::as_array).into_iter().flatten();
    let mut held = held.chain(cells).filter_map(|entry| entry.get("config"));
    config.values().any(|value| *value == "hard_sigmoid") || held.any(says_hard_sigmoid)
}
