//! Numbers as Python writes them: `repr`, and what stands behind the colon of a format.

use ceratops_core::{Error, Result};

/// The widest field and the longest fraction of a format.
const MOST: usize = 100;

/// A number of Python's.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Int(u64),
    Float(f64),
}

impl Number {
    /// Python's `repr`.
    pub(super) fn repr(self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Float(value) => repr(value),
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// Python's `repr` of a float: the shortest digits that read back as the same number.
pub(super) fn repr(value: f64) -> String {
    if !value.is_finite() {
        return special(value);
    }
    let text = format!("{value:e}");
    let exponent = exponent_of(&text);
    if (-4..16).contains(&exponent) {
        let text = value.to_string();
        if text.contains('.') { text } else { text + ".0" }
    } else {
        scientific(&text)
    }
}

/// What stands behind the colon: `02d`, `.3e`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Spec {
    zeros: bool,
    width: usize,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    /// Reads `[0][width][.precision][type]`, the type being one of `d f F e E g G`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            let expected = "a format such as 02d, .2f, .3e or g";
            Error::argument("filepath", expected, format!("`{text}`"))
        };
        let (head, kind) = match text.chars().last() {
            Some(kind) if kind.is_ascii_alphabetic() => (&text[..text.len() - 1], Some(kind)),
            _ => (text, None),
        };
        let (width, precision) = match head.split_once('.') {
            Some((width, precision)) => (width, Some(precision)),
            None => (head, None),
        };
        let count = |digits: &str| {
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse().ok().filter(|&n: &usize| plain && n <= MOST).ok_or_else(wrong)
        };
        let zeros = width.starts_with('0');
        let width = if width.is_empty() { 0 } else { count(width)? };
        let precision = precision.map(count).transpose()?;
        let known = kind.is_none_or(|kind| "dfFeEgG".contains(kind));
        // Python rounds such numbers by rules of their own.
        let vague = precision.is_some() && matches!(kind, None | Some('d'));
        if !known || vague { Err(wrong()) } else { Ok(Self { zeros, width, precision, kind }) }
    }

    /// Writes `value`, which is called `name`.
    pub(super) fn write(&self, name: &str, value: Number) -> Result<String> {
        let precision = self.precision.unwrap_or(6);
        let float = value.float();
        let text = match self.kind {
            None => value.repr(),
            Some('d') => match value {
                Number::Int(value) => value.to_string(),
                Number::Float(_) => {
                    let expected = "a format for numbers with a fraction, such as .2f";
                    return Err(Error::argument("filepath", expected, format!("{{{name}:..d}}")));
                }
            },
            _ if !float.is_finite() => special(float),
            Some('f' | 'F') => format!("{float:.precision$}"),
            Some('e' | 'E') => scientific(&format!("{float:.precision$e}")),
            Some(_) => general(float, precision.max(1)),
        };
        let large = self.kind.is_some_and(char::is_uppercase);
        Ok(self.pad(if large { text.to_uppercase() } else { text }))
    }

    /// Fills a text up to the width, from the left.
    fn pad(&self, text: String) -> String {
        if !self.zeros {
            return format!("{text:>width$}", width = self.width);
        }
        let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
        format!("{sign}{digits:0>width$}", width = self.width.saturating_sub(sign.len()))
    }
}

fn special(value: f64) -> String {
    if value.is_nan() { "nan".into() } else { value.to_string() }
}

/// The exponent of a number that Rust wrote: -7 of `1.5e-7`.
fn exponent_of(text: &str) -> i32 {
    text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

/// Python's `1.5e-07` of Rust's `1.5e-7`.
fn scientific(text: &str) -> String {
    let digits = text.split_once('e').map_or(text, |(digits, _)| digits);
    let exponent = exponent_of(text);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// Python's `g`: so many digits, without zeros at the end.
fn general(value: f64, digits: usize) -> String {
    let text = format!("{value:.*e}", digits - 1);
    let exponent = exponent_of(&text);
    let strip = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    // As many digits in front of the point as are wanted, or fewer.
    match usize::try_from(digits as i64 - 1 - i64::from(exponent)) {
        Ok(behind) if exponent >= -4 => strip(&format!("{value:.behind$}")),
        _ => {
            let (mantissa, _) = text.split_once('e').unwrap_or((&text, ""));
            scientific(&format!("{}e{exponent}", strip(mantissa)))
        }
    }
}
