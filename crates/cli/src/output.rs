//! Arrays out: `.npy`, `.npz`, `.csv`, `.json`, a folder of `.npy` files, or the standard output.

mod answers;

use std::{
    fs,
    io::{IsTerminal, Write, stdout},
    path::{Path, PathBuf},
};

use ceratops::{
    Error, Result, Tensor,
    formats::{check_writable, npy, write_whole},
};

pub(crate) use self::answers::Answers;
use crate::{
    console::Console,
    failure::{Failure, Outcome},
};

/// Arrays under their names.
pub(crate) type Named = Vec<(String, Tensor)>;

/// Refuses a place that could not be written to, before the work is done.
pub(crate) fn check(path: &Path, count: usize) -> Outcome<()> {
    if path == Path::new("-") {
        if stdout().is_terminal() {
            let message = "the output is binary, and the standard output is a terminal; redirect \
                           it, or name a file";
            return Err(Failure::Usage(message.into()));
        }
        if count > 1 {
            return Err(Failure::failed(format!(
                "the model has {count} outputs, and the standard output takes one; name a .npz \
                 file or a folder"
            )));
        }
        return Ok(());
    }
    known_ending(path, count)?;
    if count > 1 && has_ending(path, "npy") {
        let path = path.display();
        return Err(Failure::failed(format!(
            "{path}: the model has {count} outputs, and a .npy file holds one; name a .npz file or \
             a folder"
        )));
    }
    if count == 1 && path.is_dir() {
        let path = path.display();
        return Err(Failure::failed(format!("{path}: this is a folder; name a .npy or .npz file")));
    }
    let is_file =
        count == 1 || ["npz", "csv", "json"].iter().any(|ending| has_ending(path, ending));
    Ok(if is_file { check_file(path) } else { check_folder(path) }?)
}

/// Refuses an ending that says nothing of the kind of file; where there are several outputs, a name without one
/// is a folder's.
fn known_ending(path: &Path, count: usize) -> Outcome<()> {
    let is_known = ["npy", "npz", "csv", "json"].iter().any(|ending| has_ending(path, ending));
    if is_known || path.is_dir() || count > 1 && path.extension().is_none() {
        return Ok(());
    }
    let (path, folder) = (path.display(), if count > 1 { ", or a folder" } else { "" });
    Err(Failure::failed(format!(
        "{path}: the ending says which kind of file to write; name a .npy, .npz, .csv or .json file{folder}"
    )))
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// Refuses a file that could not be written. Nothing is left there.
pub(crate) fn check_file(path: &Path) -> Result<()> {
    exists(path)?;
    check_writable(path)
}

/// Refuses a folder that could not be made or written to. Nothing is left there.
pub(crate) fn check_folder(path: &Path) -> Result<()> {
    let there = path.ancestors().find(|folder| folder.exists());
    // Of a path that does not begin at the root, the last ancestor is nothing.
    match there.unwrap_or(Path::new(".")) {
        folder if folder.is_dir() => check_writable(&folder.join("a.file"))
            .map_err(|_| Error::io(path.display(), "files cannot be written in this folder")),
        file => Err(Error::io(file.display(), "this is no folder")),
    }
}

/// The files that [`write`] makes of arrays of these names.
pub(crate) fn files(path: &Path, names: &[String]) -> Vec<PathBuf> {
    if names.len() == 1 || ["npz", "csv", "json"].iter().any(|ending| has_ending(path, ending)) {
        return vec![path.into()];
    }
    (0..).zip(names).map(|(number, name)| path.join(file_name(number, name))).collect()
}

/// What an output's file in a folder is called.
fn file_name(number: usize, name: &str) -> String {
    // A name comes from the model's file, and must not lead out of the folder.
    let plain = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    format!("{number}_{name}.npy")
}

/// Refuses a path in a folder that is not there.
pub(crate) fn exists(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.is_dir()) {
        Some(folder) => Err(Error::io(path.display(), format!("no folder {}", folder.display()))),
        None => Ok(()),
    }
}

/// Writes the answers as the ending of the path says; several arrays without one as `.npy` files in a folder.
pub(crate) fn write(path: &Path, answers: &Answers<'_>, console: &Console) -> Outcome<()> {
    let arrays = answers.outputs;
    let text = |text: String| {
        let written = |file: &mut dyn Write| file.write_all(text.as_bytes());
        write_whole(path, |mut file| written(&mut file).map_err(|e| Error::io(path.display(), e)))
    };
    if has_ending(path, "npz") {
        return Ok(write_whole(path, |file| npy::write_npz(file, arrays))?);
    }
    if has_ending(path, "csv") {
        return Ok(text(answers.csv()?)?);
    }
    if has_ending(path, "json") {
        return Ok(text(answers.json()?)?);
    }
    match arrays.as_slice() {
        [(_, array)] if path == Path::new("-") => {
            let mut bytes = Vec::new();
            npy::write_npy(&mut bytes, array)?;
            console.write(&bytes)
        }
        [(_, array)] => Ok(write_whole(path, |file| npy::write_npy(file, array))?),
        arrays => Ok(write_folder(path, arrays)?),
    }
}

fn write_folder(folder: &Path, arrays: &[(String, Tensor)]) -> Result<()> {
    fs::create_dir_all(folder).map_err(|e| Error::io(folder.display(), e))?;
    for (number, (name, array)) in arrays.iter().enumerate() {
        let path = folder.join(file_name(number, name));
        write_whole(&path, |file| npy::write_npy(file, array))?;
    }
    Ok(())
}
