//! Tables, sound and broken.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::PathBuf};

use ceratops_core::{Error, Tensor};
use ceratops_datasets::csv::{self, Column, Format, Header, Table};

const ABALONE: &str = "sex,length,weight,rings\nM,0.5,1e-1, 15\nF,-2,.25,9\n\nM,3,4,\"10\"\n";

fn table(text: &str) -> Table {
    csv::from_reader("data.csv", text.as_bytes(), Format::default()).unwrap()
}

fn message<T>(result: ceratops_core::Result<T>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn columns_by_name_and_by_place() {
    let table = table(ABALONE);
    let rings = Tensor::from([15.0, 9.0, 10.0]);
    let features = Tensor::from([[0.5, 0.1], [-2.0, 0.25], [3.0, 4.0]]);
    assert_eq!(table.names(), ["sex", "length", "weight", "rings"]);
    assert_eq!(table.column("rings").unwrap(), rings);
    assert_eq!(table.column(3).unwrap(), rings);
    assert_eq!(table.columns(["length", "weight"]).unwrap(), features);
    assert_eq!(table.columns(1..3).unwrap(), features);
    assert_eq!(table.without(["sex", "rings"]).unwrap(), features);
    assert_eq!(table.without([Column::Index(0), "rings".into()]).unwrap(), features);
    let swapped = table.columns(["weight", "length"]).unwrap();
    assert_eq!(swapped, Tensor::from([[0.1, 0.5], [0.25, -2.0], [4.0, 3.0]]));
    assert_eq!(table.columns::<Column>([]).unwrap().shape(), [3, 0]);
}

#[test]
fn words_become_codes() {
    let (codes, words) = table("x\nb\na\nc\na\n").codes("x").unwrap();
    assert_eq!(codes, Tensor::from([1.0, 0.0, 2.0, 0.0]));
    assert_eq!(words, ["a", "b", "c"]);
}

#[test]
fn other_ways_to_write_a_table() {
    let format = Format { header: Header::Absent, delimiter: b';' };
    let read = |text: &str| csv::from_reader("data.csv", text.as_bytes(), format).unwrap();
    let numbers = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    let headless = read("1;2\r\n3;4");
    assert_eq!(headless.names(), ["0", "1"]);
    assert_eq!(headless.columns(0..2).unwrap(), numbers);
    assert_eq!(headless.columns(["0", "1"]).unwrap(), numbers);
    // A byte order mark is no part of the first name.
    assert_eq!(table("\u{feff}a,b\n1,2").column("a").unwrap(), Tensor::from([1.0]));
    assert_eq!(table("\"a, b\",\"c\nd\"\n1,2").names(), ["a, b", "c\nd"]);
}

#[test]
fn a_cell_that_is_no_finite_number_is_named() {
    let table_of = |cell: &str| table(&format!("a,b\n1,2\n\n3,{cell}\n"));
    let help = "; take such lines out (drop_missing, --drop-missing), or give them a value \
                (fill_missing)";
    for cell in ["x", "nan", "NaN", "inf", "-inf", "1e39", "1,5"] {
        let table = table_of(&format!("\"{cell}\""));
        let help = if cell.eq_ignore_ascii_case("nan") { help } else { "" };
        assert_eq!(
            message(table.column("b")),
            format!("data.csv: line 4, column `b`: expected a finite number, got `{cell}`{help}")
        );
        assert_eq!(table.column("a").unwrap(), Tensor::from([1.0, 3.0]), "{cell}");
    }
    let empty = table_of("\"\"");
    let ending =
        |expected: &str| format!("column `b`: expected {expected}, got an empty cell{help}");
    assert!(message(empty.column("b")).ends_with(&ending("a finite number")));
    assert!(message(empty.codes("b")).ends_with(&ending("a word")));
    let long = message(table_of(&"x".repeat(1000)).column("b"));
    assert!(long.len() < 150, "{long}");
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for (text, line) in [
        ("a\n1\nx\n", 3),
        ("a\r\n1\r\nx\r\n", 3),
        ("\n\na\n\n1\n\n\nx", 8),
        ("\r\na\r\n\r\n1\r\n\r\nx", 6),
        ("\u{feff}\na\n\nx\n", 4),
        ("\"a\n\nb\"\n1\n\nx\n", 6),
    ] {
        let error = message(table(text).column(0));
        assert!(error.starts_with(&format!("data.csv: line {line}, ")), "{text:?}: {error}");
    }
}

#[test]
fn any_delimiter_is_bearable() {
    for delimiter in 0..=255 {
        let format = Format { delimiter, ..Format::default() };
        if let Ok(table) = csv::from_reader("data.csv", ABALONE.as_bytes(), format) {
            assert!(!table.names().is_empty(), "{delimiter}");
        }
    }
}

#[test]
fn a_broken_file_is_an_error() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"a,b\n", "no rows behind the line of names"),
        (b"a,b\n1,2\n3\n", "line 3: expected 2 cells as in the first line, got 1"),
        (b"a,b\n1,2\n\n3,4,5\n", "line 4: expected 2 cells as in the first line, got 3"),
        (b"a,b\n1,2\n3,\xff\n", "line 3: cell 2 is not UTF-8"),
    ];
    for (bytes, expected) in cases {
        let error = message(csv::from_reader("data.csv", bytes, Format::default()));
        assert_eq!(error, format!("data.csv: {expected}"));
    }
}

