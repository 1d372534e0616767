//! Files made to do harm, each within a bounded time and 1 GiB: no panic, no endless work, no weights
//! that the file does not give.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use common::{Folder, Run};

/// As long as a run may take; a debug build on a busy machine needs the most of it.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder with these files of `tests/files/attack`.
fn folder(test: &str, files: &[&str]) -> Folder {
    let folder = Folder::new(&format!("attack_{test}"));
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/attack");
    for file in files {
        fs::copy(from.join(file), folder.path(file)).unwrap();
    }
    folder
}

/// Runs the program with 1 GiB of addresses, and ends it after the time that it may take.
#[track_caller]
fn run(folder: &Folder, line: &str) -> Run {
    let program = env!("CARGO_BIN_EXE_ceratops");
    let script = format!("ulimit -v 1048576; exec \"{program}\" {line} >out 2>err");
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path(""))
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if begin.elapsed() > LIMIT {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{line}: no end after {LIMIT:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |name: &str| String::from_utf8_lossy(&fs::read(folder.path(name)).unwrap()).into();
    Run { code, out: text("out"), err: text("err") }
}

/// The error with which the program refuses to go on.
#[track_caller]
fn refusal(folder: &Folder, line: &str) -> String {
    let run = run(folder, line);
    assert_eq!(run.code, Some(1), "{line}: {}{}", run.out, run.err);
    run.err
}

#[track_caller]
fn accepted(folder: &Folder, line: &str) -> String {
    let run = run(folder, line);
    assert_eq!(run.code, Some(0), "{line}: {}", run.err);
    run.out
}

/// Numbers in another file were read as zeros.
#[test]
fn external_storage_is_refused() {
    let files = ["external.weights.h5", "plain.weights.h5", "kernel.bin"];
    let folder = folder("external", &files);
    let error = refusal(&folder, "inspect external.weights.h5");
    assert!(error.contains("external storage"), "{error}");
    accepted(&folder, "inspect plain.weights.h5");
}

/// The flipped bit made a group empty, which only the check sum of its header tells.
#[test]
fn a_bit_that_is_another_is_noticed() {
    let folder = folder("checksum", &["flipped.h5", "whole.h5"]);
    let error = refusal(&folder, "inspect flipped.h5");
    assert!(error.contains("check sum"), "{error}");
    let whole = accepted(&folder, "inspect whole.h5 --format json");

    // A bit of every 61st byte: refused, or nothing is read that was not there.
    let bytes = fs::read(folder.path("whole.h5")).unwrap();
    for place in (0..bytes.len()).step_by(61) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        folder.write("whole.h5", &flipped);
        let run = run(&folder, "inspect whole.h5 --format json");
        let silent = run.code == Some(0) && run.out.matches("\"layer\"").count() != 1;
        assert!(!silent, "byte {place}: {}", run.out);
        assert!(matches!(run.code, Some(0 | 1)), "byte {place}: {}", run.err);
    }
    assert_eq!(whole.matches("\"layer\"").count(), 1);
}

/// The archive's list says `cool.npy`, the member's own header `bool.npy`.
#[test]
fn two_names_for_one_member_are_refused() {
    let folder = folder("zip_name", &["renamed.npz"]);
    let error = refusal(&folder, "inspect renamed.npz");
    assert!(error.contains("its own header calls it"), "{error}");
}

/// 2.7 KB that say they are stored in 3.6 GB.
#[test]
fn an_archive_reserves_no_more_than_it_has() {
    let folder = folder("zip_reserve", &["reserve.keras"]);
    refusal(&folder, "summary reserve.keras");
}

