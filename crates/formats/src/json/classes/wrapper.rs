//! Layers that hold another one, which has a card of its own.

use super::{BuildConfig, Card};

pub(super) const CARDS: &[Card] = &[
    Card { build_config: BuildConfig::Always, ..Card::of("SpectralNormalization") },
    Card { build_config: BuildConfig::Always, tfjs: Some(&[]), ..Card::of("TimeDistributed") },
];
