//! The numerical check of a layer's gradients, for those who write layers.

use ceratops_core::{AnyLayer, Context, Error, Gradients, Result, Shape, Tensor, rng};
use rand::seq::SliceRandom;

use crate::Node;

/// How far each number is moved to either side.
const STEP: f32 = 2e-3;
/// How far a gradient may be off, as a share of the largest of its tensor: a formula that is wrong
/// by a hundredth does not pass.
const TOLERANCE: f64 = 4e-3;
/// Half of what lies between 1 and the next number in f32: what an output of size 1 is off by rounding.
const ROUNDING: f64 = 1.0 / (1 << 24) as f64;

/// Compares the gradients that a layer's `backward` gives with differences of its `forward`: dL/dx and dL/dw of
/// each weight that learns, for L = Σ y · r with random r, in inference and in training.
///
/// (L(w + h) - L(w - h)) / 2h, with h = 0.002
///
/// The layer, of one input, is built for samples of shape `sample`, of which it is given three: numbers from -2 to
/// 2, evenly spread in random order, so that none are equal. It must be smooth there: at a kink, such as that of
/// ReLU at 0, no step is small enough.
///
/// ```
/// use ceratops_layers::{Dense, check};
///
/// check::gradients(Dense::new(3).activation("tanh"), [4])?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where a gradient is another than the differences say: which one, at which place, and what both are. And all
/// errors of the layer itself.
pub fn gradients(layer: impl Into<Node>, sample: impl Into<Shape>) -> Result<()> {
    let shape = Shape::batched(sample);
    let mut layer = layer.into().layer;
    layer.validate()?;
    layer.build(&shape, &mut rng(0))?;
    let x = draw(&shape.with_axis(0, Some(3)).dims()?, 1)?;
    gradients_at(&*layer, &x, &Context::saving)?;
    gradients_at(&*layer, &x, &|| Context::training(7, 0, 0))
}

/// [`gradients`] of a layer that is built, at `x`, in the mode of `context`, which is asked for one for each pass.
///
/// # Errors
/// As there.
pub fn gradients_at(layer: &dyn AnyLayer, x: &Tensor, context: &dyn Fn() -> Context) -> Result<()> {
    let (y, saved) = layer.forward(x.clone(), &mut context())?;
    let r = draw(y.shape(), 99)?;
    let mut slots = Gradients::slots(layer.params());
    let dx = layer.backward(saved, r.clone(), &mut Gradients::new(&mut slots, true))?;
    if let Some(dx) = dx {
        compare("x", x, &dx, |x| loss(layer, x, &r, context))?;
    }
    of_weights(layer, x, &slots, &r, context)
}

/// The same but for the gradient of `x`: for layers that take ids, none of which is near another.
///
/// # Errors
/// As there.
pub fn weight_gradients_at(
    layer: &dyn AnyLayer,
    x: &Tensor,
    context: &dyn Fn() -> Context,
) -> Result<()> {
    let (y, saved) = layer.forward(x.clone(), &mut context())?;
    let r = draw(y.shape(), 99)?;
    let mut slots = Gradients::slots(layer.params());
    layer.backward(saved, r.clone(), &mut Gradients::new(&mut slots, false))?;
    of_weights(layer, x, &slots, &r, context)
}

fn of_weights(
    layer: &dyn AnyLayer,
    x: &Tensor,
    slots: &[Option<Tensor>],
    r: &Tensor,
    context: &dyn Fn() -> Context,
) -> Result<()> {
    for (i, dw) in slots.iter().enumerate() {
        let Some(dw) = dw else { continue };
        let mut moved = layer.boxed_clone();
        let (name, w) = (layer.params()[i].name().to_owned(), layer.params()[i].value().clone());
        compare(&name, &w, dw, |w| {
            moved.params_mut()[i].set_value(w)?;
            loss(&*moved, x.clone(), r, context)
        })?;
    }
    Ok(())
}

/// Σ y · r, and by how much it may be off: each output is rounded, some up and some down.
struct Loss {
    value: f64,
    rounding: f64,
}

fn loss(
    layer: &dyn AnyLayer,
    x: Tensor,
    r: &Tensor,
    context: &dyn Fn() -> Context,
) -> Result<Loss> {
    let y = layer.forward(x, &mut context())?.0;
    let terms = y.as_slice().iter().zip(r.as_slice()).map(|(&y, &r)| f64::from(y) * f64::from(r));
    let (value, squares) = terms.fold((0.0, 0.0), |(sum, squares), t| (sum + t, squares + t * t));
    Ok(Loss { value, rounding: ROUNDING * squares.sqrt() })
}

/// Distinct numbers from -2 to 2, evenly spread, in random order.
fn draw(shape: &[usize], seed: u64) -> Result<Tensor> {
    let len: usize = shape.iter().product();
    let spread = |i: usize| (i as f32 + 0.5) / len as f32 * 4.0 - 2.0;
    let mut numbers: Vec<f32> = (0..len).map(spread).collect();
    numbers.shuffle(&mut rng(seed));
    Tensor::new(shape, numbers)
}

/// Compares `gradient` with the differences of `loss` at `at`.
fn compare(
    name: &str,
    at: &Tensor,
    gradient: &Tensor,
    mut loss: impl FnMut(Tensor) -> Result<Loss>,
) -> Result<()> {
    let mut rounding: f64 = 0.0;
    let mut slope = |i: usize| -> Result<f64> {
        let mut moved = |step: f32| {
            let mut at = at.clone();
            at.as_mut_slice()[i] += step;
            let there = f64::from(at.as_slice()[i]);
            Ok((there, loss(at)?))
        };
        let ((left, below), (right, above)) = (moved(-STEP)?, moved(STEP)?);
        rounding = rounding.max((above.rounding + below.rounding) / (right - left));
        Ok((above.value - below.value) / (right - left))
    };
    let numeric: Vec<f64> = (0..at.len()).map(&mut slope).collect::<Result<_>>()?;
    if gradient.shape() != at.shape() {
        let what = format!("the gradient of {name}");
        return Err(Error::shape(what, Shape::of(at.shape()), gradient.shape(), ""));
    }
    let largest = numeric.iter().fold(0.0, |max: f64, d| max.max(d.abs()));
    for (i, (numeric, &given)) in numeric.iter().zip(gradient.as_slice()).enumerate() {
        let near = (numeric - f64::from(given)).abs() <= TOLERANCE * largest + rounding;
        // NaN is near nothing.
        if !near {
            return Err(Error::Model(format!(
                "the gradient of {name} at {:?} is {given}, and a small step there says {numeric}",
                place(i, at.shape())
            )));
        }
    }
    Ok(())
}

/// The index of the number at `i`, counted row by row.
fn place(i: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = i;
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&len| {
            let at = rest % len;
            rest /= len;
            at
        })
        .collect();
    index.reverse();
    index
}
