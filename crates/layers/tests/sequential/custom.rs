//! Layers and activations of the user's own.

use ceratops_activations as activations;
use ceratops_core::{Closing, Context, Gradients, Layer, Result, Shape, Tensor};
use ceratops_layers::{
    Activation, AnyActivation, Conv2D, Dense, Flatten, Input, Registry, Sequential, sequential,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{OPTIONS, draw};

/// y = factor * x
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

/// `model` as JSON brings it back, with the weights of `model`.
fn reloaded(model: &Sequential, registry: &Registry) -> Result<Sequential> {
    let node = registry.layer(&model.to_entry()?)?;
    let mut back = node.downcast_ref::<Sequential>().unwrap().clone();
    back.set_weights(&model.get_weights())?;
    Ok(back)
}

#[test]
fn a_layer_of_the_users_own() {
    let scale = Scale { factor: 3.0 };
    let scaled = sequential![Input::new([4]), Dense::new(3), scale, Dense::new(2)].unwrap();
    let plain = sequential![Input::new([4]), Dense::new(3), Dense::new(2)].unwrap();
    assert_eq!(scaled.layers()[1].name(), "scale");
    let x = draw(&[70, 4], 0);
    let mut tripled = plain.clone();
    let mut weights = scaled.get_weights();
    tripled.set_weights(&weights).unwrap();
    for w in &mut weights[..2] {
        *w = w.clone().map(|w| 3.0 * w);
    }
    tripled.set_weights(&weights).unwrap();
    let (y, expected) = (scaled.predict(&x).unwrap(), tripled.predict(&x).unwrap());
    crate::assert_near(&y, &expected, "y");
    let pass = |model: &Sequential| {
        model.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone()))).unwrap().gradients
    };
    for (i, (dw, tripled)) in pass(&scaled).iter().zip(&pass(&tripled)).enumerate() {
        let factor = if i < 2 { 3.0 } else { 1.0 };
        let tripled = tripled.clone().unwrap().map(|dw| factor * dw);
        crate::assert_near(dw.as_ref().unwrap(), &tripled, "dw");
    }

    let entry = scaled.layers()[1].to_entry().unwrap();
    let config = json!({ "name": "scale", "trainable": true, "dtype": "float32", "factor": 3.0 });
    assert_eq!(
        entry,
        json!({ "module": null, "class_name": "Scale", "config": config,
            "registered_name": "Custom>Scale" })
    );
    let registry = Registry::builtin().with_layer::<Scale>();
    assert_eq!(reloaded(&scaled, &registry).unwrap().predict(&x).unwrap(), y);
    let error = reloaded(&scaled, &Registry::builtin()).unwrap_err().to_string();
    assert!(
        error.starts_with("config.layers[2].class_name: unknown layer class `Scale`"),
        "{error}"
    );
    // As Keras writes a class that was registered under a package.
    let keras = json!({ "class_name": "Scale", "config": { "factor": 2.0 },
        "registered_name": "my_package>Scale" });
    assert!(registry.layer(&keras).is_ok());
}

#[test]
fn an_activation_of_the_users_own() {
    let square = || activations::Activation::scalar("mine>square", |x| x * x, |x| 2.0 * x).unwrap();
    let model = sequential![
        Input::new([4, 4, 1]),
        Conv2D::new(2, 2).activation(square()),
        Flatten::new(),
        Dense::new(3).activation(square()),
        Activation::new(square()),
        Dense::new(2).activation(AnyActivation::layer(Activation::new(square()))),
    ]
    .unwrap();
    let entry = model.to_entry().unwrap();
    let written = json!({ "module": "builtins", "class_name": "function", "config": "mine>square",
        "registered_name": "function" });
    assert_eq!(entry["config"]["layers"][1]["config"]["activation"], written);
    let registry = Registry::builtin().with_activation(square());
    let back = reloaded(&model, &registry).unwrap();
    assert_eq!(back.to_entry().unwrap(), entry);
    let x = draw(&[3, 4, 4, 1], 0);
    assert_eq!(back.predict(&x).unwrap(), model.predict(&x).unwrap());
    let error = reloaded(&model, &Registry::builtin()).unwrap_err().to_string();
    let place = "config.layers[1].config.activation: unknown activation `mine>square`";
    assert!(error.starts_with(place), "{error}");
    // Keras up to 3.6 wrote the name without its package.
    for name in ["square", "mine>square"] {
        let dense = json!({ "class_name": "Dense", "config": { "units": 3, "activation": name } });
        assert_eq!(
            registry.layer(&dense).unwrap().downcast_ref::<Dense>().unwrap().activation.name(),
            "mine>square"
        );
    }
}

#[test]
fn the_users_class_wins_over_a_built_in_one() {
    #[derive(Debug, Clone, Default, Serialize, Deserialize)]
    struct Flat {}

    impl Layer for Flat {
        const CLASS_NAME: &'static str = "Flatten";
        type Saved = ();

        fn output_shape(&self, input: &Shape) -> Result<Shape> {
            Ok(input.clone())
        }

        fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
            Ok((x, cx.save(|| ())))
        }

        fn backward(&self, (): (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
            Ok(Some(dy))
        }
    }

    let registry = Registry::builtin().with_layer::<Flat>();
    let node = registry.layer(&json!({ "class_name": "Flatten" })).unwrap();
    assert!(node.downcast_ref::<Flat>().is_some());
}

#[test]
fn a_softmax_of_the_users_own_is_not_left_out() {
    let own = activations::Activation::scalar("softmax", |x| 2.0 * x, |_| 2.0).unwrap();
    assert_eq!(AnyActivation::from("softmax").closing(), Some(Closing::Softmax));
    assert_eq!(AnyActivation::from(own).closing(), None);
}
