//! What differs between the layers of two models.

use ceratops::{
    Result, Tensor,
    core::{Param, Shape},
    formats::Loaded,
    layers::{Model, Node},
};
use serde_json::{Map, Value, json};

use super::{align::align, connections, initializers::draw_the_same, samples::Outputs};
use crate::leaf::{Leaf, leaves};

/// A layer of A and its counterpart in B, and what differs.
#[derive(Debug)]
pub(super) struct Row {
    /// What they are called: as in A, or as in B where A has none.
    pub(super) title: String,
    /// The model that lacks it: `A` or `B`.
    pub(super) missing: Option<&'static str>,
    pub(super) configs: Vec<Config>,
    pub(super) weights: Vec<Difference>,
    pub(super) output: Option<Difference>,
}

/// A key of a config that has two values.
#[derive(Debug, PartialEq)]
pub(super) struct Config {
    pub(super) key: String,
    pub(super) a: Value,
    pub(super) b: Value,
}

/// Two tensors that differ.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) name: String,
    pub(super) how: How,
}

/// How two tensors differ.
#[derive(Debug, PartialEq)]
pub(super) enum How {
    /// By so much at most, there.
    By { most: f32, at: Vec<usize> },
    /// In their shapes.
    Shapes(String, String),
    /// Only that model has one.
    OnlyIn(&'static str),
}

/// All layers in order, with what differs by more than `tolerance`.
pub(super) fn rows(a: &Loaded, b: &Loaded, outputs: &Outputs, tolerance: f32) -> Result<Vec<Row>> {
    let weights = a.has_weights && b.has_weights;
    let inputs = [a, b].map(|loaded| json!(shapes(&loaded.model)));
    let connections = connections::row(&a.model, &b.model);
    let (a, b) = (leaves(&a.model), leaves(&b.model));
    let row = |(i, j): (Option<usize>, Option<usize>)| {
        let (i, j) = match (i, j) {
            (Some(i), Some(j)) => (i, j),
            (Some(i), None) => return Ok(alone(&a[i], "B")),
            (None, j) => return Ok(alone(&b[j.unwrap_or_default()], "A")),
        };
        Ok(Row {
            title: a[i].to_string(),
            missing: None,
            configs: configs(&a[i], &b[j])?,
            weights: if weights { weights_of(&a[i], &b[j], tolerance) } else { Vec::new() },
            output: output(outputs, i, j, tolerance),
        })
    };
    let whole = [Ok(entrance(inputs)), Ok(connections)];
    whole.into_iter().chain(align(&a, &b).into_iter().map(row)).collect()
}

/// The shapes of the model's inputs in a row; none before they are known.
fn shapes(model: &Model) -> Option<String> {
    let shapes: Vec<String> = model.input_shapes().iter().map(ToString::to_string).collect();
    (!shapes.is_empty()).then(|| shapes.join(", "))
}

/// What both models take.
fn entrance([a, b]: [Value; 2]) -> Row {
    let configs = if a == b { Vec::new() } else { vec![Config { key: "shape".into(), a, b }] };
    let (title, weights) = ("the input".into(), Vec::new());
    Row { title, missing: None, configs, weights, output: None }
}

fn alone(leaf: &Leaf<'_>, missing: &'static str) -> Row {
    let (configs, weights) = (Vec::new(), Vec::new());
    Row { title: leaf.to_string(), missing: Some(missing), configs, weights, output: None }
}

fn configs(a: &Leaf<'_>, b: &Leaf<'_>) -> Result<Vec<Config>> {
    let config = |leaf: &Leaf<'_>| -> Result<Value> {
        let mut config = leaf.node.to_entry()?["config"].take();
        config["class_name"] = leaf.node.class_name().into();
        if let (Some(shape), Some(axis)) = (leaf.node.output_shape(), config.get_mut("axis")) {
            count_from_front(axis, shape.ndim());
        }
        Ok(config)
    };
    let mut found = Vec::new();
    differences(&config(a)?, &config(b)?, "", &mut found);
    Ok(found)
}

/// Counts axes from the front, so that -1 and the last one are the same.
fn count_from_front(axis: &mut Value, ndim: usize) {
    match axis {
        Value::Array(axes) => axes.iter_mut().for_each(|axis| count_from_front(axis, ndim)),
        axis => {
            if let Some(negative) = axis.as_i64().filter(|axis| *axis < 0) {
                *axis = (negative + ndim as i64).into();
            }
        }
    }
}

/// Finds what differs between two values, key by key.
pub(super) fn differences(a: &Value, b: &Value, path: &str, found: &mut Vec<Config>) {
    match (a, b) {
        // Two objects of the same class, say two initializers, or plain ones.
        (Value::Object(a), Value::Object(b))
            if path.is_empty() || a.get("class_name") == b.get("class_name") =>
        {
            let dot = if path.is_empty() { "" } else { "." };
            let value =
                |object: &Map<String, Value>, key| object.get(key).cloned().unwrap_or_default();
            let only_b = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(only_b) {
                differences(&value(a, key), &value(b, key), &format!("{path}{dot}{key}"), found);
            }
        }
        // Keras writes some numbers in f32, and the same in f64.
        (Value::Number(x), Value::Number(y))
            if x.as_f64().map(f32_of) == y.as_f64().map(f32_of) => {}
        _ if a == b || draw_the_same(a, b) => {}
        _ => found.push(Config { key: path.to_owned(), a: a.clone(), b: b.clone() }),
    }
}

