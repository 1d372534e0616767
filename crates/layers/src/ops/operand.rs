//! What an operation is called on.

use ceratops_core::Tensor;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{KerasTensor, Numbers};

/// An operand of an operation: a tensor, a number or an array.
#[derive(Debug, Clone)]
pub struct Operand(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Tensor(KerasTensor),
    List(Vec<KerasTensor>),
    Constant(Value),
}

impl Operand {
    /// Tensors as one argument.
    pub(super) fn list(tensors: &[&KerasTensor]) -> Self {
        Self(Kind::List(tensors.iter().map(|&tensor| tensor.clone()).collect()))
    }

    /// An argument that is no operand.
    pub(super) fn setting(value: Value) -> Self {
        Self(Kind::Constant(value))
    }

    /// The argument; its tensors are added to `tensors`.
    pub(super) fn argument(self, tensors: &mut Vec<KerasTensor>) -> Value {
        let place = json!({ "class_name": "__keras_tensor__" });
        match self.0 {
            Kind::Tensor(tensor) => {
                tensors.push(tensor);
                place
            }
            Kind::List(list) => {
                let places = vec![place; list.len()];
                tensors.extend(list);
                places.into()
            }
            Kind::Constant(value) => value,
        }
    }
}

/// What can be an operand: a tensor, a number, an array.
pub trait IntoOperand {
    /// The operand.
    fn operand(self) -> Operand;
}

impl IntoOperand for Operand {
    fn operand(self) -> Operand {
        self
    }
}

impl IntoOperand for &KerasTensor {
    fn operand(self) -> Operand {
        Operand(Kind::Tensor(self.clone()))
    }
}

impl IntoOperand for f64 {
    fn operand(self) -> Operand {
        Operand(Kind::Constant(self.into()))
    }
}

impl IntoOperand for Numbers {
    fn operand(self) -> Operand {
        Operand(Kind::Constant(serde_json::to_value(self).unwrap_or_default()))
    }
}

impl IntoOperand for &Tensor {
    fn operand(self) -> Operand {
        Numbers::from(self).operand()
    }
}

/// An axis of an operation, or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OpAxes {
    /// One axis.
    One(i64),
    /// Several axes.
    Several(Vec<i64>),
}

impl From<i64> for OpAxes {
    fn from(axis: i64) -> Self {
        Self::One(axis)
    }
}

impl<const N: usize> From<[i64; N]> for OpAxes {
    fn from(axes: [i64; N]) -> Self {
        Self::Several(axes.into())
    }
}
