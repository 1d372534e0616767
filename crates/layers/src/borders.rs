//! Lengths on both sides of each axis: of a border that is added, or cut off.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{One, Rank, Three, Two};

/// Two lengths for each axis: before and behind. One number stands for all of them, a list of one for
/// each axis for both sides of it (of a sequence, which has one axis, for its two sides), as in Keras.
///
/// ```
/// use ceratops_layers::{Borders, One, Two};
///
/// assert_eq!(Borders::<Two>::from(3), Borders::from([[3, 3], [3, 3]]));
/// assert_eq!(Borders::<Two>::from([1, 2]), Borders::from([[1, 1], [2, 2]]));
/// assert_eq!(Borders::<One>::from([1, 2]).to_string(), "(1, 2)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Borders<R: Rank> {
    /// Of depth, height and width; 0 along the axes that a rank lacks.
    volume: [[usize; 2]; 3],
    rank: PhantomData<R>,
}

impl<R: Rank> Borders<R> {
    /// The lengths before and behind, a pair for each axis of the rank.
    pub fn pairs(&self) -> &[[usize; 2]] {
        &self.volume[3 - R::AXES..]
    }

    /// Those of depth, height and width, 0 along the axes that the rank lacks.
    pub(crate) fn volume(self) -> [[usize; 2]; 3] {
        self.volume
    }

    /// These pairs, if there are as many as the rank has axes.
    fn of(pairs: &[[usize; 2]]) -> Option<Self> {
        let mut volume = [[0; 2]; 3];
        let own = volume.get_mut(3 - R::AXES..)?;
        (pairs.len() == own.len()).then(|| own.copy_from_slice(pairs))?;
        Some(Self { volume, rank: PhantomData })
    }
}

impl<R: Rank> From<usize> for Borders<R> {
    fn from(side: usize) -> Self {
        let mut volume = [[0; 2]; 3];
        volume[3 - R::AXES..].fill([side; 2]);
        Self { volume, rank: PhantomData }
    }
}

impl From<[usize; 2]> for Borders<One> {
    fn from(pair: [usize; 2]) -> Self {
        Self { volume: [[0; 2], [0; 2], pair], rank: PhantomData }
    }
}

impl From<[[usize; 2]; 2]> for Borders<Two> {
    fn from([rows, columns]: [[usize; 2]; 2]) -> Self {
        Self { volume: [[0; 2], rows, columns], rank: PhantomData }
    }
}

impl From<[usize; 2]> for Borders<Two> {
    fn from(sides: [usize; 2]) -> Self {
        sides.map(|side| [side; 2]).into()
    }
}

impl From<[[usize; 2]; 3]> for Borders<Three> {
    fn from(volume: [[usize; 2]; 3]) -> Self {
        Self { volume, rank: PhantomData }
    }
}

impl From<[usize; 3]> for Borders<Three> {
    fn from(sides: [usize; 3]) -> Self {
        sides.map(|side| [side; 2]).into()
    }
}

impl<R: Rank> fmt::Debug for Borders<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pairs().fmt(f)
    }
}

/// As Keras' messages show them: `((1, 1), (2, 2))`.
impl<R: Rank> fmt::Display for Borders<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.pairs().iter().map(|[a, b]| format!("({a}, {b})")).collect();
        match pairs.as_slice() {
            [pair] => f.write_str(pair),
            pairs => write!(f, "({})", pairs.join(", ")),
        }
    }
}

impl<R: Rank> Serialize for Borders<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.pairs() {
            [pair] => pair.serialize(serializer),
            pairs => pairs.serialize(serializer),
        }
    }
}

impl<'de, R: Rank> Deserialize<'de> for Borders<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected a whole number that is not negative, or a list of such or of pairs of such"
        )]
        enum Form {
            Side(usize),
            Sides(Vec<usize>),
            Pairs(Vec<[usize; 2]>),
        }
        let borders = match Form::deserialize(deserializer)? {
            Form::Side(side) => Some(side.into()),
            Form::Sides(sides) if R::AXES == 1 => match *sides {
                [before, behind] => Self::of(&[[before, behind]]),
                _ => None,
            },
            Form::Sides(sides) => {
                Self::of(&sides.into_iter().map(|side| [side; 2]).collect::<Vec<_>>())
            }
            Form::Pairs(pairs) => Self::of(&pairs),
        };
        borders.ok_or_else(|| {
            let form = match R::AXES {
                1 => "two".to_owned(),
                axes => format!("{axes}, or of {axes} pairs"),
            };
            de::Error::custom(format!("expected an integer or a list of {form}"))
        })
    }
}
