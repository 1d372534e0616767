//! CutMix: puts parts of images of a batch into each other, while training.

use ceratops_core::{Context, Gradients, Layer, Result, Rng, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{self, between},
    chance, expect_images,
    factor::positive,
    patch::Patch,
};
use crate::DataFormat;

/// yᵢ = xₚ₍ᵢ₎ within a rectangle, xᵢ elsewhere, while training, with a random order p of the batch; y = x otherwise.
/// The rectangle has √(1 - wᵢ) of the width and of the height, with wᵢ from Beta(a, a) and an a that is drawn from a
/// range for the batch.
///
/// In a model the labels stay as they are: as in Keras, where a dictionary of images and labels has its labels mixed
/// by the area of the rectangle only in front of a model, in the pipeline of the data.
///
/// ```
/// use ceratops_layers::{CutMix, Input, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), CutMix::new(1.0)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.CutMix`; Yun et al. 2019.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CutMix {
    /// The range of a; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for CutMix {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl CutMix {
    /// The layer with this range of a.
    pub fn new(factor: impl Into<Factor>) -> Self {
        let factor = factor.into().positive();
        Self { factor, seed: None, data_format: DataFormat::ChannelsLast }
    }

    builders! { seed data_format }

    fn draw(&self, batch: usize, frame: Frame, rng: &mut Rng) -> Cut {
        let a = f64::from(between(self.factor.bounds(), rng)) + 1e-6;
        let order = chance::order(batch, rng);
        let mut patch = |_: &usize| {
            let side = (1.0 - chance::beta(a, rng)).sqrt();
            Patch::draw([side; 2], frame, rng)
        };
        Cut { patches: order.iter().map(&mut patch).collect(), order }
    }
}

/// Of which image each is given a part, and which part.
#[derive(Debug)]
pub struct Cut {
    pub(super) order: Vec<usize>,
    pub(super) patches: Vec<Patch>,
}

impl Cut {
    /// Calls `with` for each pixel that is replaced: where it begins in the batch, and where what replaces it does.
    fn each_pixel(&self, frame: Frame, mut with: impl FnMut(usize, usize)) {
        for (i, (other, patch)) in self.order.iter().zip(&self.patches).enumerate() {
            let pixels = patch.pixels(frame);
            pixels.for_each(|place| with(i * frame.len() + place, other * frame.len() + place));
        }
    }

    pub(super) fn apply(&self, frame: Frame, x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let to = y.as_mut_slice();
        self.each_pixel(frame, |own, other| {
            to[own..][..frame.channels].copy_from_slice(&x.as_slice()[other..][..frame.channels]);
        });
        y
    }

    fn pull(&self, frame: Frame, dy: &Tensor) -> Tensor {
        let mut dx = dy.clone();
        let (to, dy) = (dx.as_mut_slice(), dy.as_slice());
        self.each_pixel(frame, |own, other| {
            for channel in 0..frame.channels {
                to[own + channel] -= dy[own + channel];
                to[other + channel] += dy[own + channel];
            }
        });
        dx
    }
}

impl Layer for CutMix {
    const CLASS_NAME: &'static str = "CutMix";
    /// Nothing where nothing was mixed.
    type Saved = Option<Cut>;

    fn validate(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        expect_images(input, self.data_format)?;
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Option<Cut>>)> {
        if !cx.is_training() {
            return Ok((x, cx.save(|| None)));
        }
        let x = self.data_format.channels_to_last(x)?;
        let frame = Frame::of(&x)?;
        let cut = self.draw(x.batch(), frame, &mut augmentation::rng(self.seed, cx));
        let y = cut.apply(frame, &x);
        Ok((self.data_format.channels_from_last(y)?, cx.save(|| Some(cut))))
    }

    fn backward(
        &self,
        cut: Option<Cut>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let Some(cut) = cut else { return Ok(Some(dy)) };
        let dy = self.data_format.channels_to_last(dy)?;
        let dx = cut.pull(Frame::of(&dy)?, &dy);
        self.data_format.channels_from_last(dx).map(Some)
    }

    fn couples_samples(&self) -> bool {
        true
    }
}
