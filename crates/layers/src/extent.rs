//! A length along each axis: of a window, or of its step.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{One, Rank, Three, Two};

/// A length along each axis that a window moves along: of a kernel, a pool, a stride. One number
/// stands for all axes, as in Keras; in JSON it is a list, as `[height, width]`.
///
/// ```
/// use ceratops_layers::{Extent, Two};
///
/// assert_eq!(Extent::<Two>::from(3), Extent::from([3, 3]));
/// assert_eq!(Extent::from([2, 5]).to_string(), "2x5");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Extent<R: Rank> {
    /// Depth, height and width. Along the axes that a rank lacks it is 1: a sequence is a volume one
    /// step deep and high, and all ranks are calculated in the same way.
    volume: [usize; 3],
    rank: PhantomData<R>,
}

impl<R: Rank> Extent<R> {
    /// The lengths, one for each axis of the rank.
    pub fn lengths(&self) -> &[usize] {
        &self.volume[3 - R::AXES..]
    }

    /// Depth, height and width, those that the rank lacks being 1.
    pub(crate) fn volume(self) -> [usize; 3] {
        self.volume
    }

    /// These lengths, if there are as many as the rank has axes.
    pub(crate) fn of(lengths: &[usize]) -> Option<Self> {
        let mut volume = [1; 3];
        let own = volume.get_mut(3 - R::AXES..)?;
        (lengths.len() == own.len()).then(|| own.copy_from_slice(lengths))?;
        Some(Self { volume, rank: PhantomData })
    }

    /// Whether any length is zero.
    pub(crate) fn is_zero(self) -> bool {
        self.volume.contains(&0)
    }
}

impl<R: Rank> From<usize> for Extent<R> {
    fn from(side: usize) -> Self {
        let mut volume = [1; 3];
        volume[3 - R::AXES..].fill(side);
        Self { volume, rank: PhantomData }
    }
}

impl From<[usize; 1]> for Extent<One> {
    fn from([steps]: [usize; 1]) -> Self {
        Self { volume: [1, 1, steps], rank: PhantomData }
    }
}

impl From<[usize; 2]> for Extent<Two> {
    fn from([height, width]: [usize; 2]) -> Self {
        Self { volume: [1, height, width], rank: PhantomData }
    }
}

impl From<(usize, usize)> for Extent<Two> {
    fn from((height, width): (usize, usize)) -> Self {
        [height, width].into()
    }
}

impl From<[usize; 3]> for Extent<Three> {
    fn from(volume: [usize; 3]) -> Self {
        Self { volume, rank: PhantomData }
    }
}

impl From<(usize, usize, usize)> for Extent<Three> {
    fn from((depth, height, width): (usize, usize, usize)) -> Self {
        [depth, height, width].into()
    }
}

impl<R: Rank> fmt::Debug for Extent<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lengths().fmt(f)
    }
}

impl<R: Rank> fmt::Display for Extent<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, length) in self.lengths().iter().enumerate() {
            let cross = if i == 0 { "" } else { "x" };
            write!(f, "{cross}{length}")?;
        }
        Ok(())
    }
}

impl<R: Rank> Serialize for Extent<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.lengths().serialize(serializer)
    }
}

impl<'de, R: Rank> Deserialize<'de> for Extent<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected a whole number that is not negative, or a list of such"
        )]
        enum Form {
            Side(usize),
            Sides(Vec<usize>),
        }
        match Form::deserialize(deserializer)? {
            Form::Side(side) => Ok(side.into()),
            Form::Sides(sides) => Self::of(&sides).ok_or_else(|| {
                let (axes, found) = (R::AXES, sides.len());
                de::Error::custom(format!("expected one integer or a list of {axes}, got {found}"))
            }),
        }
    }
}
