//! JSON beyond what Keras itself was asked for: TensorFlow.js, old versions, mistakes.

use ceratops_core::{Constrain, Regularize};
use ceratops_weights::{Constraint, Initializer, Regularizer, constraints::*, initializers::*};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[test]
fn old_dialects_are_read() {
    use ceratops_weights::initializers::{
        Distribution::{TruncatedNormal, Uniform},
        Mode::FanAvg,
    };
    let cases: [(serde_json::Value, Initializer); 9] = [
        (json!("glorotUniform"), GlorotUniform::new().into()),
        (json!("leCunNormal"), LecunNormal::new().into()),
        (
            json!({"class_name": "LeCunUniform", "config": {"seed": 4}}),
            LecunUniform::new().seed(4).into(),
        ),
        (
            json!({"class_name": "VarianceScaling",
                   "config": {"scale": 1, "mode": "fan_avg", "distribution": "normal", "seed": null}}),
            VarianceScaling::new(1.0, FanAvg, TruncatedNormal).into(),
        ),
        (
            json!({"class_name": "VarianceScaling", "config": {"mode": "fan_avg", "distribution": "uniform"}}),
            VarianceScaling::new(1.0, FanAvg, Uniform).into(),
        ),
        (
            json!({"class_name": "Constant", "config": {"value": {"type": "ndarray", "value": 0.3}}}),
            Constant::new(0.3).into(),
        ),
        (json!({"class_name": "Zeros", "config": {"dtype": "float32"}}), Zeros.into()),
        (json!({"config": null, "class_name": "Ones"}), Ones.into()),
        (
            json!({"class_name": "HeNormal", "shared_object_id": 3,
                   "config": {"seed": {"class_name": "SeedGenerator", "config": {"seed": 7}}}}),
            HeNormal::new().seed(7).into(),
        ),
    ];
    for (text, initializer) in cases {
        assert_eq!(
            serde_json::from_value::<Initializer>(text.clone()).unwrap(),
            initializer,
            "{text}"
        );
    }
    let tuple = json!({"class_name": "MaxNorm", "config": {"axis": {"class_name": "__tuple__", "items": [0, 1]}}});
    let constraint: Constraint = serde_json::from_value(tuple).unwrap();
    assert_eq!(constraint, MaxNorm::new(2.0).axis([0, 1]).into());
}