/// A name of 65,536 characters, which was a panic.
#[test]
fn a_long_name_is_cut() {
    let folder = folder("long_name", &[]);
    let name = "n".repeat(1 << 16);
    let header = format!(r#"{{"{name}":{{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}}}"#);
    let len = (header.len() as u64).to_le_bytes();
    folder.write("long.safetensors", [&len[..], header.as_bytes(), &[0; 4]].concat());
    let text = accepted(&folder, "inspect long.safetensors");
    assert!(text.contains("nn…nn") && text.lines().all(|line| line.chars().count() < 300));
    assert!(accepted(&folder, "inspect long.safetensors --format json").contains(&name));
}

/// 30,000 layers without names, in 19 KB.
#[test]
fn many_layers_get_their_names_in_time() {
    let folder = folder("unnamed", &["wide.keras"]);
    let text = accepted(&folder, "summary wide.keras");
    assert!(text.contains("re_lu_29998"), "{}", &text[text.len() - 500..]);
}

/// 500 million means and variances in 173 bytes, and matrices that take a minute to be drawn.
#[test]
fn nothing_is_drawn_that_nobody_asks_for() {
    let files = ["norm5e8.json", "o4k.json", "d20k.json", "x.npy"];
    let folder = folder("blank", &files);
    // 4 GB of addresses, of which none is touched, are more than a run here has.
    let error = refusal(&folder, "summary norm5e8.json");
    assert!(error.contains("fits in memory"), "{error}");
    assert!(folder.ok("summary norm5e8.json").contains("1,000,000,001"));
    for model in ["o4k", "d20k"] {
        // The second is larger than the addresses of such a run, too.
        let error = folder.fails(1, &format!("predict {model}.json --input x.npy --output o.npy"));
        assert!(error.contains("without weights"), "{error}");
    }
}

/// An update of 10^18 steps.
#[test]
fn an_update_has_an_end() {
    let folder = folder("muon", &["muon.keras", "x.npy", "y.npy"]);
    let error = refusal(&folder, "train muon.keras --x x.npy --y y.npy --out o.keras");
    assert!(error.contains("ns_steps"), "{error}");
}

#[test]
fn escape_sequences_do_not_reach_the_terminal() {
    let folder = folder("escapes", &["escapes.json", "x.npy"]);
    for command in ["inspect", "summary", "inspect --format json", "summary --format json"] {
        let text = accepted(&folder, &format!("{command} escapes.json"));
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{command}: {text:?}");
    }
    // In an error too: a name that only a layer's entry has.
    let error = refusal(&folder, "convert escapes.json o.json --weights x.npy");
    assert!(error.chars().all(|c| c == '\n' || !c.is_control()), "{error:?}");
    let text = fs::read_to_string(folder.path("escapes.json")).unwrap();
    folder.write("wrong.json", text.replace("Dense", "Den\\u001b[31mse\\u009b"));
    let error = refusal(&folder, "summary wrong.json");
    assert!(error.chars().all(|c| c == '\n' || !c.is_control()), "{error:?}");
}

/// A shard that is a link out of the folder, a device or a pipe.
#[test]
fn shards_are_plain_files_of_the_folder() {
    let folder = Folder::with_model("attack_shards");
    accepted(&folder, "convert model.json web --to tfjs --weights w.safetensors");
    let shard = fs::read_dir(folder.path("web")).unwrap().map(|entry| entry.unwrap().path());
    let shard = shard.into_iter().find(|path| path.extension().is_some_and(|end| end == "bin"));
    let shard = shard.unwrap();
    let moved = folder.path("elsewhere.bin");
    fs::rename(&shard, &moved).unwrap();
    for target in [moved.as_path(), Path::new("/dev/zero")] {
        symlink(target, &shard).unwrap();
        let error = refusal(&folder, "inspect web");
        assert!(error.contains("leads out of the folder"), "{error}");
        fs::remove_file(&shard).unwrap();
    }
    assert!(Command::new("mkfifo").arg(&shard).status().unwrap().success());
    let error = refusal(&folder, "inspect web");
    assert!(error.contains("no plain file"), "{error}");
    fs::remove_file(&shard).unwrap();
    // A link within is a matter of taste, and a sound file is read.
    fs::rename(&moved, folder.path("web/kept.bin")).unwrap();
    symlink("kept.bin", &shard).unwrap();
    accepted(&folder, "inspect web");
}

/// A standard input without end.
#[test]
fn what_has_no_end_is_refused() {
    let folder = folder("endless", &["x.npy"]);
    for line in [
        "summary - </dev/zero",
        "diff - x.npy </dev/zero",
        "plot history - -o h.svg </dev/zero",
        "plot history /dev/zero -o h.svg",
        "evaluate x.npy --x x.npy --y x.npy --loss @/dev/zero",
    ] {
        let run = run(&folder, line);
        assert!(matches!(run.code, Some(1 | 2)), "{line}: {}", run.err);
        assert!(run.err.contains("gives zeros"), "{line}: {}", run.err);
    }
}

/// The system's limit on files is an error like that of a full disk, and leaves no half of a file.
#[test]
fn a_file_that_may_not_grow_is_an_error() {
    let folder = folder("full", &["escapes.json"]);
    let program = env!("CARGO_BIN_EXE_ceratops");
    let script = format!("ulimit -f 0; exec \"{program}\" convert escapes.json out.keras -q");
    let sh = Command::new("sh").args(["-c", &script]).current_dir(folder.path("")).output();
    let run = Run::of(sh.unwrap());
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.starts_with("error: out.keras: "), "{run:?}");
    let left = fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["escapes.json"]);
}
