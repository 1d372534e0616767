//! Initializers that draw the same under two names.

use serde_json::{Value, json};

/// The class, and the VarianceScaling that it is: scale, mode, distribution.
const NAMES: [(&str, f64, &str, &str); 6] = [
    ("GlorotUniform", 1.0, "fan_avg", "uniform"),
    ("GlorotNormal", 1.0, "fan_avg", "truncated_normal"),
    ("HeUniform", 2.0, "fan_in", "uniform"),
    ("HeNormal", 2.0, "fan_in", "truncated_normal"),
    ("LecunUniform", 1.0, "fan_in", "uniform"),
    ("LecunNormal", 1.0, "fan_in", "truncated_normal"),
];

/// Whether two entries are initializers that draw the same.
pub(super) fn draw_the_same(a: &Value, b: &Value) -> bool {
    matches!((scaling(a), scaling(b)), (Some(a), Some(b)) if a == b)
}

/// Scale, mode, distribution and seed of an entry that is a VarianceScaling, by whatever name.
fn scaling(entry: &Value) -> Option<Value> {
    let (class, config) = (entry.get("class_name")?.as_str()?, entry.get("config")?);
    let seed = config.get("seed");
    if class == "VarianceScaling" {
        let argument = |name| config.get(name);
        let scale = argument("scale")?.as_f64()?;
        return Some(json!([scale, argument("mode"), argument("distribution"), seed]));
    }
    let (_, scale, mode, distribution) = NAMES.iter().find(|(name, ..)| *name == class)?;
    Some(json!([scale, mode, distribution, seed]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_what_it_stands_for_are_the_same() {
        let glorot = json!({"class_name": "GlorotUniform", "config": {"seed": null}});
        let entry = |scale| {
            json!({"class_name": "VarianceScaling", "config":
                {"scale": scale, "mode": "fan_avg", "distribution": "uniform", "seed": null}})
        };
        assert!(draw_the_same(&glorot, &entry(1.0)));
        assert!(!draw_the_same(&glorot, &entry(2.0)));
        let zeros = json!({"class_name": "Zeros", "config": {}});
        assert!(!draw_the_same(&zeros, &zeros));
    }
}
