//! The figures as a Markdown table.

use super::figures::{Figures, Row};

/// A row for each thing that was measured: Ceratops, each peer (the leading one in bold), and how
/// much faster Ceratops is than that.
pub(super) fn markdown(figures: &Figures) -> String {
    let peers = figures.peers();
    let head = [&["work", "what", "ceratops"], &peers[..], &["ceratops / best peer"]].concat();
    let mut text = line(head.iter().map(ToString::to_string));
    text += &line(head.iter().enumerate().map(|(i, _)| if i < 2 { "---" } else { "---:" }.into()));
    text.extend(figures.rows().iter().map(|row| line(cells(row))));
    text
}

fn cells(row: &Row<'_>) -> impl Iterator<Item = String> {
    let peers = row.peers.iter().enumerate().map(|(place, value)| match value {
        Some(value) if row.leader == Some(place) => format!("**{}**", number(*value)),
        value => value.map(number).unwrap_or_default(),
    });
    let ratio = row.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
    [row.work.into(), row.what.into(), row.ours.map(number).unwrap_or_default()]
        .into_iter()
        .chain(peers)
        .chain([ratio])
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// Three digits that count, or a whole number with its thousands apart.
fn number(value: f64) -> String {
    if value < 100.0 {
        let digits = 2 - value.abs().log10().floor() as i32;
        return format!("{value:.*}", digits.clamp(0, 6) as usize);
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_what_counts() {
        let shown = [0.051_23, 1.0, 12.345, 99.9, 512.4, 10_744.0, 1_234_567.0].map(number);
        assert_eq!(shown, ["0.0512", "1.00", "12.3", "99.9", "512", "10,744", "1,234,567"]);
    }

    #[test]
    fn the_table_marks_the_leader_and_leaves_gaps() {
        let mut figures = Figures::default();
        let line = |what: &str, value: f64| {
            Ok(format!(r#"{{"work": "cnn", "what": "{what}", "value": {value}}}"#))
        };
        figures.add("torch", None, "cnn", line("fit b32 samples/s", 8000.0));
        figures.add("ceratops", Some("torch"), "cnn", line("fit b32 samples/s", 10000.0));
        figures.add("openvino", None, "cnn", line("predict 1 ms", 0.07));
        let lines = [
            "| work | what | ceratops | torch | openvino | ceratops / best peer |",
            "| --- | --- | ---: | ---: | ---: | ---: |",
            "| cnn | fit b32 samples/s | 10,000 | **8,000** |  | 1.25 |",
            "| cnn | predict 1 ms |  |  | **0.0700** |  |",
        ];
        assert_eq!(markdown(&figures).lines().collect::<Vec<_>>(), lines);
    }
}
