//! Layers that hold another one, which has a card of its own.

use super::Card;

pub(super) const CARDS: &[Card] = &[Card { tfjs: Some(&[]), ..Card::of("TimeDistributed") }];
