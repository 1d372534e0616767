//! Rows of `.npy` files, read as they are needed.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use allocation_counter::measure;
use ceratops_core::{SampleSource, Samples, Tensor};
use ceratops_formats::npy::{self, NpyFile};
use scratch::scratch;

/// A file of version 1.0 with that header and those bytes.
fn write(path: &Path, descr: &str, fortran: &str, shape: &str, numbers: &[u8]) {
    let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((text.len() as u16).to_le_bytes());
    file.extend(text.as_bytes());
    file.extend(numbers);
    fs::write(path, file).unwrap();
}

fn message(path: &Path) -> String {
    let error = NpyFile::open(path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: ", path.display())), "{error}");
    error
}

fn counted(folder: &str, shape: &[usize]) -> (PathBuf, Tensor) {
    let path = scratch(folder).join("array.npy");
    let all = (0..shape.iter().product::<usize>()).map(|i| i as f32 / 4.0).collect();
    let all = Tensor::new(shape, all).unwrap();
    npy::write(&path, &all).unwrap();
    (path, all)
}

#[test]
fn any_rows_in_any_order() {
    let (path, all) = counted("npy_rows", &[7, 2, 3]);
    let file = NpyFile::open(&path).unwrap();
    assert_eq!((file.len(), file.sample_shape()), (7, &[2, 3][..]));
    for indices in [vec![], vec![6], vec![0, 1, 2, 3, 4, 5, 6], vec![5, 6, 0, 0, 1, 3, 2]] {
        let rows = file.read(&indices).unwrap();
        assert_eq!(rows, all.batch_gather(&indices).unwrap(), "{indices:?}");
    }
    let error = file.read(&[2, 7]).unwrap_err().to_string();
    assert_eq!(error, "invalid `index`: expected below 7, got 7");
    let samples = Samples::from(file);
    assert_eq!(samples.slice(2..5).unwrap().read(1..3).unwrap(), all.batch_slice(3..5).unwrap());
}

/// More bytes than are read at once.
#[test]
fn long_rows_and_long_runs() {
    for shape in [[3, 100_001], [200_003, 1]] {
        let (path, all) = counted(&format!("npy_long_{}", shape[0]), &shape);
        let file = NpyFile::open(&path).unwrap();
        assert_eq!(file.read(&(0..shape[0]).collect::<Vec<_>>()).unwrap(), all);
    }
}

#[test]
fn every_type_of_number() {
    let path = scratch("npy_types").join("array.npy");
    let cases: [(&str, &[u8]); 12] = [
        ("|b1", &[0, 1, 1, 0]),
        ("|i1", &[0, 1, 2, 0xff]),
        ("|u1", &[0, 1, 2, 3]),
        ("<i2", &[0, 0, 1, 0, 2, 0, 0xff, 0xff]),
        (">i2", &[0, 0, 0, 1, 0, 2, 0xff, 0xff]),
        ("<u2", &[0, 0, 1, 0, 2, 0, 3, 0]),
        ("<f2", &[0, 0, 0, 0x3c, 0, 0x40, 0, 0x42]),
        (">i4", &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]),
        ("<u4", &[0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]),
        ("<i8", &[[0; 8], 1i64.to_le_bytes(), 2i64.to_le_bytes(), (-1i64).to_le_bytes()].concat()),
        (">f8", &[[0; 8], 1f64.to_be_bytes(), 2f64.to_be_bytes(), 3f64.to_be_bytes()].concat()),
        (">f4", &[[0; 4], 1f32.to_be_bytes(), 2f32.to_be_bytes(), 3f32.to_be_bytes()].concat()),
    ];
    for (descr, numbers) in cases {
        write(&path, descr, "False", "(2, 2)", numbers);
        let whole = npy::read(&path).unwrap();
        assert!(whole.as_slice()[1] == 1.0, "{descr}");
        let rows = NpyFile::open(&path).unwrap().read(&[1, 0]).unwrap();
        assert_eq!(rows, whole.batch_gather(&[1, 0]).unwrap(), "{descr}");
    }
}

