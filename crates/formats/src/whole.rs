//! Writing a file so that it is there as a whole or not at all.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use ceratops_core::{Error, Result};

/// Writes `path` by `write`: beside it first, then in its place by renaming. Where anything fails,
/// what stood at `path` is as it was. A link is followed, and what is no plain file (a pipe, a
/// device) is written to and not replaced.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
) -> Result<()> {
    let target = fs::canonicalize(path);
    let path = target.as_deref().unwrap_or(path);
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return write_to(path, write);
    }
    let beside = beside(path)?;
    let written = write_to(&beside, write)
        .and_then(|()| fs::rename(&beside, path).map_err(|e| Error::io(path.display(), e)));
    if written.is_err() {
        // The first error is the one to tell.
        drop(fs::remove_file(&beside));
    }
    written
}

fn write_to(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let failed = |e| Error::io(path.display(), e);
    let mut file = BufWriter::with_capacity(1 << 18, File::create(path).map_err(failed)?);
    write(&mut file)?;
    file.flush().map_err(failed)
}

/// A path in the same folder that no other thread and no other process takes.
fn beside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| {
        Error::argument("path", "the path of a file", format!("\"{}\"", path.display()))
    })?;
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // There are no processes in a browser, and asking for one's number ends the program.
    let process = if cfg!(target_family = "wasm") { 0 } else { std::process::id() };
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{process}-{}.part", COUNT.fetch_add(1, Ordering::Relaxed)));
    Ok(path.with_file_name(beside))
}
