//! The diagnosis in print: a table, the slopes, and sentences of advice.

use std::fmt;

use ceratops_core::Shape;
use ceratops_layers::summary::Table;

use super::{Diagnosis, LayerDiagnosis, Statistics};

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Diagnosis of \"{}\", {} samples", self.model, self.samples)?;
        if let Some(loss) = self.loss {
            write!(f, ", loss {}", short(loss))?;
        }
        writeln!(f)?;
        write!(f, "{}", table(self))?;
        for layer in &self.layers {
            if let Some(slopes) = &layer.slopes {
                let Statistics { count, min, mean, max, .. } = slopes.values;
                let (min, mean, max) = (short(min), short(mean), short(max));
                writeln!(
                    f,
                    " {}: {count} slopes from {min} to {max}, mean {mean}; {} negative, {} above 1",
                    layer.name,
                    percent(slopes.negative),
                    percent(slopes.above_one)
                )?;
            }
        }
        for layer in &self.layers {
            if let Some(attention) = &layer.attention {
                let ((least, most), heads) = (attention.looked_at(), attention.entropy.len());
                let of = match heads {
                    1 => format!("looks at {}", short(least)),
                    _ => format!("{heads} heads look at {} to {}", short(least), short(most)),
                };
                writeln!(
                    f,
                    " {}: {of} of {} keys (exp of the entropy)",
                    layer.name, attention.keys
                )?;
            }
        }
        if self.advice.is_empty() {
            return write!(f, "Nothing unusual was found.");
        }
        for (i, advice) in self.advice.iter().enumerate() {
            write!(f, "{}- {advice}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

fn table(diagnosis: &Diagnosis) -> Table {
    let trained = diagnosis.loss.is_some();
    let mut titles = vec!["Layer (type)", "Output", "Dead", "Saturated"];
    if trained {
        titles.extend(["Gradient", "Update/Weight"]);
    }
    let row = |table: Table, layer: &LayerDiagnosis| {
        let share = |share: Option<f64>| share.map_or_else(|| "-".into(), percent);
        let mut cells = vec![
            format!("{} ({})", layer.name, layer.class_name),
            spread(&layer.output),
            share(layer.dead),
            share(layer.saturated),
        ];
        if trained {
            cells.push(layer.gradient.as_ref().map_or_else(|| "-".into(), spread));
            cells.push(layer.update_to_weight.map_or_else(|| "-".into(), short));
        }
        table.row(cells)
    };
    diagnosis.layers.iter().fold(Table::new(&titles), row)
}

/// Mean and standard deviation; or what is not finite.
fn spread(numbers: &Statistics) -> String {
    match (numbers.nan, numbers.infinite) {
        (0, 0) => format!("{} ± {}", short(numbers.mean), short(numbers.std)),
        (0, infinite) => format!("{infinite} infinite"),
        (nan, _) => format!("{nan} NaN"),
    }
}

/// A number in few characters: three digits, with an exponent where it is large or small.
pub(super) fn short(number: f64) -> String {
    match number.abs() {
        0.0 => "0".into(),
        size if !size.is_finite() => number.to_string(),
        size if !(0.0005..99999.5).contains(&size) => format!("{number:.1e}"),
        size if size < 10.0 => format!("{number:.3}"),
        size if size < 1000.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

/// A share in percent, which is 0 or 100 only where it is that.
pub(super) fn percent(share: f64) -> String {
    match 100.0 * share {
        percent if share > 0.0 && percent < 1.0 => "<1%".into(),
        percent if share < 1.0 && percent > 99.0 => ">99%".into(),
        percent => format!("{percent:.0}%"),
    }
}

/// ` at (3, 4)`; nothing for a single number.
pub(super) struct Place<'a>(pub(super) &'a [usize]);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " at {}", Shape::of(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::{percent, short};

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (0.12345, "0.123"),
            (-1.0, "-1.000"),
            (123.45, "123.5"),
            (54321.0, "54321"),
            (1.23e-5, "1.2e-5"),
            (3.4e38, "3.4e38"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "NaN"),
        ];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
        assert_eq!(
            [0.0, 0.001, 0.5, 0.9999, 1.0].map(percent),
            ["0%", "<1%", "50%", ">99%", "100%"]
        );
    }
}
