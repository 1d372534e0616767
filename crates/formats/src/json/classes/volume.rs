//! Layers that pad, crop, enlarge, repeat and permute.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{BuildConfig, Card, pooling::without};
use crate::json::{Dialect, Words, subject::Subject, write::piece::Piece};

pub(super) const CARDS: &[Card] = &[
    Card {
        read: &[sides],
        check: no_channels_first,
        keras2: |config, _| without(config, "data_format", &json!("channels_last")),
        ..of("ZeroPadding1D", None)
    },
    Card { read: &[sides], ..of("ZeroPadding2D", Some(&["padding", "data_format"])) },
    of("ZeroPadding3D", None),
    of("Cropping1D", None),
    of("Cropping2D", Some(&["cropping", "data_format"])),
    of("Cropping3D", None),
    Card { keras1: &[("length", "size")], ..of("UpSampling1D", None) },
    Card {
        read: &[corners],
        check: no_corners,
        ..of("UpSampling2D", Some(&["size", "data_format", "interpolation"]))
    },
    of("UpSampling3D", None),
    of("Permute", Some(&["dims"])),
    of("RepeatVector", Some(&["n"])),
];

const fn of(class_name: &'static str, tfjs: Option<&'static [&'static str]>) -> Card {
    Card { build_config: BuildConfig::Always, tfjs, ..Card::of(class_name) }
}

/// The sides of a border as Keras 1 named them.
const SIDES: [&str; 6] =
    ["top_pad", "bottom_pad", "left_pad", "right_pad", "left_crop", "right_crop"];

/// Keras 1 also had the four sides in one list, and by their names.
fn sides(layer: &mut Subject<'_>) -> Result<()> {
    let pairs = match layer.config.get("padding") {
        Some(Value::Array(sides)) if sides.len() == 4 => {
            json!([[sides[0], sides[1]], [sides[2], sides[3]]])
        }
        Some(Value::Object(named)) if named.keys().all(|key| SIDES.contains(&key.as_str())) => {
            let side = |key: &str| named.get(key).cloned().unwrap_or(json!(0));
            let [left, right] = ["left_pad", "right_pad"].map(side);
            match layer.class_name {
                "ZeroPadding1D" => json!([left, right]),
                _ => json!([[side("top_pad"), side("bottom_pad")], [left, right]]),
            }
        }
        _ => return Ok(()),
    };
    layer.renamed("padding", "padding", format!("`padding` = {pairs}"));
    layer.config.insert("padding".into(), pairs);
    Ok(())
}

/// Keras 2 pads no sequences with channels first.
fn no_channels_first(piece: &Piece, words: Words) -> Result<()> {
    let first = piece.config.get("data_format").is_some_and(|order| order == "channels_first");
    if first && matches!(words, Words::Keras2 | Words::Keras2And3) {
        let reason = "Keras 2 pads no sequences with channels first; put a Permute on both sides";
        return Err(piece.error("data_format", reason));
    }
    Ok(())
}

/// TensorFlow.js' bilinear interpolation takes pixels for points, Keras for squares: other numbers.
const CORNERS: &str = "TensorFlow.js interpolates between the corners of pixels, and Keras between their \
                       middles: the numbers are not the same; use \"nearest\"";

fn corners(layer: &mut Subject<'_>) -> Result<()> {
    let bilinear = layer.config.get("interpolation").is_some_and(|by| by == "bilinear");
    if bilinear && layer.log.detected.dialect == Dialect::TensorFlowJs {
        return Err(layer.error("interpolation", CORNERS));
    }
    Ok(())
}

fn no_corners(piece: &Piece, words: Words) -> Result<()> {
    let nearest = piece.config.get("interpolation").is_none_or(|by| by == "nearest");
    if words.are_bare() && !nearest {
        return Err(piece.error("interpolation", CORNERS));
    }
    Ok(())
}
