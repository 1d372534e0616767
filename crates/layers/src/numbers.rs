//! Numbers: one, a list or lists of lists, as an argument that stands for an array.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An array of numbers as an argument: a single one, a list, or lists of lists.
///
/// ```
/// use ceratops_layers::Numbers;
///
/// let channels = Numbers::from([0.5, 0.25]);
/// assert_eq!((channels.shape(), channels.values()), (&[2][..], &[0.5, 0.25][..]));
/// assert!(Numbers::from(3.0).shape().is_empty());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    shape: Vec<usize>,
    /// Row by row.
    values: Vec<f64>,
}

impl Numbers {
    /// The length of each axis; none for a single number.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The numbers, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The numbers as layers compute with them.
    pub(crate) fn to_f32(&self) -> Vec<f32> {
        self.values.iter().map(|value| *value as f32).collect()
    }

    /// Refuses what is empty, and what is no number or infinite, for the argument of that name.
    pub(crate) fn validate(&self, argument: &str) -> Result<()> {
        let expected = "a finite number, or a list of them";
        if self.values.is_empty() {
            return Err(Error::argument(argument, expected, "none"));
        }
        match self.values.iter().find(|value| !value.is_finite()) {
            None => Ok(()),
            Some(value) => Err(Error::argument(argument, expected, value)),
        }
    }
}

impl From<f64> for Numbers {
    fn from(value: f64) -> Self {
        Self { shape: Vec::new(), values: vec![value] }
    }
}

impl From<Vec<f64>> for Numbers {
    fn from(values: Vec<f64>) -> Self {
        Self { shape: vec![values.len()], values }
    }
}

impl<const N: usize> From<[f64; N]> for Numbers {
    fn from(values: [f64; N]) -> Self {
        Vec::from(values).into()
    }
}

impl<const N: usize, const M: usize> From<[[f64; N]; M]> for Numbers {
    fn from(rows: [[f64; N]; M]) -> Self {
        Self { shape: vec![M, N], values: rows.concat() }
    }
}

impl From<&Tensor> for Numbers {
    fn from(tensor: &Tensor) -> Self {
        let values = tensor.as_slice().iter().map(|value| f64::from(*value)).collect();
        Self { shape: tensor.shape().to_vec(), values }
    }
}

impl From<Tensor> for Numbers {
    fn from(tensor: Tensor) -> Self {
        Self::from(&tensor)
    }
}

/// Lists within lists, as JSON has them. Keras writes an array of NumPy with its class.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, or lists of numbers")]
enum Form {
    Number(f64),
    List(Vec<Self>),
    #[serde(skip_serializing)]
    Array {
        #[serde(rename = "class_name")]
        _class_name: String,
        config: Config,
    },
}

#[derive(Deserialize)]
struct Config {
    value: Box<Form>,
}

impl Form {
    /// The numbers in the array of that shape.
    fn of(shape: &[usize], values: &[f64]) -> Self {
        match shape.split_first() {
            None => Self::Number(values.first().copied().unwrap_or_default()),
            Some((_, rest)) => {
                let len = rest.iter().product::<usize>().max(1);
                Self::List(values.chunks(len).map(|row| Self::of(rest, row)).collect())
            }
        }
    }

    /// Adds the numbers to `values` and says their shape; nothing where lists differ in length.
    fn collect(self, values: &mut Vec<f64>) -> Option<Vec<usize>> {
        match self {
            Self::Number(value) => {
                values.push(value);
                Some(Vec::new())
            }
            Self::Array { config, .. } => config.value.collect(values),
            Self::List(items) => {
                let (len, mut shape) = (items.len(), None);
                for item in items {
                    let own = item.collect(values)?;
                    if *shape.get_or_insert_with(|| own.clone()) != own {
                        return None;
                    }
                }
                Some([vec![len], shape.unwrap_or_default()].concat())
            }
        }
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form::of(&self.shape, &self.values).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut values = Vec::new();
        let shape = Form::deserialize(deserializer)?.collect(&mut values);
        let shape = shape.ok_or_else(|| D::Error::custom("expected lists of the same length"))?;
        Ok(Self { shape, values })
    }
}
