//! Functional models whose graph is a plain chain: they are read as a Sequential.

mod links;

use std::collections::HashMap;

use ceratops_core::{Error, Result};
use serde_json::{Map, Value};

use self::links::{Call, Link, links, one_call};
use super::{
    Change, Dialect,
    dialect::Detected,
    functional::is_operation,
    log::{Log, join},
};

/// Whether this is the class of a graph of layers.
pub(super) fn is_graph(class_name: &str) -> bool {
    matches!(class_name, "Functional" | "Model")
}

/// Whether the layers of a functional model at `path` form a chain from one input on, each being
/// called once, of whose layers one gives the output.
pub(super) fn is_chain(object: &Map<String, Value>, path: &str) -> bool {
    let mut copy = object.clone();
    let log = &mut Log::new(Detected::of_entry(&Value::Null), "");
    to_sequential(&mut copy, path, log).is_ok()
}

/// Makes the entry of a functional model at `path` that of a Sequential.
///
/// # Errors
/// Layers that take several inputs, give their output to several layers, or are used several
/// times; several inputs or outputs.
pub(super) fn to_sequential(
    object: &mut Map<String, Value>,
    path: &str,
    log: &mut Log,
) -> Result<()> {
    let class_path = join(path, "class_name");
    let config_path = join(path, "config");
    let Some(Value::Object(config)) = object.get_mut("config") else {
        return Err(Error::config(config_path, "expected an object with `layers`"));
    };
    if ["input_layers", "output_layers"].iter().any(|ends| config.get(*ends).is_some_and(has_keys))
    {
        return Err(Error::config(config_path, chains_only("its inputs or outputs have keys")));
    }
    let inputs = links(config.remove("input_layers"), &join(&config_path, "input_layers"))?;
    let outputs = links(config.remove("output_layers"), &join(&config_path, "output_layers"))?;
    let Some(Value::Array(entries)) = config.get_mut("layers").map(Value::take) else {
        return Err(Error::config(join(&config_path, "layers"), "expected a list"));
    };
    let layers_path = join(&config_path, "layers");
    if entries.iter().any(is_operation) {
        return Err(Error::config(layers_path, chains_only("it has operations")));
    }
    let layers = named_layers(entries, &layers_path, log)?;
    let order = chain(&layers, &inputs, &layers_path)?;
    let kept = up_to_the_output(&layers, &order, &outputs, &config_path)?;
    for &dropped in order.get(kept..).unwrap_or_default() {
        let text = "none of the model's outputs needs it";
        log.note(&join(&layers_path, &format!("[{dropped}]")), Change::Ignored, text);
    }
    let mut entries: Vec<Option<Value>> = layers.into_iter().map(|l| Some(l.entry)).collect();
    let mut taken = Vec::with_capacity(kept);
    let places = order[..kept].iter().enumerate();
    let moves = places.map(|(new, old)| (format!("layers[{old}]"), format!("layers[{new}]")));
    log.all_moved(&config_path, moves.collect());
    order[..kept].iter().for_each(|&old| taken.extend(entries[old].take()));
    config.insert("layers".into(), taken.into());
    // The class is remembered: files of weights have a key made of it.
    object.insert("class_name".into(), "Functional".into());
    object.remove("registered_name");
    log.note(&class_path, Change::Reinterpreted, "`Sequential`: its layers form a chain");
    Ok(())
}

/// Whether a dictionary stands somewhere in a nest.
fn has_keys(nest: &Value) -> bool {
    nest.is_object() || nest.as_array().is_some_and(|items| items.iter().any(has_keys))
}

/// A layer of the graph.
struct Layer {
    name: String,
    /// Its entry, without what belongs to the graph.
    entry: Value,
    /// The layer it takes its input from; none for an input.
    from: Option<Link>,
}

