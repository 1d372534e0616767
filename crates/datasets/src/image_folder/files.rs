//! Which files there are, and their classes.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use ceratops_core::{Error, Result, rng};
use rand::RngCore;

use super::ImageOptions;

/// The endings of the files that are read, in small or capital letters.
pub(super) const FORMATS: [&str; 5] = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];

/// The folders that are classes: all that are not hidden, sorted, or those that the options name.
pub(super) fn class_names(directory: &Path, options: &ImageOptions) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for path in entries(directory)? {
        let name = path.file_name().unwrap_or_default();
        // A link to a folder counts here, as in Keras, but not further down.
        if path.is_dir() && !is_hidden(name) {
            names.push(name.to_str().map(str::to_owned).ok_or_else(|| {
                Error::Data(format!("{}: the name of a class must be UTF-8", path.display()))
            })?);
        }
    }
    names.sort_unstable();
    let Some(wanted) = &options.class_names else { return Ok(names) };
    for (i, name) in wanted.iter().enumerate() {
        if wanted[..i].contains(name) {
            return Err(Error::argument("class_names", "each class once", name));
        }
        if !names.contains(name) {
            let known = names.iter().map(String::as_str);
            let error = Error::unknown("class", name.as_str(), known);
            return Err(error.with_help(format!("the folders in {}", directory.display())));
        }
    }
    Ok(wanted.clone())
}

/// The images of each class with its number, in Keras' order.
pub(super) fn of_classes(directory: &Path, class_names: &[String]) -> Result<Vec<(PathBuf, f32)>> {
    let mut found = Vec::new();
    for (class, name) in class_names.iter().enumerate() {
        let images = images(&directory.join(name))?;
        found.extend(images.into_iter().map(|path| (path, class as f32)));
    }
    Ok(found)
}

/// The images in a folder and the folders within: folder by folder in the order of their whole
/// paths, those of one folder by name.
fn images(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut folders, mut next) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = next.pop() {
        let mut files = Vec::new();
        for path in entries(&folder)? {
            let name = path.file_name().unwrap_or_default();
            if is_hidden(name) {
                continue;
            }
            // Links to folders are not followed, so that there is no way round in circles.
            let about = fs::symlink_metadata(&path).map_err(|e| Error::io(path.display(), e))?;
            if about.is_dir() {
                next.push(path);
            } else if is_image(name) && !path.is_dir() {
                files.push(path);
            }
        }
        files.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
        folders.push((folder, files));
    }
    folders.sort_unstable_by(|(a, _), (b, _)| a.as_os_str().cmp(b.as_os_str()));
    Ok(folders.into_iter().flat_map(|(_, files)| files).collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e: std::io::Error| Error::io(folder.display(), e);
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_image(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    FORMATS.iter().any(|ending| name.ends_with(ending))
}

/// Brings the files in an order that depends on the seed alone.
pub(super) fn shuffle<T>(files: &mut [T], seed: u64) {
    let mut rng = rng(seed);
    // Fisher and Yates, with an index drawn by multiplication.
    for i in (1..files.len()).rev() {
        let j = (u128::from(rng.next_u64()) * (i as u128 + 1)) >> 64;
        files.swap(i, j as usize);
    }
}
