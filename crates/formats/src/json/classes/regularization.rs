//! Layers that leave something out, or add noise.

use ceratops_core::Result;
use serde_json::json;

use super::{Card, Config, pooling::without};
use crate::json::{subject::Subject, write::piece::ordered};

pub(super) const CARDS: &[Card] = &[
    Card {
        keras1: &[("p", "rate")],
        keras2: |config, _| ordered(config, &["name", "trainable", "dtype", "rate", "noise_shape"]),
        tfjs: Some(&["rate", "noise_shape", "seed"]),
        ..Card::of("Dropout")
    },
    Card { tfjs: Some(&["mask_value"]), ..Card::of("Masking") },
    noise("GaussianNoise", &[("sigma", "stddev")], &["stddev"]),
    noise("GaussianDropout", &[("p", "rate")], &["rate"]),
    Card {
        keras2: |config, _| without(config, "noise_shape", &json!(null)),
        ..noise("AlphaDropout", &[("p", "rate")], &["rate", "noise_shape"])
    },
    spatial("SpatialDropout1D", Some(&["rate", "seed"])),
    spatial("SpatialDropout2D", None),
    spatial("SpatialDropout3D", None),
];

const fn noise(
    class_name: &'static str,
    keras1: &'static [(&'static str, &'static str)],
    tfjs: &'static [&'static str],
) -> Card {
    // TensorFlow.js draws numbers of its own, and knows no seed for them.
    let bare = |mut config: Config, _: &_| {
        config.shift_remove("seed");
        config
    };
    Card { keras1, tfjs: Some(tfjs), bare, ..Card::of(class_name) }
}

const fn spatial(class_name: &'static str, tfjs: Option<&'static [&'static str]>) -> Card {
    Card {
        keras1: &[("p", "rate")],
        read: &[whole_channels],
        plain_dtype: true,
        keras3: always_trainable,
        complete: |config| ordered(config, &["rate", "seed", "name", "dtype"]),
        keras2: |config, _| {
            without(always_trainable(config), "data_format", &json!("channels_last"))
        },
        tfjs,
        bare: |config, _| always_trainable(config),
        ..Card::of(class_name)
    }
}

/// Keras 2 writes a noise shape that the layer does not look at.
fn whole_channels(layer: &mut Subject<'_>) -> Result<()> {
    layer.ignore("noise_shape", "whole channels are dropped");
    Ok(())
}

/// Keras 3 does not know whether such a layer is trainable, and refuses to be told.
fn always_trainable(mut config: Config) -> Config {
    config.shift_remove("trainable");
    config
}
