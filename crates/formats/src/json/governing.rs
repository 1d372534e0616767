//! What governs weights and is not known here: it counts only where weights are drawn, or learn.

use ceratops_core::{Constrain, Regularize, Result};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::Deserialize;
use serde_json::Value;

use super::{Change, log::join, subject::Subject};

const DRAWN: &str = "not known here: the weights are to come from a file";
const LEARNS: &str = "not known here: the model can be asked, but not be trained with it";

/// Says of each initializer, regularizer and constraint that is not known here what it is good for.
pub(super) fn foreign(layer: &mut Subject<'_>) -> Result<()> {
    let foreign: Vec<(String, &str)> = layer
        .config
        .iter()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(key, value)| Some((key.clone(), meaning(key, value)?)))
        .collect();
    for (key, text) in foreign {
        layer.log.note(&join(layer.path, &key), Change::Kept, text);
    }
    Ok(())
}

fn meaning(key: &str, value: &Value) -> Option<&'static str> {
    if key.ends_with("_initializer") {
        let known = Initializer::deserialize(value).ok()?.check_known();
        return known.is_err().then_some(DRAWN);
    }
    let known = match key.rsplit('_').next()? {
        "regularizer" => Regularizer::deserialize(value).ok()?.check_known(),
        "constraint" => Constraint::deserialize(value).ok()?.check_known(),
        _ => return None,
    };
    known.is_err().then_some(LEARNS)
}
