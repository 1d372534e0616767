//! Nodes of a graph of TensorFlow, as Keras of TensorFlow 2.0 to 2.3 records operations
//! (`TensorFlowOpLayer`).
//!
//! Constants stand by the number of the input that they are.

use serde_json::{Map, Value, json};

use super::{Call, argument, tensorflow};
use crate::json::functional::arguments::Arguments;
use crate::json::{Dialect, shown};

/// An operation, the class of Keras 3, and what its inputs and attributes are there: `input:setting`,
/// where an input is a number and an attribute a name; inputs that are not named are operands.
const OPS: &[(&str, &str, &str)] = &[
    ("Abs", "Absolute", ""),
    ("Add AddV2 BiasAdd", "Add", ""),
    ("All", "All", "1:axis keep_dims:keepdims"),
    ("Any", "Any", "1:axis keep_dims:keepdims"),
    ("ArgMax", "Argmax", "1:axis"),
    ("ArgMin", "Argmin", "1:axis"),
    ("BatchMatMul BatchMatMulV2 BatchMatMulV3 MatMul", "Matmul", ""),
    ("Ceil", "Ceil", ""),
    ("Cast", "Cast", "DstT:dtype"),
    ("ConcatV2", "Concatenate", "-1:axis"),
    ("Cos", "Cos", ""),
    ("Cumsum", "Cumsum", "1:axis"),
    ("DepthToSpace", "DepthToSpace", "block_size:block_size"),
    ("DivNoNan", "DivideNoNan", ""),
    ("Elu", "Elu", ""),
    ("Equal", "Equal", ""),
    ("Erf", "Erf", ""),
    ("Exp", "Exp", ""),
    ("ExpandDims", "ExpandDims", "1:axis"),
    ("Expm1", "Expm1", ""),
    ("Floor", "Floor", ""),
    ("FloorDiv", "FloorDivide", ""),
    ("FloorMod", "Mod", ""),
    ("GatherV2", "Take", "2:axis"),
    ("Greater", "Greater", ""),
    ("GreaterEqual", "GreaterEqual", ""),
    ("Identity", "Identity", ""),
    ("LeakyRelu", "LeakyRelu", "alpha:negative_slope"),
    ("Less", "Less", ""),
    ("LessEqual", "LessEqual", ""),
    ("Log", "Log", ""),
    ("Log1p", "Log1p", ""),
    ("LogSoftmax", "LogSoftmax", ""),
    ("LogicalAnd", "LogicalAnd", ""),
    ("LogicalNot", "LogicalNot", ""),
    ("LogicalOr", "LogicalOr", ""),
    ("Max", "Max", "1:axis keep_dims:keepdims"),
    ("Maximum", "Maximum", ""),
    ("Mean", "Mean", "1:axis keep_dims:keepdims"),
    ("Min", "Min", "1:axis keep_dims:keepdims"),
    ("Minimum", "Minimum", ""),
    ("Mul", "Multiply", ""),
    ("Neg", "Negative", ""),
    ("NotEqual", "NotEqual", ""),
    ("OneHot", "OneHot", "1:num_classes axis:axis"),
    ("OnesLike", "OnesLike", ""),
    ("Pack", "Stack", "axis:axis"),
    ("Pad PadV2", "Pad", "1:pad_width 2:constant_values"),
    ("MirrorPad", "Pad", "1:pad_width mode:mode"),
    ("Pow", "Power", ""),
    ("Prod", "Prod", "1:axis keep_dims:keepdims"),
    ("RealDiv Div", "TrueDivide", ""),
    ("Reciprocal Inv", "Reciprocal", ""),
    ("Relu", "Relu", ""),
    ("Relu6", "Relu6", ""),
    ("Reshape", "Reshape", "1:newshape"),
    ("ReverseV2", "Flip", "1:axis"),
    ("Round", "Round", ""),
    ("Rsqrt", "Rsqrt", ""),
    ("Selu", "Selu", ""),
    ("SelectV2 Select", "Where", ""),
    ("Sigmoid", "Sigmoid", ""),
    ("Sign", "Sign", ""),
    ("Sin", "Sin", ""),
    ("Softmax", "Softmax", ""),
    ("Softplus", "Softplus", ""),
    ("Softsign", "Softsign", ""),
    ("SpaceToDepth", "SpaceToDepth", "block_size:block_size"),
    ("Split", "Split", "0:axis num_split:indices_or_sections"),
    ("SplitV", "Split", "1:indices_or_sections 2:axis"),
    ("Sqrt", "Sqrt", ""),
    ("Square", "Square", ""),
    ("SquaredDifference", "SquaredDifference", ""),
    ("Squeeze", "Squeeze", "squeeze_dims:axis"),
    ("StopGradient", "StopGradient", ""),
    ("StridedSlice", "GetItem", ""),
    ("Sub", "Subtract", ""),
    ("Sum", "Sum", "1:axis keep_dims:keepdims"),
    ("Tanh", "Tanh", ""),
    ("Tile", "Tile", "1:repeats"),
    ("Transpose", "Transpose", "1:axes"),
    ("Unpack", "Unstack", "axis:axis num:num"),
    ("ZerosLike", "ZerosLike", ""),
];

