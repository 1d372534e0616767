//! Functions of TensorFlow, as Keras 2.4 to 2.15 records them (`TFOpLambda`), and brackets
//! (`SlicingOpLambda`).
//!
//! The first argument stands as the input, the others are named as TensorFlow names them.

use serde_json::{Map, Value, json};

use super::{Call, argument};
use crate::json::{functional::is_nothing, shown};

/// A function, the class of Keras 3, and the names of arguments: `theirs:ours`, where `ours` is a setting
/// or the place of an operand.
const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("abs math.abs", "Absolute", ""),
    ("__operators__.add math.add add", "Add", "y:1"),
    ("math.add_n", "AddN", ""),
    ("math.acos acos", "Arccos", ""),
    ("math.acosh acosh", "Arccosh", ""),
    ("math.argmax argmax compat.v1.argmax", "Argmax", "axis:axis"),
    ("math.argmin argmin compat.v1.argmin", "Argmin", "axis:axis"),
    ("math.asin asin", "Arcsin", ""),
    ("math.asinh asinh", "Arcsinh", ""),
    ("math.atan atan", "Arctan", ""),
    ("math.atan2 atan2", "Arctan2", "x:1"),
    ("math.atanh atanh", "Arctanh", ""),
    ("nn.bias_add", "Add", "bias:1"),
    ("broadcast_to", "BroadcastTo", "shape:shape"),
    ("cast", "Cast", "dtype:dtype"),
    ("math.ceil", "Ceil", ""),
    ("clip_by_value", "Clip", "clip_value_min:x_min clip_value_max:x_max"),
    ("concat", "Concatenate", "axis:axis"),
    ("math.cos cos", "Cos", ""),
    ("math.cosh cosh", "Cosh", ""),
    ("math.count_nonzero", "CountNonzero", "axis:axis keepdims:keepdims"),
    ("math.cumprod", "Cumprod", "axis:axis"),
    ("math.cumsum cumsum", "Cumsum", "axis:axis"),
    ("nn.depth_to_space", "DepthToSpace", "block_size:block_size"),
    ("math.divide_no_nan", "DivideNoNan", "y:1"),
    ("math.equal equal __operators__.eq", "Equal", "y:1"),
    ("math.erf", "Erf", ""),
    ("math.exp exp", "Exp", ""),
    ("expand_dims compat.v1.expand_dims", "ExpandDims", "axis:axis"),
    ("math.expm1", "Expm1", ""),
    ("math.floor floor", "Floor", ""),
    ("math.floordiv compat.v1.floor_div", "FloorDivide", "y:1"),
    ("compat.v1.gather gather", "Take", "indices:1 axis:axis"),
    ("nn.gelu", "Gelu", "approximate:approximate"),
    ("math.greater greater", "Greater", "y:1"),
    ("math.greater_equal greater_equal", "GreaterEqual", "y:1"),
    ("identity", "Identity", ""),
    ("math.is_finite", "Isfinite", ""),
    ("math.is_inf", "Isinf", ""),
    ("math.is_nan", "Isnan", ""),
    ("nn.leaky_relu", "LeakyRelu", "alpha:negative_slope"),
    ("math.less less", "Less", "y:1"),
    ("math.less_equal less_equal", "LessEqual", "y:1"),
    ("nn.elu", "Elu", ""),
    ("math.log", "Log", ""),
    ("math.log1p", "Log1p", ""),
    ("math.log_sigmoid", "LogSigmoid", ""),
    ("nn.log_softmax", "LogSoftmax", "axis:axis"),
    ("math.logical_and logical_and", "LogicalAnd", "y:1"),
    ("math.logical_not logical_not", "LogicalNot", ""),
    ("math.logical_or logical_or", "LogicalOr", "y:1"),
    ("math.logical_xor", "LogicalXor", "y:1"),
    ("linalg.matmul matmul", "Matmul", "b:1 transpose_a:transpose_a transpose_b:transpose_b"),
    ("math.maximum maximum", "Maximum", "y:1"),
    ("math.minimum minimum", "Minimum", "y:1"),
    ("math.floormod", "Mod", "y:1"),
    ("math.multiply multiply", "Multiply", "y:1"),
    ("math.negative negative", "Negative", ""),
    ("compat.v1.norm linalg.norm norm", "Norm", "ord:ord axis:axis keepdims:keepdims"),
    (
        "math.l2_normalize nn.l2_normalize linalg.l2_normalize",
        "Normalize",
        "axis:axis epsilon:epsilon",
    ),
    ("math.not_equal not_equal __operators__.ne", "NotEqual", "y:1"),
    ("one_hot", "OneHot", "depth:num_classes axis:axis dtype:dtype"),
    ("ones_like", "OnesLike", ""),
    ("compat.v1.pad pad", "Pad", "paddings:pad_width mode:mode constant_values:constant_values"),
    ("math.pow pow", "Power", "y:1"),
    ("math.reciprocal", "Reciprocal", ""),
    ("math.reduce_all reduce_all", "All", "axis:axis keepdims:keepdims"),
    ("math.reduce_any reduce_any", "Any", "axis:axis keepdims:keepdims"),
    ("math.reduce_logsumexp reduce_logsumexp", "Logsumexp", "axis:axis keepdims:keepdims"),
    ("math.reduce_max reduce_max", "Max", "axis:axis keepdims:keepdims"),
    ("math.reduce_mean reduce_mean", "Mean", "axis:axis keepdims:keepdims"),
    ("math.reduce_min reduce_min", "Min", "axis:axis keepdims:keepdims"),
    ("math.reduce_prod reduce_prod", "Prod", "axis:axis keepdims:keepdims"),
    ("math.reduce_std", "Std", "axis:axis keepdims:keepdims"),
    ("math.reduce_sum reduce_sum", "Sum", "axis:axis keepdims:keepdims"),
    ("math.reduce_variance", "Var", "axis:axis keepdims:keepdims"),
    ("nn.relu", "Relu", ""),
    ("nn.relu6", "Relu6", ""),
    ("repeat", "Repeat", "repeats:repeats axis:axis"),
    ("reshape", "Reshape", "shape:newshape"),
    ("image.resize", "Resize", "size:size method:interpolation antialias:antialias"),
    ("reverse", "Flip", "axis:axis"),
    ("roll", "Roll", "shift:shift axis:axis"),
    ("math.round", "Round", ""),
    ("math.rsqrt", "Rsqrt", ""),
    ("nn.selu", "Selu", ""),
    ("math.sigmoid nn.sigmoid sigmoid", "Sigmoid", ""),
    ("math.sign sign", "Sign", ""),
    ("nn.silu nn.swish", "Silu", ""),
    ("math.sin sin", "Sin", ""),
    ("math.sinh sinh", "Sinh", ""),
    ("nn.softmax", "Softmax", "axis:axis"),
    ("math.softplus nn.softplus", "Softplus", ""),
    ("nn.softsign math.softsign", "Softsign", ""),
    ("nn.space_to_depth", "SpaceToDepth", "block_size:block_size"),
    ("split", "Split", "num_or_size_splits:indices_or_sections axis:axis"),
    ("math.sqrt sqrt", "Sqrt", ""),
    ("math.square square", "Square", ""),
    ("math.squared_difference", "SquaredDifference", "y:1"),
    ("compat.v1.squeeze squeeze", "Squeeze", "axis:axis"),
    ("stack", "Stack", "axis:axis"),
    ("stop_gradient", "StopGradient", ""),
    ("math.subtract subtract", "Subtract", "y:1"),
    ("math.tan tan", "Tan", ""),
    ("math.tanh nn.tanh tanh", "Tanh", ""),
    ("tensordot", "Tensordot", "b:1 axes:axes"),
    ("tile", "Tile", "multiples:repeats"),
    ("compat.v1.transpose transpose", "Transpose", "perm:axes"),
    ("math.truediv math.divide truediv", "TrueDivide", "y:1"),
    ("unstack", "Unstack", "num:num axis:axis"),
    ("where compat.v1.where where_v2", "Where", "x:1 y:2"),
    ("zeros_like", "ZerosLike", ""),
    ("__operators__.getitem", "GetItem", "slice_spec:1"),
];