#[test]
fn what_cannot_be_read_by_rows_is_refused_at_once() {
    let path = scratch("npy_refused").join("array.npy");
    for (descr, fortran, shape, numbers, expected) in [
        ("<f4", "True", "(2, 2)", 16, "numpy.save(path, numpy.ascontiguousarray(x))"),
        ("<f4", "False", "()", 4, "the array is a single number; expected samples"),
        ("<f4", "False", "(2, 2)", 15, "has 16 bytes, 1 are missing"),
        ("<f4", "False", "(99999999999, 4)", 15, "has 1599999999984 bytes, 1599999999969 are"),
        ("<f8", "False", "(4294967296, 4294967296)", 0, "fits in no file"),
        ("|O", "False", "(2, 2)", 16, "Python objects"),
    ] {
        write(&path, descr, fortran, shape, &vec![0; numbers]);
        let error = message(&path);
        assert!(error.contains(expected), "{error}");
    }
    fs::write(&path, "no array").unwrap();
    assert!(message(&path).contains("it does not begin as one"));
    let missing = NpyFile::open(path.with_file_name("missing.npy")).unwrap_err().to_string();
    assert!(missing.contains("missing.npy: No such file"), "{missing}");
    // One axis is in both orders; and a sample may be empty.
    write(&path, "<f4", "True", "(2,)", &[0; 8]);
    assert_eq!(NpyFile::open(&path).unwrap().read(&[1]).unwrap(), Tensor::from([0.0]));
    write(&path, "<f4", "False", "(5, 0)", &[]);
    assert_eq!(NpyFile::open(&path).unwrap().read(&[4, 4]).unwrap().shape(), [2, 0]);
}

#[test]
fn a_file_that_became_shorter_is_an_error() {
    let (path, all) = counted("npy_shrunk", &[4, 8]);
    let file = NpyFile::open(&path).unwrap();
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 1).unwrap();
    assert_eq!(file.read(&[2]).unwrap(), all.batch_gather(&[2]).unwrap());
    let error = file.read(&[3]).unwrap_err().to_string();
    let expected = format!("{}: sample 3 can no longer be read: ", path.display());
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn a_few_rows_of_a_file_larger_than_memory_take_little() {
    let path = scratch("npy_sparse").join("array.npy");
    // 4 TiB of zeros, of which the system keeps none, with a row of ones near the end.
    let (rows, len) = (1usize << 32, 256);
    write(&path, "<f4", "False", &format!("({rows}, {len})"), &[]);
    let start = fs::metadata(&path).unwrap().len();
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let at = |row: usize| start + (row * len * 4) as u64;
    if file.set_len(at(rows)).is_err() {
        // Not every file system has such long files.
        return;
    }
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(at(rows - 2))).unwrap();
    file.write_all(&1f32.to_le_bytes().repeat(len)).unwrap();
    let taken = measure(|| {
        let file = NpyFile::open(&path).unwrap();
        let read = file.read(&[rows - 1, rows - 2, 0]).unwrap();
        let ones: f64 = read.sum();
        assert_eq!(ones, len as f64);
        assert_eq!(read.as_slice()[len], 1.0);
    });
    assert!(taken.bytes_max < 16_000, "{taken:?}");
    fs::remove_file(&path).unwrap();
}

#[test]
fn threads_read_at_once() {
    let (path, all) = counted("npy_threads", &[1000, 5]);
    let samples = Samples::from(NpyFile::open(&path).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (samples, all) = (&samples, &all);
            scope.spawn(move || {
                for i in 0..1000 {
                    let indices = [(i * 37 + thread * 250) % 1000, i];
                    let expected = all.batch_gather(&indices).unwrap();
                    assert_eq!(samples.gather(&indices).unwrap(), expected);
                }
            });
        }
    });
}
