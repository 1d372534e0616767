//! Layers that hear, which only Keras 3 has.

use serde_json::Value;

use super::{BuildConfig, Card, of_keras3};

pub(super) const CARDS: &[Card] = &[
    Card { build_config: BuildConfig::Always, check: of_keras3, ..Card::of("STFTSpectrogram") },
    Card {
        build_config: BuildConfig::Always,
        check: of_keras3,
        // Keras writes what follows from the other arguments.
        complete: |mut config| {
            let rate = config.get("sampling_rate").and_then(Value::as_u64);
            for (key, followed) in [
                ("sequence_length", config.get("fft_length").cloned()),
                ("max_freq", rate.map(|rate| (rate / 2).into())),
            ] {
                let open = config.get(key).is_none_or(Value::is_null);
                if let Some(followed) = followed.filter(|_| open) {
                    config.insert(key.into(), followed);
                }
            }
            config
        },
        ..Card::of("MelSpectrogram")
    },
];
