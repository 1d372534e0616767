//! Images whose pixels are each read at a place of its own.

use super::{FillMode, Frame, Sampling, projective::Reading};

/// How far down and how far right of each pixel the image is read, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Shifts {
    pub(super) down: Vec<f32>,
    pub(super) right: Vec<f32>,
}

/// y\[r, c\] = x\[r + down, c + right\].
pub(super) fn read(shifts: &Shifts, reading: Reading, frame: Frame, x: &[f32], y: &mut [f32]) {
    y.fill(0.0);
    let fill = reading.fill_value as f32;
    each_share(shifts, reading, frame, |to, from, weight| {
        for channel in 0..frame.channels {
            let x = from.map_or(fill, |from| x[from + channel]);
            y[to + channel] += weight * x;
        }
    });
}

/// Adds the gradient of the image to `dx`, from that of what was read.
pub(super) fn unread(shifts: &Shifts, reading: Reading, frame: Frame, dy: &[f32], dx: &mut [f32]) {
    each_share(shifts, reading, frame, |to, from, weight| {
        let Some(from) = from else { return };
        for channel in 0..frame.channels {
            dx[from + channel] += weight * dy[to + channel];
        }
    });
}

/// Calls `with` for each pixel that takes part in another one: where that begins, where it begins itself
/// (nothing beyond the border), and its weight.
fn each_share(
    shifts: &Shifts,
    reading: Reading,
    frame: Frame,
    mut with: impl FnMut(usize, Option<usize>, f32),
) {
    let shifts = shifts.down.iter().zip(&shifts.right);
    for (place, (down, right)) in shifts.enumerate() {
        let (row, column) = (place / frame.width, place % frame.width);
        let rows = around(row as f32 + down, frame.height, reading);
        let columns = around(column as f32 + right, frame.width, reading);
        for (row, a) in rows {
            for (column, b) in columns {
                let from = row.zip(column).map(|(row, column)| row * frame.width + column);
                let from = from.map(|pixel| pixel * frame.channels);
                with(place * frame.channels, from, a * b);
            }
        }
    }
}

/// The places next to one along an axis, and their weights.
fn around(at: f32, len: usize, reading: Reading) -> [(Option<usize>, f32); 2] {
    let fold = |place: f32| folded(place as i64, len as i64, reading.fill_mode);
    if reading.sampling == Sampling::Nearest {
        return [(fold(at.round_ties_even()), 1.0), (None, 0.0)];
    }
    let (lower, share) = (at.floor(), at - at.floor());
    [(fold(lower), 1.0 - share), (fold(lower + 1.0), share)]
}

/// Where a place beyond the border is read.
fn folded(place: i64, len: i64, fill_mode: FillMode) -> Option<usize> {
    let folded = match fill_mode {
        FillMode::Constant if !(0..len).contains(&place) => return None,
        FillMode::Constant => place,
        FillMode::Nearest => place.clamp(0, len - 1),
        FillMode::Wrap => place.rem_euclid(len),
        FillMode::Reflect => {
            let place = place.rem_euclid(2 * len);
            if place < len { place } else { 2 * len - 1 - place }
        }
    };
    Some(folded as usize)
}