fn row(function: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    FUNCTIONS.iter().find(|(names, ..)| names.split(' ').any(|name| name == function))
}

pub(super) fn is_known(function: &str) -> bool {
    row(function).is_some()
}

/// The function for a class of Keras 3, and the names of its arguments: theirs and ours.
pub(super) fn function(
    class_name: &str,
) -> Option<(&'static str, Vec<(&'static str, &'static str)>)> {
    let class_name = match class_name {
        "Amax" => "Max",
        "Amin" => "Min",
        "Average" => "Mean",
        "Divide" => "TrueDivide",
        other => other,
    };
    let (names, _, arguments) = FUNCTIONS.iter().find(|(_, class, _)| *class == class_name)?;
    let arguments = arguments.split(' ').filter_map(|argument| argument.split_once(':'));
    Some((names.split(' ').next()?, arguments.collect()))
}

/// A call as Keras 2 records it, in the words of Keras 3.
pub(super) fn call(function: &str, node: &Value) -> Result<Call, String> {
    let (_, class_name, names) =
        row(function).ok_or_else(|| format!("tf.{function} is not known"))?;
    let (first, kwargs) = inputs(node)?;
    let is_list = matches!(*class_name, "Concatenate" | "Stack" | "AddN");
    let mut args = if is_list { vec![Value::Array(first)] } else { first };
    let mut config = Map::new();
    let mut operands: Vec<(usize, Value)> = Vec::new();
    for (key, value) in kwargs {
        let name =
            names.split(' ').filter_map(|name| name.split_once(':')).find(|(own, _)| *own == key);
        match name.map(|(_, ours)| ours.parse().map_err(|_| ours)) {
            Some(Ok(place)) => operands.push((place, operand(class_name, &value))),
            Some(Err(ours)) => drop(config.insert(ours.to_owned(), value)),
            None if changes_nothing(&key, &value) => {}
            None => {
                return Err(format!("tf.{function} is not known with {key} = {}", shown(&value)));
            }
        }
    }
    operands.sort_by_key(|(place, _)| *place);
    args.extend(operands.into_iter().map(|(_, value)| value));
    settled(class_name, config, args)
}

