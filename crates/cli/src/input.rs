//! Arrays in: `.npy` and `.npz`, from a file or from the standard input.

use std::{
    fs::{self, File},
    io::{BufReader, Cursor, Read, Seek, SeekFrom, stdin},
    iter,
    path::{Path, PathBuf},
};

use ceratops::{
    Error, Result, Tensor,
    core::{Arrays as Given, Inputs, Samples},
    formats::npy::{self, NpyFile},
    layers::Model,
};

use crate::failure::{Failure, Outcome};

/// What every path to an array may be, for the help.
pub(crate) const HELP: &str = "\
Arrays are NumPy's: .npy, or .npz with one array or with those named `x` and `y`; `data.npz:name` \
takes the array of that name, and `-` is the standard input. For a model of several inputs or outputs \
the arrays of a .npz have their names.";

/// The array at `path`; of several in a `.npz` the one behind a colon in `path`, or else that named
/// `role` (`x` or `y`).
pub(crate) fn array(path: &Path, role: &str) -> Result<Tensor> {
    let (file, name) = split(path);
    within(&file, open(&file).and_then(|source| read(source, name.as_deref(), role)))
}

/// The arrays of a file: one, or several under their names.
#[derive(Debug)]
pub(crate) enum Arrays {
    /// A `.npy`, or the array of a `.npz` that was asked for.
    One(Tensor),
    /// A large `.npy`, which is read piece by piece.
    Large(Samples),
    /// All of a `.npz`.
    Named(Vec<(String, Tensor)>),
}

/// The arrays at `path`.
pub(crate) fn arrays(path: &Path) -> Result<Arrays> {
    let (file, name) = split(path);
    within(&file, open(&file).and_then(|source| read_all(source, name.as_deref())))
}

/// The inputs or the outputs of a model: what the arrays for them may be called.
pub(crate) struct Ends {
    /// What the array for the only one is called besides: `x` or `y`.
    role: &'static str,
    /// The layers' names.
    names: Vec<String>,
    /// The keys, where the model was made of dictionaries; else the names.
    keys: Vec<String>,
}

impl Ends {
    /// The inputs of `model`.
    pub(crate) fn inputs(model: &Model) -> Self {
        let names = model.input_names().into_iter().map(str::to_owned).collect();
        Self { role: "x", names, keys: model.input_keys() }
    }

    /// The outputs of `model`.
    pub(crate) fn outputs(model: &Model) -> Self {
        Self { role: "y", names: model.output_names(), keys: model.output_keys() }
    }
}

impl Arrays {
    /// What these inputs or outputs of a model are given: the only one its array, several those of their
    /// names or keys; others are passed over. Each input must be there; of the outputs the model says
    /// which it needs.
    pub(crate) fn given(self, ends: &Ends, path: &Path) -> Result<Given> {
        let Ends { role, names, keys } = ends;
        let of_file = |result: Result<Given>| within(&split(path).0, result);
        let (arrays, names) = match (self, names.as_slice()) {
            (Self::One(array), [] | [_]) => return Ok(array.into()),
            (Self::Large(samples), [] | [_]) => return Ok(samples.into()),
            (Self::Named(arrays), names @ ([] | [_])) => {
                let mut wanted = iter::once(*role).chain(names.iter().chain(keys).map(|n| &**n));
                let known = |wanted: &&str| arrays.iter().any(|(name, _)| name == wanted);
                let wanted = wanted.find(known).unwrap_or(role);
                return of_file(pick(arrays.clone(), None, wanted).map(Given::from));
            }
            (Self::Named(arrays), names) => (arrays, names),
            (_, names) => {
                let message = format!(
                    "this is one array, and the model has {}: give a .npz whose arrays have these names",
                    names.join(", ")
                );
                return of_file(Err(Error::Data(message)));
            }
        };
        let mut meant = Vec::with_capacity(names.len());
        for (name, key) in names.iter().zip(keys) {
            match arrays.iter().find(|(known, _)| known == name || known == key) {
                Some((_, array)) => meant.push((key.clone(), array.clone())),
                None if *role == "x" => return of_file(Err(none(&names_of(&arrays), name))),
                None => {}
            }
        }
        if meant.is_empty() {
            return of_file(Err(none(&names_of(&arrays), &names.join("` or `"))));
        }
        Ok(meant.into())
    }

