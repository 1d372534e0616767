//! Folders of images by class: one folder for each class, the images in it its samples.

mod decode;
mod files;
mod options;
mod resize;

use std::path::{Path, PathBuf};

use ceratops_core::{Error, Result, SampleSource, Samples, Tensor, parallel};

use crate::to_categorical;

pub use options::{ColorMode, ImageOptions, Interpolation, LabelMode};

/// Images with their labels, one for each file.
#[derive(Debug, Clone)]
pub struct ImageFolder {
    /// The images, shape (n, height, width, channels), numbers from 0 to 255. Files are read when
    /// samples are asked for; one that cannot be read is an error then, which names it.
    pub images: Samples,
    /// The labels: see [`LabelMode`].
    pub labels: Tensor,
    /// The names of the classes; a label is a place in this list.
    pub class_names: Vec<String>,
    /// The file of each image.
    pub file_paths: Vec<PathBuf>,
}

impl ImageFolder {
    /// The first samples and the last, `validation_split` of them all, which are rounded down:
    /// Keras' `subset="both"`.
    ///
    /// An error where one part would be empty.
    pub fn split(&self, validation_split: f64) -> Result<(Self, Self)> {
        let n = self.file_paths.len();
        let last = (validation_split * n as f64) as usize;
        if last == 0 || last >= n {
            let expected =
                format!("a part between 0 and 1 that leaves some of {n} images on each side");
            return Err(Error::argument("validation_split", expected, validation_split));
        }
        let part = |range: std::ops::Range<usize>| {
            Ok(Self {
                images: self.images.slice(range.clone())?,
                labels: self.labels.batch_slice(range.clone())?,
                class_names: self.class_names.clone(),
                file_paths: self.file_paths[range].to_vec(),
            })
        };
        Ok((part(0..n - last)?, part(n - last..n)?))
    }
}

/// The images in the folders of `directory`, whose names are the classes, sorted: Keras'
/// `image_dataset_from_directory`.
///
/// Read are files named `.bmp`, `.gif` (the first picture of several), `.jpeg`, `.jpg` and `.png`, in
/// folders within these folders too. What is hidden (`.name`) is passed over. Images are brought to
/// one size as Keras does it, without smoothing; the numbers are Keras' own but for JPEG, where
/// decoders differ by a few units of 255.
///
/// ```no_run
/// use ceratops_datasets::image_folder::{ImageOptions, image_dataset_from_directory};
///
/// let options = ImageOptions::new().image_size([180, 180]).seed(7);
/// let flowers = image_dataset_from_directory("flowers", options)?;
/// let (training, validation) = flowers.split(0.2)?;
/// assert_eq!(training.images.shape()[1..], [180, 180, 3]);
/// println!("{:?}, {} images", flowers.class_names, flowers.labels.len());
/// # let _ = validation;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where folders cannot be read, hold no images, or do not go with the options.
///
/// Source: Keras, `keras.utils.image_dataset_from_directory`.
pub fn image_dataset_from_directory(
    directory: impl AsRef<Path>,
    options: ImageOptions,
) -> Result<ImageFolder> {
    let directory = directory.as_ref();
    options.validate()?;
    let class_names = files::class_names(directory, &options)?;
    let mut found = files::of_classes(directory, &class_names)?;
    if found.is_empty() {
        return Err(Error::Data(format!(
            "{}: no images found; expected a folder for each class, with files named {}",
            directory.display(),
            files::FORMATS.join(", ")
        )));
    }
    if let Some(seed) = options.shuffled() {
        files::shuffle(&mut found, seed);
    }
    let (file_paths, classes): (Vec<PathBuf>, Vec<f32>) = found.into_iter().unzip();
    let labels = labels(classes.into(), &class_names, options.label_mode)?;
    let images =
        Samples::from_source(Images { files: file_paths.clone(), shape: options.shape(), options });
    Ok(ImageFolder { images, labels, class_names, file_paths })
}

/// The classes as the labels that are wanted.
fn labels(classes: Tensor, class_names: &[String], mode: LabelMode) -> Result<Tensor> {
    let n = classes.len();
    match mode {
        LabelMode::Int => Ok(classes),
        LabelMode::Categorical => to_categorical(&classes, class_names.len()),
        LabelMode::Binary if class_names.len() == 2 => classes.reshape(&[n, 1]),
        LabelMode::Binary => {
            let found = format!("{}: {}", class_names.len(), class_names.join(", "));
            Err(Error::argument("label_mode", "two classes for \"binary\"", found))
        }
    }
}

/// Images that are read as they are needed.
#[derive(Debug)]
struct Images {
    files: Vec<PathBuf>,
    shape: [usize; 3],
    options: ImageOptions,
}

impl SampleSource for Images {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn sample_shape(&self) -> &[usize] {
        &self.shape
    }

    fn read(&self, indices: &[usize]) -> Result<Tensor> {
        let shape = [&[indices.len()][..], &self.shape].concat();
        let mut images = Tensor::try_full(&shape, 0.0)?;
        let len = self.shape.iter().product::<usize>().max(1);
        let mut places: Vec<(usize, &mut [f32])> =
            indices.iter().copied().zip(images.as_mut_slice().chunks_mut(len)).collect();
        parallel::try_for_each(&mut places, |(index, place)| {
            let Some(file) = self.files.get(*index) else {
                return Err(Error::argument("index", format!("below {}", self.len()), index));
            };
            let image = decode::read(file, self.options.color_mode)?;
            resize::into(&image, &self.options, place);
            Ok(())
        })?;
        Ok(images)
    }
}
