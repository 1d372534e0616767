//! Files of which others reported faults: every case in `tests/files/faults`, whose README says what they
//! are.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use ceratops::{Tensor, formats::npy};
use common::{Folder, Run, project};
use serde_json::Value;

/// A case, and what the program did.
struct Case {
    here: PathBuf,
    tmp: Folder,
    json: Value,
    /// Whether a command failed; those behind it are not run.
    failed: bool,
    said: String,
    printed: String,
}

impl Case {
    /// Runs the commands of the case in that folder; an error is a crash.
    fn run(here: PathBuf) -> Result<Self, String> {
        let name = here.file_name().unwrap().to_string_lossy().into_owned();
        let json =
            serde_json::from_str(&fs::read_to_string(here.join("case.json")).unwrap()).unwrap();
        let tmp = Folder::new(&format!("faults/{name}"));
        let (said, printed) = (String::new(), String::new());
        let mut case = Self { here, tmp, json, failed: false, said, printed };
        for line in case.json["run"].as_array().unwrap() {
            let words =
                line.as_array().unwrap().iter().map(|word| case.word(word.as_str().unwrap()));
            let mut command = Command::new(env!("CARGO_BIN_EXE_ceratops"));
            command.args(words).current_dir(&case.here).stdin(Stdio::null());
            let run = Run::of(command.output().unwrap());
            case.said += &run.err;
            case.printed += &run.out;
            if !matches!(run.code, Some(0..=2)) || run.err.contains("panicked") {
                return Err(format!("crash, exit {:?}: {}", run.code, run.err));
            }
            if run.code != Some(0) {
                case.failed = true;
                break;
            }
        }
        Ok(case)
    }

    fn word(&self, word: &str) -> String {
        let place = |path: &Path| path.to_str().unwrap().to_owned();
        word.replace("{out}", &place(&self.tmp.path("out.npy")))
            .replace("{tmp}", &place(&self.tmp.path("")))
            .replace("{here}", &place(&self.here))
    }

    /// What is wrong; nothing where one of what is expected is there.
    fn fault(&self) -> Option<String> {
        let kinds = self.json["expect"].as_str().unwrap().split(" or ");
        let faults: Result<Vec<String>, ()> =
            kinds.map(|kind| self.fault_of(kind).ok_or(())).collect();
        faults.ok().map(|faults| faults.join(" / "))
    }

    fn fault_of(&self, kind: &str) -> Option<String> {
        let said = self.said.trim();
        match kind {
            "error" if self.failed => {
                (!self.names()).then(|| format!("error without {}: {said}", self.json["says"]))
            }
            "error" => Some("no error".into()),
            "says" => (!self.failed && !self.names())
                .then(|| format!("nothing said of {}", self.json["says"])),
            _ if self.failed => Some(said.into()),
            "array" => {
                let file = self.here.join(self.json["file"].as_str().unwrap());
                differ(&array(&self.tmp.path("out.npy")), &array(&file), self.tolerance())
            }
            "history" => self.history_fault(),
            "csv header" => {
                let table = self.tmp.read("l.csv");
                let header = table.lines().next().unwrap_or_default();
                (header != self.json["header"]).then(|| format!("columns {header}"))
            }
            "summary" => (!self.printed.contains("Total params")).then(|| "no summary".into()),
            other => Some(format!("what is {other}?")),
        }
    }

    /// Whether what was said has one of the words.
    fn names(&self) -> bool {
        let said = self.said.to_lowercase();
        let words = self.json["says"].as_array().into_iter().flatten();
        words.map(|word| word.as_str().unwrap().to_lowercase()).any(|word| said.contains(&word))
    }

    fn tolerance(&self) -> f64 {
        self.json["tol"].as_f64().unwrap()
    }

    fn history_fault(&self) -> Option<String> {
        let found: Value = serde_json::from_str(&self.tmp.read("h.json")).unwrap();
        let faults = self.json["history"].as_object().unwrap().iter().filter(|(name, right)| {
            let numbers = |values: &Value| {
                values.as_array().map(|values| values.iter().map(Value::as_f64).collect::<Vec<_>>())
            };
            match (numbers(&found[*name]), numbers(right)) {
                (Some(a), Some(b)) => {
                    let near = |(a, b): (&Option<f64>, &Option<f64>)| {
                        a.zip(*b).is_some_and(|(a, b)| is_near(a, b, self.tolerance()))
                    };
                    a.len() != b.len() || !a.iter().zip(&b).all(near)
                }
                _ => true,
            }
        });
        let faults: Vec<String> = faults
            .map(|(name, right)| format!("{name} {} instead of {right}", found[name]))
            .collect();
        (!faults.is_empty()).then(|| faults.join("; "))
    }
}

fn array(path: &Path) -> Tensor {
    npy::read_npy(File::open(path).unwrap()).unwrap()
}

fn is_near(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * b.abs().max(1.0)
}

fn differ(found: &Tensor, right: &Tensor, tolerance: f64) -> Option<String> {
    if found.shape() != right.shape() {
        return Some(format!("shape {:?} instead of {:?}", found.shape(), right.shape()));
    }
    let mut pairs = found.as_slice().iter().zip(right.as_slice());
    let far = pairs.find(|&(&a, &b)| !is_near(a.into(), b.into(), tolerance));
    far.map(|(a, b)| format!("{a} instead of {b}"))
}

#[test]
fn reported_faults_are_not_there() {
    let folders = fs::read_dir(project("tests/files/faults")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = folders.filter(|path| path.join("case.json").exists()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are no cases");
    let count = cases.len();
    let faults = cases.into_iter().filter_map(|here| {
        let name = here.file_name().unwrap().to_string_lossy().into_owned();
        let fault = match Case::run(fs::canonicalize(here).unwrap()) {
            Ok(case) => case.fault(),
            Err(crash) => Some(crash),
        };
        fault.map(|fault| format!("{name}: {fault}"))
    });
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{} of {count} are wrong:\n{}", faults.len(), faults.join("\n"));
}
