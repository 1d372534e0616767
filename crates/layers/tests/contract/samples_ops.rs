//! Operations for `several.rs`: those with a gradient, each setting that changes numbers.

use ceratops_layers::{Node, Registry};
use serde_json::{Value, json};

/// An operation on tensors of these shapes, called with these arguments, in which `"T"` stands for a tensor.
fn op(class: &str, config: Value, args: Value, shapes: &[&[usize]]) -> (Node, Vec<Vec<usize>>) {
    let entry = json!({
        "module": "keras.src.ops", "class_name": class, "config": config,
        "inbound_nodes": [{"args": tensors(args), "kwargs": {}}],
    });
    let node = Registry::builtin().layer(&entry).unwrap_or_else(|e| panic!("{class}: {e}"));
    (node, shapes.iter().map(|shape| shape.to_vec()).collect())
}

fn tensors(args: Value) -> Value {
    match args {
        Value::String(text) if text == "T" => json!({"class_name": "__keras_tensor__"}),
        Value::Array(items) => items.into_iter().map(tensors).collect(),
        other => other,
    }
}

fn slice(start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Value {
    json!({"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}})
}

pub(crate) fn samples() -> Vec<(Node, Vec<Vec<usize>>)> {
    let none = || json!({});
    let all = || slice(None, None, None);
    let one: &[&[usize]] = &[&[3, 2]];
    let two: &[&[usize]] = &[&[3, 2], &[3, 2]];
    let mut samples: Vec<_> = [
        "Absolute", "Arctan", "Cos", "Cosh", "Erf", "Exp", "Expm1", "Negative", "Sin", "Sinh",
        "Square", "Tan", "Tanh",
    ]
    .into_iter()
    .map(|class| op(class, none(), json!(["T"]), one))
    .collect();
    for class in ["Add", "Maximum", "Minimum", "Multiply", "SquaredDifference", "Subtract"] {
        samples.push(op(class, none(), json!(["T", "T"]), two));
        samples.push(op(class, none(), json!(["T", "T"]), &[&[3, 2], &[1, 2]]));
        samples.push(op(class, none(), json!([[0.255, -0.505], "T"]), one));
        samples.push(op(class, none(), json!(["T", 0.305]), &[&[1]]));
    }
    samples.extend([
        op("TrueDivide", none(), json!(["T", 2.5]), one),
        op("Power", none(), json!([1.5, "T"]), one),
        op("Power", none(), json!(["T", 3]), one),
        op("Where", none(), json!([[[1, 0], [0, 1], [1, 1]], "T", "T"]), two),
        op("Where", none(), json!([[true, false], "T", 0.5]), one),
        op("Clip", json!({"x_min": -0.31, "x_max": 0.43}), json!(["T"]), one),
        op("Cast", json!({"dtype": "float32"}), json!(["T"]), one),
        op("Gelu", none(), json!(["T"]), one),
        op("Gelu", json!({"approximate": false}), json!(["T"]), one),
        op("Stack", json!({"axis": 1}), json!([["T", "T"]]), two),
        op("Stack", json!({"axis": -1}), json!([["T", "T"]]), two),
        op("GetItem", none(), json!(["T", [all(), 0]]), one),
        op("GetItem", none(), json!(["T", [all(), slice(None, None, Some(-1)), -1]]), one),
        op("GetItem", none(), json!(["T", [all(), null, slice(Some(1), None, None)]]), one),
        op("Take", json!({"axis": 1}), json!(["T", [2, 0, 2]]), one),
        op("Take", json!({"axis": -1}), json!(["T", 1]), one),
        op("Transpose", json!({"axes": [0, 2, 1]}), json!(["T"]), one),
        op("Swapaxes", json!({"axis1": 1, "axis2": -1}), json!(["T"]), &[&[3, 1, 2]]),
        op("Moveaxis", json!({"source": -1, "destination": 1}), json!(["T"]), &[&[3, 1, 2]]),
        op("Flip", json!({"axis": 1}), json!(["T"]), one),
        op("Roll", json!({"shift": [1, -1], "axis": [1, 2]}), json!(["T"]), one),
        op("Tile", json!({"repeats": [1, 2, 3]}), json!(["T"]), one),
        op("Repeat", json!({"repeats": 2, "axis": 1}), json!(["T"]), one),
        op("BroadcastTo", json!({"shape": [-1, 3, 2]}), json!(["T"]), &[&[1, 2]]),
        op("Pad", json!({"pad_width": [[0, 0], [1, 0], [0, 2]]}), json!(["T"]), one),
        op(
            "Pad",
            json!({"pad_width": [[0, 0], [2, 1], [0, 0]], "mode": "reflect"}),
            json!(["T"]),
            one,
        ),
        op(
            "Pad",
            json!({"pad_width": [[0, 0], [2, 1], [0, 2]], "mode": "symmetric"}),
            json!(["T"]),
            one,
        ),
        op("Split", json!({"indices_or_sections": 2, "axis": 1}), json!(["T"]), &[&[4, 2]]),
        op("Split", json!({"indices_or_sections": [1], "axis": 1}), json!(["T"]), one),
        op("Unstack", json!({"num": null, "axis": 1}), json!(["T"]), one),
        op("ExpandDims", json!({"axis": -1}), json!(["T"]), one),
        op("Squeeze", json!({"axis": 1}), json!(["T"]), &[&[1, 2]]),
        op("Reshape", json!({"newshape": [-1, 2, 3]}), json!(["T"]), one),
        op("DepthToSpace", json!({"block_size": 2}), json!(["T"]), &[&[1, 2, 8]]),
        op("SpaceToDepth", json!({"block_size": 2}), json!(["T"]), &[&[2, 4, 3]]),
        op("Matmul", none(), json!(["T", "T"]), &[&[3, 2], &[2, 4]]),
        op("Matmul", none(), json!(["T", [[0.5, 1.0, -1.0], [2.0, 0.25, 0.5]]]), one),
        op("Dot", none(), json!(["T", [0.5, -1.0]]), one),
        op("Matmul", none(), json!([[[0.5, 1.0, -1.0], [2.0, 0.25, 0.5]], "T"]), one),
        op("Einsum", json!({"subscripts": "bij,bkj->bik"}), json!(["T", "T"]), two),
        op("Einsum", json!({"subscripts": "bij,bij->bj"}), json!(["T", "T"]), two),
        op("Einsum", json!({"subscripts": "...ij,kj->...ik"}), json!(["T", [[0.5, 1.0]]]), one),
        op("Tensordot", json!({"axes": [[1], [0]]}), json!(["T", [[0.5], [1.0], [2.0]]]), one),
    ]);
    for class in [
        "Amax",
        "Amin",
        "Average",
        "Logsumexp",
        "Max",
        "Mean",
        "Min",
        "Norm",
        "Prod",
        "Std",
        "Sum",
        "Var",
    ] {
        let keepdims = |keeps: bool| if class == "Average" { Value::Null } else { keeps.into() };
        samples.push(op(class, json!({"axis": 1, "keepdims": keepdims(false)}), json!(["T"]), one));
        samples.push(op(
            class,
            json!({"axis": [1, -1], "keepdims": keepdims(true)}),
            json!(["T"]),
            one,
        ));
    }
    for class in ["Cumprod", "Cumsum", "LogSoftmax", "Normalize"] {
        samples.push(op(class, json!({"axis": 1}), json!(["T"]), one));
        samples.push(op(class, json!({"axis": -1}), json!(["T"]), one));
    }
    samples
}
