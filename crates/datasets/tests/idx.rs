//! IDX files, sound and broken.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    io::{self, Read, Write},
    path::PathBuf,
};

use ceratops_core::{Error, Result, Tensor};
use ceratops_datasets::idx;
use flate2::{Compression, write::GzEncoder};

/// An IDX file of bytes in shape (2, 3).
const SMALL: [u8; 18] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255];

fn small() -> Tensor {
    Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 255.0]])
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn parse(bytes: &[u8]) -> Result<Tensor> {
    idx::from_reader("file", bytes)
}

fn message(reader: impl Read) -> String {
    idx::from_reader("file", reader).unwrap_err().to_string()
}

/// A header for u8 of the given shape.
fn header(shape: &[u32]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|len| len.to_be_bytes()));
    bytes
}

#[test]
fn every_type_of_number() {
    let table: [(u8, Vec<u8>, [f32; 2]); 6] = [
        (0x08, vec![0, 255], [0.0, 255.0]),
        (0x09, vec![128, 127], [-128.0, 127.0]),
        (0x0b, [(-300i16).to_be_bytes(), 7i16.to_be_bytes()].concat(), [-300.0, 7.0]),
        (0x0c, [i32::MIN.to_be_bytes(), 70000i32.to_be_bytes()].concat(), [-2147483648.0, 70000.0]),
        (0x0d, [0.1f32.to_be_bytes(), (-1e30f32).to_be_bytes()].concat(), [0.1, -1e30]),
        (0x0e, [0.1f64.to_be_bytes(), 1e300f64.to_be_bytes()].concat(), [0.1, f32::INFINITY]),
    ];
    for (code, numbers, expected) in table {
        let bytes = [&[0, 0, code, 1, 0, 0, 0, 2][..], &numbers].concat();
        assert_eq!(parse(&bytes).unwrap(), Tensor::from(expected), "type {code:02x}");
        assert_eq!(parse(&gzip(&bytes)).unwrap(), Tensor::from(expected), "type {code:02x}");
    }
}

#[test]
fn shapes_of_any_rank() {
    assert_eq!(parse(&SMALL).unwrap(), small());
    assert_eq!(parse(&[0, 0, 8, 0, 9]).unwrap(), Tensor::scalar(9.0));
    assert_eq!(parse(&header(&[0, 28])).unwrap().shape(), [0, 28]);
    let deep = [header(&[1; 255]), vec![3]].concat();
    assert_eq!(parse(&deep).unwrap().shape(), [1; 255]);
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    for file in [SMALL.to_vec(), gzip(&SMALL)] {
        for len in 0..file.len() {
            let message = message(&file[..len]);
            assert!(message.starts_with("file: "), "{len} bytes: {message}");
        }
    }
}

#[test]
fn a_flipped_bit_in_a_compressed_file_never_changes_the_numbers() {
    let file = gzip(&SMALL);
    for bit in 0..file.len() * 8 {
        let mut file = file.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        if let Ok(array) = parse(&file) {
            assert_eq!(array, small(), "bit {bit}");
        }
    }
}

#[test]
fn a_flipped_bit_in_a_plain_file_never_panics() {
    for bit in 0..SMALL.len() * 8 {
        let mut file = SMALL;
        file[bit / 8] ^= 1 << (bit % 8);
        // Only the numbers themselves, or their sign, can change unnoticed.
        assert_eq!(parse(&file).is_ok(), bit / 8 >= 12 || bit == 16, "bit {bit}");
    }
}

#[test]
fn the_error_says_what_is_wrong() {
    let table: [(Vec<u8>, &str); 7] = [
        (vec![], "not an IDX file: it ends within the header"),
        (SMALL[..9].to_vec(), "not an IDX file: it ends within the header"),
        (b"PK\x03\x04".to_vec(), "not an IDX file: expected it to start with 00 00, got 50 4b"),
        (
            vec![0, 0, 7, 1],
            "not an IDX file: expected 08, 09, 0b, 0c, 0d or 0e for the type of the numbers, got 07",
        ),
        (
            SMALL[..14].to_vec(),
            "the header promises 6 bytes of numbers for shape [2, 3], but only 2 came",
        ),
        (
            [&SMALL[..], &[0]].concat(),
            "the header promises 6 bytes of numbers for shape [2, 3], but more came",
        ),
        (
            header(&[u32::MAX, u32::MAX, u32::MAX]),
            "the header promises an array of shape [4294967295, 4294967295, 4294967295], \
             at most 1073741824 numbers are read",
        ),
    ];
    for (bytes, expected) in table {
        assert_eq!(message(&bytes[..]), format!("file: {expected}"));
    }
}

#[test]
fn a_promise_alone_costs_no_memory() {
    // A gibibyte is promised and nothing comes.
    assert!(message(&header(&[1 << 30])[..]).contains("only 0 came"));
    assert!(message(&header(&[(1 << 30) + 1])[..]).contains("at most"));
    assert!(message(&header(&[0, u32::MAX, u32::MAX])[..]).contains("at most"));
}

#[test]
fn an_endless_file_is_left_early() {
    let endless = io::Cursor::new(SMALL).chain(io::repeat(0));
    assert!(message(endless).contains("more came"));
    let bomb = gzip(&[&SMALL[..], &vec![0; 1 << 22]].concat());
    // What lies behind the promised numbers is not even unpacked: here it is not there.
    assert!(message(&bomb[..bomb.len() / 2]).contains("more came"));
}

#[test]
fn a_failing_reader_is_an_error() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable is out"))
        }
    }
    for len in [0, 1, 2, 6, 14] {
        assert_eq!(message(SMALL[..len].chain(Failing)), "file: the cable is out", "{len} bytes");
    }
}

#[test]
fn the_bytes_decide_what_is_compressed_not_the_name() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (plain, packed) = (folder.join("plain.gz"), folder.join("packed"));
    fs::write(&plain, SMALL).unwrap();
    fs::write(&packed, gzip(&SMALL)).unwrap();
    assert_eq!(idx::read(plain).unwrap(), small());
    assert_eq!(idx::read(packed).unwrap(), small());
    let absent = folder.join("absent");
    let error = idx::read(&absent).unwrap_err().to_string();
    assert!(error.starts_with(&absent.display().to_string()), "{error}");
}

#[test]
fn what_a_file_holds_is_no_fault_of_the_system() {
    let zipped = gzip(&SMALL);
    for bytes in [&SMALL[..3], &SMALL[..9], b"<html>", &zipped[..zipped.len() / 2], &[0x1f, 0x8b]] {
        let error = parse(bytes).unwrap_err();
        assert!(matches!(error, Error::Data(_)), "{error:?}");
        assert!(error.to_string().starts_with("file: "), "{error}");
    }
    let missing = idx::read("no/such/file").unwrap_err();
    assert!(matches!(missing, Error::Io { .. }), "{missing:?}");
}

#[test]
fn a_small_file_does_not_become_a_large_one() {
    // 80 MB of zeros in 80 KB; the same share of 8 MB is read.
    let (large, small) = (80 << 20, 8 << 20);
    let zeros = |len: u32| gzip(&[header(&[len]), vec![0; len as usize]].concat());
    let error = message(zeros(large).as_slice());
    assert!(error.contains("more than 100 times as many are refused"), "{error}");
    assert_eq!(parse(&zeros(small)).unwrap().shape(), [small as usize]);
}
