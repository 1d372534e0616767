//! HDF5 files as a plain tree: groups, data sets, attributes.

use std::io::Write;

use ceratops_core::{Error, Result, Tensor};

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
    /// An array of numbers; f64, f16, bfloat16, integers and booleans have become f32.
    Tensor(Tensor),
    /// An array of integers, exactly.
    Integers {
        /// The length of each axis.
        shape: Vec<usize>,
        /// The numbers, row by row.
        values: Vec<i64>,
    },
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

/// Reads a whole file.
pub(crate) fn read(file: &[u8]) -> Result<Group> {
    let _ = file;
    Err(Error::Data("HDF5 is not read yet".into()))
}

/// Writes a whole file.
pub(crate) fn write(root: &Group, to: &mut impl Write) -> Result<()> {
    let _ = (root, to);
    Err(Error::Data("HDF5 is not written yet".into()))
}

impl Group {
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
