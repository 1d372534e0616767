//! One weight of a manifest: its shape, its type, and the numbers it was made smaller by.

use ceratops_core::{Error, Result, Tensor};
use serde::Deserialize;

use crate::numbers::{self, Number, Order};

/// What the manifest says of a weight.
#[derive(Deserialize)]
pub(super) struct Spec {
    pub(super) name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
    pub(super) group: Option<String>,
}

/// How the numbers were made to take fewer bytes: `scale * number + min`.
#[derive(Deserialize)]
struct Quantization {
    dtype: String,
    scale: Option<f64>,
    min: Option<f64>,
}

/// The `group` of what an optimizer remembers.
pub(super) const OPTIMIZER: &str = "optimizer";

impl Spec {
    /// Takes the weight's numbers off the front of `bytes`.
    pub(super) fn take(&self, bytes: &mut &[u8]) -> Result<Tensor> {
        let number = self.number()?;
        let extent = numbers::extent(&self.shape, number);
        let taken = extent.and_then(|(len, size)| Some((len, bytes.split_at_checked(size)?)));
        let (len, (own, rest)) = taken.ok_or_else(|| {
            Error::Data(format!("{} bytes are left for shape {:?}", bytes.len(), self.shape))
        })?;
        *bytes = rest;
        let mut values = Vec::with_capacity(len);
        number.decode(own, Order::Little, &mut values);
        self.widen(&mut values)?;
        Tensor::new(&self.shape, values)
    }

    /// How many bytes the weight takes: none of a type that is not read, and of a shape that fits in
    /// no memory all there are.
    pub(super) fn size(&self) -> u64 {
        let Ok(number) = self.number() else { return 0 };
        numbers::extent(&self.shape, number).map_or(u64::MAX, |(_, size)| size as u64)
    }

    /// The type that the numbers have in the shard.
    fn number(&self) -> Result<Number> {
        let number = match (&self.quantization, self.dtype.as_str()) {
            (None, "float32") => Some(Number::F32),
            (None, "int32") => Some(Number::I32),
            (None, "uint8") => Some(Number::U8),
            (None, "bool") => Some(Number::Bool),
            (Some(small), "float32" | "int32") => match small.dtype.as_str() {
                "uint8" => Some(Number::U8),
                "uint16" => Some(Number::U16),
                "float16" if self.dtype == "float32" => Some(Number::F16),
                _ => None,
            },
            _ => None,
        };
        number.ok_or_else(|| {
            let small = self.quantization.as_ref().map(|small| format!(" as {}", small.dtype));
            Error::Data(format!(
                "dtype {}{}; expected float32, int32, uint8 or bool, the first two also quantized \
                 as uint8 or uint16, float32 also as float16",
                self.dtype,
                small.unwrap_or_default()
            ))
        })
    }

    /// Undoes the quantization.
    fn widen(&self, values: &mut [f32]) -> Result<()> {
        let Some(small) = self.quantization.as_ref().filter(|small| small.dtype != "float16")
        else {
            return Ok(());
        };
        let (Some(scale), Some(min)) = (small.scale, small.min) else {
            let what = format!("quantized as {} without its `scale` and `min`", small.dtype);
            return Err(Error::Data(what));
        };
        // As in TF.js, the sum is made in f64.
        for value in values {
            let wide = f64::from(*value) * scale + min;
            *value = if self.dtype == "int32" { (wide + 0.5).floor() } else { wide } as f32;
        }
        Ok(())
    }
}