/// The second operand: a tensor or a number; in brackets, what stands there.
fn operand(class_name: &str, value: &Value) -> Value {
    match class_name {
        "GetItem" => key(value),
        _ => argument(value),
    }
}

/// What stands in brackets, in the words of Keras 3.
fn key(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(key).collect(),
        Value::Object(item) if item.contains_key("start") => {
            json!({ "class_name": "__slice__", "config": item })
        }
        Value::Object(_) => json!({ "class_name": "__ellipsis__", "config": {} }),
        other => other.clone(),
    }
}

/// The inputs of a call and its other arguments.
fn inputs(node: &Value) -> Result<(Vec<Value>, Map<String, Value>), String> {
    let items = node.as_array().ok_or_else(|| format!("expected a call, got {}", shown(node)))?;
    if !matches!(items.first(), Some(Value::String(_))) {
        let (mut all, mut kwargs) = (Vec::new(), Map::new());
        for item in items {
            let (inputs, own) = inputs(item)?;
            all.extend(inputs);
            kwargs.extend(own);
        }
        return Ok((all, kwargs));
    }
    let kwargs = items.get(3).and_then(Value::as_object).cloned().unwrap_or_default();
    let input = match items.first() {
        Some(name) if *name == "_CONSTANT_VALUE" => items.get(2).cloned().unwrap_or_default(),
        _ => argument(&Value::Array(items[..3.min(items.len())].to_vec())),
    };
    Ok((vec![input], kwargs))
}

