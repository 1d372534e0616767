//! Arrays in: `.npy`, `.npz` and `.csv`, from a file or from the standard input.

mod arrays;
mod coded;
mod table;

use std::{
    fs::{self, File},
    io::{BufReader, Cursor, Read, Seek, SeekFrom, stdin},
    path::{Path, PathBuf},
};

use ceratops::{
    Error, Result, Tensor,
    core::{Arrays as Given, Inputs, Samples},
    datasets::csv,
    formats::npy::{self, NpyFile},
    layers::Model,
};

pub(crate) use self::{
    arrays::{Arrays, Ends},
    coded::{Coded, TableOption, encoder_of},
};
use crate::{
    console::Console,
    failure::{Failure, Outcome},
    model,
};

/// What every path to an array may be, for the help.
pub(crate) const HELP: &str = "\
Arrays are NumPy's: .npy, or .npz with one array or with those named `x` and `y`; `data.npz:name` \
takes the array of that name, and `-` is the standard input. For a model of several inputs or outputs \
the arrays of a .npz have their names. A table is a .csv with the names of its columns in the first line: \
each input takes the column of its name, or a single one all columns; `table.csv:a,b` takes those. Inputs of \
strings take words, and arrays of strings or integers.";

/// A trained model, and the samples at `path` for its inputs.
pub(crate) fn samples_for(
    source: &model::Source,
    path: &Path,
    console: &Console,
) -> Outcome<(Model, Inputs)> {
    let arrays = arrays(path)?;
    let sample = arrays.sample("x")?;
    let sample =
        sample.ok_or_else(|| Failure::failed("the file of the samples holds no arrays"))?;
    let model = source.open_trained(&sample, console)?.model;
    let given = arrays.given(&Ends::inputs(&model), path)?;
    let x = given.try_map(|samples| samples.read(0..samples.len()))?;
    Ok((model.into(), x))
}

/// The right answers at `path` for the only output of a model.
pub(crate) fn labels_for(model: &Model, path: &Path) -> Result<Tensor> {
    let given = arrays(path)?.given(&Ends::outputs(model), path)?;
    let only = given.iter().next().cloned();
    let only = only.ok_or_else(|| Error::Data(format!("{}: no labels", name(path))))?;
    only.read(0..only.len())
}

/// The arrays at `path`.
pub(crate) fn arrays(path: &Path) -> Result<Arrays> {
    let (file, name) = split(path);
    within(&file, read(&file, name.as_deref()))
}

/// The tensors, where all are in memory.
pub(crate) fn in_memory(given: &Given) -> Option<Inputs> {
    let tensor = |samples: Samples| {
        samples.in_memory().cloned().ok_or_else(|| Error::Data("not in memory".into()))
    };
    given.clone().try_map(tensor).ok()
}

/// The largest `.npy` that is read as a whole: 1 GiB.
const READ_AS_A_WHOLE: u64 = 1 << 30;

/// The arrays at `path`, of which a large `.npy` is read piece by piece, as the samples are needed, so
/// that it may be larger than memory.
pub(crate) fn samples(path: &Path) -> Result<Arrays> {
    let is_large =
        fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > READ_AS_A_WHOLE);
    if is_large && path.extension().is_some_and(|ending| ending == "npy") {
        return within(path, NpyFile::open(path)).map(|file| Arrays::Large(file.into()));
    }
    arrays(path)
}

/// The file that a path to an array leads to.
pub(crate) fn file(path: &Path) -> PathBuf {
    split(path).0
}

/// The path of the file, and the name of the array in it, or of its columns, if there is one.
fn split(path: &Path) -> (PathBuf, Option<String>) {
    if let Some((file, name)) = path.to_str().and_then(|text| text.rsplit_once(':'))
        && [".npz", ".csv"].iter().any(|ending| file.ends_with(ending))
    {
        return (file.into(), Some(name.to_owned()));
    }
    (path.to_owned(), None)
}

/// What can be read and gone back in.
trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// The most bytes that are taken from what has no length, such as a pipe, which may have no end.
const MOST_PIPED: u64 = 1 << 30;

