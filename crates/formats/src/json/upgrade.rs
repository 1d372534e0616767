//! Brings an entry of any dialect to the words of Keras 3, one rule after another.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value, json};

use super::{
    Change, activations, classes, dtypes,
    envelope::refuse_unknown,
    functional, governing, graph, inputs, keras1,
    log::{Log, join},
    non_finite, spelling,
    subject::Subject,
};

/// What may stand in the entry of a layer, a model or another object.
const KEYS: &[&str] = &[
    "module",
    "class_name",
    "config",
    "registered_name",
    "build_config",
    "compile_config",
    "shared_object_id",
    // The mode of a layer's call, which `graph` puts there.
    "training",
    // What becomes of masks there, likewise.
    "masks",
    // What `functional` says of a layer in a graph.
    "name",
    "inbound_nodes",
];

/// The rules for the config of one object, in their order.
const RULES: &[fn(&mut Subject<'_>) -> Result<()>] = &[
    keras1::rename_keys,
    keras1::data_format,
    keras1::governing_objects,
    of_class,
    default_data_format,
    inputs::input_shape,
    dtypes::policy,
    non_finite::resolve,
    governing::foreign,
    spelling::snake_case,
    activations::hard_sigmoid,
];

/// Upgrades the entries in the value at `path`, at any depth. Paths in errors are those of the
/// upgraded document.
pub(super) fn upgrade(value: &mut Value, path: &str, log: &mut Log) -> Result<()> {
    match value {
        Value::Object(object) => {
            upgrade_object(object, path, log)?;
            object.iter_mut().try_for_each(|(key, value)| upgrade(value, &join(path, key), log))
        }
        Value::Array(items) => {
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(i, item)| upgrade(item, &format!("{path}[{i}]"), log))
        }
        _ => Ok(()),
    }
}

/// Upgrades one object, if it is an entry; what its config holds comes later.
fn upgrade_object(object: &mut Map<String, Value>, path: &str, log: &mut Log) -> Result<()> {
    let Some(Value::String(class_name)) = object.get("class_name") else { return Ok(()) };
    let class_name = class_name.clone();
    refuse(&class_name, path)?;
    let class_name = if !graph::is_graph(&class_name) {
        class_name
    } else if graph::is_chain(object, path) {
        graph::to_sequential(object, path, log)?;
        "Sequential".to_owned()
    } else {
        functional::upgrade(object, path, log)?;
        "Functional".to_owned()
    };
    refuse_unknown(object, path, KEYS)?;
    let class_name = rename_class(object, class_name, path, log);
    functional::older_rule(object, &class_name, log);
    let Some(config) = object.get_mut("config") else { return Ok(()) };
    let path = join(path, "config");
    if class_name == "Sequential" {
        sequential_list(config, &path, log);
        inputs::only_first(config, &path, log);
    }
    let Value::Object(config) = config else { return Ok(()) };
    let mut layer = Subject { class_name: &class_name, config, path: &path, log };
    RULES.iter().try_for_each(|rule| rule(&mut layer))
}

/// Refuses an activation that is Python code; layers that are have been refused before.
fn refuse(class_name: &str, path: &str) -> Result<()> {
    if class_name != "__lambda__" {
        return Ok(());
    }
    let message = format!(
        "{class_name} holds Python code, which is never run here; put a layer or an activation of \
         your own in its place, registered under a name"
    );
    Err(Error::config(join(path, "class_name"), message))
}

/// Gives the class the name it has in Keras 3.
fn rename_class(
    object: &mut Map<String, Value>,
    class_name: String,
    path: &str,
    log: &mut Log,
) -> String {
    let Some(new) = classes::renamed(&class_name) else { return class_name };
    object.insert("class_name".into(), new.into());
    log.note(&join(path, "class_name"), Change::Renamed, format!("`{new}`"));
    new.to_owned()
}

/// Until Keras 2.2.2 the config of a Sequential was the list of its layers.
fn sequential_list(config: &mut Value, path: &str, log: &mut Log) {
    if config.is_array() {
        *config = json!({ "layers": config.take() });
        log.moved(path, "", "layers");
    }
}

/// What the class itself has to say.
fn of_class(layer: &mut Subject<'_>) -> Result<()> {
    classes::card(layer.class_name).read.iter().try_for_each(|rule| rule(layer))
}

/// No data format means the default one.
fn default_data_format(layer: &mut Subject<'_>) -> Result<()> {
    if layer.config.get("data_format").is_some_and(Value::is_null) {
        layer.config.remove("data_format");
    }
    Ok(())
}
