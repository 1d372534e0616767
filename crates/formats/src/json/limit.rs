//! Refuses a document whose weights no memory would hold, before any of them is made.

mod graph;

use ceratops_core::{Error, Result, Rng, Shape};
use ceratops_layers::Registry;
use serde_json::Value;

use super::log::join;

/// How many numbers the weights of a model may have in all: 8 GiB of them.
const MOST: u64 = 1 << 31;

/// Refuses a model, whose entry is in the words of Keras 3, with more weights than [`MOST`]: each
/// layer is built once, with zeros that take no memory, and dropped.
///
/// What cannot be read ends the count, and is left to the reader to complain of; layers of the
/// user's own count as nothing.
pub(super) fn check(entry: &Value, registry: &Registry) -> Result<()> {
    Count { registry, rng: Rng::blank().within(MOST) }.model(entry, "", None).map(|_| ())
}

struct Count<'a> {
    registry: &'a Registry,
    /// What makes the weights, and knows how many there may be.
    rng: Rng,
}

/// The shape of each tensor of a list, as far as it is known.
type Shapes = Vec<Option<Shape>>;

impl Count<'_> {
    /// Counts the layers of a model that is called on `input`; the shapes of its outputs.
    fn model(&mut self, entry: &Value, path: &str, input: Option<Shape>) -> Result<Shapes> {
        match entry.pointer("/config/input_layers") {
            Some(_) => self.graph(entry, path),
            None => Ok(vec![self.chain(entry, path, input)?]),
        }
    }

    /// Counts the layers of a chain.
    fn chain(&mut self, entry: &Value, path: &str, input: Option<Shape>) -> Result<Option<Shape>> {
        let mut shape = input.or_else(|| shape_at(entry, "/config/build_input_shape"));
        let layers = entry.pointer("/config/layers").and_then(Value::as_array);
        for (i, layer) in layers.into_iter().flatten().enumerate() {
            let own = shape_at(layer, "/config/batch_shape")
                .or_else(|| shape_at(layer, "/config/batch_input_shape"));
            let input = own.filter(|_| i == 0).or(shape);
            let path = join(path, &format!("config.layers[{i}]"));
            shape = match class_of(layer) {
                "InputLayer" => input,
                _ => self.called(layer, &path, &[input])?.into_iter().next().flatten(),
            };
        }
        Ok(shape)
    }

    /// Counts a layer or a nested model at its first call; the shapes of its outputs.
    fn called(&mut self, entry: &Value, path: &str, inputs: &[Option<Shape>]) -> Result<Shapes> {
        let class_name = class_of(entry);
        if let "Sequential" | "Functional" = class_name {
            return self.model(entry, path, inputs.first().cloned().flatten());
        }
        let inputs: Option<Vec<Shape>> = inputs.iter().cloned().collect();
        match inputs {
            Some(inputs) => self.layer(entry, class_name, path, &inputs),
            None => Ok(Vec::new()),
        }
    }

    /// Counts a layer.
    fn layer(
        &mut self,
        entry: &Value,
        class_name: &str,
        path: &str,
        inputs: &[Shape],
    ) -> Result<Shapes> {
        let Ok(node) = self.registry.layer(entry) else { return Ok(Vec::new()) };
        let mut layer = node.layer().boxed_clone();
        let Ok(outputs) = layer.output_shapes(inputs) else { return Ok(Vec::new()) };
        if Registry::is_builtin(class_name)
            && layer.build_all(inputs, &mut self.rng).is_err()
            && self.rng.is_used_up()
        {
            let message = format!(
                "with this {class_name} the model would have more than {MOST} weights, which is more \
                 than is made here; make its layers smaller"
            );
            return Err(Error::config(path, message));
        }
        Ok(outputs.into_iter().map(Some).collect())
    }
}

fn class_of(entry: &Value) -> &str {
    entry.get("class_name").and_then(Value::as_str).unwrap_or_default()
}

fn shape_at(entry: &Value, pointer: &str) -> Option<Shape> {
    entry.pointer(pointer).and_then(|shape| serde_json::from_value(shape.clone()).ok())
}
