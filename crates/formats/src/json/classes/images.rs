//! Layers for images.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{BuildConfig, Card, Config};
use crate::json::{
    Dialect, Words,
    subject::Subject,
    write::piece::{Piece, ordered},
};

pub(super) const CARDS: &[Card] = &[
    Card {
        check: |piece, words| {
            let ours = [
                ("pad_to_aspect_ratio", json!(false)),
                ("antialias", json!(false)),
                ("data_format", json!("channels_last")),
            ];
            only(piece, words, &ours)
        },
        keras2: |config, _| {
            ordered(
                without(config, &["pad_to_aspect_ratio", "fill_mode", "fill_value", "antialias"]),
                &[],
            )
        },
        ..image("Resizing")
    },
    image("CenterCrop"),
    Card { keras2: |config, _| drawing(config), ..random("RandomCrop") },
    random("RandomFlip"),
    random("RandomRotation"),
    random("RandomZoom"),
    random("RandomTranslation"),
    random("RandomBrightness"),
    Card {
        read: &[generator, both_ways],
        check: |piece, words| {
            let range = piece.config.get("factor").and_then(Value::as_array);
            let down = range.and_then(|range| range.first()?.as_f64());
            if words.is_keras2() && down.is_some_and(|down| down < 0.0) {
                return Err(piece.error("factor", "Keras 2 takes numbers from 0 to 1 only"));
            }
            let ours =
                [("value_range", json!([0.0, 255.0])), ("data_format", json!("channels_last"))];
            only(piece, words, &ours)
        },
        keras2: |config, _| drawing(without(config, &["value_range"])),
        ..random("RandomContrast")
    },
    of_keras3("RandomGrayscale"),
    of_keras3("RandomInvert"),
    of_keras3("RandomColorDegeneration"),
    of_keras3("AutoContrast"),
    of_keras3("Solarization"),
    of_keras3("Equalization"),
    of_keras3("ContrastLimitedAdaptiveHistogramEqualization"),
    of_keras3("RandomHue"),
    of_keras3("RandomSaturation"),
    of_keras3("RandomPosterization"),
    of_keras3("RandomSharpness"),
    of_keras3("RandomColorJitter"),
    of_keras3("RandomGaussianBlur"),
    of_keras3("RandomErasing"),
    of_keras3("RandomPerspective"),
    of_keras3("RandomElasticTransform"),
    of_keras3("RandAugment"),
    of_keras3("AugMix"),
    of_keras3("MixUp"),
    of_keras3("CutMix"),
    of_keras2("RandomHeight"),
    of_keras2("RandomWidth"),
    Card {
        keras3: |config| as_numbers(config, &["x_factor", "y_factor"]),
        ..of_keras3("RandomShear")
    },
];

/// A class that changes the size of images.
const fn image(class_name: &'static str) -> Card {
    Card {
        check: |piece, words| only(piece, words, &[("data_format", json!("channels_last"))]),
        build_config: BuildConfig::Always,
        keras2: |config, _| without(config, &[]),
        ..Card::of(class_name)
    }
}

/// A class that draws.
const fn random(class_name: &'static str) -> Card {
    Card { read: &[generator], keras2: |config, _| drawing(config), ..image(class_name) }
}

/// A class that draws, and that Keras 2 lacks.
const fn of_keras3(class_name: &'static str) -> Card {
    Card {
        check: |piece, words| match words.is_keras2() {
            true => {
                let class = &piece.class_name;
                let reason = format!("Keras 2 has no {class}; write the file for Keras 3");
                Err(piece.error("", reason))
            }
            false => Ok(()),
        },
        ..random(class_name)
    }
}

/// A class that draws, and that Keras 3 lacks.
const fn of_keras2(class_name: &'static str) -> Card {
    Card {
        check: |piece, words| match words.is_keras2() {
            true => Ok(()),
            false => {
                let class = &piece.class_name;
                let reason = format!("Keras 3 has no {class}; write the file for Keras 2");
                Err(piece.error("", reason))
            }
        },
        ..random(class_name)
    }
}

/// Refuses for Keras 2 what differs from these values of arguments that only Keras 3 has.
fn only(piece: &Piece, words: Words, ours: &[(&str, Value)]) -> Result<()> {
    if !words.is_keras2() {
        return Ok(());
    }
    for (key, value) in ours {
        if piece.config.get(*key).is_some_and(|found| found != value) {
            let reason = format!("Keras 2 knows no other than {value}; write the file for Keras 3");
            return Err(piece.error(key, &reason));
        }
    }
    Ok(())
}

/// The config without what only Keras 3 knows.
fn without(mut config: Config, keys: &[&str]) -> Config {
    config.retain(|key, _| key != "data_format" && !keys.contains(&key.as_str()));
    config
}

/// The config of a layer that draws, in Keras 2.
fn drawing(config: Config) -> Config {
    let mut config = without(config, &[]);
    config.insert("rng_type".into(), "stateful".into());
    ordered(config, &["name", "trainable", "dtype", "rng_type"])
}

/// Keras 2 says from what kind of generator it draws.
fn generator(layer: &mut Subject<'_>) -> Result<()> {
    layer.ignore("rng_type", "numbers are drawn from seeds of our own");
    Ok(())
}

/// Ranges from -f to f as f: Keras 3.15 writes ranges, of which it reads none that begins below 0.
fn as_numbers(mut config: Config, keys: &[&str]) -> Config {
    for key in keys {
        let Some(range) = config.get(*key).and_then(Value::as_array) else { continue };
        let bounds: Vec<f64> = range.iter().filter_map(Value::as_f64).collect();
        if let [lower, upper] = bounds[..]
            && lower == -upper
        {
            config.insert((*key).to_owned(), json!(upper));
        }
    }
    config
}

/// A single number goes both ways in Keras 2, and only up in Keras 3.
fn both_ways(layer: &mut Subject<'_>) -> Result<()> {
    if layer.log.detected.dialect != Dialect::Keras3
        && let Some(factor) = layer.config.get("factor").and_then(Value::as_f64)
    {
        layer.config.insert("factor".into(), json!([factor, factor]));
    }
    Ok(())
}
