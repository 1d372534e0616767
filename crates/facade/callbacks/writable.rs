//! Folders that files are to be written into.

use std::{
    fs::{self, File},
    path::Path,
};

use ceratops_core::{Error, Result};

/// Makes `folder` where it is not there, and sees to it that files can be written in it: better an
/// error now than after an epoch.
pub(super) fn folder(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let fault = |e: std::io::Error| Error::io(folder.display(), e);
    fs::create_dir_all(folder).map_err(fault)?;
    let probe = folder.join(".ceratops-writable");
    File::create(&probe).map_err(fault)?;
    // Another process may have been faster.
    let _ = fs::remove_file(&probe);
    Ok(())
}
