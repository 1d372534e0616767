//! What was found, in words and as JSON.

use std::fmt;

use ceratops::formats::Loaded;
use serde_json::{Value, json};

use super::{
    compare::{Config, Difference, How, Row},
    samples::Outputs,
};
use crate::json;

/// What the comparison of two models found.
pub(super) struct Found<'a> {
    pub(super) names: [String; 2],
    pub(super) a: &'a Loaded,
    pub(super) b: &'a Loaded,
    pub(super) outputs: &'a Outputs,
    pub(super) rows: Vec<Row>,
    pub(super) tolerance: f32,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By { most, at } => write!(f, "differs by up to {most:?}, most at {at:?}"),
            Self::Shapes(a, b) => write!(f, "has shape {a} in A, {b} in B"),
            Self::OnlyIn(model) => write!(f, "is only in {model}"),
        }
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is {} in A, {} in B", shown(&self.a), shown(&self.b))
    }
}

/// A value of a config as it reads in Python: an object by its class and arguments.
fn shown(value: &Value) -> String {
    let (Some(class), Some(Value::Object(config))) =
        (value.get("class_name").and_then(Value::as_str), value.get("config"))
    else {
        return value.to_string();
    };
    let arguments = config.iter().map(|(key, value)| format!("{key}={}", shown(value)));
    format!("{class}({})", arguments.collect::<Vec<_>>().join(", "))
}

impl Row {
    fn differs(&self) -> bool {
        self.missing.is_some()
            || !self.configs.is_empty()
            || !self.weights.is_empty()
            || self.output.is_some()
    }

    /// What differs in this layer, of several things the one that explains most.
    fn cause(&self) -> String {
        if let Some(missing) = self.missing {
            return format!("{missing} has no such layer");
        }
        // A name alone changes no number.
        let config = self.configs.iter().find(|config| config.key != "name");
        match (largest(&self.weights), config.or(self.configs.first()), &self.output) {
            (Some(weight), ..) => format!("its {} {}", weight.name, brief(&weight.how)),
            (None, Some(config), _) => {
                format!("its {} {}", config.key, config)
            }
            (None, None, Some(output)) => format!("its output {}", brief(&output.how)),
            (None, None, None) => "nothing differs".into(),
        }
    }
}

/// The difference that matters most: of shapes or of being there, or else the largest.
fn largest(weights: &[Difference]) -> Option<&Difference> {
    let size = |weight: &&Difference| match weight.how {
        How::By { most, .. } => most,
        How::Shapes(..) | How::OnlyIn(_) => f32::INFINITY,
    };
    weights.iter().rev().max_by(|a, b| size(a).total_cmp(&size(b)))
}

/// How it differs, without the place.
fn brief(how: &How) -> String {
    match how {
        How::By { most, .. } => format!("differs by up to {most:?}"),
        how => how.to_string(),
    }
}

impl Found<'_> {
    /// Whether nothing differs.
    pub(super) fn same(&self) -> bool {
        !self.rows.iter().any(Row::differs)
    }

    fn weights_compared(&self) -> bool {
        self.a.has_weights && self.b.has_weights
    }

    /// The whole finding, for people.
    pub(super) fn text(&self) -> String {
        let [a, b] = &self.names;
        let within = match self.tolerance {
            0.0 => String::new(),
            tolerance => format!(" within {tolerance:?}"),
        };
        let mut lines = vec![format!("A: {a}"), format!("B: {b}"), String::new()];
        let configs = self.rows.iter().flat_map(|row| {
            let missing = row.missing.map(|model| format!("  {}: not in {model}", row.title));
            let of = |config: &Config| format!("  {}: {} {config}", row.title, config.key);
            missing.into_iter().chain(row.configs.iter().map(of))
        });
        section(&mut lines, "configs", "", configs.collect());
        if self.weights_compared() {
            let weights = self.rows.iter().flat_map(|row| {
                row.weights.iter().map(|w| format!("  {}: {} {}", row.title, w.name, w.how))
            });
            section(&mut lines, "weights", &within, weights.collect());
        }
        match self.outputs {
            Outputs::None(why) => lines.push(format!("outputs: not compared, {why}")),
            Outputs::Both { samples, .. } => {
                let of = |row: &Row| {
                    row.output.as_ref().map(|output| format!("  {}: {}", row.title, output.how))
                };
                let outputs = self.rows.iter().filter_map(of).collect();
                section(&mut lines, &format!("outputs for {samples}"), &within, outputs);
            }
        }
        lines.extend([String::new(), self.verdict()]);
        lines.join("\n")
    }

    /// The same for programs.
    pub(super) fn json(&self) -> String {
        let (compared, why) = match self.outputs {
            Outputs::Both { samples, .. } => (Some(samples), None),
            Outputs::None(why) => (None, Some(why)),
        };
        let layers = self.rows.iter().filter(|row| row.differs());
        json::object([
            ("same", json::of(self.same())),
            ("verdict", json::of(self.verdict())),
            ("tolerance", json::number(self.tolerance.into())),
            ("outputs_compared_for", json!(compared).to_string()),
            ("outputs_not_compared_because", json!(why).to_string()),
            ("layers", json::list(layers.map(row_json))),
        ])
    }

    /// A sentence that says where the models part.
    fn verdict(&self) -> String {
        let compared = matches!(self.outputs, Outputs::Both { .. });
        let part = self.rows.iter().find(|row| row.output.is_some() || row.missing.is_some());
        let first = self.rows.iter().find(|row| row.differs());
        let at = |row: &Row| format!("{}: {}.", row.title, row.cause());
        match (part, first) {
            (Some(row), _) if compared => format!("The models part at {}", at(row)),
            (None, Some(row)) if compared => {
                let first = at(row);
                format!(
                    "The models compute the same for these samples, but differ first at {first}"
                )
            }
            (_, Some(row)) => format!("The models differ first at {}", at(row)),
            (_, None) if compared => "The models are the same.".into(),
            (_, None) if self.weights_compared() => {
                "The architectures and the weights are the same; outputs were not compared.".into()
            }
            (_, None) => "The architectures are the same; nothing else was compared.".into(),
        }
    }
}

fn section(lines: &mut Vec<String>, title: &str, within: &str, found: Vec<String>) {
    if found.is_empty() {
        lines.push(format!("{title}: the same{within}"));
    } else {
        lines.push(title.to_owned());
        lines.extend(found);
    }
}

fn row_json(row: &Row) -> String {
    let config = |c: &Config| json!({ "key": c.key, "a": c.a, "b": c.b }).to_string();
    json::object([
        ("layer", json::of(row.title.as_str())),
        ("missing_in", json::of(row.missing)),
        ("configs", json::list(row.configs.iter().map(config))),
        ("weights", json::list(row.weights.iter().map(difference_json))),
        ("output", json::maybe(row.output.as_ref().map(difference_json))),
    ])
}

fn difference_json(difference: &Difference) -> String {
    let (by, at) = match &difference.how {
        How::By { most, at } => (Some(json::number((*most).into())), Some(at.clone())),
        _ => (None, None),
    };
    json::object([
        ("name", json::of(difference.name.as_str())),
        ("by", json::maybe(by)),
        ("at", json::of(at)),
        ("text", json::of(difference.how.to_string())),
    ])
}
