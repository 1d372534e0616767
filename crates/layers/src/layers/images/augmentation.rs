//! What the layers share that change images at random while training.

use ceratops_core::{Context, Error, Result, Rng, Shape, Tensor};
use rand::Rng as _;

use super::{Factor, Frame, expect_images};
use crate::DataFormat;

/// A change of images, of which each gets its own in training. `augmentation!` makes a layer of it.
pub trait Augmentation {
    /// What is drawn for one image.
    type Draw: Send + 'static;

    /// Whether images are changed in inference, too.
    const ALWAYS: bool = false;

    /// Refuses arguments that make no sense.
    fn check(&self) -> Result<()>;

    /// Refuses images that the layer cannot change.
    fn check_input(&self, input: &Shape) -> Result<()> {
        let _ = input;
        Ok(())
    }

    /// Where the channels stand.
    fn data_format(&self) -> DataFormat;

    /// What tells the layer's numbers apart from those of others.
    fn seed(&self) -> Option<u64>;

    /// Draws what happens to an image of that size.
    fn draw(&self, frame: Frame, rng: &mut Rng) -> Self::Draw;

    /// The changed image.
    fn apply(&self, draw: &Self::Draw, frame: Frame, x: &[f32], y: &mut [f32]);

    /// The gradient of the image `x`, zero so far, from that of the changed image.
    fn pull(&self, draw: &Self::Draw, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]);
}

/// What the gradient needs: the images, and what was drawn for each.
#[derive(Debug)]
pub struct Changed<D> {
    x: Tensor,
    draws: Vec<D>,
}

/// A generator for a layer with that seed.
pub(super) fn rng(seed: Option<u64>, cx: &mut Context) -> Rng {
    let mut rng = cx.rng();
    rng.set_stream(seed.unwrap_or(0));
    rng
}

/// A number between two, all as likely.
pub(super) fn between((lower, upper): (f64, f64), rng: &mut Rng) -> f32 {
    (lower + (upper - lower) * rng.random::<f64>()) as f32
}

/// Whether something happens whose probability is drawn from a range first.
pub(super) fn happens(factor: Factor, rng: &mut Rng) -> bool {
    let probability = between(factor.bounds(), rng);
    rng.random::<f32>() < probability
}

/// What `forward` saves: nothing where nothing was changed.
type Saved<A> = Option<Changed<<A as Augmentation>::Draw>>;

pub(super) fn output_shape(layer: &impl Augmentation, input: &Shape) -> Result<Shape> {
    expect_images(input, layer.data_format())?;
    layer.check_input(input)?;
    Ok(input.clone())
}

pub(super) fn forward<A: Augmentation>(
    layer: &A,
    x: Tensor,
    cx: &mut Context,
) -> Result<(Tensor, Option<Saved<A>>)> {
    if !A::ALWAYS && !cx.is_training() {
        return Ok((x, cx.save(|| None)));
    }
    let x = layer.data_format().channels_to_last(x)?;
    let frame = Frame::of(&x)?;
    let mut rng = rng(layer.seed(), cx);
    let draws: Vec<A::Draw> = (0..x.batch()).map(|_| layer.draw(frame, &mut rng)).collect();
    let mut y = Tensor::for_overwrite(x.shape());
    let len = frame.len().max(1);
    let images = x.as_slice().chunks(len).zip(y.as_mut_slice().chunks_mut(len));
    for ((x, y), draw) in images.zip(&draws) {
        layer.apply(draw, frame, x, y);
    }
    let saved = cx.save(|| Some(Changed { x, draws }));
    Ok((layer.data_format().channels_from_last(y)?, saved))
}

pub(super) fn backward<A: Augmentation>(
    layer: &A,
    saved: Option<Changed<A::Draw>>,
    dy: Tensor,
) -> Result<Option<Tensor>> {
    let Some(Changed { x, draws }) = saved else { return Ok(Some(dy)) };
    let dy = layer.data_format().channels_to_last(dy)?;
    let frame = Frame::of(&x)?;
    let mut dx = Tensor::zeros(x.shape());
    let len = frame.len().max(1);
    let gradients = dy.as_slice().chunks(len).zip(dx.as_mut_slice().chunks_mut(len));
    for ((x, (dy, dx)), draw) in x.as_slice().chunks(len).zip(gradients).zip(&draws) {
        layer.pull(draw, frame, x, dy, dx);
    }
    layer.data_format().channels_from_last(dx).map(Some)
}

/// Refuses a range of values that is empty.
pub(super) fn check_range(range: [f64; 2]) -> Result<()> {
    if range[0].is_finite() && range[1].is_finite() && range[0] < range[1] {
        return Ok(());
    }
    let expected = "two numbers, the first smaller than the second";
    Err(Error::argument("value_range", expected, format!("[{}, {}]", range[0], range[1])))
}

/// A number of one range of values as one of another.
#[inline(always)]
pub(super) fn rescaled(value: f32, from: [f64; 2], to: [f64; 2]) -> f32 {
    if from == to {
        return value;
    }
    let (from, to) = (from.map(|bound| bound as f32), to.map(|bound| bound as f32));
    (value - from[0]) / (from[1] - from[0]) * (to[1] - to[0]) + to[0]
}

/// The values that a byte has.
pub(super) const BYTES: [f64; 2] = [0.0, 255.0];

/// The number within the range of values.
#[inline(always)]
pub(super) fn clip(value: f32, [least, most]: [f64; 2]) -> f32 {
    // Not `clamp`, which panics where the bounds are out of order.
    value.max(least as f32).min(most as f32)
}

/// Whether a number keeps its gradient when it is clipped.
#[inline(always)]
pub(super) fn is_within(value: f32, [least, most]: [f64; 2]) -> bool {
    (least as f32..=most as f32).contains(&value)
}

macro_rules! augmentation {
    ($Layer:ident) => {
        impl ceratops_core::Layer for $Layer {
            const CLASS_NAME: &'static str = stringify!($Layer);
            /// Nothing where nothing was changed.
            type Saved = Option<
                $crate::layers::images::augmentation::Changed<
                    <Self as $crate::layers::images::augmentation::Augmentation>::Draw,
                >,
            >;

            fn validate(&self) -> ceratops_core::Result<()> {
                $crate::layers::images::augmentation::Augmentation::check(self)
            }

            fn output_shape(
                &self,
                input: &ceratops_core::Shape,
            ) -> ceratops_core::Result<ceratops_core::Shape> {
                $crate::layers::images::augmentation::output_shape(self, input)
            }

            fn forward(
                &self,
                x: ceratops_core::Tensor,
                cx: &mut ceratops_core::Context,
            ) -> ceratops_core::Result<(ceratops_core::Tensor, Option<Self::Saved>)> {
                $crate::layers::images::augmentation::forward(self, x, cx)
            }

            fn backward(
                &self,
                saved: Self::Saved,
                dy: ceratops_core::Tensor,
                _: &mut ceratops_core::Gradients<'_>,
            ) -> ceratops_core::Result<Option<ceratops_core::Tensor>> {
                $crate::layers::images::augmentation::backward(self, saved, dy)
            }
        }
    };
}
