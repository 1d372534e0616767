//! NumPy's files: `.npy` and `.npz`, as NumPy writes them, and as somebody means harm with them.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{
    fs::{self, File},
    io::Cursor,
};

use ceratops_core::{Tensor, Text};
use ceratops_formats::npy;
use scratch::*;

fn rows() -> Tensor {
    Tensor::from([[0.0, 1.0, 2.0], [100.0, 3.0, 5.0]])
}

#[test]
fn arrays_of_every_type_and_order_as_numpy_writes_them() {
    for file in ["numbers.npz", "numbers_deflated.npz"] {
        let arrays = npy::read_npz(File::open(fixture(file)).unwrap()).unwrap();
        assert_eq!(arrays.len(), 12 + 10 + 1 + 4, "{file}");
        for (name, array) in &arrays {
            let expected = match name.as_str() {
                "b1" => rows().map(|x| f32::from(u8::from(x != 0.0))),
                "_scalar" => Tensor::scalar(2.5),
                "_empty" => Tensor::zeros(&[0, 3]),
                "_one_axis" => Tensor::from([1.0, 2.0, 3.0]),
                "_fortran_3" => {
                    Tensor::new(&[2, 3, 4], (0..24u8).map(f32::from).collect()).unwrap()
                }
                _ => rows(),
            };
            assert_eq!(*array, expected, "{file}: {name}");
        }
    }
}

#[test]
fn every_version_of_the_format() {
    let arrays = npy::read_npz(File::open(fixture("versions.npz")).unwrap()).unwrap();
    let names: Vec<&str> = arrays.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["v1", "v2", "v3"]);
    assert!(arrays.iter().all(|(_, array)| *array == rows()));
}

#[test]
fn what_is_written_is_read() {
    let folder = scratch("npy_written");
    for tensor in [rows(), Tensor::scalar(2.5), Tensor::from([1.0]), Tensor::zeros(&[2, 0, 3])] {
        let path = folder.join("array.npy");
        npy::write(&path, &tensor).unwrap();
        assert_eq!(npy::read(&path).unwrap(), tensor);
        let file = fs::read(&path).unwrap();
        // The numbers begin where NumPy aligns them, and end the file.
        assert_eq!(file.len() % 64, 4 * tensor.len() % 64);
    }
    assert_eq!(names(&folder), ["array.npy"]);

    let tensors = [("a".to_owned(), rows()), ("b/c".to_owned(), Tensor::scalar(1.0))];
    let mut file = Cursor::new(Vec::new());
    npy::write_npz(&mut file, &tensors).unwrap();
    assert_eq!(npy::read_npz(file).unwrap(), tensors);
}

#[test]
fn a_stream_holds_arrays_one_after_another() {
    let mut stream = Vec::new();
    npy::write_npy(&mut stream, &rows()).unwrap();
    let first = stream.len();
    npy::write_npy(&mut stream, &Tensor::scalar(7.0)).unwrap();
    assert_eq!(npy::read_npy(&stream[..]).unwrap(), rows());
    assert_eq!(npy::read_npy(&stream[first..]).unwrap(), Tensor::scalar(7.0));
}

#[test]
fn strings_and_integers_of_any_size() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/files/preprocessing/");
    for file in ["table.npz", "table_bytes.npz"] {
        let arrays = npy::read_arrays(File::open(format!("{folder}{file}")).unwrap()).unwrap();
        let array = |name: &str| &arrays.iter().find(|(known, _)| known == name).unwrap().1;
        let strings = |name: &str| array(name).text().unwrap().strings().join(" ");
        assert_eq!(strings("city"), "Bern Zürich Basel Genf", "{file}");
        assert_eq!(strings("job"), "smith judge  clerk", "{file}");
        assert_eq!(strings("zip"), "3004 9007199254740993 8001 9007199254740992", "{file}");
        assert_eq!(strings("id"), "17000001 16777217 5 -3", "{file}");
        assert_eq!(array("age").numbers().unwrap(), [33.0, 51.0, 20.0, 64.0].into());
        let error = array("zip").numbers().unwrap_err().to_string();
        assert!(error.contains("9007199254740993"), "{error}");
        assert!(array("city").numbers().unwrap_err().to_string().contains("strings"));
        assert!(array("age").text().unwrap_err().to_string().contains("floats"));
    }
}

