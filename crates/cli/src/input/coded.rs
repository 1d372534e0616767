//! Tables with words in them: encoded as the table that the model learned from was.

use std::path::{Path, PathBuf};

use ceratops::datasets::csv::{Encoded, Encoder, Table};
use clap::Args;

use super::{Arrays, arrays, name};
use crate::{
    console::Console,
    failure::{Failure, Outcome},
};

/// A table in the place of arrays.
#[derive(Debug, Args)]
pub(crate) struct TableOption {
    /// A .csv with numbers and words, in the place of the arrays: numbers are normalized, each word becomes a
    /// column of zeros and ones. `train` keeps beside the model how, in OUT.table.json, and later tables are
    /// encoded in the same way.
    #[arg(long, value_name = "T.csv")]
    pub(crate) table: Option<PathBuf>,

    /// Leave out the rows of the table in which a cell is missing.
    #[arg(long, requires = "table")]
    pub(crate) drop_missing: bool,
}

/// A table as numbers, and how it became so.
pub(crate) struct Coded {
    pub(crate) x: Arrays,
    /// None where the table does not have the column that is learned.
    pub(crate) y: Option<Arrays>,
    pub(crate) encoder: Encoder,
}

/// Where the encoder of the tables for a model is kept.
pub(crate) fn encoder_of(model: &Path) -> PathBuf {
    let mut path = model.as_os_str().to_owned();
    path.push(".table.json");
    path.into()
}

impl TableOption {
    /// The table for a model in a file at `model`; none if none was given.
    pub(crate) fn for_model(&self, model: &Path, console: &Console) -> Outcome<Option<Coded>> {
        let Some(path) = &self.table else { return Ok(None) };
        let beside = encoder_of(model);
        if !beside.exists() {
            return Err(Failure::failed(format!(
                "{}: there is no {} that says how its tables are encoded; `ceratops train --table` writes it \
                 beside the model, and it must go where the model goes",
                name(model),
                beside.display()
            )));
        }
        let encoder = Encoder::load(&beside)?;
        coded(path, &self.read(path, console)?, encoder, console).map(Some)
    }

    /// The table that a model is to learn from, whose column `target` is learned. A model that learned from a
    /// table before goes on with its encoder.
    pub(crate) fn to_learn(
        &self,
        target: Option<&str>,
        model: &Path,
        console: &Console,
    ) -> Outcome<Option<Coded>> {
        let Some(path) = &self.table else { return Ok(None) };
        if encoder_of(model).exists() {
            let coded = self.for_model(model, console)?;
            let known = coded.as_ref().map_or("", |coded| coded.encoder.target());
            if target.is_none_or(|target| target == known) {
                return Ok(coded);
            }
            let message = format!(
                "{} learns `{known}`, as {} says; leave out --target, or take a model that has not learned",
                name(model),
                encoder_of(model).display()
            );
            return Err(Failure::failed(message));
        }
        let Some(target) = target else {
            let message = "--table needs --target COLUMN, the column that is to be learned";
            return Err(Failure::Usage(message.into()));
        };
        let table = self.read(path, console)?;
        let encoder = table.encoder(target)?.normalized(&table)?;
        let classes = match encoder.class_names() {
            [] => String::new(),
            names => format!("; classes: {}", names.join(", ")),
        };
        let count = encoder.feature_names().len();
        console.note(format_args!("{}: {count} features{classes}", path.display()));
        coded(path, &table, encoder, console).map(Some)
    }

    fn read(&self, path: &Path, console: &Console) -> Outcome<Table> {
        let table = match arrays(path)? {
            Arrays::Table(table, None) => table,
            _ => {
                let message = format!("--table {}: expected the path of a .csv", path.display());
                return Err(Failure::failed(message));
            }
        };
        if !self.drop_missing {
            return Ok(table);
        }
        let before = table.len();
        let table = table.drop_missing()?;
        if table.len() < before {
            let left = before - table.len();
            console.note(format_args!(
                "{}: {left} of {before} rows left out, where cells are missing",
                path.display()
            ));
        }
        Ok(table)
    }
}

fn coded(path: &Path, table: &Table, encoder: Encoder, console: &Console) -> Outcome<Coded> {
    let Encoded { x, y, unknown } = encoder.encode(table)?;
    for unknown in unknown {
        console.note(format_args!("{}: {unknown}; it counts as none of its words", path.display()));
    }
    Ok(Coded { x: Arrays::One(x.into()), y: y.map(|y| Arrays::One(y.into())), encoder })
}
