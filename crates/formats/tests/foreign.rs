//! What a file is instead of a model is said in one sentence, with what to do.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use ceratops_core::Error;
use ceratops_formats::{load, load_bytes_with};
use ceratops_layers::Registry;

fn refusal(bytes: &[u8]) -> String {
    let nothing = |name: &str| Err(Error::Data(format!("there is no {name}")));
    load_bytes_with(bytes, &nothing, &Registry::builtin()).unwrap_err().to_string()
}

/// The first bytes of real files: TensorFlow 2.21, pickle and NumPy of Python 3.11, git-lfs, GitHub.
#[test]
fn first_bytes_tell() {
    let mut tar = b"model/model.h5".to_vec();
    tar.resize(257, 0);
    tar.extend(b"ustar\x0000");
    let files: &[(&[u8], &str, &str)] = &[
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "Git LFS pointer",
            "git lfs pull",
        ),
        (b"\n<!DOCTYPE html>\n<html lang=\"en\">", "web page", "download the file itself"),
        (b"<HTML><HEAD><TITLE>404</TITLE>", "web page", "download"),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "XML", "download"),
        (br#"{"message": "Not Found", "status": "404"}"#, "server's message", "download"),
        (br#"{"loss": [0.5, 0.25]}"#, "JSON without a model: it has loss", "to_json()"),
        (b"\x80\x04\x95\xa8\0\0\0\0\0\0\0}\x94\x8c\x01a\x94", "pickle", "never executed"),
        (b"\x80\x03}q\0X\x01\0\0\0aq\x01K\x01s.", "pickle", ".keras"),
        (b"(dp0\nVa\np1\ncnumpy._core", "pickle", "never executed"),
        (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", "PyTorch", "safetensors"),
        (b" \0\0\0TFL3\x14\0 \0", "TensorFlow Lite", "convert the Keras model"),
        (b"\x08\x01\x12\xd9\xaa\x01\n\xd6\x0e\x12\xa6\x0e\n^", "SavedModel", "save it as .keras"),
        (
            b"\n;\n\x01x\x12\x0bPlaceholder*\x1c\n\x05shape\x12\x13:",
            "frozen TensorFlow graph",
            ".keras",
        ),
        (
            b"\0\0\x06\x08\x01\x1a\x02\x08\x01\0\x1c\x0e_CHECKPOINTABLE_OBJECT_GRAPH\x08\x07",
            "TensorFlow checkpoint",
            "load it into its model",
        ),
        (b"\x08\x07\x12\x07pytorch\x1a\x051.9:\xa2", "ONNX", ".keras"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "gzip", "unpack it"),
        (b"BZh91AY&SY", "bzip2", "unpack it"),
        (b"\xfd7zXZ\0\0\x04", "xz", "unpack it"),
        (b"7z\xbc\xaf'\x1c\0\x04", "7-Zip", "unpack it"),
        (b"Rar!\x1a\x07\x01\0", "RAR", "unpack it"),
        (&tar, "tar archive", "unpack it"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image (PNG)", "path of the model"),
        (b"backend: tensorflow\nclass_name: Sequential\n", "YAML", "to_json()"),
        (
            b"# LeNet\n\nA network for digits.",
            "text that begins with \"# LeNet\"",
            "path of the model",
        ),
        (b"\x93NUMPY\x01\0v\0", ".npy", ".npz"),
        (b"", "the file is empty", "once more"),
        (b"\x01\x02\x03\x04\xff\xfe\xfd", "no file of a model", ".keras archive"),
    ];
    for (bytes, what, advice) in files {
        let error = refusal(bytes);
        assert!(error.contains(what), "{what}: {error}");
        assert!(error.contains(advice), "{advice}: {error}");
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn folders_are_told_by_what_is_in_them() {
    for (name, file, what) in [
        ("saved", "saved_model.pb", "SavedModel"),
        ("checkpoint", "checkpoint", "checkpoints"),
        ("coreml", "Manifest.json", "Core ML"),
        ("other", "notes.txt", "neither config.json"),
    ] {
        let folder = folder(name);
        File::create(folder.join(file)).unwrap();
        let error = load(&folder).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}

/// A zip archive of empty members.
fn zip(names: &[&str]) -> Vec<u8> {
    let (mut local, mut list) = (Vec::new(), Vec::new());
    for name in names {
        let offset = (local.len() as u32).to_le_bytes();
        let len = (name.len() as u16).to_le_bytes();
        local.write_all(b"PK\x03\x04\x14\0").unwrap();
        local.write_all(&[0; 20]).unwrap();
        local.write_all(&[len[0], len[1], 0, 0]).unwrap();
        local.write_all(name.as_bytes()).unwrap();
        list.write_all(b"PK\x01\x02\x14\0\x14\0").unwrap();
        list.write_all(&[0; 20]).unwrap();
        list.write_all(&[len[0], len[1], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        list.write_all(&offset).unwrap();
        list.write_all(name.as_bytes()).unwrap();
    }
    let count = (names.len() as u16).to_le_bytes();
    let (at, len) = ((local.len() as u32).to_le_bytes(), (list.len() as u32).to_le_bytes());
    local.extend(list);
    local.extend(b"PK\x05\x06\0\0\0\0");
    local.extend([count, count].concat());
    local.extend(len);
    local.extend(at);
    local.extend([0, 0]);
    local
}

#[test]
fn archives_are_told_by_their_members() {
    for (names, what) in [
        (&["archive/data.pkl", "archive/data/0"][..], "PyTorch"),
        (&["net/saved_model.pb"], "SavedModel"),
        (&["models/net.keras", "readme.txt"], "unpack it, and open models/net.keras"),
        (&["pictures/a.png"], "config.json is missing"),
    ] {
        let error = refusal(&zip(names));
        assert!(error.contains(what), "{error}");
    }
    let whole = zip(&["config.json"]);
    let error = refusal(&whole[..whole.len() - 8]);
    assert!(error.contains("no whole zip archive"), "{error}");
}
