//! Steps: a number of batches.

use serde::{Deserialize, Serialize, Serializer};

/// A number of batches, or a part of one: what `epochs * samples / batch_size` gives in Python need
/// not be whole. It is made from any number, and written as an integer where it is one.
///
/// ```
/// use ceratops_train::schedules::Steps;
///
/// assert_eq!(Steps::from(10), Steps::from(10.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Steps(f64);

impl Steps {
    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<f64> for Steps {
    fn from(steps: f64) -> Self {
        Self(steps)
    }
}

impl From<i32> for Steps {
    fn from(steps: i32) -> Self {
        Self(steps.into())
    }
}

impl From<u64> for Steps {
    fn from(steps: u64) -> Self {
        Self(steps as f64)
    }
}

impl From<usize> for Steps {
    fn from(steps: usize) -> Self {
        Self(steps as f64)
    }
}

impl Serialize for Steps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = self.0 as i64;
        if whole as f64 == self.0 {
            serializer.serialize_i64(whole)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}
