//! The rules of the tree that no compiler checks: which crate may know which, and what no file
//! may contain.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The arrows: each crate's folder, and the crates of this workspace it may depend on.
const ARROWS: [(&str, &[&str]); 12] = [
    ("core", &[]),
    ("activations", &["core"]),
    ("weights", &["core"]),
    ("layers", &["core", "activations", "weights"]),
    ("train", &["core", "activations", "weights", "layers"]),
    ("formats", &["core", "activations", "weights", "layers"]),
    ("datasets", &["core"]),
    ("plot", &["core", "activations", "layers", "train"]),
    ("facade", &LIBRARIES),
    ("cli", &["facade"]),
    ("bench", &["facade"]),
    ("web", &["facade"]),
];

/// What the facade stands on.
const LIBRARIES: [&str; 8] =
    ["core", "activations", "weights", "layers", "train", "formats", "datasets", "plot"];

/// The crates that are programs, and may print.
const PROGRAMS: [&str; 2] = ["crates/cli/", "crates/bench/"];

/// The most lines of a source file.
const MAX_LINES: usize = 400;

#[test]
fn dependencies_follow_the_arrows() {
    let mut faults = Vec::new();
    for folder in crates() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == folder) else {
            faults.push(format!("crates/{folder}: tests/tidy.rs does not say what it may know"));
            continue;
        };
        for dependency in dependencies(&folder) {
            if !allowed.contains(&dependency.as_str()) {
                faults.push(format!("crates/{folder} must not depend on {dependency}"));
            }
        }
    }
    report(&faults);
}

#[test]
fn the_facade_stands_on_every_library() {
    assert_eq!(dependencies("facade"), LIBRARIES.map(String::from).into());
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let folders = ["home", "root", "work", "opt", "Users"].map(|name| format!("/{name}/"));
    let mut faults = Vec::new();
    for path in files() {
        // What is no text has no paths to read.
        let Ok(text) = String::from_utf8(fs::read(root().join(&path)).unwrap()) else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            if folders.iter().any(|folder| has_absolute(line, folder)) {
                faults.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    report(&faults);
}

#[test]
fn every_source_file_says_what_it_is() {
    let says = |text: &str| ["//! ", "#![doc = include_str!("].iter().any(|s| text.starts_with(s));
    let silent = sources().into_iter().filter(|(_, text)| !says(text));
    report(
        &silent.map(|(path, _)| format!("{path}: no //! in its first line")).collect::<Vec<_>>(),
    );
}

#[test]
fn source_files_are_short() {
    let library = |path: &str| path.starts_with("crates/") && path.contains("/src/");
    let long = sources().into_iter().filter(|(path, _)| library(path));
    let long = long.map(|(path, text)| (path, text.lines().count()));
    let long = long.filter(|&(_, lines)| lines > MAX_LINES);
    report(&long.map(|(path, n)| format!("{path}: {n} lines, split it")).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_undone_or_switched_off() {
    // Put together here, so that this file does not contain them.
    let mut words = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!(")).to_vec();
    words.extend(["ignore", "should_panic"].map(|name| format!("#[{name}")));
    let mut faults = Vec::new();
    for (path, text) in sources() {
        for (number, line) in (1..).zip(text.lines()) {
            if words.iter().any(|word| line.contains(word.as_str())) {
                faults.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    report(&faults);
}

#[test]
fn libraries_do_not_print() {
    let prints = ["print", "println", "eprint", "eprintln"].map(|name| format!("{name}!("));
    let library = |path: &str| path.contains("/src/") && !PROGRAMS.iter().any(|p| path.contains(p));
    let mut faults = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| library(path)) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let says = |line: &&str| prints.iter().any(|print| line.trim_start().starts_with(print));
        faults.extend(code.filter(says).map(|line| format!("{path}: {}", line.trim())));
    }
    report(&faults);
}

#[test]
fn the_readme_names_every_example() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README.md");
    let names = examples();
    assert!(!names.is_empty(), "there are no examples");
    let named = |name: &str| {
        let ways = [format!("--example {name}"), format!("examples/{name}"), format!("`{name}`")];
        ways.iter().any(|way| readme.contains(way.as_str()))
    };
    let unnamed = names.iter().filter(|name| !named(name));
    report(&unnamed.map(|name| format!("README.md: no example {name}")).collect::<Vec<_>>());
}

/// Fails with all faults at once.
#[track_caller]
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names in a folder, sorted.
fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The folders of the crates.
fn crates() -> Vec<String> {
    entries(Path::new("crates"))
}

/// The folders of the crates that a crate depends on, in tests too.
fn dependencies(folder: &str) -> BTreeSet<String> {
    // The facade is the package at the top.
    let manifest =
        if folder == "facade" { PathBuf::new() } else { Path::new("crates").join(folder) };
    let text = fs::read_to_string(root().join(manifest).join("Cargo.toml")).unwrap();
    let mut found = BTreeSet::new();
    let mut section = "";
    for line in text.lines() {
        if line.starts_with('[') {
            section = line;
        }
        if !section.ends_with("dependencies]") || section.starts_with("[workspace") {
            continue;
        }
        let key = line.split(['.', '=', ' ']).next().unwrap_or_default();
        if key == "ceratops" {
            found.insert("facade".into());
        } else if let Some(name) = key.strip_prefix("ceratops-") {
            found.insert(name.into());
        }
    }
    found
}

/// Whether `line` has a path that begins with `folder`.
fn has_absolute(line: &str, folder: &str) -> bool {
    // In `src/home/page.rs` and https://example.org/home/ the folder is not the first of its path.
    let within = |c: char| c.is_alphanumeric() || "._-~$})".contains(c);
    line.match_indices(folder).any(|(at, _)| !line[..at].ends_with(within))
}

/// All files but git's own and those it is told to ignore, as paths from the root.
fn files() -> Vec<PathBuf> {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    let mut skipped: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).collect();
    skipped.push(".git");
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for name in entries(&folder) {
            let path = folder.join(&name);
            if skipped.contains(&name.as_str()) {
                continue;
            }
            if root().join(&path).is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

/// The paths and texts of all Rust files.
fn sources() -> Vec<(String, String)> {
    let rust = files().into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.map(|path| {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        (path.to_str().unwrap().replace('\\', "/"), text)
    })
    .collect()
}

/// The names under which cargo knows the examples.
fn examples() -> Vec<String> {
    let folder = Path::new("examples");
    let mut names = Vec::new();
    for name in entries(folder) {
        if let Some(stem) = name.strip_suffix(".rs") {
            names.push(stem.into());
        } else if root().join(folder).join(&name).join("main.rs").is_file() {
            names.push(name);
        }
    }
    names
}
