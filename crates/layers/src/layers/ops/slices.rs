//! What stands in brackets: `x[:, 0]`, `x[..., ::2]`, `x[:, None]`.

use ceratops_core::{Error, Result};
use serde_json::Value;

use super::places::{Axis, Places, Plan};

/// One item of what stands in brackets.
#[derive(Debug, Clone, PartialEq)]
enum Item {
    Slice([Option<i64>; 3]),
    Place(i64),
    New,
    Ellipsis,
}

/// The items of a key, as Keras records it: one, or a list of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key(Vec<Item>);

impl Key {
    pub(super) fn of(value: &Value) -> Result<Self> {
        match value {
            Value::Array(items) => items.iter().map(item).collect::<Result<_>>().map(Self),
            one => Ok(Self(vec![item(one)?])),
        }
    }

    /// What it takes of a tensor of `ndim` axes.
    pub(super) fn plan(&self, ndim: usize) -> Result<Plan> {
        let named = self.0.iter().filter(|item| matches!(item, Item::Slice(_) | Item::Place(_)));
        let named = named.count();
        let ellipses = self.0.iter().filter(|item| **item == Item::Ellipsis).count();
        if named > ndim || ellipses > 1 {
            let expected = format!("no more than {ndim} places, and one ellipsis");
            return Err(Error::argument("key", expected, format!("{named} and {ellipses}")));
        }
        let mut plan = Plan { axes: Vec::new(), picks: Vec::new() };
        let mut next = 0;
        let all = |axis| Axis::Of(axis, Places::All);
        for item in &self.0 {
            match item {
                Item::New => plan.axes.push(Axis::New(1)),
                Item::Ellipsis => {
                    plan.axes.extend((next..next + ndim - named).map(all));
                    next += ndim - named;
                }
                Item::Place(place) => {
                    plan.picks.push((next, *place));
                    next += 1;
                }
                Item::Slice([None, None, None]) => {
                    plan.axes.push(all(next));
                    next += 1;
                }
                Item::Slice(slice) => {
                    plan.axes.push(Axis::Of(next, Places::Slice(*slice)));
                    next += 1;
                }
            }
        }
        plan.axes.extend((next..ndim).map(all));
        if plan.axes.first() != Some(&all(0)) {
            let expected = "`:` for axis 0, which counts the samples";
            return Err(Error::argument("key", expected, "something else"));
        }
        Ok(plan)
    }
}

fn item(value: &Value) -> Result<Item> {
    let slice = |config: &Value| {
        let bound = |key: &str, nothing: i64| match &config[key] {
            Value::Null => Ok(None),
            value => value
                .as_i64()
                .map(|n| Some(n).filter(|n| *n != nothing))
                .ok_or_else(|| Error::config(key, format!("expected an integer, got {value}"))),
        };
        Ok(Item::Slice([bound("start", i64::MIN)?, bound("stop", i64::MAX)?, bound("step", 1)?]))
    };
    match value {
        Value::Null => Ok(Item::New),
        Value::Number(number) if number.is_i64() => {
            Ok(Item::Place(number.as_i64().unwrap_or_default()))
        }
        Value::Object(object) => match object.get("class_name").and_then(Value::as_str) {
            Some("__slice__") => slice(&value["config"]),
            Some("__ellipsis__") => Ok(Item::Ellipsis),
            _ => Err(unknown(value)),
        },
        _ => Err(unknown(value)),
    }
}

fn unknown(value: &Value) -> Error {
    Error::config("key", format!("expected integers, slices, None or ..., got {value}"))
}