    /// A sample of the array that comes first, or of that named `role`: from its shape a model without
    /// one is built.
    pub(crate) fn sample(&self, role: &str) -> Result<Option<Tensor>> {
        let one = |array: &Tensor| match array.ndim() {
            0 => Ok(array.clone()),
            _ => array.batch_slice(0..array.batch().min(1)),
        };
        match self {
            Self::One(array) => one(array).map(Some),
            Self::Large(samples) => samples.read(0..samples.len().min(1)).map(Some),
            Self::Named(arrays) => {
                let of_role = arrays.iter().find(|(name, _)| name == role);
                of_role.or(arrays.first()).map(|(_, array)| one(array)).transpose()
            }
        }
    }
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

/// The path of the file, and the name of the array in it, if there is one.
fn split(path: &Path) -> (PathBuf, Option<String>) {
    if let Some((file, name)) = path.to_str().and_then(|text| text.rsplit_once(':'))
        && file.ends_with(".npz")
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
        return Err(Error::io(name(path), "this is a folder; expected a .npy or .npz file"));
    }
    let source = File::open(path).map_err(failed)?;
    if file.is_file() {
        return Ok(Box::new(BufReader::new(source)));
    }
    Ok(Box::new(Cursor::new(piped(source, &name(path))?)))
}

fn read(mut source: Box<dyn Source>, name: Option<&str>, role: &str) -> Result<Tensor> {
    let failed = |e| Error::Data(format!("cannot be read: {e}"));
    let mut start = Vec::new();
    source.by_ref().take(2).read_to_end(&mut start).map_err(failed)?;
    source.seek(SeekFrom::Start(0)).map_err(failed)?;
    match start.as_slice() {
        [] => Err(Error::Data("this file is empty; expected a .npy or .npz file".into())),
        b"PK" => pick(npy::read_npz(source)?, name, role),
        _ if name.is_some() => Err(Error::Data("this is no .npz file: it holds no names".into())),
        _ => npy::read_npy(source),
    }
}

fn read_all(mut source: Box<dyn Source>, name: Option<&str>) -> Result<Arrays> {
    let failed = |e| Error::Data(format!("cannot be read: {e}"));
    let mut start = Vec::new();
    source.by_ref().take(2).read_to_end(&mut start).map_err(failed)?;
    source.seek(SeekFrom::Start(0)).map_err(failed)?;
    if start == b"PK" && name.is_none() {
        return npy::read_npz(source).map(Arrays::Named);
    }
    read(source, name, "").map(Arrays::One)
}

fn names_of(arrays: &[(String, Tensor)]) -> Vec<String> {
    arrays.iter().map(|(name, _)| name.clone()).collect()
}

/// The array that is meant among those of a `.npz`.
fn pick(arrays: Vec<(String, Tensor)>, name: Option<&str>, role: &str) -> Result<Tensor> {
    let names = names_of(&arrays);
    if let (None, 1) = (name, arrays.len()) {
        return arrays.into_iter().next().map(|(_, array)| array).ok_or_else(|| none(&names, role));
    }
    let wanted = name.unwrap_or(role);
    let found = arrays.into_iter().find(|(name, _)| name == wanted);
    found.map(|(_, array)| array).ok_or_else(|| none(&names, wanted))
}

fn none(names: &[String], wanted: &str) -> Error {
    let names = if names.is_empty() { "nothing".into() } else { names.join(", ") };
    Error::Data(format!(
        "no array is named `{wanted}`; the file holds {names} (take one with `file.npz:name`)"
    ))
}

/// Puts the file's name in front of an error that does not have it.
fn within<T>(path: &Path, result: Result<T>) -> Result<T> {
    result.map_err(|error| match error {
        error @ Error::Io { .. } => error,
        error => Error::Data(format!("{}: {error}", name(path))),
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
    fn a_name_stands_behind_npz_only() {
        let of = |path: &str| {
            let (file, name) = split(Path::new(path));
            (file.to_str().unwrap().to_owned(), name)
        };
        assert_eq!(of("a/b.npz:x_test"), ("a/b.npz".into(), Some("x_test".into())));
        assert_eq!(of("a:b.npy"), ("a:b.npy".into(), None));
        assert_eq!(of(r"c:\b.npz"), (r"c:\b.npz".into(), None));
    }
}
