//! How often which values come, and what spreads them evenly.

/// Of `counts.len()` equally wide bins from 0 to 255, counts the one of each byte.
pub(super) fn count(bytes: impl Iterator<Item = f32>, counts: &mut [f64]) {
    let last = counts.len().saturating_sub(1);
    for byte in bytes {
        // What is below 0, or no number, is in the first.
        let bin = (byte * last as f32 / 255.0) as usize;
        if let Some(count) = counts.get_mut(bin.min(last)) {
            *count += 1.0;
        }
    }
}

/// For each bin, how many values are in it and in those before, as a number from 0 to 255; nothing where all are in
/// one bin, and are to stay.
pub(super) fn equalizing(counts: &[f64]) -> Option<Vec<f32>> {
    if counts.iter().filter(|count| **count > 0.0).count() <= 1 {
        return None;
    }
    let sums: Vec<f64> = counts
        .iter()
        .scan(0.0, |sum, count| {
            *sum += count;
            Some(*sum)
        })
        .collect();
    let least = sums.iter().copied().find(|sum| *sum > 0.0).unwrap_or(0.0);
    let rest = sums.last().map_or(1.0, |all| all - least);
    let level =
        |sum: &f64| ((sum - least) * 255.0 / rest).round_ties_even().clamp(0.0, 255.0) as f32;
    Some(sums.iter().map(level).collect())
}

/// What becomes of a byte.
pub(super) fn level(byte: f32, levels: &[f32]) -> f32 {
    let last = levels.len().saturating_sub(1);
    let bin = (byte / 255.0 * last as f32) as usize;
    levels.get(bin.min(last)).copied().unwrap_or(byte)
}