fn row(op: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    OPS.iter().find(|(names, ..)| names.split(' ').any(|name| name == op))
}

pub(super) fn is_known(op: &str) -> bool {
    row(op).is_some()
}

/// A call in the words of Keras 3.
pub(super) fn call(op: &str, config: &Value, node: &Value) -> Result<Call, String> {
    let (_, class_name, names) =
        row(op).ok_or_else(|| format!("{op} of TensorFlow is not known"))?;
    let attributes = config.pointer("/node_def/attr").unwrap_or(&Value::Null);
    let inputs = inputs(config, node)?;
    let (mut settings, mut args) = (Map::new(), Vec::new());
    let count = inputs.len() as i64;
    let named: Vec<(&str, &str)> =
        names.split(' ').filter_map(|name| name.split_once(':')).collect();
    for (i, input) in (0..count).zip(inputs) {
        let is_this = |name: &str| name.parse::<i64>().is_ok_and(|n| n == i || n == i - count);
        match named.iter().find(|(name, _)| is_this(name)) {
            Some((_, setting)) => drop(settings.insert((*setting).to_owned(), input)),
            None => args.push(input),
        }
    }
    for (name, setting) in named.iter().filter(|(name, _)| name.parse::<i64>().is_err()) {
        if let Some(value) = attribute(&attributes[name]) {
            settings.insert((*setting).to_owned(), value);
        }
    }
    let mut class = *class_name;
    match class {
        "GetItem" => {
            let key = key(&args, attributes)?;
            args.truncate(1);
            args.push(key);
        }
        "Matmul" => {
            let flag = |names: [&str; 2]| {
                names.iter().any(|name| attribute(&attributes[name]) == Some(json!(true)))
            };
            let (a, b) = (flag(["adj_x", "transpose_a"]), flag(["adj_y", "transpose_b"]));
            if a || b {
                class = "Einsum";
                settings.insert("subscripts".into(), tensorflow::turned(a, b).into());
            }
        }
        // The numbers that stand for yes and no.
        "OneHot" if args.get(1..) != Some(&[json!(1), json!(0)][..]) => {
            return Err("OneHot of TensorFlow is known with 1 and 0 only".into());
        }
        "OneHot" => args.truncate(1),
        "Softmax" | "LogSoftmax" => drop(settings.insert("axis".into(), json!(-1))),
        "Elu" => drop(settings.insert("alpha".into(), json!(1.0))),
        "Cast" => {
            let dtype = settings.get("dtype").and_then(Value::as_str).unwrap_or_default();
            let dtype = match dtype.trim_start_matches("DT_").to_lowercase().as_str() {
                "float" => "float32".to_owned(),
                "double" => "float64".to_owned(),
                other => other.to_owned(),
            };
            settings.insert("dtype".into(), dtype.into());
        }
        "Pad" => {
            let mode = settings.get("mode").and_then(Value::as_str).map(str::to_lowercase);
            settings.insert("mode".into(), mode.unwrap_or_else(|| "constant".into()).into());
        }
        "Squeeze" if settings.get("axis") == Some(&json!([])) => drop(settings.remove("axis")),
        "Split" => tensorflow::cuts(&mut settings),
        "Concatenate" | "Stack" => args = vec![Value::Array(args)],
        _ => {}
    }
    for key in ["exclusive", "reverse"] {
        if attribute(&attributes[key]) == Some(json!(true)) {
            return Err(format!("{op} of TensorFlow is not known with {key}"));
        }
    }
    let kwargs = tensorflow::named(&mut settings);
    Ok(Call { class_name: class.to_owned(), config: settings, args, kwargs })
}

