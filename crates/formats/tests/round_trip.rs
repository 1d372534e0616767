//! What is written is read again, and is what Keras 3 writes.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use ceratops_activations::Activation as Function;
use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use ceratops_formats::{ModelJson, layer_from_json, layer_to_json};
use ceratops_layers::{
    Activation, AnyActivation, Dense, ELU, Input, IntoNode, LeakyReLU, Node, PReLU, ReLU, Registry,
    Sequential, Softmax, ThresholdedReLU, sequential,
};
use common::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

#[test]
fn every_document_comes_back() {
    for (name, document) in LOADABLE {
        let json = Sequential::from_json(document).unwrap().to_json().unwrap();
        let again = Sequential::from_json(&json).unwrap();
        assert_eq!(again.to_json().unwrap(), json, "{name}");
        let pretty = again.to_json_pretty().unwrap();
        assert!(pretty.lines().count() > 10, "{name}");
        assert_eq!(value(&pretty), value(&json), "{name}");
    }
}

/// Keys that Keras 3.15 writes and this does not, with what they hold.
fn left_out(key: &str, value: &Value) -> bool {
    match key {
        "sparse" | "ragged" | "optional" | "synchronized" | "renorm" => *value == json!(false),
        "renorm_momentum" => *value == json!(0.99),
        "input_axes"
        | "output_axes"
        | "quantization_config"
        | "activity_regularizer"
        | "renorm_clipping" => value.is_null(),
        _ => false,
    }
}