#[test]
fn strings_come_back_as_they_went() {
    let text = Text::from([["a", "Zürich"], ["", "been"]]);
    let mut file = Vec::new();
    npy::write_npy(&mut file, &text.to_tensor().unwrap()).unwrap();
    assert!(file.starts_with(b"\x93NUMPY") && String::from_utf8_lossy(&file).contains("'<U6'"));
    let mut archive = std::io::Cursor::new(Vec::new());
    npy::write_npz(&mut archive, &[("y".into(), text.to_tensor().unwrap())]).unwrap();
    let arrays = npy::read_arrays(archive).unwrap();
    assert_eq!(arrays[0].1.text().unwrap(), text);
}

#[test]
fn strings_that_lie_are_refused() {
    let header = |descr: &str, shape: &str| {
        with_header(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"))
    };
    for (descr, shape, body, expected) in [
        ("|S3", "(2,)", b"abcde".as_slice(), "ends in element 1"),
        ("|S3", "(1,)", b"ab\xff", "not UTF-8"),
        ("<U1", "(1,)", b"\0\xd8\0\0", "no Unicode"),
        ("<U0", "(1000000000000,)", b"", "fits in no memory"),
        ("|S1", "(18446744073709551615, 2)", b"", "fits in no memory"),
        ("<i8", "(1152921504606846976, 8)", b"", "fits in no memory"),
        ("<U99999999999", "(1,)", b"", "expected the .npy header"),
        ("|O", "(1,)", b"", "Python objects"),
    ] {
        let file = [header(descr, shape), body.to_vec()].concat();
        let error = npy::read_array(file.as_slice()).unwrap_err().to_string();
        assert!(error.contains(expected), "{descr}: {error}");
    }
    let none = npy::read_array(header("<U0", "(0,)").as_slice()).unwrap();
    assert!(none.text().unwrap().strings().is_empty());
}

fn with_header(text: &str) -> Vec<u8> {
    let len = u16::try_from(text.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00".as_slice(), &len, text.as_bytes()].concat()
}

#[test]
fn headers_that_are_none_or_lie() {
    let shape =
        |shape: &str| format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    let descr =
        |descr: &str| format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (1,), }}");
    let cases = [
        (shape("(1000000000000,)"), "has 4000000000000 bytes, but the file ends before"),
        (shape("(18446744073709551615, 2)"), "fits in no memory"),
        (shape(&format!("({})", "1,".repeat(65))), "expected the .npy header"),
        (shape("(-1,)"), "expected the .npy header"),
        (shape("(1,"), "expected the .npy header"),
        (descr("'|O'"), "Python objects"),
        (descr("'<c8'"), "expected the .npy header"),
        (descr("[('a', '<f4')]"), "expected the .npy header"),
        ("{}".into(), "expected the .npy header"),
        ("{'descr': '<f4', 'shape': (1,), }".into(), "expected the .npy header"),
        (String::new(), "expected the .npy header"),
        ("\u{fffd}'{".into(), "expected the .npy header"),
    ];
    for (header, expected) in cases {
        let error = npy::read_npy(&with_header(&header)[..]).unwrap_err().to_string();
        assert!(error.contains(expected), "{header}: {error}");
    }
    // Python 2 wrote lengths as long numbers.
    let mut file = with_header(&shape("(1L, 1L)"));
    file.extend(2.5f32.to_le_bytes());
    assert_eq!(npy::read_npy(&file[..]).unwrap(), Tensor::from([[2.5]]));
}

#[test]
fn files_may_end_anywhere() {
    let mut file = Vec::new();
    npy::write_npy(&mut file, &rows()).unwrap();
    for end in 0..file.len() {
        assert!(npy::read_npy(&file[..end]).is_err(), "{end}");
    }
    for name in ["versions.npz", "numbers_deflated.npz"] {
        let file = fs::read(fixture(name)).unwrap();
        for end in 0..file.len() {
            assert!(npy::read_npz(Cursor::new(&file[..end])).is_err(), "{name} {end}");
        }
    }
}

