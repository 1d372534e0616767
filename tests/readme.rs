//! The tables of README.md name everything that there is.

#![allow(clippy::expect_used, reason = "a test")]

use std::fs;

use ceratops::prelude::Registry;

#[test]
fn the_readme_names_every_layer() {
    let registry = Registry::builtin();
    let names: Vec<&str> = registry.class_names().collect();
    assert_named("layers", &names);
}

#[test]
fn the_readme_names_every_activation() {
    let names: Vec<&str> = ceratops::activations::names().collect();
    assert_named("activations", &names);
}

/// Fails unless the row of the table that begins with `row` has each of the `names` as a word.
#[track_caller]
fn assert_named(row: &str, names: &[&str]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(path).expect("there is a README.md");
    let line = readme.lines().find_map(|line| line.strip_prefix(&format!("| {row} |")));
    let line = line.expect("the table has such a row");
    let words: Vec<&str> = line.split([',', ';', ' ', '|']).collect();
    assert!(!names.is_empty());
    let missing: Vec<&&str> = names.iter().filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "README.md, {row}: {missing:?} missing");
}
