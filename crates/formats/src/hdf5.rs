//! HDF5 files as a plain tree: groups, data sets, attributes.

mod read;
#[cfg(test)]
pub(crate) mod tests;
mod write;

use std::io::Write;

use ceratops_core::{Param, Result, Tensor};

/// So many groups around a group or a data set are too many.
const DEEPEST: usize = 64;

/// The bytes with which a file begins, or that stand behind a block of other data.
pub(crate) const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";

/// Where the file may begin: at its first byte, or behind a block of 512, 1024, 2048 ... bytes.
pub(crate) fn places() -> impl Iterator<Item = u64> {
    std::iter::once(0).chain((9..u64::BITS).map(|power| 1 << power))
}

/// A group: its attributes, and what lies in it by name, in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Group {
    /// The attributes.
    pub(crate) attributes: Vec<(String, Attribute)>,
    /// Groups and data sets.
    pub(crate) members: Vec<(String, Member)>,
}

/// What lies in a group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Member {
    /// A group within.
    Group(Group),
    /// An array of numbers; f64, f16 and bfloat16 have become f32.
    Tensor(Tensor),
    /// An array of integers, exactly; booleans are 0 and 1.
    Integers {
        /// The length of each axis.
        shape: Vec<usize>,
        /// The numbers, row by row.
        values: Vec<i64>,
    },
}

impl Member {
    /// The numbers of a weight.
    pub(crate) fn of(param: &Param) -> Self {
        let value = param.value();
        if !param.is_integer() {
            return Self::Tensor(value.clone());
        }
        let values = value.as_slice().iter().map(|number| *number as i64).collect();
        Self::Integers { shape: value.shape().to_vec(), values }
    }

    /// A single integer.
    pub(crate) fn integer(number: u64) -> Self {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        Self::Integers { shape: Vec::new(), values: vec![number] }
    }

    /// The numbers as f32; nothing if this is a group.
    pub(crate) fn to_tensor(&self) -> Option<Tensor> {
        match self {
            Self::Group(_) => None,
            Self::Tensor(tensor) => Some(tensor.clone()),
            Self::Integers { shape, values } => {
                Tensor::new(shape, values.iter().map(|&value| value as f32).collect()).ok()
            }
        }
    }
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Attribute {
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of numbers; Keras writes an empty one for an empty list of names.
    Numbers(Vec<f64>),
}

/// Reads a whole file: groups, data sets of numbers, attributes of numbers and texts. Data sets of
/// other kinds, such as texts, are passed over.
///
/// # Errors
/// Where the file is damaged or cut short, holds links that lead elsewhere, or uses a compression
/// other than gzip. Its length bounds the time and the memory that reading takes.
pub(crate) fn read(file: &[u8]) -> Result<Group> {
    read::read(file)
}

/// Writes a whole file. The tensors are not copied as a whole.
pub(crate) fn write(root: &Group, to: &mut impl Write) -> Result<()> {
    write::write(root, to)
}

impl Group {
    /// What lies at this path.
    pub(crate) fn get(&self, path: &str) -> Option<&Member> {
        let (name, rest) = path.split_once('/').map_or((path, None), |(a, b)| (a, Some(b)));
        let (_, member) = self.members.iter().find(|(other, _)| other == name)?;
        match (member, rest) {
            (member, None) => Some(member),
            (Member::Group(group), Some(rest)) => group.get(rest),
            _ => None,
        }
    }

    /// The group at this path.
    pub(crate) fn group(&self, path: &str) -> Option<&Self> {
        match self.get(path)? {
            Member::Group(group) => Some(group),
            _ => None,
        }
    }

    /// The groups in it by name.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.members.iter().filter_map(|(name, member)| match member {
            Member::Group(group) => Some((name.as_str(), group)),
            _ => None,
        })
    }

    /// The attribute of that name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// Puts `member` at this path; the groups on the way are made where they are missing.
    pub(crate) fn insert(&mut self, path: &str, member: Member) {
        let Some((name, rest)) = path.split_once('/') else {
            self.put(path, member);
            return;
        };
        let is = |(other, member): &(String, Member)| {
            other == name && matches!(member, Member::Group(_))
        };
        let place = self.members.iter().position(is).unwrap_or_else(|| {
            self.members.push((name.to_owned(), Member::Group(Self::default())));
            self.members.len() - 1
        });
        if let Some((_, Member::Group(group))) = self.members.get_mut(place) {
            group.insert(rest, member);
        }
    }

    /// Puts `member` here; a group is added to one that is there, as one for layer `a` is where a
    /// layer `a/b` has made it.
    fn put(&mut self, name: &str, member: Member) {
        let there = self.members.iter_mut().find(|(other, _)| other == name);
        match (there, member) {
            (Some((_, Member::Group(there))), Member::Group(group)) => {
                there.attributes.extend(group.attributes);
                group.members.into_iter().for_each(|(name, member)| there.put(&name, member));
            }
            (_, member) => self.members.push((name.to_owned(), member)),
        }
    }

    /// Every tensor in the tree under its path, in the order of the file.
    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        let mut found = Vec::new();
        self.collect("", &mut found);
        found
    }

    fn collect(&self, path: &str, found: &mut Vec<(String, Tensor)>) {
        for (name, member) in &self.members {
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            match member {
                Member::Group(group) => group.collect(&path, found),
                Member::Tensor(tensor) => found.push((path, tensor.clone())),
                Member::Integers { .. } => {}
            }
        }
    }
}