#[test]
fn any_byte_of_an_archive_may_be_another() {
    let file = fs::read(fixture("numbers_deflated.npz")).unwrap();
    let whole = npy::read_npz(Cursor::new(&file)).unwrap();
    for at in 0..file.len() {
        for change in [1, 0x80, 0xff] {
            let mut file = file.clone();
            file[at] ^= change;
            // Names and dates may change, so that an array is passed over or has another name;
            // numbers may not unnoticed.
            let Ok(arrays) = npy::read_npz(Cursor::new(&file)) else { continue };
            let known = |array: &Tensor| whole.iter().any(|(_, other)| other == array);
            assert!(arrays.iter().all(|(_, array)| known(array)), "byte {at}");
        }
    }
}

/// An archive of the deflated `bytes` under `name`, which says that it has `size` bytes.
fn deflated(name: &str, bytes: &[u8], size: u32) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    let data = encoder.finish().unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let common = |to: &mut Vec<u8>| {
        to.extend([20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0]);
        to.extend([crc.sum(), data.len() as u32, size].map(u32::to_le_bytes).as_flattened());
        to.extend([name.len() as u16, 0].map(u16::to_le_bytes).as_flattened());
    };
    let mut file = b"PK\x03\x04".to_vec();
    common(&mut file);
    file.extend(name.as_bytes());
    file.extend(&data);
    let list = file.len() as u32;
    file.extend(b"PK\x01\x02\x14\x03");
    common(&mut file);
    file.extend([0; 14]);
    file.extend(name.as_bytes());
    let len = file.len() as u32 - list;
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend([len, list].map(u32::to_le_bytes).as_flattened());
    file.extend([0, 0]);
    file
}

fn refusal(file: &[u8]) -> String {
    npy::read_npz(Cursor::new(file)).unwrap_err().to_string()
}

#[test]
fn archives_that_lie() {
    let mut array = Vec::new();
    npy::write_npy(&mut array, &Tensor::zeros(&[1000])).unwrap();
    let len = array.len() as u32;
    let good = deflated("a.npy", &array, len);
    assert_eq!(npy::read_npz(Cursor::new(&good)).unwrap()[0].1, Tensor::zeros(&[1000]));

    let error = refusal(&deflated("a.npy", &array, len - 1));
    assert!(error.contains("the file ends before"), "{error}");
    let error = refusal(&deflated("a.npy", &array, len + 1));
    assert!(error.contains("member \"a.npy\""), "{error}");
    let error = refusal(&deflated("a.npy", &array, u32::MAX - 1));
    assert!(error.contains("more than 100 times as many are refused"), "{error}");

    // Encrypted, by a method of its own, in two disks, twice of one name.
    let list = good.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = good.len() - 22;
    let changed = |at: usize, byte: u8| {
        let mut file = good.clone();
        file[at] = byte;
        refusal(&file)
    };
    assert!(changed(list + 8, 1).contains("it is encrypted"));
    assert!(changed(list + 10, 12).contains("compressed by method 12"));
    assert!(changed(list + 10, 0).contains("stored in another size"));
    assert!(
        changed(list + 16, good[list + 16] ^ 1).contains("the archive's list of members differ")
    );
    // Both say the same, but not of these bytes.
    let mut other = good.clone();
    (other[list + 16], other[14]) = (good[list + 16] ^ 1, good[14] ^ 1);
    assert!(refusal(&other).contains("its check sum is another"));
    assert!(changed(30, b'b').contains("its own header calls it \"b.npy\""));
    assert!(changed(list + 20, good[list + 20] ^ 0x80).contains("reaches into what follows it"));
    assert!(changed(end + 4, 1).contains("one part of several"));
    assert!(changed(end + 10, 2).contains("lists 1 members and says that it has 2"));
    assert!(changed(end + 15, 0xff).contains("beyond its end"));
    let entry = &good[list..end];
    let mut twice = [&good[..end], entry, &good[end..]].concat();
    let end = twice.len() - 22;
    twice[end + 10] = 2;
    twice[end + 12..end + 16].copy_from_slice(&(2 * entry.len() as u32).to_le_bytes());
    assert!(refusal(&twice).contains("two members \"a.npy\""), "{}", refusal(&twice));
}

#[test]
fn a_short_text_is_no_array_and_not_a_part_of_one() {
    let of = |bytes: &[u8]| npy::read_npy(bytes).unwrap_err().to_string();
    assert!(of(b"hello").contains("this is no .npy array"), "{}", of(b"hello"));
    assert!(of(b"").contains("this is no .npy array"), "{}", of(b""));
    assert!(of(b"\x93NUM").contains("cut off"), "{}", of(b"\x93NUM"));
}
