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
/// From here on numbers are written with an exponent.
const LARGE: f32 = 1e6;

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = match self.as_slice() {
            [] => "[]".into(),
            &[x] if self.ndim() == 0 => lone(x),
            data => Layout::of(self).rows(self.shape(), data, 1),
        };
        let line_break = if self.ndim() > 1 { "\n" } else { "" };
        write!(f, "Tensor({line_break}{body}, shape={})", crate::Shape::of(self.shape()))
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A number that stands alone, with all its digits.
fn lone(x: f32) -> String {
    // NumPy compares in f64 here: the f32 nearest to 0.0001 lies just below it.
    let plain = x == 0.0 || (1e-4..f64::from(LARGE)).contains(&f64::from(x).abs());
    match non_finite(x) {
        Some(word) => word.into(),
        None if plain => format!("{x:.*}", halves(&format!("{x}")).1.max(1)),
        None => scientific(x, shortest_mantissa(x)).replace(".e", "e"),
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
        let finite: Vec<f32> = shown.iter().copied().filter(|x| x.is_finite()).collect();
        let mut layout = Self { cut, scientific: is_wide(&finite), digits: 0, before: 0, after: 0 };
        if layout.scientific {
            layout.digits = finite.iter().map(|&x| shortest_mantissa(x)).max().unwrap_or(0);
        }
        for &x in &finite {
            let (before, after) = halves(&layout.plain(x));
            layout.before = layout.before.max(before);
            layout.after = layout.after.max(after);
        }
        // `nan` and `inf` are as wide as each other: if either is there, room is made for both.
        if finite.len() < shown.len() {
            let word = if shown.contains(&f32::NEG_INFINITY) { "-inf" } else { "inf" };
            layout.before = layout.before.max(word.len().saturating_sub(layout.after));
        }
        layout
    }

    /// The finite `x` without padding.
    fn plain(&self, x: f32) -> String {
        if self.scientific { scientific(x, self.digits) } else { positional(x) }
    }

    /// `x` padded so that the points align.
    fn number(&self, x: f32) -> String {
        if let Some(word) = non_finite(x) {
            return format!("{word:>width$}", width = self.before + self.after);
        }
        let text = self.plain(x);
        let (before, after) = halves(&text);
        let (left, right) = (self.before - before, self.after - after);
        format!("{:left$}{text}{:right$}", "", "")
    }

    /// The numbers of one axis and of those within it, in brackets.
    fn rows(&self, shape: &[usize], data: &[f32], depth: usize) -> String {
        let Some((&len, inner)) = shape.split_first() else {
            return data.first().map_or_else(String::new, |&x| self.number(x));
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
        // Room is kept for the closing bracket of this axis and of all around it.
        let width = LINE_WIDTH.saturating_sub(depth);
        for (nth, index) in indices(data.len(), self.cut).enumerate() {
            let word = index.map_or_else(|| "...".into(), |i| self.number(data[i]));
            if nth > 0 && column + 1 + word.len() > width {
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

/// NumPy's rule for leaving the plain notation: numbers too large, too small or too far apart.
fn is_wide(finite: &[f32]) -> bool {
    let sizes = || finite.iter().map(|x| x.abs()).filter(|x| *x > 0.0);
    let largest = sizes().fold(0.0, f32::max);
    let smallest = sizes().fold(f32::INFINITY, f32::min);
    largest >= LARGE || smallest < 1e-4 || largest / smallest > 1000.0
}

/// The word for what is not a finite number.
fn non_finite(x: f32) -> Option<&'static str> {
    match x {
        _ if x.is_nan() => Some("nan"),
        f32::INFINITY => Some("inf"),
        f32::NEG_INFINITY => Some("-inf"),
        _ => None,
    }
}

/// `x` with the fewest digits that tell it from its neighbours, at most [`PRECISION`] of them
/// behind the point.
fn positional(x: f32) -> String {
    let digits = halves(&format!("{x}")).1;
    // Rust's shortest form rounds 0.0625 to 0.063, the form with a given length to 0.062 as NumPy.
    let mut text = format!("{x:.*}", digits.min(PRECISION));
    if digits > PRECISION {
        text.truncate(text.trim_end_matches('0').len());
    }
    if digits > 0 { text } else { text + "." }
}

/// `x` with an exponent and `digits` digits behind the point: 1.50e-05.
fn scientific(x: f32, digits: usize) -> String {
    let text = format!("{x:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) =
        exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    let point = if digits > 0 { "" } else { "." };
    format!("{mantissa}{point}e{sign}{exponent:0>2}")
}

/// How many digits behind the point tell `x` from its neighbours when it has an exponent.
fn shortest_mantissa(x: f32) -> usize {
    let text = format!("{x:e}");
    halves(text.split('e').next().unwrap_or_default()).1
}

/// The lengths up to the point, which is included, and behind it.
fn halves(text: &str) -> (usize, usize) {
    text.find('.').map_or((text.len(), 0), |point| (point + 1, text.len() - point - 1))
}
