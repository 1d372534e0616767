//! Layers that leave something out.

use super::Card;
use crate::json::write::piece::ordered;

pub(super) const CARDS: &[Card] = &[
    Card {
        keras1: &[("p", "rate")],
        keras2: |config, _| ordered(config, &["name", "trainable", "dtype", "rate", "noise_shape"]),
        tfjs: Some(&["rate", "noise_shape", "seed"]),
        ..Card::of("Dropout")
    },
    Card { tfjs: Some(&["mask_value"]), ..Card::of("Masking") },
];