#[test]
fn an_unknown_column_is_an_error() {
    let table = table(ABALONE);
    assert_eq!(
        message(table.column("ring")),
        "unknown column `ring`; did you mean `rings`? (data.csv has the columns sex, length, weight, rings)"
    );
    assert_eq!(
        message(table.columns([0, 4])),
        "invalid `column`: expected a place from 0 below 4, got 4"
    );
    assert!(message(table.without(["ring"])).contains("unknown column"));
    let twins = self::table("a,b,a\n1,2,3\n");
    assert!(message(twins.column("a")).contains("columns 0 and 2"));
    assert_eq!(twins.column(2).unwrap(), Tensor::from([3.0]));
}

#[test]
fn files_are_read_and_named_in_errors() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("table.csv");
    fs::write(&path, "a\tb\n1\t2\n").unwrap();
    let format = Format { delimiter: b'\t', ..Format::default() };
    let table = csv::read_as(&path, format).unwrap();
    assert_eq!(table.column("b").unwrap(), Tensor::from([2.0]));
    assert_eq!(csv::read(&path).unwrap().names(), ["a\tb"]);
    let absent = path.with_file_name("absent.csv");
    let error = message(csv::read(&absent));
    assert!(error.starts_with(&absent.display().to_string()), "{error}");
}

#[test]
fn what_a_file_holds_is_no_fault_of_the_system() {
    let read = |text: &str| csv::from_reader("data.csv", text.as_bytes(), Format::default());
    for error in [
        read("").unwrap_err(),
        read("a,b\n").unwrap_err(),
        read("a,b\n1\n").unwrap_err(),
        table("a\nx\n").column("a").unwrap_err(),
    ] {
        assert!(matches!(error, Error::Data(_)), "{error:?}");
        assert!(error.to_string().starts_with("data.csv: "), "{error}");
    }
    let missing = csv::read("no/such/file.csv").unwrap_err();
    assert!(matches!(missing, Error::Io { .. }), "{missing:?}");
}

/// The numbers are those of `pandas.get_dummies(table.drop(columns="rings"), dtype=float)`.
#[test]
fn features_and_target_are_those_of_pandas() {
    let split = table("sex,length,color,rings\nM,0.5,b,15\nF,-2,a,9\nI,3,b,10\n");
    let split = split.split_target("rings").unwrap();
    let names = ["length", "sex_F", "sex_I", "sex_M", "color_a", "color_b"];
    assert_eq!(split.feature_names, names);
    let x = [
        [0.5, 0.0, 0.0, 1.0, 0.0, 1.0],
        [-2.0, 1.0, 0.0, 0.0, 1.0, 0.0],
        [3.0, 0.0, 1.0, 0.0, 0.0, 1.0],
    ];
    assert_eq!(split.x, Tensor::from(x));
    assert_eq!(split.y, Tensor::from([15.0, 9.0, 10.0]));
    assert!(split.class_names.is_empty());
}

#[test]
fn a_target_of_words_becomes_classes() {
    let iris = "sepal,petal,species\n1,2,virginica\n3,4,setosa\n5,6,virginica\n";
    for target in [Column::from("species"), Column::from(2)] {
        let iris = table(iris).split_target(target).unwrap();
        assert_eq!(iris.x, Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]));
        assert_eq!(iris.y, Tensor::from([1.0, 0.0, 1.0]));
        assert_eq!(iris.class_names, ["setosa", "virginica"]);
    }
    let words = table("a,b\nx,1\ny,2\n").split_target("b").unwrap();
    assert_eq!(words.x, Tensor::from([[1.0, 0.0], [0.0, 1.0]]));
}

