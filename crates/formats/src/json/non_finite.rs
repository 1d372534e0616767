//! NaN, Infinity and -Infinity, which Python writes into JSON as bare words, though JSON has none.
//!
//! Within a document they are strings that no program writes: [`mark`] makes them of the words, and
//! [`text`] makes the words of them again.

use std::borrow::Cow;

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{Change, log::join, subject::Subject};

/// A character that Unicode keeps for such use within a program.
const MARK: char = '\u{fdd0}';

const WORDS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// The text with the words as strings.
pub(super) fn mark(text: &str) -> Cow<'_, str> {
    if !WORDS.iter().any(|word| text.contains(word)) {
        return Cow::Borrowed(text);
    }
    let (mut marked, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(next) = rest.find(['"', 'N', 'I', '-']) {
        let (before, from) = rest.split_at(next);
        marked.push_str(before);
        let word = WORDS.iter().find(|word| from.starts_with(**word));
        let taken = word.map_or_else(|| string_or_letter(from), |word| word.len());
        let (taken, after) = from.split_at(taken);
        match word {
            Some(word) => marked.extend(["\"", MARK.encode_utf8(&mut [0; 4]), word, "\""]),
            None => marked.push_str(taken),
        }
        rest = after;
    }
    marked.push_str(rest);
    Cow::Owned(marked)
}

/// How many bytes the string takes that the text begins with; of other text, the first letter.
fn string_or_letter(text: &str) -> usize {
    if !text.starts_with('"') {
        return 1;
    }
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// The word that the value stands for.
pub(super) fn word(value: &Value) -> Option<&'static str> {
    let text = value.as_str()?.strip_prefix(MARK)?;
    WORDS.into_iter().find(|word| *word == text)
}

/// The JSON of a document, with the words as Python writes them.
pub(crate) fn text(document: &Value) -> String {
    let text = document.to_string();
    WORDS.iter().fold(text, |text, word| text.replace(&format!("\"{MARK}{word}\""), word))
}

/// Puts what computes the same in the place of limits that are infinite and of penalties that are
/// none, and refuses every other such number.
pub(super) fn resolve(layer: &mut Subject<'_>) -> Result<()> {
    let marked: Vec<(String, &str)> =
        layer.config.iter().filter_map(|(key, value)| Some((key.clone(), word(value)?))).collect();
    for (key, word) in marked {
        let (value, meaning) = match (layer.class_name, key.as_str(), word) {
            ("ReLU", "max_value", "Infinity") => (Value::Null, "null: there is no maximum"),
            ("MaxNorm" | "MinMaxNorm", "max_value", "Infinity") => {
                (json!(f32::MAX), "the largest number of f32, which no norm exceeds")
            }
            ("L1" | "L2" | "L1L2", "l1" | "l2", "NaN") => {
                (json!(0.0), "0: old versions of Keras wrote None as NaN")
            }
            ("ThresholdedReLU", "theta", "Infinity") => {
                (json!(f32::MAX), "the largest number of f32, which none exceeds")
            }
            _ => {
                let message = format!(
                    "{word} is no number that {} can compute with; expected a finite one",
                    layer.class_name
                );
                return Err(layer.error(&key, message));
            }
        };
        layer.log.note(&join(layer.path, &key), Change::Reinterpreted, meaning);
        layer.config.insert(key, value);
    }
    in_lists(layer)
}

/// The same within lists: a boundary may be infinite, other numbers may not.
fn in_lists(layer: &mut Subject<'_>) -> Result<()> {
    let lists = layer.config.iter().filter(|(_, value)| first_word(value).is_some());
    let keys: Vec<String> = lists.map(|(key, _)| key.clone()).collect();
    for key in keys {
        let Some(Value::Array(items)) = layer.config.get_mut(&key) else { continue };
        if (layer.class_name, key.as_str()) == ("Discretization", "bin_boundaries") {
            for item in &mut *items {
                match word(item) {
                    Some("Infinity") => *item = json!(f32::MAX),
                    Some("-Infinity") => *item = json!(f32::MIN),
                    _ => {}
                }
            }
            let meaning = "infinite ones are the largest number of f32 and its negative";
            layer.log.note(&join(layer.path, &key), Change::Reinterpreted, meaning);
        }
        if let Some(word) = layer.config.get(&key).and_then(first_word) {
            let class = layer.class_name;
            let message =
                format!("{word} is no number that {class} can compute with; expected finite ones");
            return Err(layer.error(&key, message));
        }
    }
    Ok(())
}

/// The first word among the items of a list, which may hold lists.
fn first_word(value: &Value) -> Option<&'static str> {
    let items = value.as_array()?;
    items.iter().find_map(|item| word(item).or_else(|| first_word(item)))
}

/// Of how a model was compiled, a clipping that clips nothing is none.
pub(crate) fn resolve_clipping(config: &mut Value) {
    match config {
        Value::Object(object) => object.iter_mut().for_each(|(key, value)| {
            let clips = ["clipvalue", "clipnorm", "global_clipnorm"].contains(&key.as_str());
            if clips && word(value) == Some("Infinity") {
                *value = Value::Null;
            }
            resolve_clipping(value);
        }),
        Value::Array(items) => items.iter_mut().for_each(resolve_clipping),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_marked_outside_of_strings_alone() {
        let python = r#"{"NaN":[NaN,-Infinity,Infinity,-1],"a \"NaN":"Infinity"}"#;
        let document: Value = serde_json::from_str(&mark(python)).unwrap();
        assert_eq!(word(&document["NaN"][1]), Some("-Infinity"));
        assert_eq!(document["a \"NaN"], "Infinity");
        assert_eq!(text(&document), python);
        // What is no JSON is none either with its words marked.
        for broken in ["{NaN", "\"NaN", "[NaNa]", "[In]", "{\"a\\\": NaN}"] {
            assert!(serde_json::from_str::<Value>(&mark(broken)).is_err(), "{broken}");
        }
    }
}
