//! The arguments of a call, as Keras 1, 2 and 3 and TensorFlow.js record them.

use serde_json::{Map, Value};

use crate::json::{Dialect, shown};

/// The arguments of a call.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// The tensors: layer, call, output.
    pub(super) inputs: Vec<[Value; 3]>,
    /// Whether they came as a list.
    pub(super) is_list: bool,
    /// Of an operation, the places of numbers among the tensors, with how many tensors stand before each.
    pub(super) numbers: Vec<(usize, f64)>,
    pub(super) training: Option<bool>,
    /// Tensors besides the inputs, by name.
    pub(super) named: Vec<(String, [Value; 3])>,
    /// Arguments by name that are not null, no mode and no mask.
    pub(super) others: Vec<(String, Value)>,
}

impl Arguments {
    /// The arguments that a node of `inbound_nodes` records.
    pub(super) fn read(node: &Value, dialect: Dialect) -> Result<Self, String> {
        let mut found = Self::default();
        match node {
            Value::Object(call) => found.keras3(call)?,
            Value::Array(items) => found.keras2(items, dialect)?,
            other => return Err(format!("expected a call, got {}", shown(other))),
        }
        Ok(found)
    }

    /// Those of a call of an operation in the words of Keras 3: tensors and numbers. Others are its own.
    pub(super) fn of_operation(call: &Value) -> Self {
        let mut found = Self::default();
        let args = call.get("args").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        found.is_list = matches!(args, [Value::Array(_)]);
        let lists = args.iter().flat_map(|arg| match arg {
            Value::Array(items) if items.iter().all(|item| history_of(item).is_some()) => {
                items.iter()
            }
            arg => std::slice::from_ref(arg).iter(),
        });
        for arg in lists {
            if let Some(number) = arg.as_f64() {
                found.numbers.push((found.inputs.len(), number));
            } else {
                found.inputs.extend(history_of(arg).filter(|_| arg.is_object()));
            }
        }
        found
    }

    /// The tensors, to be changed; those among the other arguments too.
    pub(super) fn tensors(&mut self) -> impl Iterator<Item = &mut [Value; 3]> {
        self.inputs.iter_mut().chain(self.named.iter_mut().map(|(_, tensor)| tensor))
    }

    /// Finds those of `inputs`, arguments of their own, that are given by name, and the tensors among
    /// `arguments`.
    pub(super) fn find(&mut self, inputs: &[&str], arguments: &[&str]) {
        for name in inputs.iter().skip(self.inputs.len()) {
            match self.take(name) {
                Some(tensor) => self.inputs.push(tensor),
                None => break,
            }
        }
        for name in arguments {
            if let Some(tensor) = self.take(name) {
                self.named.push(((*name).to_owned(), tensor));
            }
        }
    }

    /// The tensor of that name, taken out.
    fn take(&mut self, name: &str) -> Option<[Value; 3]> {
        let place = self.others.iter().position(|(own, _)| own == name)?;
        let tensor = history_of(&self.others[place].1)?;
        self.others.remove(place);
        Some(tensor)
    }

    fn keras3(&mut self, call: &Map<String, Value>) -> Result<(), String> {
        let args = call.get("args").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        self.is_list = matches!(args, [Value::Array(_)]);
        args.iter().try_for_each(|arg| self.keras3_argument(arg))?;
        let kwargs = call.get("kwargs").and_then(Value::as_object);
        kwargs.into_iter().flatten().try_for_each(|(key, value)| self.named(key, value))
    }

