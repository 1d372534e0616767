//! A window that slides over a volume, an image or a sequence: where it stands and what it covers.

use std::ops::Range;

use ceratops_core::{Error, Result, Shape};
use smallvec::SmallVec;

use crate::{Extent, Padding, Rank};

/// A window over more places, pads included, is refused.
const MOST_PLACES: usize = 1 << 30;

/// The lengths of a batch: of samples, of one to three axes, of channels. They need no memory.
pub(crate) type Dims = SmallVec<[usize; 5]>;

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
    /// same, causal: output = ceil(input / stride);
    /// valid: output = ceil((input - (kernel - 1)·dilation) / stride).
    pub(crate) fn new(
        input: usize,
        kernel: usize,
        stride: usize,
        dilation: usize,
        padding: Padding,
    ) -> Option<Self> {
        let span = span(kernel, dilation)?;
        let all = (stride > 0).then(|| input.div_ceil(stride))?;
        let reach = all.saturating_sub(1).checked_mul(stride)?.checked_add(span)?;
        let (output, before) = match padding {
            Padding::Valid => (input.checked_sub(span)? / stride + 1, 0),
            Padding::Same => (all, reach.saturating_sub(input) / 2),
            Padding::Causal => (all, span - 1),
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

    /// How many inputs or pads the window covers, with those between its taps.
    pub(crate) fn span(&self) -> usize {
        (self.kernel - 1) * self.dilation + 1
    }

    /// How many inputs and pads the window passes over.
    pub(crate) fn reach(&self) -> usize {
        self.output.saturating_sub(1) * self.stride + self.span()
    }

    /// The window with stride 1 that passes over the gradients of the output, spread by the stride and
    /// with `span` - 1 pads on both sides, to give those of the input.
    pub(crate) fn of_gradient(&self) -> Self {
        let (input, output) = (self.input + self.span() - 1, self.input);
        Self { input, output, stride: 1, before: 0, ..*self }
    }

    /// Whether neighbouring taps see neighbouring inputs.
    pub(crate) fn is_dense(&self) -> bool {
        self.dilation == 1
    }
}

/// (kernel - 1)·dilation + 1
fn span(kernel: usize, dilation: usize) -> Option<usize> {
    kernel.checked_sub(1)?.checked_mul(dilation)?.checked_add(1)
}

/// A sliding window over a volume, whose slices are images. Over an image it stands at one depth, over
/// a sequence in one row too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) depth: WindowAxis,
    pub(crate) rows: WindowAxis,
    pub(crate) columns: WindowAxis,
}

impl Window {
    fn axes(&self) -> [WindowAxis; 3] {
        [self.depth, self.rows, self.columns]
    }

    /// The window with the same padding at so many places, of which there may be one more than the input asks
    /// for: then the last one sees pads alone, or the inputs that the window before has not reached.
    pub(crate) fn at_places<R: Rank>(mut self, places: &[usize]) -> Self {
        let [depth, rows, columns] = [&mut self.depth, &mut self.rows, &mut self.columns];
        let axes = [depth, rows, columns].into_iter().skip(3 - R::AXES);
        for (axis, &output) in axes.zip(places) {
            if axis.output != output {
                let reach = output.saturating_sub(1) * axis.stride + axis.span();
                (axis.output, axis.before) = (output, reach.saturating_sub(axis.input) / 2);
            }
        }
        self
    }

    /// The shape of the places of `rank` axes, of a batch, with so many channels.
    pub(crate) fn output<R: Rank>(&self, batch: usize, channels: usize) -> Dims {
        self.shape::<R>(batch, channels, |axis| axis.output)
    }

    /// The shape of the input.
    pub(crate) fn input<R: Rank>(&self, batch: usize, channels: usize) -> Dims {
        self.shape::<R>(batch, channels, |axis| axis.input)
    }

