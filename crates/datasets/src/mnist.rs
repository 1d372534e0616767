//! MNIST: handwritten digits, 28 x 28 grey pixels each.
//!
//! Two ways to the same 5,000 embedded digits: [`digits`] gives them ready to train on,
//! [`load_data`] as `keras.datasets.mnist.load_data` does. [`from_folder`] gives the full set,
//! or another in the same files, ready to train on.

use std::path::{Path, PathBuf};

use ceratops_core::{Error, Result, Tensor};

use crate::idx;

/// A data set in two parts.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// What the model learns from.
    pub train: Split,
    /// What it is measured on and never sees in training.
    pub test: Split,
}

/// Samples and what is to be said of them.
#[derive(Debug, Clone)]
pub struct Split {
    /// The images, shape `(n, height, width, 1)`, pixels from 0 to 1.
    pub x: Tensor,
    /// The class of each, shape `(n,)`.
    pub y: Tensor,
}

/// 4,000 digits to train on and 1,000 to test with, x in 0..1 with shape `(n, 28, 28, 1)`.
///
/// They are part of the program: a tenth of MNIST's size, for first steps, tests and the browser.
/// The data's README says where they come from.
///
/// ```
/// let digits = ceratops_datasets::mnist::digits()?;
/// assert_eq!(digits.train.x.shape(), [4000, 28, 28, 1]);
/// assert_eq!(digits.test.y.shape(), [1000]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn digits() -> Result<Dataset> {
    let ((x_train, y_train), (x_test, y_test)) = load_data()?;
    Ok(Dataset { train: Split::scaled(x_train, y_train)?, test: Split::scaled(x_test, y_test)? })
}

/// The digits of [`digits`] as Keras hands them out: x in 0..=255 with shape `(n, 28, 28)`.
///
/// Keras' function of this name downloads all 70,000; see [`from_folder`].
///
/// ```
/// let ((x_train, y_train), (x_test, y_test)) = ceratops_datasets::mnist::load_data()?;
/// let x_train = x_train.map(|pixel| pixel / 255.0).reshape(&[4000, 28, 28, 1])?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn load_data() -> Result<((Tensor, Tensor), (Tensor, Tensor))> {
    let read = |bytes: &[u8]| idx::from_reader("the embedded digits", bytes);
    let x_train = read(include_bytes!("../data/mnist5k-train-images-idx3-ubyte.gz"))?;
    let y_train = read(include_bytes!("../data/mnist5k-train-labels-idx1-ubyte.gz"))?;
    let x_test = read(include_bytes!("../data/mnist5k-test-images-idx3-ubyte.gz"))?;
    let y_test = read(include_bytes!("../data/mnist5k-test-labels-idx1-ubyte.gz"))?;
    Ok(((x_train, y_train), (x_test, y_test)))
}

/// The data set in a folder with MNIST's four files, scaled and shaped as [`digits`].
///
/// They are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
/// `t10k-labels-idx1-ubyte`, or `train-images.idx3-ubyte` and so on, each with or without `.gz`.
///
/// An error where a file is missing or broken (see [`idx::read`]), or where images and labels
/// differ in number.
pub fn from_folder(path: impl AsRef<Path>) -> Result<Dataset> {
    let part = |name| part(path.as_ref(), name);
    Ok(Dataset { train: part("train")?, test: part("t10k")? })
}

/// The images and labels of one part.
fn part(folder: &Path, name: &str) -> Result<Split> {
    let images = find(folder, &format!("{name}-images"), "idx3-ubyte")?;
    let labels = find(folder, &format!("{name}-labels"), "idx1-ubyte")?;
    let (x, y) = (idx::read(&images)?, idx::read(&labels)?);
    check_axes(&images, &x, 3, "images, (n, height, width)")?;
    check_axes(&labels, &y, 1, "labels, (n,)")?;
    if x.batch() != y.batch() {
        return Err(Error::Data(format!(
            "{} holds {} images, but {} holds {} labels: each image needs one label",
            images.display(),
            x.batch(),
            labels.display(),
            y.batch()
        )));
    }
    Split::scaled(x, y)
}

/// The file of that name, in any of its spellings.
fn find(folder: &Path, stem: &str, extension: &str) -> Result<PathBuf> {
    let spellings = [("-", ""), ("-", ".gz"), (".", ""), (".", ".gz")];
    let mut paths =
        spellings.map(|(dot, gz)| folder.join(format!("{stem}{dot}{extension}{gz}"))).into_iter();
    paths.find(|path| path.is_file()).ok_or_else(|| {
        let message = format!("no file {stem}-{extension} or {stem}-{extension}.gz here");
        Error::io(folder.display(), message)
    })
}

fn check_axes(path: &Path, array: &Tensor, ndim: usize, expected: &str) -> Result<()> {
    if array.ndim() == ndim {
        return Ok(());
    }
    Err(Error::shape(path.display().to_string(), expected, array.shape(), ""))
}

impl Split {
    /// x / 255 with an axis for the one channel.
    fn scaled(x: Tensor, y: Tensor) -> Result<Self> {
        let shape = [x.shape(), &[1]].concat();
        Ok(Self { x: x.map(|pixel| pixel / 255.0).reshape(&shape)?, y })
    }
}
