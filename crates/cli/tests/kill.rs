//! `ceratops train --backup` is killed at random moments, also while it writes, and started again:
//! it ends with the same bits as if nothing had happened.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::{
    fs,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use common::Folder;

/// How often it is killed.
const KILLS: usize = 200;

const TRAIN: &str = "train model.json --weights w.safetensors --x x.npy --y y.npy -q \
    --loss sparse_categorical_crossentropy --optimizer adam --metrics accuracy --epochs 20 \
    --batch-size 3 --validation-split 0.2 --seed 5 --history h.json --out out.weights.h5";

#[test]
fn a_training_that_is_killed_at_any_moment_ends_with_the_same_bits() {
    let folder = Folder::with_model("kill");
    let begun = Instant::now();
    folder.ok(&format!("{TRAIN} --backup begun --save-freq 1"));
    let duration = begun.elapsed();
    let results =
        |folder: &Folder| (fs::read(folder.path("out.weights.h5")).unwrap(), folder.read("h.json"));
    let whole = results(&folder);
    folder.ok(TRAIN);
    assert!(results(&folder) == whole, "a backup must change nothing");
    assert!(
        fs::read_dir(folder.path("begun")).unwrap().next().is_none(),
        "it is deleted at the end"
    );

    let (mut starts, mut kills, mut writing, mut ends) = (0, 0, 0, 0);
    while kills < KILLS || ends == 0 {
        let mut command = folder.command(&format!("{TRAIN} --backup kept --save-freq 1"));
        let mut process = command.stderr(Stdio::null()).spawn().unwrap();
        starts += 1;
        if kills < KILLS {
            // Multiples of the golden ratio leave no moment out for long; a training is killed some
            // times before its end.
            let share = (f64::from(starts) * 0.618_034).fract();
            sleep(duration.mul_f64(0.4 * share));
        }
        match process.try_wait().unwrap() {
            None if kills < KILLS => {
                process.kill().unwrap();
                process.wait().unwrap();
                kills += 1;
                writing += usize::from(is_half_written(&folder));
                continue;
            }
            None => assert!(process.wait().unwrap().success()),
            Some(status) => assert!(status.success(), "{status}"),
        }
        assert!(results(&folder) == whole, "after {kills} kills, {ends} times at the end");
        for name in ["out.weights.h5", "h.json"] {
            fs::remove_file(folder.path(name)).unwrap();
        }
        ends += 1;
    }
    println!(
        "{kills} kills, {writing} of them while it wrote; {ends} trainings, {duration:?} each"
    );
    // What was left by the last that was killed is taken away by the next.
    folder.ok(&format!("{TRAIN} --backup kept --save-freq 1"));
    for place in [folder.path(""), folder.path("kept")] {
        let left = fs::read_dir(place).unwrap().flatten().map(|entry| entry.file_name());
        let left: Vec<_> = left.filter(|name| name.to_string_lossy().ends_with(".part")).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
    assert!(writing > 0, "not one of {kills} kills came while the backup was written");
}

#[test]
fn ctrl_c_ends_it_after_the_batch_and_it_goes_on_later() {
    let folder = Folder::with_model("ctrl_c");
    let train = "train model.json --weights w.safetensors --x x.npy --y y.npy --batch-size 3 \
        --loss sparse_categorical_crossentropy --optimizer adam --epochs 3000";
    let weights = |name: &str| fs::read(folder.path(name)).unwrap();
    let mut starts = 0;
    loop {
        let mut command = folder.command(&format!("{train} --backup kept --out out.weights.h5"));
        let process = command.stderr(Stdio::piped()).spawn().unwrap();
        starts += 1;
        // It listens once it trains; a training of which something was kept does.
        let waits = Instant::now();
        while !folder.path("kept/latest.safetensors").exists() && waits.elapsed().as_secs() < 60 {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(40));
        if starts < 4 {
            let id = process.id().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        }
        let output = process.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(err.contains("going on from the backup"), starts > 1, "{err}");
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), Some(130), "{err}");
        assert!(err.contains("interrupted after") && err.contains("goes on from there"), "{err}");
        assert!(folder.path("out.weights.h5").exists());
    }
    assert_eq!(starts, 4, "it was over before it was interrupted");
    folder.ok(&format!("{train} --out whole.weights.h5"));
    assert!(weights("out.weights.h5") == weights("whole.weights.h5"));
}

/// Whether a process left a file that it had not finished.
fn is_half_written(folder: &Folder) -> bool {
    let Ok(entries) = fs::read_dir(folder.path("kept")) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".part"))
}
