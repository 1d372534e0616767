//! A file of events: records of TensorFlow's, one behind the other.

use std::{
    fs::{self, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use ceratops_core::{Error, Result};

use super::{
    crc::masked,
    event::{self, Data},
};

/// A file of events that grows.
#[derive(Debug)]
pub(super) struct EventWriter {
    path: PathBuf,
    file: BufWriter<fs::File>,
}

impl EventWriter {
    /// Begins a new file in `folder`, which is made if it is not there.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        let fault = |e: io::Error| Error::io(folder.display(), e);
        fs::create_dir_all(folder).map_err(fault)?;
        let (seconds, host, process) = (now() as u64, host(), process::id());
        for number in 0_u32.. {
            let name = format!("events.out.tfevents.{seconds:010}.{host}.{process}.{number}.v2");
            let path = folder.join(name);
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(Error::io(path.display(), e)),
                Ok(file) => {
                    let mut writer = Self { path, file: BufWriter::new(file) };
                    writer.record(&event::version(now()))?;
                    writer.flush()?;
                    return Ok(writer);
                }
            }
        }
        Err(Error::io(folder.display(), "there are too many files of events"))
    }

    /// Adds a value.
    pub(super) fn write(&mut self, step: u64, tag: &str, data: Data<'_>) -> Result<()> {
        self.record(&event::summary(now(), step, tag, data))
    }

    /// Hands what was added to the system.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.file.flush().map_err(|e| Error::io(self.path.display(), e))
    }

    /// Adds a record: its length, its bytes, and the sums of both.
    fn record(&mut self, bytes: &[u8]) -> Result<()> {
        let length = (bytes.len() as u64).to_le_bytes();
        let mut record = Vec::with_capacity(bytes.len() + 16);
        record.extend(length);
        record.extend(masked(&length).to_le_bytes());
        record.extend(bytes);
        record.extend(masked(bytes).to_le_bytes());
        self.file.write_all(&record).map_err(|e| Error::io(self.path.display(), e))
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// The name of the machine, of letters that may stand in a file's name.
fn host() -> String {
    let told = ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let name = told.or_else(|| fs::read_to_string("/etc/hostname").ok()).unwrap_or_default();
    let allowed = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
    let name: String = name.trim().chars().filter(allowed).take(64).collect();
    if name.is_empty() { "localhost".into() } else { name }
}
