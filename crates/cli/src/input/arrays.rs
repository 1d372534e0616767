//! Arrays: what a file holds, and what of it a model's inputs and outputs take.

use std::{iter, path::Path};

use ceratops::{
    Error, Result, Tensor,
    core::{Arrays as Given, Samples},
    datasets::csv::Table,
    formats::npy::Array,
    layers::Model,
};

use super::{split, table, within};

/// The arrays of a file: one, or several under their names.
#[derive(Debug)]
pub(crate) enum Arrays {
    /// A `.npy`, or the array of a `.npz` that was asked for.
    One(Array),
    /// A large `.npy`, which is read piece by piece.
    Large(Samples),
    /// All of a `.npz`.
    Named(Vec<(String, Array)>),
    /// A `.csv`, and the columns that were asked for.
    Table(Table, Option<Vec<String>>),
}

/// The inputs or the outputs of a model, in its order.
pub(crate) struct Ends {
    /// What the array for the only one is called besides: `x` or `y`.
    role: &'static str,
    all: Vec<End>,
}

/// An input or an output of a model.
pub(crate) struct End {
    /// The layer's name.
    name: String,
    /// The key, where the model was made of dictionaries; else the name.
    key: String,
    pub(super) takes: Takes,
    /// How many numbers or strings a sample has, where that is one row.
    pub(super) width: Option<usize>,
}

/// What an input takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Numbers,
    /// Numbers, and whole numbers of any size.
    Whole,
    /// Strings.
    Text,
}

impl Takes {
    /// The array as such an input takes it.
    pub(super) fn tensor(self, array: &Array) -> Result<Tensor> {
        match (self, array) {
            (Self::Text, array) => array.text()?.to_tensor(),
            (Self::Whole, Array::Text(integers)) => integers.to_tensor(),
            _ => array.numbers(),
        }
    }
}

impl Ends {
    /// The inputs of `model`.
    pub(crate) fn inputs(model: &Model) -> Self {
        let ends = model.input_names().into_iter().zip(model.input_keys()).enumerate();
        let end = |(place, (name, key)): (usize, (&str, String))| {
            let shape = model.input_shapes().get(place).copied();
            let takes = match shape.is_some_and(|shape| shape.is_text()) {
                true => Takes::Text,
                false if model.takes_whole_numbers(place) => Takes::Whole,
                false => Takes::Numbers,
            };
            let width = shape.filter(|shape| shape.ndim() == 2).and_then(|shape| shape.last());
            End { name: name.to_owned(), key, takes, width }
        };
        Self { role: "x", all: ends.map(end).collect() }
    }

    /// The outputs of `model`.
    pub(crate) fn outputs(model: &Model) -> Self {
        let ends = model.output_names().into_iter().zip(model.output_keys());
        let end = |(name, key)| End { name, key, takes: Takes::Numbers, width: None };
        Self { role: "y", all: ends.map(end).collect() }
    }

    fn names(&self, between: &str) -> String {
        let names: Vec<&str> = self.all.iter().map(|end| end.name.as_str()).collect();
        names.join(between)
    }
}

impl End {
    /// Whether an array of that name is for it.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.key == name
    }
}

impl Arrays {
    /// What these inputs or outputs of a model are given: the only one its array, several those of their
    /// names or keys; others are passed over. Each input must be there; of the outputs the model says
    /// which it needs.
    pub(crate) fn given(self, ends: &Ends, path: &Path) -> Result<Given> {
        let given = match ends.all.as_slice() {
            [] => self.only(ends.role).and_then(|array| array.numbers()).map(Given::from),
            [only] => self.for_one(ends.role, only),
            _ => self.for_several(ends),
        };
        within(&split(path).0, given)
    }

    fn for_one(self, role: &str, end: &End) -> Result<Given> {
        let array = match self {
            Self::Large(samples) => return Ok(samples.into()),
            Self::Table(table, columns) => {
                return table::for_one(&table, columns, end, role).map(Given::from);
            }
            Self::One(array) => array,
            Self::Named(arrays) => {
                let mut wanted = iter::once(role).chain([end.name.as_str(), end.key.as_str()]);
                let known = |wanted: &&str| arrays.iter().any(|(name, _)| name == wanted);
                let wanted = wanted.find(known).unwrap_or(role);
                Self::Named(arrays).only(wanted)?
            }
        };
        end.takes.tensor(&array).map(Given::from)
    }

