//! What shapes and errors say.

use ceratops_core::{Error, Shape, nearest};

#[test]
fn shapes_are_written_as_python_writes_tuples() {
    let table = [
        (Shape::of(&[]), "()"),
        (Shape::of(&[3]), "(3,)"),
        (Shape::of(&[2, 0]), "(2, 0)"),
        (Shape::batched(Shape::of(&[])), "(None,)"),
        (Shape::batched([28, 28, 1]), "(None, 28, 28, 1)"),
        (Shape::from([None, None, Some(3)]), "(None, None, 3)"),
    ];
    for (shape, text) in table {
        assert_eq!(shape.to_string(), text);
    }
}

#[test]
fn shapes_admit_what_they_leave_open() {
    let shape = Shape::batched([4]);
    assert!(shape.admits(&[7, 4]) && shape.admits(&[0, 4]));
    assert!(!shape.admits(&[7, 5]) && !shape.admits(&[4]) && !shape.admits(&[7, 4, 1]));
    assert_eq!(shape.features(), Ok(vec![4]));
    assert_eq!(
        Shape::from([None, None, Some(3)]).features().map_err(|e| e.to_string()),
        Err("invalid `input_shape`: expected known lengths behind the batch axis, \
             got (None, None, 3)"
            .into())
    );
    assert_eq!((shape.last(), shape.with_axis(1, None).last()), (Some(4), None));
}

#[test]
fn errors_say_what_came_what_was_expected_and_what_to_do() {
    let shape = Error::shape("input", "(batch, 4)", &[2, 5], "");
    let table = [
        (shape.clone(), "input: expected shape (batch, 4), got (2, 5)"),
        (
            shape.clone().with_help("add a Flatten layer"),
            "input: expected shape (batch, 4), got (2, 5); add a Flatten layer",
        ),
        (
            shape.in_layer("Dense", "dense_1", 2),
            "Dense \"dense_1\" (layer 2): input: expected shape (batch, 4), got (2, 5)",
        ),
        (
            Error::argument("units", "more than 0", 0),
            "invalid `units`: expected more than 0, got 0",
        ),
        (
            Error::unknown("activation", "rleu", ["relu", "tanh"]),
            "unknown activation `rleu`; did you mean `relu`?",
        ),
        (
            Error::unknown("activation", "quux", ["relu", "tanh"]).with_help("register it"),
            "unknown activation `quux`; register it",
        ),
        (Error::Model("not built".into()).with_help("nowhere to put it"), "not built"),
        (Error::io("model.json", "permission denied"), "model.json: permission denied"),
    ];
    for (error, text) in table {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn the_path_of_a_config_error_grows_from_within() {
    let units = Error::config("units", "expected a number");
    let table = [
        (units.clone().at("config"), "config.units: expected a number"),
        (Error::config("[2].units", "no").at("layers").at("config"), "config.layers[2].units: no"),
        (Error::config("", "no").at("config"), "config: no"),
        (Error::Data("empty".into()).at("config"), "config: empty"),
    ];
    for (error, text) in table {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn the_nearest_name_is_what_was_meant() {
    let names = ["relu", "leaky_relu", "softmax", "softplus", "tanh", "elu"];
    let table = [
        ("LeakyReLU", Some("leaky_relu")),
        ("leakyrelu", Some("leaky_relu")),
        ("softmx", Some("softmax")),
        ("sotfplus", Some("softplus")),
        ("Tanh", Some("tanh")),
        ("tahn", Some("tanh")),
        ("ReLu", Some("relu")),
        ("convolution", None),
        ("", None),
    ];
    for (name, expected) in table {
        assert_eq!(nearest(name, names), expected, "{name}");
    }
    assert_eq!(nearest("relu", []), None);
}
