//! Plan: what must be the same before and after an interruption, for the same bits to come out.

use ceratops_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FitOptions, source::Source};
use crate::CompiledModel;

/// What must be the same before and after an interruption, as names and texts: options, optimizer, loss,
/// layers, and a look at the data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Plan(Vec<(String, String)>);

/// How much of a text an error shows.
const SHOWN: usize = 60;

impl Plan {
    /// The plan of a training that begins.
    pub(super) fn new(
        model: &CompiledModel,
        options: &FitOptions<'_>,
        source: &Source<'_>,
        validates: bool,
    ) -> Result<Self> {
        let mut plan = Self::default();
        if let Source::Samples { data, batch_size, seed } = source {
            plan.note("the number of samples", data.len());
            plan.note("batch_size", batch_size);
            plan.note("shuffle", seed.is_some());
            plan.note("the data (some samples of it)", format!("{:016x}", data.fingerprint()?));
        }
        plan.note("seed", options.seed);
        plan.note("steps_per_epoch", text(options.steps_per_epoch));
        plan.note("validation", if validates { "there" } else { "not there" });
        plan.note("the optimizer", model.optimizer.name());
        if let Ok(Value::Object(config)) = model.compile_config() {
            for (key, value) in config.get("optimizer").and_then(settings).into_iter().flatten() {
                plan.note(&format!("the optimizer's {key}"), value);
            }
            plan.note("the loss", config.get("loss").unwrap_or(&Value::Null));
        }
        for node in model.layers() {
            let entry =
                node.to_entry().map_or_else(|_| node.class_name().into(), |e| e.to_string());
            plan.note(&format!("the layer {}", node.name()), entry);
        }
        Ok(plan)
    }

    fn note(&mut self, what: &str, value: impl ToString) {
        self.0.push((what.to_owned(), value.to_string()));
    }

    /// Refuses to go on with a training that was begun in another way.
    pub(super) fn goes_on(&self, then: &Self) -> Result<()> {
        let all = self.0.iter().chain(&then.0).map(|(what, _)| what);
        for what in all {
            let (then, now) = (then.get(what), self.get(what));
            if then != now {
                return Err(Error::Data(format!(
                    "the backup is of another training: {what} was {}, and is {} now; go on as it \
                     was begun, or delete the backup to begin anew",
                    shown(then),
                    shown(now)
                )));
            }
        }
        Ok(())
    }

    fn get(&self, what: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == what).map(|(_, value)| value.as_str())
    }
}

/// The settings of an optimizer but for a learning rate that is a number, which callbacks change.
fn settings(optimizer: &Value) -> Option<impl Iterator<Item = (&String, &Value)>> {
    let config = optimizer.get("config")?.as_object()?;
    Some(config.iter().filter(|(key, value)| *key != "learning_rate" || !value.is_number()))
}

fn text(value: Option<usize>) -> String {
    value.map_or("none".into(), |value| value.to_string())
}

fn shown(value: Option<&str>) -> String {
    match value {
        None => "not there".into(),
        Some(text) if text.chars().count() <= SHOWN => text.into(),
        Some(text) => text.chars().take(SHOWN).chain("...".chars()).collect(),
    }
}
