//! The `Backup` trait: where a training is kept, so that it goes on if the process dies.

use ceratops_core::Result;

use super::Snapshot;

/// A place where a training is kept while it runs, so that it goes on to the bit if the process
/// dies: what [`FitOptions::backup`](crate::FitOptions::backup) takes. `ceratops::callbacks` has
/// `BackupAndRestore`, which keeps it in a folder.
pub trait Backup {
    /// What was kept by a process that died, if one did; asked for before the training begins.
    fn restore(&mut self) -> Result<Option<Snapshot>>;

    /// After how many batches a snapshot is kept, besides after each epoch.
    fn save_freq(&self) -> Option<usize> {
        None
    }

    /// Keeps a snapshot in place of the one before, as a whole or not at all.
    fn save(&mut self, snapshot: &Snapshot) -> Result<()>;

    /// The training has come to its end.
    fn finish(&mut self) -> Result<()>;
}

impl<B: Backup + ?Sized> Backup for &mut B {
    fn restore(&mut self) -> Result<Option<Snapshot>> {
        (**self).restore()
    }

    fn save_freq(&self) -> Option<usize> {
        (**self).save_freq()
    }

    fn save(&mut self, snapshot: &Snapshot) -> Result<()> {
        (**self).save(snapshot)
    }

    fn finish(&mut self) -> Result<()> {
        (**self).finish()
    }
}
