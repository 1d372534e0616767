//! Inputs whose numbers are hashed: Keras wants them declared as whole numbers.

use serde_json::Value;

use super::piece::Piece;

/// Declares the inputs that a HashedCrossing reads as whole numbers, here and in models within.
pub(super) fn declare(model: &mut Piece) {
    let Some(layers) = &mut model.layers else { return };
    let mut read = Vec::new();
    for layer in layers.iter().filter(|layer| layer.class_name == "HashedCrossing") {
        layer.calls.iter().flatten().for_each(|call| sources(call, &mut read));
    }
    for layer in layers {
        declare(layer);
        let is_read = layer.class_name == "InputLayer" && read.contains(&layer.name);
        if let Some(dtype) =
            layer.config.get_mut("dtype").filter(|dtype| is_read && *dtype == "float32")
        {
            *dtype = "int64".into();
        }
    }
}

/// The names of the layers whose outputs a call takes.
fn sources(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let name = object.get("keras_history").and_then(|history| history.get(0)?.as_str());
            names.extend(name.map(str::to_owned));
            object.values().for_each(|value| sources(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| sources(item, names)),
        _ => {}
    }
}
