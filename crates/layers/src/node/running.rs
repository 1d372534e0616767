//! A layer in its place in a model, building and running.

use ceratops_core::{
    AnyLayer, Arguments, Context, Error, Gradients, Result, Rng, Saved, Shape, Tensor, Tensors,
};

use super::Node;
use crate::model::extent::check_size;

impl Node {
    /// Makes the weights for a call on inputs of these shapes, or checks that those that are there fit;
    /// returns the shapes of the outputs.
    pub(crate) fn build(
        &mut self,
        inputs: &[Shape],
        arguments: &Arguments,
        rng: &mut Rng,
    ) -> Result<Vec<Shape>> {
        self.layer.validate()?;
        let outputs = self.shapes_of_call(inputs, arguments)?;
        outputs.iter().try_for_each(check_size)?;
        self.build_for(arguments.split(inputs).0, rng)?;
        self.output_shapes = outputs.clone();
        Ok(outputs)
    }

    /// The shapes of the outputs of a call; refuses arguments that the layer does not take.
    pub(crate) fn shapes_of_call(
        &self,
        inputs: &[Shape],
        arguments: &Arguments,
    ) -> Result<Vec<Shape>> {
        let known = self.layer.argument_names();
        match arguments.names().find(|name| !known.contains(name)) {
            Some(name) => Err(Error::Model(format!(
                "a call of {} takes no argument `{name}`",
                self.class_name()
            ))),
            None => self.layer.shapes_of_call(inputs, arguments),
        }
    }

    /// Makes the weights for inputs of these shapes, or checks that those that are there fit.
    pub(crate) fn build_for(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        if self.built.as_deref() != Some(inputs) {
            let mut layer = self.layer.clone();
            // Where there are weights already, new ones are only to show their shapes.
            let rng = if self.built.is_some() { &mut Rng::blank() } else { rng };
            layer.build_all(inputs, rng)?;
            if let Some(built) = &self.built {
                keep_weights(&mut *layer, &*self.layer, built, inputs)?;
            }
            self.layer = layer;
            self.apply_trainable();
            self.built = Some(inputs.to_vec());
        }
        Ok(())
    }

    /// Makes the weights anew.
    pub(crate) fn draw(&mut self, rng: &mut Rng) -> Result<()> {
        if let Some(built) = &self.built {
            self.layer.build_all(built, rng)?;
            self.apply_trainable();
        }
        Ok(())
    }

    /// The outputs, `count` of them, which must have the `promised` shapes.
    pub(crate) fn forward(
        &self,
        xs: Tensors,
        count: usize,
        promised: &[Shape],
        cx: &mut Context,
    ) -> Result<(Tensors, Option<Saved>)> {
        if xs.len() == 1 && count == 1 {
            let (y, saved) = self.layer.forward(xs.single()?, cx)?;
            check("output", &y, promised.first())?;
            return Ok((y.into(), saved));
        }
        let (ys, saved) = self.layer.forward_all(xs, cx)?;
        if ys.len() != count {
            let expected = format!("{count}, as output_shapes says");
            return Err(Error::argument("outputs", expected, ys.len()));
        }
        for (y, promised) in ys.iter().zip(promised) {
            check("output", y, Some(promised))?;
        }
        Ok((ys, saved))
    }

    /// The only output for the only input.
    pub(crate) fn infer(&self, x: Tensor, promised: &[Shape], cx: &mut Context) -> Result<Tensor> {
        let (y, _) = self.layer.forward(x, cx)?;
        check("output", &y, promised.first())?;
        Ok(y)
    }

    /// The gradients of the inputs, `count` of them.
    pub(crate) fn backward(
        &self,
        saved: Option<Saved>,
        mut dys: Vec<Option<Tensor>>,
        promised: &[Shape],
        count: usize,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        // The gradient comes from the layer behind, which may be the user's own.
        for (dy, promised) in dys.iter().zip(promised) {
            dy.as_ref().map_or(Ok(()), |dy| check(GRADIENT, dy, Some(promised)))?;
        }
        if let ([dy @ Some(_)], 1) = (&mut dys[..], count) {
            return match dy.take() {
                Some(dy) => Ok(vec![self.layer.backward(saved, dy, dw)?]),
                None => Ok(vec![None]),
            };
        }
        self.layer.backward_all(saved, dys, dw)
    }

    pub(crate) fn backward_sums(
        &self,
        saved: Option<&Saved>,
        dy: &Tensor,
        promised: &[Shape],
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>> {
        check(GRADIENT, dy, promised.first())?;
        self.layer.backward_sums(saved, dy, dw)
    }
}

const GRADIENT: &str = "gradient of its output, from the layer behind it";

/// Refuses an output, or the gradient of one, that has not the promised shape.
fn check(what: &str, y: &Tensor, promised: Option<&Shape>) -> Result<()> {
    match promised {
        Some(promised) if !promised.admits(y.shape()) => {
            let help = "output_shape, forward and backward must agree";
            Err(Error::shape(what, promised, y.shape(), help))
        }
        _ => Ok(()),
    }
}

/// Gives `fresh`, built for `inputs`, the weights of `old`, which was built for inputs of the shapes
/// `built`, as a layer that moves to another model takes its weights along.
fn keep_weights(
    fresh: &mut dyn AnyLayer,
    old: &dyn AnyLayer,
    built: &[Shape],
    inputs: &[Shape],
) -> Result<()> {
    let shapes = |layer: &dyn AnyLayer| -> Vec<Vec<usize>> {
        layer.params().iter().map(|param| param.value().shape().to_vec()).collect()
    };
    if shapes(fresh) != shapes(old) {
        let list = |shapes: &[Shape]| {
            shapes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
        };
        return Err(Error::Model(format!(
            "its weights were made for inputs of shape {} and do not fit {}; add a new layer instead",
            list(built),
            list(inputs)
        )));
    }
    for (fresh, old) in fresh.params_mut().into_iter().zip(old.params()) {
        *fresh = old.clone();
    }
    Ok(())
}
