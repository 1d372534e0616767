//! Images that get another height or another width at random.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};

use super::{
    Factor, Frame, Interpolation, Resizing,
    augmentation::{between, rng},
    expect_images,
};
use crate::DataFormat;

/// A layer that draws a size for the images of a batch.
pub(super) trait Sides {
    /// The range of f, of which 1 + f is the size of a side, in shares of what it is.
    fn factor(&self) -> Factor;

    fn interpolation(&self) -> Interpolation;

    fn seed(&self) -> Option<u64>;

    /// The size with this share of the side that changes.
    fn size(frame: Frame, share: f32) -> [usize; 2];
}

/// A side that is so many times as long, and not nothing.
pub(super) fn times(len: usize, share: f32) -> usize {
    ((share * len as f32) as usize).max(1)
}

/// What `backward` needs: the shape of the input, and the size of the output.
#[derive(Debug)]
pub struct Resized {
    shape: Vec<usize>,
    size: [usize; 2],
}

pub(super) fn check(layer: &impl Sides) -> Result<()> {
    let (lower, upper) = layer.factor().bounds();
    // Keras sets no upper bound; one that is larger by mistake would ask for all memory.
    if lower > -1.0 && upper <= 100.0 {
        return Ok(());
    }
    let expected = "a number, or two, above -1 and at most 100";
    Err(Error::argument("factor", expected, layer.factor().text()))
}

pub(super) fn output_shape(input: &Shape, axis: usize) -> Result<Shape> {
    expect_images(input, DataFormat::ChannelsLast)?;
    Ok(input.with_axis(axis, None))
}

fn resizing<S: Sides>(layer: &S, [height, width]: [usize; 2]) -> Resizing {
    Resizing::new(height, width).interpolation(layer.interpolation())
}

/// Nothing is saved where nothing was changed.
pub(super) fn forward<S: Sides>(
    layer: &S,
    x: Tensor,
    cx: &mut Context,
) -> Result<(Tensor, Option<Option<Resized>>)> {
    let frame = Frame::of(&x)?;
    if !cx.is_training() || frame.len() == 0 {
        return Ok((x, cx.save(|| None)));
    }
    let (lower, upper) = layer.factor().bounds();
    let share = between((1.0 + lower, 1.0 + upper), &mut rng(layer.seed(), cx));
    let (size, shape) = (S::size(frame, share), x.shape().to_vec());
    let (y, _) = resizing(layer, size).forward(x, &mut Context::inference())?;
    Ok((y, cx.save(|| Some(Resized { shape, size }))))
}

pub(super) fn backward(
    layer: &impl Sides,
    resized: Option<Resized>,
    dy: Tensor,
    dw: &mut Gradients<'_>,
) -> Result<Option<Tensor>> {
    match resized {
        Some(Resized { shape, size }) => resizing(layer, size).backward(shape, dy, dw),
        None => Ok(Some(dy)),
    }
}

/// The layer whose images change along an axis, of which `size` makes the new size.
macro_rules! sides {
    ($Layer:ident, $axis:literal, $size:expr) => {
        impl $crate::layers::images::sides::Sides for $Layer {
            fn factor(&self) -> $crate::Factor {
                self.factor
            }

            fn interpolation(&self) -> $crate::Interpolation {
                self.interpolation
            }

            fn seed(&self) -> Option<u64> {
                self.seed
            }

            fn size(frame: Frame, share: f32) -> [usize; 2] {
                $size(frame, share)
            }
        }

        impl $Layer {
            /// The layer that makes sides longer or shorter by up to this share, or by one within a range.
            pub fn new(factor: impl Into<$crate::Factor>) -> Self {
                let factor = factor.into().symmetric();
                Self { factor, interpolation: $crate::Interpolation::Bilinear, seed: None }
            }

            builders! { seed }

            /// Sets how pixels between the pixels are made.
            #[must_use]
            pub fn interpolation(self, interpolation: $crate::Interpolation) -> Self {
                Self { interpolation, ..self }
            }
        }

        /// Without a change.
        impl Default for $Layer {
            fn default() -> Self {
                Self::new(0.0)
            }
        }

        impl ceratops_core::Layer for $Layer {
            const CLASS_NAME: &'static str = stringify!($Layer);
            /// Nothing where nothing was changed.
            type Saved = Option<$crate::layers::images::sides::Resized>;

            fn validate(&self) -> ceratops_core::Result<()> {
                $crate::layers::images::sides::check(self)
            }

            fn output_shape(
                &self,
                input: &ceratops_core::Shape,
            ) -> ceratops_core::Result<ceratops_core::Shape> {
                $crate::layers::images::sides::output_shape(input, $axis)
            }

            fn forward(
                &self,
                x: ceratops_core::Tensor,
                cx: &mut ceratops_core::Context,
            ) -> ceratops_core::Result<(ceratops_core::Tensor, Option<Self::Saved>)> {
                $crate::layers::images::sides::forward(self, x, cx)
            }

            fn backward(
                &self,
                resized: Self::Saved,
                dy: ceratops_core::Tensor,
                dw: &mut ceratops_core::Gradients<'_>,
            ) -> ceratops_core::Result<Option<ceratops_core::Tensor>> {
                $crate::layers::images::sides::backward(self, resized, dy, dw)
            }

            fn couples_samples(&self) -> bool {
                true
            }
        }
    };
}

pub(super) use sides;