fn f32_of(number: f64) -> f32 {
    number as f32
}

fn weights_of(a: &Leaf<'_>, b: &Leaf<'_>, tolerance: f32) -> Vec<Difference> {
    let (ours, theirs) = (named_weights(a.node), named_weights(b.node));
    let mut found = Vec::new();
    for (name, param) in &ours {
        let other = theirs.iter().find(|(other, _)| other == name);
        let how = match other {
            Some((_, other)) => difference(param.value(), other.value(), tolerance),
            None => Some(How::OnlyIn("A")),
        };
        found.extend(how.map(|how| Difference { name: name.clone(), how }));
    }
    let only_b = theirs.into_iter().filter(|(other, _)| ours.iter().all(|(own, _)| own != other));
    found.extend(only_b.map(|(name, _)| Difference { name, how: How::OnlyIn("B") }));
    found
}

/// A layer's weights by their names; where several have one name, the object that keeps each stands before it:
/// `query/kernel`. What cannot be told apart so is numbered.
fn named_weights(node: &Node) -> Vec<(String, &Param)> {
    let all: Vec<(String, &Param)> = node
        .layer()
        .parts()
        .into_iter()
        .flat_map(|part| {
            let attribute = part.attribute;
            part.params.into_iter().map(move |param| (attribute.clone(), param))
        })
        .collect();
    let count = |name: &str| all.iter().filter(|(_, param)| param.name() == name).count();
    let mut named: Vec<(String, &Param)> = Vec::with_capacity(all.len());
    for (attribute, param) in &all {
        let name = param.name();
        let mut full = match count(name) {
            1 => name.to_owned(),
            _ => format!("{attribute}/{name}").trim_start_matches('/').to_owned(),
        };
        if named.iter().any(|(known, _)| *known == full) {
            full = format!("{full} ({})", named.len());
        }
        named.push((full, param));
    }
    named
}

fn output(outputs: &Outputs, i: usize, j: usize, tolerance: f32) -> Option<Difference> {
    let Outputs::Both { a, b, .. } = outputs else { return None };
    let how = difference(a.get(i)?, b.get(j)?, tolerance)?;
    Some(Difference { name: "output".into(), how })
}

/// How two tensors differ by more than `tolerance`, if they do.
fn difference(a: &Tensor, b: &Tensor, tolerance: f32) -> Option<How> {
    if a.shape() != b.shape() {
        let [a, b] = [a, b].map(|tensor| Shape::of(tensor.shape()).to_string());
        return Some(How::Shapes(a, b));
    }
    let (mut most, mut at) = (0.0, 0);
    for (i, (&x, &y)) in a.as_slice().iter().zip(b.as_slice()).enumerate() {
        let by = apart(x, y);
        if by > most {
            (most, at) = (by, i);
        }
    }
    (most > tolerance).then(|| How::By { most, at: place(at, a.shape()) })
}

/// How far two numbers are apart: infinitely, if one of them is NaN.
fn apart(x: f32, y: f32) -> f32 {
    if x == y || (x.is_nan() && y.is_nan()) {
        return 0.0;
    }
    let by = (x - y).abs();
    if by.is_nan() { f32::INFINITY } else { by }
}

/// The indices of the number that stands at `at` in a tensor of that shape.
fn place(mut at: usize, shape: &[usize]) -> Vec<usize> {
    let mut indices: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&len| {
            let index = at % len.max(1);
            at /= len.max(1);
            index
        })
        .collect();
    indices.reverse();
    indices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_difference_is_found_in_its_place() {
        let a = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        let mut b = a.clone();
        b.as_mut_slice()[1] = 2.5;
        b.as_mut_slice()[5] = 5.0;
        assert_eq!(difference(&a, &b, 0.0), Some(How::By { most: 1.0, at: vec![1, 2] }));
        assert_eq!(difference(&a, &b, 1.0), None);
        let shapes = How::Shapes("(2, 3)".into(), "(1,)".into());
        assert_eq!(difference(&a, &Tensor::from([1.0]), 0.0), Some(shapes));
    }

    #[test]
    fn nan_is_far_from_all_but_nan() {
        assert_eq!(apart(f32::NAN, f32::NAN), 0.0);
        assert_eq!(apart(f32::NAN, 1.0), f32::INFINITY);
        assert_eq!(apart(f32::INFINITY, f32::INFINITY), 0.0);
        assert_eq!(apart(f32::INFINITY, f32::NEG_INFINITY), f32::INFINITY);
    }

    #[test]
    fn configs_are_compared_key_by_key() {
        let a = json!({"units": 3, "kernel": {"seed": null, "l2": 0.0001}, "same": [1, 2]});
        let b =
            json!({"units": 4, "kernel": {"l2": 9.999999747378752e-05}, "same": [1, 2], "more": 1});
        let mut found = Vec::new();
        differences(&a, &b, "", &mut found);
        let keys: Vec<&str> = found.iter().map(|config| config.key.as_str()).collect();
        assert_eq!(keys, ["units", "more"]);
    }
}