/// What Keras wrote, in the short form written here: a plain dtype, no `build_config` where there
/// is nothing to build, nothing that is left out.
fn short(value: Value) -> Value {
    match value {
        Value::Object(object) if object.get("class_name") == Some(&"DTypePolicy".into()) => {
            object["config"]["name"].clone()
        }
        Value::Object(mut object) => {
            object.retain(|key, value| !left_out(key, value));
            if object.get("class_name") == Some(&"Flatten".into()) {
                object.remove("build_config");
            }
            object.into_iter().map(|(key, value)| (key, short(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(short).collect(),
        // Numbers are real ones here: 2 is written as 2.0.
        Value::Number(number) => json!(number.as_f64()),
        other => other,
    }
}

#[test]
fn keras_3_wrote_the_same() {
    for document in [K3_SEQ, K3B] {
        let written = Sequential::from_json(document).unwrap().to_json().unwrap();
        let mut keras = value(document);
        keras["compile_config"] = json!({});
        assert_eq!(short(value(&written)), short(keras));
    }
}

fn round_trip(model: &Sequential, registry: &Registry) -> Sequential {
    Sequential::from_json_with(&model.to_json().unwrap(), registry).unwrap()
}

#[test]
fn thresholded_relu_is_written_as_relu() {
    let inner = AnyActivation::layer(ThresholdedReLU::new(0.25));
    let model =
        sequential![Input::new([3]), ThresholdedReLU::new(0.5).named("t"), Activation::new(inner),]
            .unwrap();
    let again = round_trip(&model, &Registry::builtin());
    let relu = again.get_layer("t").unwrap().downcast_ref::<ReLU>().unwrap();
    assert_eq!(*relu, ReLU::new().threshold(0.5));
    let x = Tensor::from([[0.25, 0.5, 0.75]]);
    assert_eq!(again.predict(&x).unwrap(), model.predict(&x).unwrap());
    assert!(!model.to_json().unwrap().contains("Thresholded"));
}

#[test]
fn activations_may_be_layers_or_functions_of_ones_own() {
    let square = Function::scalar("mine>square", |x| x * x, |x| 2.0 * x).unwrap();
    let registry = Registry::builtin().with_activation(square.clone());
    let alpha = PReLU::new().alpha_initializer(ceratops_weights::initializers::Constant::new(0.5));
    let model = sequential![
        Input::new([2]),
        Dense::new(2).kernel_initializer("ones").activation(square),
        Dense::new(2).kernel_initializer("identity").activation(AnyActivation::layer(alpha)),
        Activation::new(LeakyReLU::new(0.1)),
    ]
    .unwrap();
    let again = round_trip(&model, &registry);
    assert_eq!(again.to_json().unwrap(), model.to_json().unwrap());
    let x = Tensor::from([[1.0, 2.0], [-3.0, 0.5]]);
    assert_eq!(again.predict(&x).unwrap(), model.predict(&x).unwrap());
    let unknown = Sequential::from_json(&model.to_json().unwrap()).unwrap_err().to_string();
    let start = "config.layers[1].config.activation: unknown activation `mine>square`";
    assert!(unknown.starts_with(start), "{unknown}");
}

/// y = factor · x
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Scale {
    factor: f32,
}

impl Layer for Scale {
    const CLASS_NAME: &'static str = "Scale";
    type Saved = ();

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        Ok((x.map(|x| self.factor * x), cx.save(|| ())))
    }

    fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(dy.map(|dy| self.factor * dy)))
    }
}

#[test]
fn layers_of_ones_own_come_back() {
    let registry = Registry::builtin().with_layer::<Scale>();
    let inner = AnyActivation::layer(Scale { factor: 3.0 });
    let model =
        sequential![Input::new([2]), Scale { factor: 2.0 }, Activation::new(inner)].unwrap();
    let again = round_trip(&model, &registry);
    assert_eq!(again.predict([[1.0, -1.0]]).unwrap(), [[6.0, -6.0]].into());
    // As Keras writes a class that was registered in a package.
    let json = model.to_json().unwrap().replace("Custom>Scale", "mine>Scale");
    assert!(Sequential::from_json_with(&json, &registry).is_ok());
    let unknown = Sequential::from_json(&json).unwrap_err().to_string();
    assert!(unknown.starts_with("config.layers[1].class_name: unknown layer class `Scale`"));
}

#[test]
fn frozen_nested_and_unbuilt_models_come_back() {
    let inner = sequential![Input::new([4]), Dense::new(3).frozen(), ELU::new(0.5)].unwrap();
    let frozen = sequential![Input::new([3]), Dense::new(3)].unwrap().with_name("f");
    let model = sequential![inner.with_name("inner"), Softmax::new([1]), frozen.frozen()].unwrap();
    let unbuilt = sequential![Dense::new(2), ReLU::new().max_value(6.0)].unwrap();
    for model in [model.with_name("outer"), unbuilt, Sequential::new()] {
        let again = round_trip(&model, &Registry::builtin());
        assert_eq!(again.to_json().unwrap(), model.to_json().unwrap());
        let trains = |model: &Sequential| -> Vec<bool> {
            model.params().iter().map(|param| param.learns()).collect()
        };
        assert_eq!(trains(&again), trains(&model));
    }
}

#[test]
fn single_layers_come_back() {
    let hard = AnyActivation::from("keras2>hard_sigmoid");
    let nodes: [Node; 5] = [
        Dense::new(3).activation("hard_sigmoid").named("d"),
        Dense::new(3).activation(hard).frozen(),
        LeakyReLU::new(0.5).into(),
        ThresholdedReLU::new(0.5).into(),
        sequential![Input::new([4]), Dense::new(3).activation("hard_sigmoid")].unwrap().into(),
    ];
    for node in nodes {
        let json = layer_to_json(&node).unwrap();
        let again = layer_from_json(&json, &Registry::builtin()).unwrap();
        assert_eq!((again.name(), again.trainable()), (node.name(), node.trainable()), "{json}");
        assert_eq!(layer_to_json(&again).unwrap(), json);
    }
    let bare = r#"{"class_name": "PReLU", "config": {"shared_axes": [1, 2]}}"#;
    let layer = layer_from_json(bare, &Registry::builtin()).unwrap();
    assert_eq!(layer.downcast_ref::<PReLU>().unwrap().shared_axes, Some(vec![1, 2]));
}
