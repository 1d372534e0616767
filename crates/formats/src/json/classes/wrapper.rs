//! Layers that hold another one, which has a card of its own.

use super::{BuildConfig, Card, of_keras3};

pub(super) const CARDS: &[Card] = &[
    // tf_keras has the class, and cannot read it.
    Card {
        build_config: BuildConfig::Always,
        check: of_keras3,
        ..Card::of("SpectralNormalization")
    },
    Card { build_config: BuildConfig::Always, tfjs: Some(&[]), ..Card::of("TimeDistributed") },
];
