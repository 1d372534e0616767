//! Files that are being written, beside their places: `.ceratops-OUTPUT-HOST-PROCESS-NUMBER.part`.
//!
//! Whoever writes one has it locked. The system takes the lock away when the process dies, however it
//! dies, so that a file without one is left behind. Numbers of processes say nothing of that: they are
//! used again, and mean others in containers and on other machines.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// What such files end in.
const ENDING: &str = ".part";

/// Creates a file in the same folder, under a name that no other thread and no other process takes.
pub(super) fn create_beside(place: &Path) -> io::Result<(File, PathBuf)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // There are no processes in a browser, and asking for one's number ends the program.
    let process = if cfg!(target_family = "wasm") { 0 } else { std::process::id() };
    let begin = begin(place);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = place.with_file_name(format!("{begin}{process}-{number}{ENDING}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            // Left behind by a process of the same number.
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Ok(file) if is_taken(&file, &path) => {}
            created => return created.map(|file| (file, path)),
        }
    }
}

/// Whether somebody who sweeps came between a file and its lock.
fn is_taken(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => !path.exists(),
        Err(TryLockError::WouldBlock) => true,
        // Some file systems have no locks; nobody sweeps there either.
        Err(TryLockError::Error(_)) => false,
    }
}

/// Removes what processes of this machine that died while they wrote `place` have left beside it. What
/// cannot be known to be left behind stays.
pub(crate) fn sweep(place: &Path) {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else { return };
    let begin = begin(place);
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Others may have put a link or a pipe there.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && name.starts_with(&begin) && name.ends_with(ENDING) {
            let file = OpenOptions::new().write(true).open(entry.path());
            if file.is_ok_and(|file| file.try_lock().is_ok()) {
                drop(fs::remove_file(entry.path()));
            }
        }
    }
}

/// What the names of the files beside `place` begin with.
fn begin(place: &Path) -> String {
    let output = hash(place.file_name().unwrap_or_default());
    format!(".ceratops-{output:08x}-{:08x}-", *HOST)
}

/// This machine: the locks of others may not be seen here.
static HOST: LazyLock<u32> = LazyLock::new(|| {
    let told = ["/proc/sys/kernel/hostname", "/etc/hostname"].map(fs::read_to_string);
    let told = told.into_iter().find_map(Result::ok);
    let name =
        told.or_else(|| ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|n| std::env::var(n).ok()));
    hash(OsStr::new(name.unwrap_or_default().trim()))
});

/// Fowler, Noll and Vo's hash, 1a.
fn hash(name: &OsStr) -> u32 {
    let mix = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    name.as_encoded_bytes().iter().fold(0x811c_9dc5, mix)
}
