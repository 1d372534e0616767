//! What all commands have in common: help, completions, closed pipes, files of every bad kind.

mod common;

use std::{fs, io::pipe, process::Stdio};

use common::{Folder, MODEL};

const COMMANDS: [&str; 11] = [
    "summary",
    "predict",
    "evaluate",
    "train",
    "diagnose",
    "convert",
    "inspect",
    "diff",
    "plot",
    "activations",
    "completions",
];

#[test]
fn every_command_has_help_with_examples() {
    let folder = Folder::new("help");
    let help = folder.ok("--help");
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let text = folder.ok(&format!("{command} --help"));
        assert!(text.contains("Examples:\n  "), "{text}");
        assert!(text.contains(&format!("ceratops {command} ")), "{text}");
    }
    assert!(folder.ok("--version").starts_with("ceratops "));
}

#[test]
fn a_wrong_command_line_is_told() {
    let folder = Folder::new("usage");
    assert!(folder.fails(2, "sumary model.json").contains("summary"));
    assert!(folder.fails(2, "summary").contains("<MODEL>"));
    assert!(folder.fails(2, "summary a b").contains("'b'"));
    assert!(folder.fails(2, "summary a --verbose --quiet").contains("--quiet"));
    assert!(folder.fails(2, "summary a --line-length 0").contains("--line-length"));
    assert!(folder.fails(2, "completions tcsh").contains("bash"));
}

#[test]
fn every_activation_has_its_formula() {
    let text = Folder::new("activations").ok("activations");
    let line = |name: &str| {
        let found = text.lines().find(|line| line.split(' ').next() == Some(name));
        found.unwrap_or_else(|| panic!("{name}\n{text}")).to_owned()
    };
    for name in ceratops::activations::names() {
        assert!(line(name).split_whitespace().count() > 1);
    }
    assert!(line("relu").ends_with(" max(x, 0)"));
    assert!(line("silu").ends_with(" x / (1 + exp(-x))   (also swish)"));
}

#[test]
fn shells_can_complete() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = folder.ok(&format!("completions {shell}"));
        assert!(script.contains("validation-split") && script.contains("safetensors"), "{shell}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = Folder::with_model("closed_pipe");
    for line in ["summary model.json", "activations", "completions bash", "inspect model.json"] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut command = folder.command(line);
        let output = command.stdin(Stdio::null()).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{line}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let folder = Folder::with_model("full_disk");
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for line in ["summary model.json", "convert model.json - --to json"] {
        let output = folder.command(line).stdin(Stdio::null()).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.starts_with("error: the standard output: "), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn a_device_is_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = Folder::with_model("device");
    folder.ok("convert model.json /dev/null --to npz");
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn no_file_makes_it_panic() {
    let folder = Folder::with_model("bad_files");
    let whole = fs::read(folder.path("w.safetensors")).unwrap();
    let bad: [(&str, &[u8]); 10] = [
        ("empty", b""),
        ("text", b"hello"),
        ("null.json", b"null"),
        ("list.json", b"[1, 2]"),
        ("cut.json", &MODEL.as_bytes()[..100]),
        ("zip.keras", b"PK\x03\x04 and no more"),
        ("hdf5.h5", b"\x89HDF\r\n\x1a\n and no more"),
        ("cut.safetensors", &whole[..whole.len() / 2]),
        ("cut.npy", b"\x93NUMPY\x01\x00"),
        ("not.utf8.json", b"{\xff\xfe"),
    ];
    for (name, bytes) in bad {
        folder.write(name, bytes);
    }
    fs::create_dir(folder.path("folder")).unwrap();
    let names = bad.iter().map(|(name, _)| *name).chain(["missing", "folder"]);
    for name in names {
        for line in [
            format!("summary {name}"),
            format!("inspect {name}"),
            format!("convert {name} out.json"),
            format!("predict {name} --input x.npy --output out.npy"),
            format!("predict model.json --weights {name} --input x.npy --output out.npy"),
            format!("predict model.json --weights w.safetensors --input {name} --output out.npy"),
            format!("evaluate model.json --weights w.safetensors --x x.npy --y {name} --loss mse"),
            format!("train {name} --x x.npy --y y.npy --optimizer sgd --loss mse --out out.npz"),
        ] {
            folder.fails(1, &line);
        }
        folder.fails(2, &format!("diff {name} model.json"));
        folder.fails(2, &format!("diff model.json {name}"));
    }
}
