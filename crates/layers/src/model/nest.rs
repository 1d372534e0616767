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

    /// The nest without the leaves that are not `kept`, and without what is empty then.
    pub(crate) fn keeping(&self, kept: &[usize]) -> Self {
        self.filtered(&mut (0..).map(|place| kept.contains(&place))).unwrap_or(Self::Leaf)
    }

    fn filtered(&self, is_kept: &mut impl Iterator<Item = bool>) -> Option<Self> {
        match self {
            Self::Leaf => is_kept.next().filter(|kept| *kept).map(|_| Self::Leaf),
            Self::List(items) => {
                let items: Vec<_> =
                    items.iter().filter_map(|item| item.filtered(is_kept)).collect();
                (!items.is_empty()).then_some(Self::List(items))
            }
            Self::Keys(items) => {
                let filtered =
                    |(key, item): &(String, Self)| Some((key.clone(), item.filtered(is_kept)?));
                let items: Vec<_> = items.iter().filter_map(filtered).collect();
                (!items.is_empty()).then_some(Self::Keys(items))
            }
        }
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
