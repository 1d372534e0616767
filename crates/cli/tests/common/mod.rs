//! What the tests of the program share: running it, a folder for its files, a small model.

#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use ceratops::{Tensor, formats::npy};

/// A folder of a test's own.
pub(crate) struct Folder(PathBuf);

/// What the program did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Two Dense layers: 4 numbers in, 3 out.
pub(crate) const MODEL: &str = r#"{"class_name": "Sequential", "config": {"name": "small", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "in"}},
    {"class_name": "Dense", "config": {"name": "hidden", "units": 8, "activation": "relu"}},
    {"class_name": "Dense", "config": {"name": "scores", "units": 3, "activation": "softmax"}}
]}}"#;

impl Folder {
    /// An empty folder for the test of that name.
    pub(crate) fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The same with `model.json`, its weights `w.safetensors`, samples `x.npy`, labels `y.npy`.
    pub(crate) fn with_model(test: &str) -> Self {
        let folder = Self::new(test);
        folder.write("model.json", MODEL);
        folder.array("x.npy", &samples(20));
        folder.array("y.npy", &labels(20));
        folder.ok("convert model.json w.safetensors");
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn array(&self, name: &str, tensor: &Tensor) {
        npy::write_npy(File::create(self.path(name)).unwrap(), tensor).unwrap();
    }

    pub(crate) fn tensor(&self, name: &str) -> Tensor {
        npy::read_npy(File::open(self.path(name)).unwrap()).unwrap()
    }

    /// The program with the words of `line` for arguments, in this folder.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ceratops"));
        command.args(line.split_whitespace()).current_dir(&self.0).env_remove("COLUMNS");
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, line: &str) -> Run {
        Run::of(self.command(line).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs it, with `input` on its standard input. Returns the bytes that it wrote, too.
    pub(crate) fn pipe(&self, line: &str, input: &[u8]) -> (Run, Vec<u8>) {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may have ended without reading.
        drop(child.stdin.take().unwrap().write_all(input));
        let output = child.wait_with_output().unwrap();
        let bytes = output.stdout.clone();
        (Run::of(output), bytes)
    }

    /// Runs it, which must succeed. Returns what it printed.
    #[track_caller]
    pub(crate) fn ok(&self, line: &str) -> String {
        let run = self.run(line);
        assert_eq!(run.code, Some(0), "{line}: {run:?}");
        run.out
    }

    /// Runs it, which must fail with that exit code and print nothing. Returns the message.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, line: &str) -> String {
        let run = self.run(line);
        assert_eq!((run.code, run.out.as_str()), (Some(code), ""), "{line}: {run:?}");
        assert!(run.err.starts_with("error: "), "{line}: {run:?}");
        run.err
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        Self { code: output.status.code(), out, err }
    }
}

/// Samples of 4 numbers.
pub(crate) fn samples(n: usize) -> Tensor {
    let numbers = (0..4 * n).map(|i| (i as f32 * 0.7).sin()).collect();
    Tensor::new(&[n, 4], numbers).unwrap()
}

/// Classes from 0 to 2.
pub(crate) fn labels(n: usize) -> Tensor {
    Tensor::new(&[n], (0..n).map(|i| (i % 3) as f32).collect()).unwrap()
}

/// A file of the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
