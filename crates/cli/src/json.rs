//! Numbers in JSON, which has no words for infinity and for what is no number.

use serde_json::Value;

/// A number: `null` for NaN, `1e999` for infinity. This is JSON to the letter; Python and JavaScript read an
/// infinity, since no double is as large.
pub(crate) fn number(x: f64) -> String {
    match x {
        x if x.is_nan() => "null".into(),
        x if x.is_infinite() => if x > 0.0 { "1e999" } else { "-1e999" }.into(),
        x => Value::from(x).to_string(),
    }
}

/// A list of numbers.
pub(crate) fn numbers(numbers: &[f64]) -> String {
    list(numbers.iter().map(|&x| number(x)))
}

/// An object of names and what is JSON already.
pub(crate) fn object<'a>(entries: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let entry = |(name, json): (&str, String)| format!("{}:{json}", Value::from(name));
    format!("{{{}}}", entries.into_iter().map(entry).collect::<Vec<_>>().join(","))
}

/// A list of what is JSON already.
pub(crate) fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

/// `value`, of which JSON has a word.
pub(crate) fn of(value: impl Into<Value>) -> String {
    value.into().to_string()
}

/// JSON, or `null` where there is none.
pub(crate) fn maybe(json: Option<String>) -> String {
    json.unwrap_or_else(|| "null".into())
}

/// JSON in which NaN is null and infinities are the texts `"Infinity"` and `"-Infinity"`, however they were
/// written: as [`number`] does, or as Python does.
pub(crate) fn with_words(text: &str) -> String {
    let (mut json, mut token, mut quoted, mut escaped) =
        (String::new(), String::new(), false, false);
    for c in text.chars() {
        if !quoted && (c.is_ascii_alphanumeric() || "+-.".contains(c)) {
            token.push(c);
            continue;
        }
        json.push_str(word(&token));
        token.clear();
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
        json.push(c);
    }
    json + word(&token)
}

fn word(token: &str) -> &str {
    match token.parse::<f64>() {
        Ok(x) if x.is_nan() => "null",
        Ok(x) if x.is_infinite() => {
            if x > 0.0 {
                "\"Infinity\""
            } else {
                "\"-Infinity\""
            }
        }
        _ => token,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinities_come_back() {
        let all = [1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e308];
        let text = object([("a\"NaN", numbers(&all))]);
        assert_eq!(text, r#"{"a\"NaN":[1.5,1e999,-1e999,null,1e+308]}"#);
        let words = r#"{"a\"NaN":[1.5,"Infinity","-Infinity",null,1e+308]}"#;
        assert_eq!(with_words(&text), words);
        let pythons = r#"{"a\"NaN":[1.5,Infinity,-Infinity,NaN,1e+308]}"#;
        assert_eq!(with_words(pythons), words);
        assert!(serde_json::from_str::<Value>(words).is_ok());
    }
}
