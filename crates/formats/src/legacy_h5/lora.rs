//! LoRA in legacy files of Keras 3, which have it beside the kernel; newer ones have it merged.

use std::collections::HashMap;

use ceratops_core::{Error, Result, Tensor};
use serde_json::Value;

use crate::layer_weights::LayerWeights;

/// How much of its LoRA each layer adds to its kernel: `lora_alpha / lora_rank`, by its name.
#[derive(Default)]
pub(super) struct Scales(HashMap<String, f32>);

impl Scales {
    /// Those that a model's document tells; of layers of one name in different models it must be one.
    pub(super) fn of(document: &Value) -> Result<Self> {
        let mut scales = Self::default();
        scales.gather(document).map(|()| scales)
    }

    fn gather(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.gather(item)),
            Value::Object(object) => {
                let number = |key: &str| object.get(key).and_then(Value::as_f64);
                if let (Some(Value::String(name)), Some(rank)) =
                    (object.get("name"), number("lora_rank"))
                {
                    let scale = (number("lora_alpha").unwrap_or(rank) / rank) as f32;
                    if self.0.insert(name.clone(), scale).is_some_and(|other| other != scale) {
                        return Err(Error::Data(format!(
                            "two layers \"{name}\" have a LoRA, each with a `lora_alpha` of its own; \
                             save the model as .keras, which has them merged"
                        )));
                    }
                }
                object.values().try_for_each(|value| self.gather(value))
            }
            _ => Ok(()),
        }
    }

    /// Makes one kernel of each kernel and its LoRA: `W + lora_alpha / lora_rank A B`, where the last
    /// axis of A is the first of B.
    pub(super) fn merge(&self, layer: &mut LayerWeights) -> Result<()> {
        let first = |(name, _): &(String, Tensor)| name.strip_suffix(A).map(str::to_owned);
        while let Some(prefix) = layer.weights.iter().find_map(first) {
            let mut take = |name: &str| {
                let full = format!("{prefix}{name}");
                let place = layer.weights.iter().position(|(name, _)| *name == full);
                let missing = || Error::Data(format!("\"{full}\" is missing, beside its LoRA"));
                place.map(|place| layer.weights.remove(place).1).ok_or_else(missing)
            };
            let (a, b, mut kernel) = (take(A)?, take(B)?, take(KERNEL)?);
            let name = prefix.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let scale = self.0.get(name).copied().ok_or_else(|| {
                let what = "has a LoRA, of which nothing tells the `lora_alpha`";
                Error::Data(format!("\"{prefix}\" {what}; give the weights as .weights.h5"))
            })?;
            add(&mut kernel, scale, &a, &b).ok_or_else(|| {
                let shapes = format!("{:?} and {:?}", a.shape(), b.shape());
                let of = format!("a kernel {:?}", kernel.shape());
                Error::Data(format!("\"{prefix}\": a LoRA of {shapes} does not fit {of}"))
            })?;
            // A kernel comes before its bias, which its LoRA had left behind.
            let place = layer.weights.iter().position(|(name, _)| name.starts_with(&prefix));
            let place = place.unwrap_or(layer.weights.len());
            layer.weights.insert(place, (format!("{prefix}{KERNEL}"), kernel));
        }
        Ok(())
    }
}

const A: &str = "lora_kernel_a";
const B: &str = "lora_kernel_b";
const KERNEL: &str = "kernel";

/// Adds `scale A B` to the kernel; nothing if the shapes do not fit.
fn add(kernel: &mut Tensor, scale: f32, a: &Tensor, b: &Tensor) -> Option<()> {
    let &[rank, columns] = b.shape() else { return None };
    let (last, rows) = a.shape().split_last()?;
    let fits = *last == rank && kernel.shape().split_last() == Some((&columns, rows));
    if !fits || rank == 0 || columns == 0 {
        return None;
    }
    let rows = kernel.as_mut_slice().chunks_exact_mut(columns);
    for (row, factors) in rows.zip(a.as_slice().chunks_exact(rank)) {
        for (factor, part) in factors.iter().zip(b.as_slice().chunks_exact(columns)) {
            row.iter_mut().zip(part).for_each(|(w, part)| *w += scale * factor * part);
        }
    }
    Some(())
}
