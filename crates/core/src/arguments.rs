//! What a call of a layer is given besides its inputs.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a call of a layer is given besides its inputs: plain values, as `use_causal_mask=True`, and
/// tensors, as `attention_mask=mask`. The tensors stand behind the inputs, in the order of their names.
///
/// ```
/// use ceratops_core::Arguments;
///
/// let arguments = Arguments::default().with_value("use_causal_mask", true).with_tensor("mask");
/// assert!(arguments.is_true("use_causal_mask"));
/// let (inputs, _) = arguments.split(&["query", "value", "mask"]);
/// assert_eq!(inputs, ["query", "value"]);
/// assert_eq!(arguments.tensor("mask", &[1, 2, 3]), Some(&3));
/// ```
///
/// Source: Keras, the arguments of a layer's `call`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arguments {
    values: BTreeMap<String, Value>,
    tensors: Vec<String>,
}

impl Arguments {
    /// No arguments.
    pub const NONE: Self = Self { values: BTreeMap::new(), tensors: Vec::new() };

    /// The same arguments and this value.
    #[must_use]
    pub fn with_value(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }

    /// The same arguments and a tensor, which stands behind all others.
    #[must_use]
    pub fn with_tensor(mut self, name: impl Into<String>) -> Self {
        self.tensors.push(name.into());
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.tensors.is_empty()
    }

    /// The plain values by their names.
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.values
    }

    /// The names of the tensors, in their order.
    pub fn tensors(&self) -> &[String] {
        &self.tensors
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().chain(&self.tensors).map(String::as_str)
    }

    /// Whether that value is true.
    pub fn is_true(&self, name: &str) -> bool {
        self.values.get(name) == Some(&Value::Bool(true))
    }

    /// The inputs of a call, and the tensors behind them.
    pub fn split<'a, T>(&self, all: &'a [T]) -> (&'a [T], &'a [T]) {
        all.split_at(all.len().saturating_sub(self.tensors.len()))
    }

    /// What goes with the tensor of that name, among what goes with inputs and tensors.
    pub fn tensor<'a, T>(&self, name: &str, all: &'a [T]) -> Option<&'a T> {
        let place = self.tensors.iter().position(|own| own == name)?;
        self.split(all).1.get(place)
    }
}
