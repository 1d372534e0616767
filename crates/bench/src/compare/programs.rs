//! The programs that are compared, and how each is started.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use ceratops::prelude::*;

use super::is_network;
use crate::options::Options;

/// What lets the C library keep the memory that it was given back. It makes the peers faster, some
/// by half; Ceratops must do without.
const ALLOCATOR: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TRIM_THRESHOLD_", "17179869184"),
    ("MALLOC_TOP_PAD_", "268435456"),
];

/// Where the peers read how many threads they may have.
const THREADS: [&str; 5] =
    ["OMP_NUM_THREADS", "RAYON_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "NPROC", "MKL_NUM_THREADS"];

/// Every peer.
pub(super) const PEERS: [Program; 8] = [
    Program { name: "torch", start: Start::Python("torch_peer.py"), needs: "torch" },
    Program { name: "torch-cl", start: Start::Python("torch_peer.py"), needs: "torch" },
    Program { name: "keras-tf", start: Start::Python("keras_peer.py"), needs: "tensorflow" },
    Program { name: "keras-jax", start: Start::Python("keras_peer.py"), needs: "jax" },
    Program { name: "onnxruntime", start: Start::Python("onnx_peer.py"), needs: "onnxruntime" },
    Program { name: "openvino", start: Start::Python("onnx_peer.py"), needs: "openvino" },
    Program { name: "rustyml", start: Start::Rust("rustyml"), needs: "" },
    Program { name: "burn", start: Start::Rust("burn"), needs: "" },
];

/// A program that prints figures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program {
    pub(super) name: &'static str,
    start: Start,
    /// The Python module without which it cannot run.
    needs: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Start {
    /// This program.
    Ourselves,
    /// A script in `peers`, which is told the peer's name.
    Python(&'static str),
    /// A Cargo project in `peers`.
    Rust(&'static str),
}

impl Program {
    /// Ceratops as a peer of its peers.
    pub(super) fn ourselves() -> Self {
        Self { name: "ceratops", start: Start::Ourselves, needs: "" }
    }

    /// Whether its answer to `work` is worth asking for.
    pub(super) fn knows(&self, work: &str) -> bool {
        let normalizes = !matches!(self.start, Start::Rust(_));
        is_network(work) && (normalizes || work != "bncnn")
    }

    pub(super) fn is_installed(&self) -> bool {
        match self.start {
            Start::Ourselves => true,
            Start::Rust(name) => binary(name).is_file(),
            Start::Python(_) => {
                let find = format!(
                    "import importlib.util as u, sys; sys.exit(u.find_spec('{}') is None)",
                    self.needs
                );
                let found = Command::new(python()).args(["-c", &find]).output();
                found.is_ok_and(|found| found.status.success())
            }
        }
    }

    /// Lets it measure `work`, and returns what it printed; or says why there is nothing.
    pub(super) fn run(&self, work: &str, options: &Options) -> Result<String, String> {
        let output = self.command(work, options)?.output().map_err(|error| error.to_string())?;
        printed(&output)
    }

    fn command(&self, work: &str, options: &Options) -> Result<Command, String> {
        let batches: Vec<_> = options.batches.iter().map(usize::to_string).collect();
        let batches = batches.join(",");
        let threads = if options.threads == 0 { cores() } else { options.threads }.to_string();
        let mut command = match self.start {
            Start::Ourselves => {
                let mut command =
                    Command::new(env::current_exe().map_err(|error| error.to_string())?);
                command.args([work, "--batches", &batches, "--threads", &threads]);
                return Ok(command);
            }
            Start::Python(script) => {
                let mut command = Command::new(python());
                command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(script));
                command.arg(self.name);
                command
            }
            Start::Rust(name) => Command::new(binary(name)),
        };
        command.args([work, &batches]).envs(ALLOCATOR);
        command.envs(THREADS.map(|name| (name, &threads)));
        Ok(command)
    }
}

/// What a program printed, or its last word if it failed.
fn printed(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Err(format!("{}: {last}", output.status))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Where `peers/setup.sh` installs.
fn home() -> PathBuf {
    let peers = || env::home_dir().unwrap_or_default().join("peers");
    env::var_os("PEERS").map_or_else(peers, PathBuf::from)
}

fn python() -> PathBuf {
    home().join("venv/bin/python")
}

fn binary(name: &str) -> PathBuf {
    home().join("rust").join(name).join("release").join(format!("peer-{name}"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_program_that_fails_is_quoted_with_its_last_line() {
        let output = |code| Output {
            status: std::process::ExitStatus::from_raw(code << 8),
            stdout: b"{}".into(),
            stderr: b"Traceback\nModuleNotFoundError: torch\n\n".into(),
        };
        assert_eq!(printed(&output(0)).unwrap(), "{}");
        assert_eq!(printed(&output(1)).unwrap_err(), "exit status: 1: ModuleNotFoundError: torch");
    }

    #[test]
    fn peers_are_asked_for_networks_only() {
        let knows =
            |name: &str, work| PEERS.iter().any(|peer| peer.name == name && peer.knows(work));
        assert!(knows("torch", "bncnn") && knows("burn", "cnn"));
        assert!(!knows("burn", "bncnn") && !knows("torch", "peak"));
    }
}
