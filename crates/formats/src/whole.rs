//! Writing a file so that it is there as a whole or not at all.

mod beside;

use std::{
    fs::{self, File, OpenOptions},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use ceratops_core::{Error, Result};

use beside::create_beside;
pub(crate) use beside::sweep;

/// Writes `path` by `write`: beside it first, then in its place by renaming. Where anything fails,
/// what stood at `path` is as it was.
///
/// A file that is replaced keeps its permissions; a link keeps leading to where it led. What is
/// neither file nor folder (a pipe, a device) is written to, and stays what it is.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
) -> Result<()> {
    if fs::metadata(path).is_ok_and(|old| !old.is_file() && !old.is_dir()) {
        return write_through(path, write);
    }
    Beside::write(path, write)?.put()
}

fn write_through(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
) -> Result<()> {
    let failed = |e| Error::io(path.display(), e);
    let mut file = BufWriter::new(OpenOptions::new().write(true).open(path).map_err(failed)?);
    write(&mut file).map_err(|e| about(e, path))?;
    file.flush().map_err(failed)
}

/// The same error, about the file that is written and not a part of it.
fn about(error: Error, path: &Path) -> Error {
    match error {
        Error::Io { message, .. } => Error::io(path.display(), message),
        error => error,
    }
}

/// Refuses a path that [`write_whole`] could not write to: to be asked before the work is done.
///
/// What processes that died while they wrote that file have left beside it is removed.
pub fn check_writable(path: &Path) -> Result<()> {
    if fs::metadata(path).is_ok_and(|old| !old.is_file() && !old.is_dir()) {
        return Ok(());
    }
    let place = target(path)?;
    sweep(&place);
    let (_file, written) = create_beside(&place).map_err(|e| Error::io(path.display(), e))?;
    fs::remove_file(&written).map_err(|e| Error::io(written.display(), e))
}

/// A file that is written, but not yet in its place; dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Beside {
    written: PathBuf,
    place: PathBuf,
    /// Open until it is in its place, so that nobody takes it for left behind.
    file: File,
}

impl Beside {
    /// Writes what shall stand at `path`.
    pub(crate) fn write(
        path: &Path,
        write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
    ) -> Result<Self> {
        let failed = |e| Error::io(path.display(), e);
        let place = target(path)?;
        let (file, written) = create_beside(&place).map_err(failed)?;
        let beside = Self { written, place, file: file.try_clone().map_err(failed)? };
        let mut file = BufWriter::with_capacity(1 << 18, file);
        write(&mut file).map_err(|e| about(e, path))?;
        file.flush().map_err(failed)?;
        if let Ok(old) = fs::metadata(&beside.place) {
            beside.file.set_permissions(old.permissions()).map_err(failed)?;
            // Else, were the power cut, the new name could be on the disk before the numbers, and
            // the old file lost. Where there is none, nothing can be, and nobody waits for the disk.
            beside.file.sync_all().map_err(failed)?;
        }
        Ok(beside)
    }

    /// Puts it in its place.
    pub(crate) fn put(self) -> Result<()> {
        fs::rename(&self.written, &self.place).map_err(|e| Error::io(self.place.display(), e))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Put in its place, it is no longer here, and that is well.
        drop(fs::remove_file(&self.written));
    }
}

/// The file itself, where `path` is a link to one.
fn target(path: &Path) -> Result<PathBuf> {
    let refused =
        |expected: &str| Err(Error::argument("path", expected, format!("\"{}\"", path.display())));
    if path.file_name().is_none() {
        return refused("the path of a file");
    }
    let Ok(old) = fs::metadata(path) else { return Ok(path.into()) };
    if !old.is_file() {
        // A folder, or a device, which renaming would replace.
        return refused("the path of a file, or of none yet");
    }
    if old.permissions().readonly() {
        return refused("a file that may be written");
    }
    Ok(if path.is_symlink() { fs::canonicalize(path).unwrap_or(path.into()) } else { path.into() })
}
