//! A file that another file names: never outside its folder.

use std::path::{Component, Path, PathBuf};

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