#[test]
fn a_mistake_in_a_column_of_numbers_does_not_make_words_of_it() {
    let split = |text: &str| table(text).split_target("y");
    assert_eq!(
        message(split("a,y\n1,0\n2,1\n1O,0\n")),
        "data.csv: line 4, column `a`: expected a finite number, got `1O`"
    );
    // Some words look like numbers.
    assert_eq!(split("a,y\nx,0\ny,1\n7,0\n").unwrap().feature_names, ["a_7", "a_x", "a_y"]);
    assert!(message(split("y\n1\n2\n")).contains("no columns beside the target"));
    let ids: String = (0..1001).map(|i| format!("id{i},1\n")).collect();
    assert!(message(split(&format!("a,y\n{ids}"))).contains("`a`: 1001 different words would"));
}

#[test]
fn what_is_missing_is_named_dropped_or_filled() {
    let text = "a,word,y\n1,x,2\n,z,3\n4,NA,5\n";
    let told = message(table(text).split_target("y"));
    assert!(told.starts_with("data.csv: line 3, column `a`: expected a finite number"), "{told}");
    assert!(told.contains("drop_missing") && told.contains("fill_missing"), "{told}");
    let word = message(table(text).fill_missing("a", 0.5).unwrap().split_target("y"));
    assert!(word.contains("line 4, column `word`: expected a word, got `NA`"), "{word}");
    let dropped = table(text).drop_missing().unwrap();
    assert_eq!((dropped.len(), dropped.column("y").unwrap()), (1, Tensor::from([2.0])));
    let filled = table(text).fill_missing("a", 0.5).unwrap().fill_missing(1, "none").unwrap();
    let filled = filled.split_target("y").unwrap();
    assert_eq!(filled.feature_names, ["a", "word_none", "word_x", "word_z"]);
    assert_eq!(filled.x.as_slice()[4], 0.5);
    assert!(message(table("a\nNA\n").drop_missing()).contains("missing in every line"));
    assert!(table(text).fill_missing("b", 0).is_err());
}

/// A second table is encoded as the first was: with fewer classes, other words, columns in another order.
#[test]
fn a_later_table_is_encoded_as_the_first() {
    let first = table("island,mass,species\nBiscoe,3,Adelie\nDream,4,Gentoo\nDream,5,Chinstrap\n");
    let labelled = first.split_target("species").unwrap();
    let encoder = labelled.encoder.clone();
    let again = encoder.encode(&first).unwrap();
    assert_eq!((again.x, again.y.unwrap()), (labelled.x, labelled.y));
    assert_eq!(encoder.class_names(), ["Adelie", "Chinstrap", "Gentoo"]);

    let next = table(
        "extra,species,mass,island\n?,Gentoo,1,Torgersen\n?,Gentoo,2,Dream\n?,Adelie,3,Torgersen\n",
    );
    let encoded = encoder.encode(&next).unwrap();
    assert_eq!(encoded.y.unwrap(), [2.0, 2.0, 0.0].into());
    assert_eq!(encoded.x, [[1.0, 0.0, 0.0], [2.0, 0.0, 1.0], [3.0, 0.0, 0.0]].into());
    let [unknown] = &encoded.unknown[..] else { panic!("{:?}", encoded.unknown) };
    assert_eq!((unknown.word.as_str(), unknown.rows), ("Torgersen", 2));

    // Without the target, to be asked about; and what cannot be encoded.
    assert_eq!(encoder.encode(&table("mass,island\n1,Dream\n")).unwrap().y, None);
    let refused = |text: &str| encoder.encode(&table(text)).unwrap_err().to_string();
    assert!(refused("mass,islands\n1,Dream\n").contains("did you mean `islands`"));
    assert!(refused("mass,island\nheavy,Dream\n").contains("expected a finite number"));
    assert!(refused("mass,island\n1,\n").contains("an empty cell"));
    let strange = refused("mass,island,species\n1,Dream,Emperor\n");
    assert!(
        strange.contains("`Emperor`") && strange.contains("Adelie, Chinstrap, Gentoo"),
        "{strange}"
    );

    // As a file beside the model.
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("encoder.json");
    encoder.save(&path).unwrap();
    assert_eq!(csv::Encoder::load(&path).unwrap(), encoder);
    assert!(
        csv::Encoder::from_json("{}").unwrap_err().to_string().contains("no encoder of a table")
    );
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let error = table("a,a,y\n1,2,3\n").split_target("y").unwrap_err().to_string();
    assert!(error.contains("two columns are named `a`"), "{error}");
}
