//! The order in which the samples are seen in an epoch.

use ceratops_core::Purpose;
use rand::RngCore;

/// The order in which the samples are seen in an epoch: shuffled from `seed`, or as they are.
pub(crate) fn order(len: usize, seed: Option<u64>, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    let Some(seed) = seed else { return order };
    let mut rng = Purpose::Shuffle { epoch: epoch as u64 }.rng(seed);
    // Fisher and Yates, with an index drawn by multiplication, so that the order depends on the
    // generator alone and stays the same whatever else changes.
    for i in (1..len).rev() {
        let j = (u128::from(rng.next_u64()) * (i as u128 + 1)) >> 64;
        order.swap(i, j as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::order;

    #[test]
    fn every_order_is_as_likely() {
        let mut counts = BTreeMap::new();
        for epoch in 0..6000 {
            *counts.entry(order(3, Some(7), epoch)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6, "{counts:?}");
        // 1000 of each are expected, with a standard deviation of 29.
        assert!(counts.values().all(|count| (850..1150).contains(count)), "{counts:?}");
        assert_eq!(order(4, None, 1), [0, 1, 2, 3]);
    }
}
