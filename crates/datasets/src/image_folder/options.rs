//! How a folder of images is read.

use ceratops_core::{Error, Result};

/// How [`image_dataset_from_directory`](super::image_dataset_from_directory) reads, with Keras'
/// defaults: RGB images of 256 by 256, integer labels, shuffled.
#[derive(Debug, Clone)]
pub struct ImageOptions {
    pub(super) label_mode: LabelMode,
    pub(super) class_names: Option<Vec<String>>,
    pub(super) color_mode: ColorMode,
    pub(super) image_size: [usize; 2],
    pub(super) shuffle: bool,
    pub(super) seed: u64,
    pub(super) interpolation: Interpolation,
    pub(super) crop_to_aspect_ratio: bool,
}

/// What the labels look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelMode {
    /// Shape (n,), the numbers of the classes: for `sparse_categorical_crossentropy`.
    Int,
    /// Shape (n, classes), a 1 in each row: for `categorical_crossentropy`.
    Categorical,
    /// Shape (n, 1), 0 for the first and 1 for the second of two classes: for
    /// `binary_crossentropy`.
    Binary,
}

/// Which channels images have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorMode {
    /// A single one.
    Grayscale,
    /// Red, green and blue; what shines through is left out.
    Rgb,
    /// These and opacity, 255 where an image says nothing of it.
    Rgba,
}

/// How the numbers between pixels are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// From the four nearest pixels.
    Bilinear,
    /// From the nearest one.
    Nearest,
}

impl Default for ImageOptions {
    fn default() -> Self {
        Self {
            label_mode: LabelMode::Int,
            class_names: None,
            color_mode: ColorMode::Rgb,
            image_size: [256, 256],
            shuffle: true,
            seed: 0,
            interpolation: Interpolation::Bilinear,
            crop_to_aspect_ratio: false,
        }
    }
}

impl ImageOptions {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the labels look like.
    #[must_use]
    pub fn label_mode(self, label_mode: LabelMode) -> Self {
        Self { label_mode, ..self }
    }

    /// Reads these folders only, whose labels follow this order.
    #[must_use]
    pub fn class_names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self { class_names: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// Which channels images have.
    #[must_use]
    pub fn color_mode(self, color_mode: ColorMode) -> Self {
        Self { color_mode, ..self }
    }

    /// Height and width of all images.
    #[must_use]
    pub fn image_size(self, image_size: [usize; 2]) -> Self {
        Self { image_size, ..self }
    }

    /// Whether the files are shuffled, or sorted by class and name.
    #[must_use]
    pub fn shuffle(self, shuffle: bool) -> Self {
        Self { shuffle, ..self }
    }

    /// Shuffles from this seed; 0 without. The order is another than that of the same seed in Keras.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How the numbers between pixels are found.
    #[must_use]
    pub fn interpolation(self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self }
    }

    /// Whether images keep their proportions: what is too long is cut off on both sides.
    #[must_use]
    pub fn crop_to_aspect_ratio(self, crop: bool) -> Self {
        Self { crop_to_aspect_ratio: crop, ..self }
    }

    /// The seed, if there is to be shuffled.
    pub(super) fn shuffled(&self) -> Option<u64> {
        self.shuffle.then_some(self.seed)
    }

    /// The shape of an image.
    pub(super) fn shape(&self) -> [usize; 3] {
        let [height, width] = self.image_size;
        [height, width, self.color_mode.channels()]
    }

    pub(super) fn validate(&self) -> Result<()> {
        if self.image_size.contains(&0) {
            let found = format!("{:?}", self.image_size);
            return Err(Error::argument("image_size", "positive height and width", found));
        }
        Ok(())
    }
}

impl ColorMode {
    /// How many channels there are.
    pub(super) fn channels(self) -> usize {
        match self {
            Self::Grayscale => 1,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}
