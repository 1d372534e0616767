//! BackupAndRestore: a training that goes on to the bit after its process died.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use ceratops_core::{Error, Result};
use ceratops_formats::{check_writable, safetensors, write_whole};
use ceratops_train::{Backup, Snapshot};

/// The file in the folder.
const FILE: &str = "latest.safetensors";

/// The name under which the file says where the training stands.
const PROGRESS: &str = "ceratops_training";

/// That of the check sum of all there is.
const CHECK_SUM: &str = "ceratops_check_sum";

/// Keeps a training in a folder while it runs. If the process dies, at any moment, the same program
/// started again goes on from what was kept last, and ends with the same bits as if nothing had
/// happened: weights, what the optimizer remembers, the history and what callbacks remember.
///
/// The folder holds one file, `latest.safetensors`, which is written beside and renamed, so that it is
/// always whole. It is deleted when the training has come to its end, unless told otherwise. While a
/// training runs, another one that would keep its backup in the same folder is refused; the system knows
/// when the process has died.
///
/// ```
/// use ceratops::{callbacks::BackupAndRestore, prelude::*};
///
/// # let folder = std::env::temp_dir().join(format!("ceratops-backup-{}", std::process::id()));
/// let model = sequential![Input::new([1]), Dense::new(1)]?;
/// let mut model = model.compile("sgd", "mse", ())?;
/// let (x, y) = (Tensor::from([[1.0], [2.0]]), Tensor::from([[2.0], [4.0]]));
/// let options = FitOptions::new().epochs(5).backup(BackupAndRestore::new(&folder));
/// model.fit(&x, &y, options)?;
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Keras, `keras.callbacks.BackupAndRestore`.
#[derive(Debug, Clone)]
#[must_use]
pub struct BackupAndRestore {
    folder: PathBuf,
    save_freq: Option<usize>,
    delete_checkpoint: bool,
    /// The folder, open and locked from the beginning of a training on.
    lock: Arc<Mutex<Option<File>>>,
}

impl BackupAndRestore {
    /// Keeps the training in this folder, which is made if it is not there, after every epoch.
    pub fn new(backup_dir: impl Into<PathBuf>) -> Self {
        let (folder, lock) = (backup_dir.into(), Arc::default());
        Self { folder, save_freq: None, delete_checkpoint: true, lock }
    }

    /// Keeps it after every so many batches too.
    pub fn save_freq(self, batches: usize) -> Self {
        Self { save_freq: Some(batches), ..self }
    }

    /// Whether what was kept is deleted when the training has come to its end. If not, the same
    /// program started again with more epochs goes on from there.
    pub fn delete_checkpoint(self, delete: bool) -> Self {
        Self { delete_checkpoint: delete, ..self }
    }

    /// How far the training that is kept has come, if there is one: whole epochs, and batches of the
    /// next.
    pub fn kept(&self) -> Result<Option<(usize, usize)>> {
        self.read()?.map(|snapshot| snapshot.position()).transpose()
    }

    fn read(&self) -> Result<Option<Snapshot>> {
        let file = self.file();
        match fs::read(&file) {
            Ok(bytes) => read(&bytes).map(Some).map_err(|e| about(&file, e)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::io(file.display(), e)),
        }
    }

    /// Deletes what was kept, if there is something.
    pub fn delete(&self) -> Result<()> {
        let file = self.file();
        match fs::remove_file(&file) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io(file.display(), e)),
            _ => Ok(()),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// Keeps other trainings out of the folder; clones of this are let in.
    fn lock(&self) -> Result<()> {
        let mut held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            return Ok(());
        }
        // Where folders have no locks (on Windows, on some networks), nobody is kept out.
        let Ok(folder) = File::open(&self.folder) else { return Ok(()) };
        match folder.try_lock() {
            Ok(()) => *held = Some(folder),
            Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) => {
                let message = "another training that still runs keeps its backup in this folder; wait \
                               for its end, or give this one a folder of its own";
                return Err(Error::io(self.folder.display(), message));
            }
        }
        Ok(())
    }
}

impl Backup for BackupAndRestore {
    fn restore(&mut self) -> Result<Option<Snapshot>> {
        if self.save_freq == Some(0) {
            return Err(Error::argument("save_freq", "at least 1", 0));
        }
        if self.folder.is_file() {
            let found = format!("the file {}", self.folder.display());
            return Err(Error::argument("backup_dir", "a folder, or none yet", found));
        }
        fs::create_dir_all(&self.folder).map_err(|e| Error::io(self.folder.display(), e))?;
        self.lock()?;
        check_writable(&self.file())?;
        self.read()
    }

    fn save_freq(&self) -> Option<usize> {
        self.save_freq
    }

    fn save(&mut self, snapshot: &Snapshot) -> Result<()> {
        let metadata = BTreeMap::from([
            (PROGRESS.to_owned(), snapshot.progress.to_string()),
            (CHECK_SUM.to_owned(), check_sum(snapshot)),
        ]);
        write_whole(&self.file(), |file| safetensors::write(file, &snapshot.tensors, &metadata))
    }

    fn finish(&mut self) -> Result<()> {
        if self.delete_checkpoint { self.delete() } else { Ok(()) }
    }
}

fn read(bytes: &[u8]) -> Result<Snapshot> {
    let metadata = safetensors::metadata(bytes)?;
    let progress = metadata.get(PROGRESS).ok_or_else(|| {
        Error::Data("these are tensors, but nothing says where a training stands".into())
    })?;
    let progress = serde_json::from_str(progress)
        .map_err(|e| Error::Data(format!("where the training stands: {e}")))?;
    let snapshot = Snapshot { progress, tensors: safetensors::read(bytes)? };
    if metadata.get(CHECK_SUM) != Some(&check_sum(&snapshot)) {
        return Err(Error::Data("its numbers are not those that were written".into()));
    }
    Ok(snapshot)
}

/// A number that changes with every bit of it: Fowler, Noll and Vo's hash, 1a, of 32 bits at a time.
fn check_sum(snapshot: &Snapshot) -> String {
    let mix = |hash: u64, word: u32| (hash ^ u64::from(word)).wrapping_mul(0x100_0000_01b3);
    let text = snapshot.progress.to_string();
    let begin = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| mix(hash, byte.into()));
    let hash = snapshot.tensors.iter().fold(begin, |hash, (name, tensor)| {
        let hash = name.bytes().fold(hash, |hash, byte| mix(hash, byte.into()));
        tensor.as_slice().iter().fold(hash, |hash, x| mix(hash, x.to_bits()))
    });
    format!("{hash:016x}")
}

fn about(file: &Path, error: Error) -> Error {
    let message = format!(
        "{}: {error}; this is no whole backup of a training, delete it to begin anew",
        file.display()
    );
    Error::Data(message)
}
