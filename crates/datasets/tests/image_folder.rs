//! Folders of images: what Keras reads of the same files, and what is no image.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use allocation_counter::measure;
use ceratops_core::{Samples, Tensor};
use ceratops_datasets::image_folder::{
    ColorMode, ImageFolder, ImageOptions, Interpolation, LabelMode, image_dataset_from_directory,
};
use serde_json::Value;

/// The decoder of a PNG has no choice.
const EXACT: f32 = 1e-3;
/// TensorFlow decodes JPEGs by a fast cosine transform, which differs from an exact one by 1 in gray
/// and by 3 in colors; ours is another one.
const GRAY_JPEG: f32 = 1.01;
const JPEG: f32 = 4.1;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images").join(path)
}

/// An empty folder of the test's own.
fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn options(case: &Value) -> ImageOptions {
    let given = &case["options"];
    let side = |i: usize| given["image_size"][i].as_u64().unwrap() as usize;
    ImageOptions::new()
        .class_names(case["classes"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()))
        .image_size([side(0), side(1)])
        .shuffle(false)
        .label_mode(match given["label_mode"].as_str() {
            Some("categorical") => LabelMode::Categorical,
            Some("binary") => LabelMode::Binary,
            _ => LabelMode::Int,
        })
        .color_mode(match given["color_mode"].as_str() {
            Some("grayscale") => ColorMode::Grayscale,
            Some("rgba") => ColorMode::Rgba,
            _ => ColorMode::Rgb,
        })
        .interpolation(match given["interpolation"].as_str() {
            Some("nearest") => Interpolation::Nearest,
            _ => Interpolation::Bilinear,
        })
        .crop_to_aspect_ratio(given["crop_to_aspect_ratio"] == true)
}

fn numbers(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap() as f32],
    }
}

#[test]
fn images_are_those_of_keras() {
    let cases: Value = serde_json::from_slice(&fs::read(here("expected.json")).unwrap()).unwrap();
    for case in cases.as_array().unwrap() {
        let read = image_dataset_from_directory(here("folder"), options(case)).unwrap();
        let what = format!("{} {}", case["classes"], case["options"]);
        assert_eq!(Value::from(read.class_names.clone()), case["classes"]);
        let files = case["files"].as_array().unwrap();
        let expected = files.iter().map(|file| here("folder").join(file.as_str().unwrap()));
        assert_eq!(read.file_paths, expected.collect::<Vec<_>>(), "{what}");
        assert_eq!(read.labels.as_slice(), numbers(&case["labels"]), "{what}");
        for (i, file) in files.iter().enumerate() {
            let (image, expected) = (read.images.gather(&[i]).unwrap(), &case["values"][i]);
            let allowed = match file.as_str().unwrap() {
                "jpeg/gray.jpeg" => GRAY_JPEG,
                "jpeg/rgb.jpg" => JPEG,
                _ => EXACT,
            };
            let expected = numbers(expected);
            assert_eq!(image.len(), expected.len(), "{file} {what}");
            let differences = image.as_slice().iter().zip(&expected).map(|(a, b)| (a - b).abs());
            let largest = differences.fold(0.0, f32::max);
            assert!(largest <= allowed, "{file} {what}: {largest}");
        }
    }
}

#[test]
fn labels_have_the_shapes_of_keras() {
    let read = |mode, classes: &[&str]| -> ceratops_core::Result<ImageFolder> {
        let options = ImageOptions::new().label_mode(mode).class_names(classes.iter().copied());
        image_dataset_from_directory(here("folder"), options)
    };
    let shape = |mode| read(mode, &["exact", "jpeg"]).unwrap().labels.shape().to_vec();
    assert_eq!(shape(LabelMode::Int), [7]);
    assert_eq!(shape(LabelMode::Categorical), [7, 2]);
    assert_eq!(shape(LabelMode::Binary), [7, 1]);
    let error = read(LabelMode::Binary, &["exact", "jpeg", "others"]).unwrap_err().to_string();
    assert!(error.contains("two classes for \"binary\", got 3: exact, jpeg, others"), "{error}");
    let error = read(LabelMode::Int, &["exact", "jpg"]).unwrap_err().to_string();
    assert!(error.contains("unknown class `jpg`; did you mean `jpeg`?"), "{error}");
    assert!(read(LabelMode::Int, &["jpeg", "jpeg"]).is_err());
    let error =
        image_dataset_from_directory(here("folder"), ImageOptions::new().image_size([0, 3]));
    assert!(error.unwrap_err().to_string().contains("image_size"));
}

#[test]
fn shuffling_keeps_each_image_with_its_label() {
    let read =
        |options: ImageOptions| image_dataset_from_directory(here("folder"), options).unwrap();
    let size = ImageOptions::new().image_size([2, 2]);
    let (sorted, mixed) = (read(size.clone().shuffle(false)), read(size.clone().seed(3)));
    assert_eq!(mixed.file_paths, read(size.clone().seed(3)).file_paths);
    assert_ne!(mixed.file_paths, sorted.file_paths);
    assert_ne!(mixed.file_paths, read(size.seed(4)).file_paths);
    for (i, file) in sorted.file_paths.iter().enumerate() {
        let place = mixed.file_paths.iter().position(|other| other == file).unwrap();
        assert_eq!(mixed.labels.as_slice()[place], sorted.labels.as_slice()[i]);
        let images = |read: &ImageFolder, i| read.images.gather(&[i]).unwrap();
        assert_eq!(images(&mixed, place), images(&sorted, i));
    }
}

