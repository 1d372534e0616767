//! HDF5 files that are damaged, or made to do harm: an error each time, and never a panic, a loop or
//! memory without bound.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod scratch;

use std::{fs, path::Path, time::Instant};

use ceratops_formats::{load_bytes_with, read_weights};
use ceratops_layers::Registry;
use scratch::scratch;

fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/h5").join(name)).unwrap()
}

/// Opens the bytes as a model, whatever they are.
fn open(bytes: &[u8]) -> Result<(), String> {
    let alone = |name: &str| Err(ceratops_core::Error::Data(name.into()));
    load_bytes_with(bytes, &alone, &Registry::builtin()).map(drop).map_err(|e| e.to_string())
}

/// A generator of numbers that are the same each time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let whole = file("hs.h5");
    assert_eq!(open(&whole), Ok(()));
    for len in 0..whole.len() {
        let mut cut = whole[..len].to_vec();
        assert!(open(&cut).is_err(), "cut after {len} bytes");
        // The file may claim to be no longer.
        if let Some(end) = cut.get_mut(40..48) {
            end.copy_from_slice(&(len as u64).to_le_bytes());
            assert!(open(&cut).is_err(), "cut after {len} bytes, and says so");
        }
    }
}

#[test]
fn flipped_bytes_do_no_harm() {
    let mut numbers = Numbers(0x5eed);
    for name in ["hs.h5", "latest.h5", "earliest.h5"] {
        let whole = file(name);
        for turn in 0..2000 {
            let mut bytes = whole.clone();
            // Half of them where the structure is thickest.
            let end = if turn % 2 == 0 { whole.len() } else { 4096 };
            for _ in 0..1 + turn % 3 {
                let at = numbers.next(end);
                bytes[at] = [bytes[at] ^ (1 << numbers.next(8)), 0, 0xff][turn % 3];
            }
            let start = Instant::now();
            drop(open(&bytes));
            assert!(
                start.elapsed().as_secs() < 5,
                "{name}, turn {turn}, took {:?}",
                start.elapsed()
            );
        }
    }
}

#[track_caller]
fn expect_refusal(name: &str, part: &str) {
    let error = open(&file(name)).unwrap_err();
    assert!(error.contains(part), "{name}: {error}");
}

#[test]
fn links_are_not_followed() {
    expect_refusal("soft.h5", "\"link\" in this HDF5 file is a link that leads elsewhere in it");
    expect_refusal("outside.h5", "\"link\" in this HDF5 file is a link that leads out of it");
    expect_refusal("circle.h5", "/a/up: this HDF5 file is damaged: a group lies in itself");
}

#[test]
fn files_that_would_become_huge_are_refused() {
    // 16 MB of zeros in 20 kB; 4 TB of which nothing is written; 18 MB of texts that are one.
    expect_refusal("bomb.h5", "would become far larger");
    expect_refusal("sparse.h5", "would become far larger");
    expect_refusal("many_texts.h5", "claims to hold far more than its length allows");
}

#[test]
fn a_file_that_is_cut_short_says_so() {
    let whole = file("hs.h5");
    let error = open(&whole[..5000]).unwrap_err();
    assert!(error.contains("cut short: 5000 of 12112 bytes are there"), "{error}");
}

#[test]
fn what_is_no_file_is_named() {
    let error = read_weights("no/such/file.h5").unwrap_err().to_string();
    assert!(error.starts_with("no/such/file.h5: "), "{error}");
}

/// `from` in the file of weights, wherever it stands, replaced by as many other bytes.
fn replaced(name: &str, from: &[u8], to: &[u8]) -> Result<(), String> {
    assert_eq!(from.len(), to.len());
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/attack");
    let mut bytes = fs::read(whole.join("plain.weights.h5")).unwrap();
    let places: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!places.is_empty(), "{name}: nothing to replace");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    let path = scratch(name).join("w.weights.h5");
    fs::write(&path, bytes).unwrap();
    read_weights(path).map(drop).map_err(|error| error.to_string())
}

fn words(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

// HDF5's own library refuses it too.
#[test]
fn a_data_set_ends_where_its_place_ends() {
    let error = replaced("bounded_place", &words(&[4, 8]), &words(&[4, 9])).unwrap_err();
    assert!(error.contains("a data set is larger than its place"), "{error}");
}

// HDF5's own library finds one of them.
#[test]
fn two_objects_of_one_name_are_refused() {
    let error = replaced("one_name", b"dense_1\0", b"dense\0\0\0").unwrap_err();
    assert!(error.contains("two objects of a group are called \"dense\""), "{error}");
}
