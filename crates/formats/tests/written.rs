//! What is written is read again, or refused when it is written.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::collections::BTreeMap;

use ceratops_core::Tensor;
use ceratops_formats::{By, Format, load, load_weights, npy, safetensors, save_as};
use ceratops_layers::{Dense, Input, IntoNode, Sequential, sequential};
use scratch::scratch;

/// `count` models in one another.
fn nested(count: usize) -> Sequential {
    let dense = Dense::new(2).named("d");
    let mut model = sequential![Input::new([2]), dense].unwrap().with_name("m0");
    for number in 1..count {
        let outer = sequential![Input::new([2]), model].unwrap();
        model = outer.with_name(format!("m{number}"));
    }
    model
}

#[test]
fn models_nested_too_deep_are_refused_when_they_are_written() {
    let folder = scratch("nested");
    let weights = [Format::WeightsH5, Format::Safetensors, Format::Npz];
    for format in Format::all() {
        let path = folder.join(format!("m.{format}"));
        let written = |count| save_as(&nested(count), &path, format, None);
        // Deeper than anybody nests, and yet read by all.
        let mut refused = None;
        for count in [1, 30, 31, 32, 33, 42, 43, 44, 45, 46, 63, 64] {
            match written(count) {
                Err(_) => refused = refused.or(Some(count)),
                Ok(_) => {
                    let read = if !weights.contains(&format) {
                        load(&path).map(drop)
                    } else {
                        load_weights(&mut nested(count), &path, By::Position).map(drop)
                    };
                    assert!(read.is_ok(), "{format}: {count} are written, and {read:?}");
                }
            }
        }
        assert!(refused.is_none_or(|count| count > 30), "{format}: {refused:?}");
    }
    let error = save_as(&nested(60), folder.join("m.json"), Format::Json, None).unwrap_err();
    assert!(error.to_string().contains("deep in one another"), "{error}");
}

/// `..` would lead out of the folder in which an archive is unpacked; NumPy cuts a name at a zero.
#[test]
fn names_that_lead_elsewhere_are_refused() {
    let folder = scratch("names");
    for name in ["..", ".", "a\0b", "a\\b", "..\\..\\c"] {
        let model = sequential![Input::new([2]), Dense::new(1).named(name)].unwrap();
        for format in [Format::Npz, Format::Safetensors, Format::TensorFlowJs, Format::H5] {
            let path = folder.join("m.json");
            let written = save_as(&model, &path, format, None);
            // A backslash is a letter like any other to HDF5.
            let harmless = format == Format::H5 && name.contains('\\');
            assert_eq!(written.is_ok(), harmless, "{name:?} as {format}: {written:?}");
            if harmless {
                assert!(load(&path).unwrap().has_weights);
                std::fs::remove_file(&path).unwrap();
            }
            assert!(!path.exists(), "{name:?} as {format}");
        }
    }
    for name in ["../a", "/a", "a//b", "a/", "", "a/./b", "a\0", "a\\b"] {
        let tensors = [(name.to_owned(), Tensor::from([1.0]))];
        let npz = npy::write_npz(std::io::Cursor::new(Vec::new()), &tensors);
        let error = npz.unwrap_err().to_string();
        assert!(error.starts_with("nothing can be stored under the name"), "{error}");
    }
    let dots = [("a..b/.c/d.".to_owned(), Tensor::from([1.0]))];
    npy::write_npz(std::io::Cursor::new(Vec::new()), &dots).unwrap();
    safetensors::write(&mut Vec::new(), &dots, &BTreeMap::new()).unwrap();
}

/// The files beside `model.json` are named in it, in UTF-8.
#[cfg(unix)]
#[test]
fn a_path_that_model_json_cannot_name_is_refused() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let folder = scratch("utf8");
    let path = folder.join(OsStr::from_bytes(b"m\xff.json"));
    let error = save_as(&nested(1), path, Format::TensorFlowJs, None).unwrap_err().to_string();
    assert!(error.contains("a name of UTF-8"), "{error}");
    save_as(&nested(1), folder.join("ü.json"), Format::TensorFlowJs, None).unwrap();
    assert!(load(folder.join("ü.json")).unwrap().has_weights);
}
