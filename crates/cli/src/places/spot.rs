//! Spots: what paths lead to.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// How many links to places that are not there are followed.
const LINKS: usize = 40;

/// The largest JSON that is searched for the names of files beside it.
const LARGEST_INDEX: u64 = 1 << 24;

/// What a path leads to, or which files names with numbers may become.
#[derive(Debug, Clone)]
pub(super) enum Spot {
    Place {
        /// Without links, `.` and `..`.
        path: PathBuf,
        /// The file itself, which may have several names.
        file: Option<(u64, u64)>,
    },
    /// A pattern, and the files of such names that are there.
    Any(Pattern, Vec<Self>),
}

/// A path with places for numbers, as the texts between them.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Vec<String>);

impl Spot {
    /// What `path` leads to.
    pub(super) fn of(path: &Path) -> Self {
        let path = real(&std::path::absolute(path).unwrap_or(path.into()), LINKS);
        let file = id(&path);
        Self::Place { path, file }
    }

    /// All that a pattern may stand for.
    pub(super) fn of_pattern(pattern: &Pattern) -> Self {
        let pattern = pattern.real();
        let there = fs::read_dir(pattern.folder()).into_iter().flatten().flatten();
        let there = there.map(|entry| entry.path()).filter(|path| pattern.fits(path));
        let there = there.map(|path| Self::of(&path)).collect();
        Self::Any(pattern, there)
    }

    pub(super) fn is_pattern(&self) -> bool {
        matches!(self, Self::Any(..))
    }

    /// Whether both are one place, or may be.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Place { path: a, file: a_file }, Self::Place { path: b, file: b_file }) => {
                let alike = || a_file.is_none() && b_file.is_none() && lower(a) == lower(b);
                a == b || (a_file.is_some() && a_file == b_file) || alike()
            }
            (Self::Any(pattern, there), Self::Place { path, .. }) => {
                pattern.fits(path) || there.iter().any(|spot| spot.is(other))
            }
            (Self::Place { .. }, Self::Any(..)) => other.is(self),
            (Self::Any(a, _), Self::Any(b, _)) => a.0 == b.0,
        }
    }

    /// Whether `other` lies within this, so that this must be a folder.
    pub(super) fn is_above(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Place { path: a, .. }, Self::Place { path: b, .. }) => {
                a != b && b.starts_with(a)
            }
            (Self::Place { path, .. }, Self::Any(pattern, _)) => pattern.folder().starts_with(path),
            (Self::Any(pattern, _), Self::Place { path, .. }) => {
                path.ancestors().skip(1).any(|folder| pattern.fits(folder))
            }
            (Self::Any(..), Self::Any(..)) => false,
        }
    }

    /// Whether `other` is this, or a part of it that is there: a file of a folder, or beside an index
    /// that names it, as the shards of TensorFlow.js.
    pub(super) fn holds(&self, other: &Self) -> bool {
        if self.is(other) {
            return true;
        }
        match (self, other) {
            (_, Self::Any(_, there)) => there.iter().any(|spot| self.holds(spot)),
            (Self::Place { path, .. }, Self::Place { path: part, file: Some(_) }) => {
                (path.is_dir() && part.is_file() && part.starts_with(path)) || names(path, part)
            }
            _ => false,
        }
    }

    /// Whether it is a pipe, a terminal or the like, which can be read and written at once.
    pub(super) fn is_stream(&self) -> bool {
        let kept = |file: &fs::Metadata| file.is_file() || file.is_dir();
        matches!(self, Self::Place { path, .. } if fs::metadata(path).is_ok_and(|file| !kept(&file)))
    }

    /// Whether nothing is kept there, so that nothing can be lost.
    pub(super) fn is_nowhere(&self) -> bool {
        matches!(self, Self::Place { path, .. } if path == Path::new("/dev/null"))
    }
}

impl Pattern {
    pub(super) fn new(texts: Vec<String>) -> Self {
        Self(texts)
    }

