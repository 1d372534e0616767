//! Initializers, regularizers and constraints in the words of TensorFlow.js, which both Kerases
//! know, too.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::piece::{Piece, take_config};

/// The initializers that are a VarianceScaling: scale, mode, distribution.
const SCALING: &[(&str, f64, &str, &str)] = &[
    ("GlorotNormal", 1.0, "fan_avg", "truncated_normal"),
    ("GlorotUniform", 1.0, "fan_avg", "uniform"),
    ("HeNormal", 2.0, "fan_in", "truncated_normal"),
    ("HeUniform", 2.0, "fan_in", "uniform"),
    ("LecunNormal", 1.0, "fan_in", "truncated_normal"),
    ("LecunUniform", 1.0, "fan_in", "uniform"),
];

/// Puts the value at `key` of a layer's config into bare words, if it is such an object.
pub(super) fn spell(key: &str, value: &mut Value, piece: &Piece) -> Result<()> {
    let governs = ["_initializer", "_regularizer", "_constraint"];
    if !governs.iter().any(|end| key.ends_with(end)) {
        return Ok(());
    }
    let Some((class_name, mut config)) = value.as_object_mut().and_then(take_config) else {
        return Ok(());
    };
    if let Some((_, scale, mode, distribution)) =
        SCALING.iter().find(|(name, ..)| *name == class_name)
    {
        let seed = config.get("seed").cloned().unwrap_or_default();
        *value = json!({ "class_name": "VarianceScaling", "config": {
            "scale": scale, "mode": mode, "distribution": distribution, "seed": seed,
        }});
        return Ok(());
    }
    let class_name = match class_name.as_str() {
        "L1" | "L2" | "L1L2" => {
            config.entry("l1").or_insert(json!(0.0));
            config.entry("l2").or_insert(json!(0.0));
            "L1L2"
        }
        "OrthogonalRegularizer" => {
            let reason = "TensorFlow.js has no OrthogonalRegularizer; use L1L2";
            return Err(piece.error(key, reason));
        }
        "VarianceScaling"
            if config.get("distribution").is_some_and(|d| *d == "untruncated_normal") =>
        {
            let reason = "TensorFlow.js has no untruncated_normal; use truncated_normal, or \
                          RandomNormal";
            return Err(piece.error(key, reason));
        }
        "Identity" if !is_square(piece) => {
            let reason = "in TensorFlow.js an Identity is square, and this kernel is not; use \
                          another initializer, which does not change the weights there are";
            return Err(piece.error(key, reason));
        }
        known => known,
    };
    *value = json!({ "class_name": class_name, "config": config });
    Ok(())
}

/// Whether the kernel is a matrix with as many rows as columns.
fn is_square(piece: &Piece) -> bool {
    let last = |shape: &Option<ceratops_core::Shape>| shape.as_ref()?.last();
    piece.class_name == "Dense" && last(&piece.input) == last(&piece.output)
}
