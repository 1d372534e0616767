//! The best of one measure where another is high enough.

use ceratops_core::{Error, Result};

use super::confusion::Confusion;
use crate::optimizers::within;

/// The most thresholds that a metric may have.
const MOST: usize = 1 << 20;

/// The largest of what `best` measures where what `enough` measures is at least `least`; 0 where it
/// never is. As in Keras, f32 decides.
pub(super) fn best(
    all: &[Confusion],
    best: fn(&Confusion) -> f64,
    enough: fn(&Confusion) -> f64,
    least: f64,
) -> f64 {
    let feasible = all.iter().filter(|at| enough(at) as f32 >= least as f32);
    feasible.map(best).fold(0.0, f64::max)
}

/// Refuses what is not from 0 to 1, and numbers of thresholds that make no sense.
pub(super) fn check(name: &str, least: f64, num_thresholds: usize) -> Result<()> {
    within(name, least, 0.0..=1.0)?;
    check_number(num_thresholds, 1)
}

pub(super) fn check_number(num_thresholds: usize, least: usize) -> Result<()> {
    if (least..=MOST).contains(&num_thresholds) {
        return Ok(());
    }
    let expected = format!("a number from {least} to {MOST}");
    Err(Error::argument("num_thresholds", expected, num_thresholds))
}
