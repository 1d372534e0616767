//! BackupAndRestore and its file: damaged in any way, it is refused and stays.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
};

use ceratops::{prelude::*, train::Backup as _};

fn folder(name: &str) -> PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&folder));
    folder
}

/// A training of four epochs, interrupted after so many batches.
fn train(backup: BackupAndRestore, batches: usize) -> Result<(CompiledModel, History)> {
    let x = Tensor::new(&[12, 1], (0..12).map(|i| i as f32 / 12.0).collect())?;
    let mut model = sequential![Input::new([1]), Dense::new(3), PReLU::new(), Dense::new(1)]?
        .compile("adam", "mse", "mae")?;
    let (flag, mut seen) = (AtomicBool::new(false), 0);
    let count = LambdaCallback::new().on_train_batch_end(|_, _, _| {
        seen += 1;
        flag.store(seen == batches, Ordering::Relaxed);
    });
    let options = FitOptions::new().epochs(4).batch_size(4).verbose(Verbose::Silent);
    let options = options.callback(count).interrupted_by(&flag).backup(backup);
    let history = model.fit(&x, &x, options)?;
    Ok((model, history))
}

#[test]
fn it_goes_on_where_it_was_and_is_deleted_at_the_end() {
    let (kept, whole) = (folder("backup_kept"), folder("backup_whole"));
    let backup = || BackupAndRestore::new(&kept);
    let (model, history) = train(BackupAndRestore::new(&whole), 0).unwrap();
    train(backup(), 5).unwrap();
    assert_eq!(backup().kept().unwrap(), Some((1, 2)));
    let (again, history_again) = train(backup().delete_checkpoint(false), 0).unwrap();
    assert_eq!((again.get_weights(), history_again), (model.get_weights(), history));
    assert_eq!(backup().kept().unwrap(), Some((4, 0)));
    // It is at its end already: nothing is left to do, and the result is the same.
    assert_eq!(train(backup(), 0).unwrap().0.get_weights(), model.get_weights());
    assert_eq!(backup().kept().unwrap(), None);
}

#[test]
fn a_damaged_backup_is_refused_and_stays() {
    let kept = folder("backup_damaged");
    let backup = || BackupAndRestore::new(&kept);
    train(backup(), 5).unwrap();
    let file = kept.join("latest.safetensors");
    let bytes = fs::read(&file).unwrap();
    for at in (0..bytes.len()).step_by(37) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        fs::write(&file, &damaged).unwrap();
        assert!(train(backup(), 0).is_err(), "a bit of byte {at}");
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
    for len in (0..bytes.len()).step_by(101) {
        fs::write(&file, &bytes[..len]).unwrap();
        let error = train(backup(), 0).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("delete it to begin anew"), "{error}");
    }
    fs::write(&file, &bytes).unwrap();
    assert!(train(backup(), 0).is_ok());
}

#[test]
fn a_file_is_no_folder() {
    let kept = folder("backup_file");
    fs::write(&kept, "").unwrap();
    let error = train(BackupAndRestore::new(&kept), 0).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("backup_dir") && error.contains("a folder"), "{error}");
    let error = train(BackupAndRestore::new(folder("b")).save_freq(0), 0).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("save_freq"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn two_trainings_at_once_need_two_folders() {
    let kept = folder("backup_shared");
    let mut first = BackupAndRestore::new(&kept);
    assert!(first.restore().unwrap().is_none());
    let error = train(BackupAndRestore::new(&kept), 0).unwrap_err().to_string();
    assert!(error.contains("another training that still runs"), "{error}");
    // Its own clones are let in, and everybody when it is over.
    train(first.clone(), 0).unwrap();
    drop(first);
    train(BackupAndRestore::new(&kept), 0).unwrap();
    assert!(fs::read_dir(&kept).unwrap().next().is_none(), "something is left behind");
}

#[test]
fn what_others_write_in_its_folder_stays() {
    let kept = folder("backup_others");
    fs::create_dir_all(&kept).unwrap();
    let theirs = kept.join(".ceratops-1-1.part");
    fs::write(&theirs, "half of a model").unwrap();
    train(BackupAndRestore::new(&kept), 0).unwrap();
    assert!(theirs.exists());
}

/// The states of a stateful layer, and of one in a model within, are part of what is kept.
#[test]
fn a_stateful_training_goes_on_to_the_bit() {
    let x = Tensor::new(&[12, 3, 1], (0..36).map(|i| (i as f32 * 0.7).sin()).collect()).unwrap();
    let y = Tensor::new(&[12, 1], (0..12).map(|i| (i as f32 * 0.3).cos()).collect()).unwrap();
    let run = |backup: BackupAndRestore, batches: usize| {
        let inner = sequential![Input::new([3, 4]).batch_size(2), GRU::new(3).stateful(true)]?;
        let walks = Bidirectional::new(LSTM::new(2).stateful(true).return_sequences(true));
        let model = sequential![Input::new([3, 1]).batch_size(2), walks, inner, Dense::new(1)]?;
        let mut model = model.compile("adam", "mse", ())?;
        let (flag, mut seen) = (AtomicBool::new(false), 0);
        let count = LambdaCallback::new().on_train_batch_end(|_, _, _| {
            seen += 1;
            flag.store(seen == batches, Ordering::Relaxed);
        });
        let options = FitOptions::new().epochs(3).batch_size(2).shuffle(false);
        let options = options.verbose(Verbose::Silent).callback(count).interrupted_by(&flag);
        model.fit(&x, &y, options.backup(backup))?;
        let predicted = model.predict(&x)?;
        Ok::<_, Error>((model.get_weights(), predicted))
    };
    let whole = run(BackupAndRestore::new(folder("backup_stateful_whole")), 0).unwrap();
    let kept = folder("backup_stateful");
    for batches in [4, 6, 3] {
        run(BackupAndRestore::new(&kept), batches).unwrap();
    }
    assert_eq!(run(BackupAndRestore::new(&kept), 0).unwrap(), whole);
}
