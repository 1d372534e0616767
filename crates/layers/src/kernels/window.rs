//! A window that slides over an image: where it stands and what it covers.

use std::ops::Range;

use ceratops_core::{Error, Shape};

use crate::{Padding, Size};

/// A sliding window along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WindowAxis {
    /// The length of the input.
    pub(crate) input: usize,
    /// How many places the window takes.
    pub(crate) output: usize,
    /// How many inputs it covers.
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) dilation: usize,
    /// How many pads stand in front of the input.
    pub(crate) before: usize,
}

impl WindowAxis {
    /// The window, or nothing if it does not fit.
    ///
    /// same: output = ceil(input / stride); valid: output = ceil((input - (kernel - 1)·dilation) / stride).
    fn new(
        input: usize,
        kernel: usize,
        stride: usize,
        dilation: usize,
        padding: Padding,
    ) -> Option<Self> {
        let span = kernel.checked_sub(1)?.checked_mul(dilation)?.checked_add(1)?;
        let (output, before) = match padding {
            Padding::Valid => (input.checked_sub(span)?.checked_div(stride)? + 1, 0),
            Padding::Same => {
                let output = (stride > 0).then(|| input.div_ceil(stride))?;
                let reach = output.saturating_sub(1).checked_mul(stride)?.checked_add(span)?;
                (output, reach.saturating_sub(input) / 2)
            }
        };
        Some(Self { input, output, kernel, stride, dilation, before })
    }

    /// Which input tap `k` of the window at place `at` sees; nothing where it is a pad.
    #[inline]
    pub(crate) fn tap(&self, at: usize, k: usize) -> Option<usize> {
        (at * self.stride + k * self.dilation).checked_sub(self.before).filter(|&i| i < self.input)
    }

    /// The taps that see inputs, of an undilated window at place `at`.
    #[inline]
    pub(crate) fn inside(&self, at: usize) -> Range<usize> {
        let start = at * self.stride;
        let first = self.before.saturating_sub(start).min(self.kernel);
        let end = (self.input + self.before).saturating_sub(start).min(self.kernel);
        first..end.max(first)
    }

    /// How many inputs and pads the window passes over.
    pub(crate) fn reach(&self) -> usize {
        self.output.saturating_sub(1) * self.stride + (self.kernel - 1) * self.dilation + 1
    }

    /// Whether neighbouring taps see neighbouring inputs.
    pub(crate) fn is_dense(&self) -> bool {
        self.dilation == 1
    }
}

/// A sliding window over the rows and columns of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) rows: WindowAxis,
    pub(crate) columns: WindowAxis,
}

/// A window's settings, as the layers have them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WindowOptions {
    pub(crate) kernel: Size,
    pub(crate) strides: Size,
    pub(crate) dilation: Size,
    pub(crate) padding: Padding,
}

impl WindowOptions {
    /// The window over an image, or nothing if it does not fit.
    pub(crate) fn over(&self, height: usize, width: usize) -> Option<Window> {
        let Self { kernel, strides, dilation, padding } = *self;
        Some(Window {
            rows: WindowAxis::new(height, kernel.height, strides.height, dilation.height, padding)?,
            columns: WindowAxis::new(width, kernel.width, strides.width, dilation.width, padding)?,
        })
    }

    /// The places along both axes for the image axes of `shape` (channels last), open lengths
    /// staying open; nothing if the window does not fit.
    pub(crate) fn places(&self, shape: &Shape) -> Option<[Option<usize>; 2]> {
        let [_, height, width, _] = *shape.axes() else { return None };
        let probe = |len: Option<usize>, open: usize| len.unwrap_or(open);
        // An open length is taken as large enough for any window.
        let window = self.over(probe(height, 1 << 31), probe(width, 1 << 31))?;
        Some([height.map(|_| window.rows.output), width.map(|_| window.columns.output)])
    }

    /// The error for an image of shape `input` that the window, called `name`, does not fit in.
    pub(crate) fn misfit(&self, name: &str, input: &Shape) -> Error {
        let Self { kernel, dilation, padding, .. } = *self;
        let span = |k: usize, d: usize| k.saturating_sub(1).saturating_mul(d).saturating_add(1);
        let needs = Size {
            height: span(kernel.height, dilation.height),
            width: span(kernel.width, dilation.width),
        };
        let dilated =
            if needs == kernel { String::new() } else { format!(", dilated by {dilation},") };
        let help = match padding {
            Padding::Valid => {
                "remove a MaxPooling2D above it or use padding=\"same\" (Padding::Same)"
            }
            Padding::Same => "make it smaller",
        };
        Error::Model(format!(
            "cannot take {input}: its {kernel} {name}{dilated} needs at least {needs}; {help}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places and pads in front, as measured in Keras.
    #[test]
    fn same_padding_puts_the_extra_pad_behind() {
        for (input, kernel, stride, output, before) in
            [(5, 2, 1, 5, 0), (5, 3, 2, 3, 1), (6, 3, 2, 3, 0), (1, 3, 3, 1, 1), (4, 1, 3, 2, 0)]
        {
            let axis = WindowAxis::new(input, kernel, stride, 1, Padding::Same).unwrap();
            assert_eq!((axis.output, axis.before), (output, before), "{input} {kernel} {stride}");
        }
    }

    #[test]
    fn a_window_that_does_not_fit_is_none() {
        assert_eq!(WindowAxis::new(2, 3, 1, 1, Padding::Valid), None);
        assert_eq!(WindowAxis::new(4, 3, 1, 2, Padding::Valid), None);
        assert_eq!(WindowAxis::new(4, usize::MAX, 1, 2, Padding::Same), None);
    }

    #[test]
    fn inside_agrees_with_tap() {
        for input in 1..7 {
            for (kernel, stride) in [(1, 1), (2, 1), (3, 1), (3, 2), (5, 1), (5, 3), (7, 2)] {
                let axis = WindowAxis::new(input, kernel, stride, 1, Padding::Same).unwrap();
                for at in 0..axis.output {
                    let seen: Vec<usize> =
                        (0..kernel).filter(|&k| axis.tap(at, k).is_some()).collect();
                    assert_eq!(axis.inside(at).collect::<Vec<_>>(), seen);
                }
            }
        }
    }
}