/// Arguments that TensorFlow writes and that change nothing at these values.
fn changes_nothing(key: &str, value: &Value) -> bool {
    match key {
        "name" | "validate_indices" | "output_type" => true,
        "exclusive" | "reverse" | "conjugate" | "preserve_aspect_ratio" => *value == false,
        "batch_dims" => *value == 0,
        "data_format" => *value == "NHWC",
        _ => is_nothing(value),
    }
}

/// Brings what TensorFlow means otherwise to the words of Keras 3.
fn settled(
    class_name: &str,
    mut config: Map<String, Value>,
    mut args: Vec<Value>,
) -> Result<Call, String> {
    let mut default = |key: &str, value: Value| {
        let place = config.entry(key).or_insert(Value::Null);
        if place.is_null() {
            *place = value;
        }
    };
    let mut class = class_name;
    match class_name {
        "Argmax" | "Argmin" | "Stack" | "Split" | "Unstack" | "Cumsum" | "Cumprod" | "Take" => {
            default("axis", json!(0));
        }
        "LogSoftmax" | "OneHot" | "Softmax" => default("axis", json!(-1)),
        "LeakyRelu" => default("negative_slope", json!(0.2)),
        "Elu" => default("alpha", json!(1.0)),
        "Gelu" => default("approximate", json!(false)),
        "All" | "Any" | "CountNonzero" | "Logsumexp" | "Max" | "Mean" | "Min" | "Norm" | "Prod"
        | "Std" | "Sum" | "Var" => {
            default("axis", Value::Null);
            default("keepdims", json!(false));
        }
        "Normalize" => {
            // The square of the length is compared there.
            let square = config.get("epsilon").and_then(Value::as_f64).unwrap_or(1e-12);
            config.insert("order".into(), json!(2));
            config.insert("epsilon".into(), json!(square.sqrt()));
        }
        "Pad" => {
            let mode =
                config.get("mode").and_then(Value::as_str).unwrap_or("constant").to_lowercase();
            config.insert("mode".into(), mode.into());
        }
        "Matmul" => {
            let mut flag = |key: &str| config.remove(key).is_some_and(|flag| flag == true);
            let (a, b) = (flag("transpose_a"), flag("transpose_b"));
            if a || b {
                class = "Einsum";
                config.insert("subscripts".into(), turned(a, b).into());
            }
        }
        "AddN" => {
            class = "Add";
            args = args.first().and_then(Value::as_array).cloned().unwrap_or_default();
            if args.len() != 2 {
                return Err("tf.math.add_n is known of two tensors; use the layer Add".into());
            }
        }
        _ => {}
    }
    if class == "Norm" && config.get("ord").is_some_and(|order| *order == "euclidean") {
        config.insert("ord".into(), Value::Null);
    }
    if class == "Split" {
        cuts(&mut config);
    }
    let kwargs = named(&mut config);
    Ok(Call { class_name: class.to_owned(), config, args, kwargs })
}

/// What is no setting in Keras 3, but an argument of the call.
pub(super) fn named(config: &mut Map<String, Value>) -> Map<String, Value> {
    config.remove_entry("constant_values").into_iter().collect()
}

/// The letters of a product of matrices, of which some are turned.
pub(super) fn turned(a: bool, b: bool) -> String {
    let left = if a { "...km" } else { "...mk" };
    let right = if b { "...nk" } else { "...kn" };
    format!("{left},{right}->...mn")
}

/// TensorFlow says how long parts are, and Keras where they are cut.
pub(super) fn cuts(config: &mut Map<String, Value>) {
    let Some(Value::Array(lens)) = config.get("indices_or_sections") else { return };
    let lens: Option<Vec<i64>> = lens.iter().map(Value::as_i64).collect();
    let Some(lens) = lens else { return };
    let mut end = 0i64;
    let cuts = lens.iter().map(|len| {
        end = end.saturating_add(*len);
        end
    });
    let mut cuts: Vec<i64> = cuts.collect();
    cuts.pop();
    config.insert("indices_or_sections".into(), json!(cuts));
}