    fn shape<R: Rank>(
        &self,
        batch: usize,
        channels: usize,
        length: fn(WindowAxis) -> usize,
    ) -> Dims {
        let lengths = self.axes().into_iter().skip(3 - R::AXES).map(length);
        std::iter::once(batch).chain(lengths).chain([channels]).collect()
    }
}

/// A window's settings, as the layers have them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WindowOptions<R: Rank> {
    pub(crate) kernel: Extent<R>,
    pub(crate) strides: Extent<R>,
    pub(crate) dilation: Extent<R>,
    pub(crate) padding: Padding,
}

impl<R: Rank> WindowOptions<R> {
    /// The window over these lengths, or nothing if it does not fit.
    fn over(&self, lengths: Extent<R>) -> Option<Window> {
        let [lengths, kernel, strides, dilation] =
            [lengths, self.kernel, self.strides, self.dilation].map(Extent::volume);
        let axis = |i: usize| {
            WindowAxis::new(lengths[i], kernel[i], strides[i], dilation[i], self.padding)
        };
        Some(Window { depth: axis(0)?, rows: axis(1)?, columns: axis(2)? })
    }

    /// The window, called `name` in errors, over a batch of shape `dims`, whose channels stand last.
    pub(crate) fn on(&self, name: &str, dims: &[usize]) -> Result<Window> {
        let lengths = dims.get(1..dims.len().saturating_sub(1)).and_then(Extent::of);
        let misfit = || self.misfit(name, &Shape::of(dims));
        let window = lengths.and_then(|lengths| self.over(lengths)).ok_or_else(misfit)?;
        // Some kernels lay out all that the window passes over.
        let mut reach = window.axes().into_iter().map(|axis| axis.reach().max(axis.input));
        let places = reach.try_fold(1usize, |places, reach| places.checked_mul(reach));
        if places.is_none_or(|places| places > MOST_PLACES) {
            let shape = Shape::of(dims);
            return Err(Error::Model(format!(
                "cannot take {shape}: its {} {name}, dilated by {}, passes over more places than \
                 memory holds",
                self.kernel, self.dilation
            )));
        }
        Ok(window)
    }

    /// The shape of the places for the shape `last`, whose channels stand last, with so many channels;
    /// open lengths stay open. Nothing if the window does not fit.
    pub(crate) fn places(&self, last: &Shape, channels: Option<usize>) -> Option<Shape> {
        let [batch, lengths @ .., _] = last.axes() else { return None };
        // An open length is taken as large enough for any window.
        let probe: Vec<usize> = lengths.iter().map(|len| len.unwrap_or(1 << 31)).collect();
        let places = self.over(Extent::of(&probe)?)?.output::<R>(0, 0);
        let places = lengths.iter().zip(&places[1..]).map(|(len, place)| len.map(|_| *place));
        let ends = [vec![*batch], places.collect(), vec![channels]];
        Some(ends.concat().into())
    }

    /// The error for an input of shape `input` that the window, called `name`, does not fit in.
    pub(crate) fn misfit(&self, name: &str, input: &Shape) -> Error {
        let Self { kernel, dilation, padding, .. } = *self;
        let lengths = kernel.lengths().iter().zip(dilation.lengths());
        let spans: Vec<usize> = lengths.map(|(k, d)| span(*k, *d).unwrap_or(usize::MAX)).collect();
        let needs = Extent::of(&spans).unwrap_or(kernel);
        let dilated =
            if needs == kernel { String::new() } else { format!(", dilated by {dilation},") };
        let help = match padding {
            Padding::Valid => {
                "use a smaller one, padding=\"same\" (Padding::Same), or less pooling before it"
            }
            Padding::Same | Padding::Causal => "use a smaller one",
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
    fn causal_padding_stands_in_front() {
        let axis = WindowAxis::new(5, 3, 2, 2, Padding::Causal).unwrap();
        assert_eq!((axis.output, axis.before), (3, 4));
        assert_eq!((0..3).map(|k| axis.tap(2, k)).collect::<Vec<_>>(), [Some(0), Some(2), Some(4)]);
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
