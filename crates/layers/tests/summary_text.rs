//! Summaries, compared with the texts of real Keras in `summary/cases.json` (see `make.py`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail by panicking")]

use std::process::Command;

use ceratops_core::Shape;
use ceratops_layers::summary::{Count, Row, Style, Summary, Totals};
use serde_json::Value;

#[test]
fn prints_what_keras_prints() {
    let file: Value = serde_json::from_str(include_str!("summary/cases.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let model = |case: &Value| &file["models"][number(&case["model"])];
    let failures: Vec<String> =
        cases.iter().filter_map(|case| difference(case, model(case))).collect();
    assert!(
        failures.is_empty(),
        "{} of {} differ\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

/// What is to be seen if the case fails: each line that differs, as Keras has it and as we do.
fn difference(case: &Value, model: &Value) -> Option<String> {
    let text = summary(case, model).to_string();
    let ours: Vec<&str> = text.split('\n').collect();
    let keras: Vec<&str> = list(&case["text"], |line| line.as_str().unwrap());
    if ours == keras {
        return None;
    }
    let mut report = format!("{} ({})\n", case["case"], case["style"]);
    for i in 0..ours.len().max(keras.len()) {
        match (keras.get(i), ours.get(i)) {
            (keras, ours) if keras == ours => report += &format!("      {}\n", keras.unwrap()),
            (keras, ours) => {
                report += &keras.map_or(String::new(), |line| format!("keras {line:?}\n"));
                report += &ours.map_or(String::new(), |line| format!("ours  {line:?}\n"));
            }
        }
    }
    Some(report)
}

/// The summary of the model that a case asks for.
fn summary(case: &Value, model: &Value) -> Summary {
    let totals = &model["totals"];
    let totals = Totals {
        trainable: count(&totals["trainable"]).unwrap(),
        non_trainable: count(&totals["non_trainable"]).unwrap(),
        optimizer: count(&totals["optimizer"]),
    };
    let style = match case["style"].as_str().unwrap() {
        "Keras2" => Style::Keras2,
        _ => Style::Keras3,
    };
    let rows = list(&model["rows"], row);
    let summary = Summary::new(model["name"].as_str().unwrap(), rows, totals).style(style);
    let arguments = case["arguments"].as_object().unwrap();
    arguments.iter().fold(summary, |summary, (name, value)| match name.as_str() {
        "line_length" => summary.line_length(number(value)),
        "columns" => summary.columns(number(value)),
        "show_trainable" => summary.show_trainable(value.as_bool().unwrap()),
        "expand_nested" => summary.expand_nested(value.as_bool().unwrap()),
        "colored" => summary.colored(value.as_bool().unwrap()),
        "positions" => summary.positions(list(value, |p| p.as_f64().unwrap()).try_into().unwrap()),
        "layer_range" => {
            let names = list(value, |name| name.as_str().unwrap());
            summary.layer_range(names[0], names[1]).unwrap()
        }
        other => panic!("unknown argument {other}"),
    })
}

fn row(row: &Value) -> Row {
    let shape = |shape: &Value| {
        let axes = list(shape, |axis| axis.as_u64().map(|axis| axis as usize));
        Shape::from(axes)
    };
    Row {
        name: row["name"].as_str().unwrap().into(),
        class_name: row["class_name"].as_str().unwrap().into(),
        output_shape: Some(&row["output_shape"]).filter(|shape| !shape.is_null()).map(shape),
        params: Some(&row["params"]).filter(|params| !params.is_null()).map(number),
        trainable: row["trainable"].as_bool().unwrap(),
        depth: number(&row["depth"]),
    }
}

fn count(count: &Value) -> Option<Count> {
    let count = count.as_array()?;
    Some(Count { params: number(&count[0]), bytes: number(&count[1]) })
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn list<'a, T>(value: &'a Value, item: impl Fn(&'a Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(item).collect()
}

/// A summary of layers with these names and depths.
fn named(rows: &[(&str, usize)]) -> Summary {
    let row = |&(name, depth): &(&str, usize)| Row { name: name.into(), depth, ..Row::default() };
    Summary::new("m", rows.iter().map(row), Totals::default())
}

#[test]
fn layer_range_takes_the_layers_of_a_nested_model_along() {
    let model = named(&[("a", 0), ("in", 0), ("b", 1), ("c", 1), ("b", 0), ("z", 0)]);
    for (first, last, expected) in [
        ("in", "in", "in b c"),
        ("a", "in", "a in b c"),
        ("b", "z", "b z"),
        ("", "", "a in b c b z"),
        ("z", "a", "a in b c b z"),
        ("in", "b", "in b c b"),
    ] {
        let range = model.clone().layer_range(first, last).unwrap();
        let names: Vec<&str> = range.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names.join(" "), expected, "from {first:?} to {last:?}");
    }
}

#[test]
fn layer_range_names_the_nearest_layer() {
    let model = named(&[("conv2d", 0), ("dense", 0), ("inner", 1)]);
    let error = model.clone().layer_range("conv2d", "densse").unwrap_err().to_string();
    assert_eq!(
        error,
        "unknown layer in `layer_range` `densse`; did you mean `dense`? (a layer's name has to \
         begin with it; see the summary without a range)"
    );
    assert!(model.layer_range("inner", "dense").is_err());
}

#[test]
fn print_asks_the_environment_for_the_width() {
    let summary = named(&[("conv2d", 0)]);
    if std::env::var_os("SUMMARY_TEST_PRINTS").is_some() {
        return summary.print().unwrap();
    }
    let print = |columns: &str| {
        // This test again, in a process whose output can be read.
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", "--nocapture", "print_asks_the_environment_for_the_width"]);
        test.env("SUMMARY_TEST_PRINTS", "1").env("COLUMNS", columns).env("TERM", "xterm");
        String::from_utf8(test.output().unwrap().stdout).unwrap()
    };
    for (columns, expected) in [("200", 200), ("50", 50), ("0", 80), ("wide", 80)] {
        let (text, expected) = (print(columns), summary.clone().columns(expected).to_string());
        assert!(text.contains(&format!("{expected}\n")), "COLUMNS={columns}\n{text}");
    }
}

#[test]
fn nothing_makes_it_panic() {
    let names = ["", "\u{200d}\u{301}", "a\nb\x1b[2J\tc", "層", "   ", "a  b"];
    let positions = [
        [0.0, 0.0, 0.0],
        [1.0, 0.5, 0.1],
        [f64::NAN, f64::INFINITY, -1.0],
        [f64::INFINITY; 3],
        [1e300, 5.0, 2.0],
        [3.0, 200.0, 2.0],
    ];
    for name in names {
        let model = named(&[(name, 7), (name, 0), (name, 3), (name, usize::MAX), (name, 1)]);
        for length in [0, 1, 3, 5, 13, 16, 40, usize::MAX] {
            for ends in positions {
                for flags in 0..16 {
                    let summary = model.clone().line_length(length).positions(ends);
                    let style = if flags & 1 > 0 { Style::Keras2 } else { Style::Keras3 };
                    let text = summary
                        .style(style)
                        .show_trainable(flags & 2 > 0)
                        .expand_nested(flags & 4 > 0)
                        .columns(flags & 8)
                        .to_string();
                    let odd = |c: char| c.is_control() && c != '\n';
                    assert!(!text.contains(odd), "{text}");
                }
            }
        }
    }
}

#[test]
fn lines_of_a_table_are_equally_wide() {
    // Of 4 cells a column at least, whatever is asked for.
    for length in 0..40 {
        let text = named(&[("conv2d", 0), ("dense", 1)]).line_length(length).to_string();
        let table = text.lines().filter(|line| line.starts_with(['┏', '┃', '┡', '│', '└']));
        for line in table {
            assert_eq!(line.chars().count(), length.max(12), "{line}");
        }
    }
}