#[test]
fn a_part_is_left_for_validation() {
    let options = ImageOptions::new().image_size([2, 2]);
    let all = image_dataset_from_directory(here("folder"), options).unwrap();
    assert_eq!(all.images.shape(), [11, 2, 2, 3]);
    let (training, validation) = all.split(0.2).unwrap();
    assert_eq!((training.labels.len(), validation.labels.len()), (9, 2));
    assert_eq!(validation.file_paths, all.file_paths[9..]);
    assert_eq!(validation.images.gather(&[1]).unwrap(), all.images.gather(&[10]).unwrap());
    for part in [0.0, 0.05, 1.0, 2.0, -1.0, f64::NAN] {
        assert!(all.split(part).is_err(), "{part}");
    }
}

/// A folder of one class, "a", with these files.
fn folder(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = scratch(name);
    for (file, bytes) in files {
        let path = folder.join("a").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn png() -> Vec<u8> {
    fs::read(here("folder/exact/b_rgb.png")).unwrap()
}

fn images(folder: &Path) -> ceratops_core::Result<Samples> {
    let options = ImageOptions::new().image_size([2, 2]).shuffle(false);
    Ok(image_dataset_from_directory(folder, options)?.images)
}

#[test]
fn what_is_hidden_or_no_image_by_its_name_is_passed_over() {
    let png = png();
    let files = [
        "x.png",
        ".hidden.png",
        "notes.txt",
        "png",
        "z/y.PNG",
        "x-1/y.png",
        "x/s/y.png",
        ".b/y.png",
    ];
    let folder = folder("images_hidden", &files.map(|file| (file, png.as_slice())));
    fs::create_dir_all(folder.join(".cache")).unwrap();
    fs::write(folder.join("loose.png"), &png).unwrap();
    fs::create_dir_all(folder.join("empty")).unwrap();
    fs::create_dir_all(folder.join("a/folder.png")).unwrap();
    let read = image_dataset_from_directory(&folder, ImageOptions::new().shuffle(false)).unwrap();
    assert_eq!(read.class_names, ["a", "empty"]);
    // Python sorts the folders by their whole paths: `-` stands before `/`.
    let expected = ["x.png", "x-1/y.png", "x/s/y.png", "z/y.PNG"];
    assert_eq!(read.file_paths, expected.map(|file| folder.join("a").join(file)));
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_round_in_circles() {
    let folder = folder("images_links", &[("x.png", &png())]);
    std::os::unix::fs::symlink("..", folder.join("a/up")).unwrap();
    std::os::unix::fs::symlink("x.png", folder.join("a/y.png")).unwrap();
    std::os::unix::fs::symlink("a", folder.join("b")).unwrap();
    // As in Keras a class may be a link, and so may an image.
    assert_eq!(images(&folder).unwrap().len(), 4);
}

#[test]
fn an_empty_folder_is_an_error() {
    let folder = scratch("images_empty");
    let error = images(&folder).unwrap_err().to_string();
    assert!(error.contains("no images found; expected a folder for each class"), "{error}");
    let error = images(&folder.join("missing")).unwrap_err().to_string();
    assert!(error.contains("missing: "), "{error}");
}

#[test]
fn a_broken_image_is_named_when_it_is_read() {
    let (png, jpeg) = (png(), fs::read(here("folder/jpeg/rgb.jpg")).unwrap());
    let half = png.len() / 2;
    let folder = folder(
        "images_broken",
        &[
            ("1.png", &png),
            ("2.png", &png[..half]),
            ("3.jpg", b"\xff\xd8\xff\xe0 nothing"),
            ("4.png", b"text"),
            ("5.png", b""),
            // The name may lie.
            ("6.png", &jpeg),
        ],
    );
    let images = images(&folder).unwrap();
    assert!(images.gather(&[0, 5]).is_ok());
    for (i, expected) in [
        (1, "2.png: broken image: "),
        (2, "3.jpg: broken image: "),
        (3, "4.png: this is no image; expected BMP, GIF, JPEG or PNG"),
        (4, "5.png: this is no image"),
    ] {
        let error = images.gather(&[0, i]).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    fs::remove_file(folder.join("a/1.png")).unwrap();
    assert!(images.gather(&[0]).unwrap_err().to_string().contains("1.png: "));
}

/// The checksum of a PNG's chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

#[test]
fn an_image_that_promises_too_much_takes_no_memory() {
    // 60,000 by 60,000 pixels: 11 GB.
    let mut bomb = png();
    bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let sum = crc(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&sum);
    let images = images(&folder("images_bomb", &[("bomb.png", &bomb)])).unwrap();
    let taken = measure(|| {
        let error = images.gather(&[0]).unwrap_err().to_string();
        assert!(error.contains("bomb.png: broken image: "), "{error}");
    });
    assert!(taken.bytes_max < 1 << 20, "{taken:?}");
}

#[test]
fn the_same_image_twice_in_a_batch() {
    let images = images(&folder("images_twice", &[("1.png", &png())])).unwrap();
    let twice = images.gather(&[0, 0]).unwrap();
    assert_eq!(
        twice,
        Tensor::concat(&[images.gather(&[0]).unwrap(), images.gather(&[0]).unwrap()]).unwrap()
    );
}
