//! MixUp: mixes images of a batch, while training.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{Frame, aug_mix::check_alpha, augmentation, chance, expect_images};
use crate::DataFormat;

/// yᵢ = wᵢ · xᵢ + (1 - wᵢ) · xₚ₍ᵢ₎ while training, with wᵢ from Beta(alpha, alpha) and a random order p of the batch;
/// y = x otherwise.
///
/// In a model the labels stay as they are: as in Keras, where a dictionary of images and labels has its labels mixed
/// with the same weights only in front of a model, in the pipeline of the data.
///
/// ```
/// use ceratops_layers::{Input, MixUp, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), MixUp::new(0.2)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.MixUp`; Zhang et al. 2018.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MixUp {
    /// How near the weights are to ½.
    pub alpha: f64,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand, which makes no difference.
    pub data_format: DataFormat,
}

impl Default for MixUp {
    fn default() -> Self {
        Self::new(0.2)
    }
}

impl MixUp {
    /// The layer with this alpha: the smaller, the more of one of the two images.
    pub fn new(alpha: f64) -> Self {
        Self { alpha, seed: None, data_format: DataFormat::ChannelsLast }
    }

    builders! { seed data_format }
}

/// Which image each is mixed with, and how much of itself stays.
#[derive(Debug)]
pub struct Mixed {
    pub(super) order: Vec<usize>,
    pub(super) weights: Vec<f32>,
}

impl Mixed {
    /// The mixtures.
    pub(super) fn apply(&self, x: &Tensor) -> Tensor {
        let (mut y, len) = (Tensor::for_overwrite(x.shape()), x.sample_len());
        let images = y.as_mut_slice().chunks_mut(len.max(1)).zip(x.as_slice().chunks(len.max(1)));
        for ((y, own), (other, weight)) in images.zip(self.order.iter().zip(&self.weights)) {
            let other = &x.as_slice()[other * len..][..len];
            for (y, (own, other)) in y.iter_mut().zip(own.iter().zip(other)) {
                *y = weight * own + (1.0 - weight) * other;
            }
        }
        y
    }

    /// The gradient of the images.
    fn pull(&self, dy: &Tensor) -> Tensor {
        let (mut dx, len) = (Tensor::zeros(dy.shape()), dy.sample_len());
        let images = dy.as_slice().chunks(len.max(1)).enumerate();
        for ((i, dy), (other, weight)) in images.zip(self.order.iter().zip(&self.weights)) {
            for (image, weight) in [(i, *weight), (*other, 1.0 - weight)] {
                let dx = &mut dx.as_mut_slice()[image * len..][..len];
                dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += weight * dy);
            }
        }
        dx
    }
}

impl Layer for MixUp {
    const CLASS_NAME: &'static str = "MixUp";
    /// Nothing where nothing was mixed.
    type Saved = Option<Mixed>;

    fn validate(&self) -> Result<()> {
        check_alpha(self.alpha)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        expect_images(input, self.data_format)?;
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Option<Mixed>>)> {
        if !cx.is_training() {
            return Ok((x, cx.save(|| None)));
        }
        Frame::of(&x)?;
        let mut rng = augmentation::rng(self.seed, cx);
        let order = chance::order(x.batch(), &mut rng);
        let weights = order.iter().map(|_| chance::beta(self.alpha, &mut rng)).collect();
        let mixed = Mixed { order, weights };
        let y = mixed.apply(&x);
        Ok((y, cx.save(|| Some(mixed))))
    }

    fn backward(
        &self,
        mixed: Option<Mixed>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        Ok(Some(match mixed {
            Some(mixed) => mixed.pull(&dy),
            None => dy,
        }))
    }

    fn couples_samples(&self) -> bool {
        true
    }
}
