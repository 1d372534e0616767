//! The kinds of files: their names, their extensions, and how a file tells its own.

use std::{fmt, path::Path, str::FromStr};

use ceratops_core::{Error, Result};

use crate::json::Words;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `.keras`: a zip archive (or an unpacked folder) of config, weights and training state,
    /// written by Keras 2.12 and later.
    Keras,
    /// `.h5`, `.hdf5`: the legacy whole model of Keras 1 to 3. Written in the words of Keras 2,
    /// which Keras 3 reads too.
    H5,
    /// The same in the words of Keras 3, which Keras 2 does not read: training goes on there with
    /// what the optimizer remembers.
    Keras3H5,
    /// `.weights.h5`: the weights by class and place, written by Keras 2.12 and later.
    WeightsH5,
    /// `.json`: the architecture as Keras 3 writes it.
    Json,
    /// The architecture as Keras 2 writes it.
    Keras2Json,
    /// The architecture in words that Keras 3, Keras 2 and TensorFlow.js all read.
    PortableJson,
    /// `model.json` of TensorFlow.js, with its shards of weights beside it.
    TensorFlowJs,
    /// `.safetensors`: weights by name.
    Safetensors,
    /// `.npz`: weights as NumPy arrays.
    Npz,
}

/// What a kind of file is called, and what it ends in.
struct Row {
    format: Format,
    name: &'static str,
    endings: &'static [&'static str],
}

/// Longer endings first: `m.weights.h5` is no `.h5`.
const TABLE: &[Row] = &[
    Row { format: Format::WeightsH5, name: "weights.h5", endings: &[".weights.h5"] },
    Row { format: Format::Keras, name: "keras", endings: &[".keras"] },
    Row { format: Format::H5, name: "h5", endings: &[".h5", ".hdf5"] },
    Row { format: Format::Keras3H5, name: "keras3-h5", endings: &[] },
    Row { format: Format::Keras2Json, name: "keras2-json", endings: &[] },
    Row { format: Format::PortableJson, name: "portable-json", endings: &[] },
    Row { format: Format::TensorFlowJs, name: "tfjs", endings: &["/model.json"] },
    Row { format: Format::Json, name: "json", endings: &[".json"] },
    Row { format: Format::Safetensors, name: "safetensors", endings: &[".safetensors"] },
    Row { format: Format::Npz, name: "npz", endings: &[".npz"] },
];

impl Format {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.format)
    }

    /// The kind's name, as `ceratops convert --to` takes it.
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.format == self).map_or("", |row| row.name)
    }

    /// Whose words an architecture is written in; none in files of weights alone.
    pub(crate) fn words(self) -> Option<Words> {
        match self {
            Self::Keras | Self::Keras3H5 | Self::Json => Some(Words::Keras3),
            Self::H5 => Some(Words::Keras2And3),
            Self::Keras2Json => Some(Words::Keras2),
            Self::PortableJson => Some(Words::Portable),
            Self::TensorFlowJs => Some(Words::TensorFlowJs),
            Self::WeightsH5 | Self::Safetensors | Self::Npz => None,
        }
    }

    /// The kind that a path's ending stands for.
    ///
    /// ```
    /// use ceratops_formats::Format;
    ///
    /// assert_eq!(Format::of_path("net.weights.h5".as_ref())?, Format::WeightsH5);
    /// assert_eq!(Format::of_path("web/model.json".as_ref())?, Format::TensorFlowJs);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn of_path(path: &Path) -> Result<Self> {
        let text = format!("/{}", path.to_string_lossy().replace('\\', "/").to_lowercase());
        let ends = |row: &&Row| row.endings.iter().any(|ending| text.ends_with(ending));
        TABLE.iter().find(ends).map(|row| row.format).ok_or_else(|| {
            let known: Vec<&str> = TABLE.iter().flat_map(|row| row.endings).copied().collect();
            let expected = format!("a path that ends in one of {}", known.join(", "));
            Error::argument("path", expected, format!("\"{}\"", path.display()))
                .with_help("or name the format (`save_as`, `--to`)")
        })
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let names = TABLE.iter().map(|row| row.name);
        let found = TABLE.iter().find(|row| row.name == name).map(|row| row.format);
        found.ok_or_else(|| Error::unknown("format", name, names))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
