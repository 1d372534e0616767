//! Refuses a document whose weights no memory would hold, before any of them is made.

mod graph;

use ceratops_core::{Error, Result, Shape};
use ceratops_layers::Registry;
use serde_json::Value;

use super::log::join;

/// How many numbers the weights of a model may have in all: 8 GiB of them.
const MOST: u64 = 1 << 31;

/// Refuses a model, whose entry is in the words of Keras 3, with more weights than [`MOST`].
///
/// What cannot be read ends the count, and is left to the reader to complain of; layers of the
/// user's own count as nothing.
pub(super) fn check(entry: &Value, registry: &Registry) -> Result<()> {
    Count { registry, numbers: 0 }.model(entry, "", None).map(|_| ())
}

struct Count<'a> {
    registry: &'a Registry,
    numbers: u64,
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
        let layer = node.layer();
        let (Ok(config), Ok(outputs)) = (layer.config(), layer.output_shapes(inputs)) else {
            return Ok(Vec::new());
        };
        let ([input, ..], [output, ..]) = (inputs, &outputs[..]) else { return Ok(Vec::new()) };
        let mut numbers = numbers_of(class_name, &config, input);
        // A layer that stands in for an activation takes what its holder makes.
        for key in ["activation", "recurrent_activation"] {
            let inner = config.get(key).and_then(|inner| Some((inner, inner.get("class_name")?)));
            if let Some((inner, Value::String(class_name))) = inner {
                let inner = numbers_of(class_name, &inner["config"], output);
                numbers = numbers.zip(inner).and_then(|(a, b)| a.checked_add(b));
            }
        }
        let all = numbers.and_then(|numbers| self.numbers.checked_add(numbers));
        match all.filter(|&all| all <= MOST) {
            Some(all) => self.numbers = all,
            None => {
                let message = format!(
                    "with this {class_name} the model would have more than {MOST} weights, which is \
                     more than is made here; make its layers smaller"
                );
                return Err(Error::config(path, message));
            }
        }
        Ok(outputs.into_iter().map(Some).collect())
    }
}

/// How many numbers the weights of a layer have; none if they cannot be counted.
fn numbers_of(class_name: &str, config: &Value, input: &Shape) -> Option<u64> {
    let axes: Vec<u64> = input.axes().iter().map(|len| len.map_or(1, |len| len as u64)).collect();
    let whole = |key: &str| config.get(key).and_then(Value::as_u64).unwrap_or(1);
    let product = |factors: &[u64]| factors.iter().try_fold(1u64, |all, &f| all.checked_mul(f));
    let last = axes.last().copied().unwrap_or(1);
    match class_name {
        "Dense" => product(&[last.checked_add(1)?, whole("units")]),
        "Conv2D" => {
            let first = config.get("data_format").is_some_and(|format| *format == "channels_first");
            let channels = if first { axes.get(1).copied().unwrap_or(1) } else { last };
            let kernel = config.get("kernel_size").and_then(Value::as_array);
            let mut factors: Vec<u64> =
                kernel.into_iter().flatten().filter_map(Value::as_u64).collect();
            factors.extend([(channels / whole("groups").max(1)).max(1), whole("filters")]);
            product(&factors)?.checked_add(whole("filters"))
        }
        "PReLU" => {
            let shared = config.get("shared_axes").and_then(Value::as_array);
            let is_shared = |axis: usize| shared.is_some_and(|all| all.contains(&axis.into()));
            let own = axes.iter().enumerate().skip(1).filter(|(axis, _)| !is_shared(*axis));
            product(&own.map(|(_, &len)| len).collect::<Vec<_>>())
        }
        "BatchNormalization" => {
            let given = config.get("axis").cloned().unwrap_or_default();
            let given = given.as_array().cloned().unwrap_or_else(|| vec![given]);
            let len = |axis: &Value| {
                let axis = axis.as_i64().unwrap_or(-1);
                let from_end = axes.len().wrapping_add_signed(axis as isize);
                let axis = usize::try_from(axis).unwrap_or(from_end);
                axes.get(axis).copied().unwrap_or(last)
            };
            product(&given.iter().map(len).collect::<Vec<_>>())?.checked_mul(7)
        }
        "Normalization" if config.get("mean").is_some_and(Value::is_null) => {
            let kept = config.get("axis").and_then(Value::as_array).into_iter().flatten();
            let lens = kept.filter_map(Value::as_i64).map(|axis| {
                let from_end = axes.len().wrapping_add_signed(axis as isize);
                let axis = usize::try_from(axis).unwrap_or(from_end);
                axes.get(axis).copied().unwrap_or(1)
            });
            product(&lens.collect::<Vec<_>>())?.checked_mul(2)?.checked_add(1)
        }
        // Four gates, each with what comes in, what it was, and a bias or two.
        "LSTM" | "GRU" | "SimpleRNN" => {
            let units = whole("units");
            product(&[4, units, last.checked_add(units)?.checked_add(2)?])
        }
        _ => Some(0),
    }
}

fn class_of(entry: &Value) -> &str {
    entry.get("class_name").and_then(Value::as_str).unwrap_or_default()
}

fn shape_at(entry: &Value, pointer: &str) -> Option<Shape> {
    entry.pointer(pointer).and_then(|shape| serde_json::from_value(shape.clone()).ok())
}
