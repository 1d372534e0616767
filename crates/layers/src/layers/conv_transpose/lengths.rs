//! How long the output of a transposed convolution is.

use ceratops_core::{Error, Result, Shape};

use super::{ConvTranspose, TransposeRank};
use crate::{Extent, Padding};

/// One axis of the kernel.
struct Axis {
    kernel: usize,
    stride: usize,
    dilation: usize,
    output_padding: Option<usize>,
}

impl Axis {
    /// How long the output is for `n` inputs; nothing where no number is so large.
    fn length(&self, n: usize, padding: Padding) -> Option<usize> {
        let span = self.kernel.checked_sub(1)?.checked_mul(self.dilation)?.checked_add(1)?;
        let last = n.checked_sub(1)?.checked_mul(self.stride)?;
        match (padding, self.output_padding) {
            (Padding::Same, None) => n.checked_mul(self.stride),
            (Padding::Same, Some(more)) => last.checked_add(span % 2)?.checked_add(more),
            (_, None) => last.checked_add(span.max(self.stride)),
            (_, Some(more)) => last.checked_add(span)?.checked_add(more),
        }
    }
}

impl<R: TransposeRank> ConvTranspose<R> {
    /// Refuses an output padding that another input would fill.
    pub(super) fn check_output_padding(&self) -> Result<()> {
        let Some(padding) = self.output_padding else { return Ok(()) };
        let mut axes = padding.lengths().iter().zip(self.strides.lengths());
        if axes.all(|(padding, stride)| padding < stride) {
            return Ok(());
        }
        let expected = format!("less than the strides, {}", self.strides);
        Err(Error::argument("output_padding", expected, padding))
    }

    /// The output's shape before the activation for an input of shape `last`, both with their channels
    /// last; open lengths stay open.
    pub(super) fn shape_of_last(&self, last: &Shape) -> Result<Shape> {
        let mut output = last.with_axis(R::AXES + 1, Some(self.filters));
        for (i, axis) in self.axes().into_iter().enumerate() {
            let Some(&Some(n)) = last.axes().get(i + 1) else { continue };
            let length = axis.length(n, self.padding).filter(|&length| length > 0);
            let length = length.ok_or_else(|| self.misfit(last))?;
            output = output.with_axis(i + 1, Some(length));
        }
        Ok(output)
    }

    fn axes(&self) -> Vec<Axis> {
        let at = |extent: Extent<R>, i: usize| extent.lengths()[i];
        let axis = |i: usize| Axis {
            kernel: at(self.kernel_size, i),
            stride: at(self.strides, i),
            dilation: at(self.dilation_rate, i),
            output_padding: self.output_padding.map(|padding| at(padding, i)),
        };
        (0..R::AXES).map(axis).collect()
    }

    fn misfit(&self, last: &Shape) -> Error {
        let Self { kernel_size, strides, output_padding, .. } = self;
        let padding = output_padding.map_or_else(String::new, |p| format!(", output padding {p}"));
        let help = match (self.padding, output_padding) {
            (Padding::Same, Some(_)) => {
                "; with padding=\"same\" a kernel of even length needs an output padding of at least 1"
            }
            _ => "",
        };
        Error::Model(format!(
            "cannot take {last}: its {kernel_size} kernel with strides {strides}{padding} has no output \
             for it{help}"
        ))
    }
}