/// All bytes of a stream whose length is not known; nothing more is read once its beginning shows
/// that it is of no use here.
pub(crate) fn piped(mut from: impl Read, name: &str) -> Result<Vec<u8>> {
    let failed = |e| Error::io(name, e);
    let mut bytes = Vec::new();
    from.by_ref().take(1 << 12).read_to_end(&mut bytes).map_err(failed)?;
    // No file begins so, and a device of zeros has no end.
    if bytes.len() == 1 << 12 && bytes.iter().all(|&byte| byte == 0) {
        return Err(Error::Data(format!("{name} gives zeros and no file")));
    }
    from.take(MOST_PIPED).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_PIPED {
        return Err(Error::Data(format!(
            "{name} gives more than {MOST_PIPED} bytes; write them to a file, and give its path"
        )));
    }
    Ok(bytes)
}

/// The text of the file at `path`, which may be a device without end.
pub(crate) fn text_at(path: &Path) -> Result<String> {
    let name = name(path);
    File::open(path).map_err(|e| Error::io(&name, e)).and_then(|file| text(file, &name))
}

/// The text of a stream, as [`piped`].
pub(crate) fn text(from: impl Read, name: &str) -> Result<String> {
    let bytes = piped(from, name)?;
    String::from_utf8(bytes).map_err(|e| Error::io(name, format!("this is no text: {e}")))
}

/// A file as it is; of what one cannot go back in, all of its bytes.
fn open(path: &Path) -> Result<Box<dyn Source>> {
    let failed = |e| Error::io(name(path), e);
    if path == Path::new("-") {
        return Ok(Box::new(Cursor::new(piped(stdin().lock(), &name(path))?)));
    }
    let file = fs::metadata(path).map_err(failed)?;
    if file.is_dir() {
        return Err(Error::io(name(path), "this is a folder; expected a .npy, .npz or .csv file"));
    }
    let source = File::open(path).map_err(failed)?;
    if file.is_file() {
        return Ok(Box::new(BufReader::new(source)));
    }
    Ok(Box::new(Cursor::new(piped(source, &name(path))?)))
}

/// The arrays of a file; `name` is what stands behind the colon.
fn read(path: &Path, name: Option<&str>) -> Result<Arrays> {
    let mut source = open(path)?;
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
        let table = csv::from_reader(&self::name(path), source, csv::Format::default())?;
        let columns = name.map(|names| names.split(',').map(|name| name.trim().into()).collect());
        return Ok(Arrays::Table(table, columns));
    }
    let failed = |e| Error::Data(format!("cannot be read: {e}"));
    let mut start = Vec::new();
    source.by_ref().take(2).read_to_end(&mut start).map_err(failed)?;
    source.seek(SeekFrom::Start(0)).map_err(failed)?;
    match (start.as_slice(), name) {
        ([], _) => Err(Error::Data("this file is empty; expected a .npy or .npz file".into())),
        (b"PK", None) => npy::read_arrays(source).map(Arrays::Named),
        (b"PK", Some(name)) => {
            let arrays = npy::read_arrays(source)?;
            let names = arrays::names_of(&arrays);
            let found = arrays.into_iter().find(|(known, _)| known == name);
            found.map(|(_, array)| Arrays::One(array)).ok_or_else(|| arrays::none(&names, name))
        }
        (_, Some(_)) => Err(Error::Data("this is no .npz file: it holds no names".into())),
        (_, None) => npy::read_array(source).map(Arrays::One),
    }
}

/// Puts the file's name in front of an error that does not have it.
fn within<T>(path: &Path, result: Result<T>) -> Result<T> {
    result.map_err(|error| match error {
        error @ Error::Io { .. } => error,
        error => {
            let (name, text) = (name(path), error.to_string());
            Error::Data(if text.starts_with(&name) { text } else { format!("{name}: {text}") })
        }
    })
}

/// Refuses a command line on which several paths are the standard input, which can be read once.
pub(crate) fn one_stream<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Outcome<()> {
    if paths.into_iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        let message = "only one of the model and the arrays can be the standard input";
        return Err(Failure::Usage(message.into()));
    }
    Ok(())
}

/// What a path is called in messages.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "the standard input".into() } else { path.display().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_behind_npz_and_csv_only() {
        let of = |path: &str| {
            let (file, name) = split(Path::new(path));
            (file.to_str().unwrap().to_owned(), name)
        };
        assert_eq!(of("a/b.npz:x_test"), ("a/b.npz".into(), Some("x_test".into())));
        assert_eq!(of("a/b.csv:age,sex"), ("a/b.csv".into(), Some("age,sex".into())));
        assert_eq!(of("a:b.npy"), ("a:b.npy".into(), None));
        assert_eq!(of(r"c:\b.npz"), (r"c:\b.npz".into(), None));
    }
}
