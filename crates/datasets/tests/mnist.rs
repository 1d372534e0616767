//! The embedded digits, and folders with MNIST's four files.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::PathBuf};

use ceratops_core::Tensor;
use ceratops_datasets::mnist::{self, Split};

fn counts(y: &Tensor) -> [usize; 10] {
    let mut counts = [0; 10];
    for &label in y.as_slice() {
        counts[label as usize] += 1;
    }
    counts
}

#[test]
fn the_embedded_digits_are_these() {
    let ((x_train, y_train), (x_test, y_test)) = mnist::load_data().unwrap();
    assert_eq!((x_train.shape(), y_train.shape()), (&[4000, 28, 28][..], &[4000][..]));
    assert_eq!((x_test.shape(), y_test.shape()), (&[1000, 28, 28][..], &[1000][..]));
    let (train, test) = (counts(&y_train), counts(&y_test));
    assert_eq!(train, [396, 386, 399, 410, 405, 405, 391, 415, 396, 397]);
    assert_eq!(test, [104, 114, 101, 90, 95, 95, 109, 85, 104, 103]);
    assert!(train.iter().zip(test).all(|(a, b)| a + b == 500));
    assert_eq!(y_train.as_slice()[..5], [1.0, 8.0, 0.0, 0.0, 0.0]);
    assert_eq!((x_train.sum(), x_test.sum()), (104956634.0, 26310468.0));
    for x in [x_train, x_test] {
        let max = |image: &[f32]| image.iter().copied().fold(0.0, f32::max);
        assert!(x.as_slice().iter().all(|pixel| (0.0..=255.0).contains(pixel)));
        assert!(x.as_slice().chunks(28 * 28).all(|image| max(image) > 200.0), "a blank image");
    }
}

#[test]
fn digits_are_the_same_scaled_and_with_a_channel() {
    let ((x_train, y_train), (x_test, y_test)) = mnist::load_data().unwrap();
    let digits = mnist::digits().unwrap();
    for (split, x, y) in [(digits.train, x_train, y_train), (digits.test, x_test, y_test)] {
        assert_eq!(split.x.shape(), [y.len(), 28, 28, 1]);
        assert_eq!(split.y, y);
        let same = split.x.as_slice().iter().zip(x.as_slice()).all(|(&a, &b)| a == b / 255.0);
        assert!(same, "x is not x / 255");
    }
}

/// A folder with the given files, and no others.
fn folder(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    for (file, bytes) in files {
        fs::write(path.join(file), bytes).unwrap();
    }
    path
}

/// Two images of 1 x 2 pixels, and three labels of which the first two are theirs.
const IMAGES: [u8; 20] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 51, 102, 255];
const LABELS: [u8; 10] = [0, 0, 8, 1, 0, 0, 0, 2, 9, 4];
const THREE_LABELS: [u8; 11] = [0, 0, 8, 1, 0, 0, 0, 3, 9, 4, 4];

#[test]
fn a_folder_in_every_spelling() {
    let names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
    for (dot, gz) in [("-", ""), ("-", ".gz"), (".", ""), (".", ".gz")] {
        let names = names.map(|n| format!("{}-ubyte{gz}", n.replace("-idx", &format!("{dot}idx"))));
        let [a, b, c, d] = &names;
        let files: [(&str, &[u8]); 4] = [(a, &IMAGES), (b, &LABELS), (c, &IMAGES), (d, &LABELS)];
        let data = mnist::from_folder(folder("spellings", &files)).unwrap();
        for Split { x, y } in [data.train, data.test] {
            assert_eq!(x, Tensor::new(&[2, 1, 2, 1], vec![0.0, 0.2, 0.4, 1.0]).unwrap());
            assert_eq!(y, Tensor::from([9.0, 4.0]));
        }
    }
}

#[test]
fn a_folder_that_does_not_fit_is_an_error() {
    let table: [(&[u8], &[u8], &str); 4] = [
        (&IMAGES, &THREE_LABELS, "holds 2 images, but "),
        (&LABELS, &LABELS, "expected images, (n, height, width), got (2,)"),
        (&IMAGES, &IMAGES, "expected labels, (n,), got (2, 1, 2)"),
        (&IMAGES[..17], &LABELS, "train-images-idx3-ubyte: the header promises 4 bytes"),
    ];
    for (images, labels, expected) in table {
        let files = [("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", labels)];
        let error = mnist::from_folder(folder("unfit", &files)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let error = mnist::from_folder(folder("empty", &[])).unwrap_err().to_string();
    assert!(error.ends_with("no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz here"));
}
