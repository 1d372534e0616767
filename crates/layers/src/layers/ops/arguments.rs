//! How an operation is called: which of its arguments are tensors, and what the others are.

use ceratops_core::{Error, Result, Tensor};
use serde_json::{Map, Value, json};

use super::numbers::constant;

/// The arguments of a call, as Keras 3 records them, each tensor being left out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arguments {
    args: Vec<Value>,
    kwargs: Map<String, Value>,
    /// The operands; nothing for a tensor.
    operands: Vec<Option<Tensor>>,
    /// From which argument on there are no operands.
    rest: usize,
}

/// Whether this stands for a tensor of the graph.
pub(crate) fn is_tensor(value: &Value) -> bool {
    value.get("class_name").is_some_and(|name| name == "__keras_tensor__")
}

impl Arguments {
    /// Those of `call`, of which the first `count` are operands, or all.
    pub(super) fn of(call: &Value, count: Option<usize>) -> Result<Self> {
        let list = |key: &str| call.get(key).and_then(Value::as_array).cloned();
        let mut args = list("args").unwrap_or_default();
        let kwargs = call.get("kwargs").and_then(Value::as_object).cloned().unwrap_or_default();
        let rest = count.unwrap_or(args.len()).min(args.len());
        let mut operands = Vec::new();
        for (i, arg) in args.iter_mut().enumerate() {
            let at = |e: Error| e.at(&format!("args[{i}]"));
            if i < rest {
                gather(arg, &mut operands).map_err(at)?;
            } else if holds_tensor(arg) {
                let message =
                    "expected numbers, got a tensor; what depends on the data is not known here";
                return Err(at(Error::config("", message)));
            }
        }
        if let Some((key, _)) = kwargs.iter().find(|(_, value)| holds_tensor(value)) {
            let message = "a tensor is not known here as this argument";
            return Err(Error::config(format!("kwargs.{key}"), message));
        }
        Ok(Self { args, kwargs, operands, rest })
    }

    /// The constants among the operands, in their order.
    pub(super) fn constants(&self) -> impl Iterator<Item = Option<&Tensor>> {
        self.operands.iter().map(Option::as_ref)
    }

    /// How many tensors there are.
    pub(super) fn tensors(&self) -> usize {
        self.operands.iter().filter(|operand| operand.is_none()).count()
    }

    /// The arguments by name.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.kwargs.iter()
    }

    /// The arguments that are no operands.
    pub(super) fn rest(&self) -> Vec<Value> {
        self.args[self.rest..].to_vec()
    }

    /// The call on these tensors.
    pub(super) fn filled(&self, tensors: Vec<Value>) -> Value {
        let mut tensors = tensors.into_iter();
        let args: Vec<Value> = self.args.iter().map(|arg| fill(arg, &mut tensors)).collect();
        json!({ "args": args, "kwargs": self.kwargs })
    }
}

/// Finds the operands in an argument, one or a list, and leaves what tensors are out.
fn gather(arg: &mut Value, operands: &mut Vec<Option<Tensor>>) -> Result<()> {
    match arg {
        Value::Null => Ok(()),
        _ if is_tensor(arg) => {
            *arg = json!({ "class_name": "__keras_tensor__" });
            operands.push(None);
            Ok(())
        }
        Value::Array(items) if items.iter().any(is_tensor) => {
            items.iter_mut().try_for_each(|item| gather(item, operands))
        }
        _ => {
            operands.push(Some(constant(arg)?));
            if arg.is_array() {
                // As Keras writes it: a plain list is no operand there.
                let config = json!({ "value": arg.take(), "dtype": "float32" });
                *arg = json!({ "class_name": "__numpy__", "config": config });
            }
            Ok(())
        }
    }
}

fn holds_tensor(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(holds_tensor),
        Value::Object(object) => is_tensor(value) || object.values().any(holds_tensor),
        _ => false,
    }
}

fn fill(arg: &Value, tensors: &mut impl Iterator<Item = Value>) -> Value {
    match arg {
        Value::Array(items) => items.iter().map(|item| fill(item, tensors)).collect(),
        _ if is_tensor(arg) => tensors.next().unwrap_or_default(),
        other => other.clone(),
    }
}
