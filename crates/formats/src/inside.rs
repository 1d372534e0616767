//! A file that another file names: never outside its folder.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path, PathBuf},
};

use ceratops_core::{Error, Result};

/// The path of `name` within `folder`. It may lead into folders of that folder, never out of it.
pub(crate) fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    // What Windows would take for a drive or for a way up is refused everywhere.
    let windows = name.split('\\').any(|part| part == "..") || name.contains(':');
    if name.is_empty() || windows || !Path::new(name).components().all(plain) {
        return Err(Error::Data(format!(
            "the file name \"{name}\" leads out of the folder; expected one within it"
        )));
    }
    Ok(folder.join(name))
}

/// The first `most` bytes of the file `name` within `folder`, or all if it has fewer. It must be a
/// plain file, since a pipe or a device may have no end, and no link may lead to it from elsewhere.
pub(crate) fn read_inside(folder: &Path, name: &str, most: u64) -> Result<Vec<u8>> {
    let path = inside(folder, name)?;
    let failed = |e| Error::io(path.display(), e);
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (home, file) = (folder.canonicalize(), path.canonicalize().map_err(failed)?);
    if !file.starts_with(home.map_err(failed)?) {
        return Err(Error::Data(format!(
            "{} is a link that leads out of the folder; put the file itself in its place",
            path.display()
        )));
    }
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(Error::Data(format!("{} is no plain file", path.display())));
    }
    let mut bytes = Vec::new();
    let file = File::open(&file).map_err(failed)?;
    file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_within() {
        for name in ["a.bin", "./a.bin", "shards/a.bin", "a..bin"] {
            assert!(inside(Path::new("net"), name).is_ok(), "{name}");
        }
        for name in
            ["", "/a", "..", "../a", "a/../../b", "a/..", "..\\a", "C:\\a", "C:a", "http://a/b"]
        {
            let error = inside(Path::new("net"), name).unwrap_err().to_string();
            assert!(error.contains("leads out of the folder"), "{error}");
        }
    }
}
