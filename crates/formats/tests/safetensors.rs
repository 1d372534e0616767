//! `.safetensors`, as the library of Python writes it, and as somebody means harm with it.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{fs, path::Path};

use ceratops_core::{Result, Tensor};
use ceratops_formats::{Format, read_weights, save};
use ceratops_layers::{Dense, Input, PReLU, sequential};
use scratch::*;

#[test]
fn tensors_of_every_type() {
    let tensors = read_weights(fixture("numbers.safetensors")).unwrap();
    assert_eq!(tensors.len(), 15);
    let rows = Tensor::from([[0.0, 1.0, 2.0], [100.0, 3.0, 5.0]]);
    for (name, tensor) in &tensors {
        let expected = match name.as_str() {
            "bool" => rows.clone().map(|x| f32::from(u8::from(x != 0.0))),
            "_scalar" => Tensor::scalar(2.5),
            "_empty" => Tensor::zeros(&[0, 3]),
            _ => rows.clone(),
        };
        assert_eq!(*tensor, expected, "{name}");
    }
}

#[test]
fn what_is_written_is_read() {
    let model = sequential![Input::new([4]), Dense::new(3), PReLU::new()].unwrap();
    let path = scratch("safetensors_written").join("net.safetensors");
    save(&model, &path, None).unwrap();
    let tensors = read_weights(&path).unwrap();
    let names: Vec<&str> = tensors.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["dense/kernel", "dense/bias", "p_re_lu/alpha"]);
    let values: Vec<Tensor> = tensors.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, model.get_weights());
    assert_eq!(Format::of_path(&path).unwrap(), Format::Safetensors);
    // The numbers begin at a multiple of eight, and end the file.
    let file = fs::read(path).unwrap();
    let header = u64::from_le_bytes(*file.first_chunk().unwrap());
    assert_eq!(header % 8, 0);
    assert_eq!(file.len() as u64, 8 + header + 4 * 18);
}

fn read(path: &Path, header: &str, numbers: &[u8]) -> Result<Vec<(String, Tensor)>> {
    let len = (header.len() as u64).to_le_bytes();
    fs::write(path, [&len, header.as_bytes(), numbers].concat()).unwrap();
    read_weights(path)
}

#[test]
fn headers_that_lie() {
    let path = scratch("safetensors_lies").join("a.safetensors");
    let one = |dtype: &str, shape: &str, offsets: &str| {
        format!("{{\"a\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":{offsets}}}}}")
    };
    let good = one("F32", "[2]", "[0,8]");
    assert_eq!(read(&path, &good, &[0; 8]).unwrap(), [("a".into(), Tensor::zeros(&[2]))]);
    let gap = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\
               \"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}";
    let overlap = gap.replace("[2,3]", "[0,1]");
    for (header, expected) in [
        (one("F32", "[3]", "[0,8]"), "8 bytes are no F32 of shape [3]"),
        (one("F32", "[18446744073709551615,4]", "[0,8]"), "8 bytes are no F32"),
        (one("F32", "[2]", "[0,9]"), "the file has 8 bytes"),
        (one("F32", "[2]", "[8,0]"), "begins at 8"),
        (one("F32", "[1]", "[0,4]"), "the tensors end at 4, the file's numbers at 8"),
        (one("F32", "[1]", "[4,8]"), "expected no gaps"),
        (one("F32", "[-2]", "[0,8]"), "tensor \"a\" in the header"),
        (one("F8_E4M3", "[8]", "[0,8]"), "dtype F8_E4M3; expected"),
        (gap.to_owned(), "expected no gaps"),
        (overlap, "no overlaps"),
        ("{\"a\":".into(), "is not JSON"),
        ("{\"a\":1}".into(), "tensor \"a\" in the header"),
    ] {
        let error = read(&path, &header, &[0; 8]).unwrap_err().to_string();
        assert!(error.contains(expected), "{header}: {error}");
    }
    // A header that is longer than the file, and one that is longer than any.
    for (len, expected) in [(1000_u64, "is cut off"), (u64::MAX >> 1, "is too long")] {
        fs::write(&path, [&len.to_le_bytes(), b"{}\0\0\0\0\0\0".as_slice()].concat()).unwrap();
        let error = read_weights(&path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_may_end_anywhere() {
    let file = fs::read(fixture("numbers.safetensors")).unwrap();
    let path = scratch("safetensors_ends").join("a.safetensors");
    for end in 0..file.len() {
        fs::write(&path, &file[..end]).unwrap();
        assert!(read_weights(&path).is_err(), "{end}");
    }
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    let entry = r#"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#;
    let header = format!(r#"{{"a":{entry},"a":{entry}}}"#);
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend([0; 4]);
    let path = scratch("safetensors_twice").join("net.safetensors");
    fs::write(&path, file).unwrap();
    let error = read_weights(&path).unwrap_err().to_string();
    assert!(error.contains("\"a\" is there twice"), "{error}");
}
