//! Operations that a layer computes, too.

use serde_json::{Value, json};

use crate::json::functional::arguments::Arguments;

/// Functions of each number that are activations, by the class of the operation.
const ACTIVATIONS: [(&str, &str); 14] = [
    ("Exp", "exponential"),
    ("HardSigmoid", "hard_sigmoid"),
    ("HardSilu", "hard_silu"),
    ("HardTanh", "hard_tanh"),
    ("LogSigmoid", "log_sigmoid"),
    ("Relu", "relu"),
    ("Relu6", "relu6"),
    ("Selu", "selu"),
    ("Sigmoid", "sigmoid"),
    ("Silu", "silu"),
    ("Softplus", "softplus"),
    ("Softsign", "softsign"),
    ("Tanh", "tanh"),
    ("TanhShrink", "tanh_shrink"),
];

/// Others, which no operation here computes, or which are layers for some arguments.
const OTHERS: [&str; 7] =
    ["Concatenate", "Copy", "Elu", "Identity", "LeakyRelu", "Resize", "Softmax"];

/// Whether a layer may compute what operations of that class do.
pub(super) fn is_known(class_name: &str) -> bool {
    OTHERS.contains(&class_name) || activation(class_name).is_some()
}

fn activation(class_name: &str) -> Option<&'static str> {
    ACTIVATIONS.iter().find(|(class, _)| *class == class_name).map(|(_, function)| *function)
}

/// Class and config of the layer that computes the same on these arguments.
pub(super) fn layer(
    class_name: &str,
    config: &Value,
    call: &Value,
    arguments: &mut Arguments,
) -> Option<(&'static str, Value)> {
    let inputs = arguments.inputs.len();
    let number = match arguments.numbers.as_slice() {
        [] => None,
        [(place, number)] => Some((*place == 0, *number)),
        _ => return None,
    };
    let scaled =
        |scale: f64, offset: f64| Some(("Rescaling", json!({"scale": scale, "offset": offset})));
    match (class_name, number, inputs) {
        ("Add" | "Subtract" | "Multiply" | "Maximum" | "Minimum", None, 2) if lines_up(call) => {
            arguments.is_list = true;
            let merging = ["Add", "Subtract", "Multiply", "Maximum", "Minimum"];
            Some((merging.into_iter().find(|name| *name == class_name)?, json!({})))
        }
        ("Concatenate", None, 1..) => {
            arguments.is_list = true;
            let axis = config.get("axis").cloned().unwrap_or(json!(-1));
            Some(("Concatenate", json!({ "axis": axis })))
        }
        _ if holds_array(call) => None,
        ("Add", Some((_, number)), 1) => scaled(1.0, number),
        ("Subtract", Some((false, number)), 1) => scaled(1.0, -number),
        ("Subtract", Some((true, number)), 1) => scaled(-1.0, number),
        ("Multiply", Some((_, number)), 1) => scaled(number, 0.0),
        ("TrueDivide" | "Divide", Some((false, number)), 1) if number.recip().is_finite() => {
            scaled(1.0 / number, 0.0)
        }
        ("Negative", None, 1) => scaled(-1.0, 0.0),
        ("Copy" | "Identity", None, 1) => Some(("Identity", json!({}))),
        // Those of the layers are their settings, too.
        ("Elu", None, 1) => Some(("ELU", json!({"alpha": config["alpha"]}))),
        ("LeakyRelu", None, 1) => {
            Some(("LeakyReLU", json!({"negative_slope": config["negative_slope"]})))
        }
        ("Resize", None, 1) => {
            let mut own = config.as_object().cloned().unwrap_or_default();
            own.retain(|key, value| !value.is_null() && key != "name");
            let size = own.remove("size")?;
            own.extend([
                ("height".into(), size.get(0)?.clone()),
                ("width".into(), size.get(1)?.clone()),
            ]);
            Some(("Resizing", own.into()))
        }
        ("Softmax", None, 1) => Some(("Softmax", json!({"axis": config["axis"]}))),
        ("Reshape", None, 1) => match config["newshape"].as_array().map(Vec::as_slice) {
            // The first axis counts the samples, however many.
            Some([first, rest @ ..]) if first.is_null() || *first == -1 => {
                let rest: Vec<Value> = rest
                    .iter()
                    .map(|len| if len.is_null() { json!(-1) } else { len.clone() })
                    .collect();
                Some(("Reshape", json!({ "target_shape": rest })))
            }
            _ => None,
        },
        (_, None, 1) => Some(("Activation", json!({ "activation": activation(class_name)? }))),
        _ => None,
    }
}

/// Whether an array of numbers stands among the arguments.
fn holds_array(call: &Value) -> bool {
    let args = call["args"].as_array().map_or(&[][..], Vec::as_slice);
    args.iter().filter_map(Value::as_array).any(|items| items.iter().any(|item| !item.is_object()))
}

/// Whether the tensors have as many axes as each other, as far as that is said: NumPy lines axes up from
/// the last one on, and layers from the first one.
fn lines_up(call: &Value) -> bool {
    let args = call["args"].as_array().map_or(&[][..], Vec::as_slice);
    let mut ndims =
        args.iter().filter_map(|arg| arg.pointer("/config/shape")?.as_array().map(Vec::len));
    ndims.next().is_none_or(|first| ndims.all(|ndim| ndim == first))
}