/// The inputs of the node: constants and tensors.
fn inputs(config: &Value, node: &Value) -> Result<Vec<Value>, String> {
    let tensors = Arguments::read(node, Dialect::Keras2)?.inputs;
    let mut tensors = tensors.iter().map(|history| argument(&json!(history)));
    let constants = config.get("constants").and_then(Value::as_object);
    let names = config.pointer("/node_def/input").and_then(Value::as_array).map_or(0, Vec::len);
    let one = |i: usize| {
        let constant = constants.and_then(|constants| constants.get(&i.to_string()));
        constant
            .cloned()
            .or_else(|| tensors.next())
            .ok_or_else(|| format!("expected {names} inputs, got fewer: {}", shown(node)))
    };
    (0..names).map(one).collect()
}

/// What an attribute says: `{"i": "2"}`, `{"b": true}`, `{"list": {"i": ["1"]}}`.
fn attribute(attribute: &Value) -> Option<Value> {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse::<i64>().ok().map(Value::from),
        other => Some(other.clone()),
    };
    let (kind, value) = attribute.as_object()?.iter().next()?;
    match kind.as_str() {
        "i" => number(value),
        "b" | "f" | "type" => Some(value.clone()),
        "list" => {
            let items = value.get("i").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            Some(items.iter().filter_map(number).collect())
        }
        // Text in base64: only the names of the two kinds of mirrors matter here.
        "s" => Some(match value.as_str() {
            Some("UkVGTEVDVA==") => json!("REFLECT"),
            Some("U1lNTUVUUklD") => json!("SYMMETRIC"),
            _ => value.clone(),
        }),
        _ => None,
    }
}

/// What stands in brackets, of a StridedSlice: begins, ends and steps, and a bit for each item in five
/// masks.
fn key(args: &[Value], attributes: &Value) -> Result<Value, String> {
    let list = |i: usize| {
        args.get(i)
            .and_then(Value::as_array)
            .ok_or("StridedSlice of TensorFlow is known with constants only")
    };
    let (begins, ends, steps) = (list(1)?, list(2)?, list(3)?);
    let mask =
        |name: &str| attribute(&attributes[name]).and_then(|mask| mask.as_i64()).unwrap_or(0);
    let masks =
        ["ellipsis_mask", "new_axis_mask", "shrink_axis_mask", "begin_mask", "end_mask"].map(mask);
    let item = |(i, ((begin, end), step)): (usize, ((&Value, &Value), &Value))| {
        let [ellipsis, new, place, no_begin, no_end] = masks.map(|mask| mask >> i.min(62) & 1 == 1);
        match (ellipsis, new, place) {
            (true, ..) => json!({ "class_name": "__ellipsis__", "config": {} }),
            (_, true, _) => Value::Null,
            (.., true) => begin.clone(),
            _ => json!({ "class_name": "__slice__", "config": {
                "start": if no_begin { &Value::Null } else { begin },
                "stop": if no_end { &Value::Null } else { end },
                "step": if *step == 1 { &Value::Null } else { step },
            }}),
        }
    };
    Ok(begins.iter().zip(ends).zip(steps).enumerate().map(item).collect())
}