    /// The folder that is known before any number.
    fn folder(&self) -> PathBuf {
        let text = self.0.first().map_or("", String::as_str);
        let end = text.rfind(std::path::is_separator).map_or(0, |at| at + 1);
        Path::new(if end == 0 { "." } else { &text[..end] }).into()
    }

    /// The same behind the folder that this leads to.
    fn real(&self) -> Self {
        let folder = self.folder();
        let mut texts = self.0.clone();
        if let (Some(first), Spot::Place { path, .. }) = (texts.first_mut(), Spot::of(&folder)) {
            let name = first.rfind(std::path::is_separator).map_or(0, |at| at + 1);
            // Where a number begins the name, joining nothing puts the separator there.
            *first = path.join(&first[name..]).to_string_lossy().into_owned();
        }
        Self(texts)
    }

    /// Whether numbers can make `path` of it.
    fn fits(&self, path: &Path) -> bool {
        let path = lower(path);
        let Some((first, rest)) = self.0.split_first() else { return false };
        path.strip_prefix(&first.to_lowercase()).is_some_and(|path| behind(path, rest))
    }
}

/// Whether `text` is a number, the first of `texts`, a number, and so on.
fn behind(text: &str, texts: &[String]) -> bool {
    let Some((next, rest)) = texts.split_first() else { return text.is_empty() };
    let next = next.to_lowercase();
    let is_number = |text: &str| {
        let of_number = |c: char| c.is_ascii_digit() || "+-_.,e% ".contains(c);
        let digits = text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(of_number);
        digits || ["nan", "inf", "-inf"].contains(&text)
    };
    let fits = |at: usize| is_number(&text[..at]) && behind(&text[at + next.len()..], rest);
    text.match_indices(&next).any(|(at, _)| fits(at))
}

/// The names that the shards of a folder of TensorFlow.js may have.
pub(super) fn shards(model: &Path) -> Pattern {
    let stem = model.file_stem().unwrap_or_default().to_string_lossy();
    let owner = if stem == "model" { String::new() } else { format!("{stem}-") };
    let first = model.with_file_name(format!("{owner}group1-shard"));
    Pattern(vec![first.to_string_lossy().into_owned(), "of".into(), ".bin".into()])
}

/// Whether the JSON at `index` names the file `part`, which lies beside or below it.
fn names(index: &Path, part: &Path) -> bool {
    let is_json = index.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let beside = index.parent().is_some_and(|folder| part.starts_with(folder));
    let is_small =
        || fs::metadata(index).is_ok_and(|file| file.is_file() && file.len() <= LARGEST_INDEX);
    let name = part.file_name().map(|name| name.to_string_lossy());
    let text = || fs::read_to_string(index).unwrap_or_default();
    is_json && beside && is_small() && name.is_some_and(|name| text().contains(&*name))
}

/// `path` without links, `.` and `..`; what is not there is taken as it is written.
fn real(path: &Path, links: usize) -> PathBuf {
    if let Ok(found) = fs::canonicalize(path) {
        return found;
    }
    let parent = path.parent();
    if let (Ok(target), Some(parent), true) = (fs::read_link(path), parent, links > 0) {
        return real(&parent.join(target), links - 1);
    }
    match (parent, path.components().next_back()) {
        (Some(parent), Some(Component::Normal(name))) => real(parent, links).join(name),
        (Some(parent), Some(Component::ParentDir)) => {
            let mut folder = real(parent, links);
            folder.pop();
            folder
        }
        _ => path.into(),
    }
}

/// Some file systems do not tell apart names that differ in the case of their letters.
fn lower(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

/// What tells a file from others whatever it is called.
#[cfg(unix)]
fn id(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Whether it is there; canonical paths tell files apart, but for hard links.
#[cfg(not(unix))]
fn id(path: &Path) -> Option<(u64, u64)> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    fs::metadata(path).ok()?;
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    Some((0, hasher.finish()))
}
