//! Who is told how a training goes: stopping, saving, logging.
//!
//! Those that touch no files come from [`ceratops_train::callbacks`].

mod backup_and_restore;

pub use backup_and_restore::BackupAndRestore;
pub use ceratops_train::callbacks::*;
