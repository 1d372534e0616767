//! The height and width of a window or a step.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Height and width: of a kernel, of a pool, of a stride. In JSON it is `[height, width]`; one
/// number stands for both, as in Keras.
///
/// ```
/// use ceratops_layers::Size;
///
/// assert_eq!(Size::from(3), Size::from([3, 3]));
/// assert_eq!(Size { height: 2, width: 5 }.to_string(), "2x5");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Along the rows.
    pub height: usize,
    /// Along the columns.
    pub width: usize,
}

impl Size {
    /// Whether either is zero.
    pub(crate) fn is_zero(self) -> bool {
        self.height == 0 || self.width == 0
    }
}

impl From<usize> for Size {
    fn from(side: usize) -> Self {
        Self { height: side, width: side }
    }
}

impl From<[usize; 2]> for Size {
    fn from([height, width]: [usize; 2]) -> Self {
        Self { height, width }
    }
}

impl From<(usize, usize)> for Size {
    fn from((height, width): (usize, usize)) -> Self {
        Self { height, width }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.height, self.width)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.height, self.width].serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a positive integer or a list of two")]
        enum Form {
            Side(usize),
            Sides([usize; 2]),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Side(side) => side.into(),
            Form::Sides(sides) => sides.into(),
        })
    }
}
