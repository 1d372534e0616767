//! Which inputs each place of a LocallyConnected layer sees, and where their weights stand.

use std::borrow::Cow;

use ceratops_core::Tensor;

use crate::{DataFormat, Padding};

/// The wires of a layer, for samples of one shape. Inputs and outputs are counted as they stand in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wires {
    /// For each place the inputs that it sees, in their order.
    places: Vec<Vec<usize>>,
    /// How many wires lead to one filter of the places before each.
    before: Vec<usize>,
    /// How many lead to one filter of all places.
    wires: usize,
    /// How many numbers a sample has.
    inputs: usize,
    filters: usize,
    data_format: DataFormat,
    implementation: u8,
}

/// Weights or outputs of one filter after the other: where the first one stands, and how far apart they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    first: usize,
    step: usize,
}

impl Row {
    /// Their places.
    pub(super) fn places(self, filters: usize) -> impl Iterator<Item = usize> {
        (0..filters).map(move |filter| self.first + filter * self.step)
    }

    /// The numbers of each sample that stand there, one row for each.
    pub(super) fn of(self, x: &Tensor, filters: usize) -> Vec<f32> {
        let samples = x.as_slice().chunks_exact(x.sample_len().max(1));
        samples.flat_map(|x| self.places(filters).map(|at| x[at])).collect()
    }
}

/// Along each of three axes: how long the input is, the output and the window, and how far that moves.
pub(super) struct Axes {
    pub(super) input: [usize; 3],
    pub(super) output: [usize; 3],
    pub(super) window: [usize; 3],
    pub(super) strides: [usize; 3],
}

impl Wires {
    pub(super) fn new(
        axes: &Axes,
        channels: usize,
        filters: usize,
        padding: Padding,
        data_format: DataFormat,
        implementation: u8,
    ) -> Self {
        let Axes { input, output, window, strides } = axes;
        // From where to where a place sees along an axis.
        let seen = |axis: usize, place: usize| {
            let (at, len) = (place * strides[axis], window[axis]);
            let back = if padding == Padding::Same { len / 2 } else { 0 };
            at.saturating_sub(back)..(at + len - back).min(input[axis])
        };
        let pixels: usize = input.iter().product();
        let mut places = Vec::with_capacity(output.iter().product());
        for [depth, row, column] in all(*output) {
            let mut inputs = Vec::new();
            for d in seen(0, depth) {
                for r in seen(1, row) {
                    for c in seen(2, column) {
                        let pixel = (d * input[1] + r) * input[2] + c;
                        inputs.extend((0..channels).map(|channel| match data_format {
                            DataFormat::ChannelsLast => pixel * channels + channel,
                            DataFormat::ChannelsFirst => channel * pixels + pixel,
                        }));
                    }
                }
            }
            inputs.sort_unstable();
            places.push(inputs);
        }
        let before = places.iter().scan(0, |sum, inputs: &Vec<usize>| {
            let before = *sum;
            *sum += inputs.len();
            Some(before)
        });
        let before = before.collect();
        let wires = places.iter().map(Vec::len).sum();
        Self {
            before,
            wires,
            places,
            inputs: pixels * channels,
            filters,
            data_format,
            implementation,
        }
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }

    /// How many numbers a sample of the input has.
    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    /// The shape of the kernel, where `input` and `output` are those of a sample.
    pub(super) fn kernel(&self, input: &[usize], output: &[usize]) -> Vec<usize> {
        match self.implementation {
            1 => vec![self.places(), self.places.first().map_or(0, Vec::len), self.filters],
            2 => [input, output].concat(),
            _ => vec![self.wires * self.filters],
        }
    }

    /// How many inputs a place sees.
    pub(super) fn len(&self, place: usize) -> usize {
        self.places.get(place).map_or(0, Vec::len)
    }

    /// What a place sees of each sample, one row for each.
    pub(super) fn seen(&self, place: usize, x: &Tensor) -> Vec<f32> {
        let inputs = self.places.get(place).map(Vec::as_slice).unwrap_or_default();
        let samples = x.as_slice().chunks_exact(x.sample_len().max(1));
        samples.flat_map(|x| inputs.iter().map(|&at| x[at])).collect()
    }

    /// Adds such rows to what the place sees.
    pub(super) fn add_seen(&self, place: usize, rows: &[f32], x: &mut Tensor) {
        let inputs = self.places.get(place).map(Vec::as_slice).unwrap_or_default();
        let len = x.sample_len().max(1);
        let samples = x.as_mut_slice().chunks_exact_mut(len);
        for (x, row) in samples.zip(rows.chunks_exact(inputs.len().max(1))) {
            inputs.iter().zip(row).for_each(|(&at, dx)| x[at] += dx);
        }
    }

    /// The weights of a place, a row for each input that it sees.
    pub(super) fn matrix<'a>(&self, place: usize, kernel: &'a [f32]) -> Cow<'a, [f32]> {
        if self.implementation == 1 {
            let start = self.before.get(place).copied().unwrap_or(0) * self.filters;
            let end = start + self.len(place) * self.filters;
            return kernel.get(start..end).unwrap_or_default().into();
        }
        let rows = self.of(place).flat_map(|row| row.places(self.filters));
        rows.map(|weight| kernel[weight]).collect()
    }

    /// Adds such a matrix to the weights of the place.
    pub(super) fn add_matrix(&self, place: usize, matrix: &[f32], kernel: &mut [f32]) {
        let rows = self.of(place).flat_map(|row| row.places(self.filters));
        rows.zip(matrix).for_each(|(weight, dw)| kernel[weight] += dw);
    }

    /// The outputs of a place, filter by filter.
    pub(super) fn outputs(&self, place: usize) -> Row {
        match self.data_format {
            DataFormat::ChannelsLast => Row { first: place * self.filters, step: 1 },
            DataFormat::ChannelsFirst => Row { first: place, step: self.places() },
        }
    }

    /// The weights of the inputs that a place sees, of each filter by filter.
    fn of(&self, place: usize) -> impl Iterator<Item = Row> {
        let inputs = self.places.get(place).map(Vec::as_slice).unwrap_or_default();
        let (outputs, before) = (self.outputs(place), self.before.get(place).copied().unwrap_or(0));
        let weights = move |(wire, &input): (usize, &usize)| {
            match (self.implementation, self.data_format) {
                // A matrix for each place.
                (1, _) => Row { first: (before + wire) * self.filters, step: 1 },
                // A column for each output, zeros where there is no wire.
                (2, _) => {
                    let columns = self.places() * self.filters;
                    Row { first: input * columns + outputs.first, step: outputs.step }
                }
                // Wire after wire, output by output.
                (_, DataFormat::ChannelsLast) => {
                    Row { first: before * self.filters + wire, step: inputs.len() }
                }
                (_, DataFormat::ChannelsFirst) => Row { first: before + wire, step: self.wires },
            }
        };
        inputs.iter().enumerate().map(weights)
    }
}

/// All places of a volume, in their order.
fn all([depth, height, width]: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    let rows = move |d| (0..height).map(move |r| (d, r));
    (0..depth).flat_map(rows).flat_map(move |(d, r)| (0..width).map(move |c| [d, r, c]))
}
