//! Which pixels along an axis, and how much of each, make a pixel of another size.

use std::f32::consts::PI;

use serde::{Deserialize, Serialize};

/// How pixels between the pixels are made: the `interpolation` argument of Resizing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// A straight line between the two next to it.
    #[default]
    Bilinear,
    /// The nearest one.
    Nearest,
    /// Keys' cubic through four.
    Bicubic,
    /// The mean over the area that it covers.
    Area,
    /// Lanczos' windowed sinc with radius 3.
    Lanczos3,
    /// The same with radius 5.
    Lanczos5,
}

/// For each place of the output, the first place of the input that takes part, and the weights from
/// there on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Taps {
    starts: Vec<usize>,
    /// Where the weights of each place begin; one more than there are places.
    offsets: Vec<usize>,
    weights: Vec<f32>,
}

impl Taps {
    /// The taps from an axis of length `input` to one of length `output`, as TensorFlow has them.
    pub(super) fn new(
        interpolation: Interpolation,
        antialias: bool,
        input: usize,
        output: usize,
    ) -> Self {
        let axis = Axis { input, output, scale: input as f32 / output.max(1) as f32 };
        match (interpolation, antialias) {
            (Interpolation::Nearest, _) => axis.taps(|place| axis.nearest(place)),
            (Interpolation::Area, _) => axis.taps(|place| axis.area(place)),
            (Interpolation::Bilinear, false) => axis.taps(|place| axis.linear(place)),
            (Interpolation::Bicubic, false) => axis.taps(|place| axis.cubic(place)),
            (Interpolation::Bilinear, true) => axis.spans(1.0, |x| (1.0 - x).max(0.0), true),
            (Interpolation::Bicubic, true) => axis.spans(2.0, keys_cubic, true),
            (Interpolation::Lanczos3, _) => axis.spans(3.0, |x| lanczos(x, 3.0), antialias),
            (Interpolation::Lanczos5, _) => axis.spans(5.0, |x| lanczos(x, 5.0), antialias),
        }
    }

    /// The length of the output.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The places of the input that make place `index` of the output, with their weights.
    #[inline(always)]
    pub(super) fn at(&self, index: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let weights = &self.weights[self.offsets[index]..self.offsets[index + 1]];
        (self.starts[index]..).zip(weights.iter().copied())
    }
}

/// An axis of an image that gets another length.
#[derive(Debug, Clone, Copy)]
struct Axis {
    input: usize,
    output: usize,
    scale: f32,
}

impl Axis {
    fn taps(self, at: impl Fn(usize) -> (usize, Vec<f32>)) -> Taps {
        let mut taps = Taps { starts: Vec::new(), offsets: vec![0], weights: Vec::new() };
        for place in 0..self.output {
            let (start, weights) = at(place);
            taps.starts.push(start);
            taps.weights.extend(weights);
            taps.offsets.push(taps.weights.len());
        }
        taps
    }

    fn last(self) -> usize {
        self.input.saturating_sub(1)
    }

    /// Where the middle of a place of the output lies in the input, counted in its places.
    fn middle(self, place: usize) -> f32 {
        (place as f32 + 0.5) * self.scale
    }

    fn nearest(self, place: usize) -> (usize, Vec<f32>) {
        ((self.middle(place).floor() as usize).min(self.last()), vec![1.0])
    }

    fn linear(self, place: usize) -> (usize, Vec<f32>) {
        let at = self.middle(place) - 0.5;
        let share = at - at.floor();
        let lower = at.floor().max(0.0) as usize;
        let upper = (at.ceil().max(0.0) as usize).min(self.last());
        match upper > lower {
            true => (lower, vec![1.0 - share, share]),
            false => (upper, vec![1.0]),
        }
    }

    /// Keys' cubic, whose weights TensorFlow looks up for 1024 shares of a pixel. Places beyond the
    /// border have no weight; the others make up for them.
    fn cubic(self, place: usize) -> (usize, Vec<f32>) {
        let at = self.middle(place) - 0.5;
        let share = ((at - at.floor()) * 1024.0).round_ties_even() / 1024.0;
        let distances = [1.0 + share, share, 1.0 - share, 2.0 - share];
        let first = at.floor() as i64 - 1;
        let places = (first..).zip(distances);
        let inside = places.filter(|(place, _)| (0..self.input as i64).contains(place));
        let (places, weights): (Vec<i64>, Vec<f32>) =
            inside.map(|(place, distance)| (place, keys_cubic(distance))).unzip();
        (places.first().map_or(0, |place| *place as usize), normalized(weights))
    }

    fn area(self, place: usize) -> (usize, Vec<f32>) {
        let (from, to) = (place as f32 * self.scale, (place + 1) as f32 * self.scale);
        let start = (from.floor() as usize).min(self.last());
        let end = (to.ceil() as usize).clamp(start + 1, self.input.max(start + 1));
        let covered = |i: usize| {
            let (low, high) = (i as f32, (i + 1) as f32);
            match (low < from, high > to) {
                (true, true) => self.scale,
                (true, false) => high - from,
                (false, true) => to - low,
                (false, false) => 1.0,
            }
        };
        (start, (start..end).map(|i| covered(i) / self.scale).collect())
    }

    /// The weights of a kernel, which is widened to the pixels of a smaller image if `antialias`.
    fn spans(self, radius: f32, kernel: impl Fn(f32) -> f32, antialias: bool) -> Taps {
        // As TensorFlow computes it, from the scale in the other direction.
        let scale = 1.0 / (self.output as f32 / self.input.max(1) as f32);
        let widened = if antialias { scale.max(1.0) } else { 1.0 };
        let reach = radius * widened;
        self.taps(|place| {
            let at = (place as f32 + 0.5) * scale;
            let clamp = |place: f32| (place.max(0.0) as usize).min(self.last());
            let (start, last) =
                (clamp((at - reach - 0.5).ceil()), clamp((at + reach - 0.5).floor()));
            let weight = |source: usize| kernel(((source as f32 + 0.5 - at) / widened).abs());
            (start, normalized((start..=last).map(weight).collect()))
        })
    }
}

/// Weights that sum to 1.
fn normalized(mut weights: Vec<f32>) -> Vec<f32> {
    let sum: f32 = weights.iter().sum();
    if sum.abs() >= 1000.0 * f32::MIN_POSITIVE {
        weights.iter_mut().for_each(|weight| *weight *= 1.0 / sum);
    }
    weights
}

/// Keys' cubic with a = -1/2.
fn keys_cubic(x: f32) -> f32 {
    if x >= 2.0 {
        0.0
    } else if x >= 1.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        ((1.5 * x - 2.5) * x) * x + 1.0
    }
}

/// sinc(x) · sinc(x / radius) within the radius.
fn lanczos(x: f32, radius: f32) -> f32 {
    if x > radius {
        0.0
    } else if x <= 1e-3 {
        1.0
    } else {
        radius * (PI * x).sin() * (PI * x / radius).sin() / (PI * PI * x * x)
    }
}
