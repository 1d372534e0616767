//! Nest: how the inputs or the outputs of a model are given: one, a list, or under keys.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value};

/// How the inputs or the outputs of a model are given. The leaves are counted in their order; those of
/// an object stand in the order of the keys, as in Keras.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Nest {
    Leaf,
    List(Vec<Self>),
    Keys(Vec<(String, Self)>),
}

impl Nest {
    /// One tensor, or a list of so many.
    pub(crate) fn of(count: usize, list: bool) -> Self {
        if list { Self::List(vec![Self::Leaf; count]) } else { Self::Leaf }
    }

    /// The nest that a JSON value has, and its leaves: lists of a name and two numbers.
    pub(crate) fn read<'a>(value: &'a Value, leaves: &mut Vec<&'a Value>) -> Result<Self> {
        match value {
            Value::Array(items) if is_leaf(items) => {
                leaves.push(value);
                Ok(Self::Leaf)
            }
            Value::Array(items) => items
                .iter()
                .map(|item| Self::read(item, leaves))
                .collect::<Result<_>>()
                .map(Self::List),
            Value::Object(object) => {
                let mut keys: Vec<_> = object.iter().collect();
                keys.sort_by_key(|(key, _)| *key);
                let read = |(key, item): (&String, &'a Value)| {
                    Ok((key.clone(), Self::read(item, leaves)?))
                };
                keys.into_iter().map(read).collect::<Result<_>>().map(Self::Keys)
            }
            other => {
                let message = format!(
                    "expected a layer's name and two numbers, as [\"dense\", 0, 0], got {other}"
                );
                Err(Error::config("", message))
            }
        }
    }

    /// The nest with these leaves.
    pub(crate) fn write(&self, leaves: &mut impl Iterator<Item = Value>) -> Value {
        match self {
            Self::Leaf => leaves.next().unwrap_or_default(),
            Self::List(items) => items.iter().map(|item| item.write(leaves)).collect(),
            Self::Keys(items) => {
                let write = |(key, item): &(String, Self)| (key.clone(), item.write(leaves));
                Value::Object(items.iter().map(write).collect::<Map<_, _>>())
            }
        }
    }
}

fn is_leaf(items: &[Value]) -> bool {
    matches!(items, [Value::String(_), Value::Number(_), Value::Number(_), ..])
}
