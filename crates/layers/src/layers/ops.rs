//! Operation: what Keras records in a graph for `x / y`, `x[:, 0]` or `ops.mean(x, axis=1)`.

mod arguments;
mod axes;
mod binary;
mod choose;
mod class;
mod compute;
mod join;
mod moving;
mod numbers;
mod places;
mod products;
mod reduce;
mod reshaping;
mod rows;
mod slices;
mod unary;

use std::sync::Arc;

use ceratops_core::{Context, Error, Gradients, MultiLayer, Result, Shape, Tensor, Tensors};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

pub(crate) use self::arguments::is_tensor;
use self::{
    arguments::Arguments,
    class::Class,
    compute::{Compute, Kept, Operand},
};

/// An operation of Keras 3 on tensors, numbers and arrays: what a graph has where its author wrote
/// `x / y`, `x[:, 0]` or `ops.mean(x, axis=1)`. The functions of [`ops`](crate::ops) make them.
///
/// It has no weights, and knows nothing of masks: they end here. Axis 0 counts the samples, which
/// never look at each other: what would reduce, move or pick along it is refused.
///
/// What is true or false in Keras is 1 or 0 here. Comparisons, roundings and the like have no
/// gradient.
///
/// Source: Keras, `keras.ops`.
#[derive(Debug, Clone)]
pub struct Operation {
    class: &'static Class,
    /// As Keras writes it.
    config: Map<String, Value>,
    arguments: Arguments,
    compute: Arc<dyn Compute>,
}

impl Operation {
    /// The operation of that class, as Keras 3 spells it, called with these arguments: each a number, an
    /// array or a tensor; what `call` says of a tensor beside that it is one does not count.
    ///
    /// # Errors
    /// For a class that is not known here, and settings that it does not take.
    pub(crate) fn new(class_name: &str, config: Map<String, Value>, call: &Value) -> Result<Self> {
        let class = Class::get(class_name).ok_or_else(|| {
            Error::unknown("operation", class_name, class::all().map(|class| class.name))
        })?;
        let arguments = Arguments::of(call, class.operands)?;
        let settings = config.iter().chain(arguments.settings());
        let mut settings: Map<String, Value> = settings
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if class.operands.is_some() {
            settings.insert("rest".into(), arguments.rest().into());
        }
        let compute = (class.make)(Value::Object(settings))?;
        Ok(Self { class, config, arguments, compute })
    }

    /// Whether operations of that class are known.
    pub fn is_known(class_name: &str) -> bool {
        Class::get(class_name).is_some()
    }

    /// The operation that an entry of Keras 3 describes, which says how it was called.
    pub(crate) fn read(entry: &Value) -> Result<Self> {
        let class_name = entry["class_name"].as_str().unwrap_or_default();
        let mut config = entry["config"].as_object().cloned().unwrap_or_default();
        for key in ["name", "trainable", "dtype_policy"] {
            config.shift_remove(key);
        }
        let nothing = json!({});
        let call = entry.pointer("/inbound_nodes/0").unwrap_or(&nothing);
        let operation = Self::new(class_name, config, call)?;
        let others = entry.get("inbound_nodes").and_then(Value::as_array);
        for other in others.into_iter().flatten().skip(1) {
            if Arguments::of(other, operation.class.operands)? != operation.arguments {
                let message = "an operation is called again with other numbers";
                return Err(Error::config("inbound_nodes", message));
            }
        }
        Ok(operation)
    }

    /// Where Keras has the class.
    pub(crate) fn module(&self) -> String {
        format!("keras.src.ops.{}", self.class.module)
    }

    /// The kind of numbers that Keras has there, all of which are f32 here.
    pub(crate) fn dtype(&self) -> &str {
        match self.class.name {
            "All" | "Any" | "Equal" | "Greater" | "GreaterEqual" | "Isfinite" | "Isinf"
            | "Isnan" | "Less" | "LessEqual" | "LogicalAnd" | "LogicalNot" | "LogicalOr"
            | "LogicalXor" | "NotEqual" => "bool",
            "Argmax" | "Argmin" | "CountNonzero" => "int32",
            "Cast" => self.config.get("dtype").and_then(Value::as_str).unwrap_or("float32"),
            _ => "float32",
        }
    }

    /// The call as Keras 3 records it, on these tensors.
    pub(crate) fn call(&self, tensors: Vec<Value>) -> Value {
        self.arguments.filled(tensors)
    }

    /// What is computed with, numbers and arrays in their places among these tensors.
    fn operands(&self, xs: Tensors) -> Result<Tensors> {
        if xs.len() != self.arguments.tensors() {
            let expected = format!("{} tensors", self.arguments.tensors());
            return Err(Error::argument("inputs", expected, format!("{} tensors", xs.len())));
        }
        if self.arguments.constants().all(|constant| constant.is_none()) {
            return Ok(xs);
        }
        let mut xs = xs.into_iter();
        let all =
            self.arguments.constants().map(|constant| constant.cloned().or_else(|| xs.next()));
        Ok(all.flatten().collect())
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.config.serialize(serializer)
    }
}

impl MultiLayer for Operation {
    const CLASS_NAME: &'static str = "Operation";
    type Saved = Kept;

    fn class_name(&self) -> &'static str {
        self.class.name
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        if inputs.len() != self.arguments.tensors() {
            let expected = format!("{} tensors", self.arguments.tensors());
            return Err(Error::argument("inputs", expected, format!("{} tensors", inputs.len())));
        }
        let mut inputs = inputs.iter().cloned();
        let operand = |constant: Option<&Tensor>| {
            let (shape, is_constant) = match constant {
                Some(constant) => (Shape::of(constant.shape()), true),
                None => (inputs.next().unwrap_or_default(), false),
            };
            Operand { shape, is_constant }
        };
        let operands: Vec<Operand> = self.arguments.constants().map(operand).collect();
        if operands.iter().any(|operand| !operand.is_constant && operand.shape.ndim() == 0) {
            return Err(Error::argument("inputs", "tensors of samples", "a single number"));
        }
        let mut shapes = self.compute.shapes(&operands)?;
        shapes.iter_mut().for_each(|shape| *shape = shape.with_axis(0, None));
        Ok(shapes)
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Kept>)> {
        let operands = self.operands(xs)?;
        let mut kept = cx.save(|| Kept::of(&operands, self.compute.keeps_operands()));
        let outputs = self.compute.forward(operands)?;
        if let Some(kept) = &mut kept {
            kept.constants =
                self.arguments.constants().map(|constant| constant.is_some()).collect();
            if self.compute.keeps_outputs() {
                kept.ys.clone_from(&outputs);
            }
        }
        Ok((outputs, kept))
    }

    fn backward_all(
        &self,
        kept: Kept,
        dys: Vec<Option<Tensor>>,
        _: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let dxs = self.compute.backward(&kept, dys)?;
        let of_tensors = self.arguments.constants().zip(dxs);
        Ok(of_tensors.filter(|(constant, _)| constant.is_none()).map(|(_, dx)| dx).collect())
    }
}
