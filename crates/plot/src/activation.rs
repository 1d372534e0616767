//! An activation with its derivative, over a range of numbers.

use std::ops::Range;

use ceratops_core::{
    AnyLayer, Context, Error, Gradients, Result, Saved, Shape as TensorShape, Tensor, rng,
};
use ceratops_layers::{Activation, AnyActivation};
use serde_json::Value;

use crate::{
    Picture,
    chart::{Across, Chart, Series, Shape},
    colors::{BLUE, ORANGE},
    grid,
};

/// At how many places the function is asked. An even number, so that 0 lies between two of them, and
/// no derivative is drawn of the one place where a kink has none.
const PLACES: usize = 800;

/// An activation and its derivative, with its arguments and its formula.
///
/// `activation` is the name of a function, a function, or a layer in its place, such as `PReLU`, whose
/// weights are drawn as they are at first. Without a range it is -5 to 5, or as far as the last kink.
///
/// ```
/// use ceratops_layers::LeakyReLU;
///
/// let svg = ceratops_plot::activation(LeakyReLU::new(0.1), None)?.to_svg();
/// assert!(svg.contains("LeakyReLU (negative_slope = 0.1)"));
/// assert!(ceratops_plot::activation("gelu", Some(-3.0..3.0)).is_ok());
///
/// let error = ceratops_plot::activation("softmax", None).unwrap_err();
/// assert!(error.to_string().contains("no curve"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Of an unknown name, a range that is none, and a function that has no curve, because its output for
/// a number depends on the numbers beside it: softmax, log_softmax, sparsemax, glu.
pub fn activation(
    activation: impl Into<AnyActivation>,
    range: Option<Range<f64>>,
) -> Result<Picture> {
    let activation = activation.into();
    activation.validate()?;
    let arguments = arguments(&activation);
    let range = range.unwrap_or_else(|| usual_range(&activation, &arguments));
    let (from, to) = (range.start, range.end);
    // What is calculated with f32 must tell the places from each other.
    let far = from.abs().max(to.abs());
    if !(from < to && far <= 1e6 && to - from > 1e-3 * far) {
        let found = format!("{from} to {to}");
        return Err(Error::argument("range", "two numbers, the smaller one first", found));
    }
    let at = |i| from + (to - from) * i as f64 / (PLACES - 1) as f64;
    let places: Vec<f64> = (0..PLACES).map(at).collect();
    let (y, dx) = evaluate(&activation, &places)?;
    let series = |name: &str, color, width, values: &Tensor| {
        let values = values.as_slice().iter().map(|&value| f64::from(value));
        let points = places.iter().copied().zip(values).collect();
        Series { name: name.into(), color, shape: Shape::Curve { points, width, dots: false } }
    };
    grid::picture(vec![Chart {
        title: title(&activation, &arguments),
        note: formula(&activation),
        across: Across::Numbers(from, to),
        axis_names: ["x", ""],
        // The first is thicker, so that it is seen where the second lies on it.
        series: vec![
            series("f(x)", BLUE, 4.0, &y),
            series("f'(x), its derivative", ORANGE, 1.5, &dx),
        ],
        zero_lines: true,
    }])
}

/// The function's value and its derivative at each of `places`.
fn evaluate(activation: &AnyActivation, places: &[f64]) -> Result<(Tensor, Tensor)> {
    let x: Vec<f32> = places.iter().map(|&x| x as f32).collect();
    let coupled = || {
        let name = activation.name();
        Error::Model(format!(
            "{name} has no curve: its output for a number depends on the numbers beside it"
        ))
    };
    // A function of single numbers makes the same of a row as of a column.
    let row = forward(activation, Tensor::new(&[1, x.len()], x.clone())?)?.1;
    if row.len() != x.len() {
        return Err(coupled());
    }
    let (layer, y, saved) = forward(activation, Tensor::new(&[x.len(), 1], x)?)?;
    let near =
        |(a, b): (&f32, &f32)| a == b || (a - b).abs() <= 1e-4 * a.abs().max(1e-3) || a.is_nan();
    if y.shape() != [places.len(), 1] || !row.as_slice().iter().zip(y.as_slice()).all(near) {
        return Err(coupled());
    }
    let mut slots = Gradients::slots(layer.params());
    let ones = Tensor::full(y.shape(), 1.0);
    let dx = layer.backward(Some(saved), ones, &mut Gradients::new(&mut slots, true))?;
    let missing = || Error::Model(format!("{} gave no derivative", activation.name()));
    Ok((y, dx.ok_or_else(missing)?))
}

/// The activation as a layer with weights, its output for `x`, and what its derivative needs.
fn forward(activation: &AnyActivation, x: Tensor) -> Result<(Box<dyn AnyLayer>, Tensor, Saved)> {
    let mut layer: Box<dyn AnyLayer> = Box::new(Activation::new(activation.clone()));
    layer.build(&TensorShape::of(x.shape()).with_axis(0, None), &mut rng(0))?;
    let (y, saved) = layer.forward(x, &mut Context::saving())?;
    let name = activation.name();
    let missing = || Error::Model(format!("{name} keeps nothing that its derivative could need"));
    Ok((layer, y, saved.ok_or_else(missing)?))
}

/// The numbers that a layer was made with, by their names.
fn arguments(activation: &AnyActivation) -> Vec<(String, f64)> {
    let AnyActivation::Layer(layer) = activation else { return Vec::new() };
    let Ok(Value::Object(config)) = layer.config() else { return Vec::new() };
    let number = |(name, value): (String, Value)| value.as_f64().map(|number| (name, number));
    let mut arguments: Vec<_> = config.into_iter().filter_map(number).collect();
    // The weights of one unit: the alpha of PReLU.
    let mut built = layer.boxed_clone();
    if built.build(&TensorShape::batched([1]), &mut rng(0)).is_ok() {
        for param in built.params() {
            if let [value] = param.value().as_slice() {
                arguments.push((param.name().to_owned(), f64::from(*value)));
            }
        }
    }
    arguments
}

fn title(activation: &AnyActivation, arguments: &[(String, f64)]) -> String {
    let name = activation.name();
    if arguments.is_empty() {
        return name.to_owned();
    }
    let listed: Vec<_> =
        arguments.iter().map(|(name, value)| format!("{name} = {}", *value as f32)).collect();
    format!("{name} ({})", listed.join(", "))
}

/// -5 to 5, or further, where the function still changes there.
fn usual_range(activation: &AnyActivation, arguments: &[(String, f64)]) -> Range<f64> {
    let kinks = ["max_value", "threshold", "theta"];
    let kinks = arguments.iter().filter(|(name, _)| kinks.contains(&name.as_str()));
    let kinks = kinks.map(|&(_, value)| value).filter(|value| value.is_finite());
    let relu6 = (activation.name() == "relu6").then_some(6.0);
    let far = kinks.chain(relu6).fold(5.0, |far: f64, kink| far.max((1.5 * kink).abs()));
    -far..far
}

fn formula(activation: &AnyActivation) -> String {
    let formula = match activation {
        AnyActivation::Function(function) => function.formula(),
        layer => match layer.name() {
            "LeakyReLU" => "x if x > 0, else negative_slope x",
            "PReLU" => "x if x > 0, else alpha x, with alphas that are learned",
            "ELU" => "x if x > 0, else alpha (exp(x) - 1)",
            "ThresholdedReLU" => "x if x > theta, else 0",
            "ReLU" => {
                "max_value if x >= max_value, x if x >= threshold, else negative_slope (x - threshold)"
            }
            _ => "",
        },
    };
    formula.to_owned()
}
