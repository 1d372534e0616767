//! The layers of categories that the contract is tried on.

use ceratops_layers::{CategoryEncoding, Discretization, Hashing, IntegerLookup, OutputMode};

use super::samples::{Sample, sample};

/// The classes that are tried here, or with strings in `categories.rs`.
pub(super) const CLASSES: &[&str] = &[
    "CategoryEncoding",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
];

pub(super) fn categories() -> Vec<Sample> {
    let whole = || [-2.0, -1.0, 0.0, 1.0, 2.0];
    let bins = |mode| Discretization::new([-1.0, 0.5]).output_mode(mode);
    let lookup = |mode| IntegerLookup::new().vocabulary([1, -1]).output_mode(mode);
    let (int, one_hot) = (OutputMode::Int, OutputMode::OneHot);
    let (multi_hot, count) = (OutputMode::MultiHot, OutputMode::Count);
    let mut samples = vec![
        sample(CategoryEncoding::new(3), &[4]),
        sample(CategoryEncoding::new(3).output_mode(count), &[4]),
        sample(CategoryEncoding::new(2).output_mode(one_hot), &[1]),
        sample(CategoryEncoding::new(2).output_mode(one_hot), &[2, 3]),
        sample(Hashing::new(3).salt(4), &[2]),
        sample(Hashing::new(3).mask_value(1).output_mode(count), &[4]),
    ];
    for mode in [int, one_hot, multi_hot, count] {
        samples.push(sample(bins(mode), &[3]).kinks([-1.0, 0.5]));
        samples.push(sample(lookup(mode), &[3]));
    }
    samples.push(sample(lookup(int).num_oov_indices(2).mask_token(0), &[2, 2]));
    samples.into_iter().map(|sample| sample.kinks_too(whole())).collect()
}
