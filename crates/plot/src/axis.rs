//! An axis: its range, and the round numbers along it.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// An axis: its range, and its ticks with their labels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) ticks: Vec<(f64, String)>,
}

/// Numbers beyond this are drawn as little as infinity.
pub(crate) const LARGEST: f64 = 1e300;

/// Whether the number has a place on an axis.
pub(crate) fn has_place(value: f64) -> bool {
    value.abs() <= LARGEST
}

/// The smallest and the largest of the numbers that have a place on an axis; `None` if none has.
pub(crate) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let placed = values.into_iter().filter(|&value| has_place(value));
    placed.fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

/// A range that has an extent, whatever the numbers: around a single one, if there is but one.
pub(crate) fn widened((low, high): (f64, f64)) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high - low > 1e-9 * size {
        return (low, high);
    }
    let around = if size == 0.0 { 1.0 } else { 0.1 * size };
    (low - around, high + around)
}

impl Axis {
    /// An axis over the range, with at most `most` ticks at round numbers; more, where these were
    /// less than two.
    pub(crate) fn new(range: (f64, f64), most: usize) -> Self {
        let axis = Self::ticked(range, most, 0.0);
        if axis.ticks.len() < 2 { Self::ticked(range, 2 * most.max(2), 0.0) } else { axis }
    }

    /// The same for what is counted: with ticks at whole numbers only.
    pub(crate) fn whole(range: (f64, f64), most: usize) -> Self {
        Self::ticked(range, most, 1.0)
    }

    /// The ticks are at least so far from each other.
    fn ticked((from, to): (f64, f64), most: usize, least: f64) -> Self {
        let step = step((to - from) / most.max(1) as f64).max(least);
        let (first, last) = ((from / step).ceil(), (to / step).floor());
        let count = (last - first).clamp(-1.0, most.saturating_add(2) as f64) + 1.0;
        let numbers = (0..count as usize).map(|i| (first + i as f64) * step);
        let size = from.abs().max(to.abs());
        Self { from, to, ticks: numbers.map(|n| (n, label(n, step, size))).collect() }
    }

    /// An axis of the numbers 1 to `n`, with at most about `most` ticks.
    pub(crate) fn counting(n: usize, most: usize) -> Self {
        let decades = (0..19).map(|zeros| 10_usize.saturating_pow(zeros));
        let mut steps = decades.flat_map(|decade| [1, 2, 5].map(|i| decade.saturating_mul(i)));
        let step = steps.find(|step| n / step <= most.max(1)).unwrap_or(usize::MAX);
        let multiples = (1..=n / step).map(|i| i * step);
        // Beside 2 there is no room for it.
        let first = (step > 2).then_some(1);
        let ticks = first.into_iter().chain(multiples).map(|i| (i as f64, grouped(i as u64)));
        let beside = 0.02 * (n as f64 - 1.0);
        let beside = if n > 1 { beside } else { 0.5 };
        Self { from: 1.0 - beside, to: n as f64 + beside, ticks: ticks.collect() }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let share = (value - self.from) / (self.to - self.from);
        start + (share * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // The light lines between the ticks are left out.
        let ticks = if hint.weight().allow_light_points() { &[] } else { self.ticks.as_slice() };
        ticks.iter().map(|&(value, _)| value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == value);
        tick.map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

/// The round number (1, 2 or 5 with zeros) that is not below `least`.
fn step(least: f64) -> f64 {
    let decade = 10_f64.powf(least.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| round * decade >= least * 0.999_999);
    round.unwrap_or(10.0) * decade
}

/// A tick's number with as many digits as tell it from its neighbours; `size` is the largest number
/// on the axis.
fn label(value: f64, step: f64, size: f64) -> String {
    let (digit, digits) = (step.log10().floor(), size.log10().floor());
    if value == 0.0 {
        return "0".into();
    }
    if digits >= 7.0 || digit < -5.0 {
        let own = value.abs().log10().floor();
        let decimals = (own - digit).clamp(0.0, 15.0) as usize;
        return format!("{value:.decimals$e}");
    }
    let decimals = (-digit).max(0.0) as usize;
    if decimals == 0 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", grouped(value.abs().round() as u64));
    }
    let text = format!("{value:.decimals$}");
    if text.trim_matches(['-', '0', '.']).is_empty() { "0".into() } else { text }
}

/// A number with a comma at each thousand.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&Axis::new((-5.0, 5.0), 6)), ["-4", "-2", "0", "2", "4"]);
        assert_eq!(labels(&Axis::new((0.0, 1.0), 6)), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(&Axis::whole((0.0, 2.1), 6)), ["0", "1", "2"]);
        assert_eq!(labels(&Axis::whole((0.0, 80.0), 4)), ["0", "20", "40", "60", "80"]);
        assert_eq!(labels(&Axis::new((0.1, 0.9), 2)), ["0.2", "0.4", "0.6", "0.8"]);
        assert_eq!(labels(&Axis::new((-2e6, 2e6), 2)), ["-2,000,000", "0", "2,000,000"]);
        assert_eq!(labels(&Axis::new((0.0, 2.5e-7), 3)), ["0", "1e-7", "2e-7"]);
        assert_eq!(labels(&Axis::new((0.0, 2e300), 2)), ["0", "1e300", "2e300"]);
        assert_eq!(labels(&Axis::new((999.5, 1000.5), 2)), ["999.5", "1000.0", "1000.5"]);
    }

    #[test]
    fn epochs_are_whole() {
        assert_eq!(labels(&Axis::counting(1, 6)), ["1"]);
        assert_eq!(labels(&Axis::counting(3, 6)), ["1", "2", "3"]);
        assert_eq!(labels(&Axis::counting(8, 6)), ["2", "4", "6", "8"]);
        assert_eq!(labels(&Axis::counting(20, 6)), ["1", "5", "10", "15", "20"]);
        assert_eq!(
            labels(&Axis::counting(2_500, 6)),
            ["1", "500", "1,000", "1,500", "2,000", "2,500"]
        );
        let axis = Axis::counting(usize::MAX, 6);
        assert!(axis.ticks.len() < 8, "{axis:?}");
    }

    #[test]
    fn every_range_gets_an_extent() {
        for (low, high) in
            [(0.0, 0.0), (3.0, 3.0), (1e-30, 1e-30), (1.0, 1.0 + 1e-15), (-LARGEST, LARGEST)]
        {
            let (from, to) = widened((low, high));
            assert!(from < to, "{low} {high}");
            let axis = Axis::new((from, to), 6);
            assert!((1..9).contains(&axis.ticks.len()), "{axis:?}");
        }
        assert_eq!(extent([f64::NAN, 2.0, f64::INFINITY, 1.0]), Some((1.0, 2.0)));
        assert_eq!(extent([f64::NAN]), None);
    }
}
