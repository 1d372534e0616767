//! Printing a tensor as TensorFlow and NumPy do: columns aligned, long axes cut.

use std::fmt;

use super::Tensor;

/// Above this many numbers only the ends of each axis are shown.
const THRESHOLD: usize = 1000;
/// How many entries are shown at each end of an axis that is cut.
const EDGE: usize = 3;
/// Where a row is broken.
const LINE_WIDTH: usize = 75;
/// The most digits behind the point.
const PRECISION: usize = 8;

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layout = Layout::of(self);
        let body = layout.rows(self.shape(), self.as_slice(), 1);
        let line_break = if self.ndim() > 1 { "\n" } else { "" };
        write!(f, "Tensor({line_break}{body}, shape={})", crate::Shape::of(self.shape()))
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How the numbers of one tensor are written, so that their points stand in one column.
struct Layout {
    cut: bool,
    scientific: bool,
    digits: usize,
    before: usize,
    after: usize,
}

impl Layout {
    fn of(tensor: &Tensor) -> Self {
        let cut = tensor.len() > THRESHOLD;
        let mut shown = Vec::new();
        visible(tensor.shape(), tensor.as_slice(), cut, &mut shown);
        let sizes: Vec<f32> =
            shown.iter().map(|x| x.abs()).filter(|x| x.is_finite() && *x > 0.0).collect();
        let largest = sizes.iter().copied().fold(0.0, f32::max);
        let smallest = sizes.iter().copied().fold(f32::INFINITY, f32::min);
        // NumPy's rule for leaving the plain notation.
        let scientific =
            !sizes.is_empty() && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000.0);
        let mut layout = Self { cut, scientific, digits: 0, before: 0, after: 0 };
        layout.digits = sizes.iter().map(|&x| digits_needed(x, scientific)).max().unwrap_or(0);
        let widths: Vec<_> = shown.iter().map(|&x| halves(&layout.plain(x))).collect();
        layout.before = widths.iter().map(|&(before, _)| before).max().unwrap_or(0);
        layout.after = widths.iter().map(|&(_, after)| after).max().unwrap_or(0);
        layout
    }

    /// `x` without padding.
    fn plain(&self, x: f32) -> String {
        if x.is_nan() {
            return "nan".into();
        }
        if x.is_infinite() {
            return if x > 0.0 { "inf".into() } else { "-inf".into() };
        }
        if self.scientific {
            return scientific(x, self.digits);
        }
        let text = format!("{x:.*}", self.digits);
        let trimmed = if text.contains('.') { text.trim_end_matches('0') } else { &text };
        if trimmed.contains('.') { trimmed.into() } else { format!("{trimmed}.") }
    }

    /// `x` padded so that the points align.
    fn number(&self, x: f32) -> String {
        let text = self.plain(x);
        let (before, after) = halves(&text);
        if !x.is_finite() {
            return format!("{text:>width$}", width = self.before + self.after);
        }
        let (left, right) = (self.before - before, self.after - after);
        format!("{:left$}{text}{:right$}", "", "")
    }

    /// The numbers of one axis and of those within it, in brackets.
    fn rows(&self, shape: &[usize], data: &[f32], depth: usize) -> String {
        let Some((&len, inner)) = shape.split_first() else {
            return data.first().map_or_else(String::new, |&x| self.plain(x));
        };
        let stride = inner.iter().product::<usize>();
        let part = |i: usize| &data[i * stride..(i + 1) * stride];
        if inner.is_empty() {
            return self.row(data, depth);
        }
        let mut parts: Vec<String> = Vec::new();
        for index in indices(len, self.cut) {
            parts
                .push(index.map_or_else(|| "...".into(), |i| self.rows(inner, part(i), depth + 1)));
        }
        let gap = format!("{}{:depth$}", "\n".repeat(inner.len()), "");
        format!("[{}]", parts.join(&gap))
    }

    /// The numbers of the last axis, broken where the line is full.
    fn row(&self, data: &[f32], depth: usize) -> String {
        let mut text = String::from("[");
        let mut column = depth;
        for (nth, index) in indices(data.len(), self.cut).enumerate() {
            let word = index.map_or_else(|| "...".into(), |i| self.number(data[i]));
            if nth > 0 && column + 1 + word.len() > LINE_WIDTH {
                text = format!("{}\n{:depth$}", text.trim_end(), "");
                column = depth;
            } else if nth > 0 {
                text.push(' ');
                column += 1;
            }
            column += word.len();
            text.push_str(&word);
        }
        text + "]"
    }
}

/// The indices of an axis that are shown; `None` stands for those left out.
fn indices(len: usize, cut: bool) -> impl Iterator<Item = Option<usize>> {
    let cut = cut && len > 2 * EDGE;
    let head = if cut { EDGE } else { len };
    let tail = if cut { len - EDGE } else { len };
    (0..head).map(Some).chain(cut.then_some(None)).chain((tail..len).map(Some))
}

/// Collects the numbers that are shown.
fn visible(shape: &[usize], data: &[f32], cut: bool, shown: &mut Vec<f32>) {
    let Some((&len, inner)) = shape.split_first() else {
        shown.extend(data.first());
        return;
    };
    let stride = inner.iter().product::<usize>();
    for i in indices(len, cut).flatten() {
        visible(inner, &data[i * stride..(i + 1) * stride], cut, shown);
    }
}

/// How many digits behind the point write `x` exactly, at most [`PRECISION`].
fn digits_needed(x: f32, scientific: bool) -> usize {
    let text = if scientific { format!("{x:e}") } else { format!("{x}") };
    let mantissa = text.split('e').next().unwrap_or_default();
    mantissa.split_once('.').map_or(0, |(_, digits)| digits.len()).min(PRECISION)
}

/// `x` as NumPy writes it: 1.5e-05.
fn scientific(x: f32, digits: usize) -> String {
    let text = format!("{x:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if mantissa.contains('.') { "" } else { "." };
    let (sign, exponent) =
        exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{mantissa}{point}e{sign}{exponent:0>2}")
}

/// The lengths up to the point, which is included, and behind it.
fn halves(text: &str) -> (usize, usize) {
    text.find('.').map_or((text.len(), 0), |point| (point + 1, text.len() - point - 1))
}
