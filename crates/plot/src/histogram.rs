//! Histograms: how often numbers of each size occur.

use crate::{
    axis::{grouped, widened},
    chart::{Across, Chart, Series, Shape},
    colors::BLUE,
};

/// How many numbers fell into each of equal parts of a range.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    range: (f64, f64),
    counts: Vec<u64>,
    /// How many numbers are NaN or infinite.
    odd: u64,
}

/// What must be known of numbers before they are counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    range: Option<(f32, f32)>,
    count: u64,
}

impl Extent {
    /// The extent of these numbers as well.
    pub(crate) fn and(mut self, values: &[f32]) -> Self {
        self.count += values.len() as u64;
        for &value in values.iter().filter(|value| value.is_finite()) {
            let (low, high) = self.range.unwrap_or((value, value));
            self.range = Some((low.min(value), high.max(value)));
        }
        self
    }
}

impl Histogram {
    /// An empty histogram for numbers of that extent; few numbers make few bars.
    pub(crate) fn new(extent: Extent) -> Self {
        let (low, high) = extent.range.unwrap_or((0.0, 0.0));
        let bars = (2.0 * (extent.count as f64).cbrt()).ceil().clamp(5.0, 50.0) as usize;
        let range = (low.into(), high.into());
        // Of an odd number of bars one is in the middle, for the one value there is.
        let (bars, range) = if low == high { (bars | 1, widened(range)) } else { (bars, range) };
        Self { range, counts: vec![0; bars], odd: 0 }
    }

    /// Counts these numbers too.
    pub(crate) fn count(&mut self, values: &[f32]) {
        let (low, high) = self.range;
        let bars = self.counts.len();
        for &value in values {
            if !value.is_finite() {
                self.odd += 1;
                continue;
            }
            let place = (f64::from(value) - low) / (high - low) * bars as f64;
            self.counts[(place as usize).min(bars - 1)] += 1;
        }
    }

    /// Its chart. What is no number is told in the note.
    pub(crate) fn chart(&self, title: String, values: &str) -> Chart {
        let (low, high) = self.range;
        let width = (high - low) / self.counts.len() as f64;
        let bar = |(i, &count): (usize, &u64)| {
            (low + i as f64 * width, low + (i + 1) as f64 * width, count as f64)
        };
        let bars = self.counts.iter().enumerate().map(bar).collect();
        let beside = 0.02 * (high - low);
        Chart {
            title,
            note: self.note(values),
            across: Across::Numbers(low - beside, high + beside),
            axis_names: ["", ""],
            series: vec![Series { name: String::new(), color: BLUE, shape: Shape::Bars(bars) }],
            zero_lines: false,
        }
    }

    /// How many there are, the odd ones too.
    fn all(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.odd
    }

    /// `part` as a share of all, in percent.
    pub(crate) fn share(&self, part: u64) -> String {
        format!("{:.1} %", 100.0 * part as f64 / self.all().max(1) as f64)
    }

    fn note(&self, values: &str) -> String {
        let all = self.all();
        match self.odd {
            0 => format!("{} {values}", grouped(all)),
            odd => format!("{} {values}, {} of them NaN or infinite", grouped(all), grouped(odd)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one_bar_in_the_middle() {
        // 27 numbers would make 6 bars, none of which is in the middle.
        for count in [1, 27, 1000] {
            let values = vec![0.3; count];
            let mut histogram = Histogram::new(Extent::default().and(&values));
            histogram.count(&values);
            let bars = &histogram.counts;
            assert!(bars.len() % 2 == 1 && bars[bars.len() / 2] == count as u64, "{bars:?}");
        }
    }
}
