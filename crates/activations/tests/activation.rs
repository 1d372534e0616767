//! The handle: names, aliases, and activations of the user's own.

use ceratops_activations::*;
use ceratops_core::{Error, Shape, Tensor};

#[test]
fn second_names() {
    for (identifier, name) in [
        ("swish", "silu"),
        ("hard_swish", "hard_silu"),
        ("leakyRelu", "leaky_relu"),
        ("logSoftmax", "log_softmax"),
        ("softShrink", "soft_shrink"),
        ("hardSigmoid", "keras2>hard_sigmoid"),
        ("hard_sigmoid", "hard_sigmoid"),
        ("gelu_new", "gelu_new"),
    ] {
        assert_eq!(Activation::get(identifier).unwrap().name(), name);
    }
    let at_1 = |name: &str| Activation::get(name).unwrap().call(1.0.into()).unwrap().as_slice()[0];
    assert_eq!(at_1("hardSigmoid"), 0.7);
    assert!((at_1("hard_sigmoid") - 2.0 / 3.0).abs() < 1e-7);
    assert!((at_1("gelu") - 0.841_344_7).abs() < 1e-6);
    assert!((at_1("gelu_new") - 0.841_192).abs() < 1e-6);
}

#[test]
fn unknown_names_get_a_suggestion() {
    for (identifier, nearest) in [
        ("RELU", Some("relu")),
        ("LeakyReLU", Some("leaky_relu")),
        ("sofmax", Some("softmax")),
        ("swissh", Some("swish")),
        ("hardSigmoyd", Some("hard_sigmoid")),
        ("mypackage>wavy", None),
        ("", None),
    ] {
        let Err(Error::Unknown { kind, name, nearest: found, .. }) = Activation::get(identifier)
        else {
            panic!("{identifier} is not unknown");
        };
        assert_eq!((kind.as_str(), name.as_str()), ("activation", identifier));
        assert_eq!(found.as_deref(), nearest);
    }
}

#[test]
fn threshold_needs_its_arguments() {
    let threshold = Activation::get("threshold").unwrap();
    assert_eq!(
        threshold.call(1.0.into()).unwrap_err().to_string(),
        "invalid `activation`: expected a function with default arguments, got threshold; wrap \
         threshold(x, threshold, default_value) with Activation::new under another name",
    );
    assert_eq!(
        threshold.backward(&1.0.into(), 1.0.into()).unwrap_err(),
        threshold.call(1.0.into()).unwrap_err(),
    );
}

#[test]
fn output_shapes() {
    let glu = Activation::get("glu").unwrap();
    assert_eq!(glu.output_shape(&Shape::batched([6])).unwrap(), Shape::batched([3]));
    let open = Shape::from([None, None]);
    assert_eq!(glu.output_shape(&open).unwrap(), open);
    assert!(glu.output_shape(&Shape::batched([5])).is_err());
    let relu = Activation::get("relu").unwrap();
    assert_eq!(relu.output_shape(&Shape::batched([5])).unwrap(), Shape::batched([5]));
}

#[test]
fn a_value_among_values() {
    let relu = Activation::get("relu").unwrap();
    assert_eq!(relu, Activation::get("relu").unwrap());
    assert_ne!(relu, Activation::get("relu6").unwrap());
    assert_eq!(Activation::default(), Activation::get("linear").unwrap());
    assert_eq!(format!("{relu} {relu:?} {relu:>6}"), "relu Activation(\"relu\")   relu");
    assert_eq!(relu.formula(), "max(x, 0)");
    assert_eq!(relu.keeps(), Keeps::Output);
    assert!(!relu.is_custom());

    let own = Activation::scalar("relu", |x| x, |_| 1.0).unwrap();
    assert!(own.is_custom());
    assert_ne!(own, relu, "a custom function may hide a built-in one, but is another");
    assert_eq!(own, own.clone());
    assert_eq!((own.formula(), own.keeps()), ("", Keeps::Input));
    fn shared_between_threads<T: Send + Sync>(_: &T) {}
    shared_between_threads(&own);
}

#[test]
fn differentiable_gives_the_derivative() {
    let wavy = Activation::differentiable("mypackage>wavy", |x| x * x.sin() + x.exp()).unwrap();
    let x = Tensor::from([[-2.0, 0.0], [0.5, 3.0]]);
    let dy = Tensor::from([[1.0, -1.0], [0.5, 2.0]]);
    let y = wavy.call(x.clone()).unwrap();
    let dx = wavy.backward(&x, dy.clone()).unwrap();
    for (i, &x) in x.as_slice().iter().enumerate() {
        assert!((y.as_slice()[i] - (x * x.sin() + x.exp())).abs() < 1e-5);
        let expected = dy.as_slice()[i] * (x.sin() + x * x.cos() + x.exp());
        assert!((dx.as_slice()[i] - expected).abs() < 1e-5);
    }
    // A comparison takes one of two ways, as on plain numbers.
    let knee = Activation::differentiable("mypackage>knee", |x| if x > 1.0 { x * x } else { -x });
    let dx = knee.unwrap().backward(&[0.5, 3.0].into(), [1.0, 1.0].into()).unwrap();
    assert_eq!(dx, Tensor::from([-1.0, 6.0]));
}

#[test]
fn custom_activations_keep_the_shape_and_have_a_name() {
    let flat = Activation::new("mypackage>flat", |x| x.reshape(&[4]), |_, dy| Ok(dy)).unwrap();
    assert_eq!(
        flat.call([[1.0, 2.0], [3.0, 4.0]].into()).unwrap_err().to_string(),
        "y of activation `mypackage>flat`: expected shape (2, 2), got (4,); a custom activation \
         keeps the shape; write a layer for one that does not",
    );
    for name in ["", "  "] {
        let error = Activation::scalar(name, |x| x, |_| 1.0).unwrap_err().to_string();
        assert!(error.starts_with("invalid `name`: expected a name for the activation"), "{error}");
    }
}