#[test]
fn numbers_survive() {
    for number in ["0.0001", "0.00009999999747378752", "0.30000001192092896"] {
        let text = format!(r#"{{"class_name":"L2","config":{{"l2":{number}}}}}"#);
        let regularizer: Regularizer = serde_json::from_str(&text).unwrap();
        let written = serde_json::to_string(&regularizer).unwrap();
        let expected = format!(
            r#"{{"module":"keras.regularizers","class_name":"L2","config":{{"l2":{number}}},"registered_name":null}}"#
        );
        assert_eq!(written, expected);
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Config {
    kernel_initializer: Initializer,
    kernel_regularizer: Option<Regularizer>,
    kernel_constraint: Option<Constraint>,
}

#[test]
fn null_is_none() {
    let text =
        r#"{"kernel_initializer":"zeros","kernel_regularizer":null,"kernel_constraint":null}"#;
    let config: Config = serde_json::from_str(text).unwrap();
    assert!(config.kernel_regularizer.is_none() && config.kernel_constraint.is_none());
    let text =
        r#"{"kernel_initializer":"zeros","kernel_regularizer":"l1","kernel_constraint":"NonNeg"}"#;
    let config: Config = serde_json::from_str(text).unwrap();
    assert_eq!(config.kernel_constraint, Some(NonNeg.into()));
}

fn read(kernel_initializer: serde_json::Value) -> Result<Config, impl std::fmt::Display> {
    let config = json!({"kernel_initializer": kernel_initializer});
    serde_path_to_error::deserialize(config)
}

#[test]
fn errors_name_the_place_and_the_nearest() {
    let he = |config: serde_json::Value| json!({"class_name": "RandomNormal", "config": config});
    for (text, message) in [
        (
            he(json!({"stdev": 0.1})),
            "config.stdev: unknown key of RandomNormal `stdev`; did you mean `stddev`?",
        ),
        (he(json!({"stddev": "0.1"})), "config.stddev: invalid type: string \"0.1\", expected f64"),
        (he(json!({"seed": 0.5})), "config.seed: invalid type: floating point `0.5`, expected i64"),
        (he(json!([1])), "config: expected an object, got [1]"),
        (
            json!({"class_name": "HeNormal", "confg": {"seed": 1}}),
            "unknown key of the initializer `confg`; did you mean `config`?",
        ),
        (
            json!({"class_name": "HeNormal", "config": {"input_axes": [0]}}),
            "config.input_axes: unknown key of HeNormal `input_axes`",
        ),
        (
            json!({"class_name": "VarianceScaling", "config": {"mode": "fan_inn"}}),
            "config.mode: unknown variant `fan_inn`, expected one of `fan_in`, `fan_out`, `fan_avg`",
        ),
        (
            json!(3),
            "invalid `initializer`: expected a name, or an object with `class_name` and `config`, got 3",
        ),
        (
            json!({"config": {}}),
            "invalid `initializer`: expected a name, or an object with `class_name` and `config`, got {\"config\":{}}",
        ),
    ] {
        let Err(error) = read(text) else { panic!("expected: {message}") };
        assert_eq!(error.to_string(), format!("kernel_initializer: {message}"));
    }
}

/// A class that is not known may be needed by nobody; it is kept as it came.
#[test]
fn what_is_not_known_is_refused_where_it_is_needed() {
    for (entry, message) in [
        (
            json!("glorot_unifrom"),
            "unknown initializer `glorot_unifrom`; did you mean `GlorotUniform`?",
        ),
        (
            json!({"class_name": "GlorotUnifrom", "config": {}}),
            "unknown initializer `GlorotUnifrom`; did you mean `GlorotUniform`?",
        ),
        (
            json!({"class_name": "HeNormal", "registered_name": "my>HeNormal", "config": {}}),
            "unknown initializer `my>HeNormal`",
        ),
        (
            json!({"class_name": "function", "config": "drawn", "registered_name": "function"}),
            "unknown initializer `drawn`",
        ),
    ] {
        let initializer: Initializer = serde_json::from_value(entry.clone()).unwrap();
        assert_eq!(serde_json::to_value(&initializer).unwrap(), entry);
        assert_eq!(initializer.check_known().unwrap_err().to_string(), message);
        let drawn = initializer.draw(&[2], &mut ceratops_core::rng(0));
        assert_eq!(drawn.unwrap_err().to_string(), message);
        let blank = initializer.draw(&[2], &mut ceratops_core::Rng::blank()).unwrap();
        assert_eq!(blank.as_slice(), [0.0, 0.0]);
    }
    let regularizer: Regularizer = serde_json::from_value(json!("mine")).unwrap();
    assert!(regularizer.validate().is_ok() && regularizer.check_known().is_err());
    let constraint: Constraint = serde_json::from_value(json!("mine")).unwrap();
    assert!(constraint.validate().is_ok() && constraint.check_known().is_err());
}

#[test]
fn axes_say_what_they_take() {
    let text = json!({"class_name": "UnitNorm", "config": {"axis": "last"}});
    let error = serde_json::from_value::<Constraint>(text).unwrap_err().to_string();
    assert_eq!(error, "config.axis: expected an axis, a list of axes, or null for all axes");
}

#[test]
fn an_unknown_name_is_not_written() {
    let error = serde_json::to_string(&Initializer::from("quux")).unwrap_err().to_string();
    assert_eq!(error, "unknown initializer `quux`");
}
