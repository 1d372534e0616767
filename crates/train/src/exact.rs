//! Numbers in JSON with all their bits, NaN and infinities included: f64 as the integer that its
//! bits spell.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use ceratops_core::{Error, Result};

/// For a field: `#[serde(with = "exact::number")]`.
pub(crate) mod number {
    use super::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(number.to_bits())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        u64::deserialize(deserializer).map(f64::from_bits)
    }
}

/// For a list of them.
pub(crate) mod numbers {
    use super::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        numbers: &[f64],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(numbers.iter().map(|number| number.to_bits()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<f64>, D::Error> {
        let bits = Vec::<u64>::deserialize(deserializer)?;
        Ok(bits.into_iter().map(f64::from_bits).collect())
    }
}

/// `state` as JSON; what is remembered here can always be written.
pub(crate) fn to_json(state: &impl Serialize) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}

/// What [`to_json`] made; `what` says in an error whose it is.
pub(crate) fn from_json<T: for<'de> Deserialize<'de>>(what: &str, state: &Value) -> Result<T> {
    T::deserialize(state).map_err(|e| {
        Error::Data(format!(
            "the state of {what} does not fit: {e}; it is that of another training"
        ))
    })
}