    fn keras3_argument(&mut self, arg: &Value) -> Result<(), String> {
        match arg {
            Value::Null => Ok(()),
            Value::Bool(training) => {
                self.training = Some(*training);
                Ok(())
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.keras3_argument(item)),
            Value::Object(object) if object.contains_key("class_name") => {
                let history =
                    history_of(arg).ok_or_else(|| format!("cannot read {}", shown(arg)))?;
                self.inputs.push(history);
                Ok(())
            }
            // The inputs of a nested model under keys, which Keras takes in the order of the keys.
            Value::Object(items) => {
                self.is_list = true;
                let mut items: Vec<_> = items.iter().collect();
                items.sort_unstable_by_key(|(key, _)| *key);
                items.into_iter().try_for_each(|(_, item)| self.keras3_argument(item))
            }
            Value::Number(_) | Value::String(_) => Err(constant(arg)),
        }
    }

    /// `[["dense", 0, 0, {}], ...]`, or one level flatter: `["dense", 0, 0, {"y": ["other", 0, 0]}]`.
    fn keras2(&mut self, items: &[Value], dialect: Dialect) -> Result<(), String> {
        if matches!(items.first(), Some(Value::String(_))) {
            return self.keras2_input(items);
        }
        // The inputs of a layer of several, and those of operations, may stand deeper.
        self.is_list = items.len() > 1 || dialect == Dialect::Keras1 && items.len() > 1;
        items.iter().try_for_each(|item| match item {
            Value::Array(inner) => self.keras2(inner, dialect),
            other => Err(format!("expected an input, got {}", shown(other))),
        })?;
        self.is_list = self.inputs.len() > 1;
        Ok(())
    }

    fn keras2_input(&mut self, items: &[Value]) -> Result<(), String> {
        let Some(history) = history(items) else {
            return Err(format!("expected [layer, call, output], got {}", shown(&items.into())));
        };
        if history[0] == "_CONSTANT_VALUE" {
            return Err(constant(items.get(2).unwrap_or(&Value::Null)));
        }
        self.inputs.push(history);
        let kwargs = items.get(3).and_then(Value::as_object);
        kwargs.into_iter().flatten().try_for_each(|(key, value)| self.named(key, value))
    }

    fn named(&mut self, key: &str, value: &Value) -> Result<(), String> {
        match (key, value) {
            (_, value) if is_nothing(value) => {}
            ("training", Value::Bool(training)) => self.training = Some(*training),
            ("training", Value::Number(number)) if number.as_u64().is_some_and(|n| n < 2) => {
                self.training = Some(number.as_u64() == Some(1));
            }
            ("inputs" | "sequence" | "x", tensor) if history_of(tensor).is_some() => {
                self.inputs.extend(history_of(tensor));
            }
            // The states that a recurrent layer begins with follow its sequence.
            ("initial_state", states) if states_of(states).is_some() => {
                self.inputs.extend(states_of(states).unwrap_or_default());
            }
            _ => self.others.push((key.to_owned(), value.clone())),
        }
        Ok(())
    }
}

fn constant(value: &Value) -> String {
    format!("expected tensors as the inputs of a layer, got the constant {}", shown(value))
}

/// Whether an argument is null, or was given as a null for each input.
pub(in crate::json) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(is_nothing),
        _ => false,
    }
}

/// A tensor of Keras 3, or of an argument by name in Keras 2.
pub(super) fn history_of(tensor: &Value) -> Option<[Value; 3]> {
    match tensor {
        Value::Array(items) => history(items),
        _ => history(tensor.pointer("/config/keras_history")?.as_array()?),
    }
}

/// The tensors of a state, or of a list of states.
fn states_of(states: &Value) -> Option<Vec<[Value; 3]>> {
    match (history_of(states), states) {
        (Some(state), _) => Some(vec![state]),
        (None, Value::Array(states)) => {
            let states = states.iter().map(states_of).collect::<Option<Vec<_>>>()?;
            Some(states.concat())
        }
        _ => None,
    }
}

fn history(items: &[Value]) -> Option<[Value; 3]> {
    match items {
        [layer @ Value::String(_), call @ Value::Number(_), output, ..] => {
            Some([layer.clone(), call.clone(), output.clone()])
        }
        _ => None,
    }
}