/// The layers, taken out of the graph; each is used once, and takes at most one input.
fn named_layers(entries: Vec<Value>, path: &str, log: &mut Log) -> Result<Vec<Layer>> {
    let mut layers = Vec::with_capacity(entries.len());
    for (i, mut entry) in entries.into_iter().enumerate() {
        let path = join(path, &format!("[{i}]"));
        let Value::Object(object) = &mut entry else {
            return Err(Error::config(path, "expected an object with `class_name` and `config`"));
        };
        let inner = object.get("config").and_then(|config| config.get("name")).cloned();
        let Some(Value::String(name)) = object.remove("name").or(inner) else {
            return Err(Error::config(join(&path, "name"), "expected the layer's name"));
        };
        if let Some(Value::Object(config)) = object.get_mut("config") {
            config.insert("name".into(), name.as_str().into());
        }
        if has_several_outputs(object) {
            return Err(Error::config(
                path,
                chains_only(&format!("\"{name}\" has several outputs")),
            ));
        }
        let nodes_path = join(&path, "inbound_nodes");
        let Call { from, training } = one_call(object.remove("inbound_nodes"), &name, &nodes_path)?;
        if let Some(training) = training {
            set_mode(object, training, &nodes_path, log);
        }
        layers.push(Layer { name, entry, from });
    }
    Ok(layers)
}

/// Whether the entry is that of a model of several outputs, of which others may read but one.
fn has_several_outputs(object: &Map<String, Value>) -> bool {
    let outputs = object.get("config").and_then(|config| config.get("output_layers"));
    outputs
        .is_some_and(|outputs| links(Some(outputs.clone()), "").map_or(true, |all| all.len() > 1))
}

/// Tells the layer of `entry` the mode that its call names. In Keras 2 it counts whatever the model
/// does; in Keras 3, which writes one for each Dropout, the model's own does.
fn set_mode(entry: &mut Map<String, Value>, training: bool, path: &str, log: &mut Log) {
    if log.detected.dialect == Dialect::Keras2 {
        let text = match training {
            true => "a layer that is in training mode always, also in `predict`",
            false => "a layer that is never in training mode, not even in `fit`",
        };
        log.note(path, Change::Reinterpreted, text);
        entry.insert("training".into(), training.into());
    } else {
        let text = format!("training = {training}: the mode of the model counts");
        log.note(path, Change::Ignored, text);
    }
}

/// The places of the layers, one behind the other, from the model's input on.
fn chain(layers: &[Layer], inputs: &[Link], path: &str) -> Result<Vec<usize>> {
    let refuse = |what: String| Error::config(path, chains_only(&what));
    let [input] = inputs else {
        return Err(refuse(format!("it has {} inputs", inputs.len())));
    };
    let (mut places, mut next) = (HashMap::new(), HashMap::new());
    for (i, layer) in layers.iter().enumerate() {
        if places.insert(layer.name.as_str(), i).is_some() {
            return Err(refuse(format!("it has two layers \"{}\"", layer.name)));
        }
        let Some(from) = &layer.from else { continue };
        if let Some(other) = next.insert(from.layer.as_str(), i) {
            let (at, first, second) = (&from.layer, &layers[other].name, &layer.name);
            return Err(refuse(format!(
                "it branches at \"{at}\", to \"{first}\" and \"{second}\""
            )));
        }
    }
    let Some(&start) = places.get(input.layer.as_str()) else {
        return Err(refuse(format!("there is no layer \"{}\", its input", input.layer)));
    };
    if layers[start].from.is_some() {
        return Err(refuse(format!("its input \"{}\" is within it", input.layer)));
    }
    // This ends: each layer has one input, and the first has none.
    let mut order = vec![start];
    places.remove(input.layer.as_str());
    while let Some(&layer) = order.last().and_then(|&last| next.get(layers[last].name.as_str())) {
        order.push(layer);
        places.remove(layers[layer].name.as_str());
    }
    match places.into_values().min() {
        None => Ok(order),
        Some(left) => {
            let name = &layers[left].name;
            Err(refuse(format!("no chain leads from its input to \"{name}\"")))
        }
    }
}

/// How many layers of the chain are needed for its one output.
fn up_to_the_output(
    layers: &[Layer],
    order: &[usize],
    outputs: &[Link],
    path: &str,
) -> Result<usize> {
    let refuse = |message: String| Error::config(join(path, "output_layers"), message);
    let [output] = outputs else {
        return Err(refuse(chains_only(&format!("it gives {} outputs", outputs.len()))));
    };
    match order.iter().position(|&i| layers[i].name == output.layer) {
        None => Err(refuse(format!("there is no layer \"{}\"", output.layer))),
        Some(0) if order.len() > 1 => Err(refuse(chains_only("it gives its input as an output"))),
        Some(at) => Ok(at + 1),
    }
}

/// Why a graph is refused.
fn chains_only(what: &str) -> String {
    format!(
        "this is a functional model, of which only those can be loaded as yet whose layers form a \
         chain: {what}"
    )
}
