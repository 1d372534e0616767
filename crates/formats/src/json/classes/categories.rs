//! Layers that look things up.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{BuildConfig, Card, Config};
use crate::json::{
    Words,
    write::piece::{Piece, ordered},
};

pub(super) const CARDS: &[Card] = &[
    Card {
        build_config: BuildConfig::Always,
        keras2: |mut config, _| {
            config.insert("sparse".into(), false.into());
            config
        },
        ..Card::of("CategoryEncoding")
    },
    Card {
        build_config: BuildConfig::Always,
        // It takes no such argument in Keras 3.
        keras3: |mut config| {
            config.shift_remove("trainable");
            config
        },
        // In Keras 2 what was found stands in place of what was to be found.
        keras2: |mut config, _| {
            if config.get("bin_boundaries").is_some_and(|found| !found.is_null()) {
                config.insert("num_bins".into(), Value::Null);
            }
            whole(config)
        },
        plain_dtype: true,
        ..Card::of("Discretization")
    },
    Card {
        build_config: BuildConfig::Always,
        // It takes no such argument in Keras 3.
        keras3: |mut config| {
            config.shift_remove("trainable");
            whole(config)
        },
        keras2: |config, _| whole(config),
        plain_dtype: true,
        ..Card::of("HashedCrossing")
    },
    Card {
        build_config: BuildConfig::Always,
        keras3: whole,
        keras2: |config, _| whole(config),
        ..Card::of("Hashing")
    },
    lookup("StringLookup", &["StringLookupV1"]),
    lookup("IntegerLookup", &["IntegerLookupV1"]),
    Card {
        aliases: &["TextVectorizationV1"],
        build_config: BuildConfig::Always,
        keras2: |mut config, _| {
            config.insert("dtype".into(), "string".into());
            config
        },
        ..Card::of("TextVectorization")
    },
];

/// A lookup by a vocabulary.
const fn lookup(class_name: &'static str, aliases: &'static [&'static str]) -> Card {
    Card {
        aliases,
        check: by_remainder,
        build_config: BuildConfig::Empty,
        keras2: |mut config, _| {
            config.retain(|key, _| key != "oov_method" && key != "salt");
            whole(config)
        },
        ..Card::of(class_name)
    }
}

/// Keras 2 knows no other hashes of unknown tokens than everyone's.
fn by_remainder(piece: &Piece, words: Words) -> Result<()> {
    for (key, value) in [("oov_method", json!("floormod")), ("salt", Value::Null)] {
        if words.is_keras2() && piece.config.get(key).is_some_and(|found| *found != value) {
            let reason = format!("Keras 2 knows no other than {value}; write the file for Keras 3");
            return Err(piece.error(key, &reason));
        }
    }
    Ok(())
}

/// Numbers that stand for something are whole ones to Keras.
fn whole(mut config: Config) -> Config {
    if config.get("output_mode") == Some(&"int".into()) {
        config.insert("dtype".into(), "int64".into());
    }
    ordered(config, &["name", "trainable", "dtype"])
}
