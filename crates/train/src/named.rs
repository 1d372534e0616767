//! Values under names, in the order in which they came: what logs and histories are made of.

use std::{fmt, ops::Index};

/// Values under names, in the order in which they came.
///
/// ```
/// use ceratops_train::Logs;
///
/// let mut logs = Logs::default();
/// logs.insert("loss", 0.25);
/// assert_eq!(logs["loss"], 0.25);
/// assert_eq!(logs.get("accuracy"), None);
/// for (name, value) in &logs {
///     assert_eq!((name, *value), ("loss", 0.25));
/// }
/// assert_eq!(logs.to_string(), "loss: 0.2500");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T> {
    entries: Vec<(String, T)>,
}

/// The loss and the metrics by name.
pub type Logs = Named<f64>;

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> Named<T> {
    /// The value under `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The value under `name`, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.entries.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Puts `value` under `name`, in place of what is there or at the end.
    pub fn insert(&mut self, name: impl Into<String>, value: T) {
        let name = name.into();
        match self.get_mut(&name) {
            Some(slot) => *slot = value,
            None => self.entries.push((name, value)),
        }
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// The names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The same values in the alphabetical order of their names, as Keras 3 reports them.
    #[must_use]
    pub(crate) fn sorted(mut self) -> Self {
        self.entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        self
    }
}

impl<'a, T> IntoIterator for &'a Named<T> {
    type Item = (&'a str, &'a T);
    type IntoIter =
        std::iter::Map<std::slice::Iter<'a, (String, T)>, fn(&'a (String, T)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// As Keras prints them: `accuracy: 0.9123 - loss: 1.2500e-04`.
impl fmt::Display for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, &value)) in self.iter().enumerate() {
            let dash = if i == 0 { "" } else { " - " };
            write!(f, "{dash}{name}: {}", number(value))?;
        }
        Ok(())
    }
}

/// Four digits behind the point, or an exponent of at least two digits as Python writes it.
fn number(value: f64) -> String {
    if value.abs() > 1e-3 || !value.is_finite() {
        return format!("{value:.4}").to_lowercase();
    }
    let text = format!("{value:.4e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let sign = if exponent.starts_with('-') { '-' } else { '+' };
    format!("{digits}e{sign}{:0>2}", exponent.trim_start_matches('-'))
}

/// Panics where there is no such name, as Rust's maps do; [`Named::get`] does not.
impl<T> Index<&str> for Named<T> {
    type Output = T;

    #[expect(clippy::panic, reason = "the contract of Index; `get` is the checked way")]
    fn index(&self, name: &str) -> &T {
        self.get(name).unwrap_or_else(|| {
            let names: Vec<&str> = self.names().collect();
            panic!("nothing is named \"{name}\"; there are {names:?}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_written_as_keras_does() {
        for (value, text) in [
            (0.91234, "0.9123"),
            (-2.0, "-2.0000"),
            (0.001, "1.0000e-03"),
            (0.0, "0.0000e+00"),
            (-1.25e-12, "-1.2500e-12"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
