//! Images under a small kernel, each channel by itself.

use super::Frame;

/// A kernel of odd sides, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Kernel {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) weights: Vec<f32>,
}

/// exp(-d² / 2σ²) at each distance d from the middle of `size` places, of sum 1.
fn gaussian(size: usize, sigma: f32) -> Vec<f32> {
    let middle = (size as f32 - 1.0) / 2.0;
    let at = |i: usize| (-0.5 * ((i as f32 - middle) / sigma).powi(2)).exp();
    let sum: f32 = (0..size).map(at).sum();
    (0..size).map(|i| at(i) / sum).collect()
}

impl Kernel {
    /// A bell of that many places and that deviation, each by rows and columns.
    ///
    /// Keras reads the numbers of a bell of `size[1]` rows and `size[0]` columns, one row after the other, as
    /// `size[0]` rows and `size[1]` columns.
    pub(super) fn gaussian(size: [usize; 2], sigma: [f32; 2]) -> Self {
        let (across, down) = (gaussian(size[0], sigma[0]), gaussian(size[1], sigma[1]));
        let weights = down.iter().flat_map(|d| across.iter().map(move |a| d * a)).collect();
        Self { rows: size[0], columns: size[1], weights }
    }

    /// The kernel that leads the gradient back: seen from behind.
    pub(super) fn reversed(&self) -> Self {
        Self { weights: self.weights.iter().rev().copied().collect(), ..*self }
    }

    /// y\[r, c\] = sum of w\[i, j\] · x\[r + i - rows / 2, c + j - columns / 2\], with zeros beyond the border.
    pub(super) fn apply(&self, frame: Frame, x: &[f32], y: &mut [f32]) {
        y.fill(0.0);
        let (up, left) = (self.rows / 2, self.columns / 2);
        for (i, weights) in self.weights.chunks(self.columns).enumerate() {
            // Of the rows of y, those that see row r + i - up of x
            let first = up.saturating_sub(i);
            let last = (frame.height + up).saturating_sub(i).min(frame.height);
            for row in first..last {
                let from = &x[(row + i - up) * frame.row()..][..frame.row()];
                let to = &mut y[row * frame.row()..][..frame.row()];
                for (j, weight) in weights.iter().enumerate() {
                    add_shifted(*weight, from, to, left as isize - j as isize, frame.channels);
                }
            }
        }
    }
}

/// Adds the row, so many pixels further right and so many times, to another.
fn add_shifted(weight: f32, from: &[f32], to: &mut [f32], right: isize, channels: usize) {
    let shift = right.unsigned_abs() * channels;
    if shift >= to.len() {
        return;
    }
    let (from, to) = if right >= 0 { (from, &mut to[shift..]) } else { (&from[shift..], to) };
    to.iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
}
