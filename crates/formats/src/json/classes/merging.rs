//! Layers of several inputs. TensorFlow.js has no Subtract.

use super::Card;

pub(super) const CARDS: &[Card] = &[
    Card { tfjs: Some(&[]), ..Card::of("Add") },
    Card { tfjs: Some(&[]), ..Card::of("Average") },
    Card { tfjs: Some(&["axis"]), ..Card::of("Concatenate") },
    Card { tfjs: Some(&["axes", "normalize"]), ..Card::of("Dot") },
    Card { tfjs: Some(&[]), ..Card::of("Maximum") },
    Card { tfjs: Some(&[]), ..Card::of("Minimum") },
    Card { tfjs: Some(&[]), ..Card::of("Multiply") },
];