    fn for_several(self, ends: &Ends) -> Result<Given> {
        let names = ends.names(", ");
        let (is_input, is_table) = (ends.role == "x", matches!(self, Self::Table(..)));
        let (there, found): (Vec<String>, Vec<Option<Tensor>>) = match &self {
            Self::Named(arrays) => {
                let tensor = |end: &End| {
                    let found = arrays.iter().find(|(name, _)| end.is_called(name));
                    found.map(|(name, array)| of(name, end.takes.tensor(array))).transpose()
                };
                (names_of(arrays), ends.all.iter().map(tensor).collect::<Result<_>>()?)
            }
            Self::Table(table, None) => {
                let tensor = |end: &End| table::column(table, end);
                (table.names().to_vec(), ends.all.iter().map(tensor).collect::<Result<_>>()?)
            }
            _ => {
                return Err(Error::Data(format!(
                    "this is one array, and the model has {names}: give a .npz whose arrays, or a .csv \
                     whose columns, have these names"
                )));
            }
        };
        let mut meant = Vec::with_capacity(ends.all.len());
        for (end, tensor) in ends.all.iter().zip(found) {
            match tensor {
                Some(tensor) => meant.push((end.key.clone(), tensor)),
                None if is_input && is_table => {
                    let there = there.join(", ");
                    return Err(Error::Data(format!(
                        "no column is named `{}`, an input of the model; the columns are {there:.300}",
                        end.name
                    )));
                }
                None if is_input => return Err(none(&there, &end.name)),
                None => {}
            }
        }
        if meant.is_empty() {
            return Err(none(&there, &ends.names("` or `")));
        }
        Ok(meant.into())
    }

    /// The only array, or of several that named `role`.
    pub(super) fn only(self, role: &str) -> Result<Array> {
        let arrays = match self {
            Self::One(array) => return Ok(array),
            Self::Large(samples) => return samples.read(0..samples.len()).map(Array::from),
            Self::Table(table, columns) => {
                return table::numbers(&table, columns.as_deref()).map(Array::from);
            }
            Self::Named(arrays) => arrays,
        };
        let names = names_of(&arrays);
        let is_meant = |(name, _): &(String, Array)| names.len() == 1 || name == role;
        let found = arrays.into_iter().find(is_meant);
        found.map(|(_, array)| array).ok_or_else(|| none(&names, role))
    }

    /// A sample of the array that comes first, or of that named `role`: from its shape a model without
    /// one is built.
    pub(crate) fn sample(&self, role: &str) -> Result<Option<Tensor>> {
        let one = |array: &Tensor| match array.ndim() {
            0 => Ok(array.clone()),
            _ => array.batch_slice(0..array.batch().min(1)),
        };
        let array = match self {
            Self::One(array) => array,
            Self::Large(samples) => return samples.read(0..samples.len().min(1)).map(Some),
            Self::Named(arrays) => {
                let of_role = arrays.iter().find(|(name, _)| name == role);
                match of_role.or(arrays.first()) {
                    Some((_, array)) => array,
                    None => return Ok(None),
                }
            }
            Self::Table(table, columns) => {
                return table::sample(table, columns.as_deref()).map(Some);
            }
        };
        match array {
            Array::Numbers { values, .. } => one(values).map(Some),
            // Only a model that says so takes strings, and it is built already.
            Array::Text(text) => {
                Ok(Some(Tensor::zeros(&text.shape().iter().map(|_| 1).collect::<Vec<_>>())))
            }
        }
    }
}

pub(super) fn names_of(arrays: &[(String, Array)]) -> Vec<String> {
    arrays.iter().map(|(name, _)| name.clone()).collect()
}

pub(super) fn none(names: &[String], wanted: &str) -> Error {
    let names = if names.is_empty() { "nothing".into() } else { names.join(", ") };
    Error::Data(format!(
        "no array is named `{wanted}`; the file holds {names} (take one with `file.npz:name`)"
    ))
}

/// Says in an error which array it is about.
fn of<T>(name: &str, result: Result<T>) -> Result<T> {
    result.map_err(|error| Error::Data(format!("array `{name}`: {error}")))
}
