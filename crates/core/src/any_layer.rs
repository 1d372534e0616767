//! The object-safe twin of `MultiLayer`, so that layers of many types stand in one list.

use std::{any::Any, fmt::Debug};

use serde_json::Value;

use crate::{
    Arguments, Closing, Context, Error, Gradients, Mask, MultiLayer, Param, Part, Result, Rng,
    Shape, Tensor, Tensors,
};

/// What a layer of some type saved for its `backward`.
pub type Saved = Box<dyn Any + Send>;

/// A [`MultiLayer`] of any type, and therefore a [`Layer`](crate::Layer) of any type. Every layer is
/// one; there is nothing to implement.
pub trait AnyLayer: Debug + Send + Sync {
    /// [`MultiLayer::class_name`].
    fn class_name(&self) -> &'static str;
    /// The config as JSON, with Keras' keys, without name.
    fn config(&self) -> Result<Value>;
    /// [`MultiLayer::validate`].
    fn validate(&self) -> Result<()>;
    /// [`MultiLayer::output_shapes`].
    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>>;
    /// [`MultiLayer::INPUTS`].
    fn input_names(&self) -> &'static [&'static str];
    /// [`MultiLayer::ARGUMENTS`].
    fn argument_names(&self) -> &'static [&'static str];
    /// [`MultiLayer::shapes_of_call`].
    fn shapes_of_call(&self, inputs: &[Shape], arguments: &Arguments) -> Result<Vec<Shape>>;
    /// [`MultiLayer::build_all`].
    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()>;
    /// [`MultiLayer::forward_all`].
    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Saved>)>;
    /// [`MultiLayer::backward_all`].
    fn backward_all(
        &self,
        saved: Option<Saved>,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>>;
    /// [`MultiLayer::output_masks`].
    fn output_masks(&self, xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>>;
    /// [`MultiLayer::masks_of_call`].
    fn masks_of_call(
        &self,
        xs: &[Tensor],
        masks: &[Option<Mask>],
        arguments: &Arguments,
    ) -> Result<Vec<Option<Mask>>>;
    /// [`MultiLayer::makes_mask`].
    fn makes_mask(&self) -> bool;
    /// [`MultiLayer::params`].
    fn params(&self) -> Vec<&Param>;
    /// [`MultiLayer::params_mut`].
    fn params_mut(&mut self) -> Vec<&mut Param>;
    /// [`MultiLayer::parts`].
    fn parts(&self) -> Vec<Part<'_>>;
    /// [`MultiLayer::held`].
    fn held(&self) -> Vec<(&'static str, &dyn Any)>;
    /// [`MultiLayer::freeze`].
    fn freeze(&mut self, frozen: bool);
    /// [`MultiLayer::set_held_trainable`].
    fn set_held_trainable(&mut self, trainable: bool);
    /// [`MultiLayer::couples_samples`].
    fn couples_samples(&self) -> bool;
    /// [`MultiLayer::couples_always`].
    fn couples_always(&self) -> bool;
    /// [`MultiLayer::is_stateful`].
    fn is_stateful(&self) -> bool;
    /// [`MultiLayer::reset_state`].
    fn reset_state(&self);
    /// [`MultiLayer::memories`].
    fn memories(&self) -> Vec<Vec<Tensor>>;
    /// [`MultiLayer::remember`].
    fn remember(&self, memories: Vec<Vec<Tensor>>);
    /// [`MultiLayer::closing_activation`].
    fn closing_activation(&self) -> Option<Closing>;

    /// [`Layer::output_shape`](crate::Layer::output_shape).
    fn output_shape(&self, input: &Shape) -> Result<Shape>;
    /// [`Layer::build`](crate::Layer::build).
    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()>;
    /// [`Layer::forward`](crate::Layer::forward).
    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Saved>)>;
    /// [`Layer::backward`](crate::Layer::backward).
    fn backward(
        &self,
        saved: Option<Saved>,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>>;
    /// [`Layer::masked_sums`](crate::Layer::masked_sums).
    fn forward_sums(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Vec<f64>>>;
    /// [`Layer::backward_sums`](crate::Layer::backward_sums).
    fn backward_sums(
        &self,
        saved: Option<&Saved>,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>>;

    /// A copy, weights included.
    fn boxed_clone(&self) -> Box<dyn AnyLayer>;
    /// The layer itself, for `downcast_ref::<Dense>()`.
    fn as_any(&self) -> &dyn Any;
    /// The layer itself, for `downcast_mut::<Dense>()`.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<M: MultiLayer> AnyLayer for M {
    fn class_name(&self) -> &'static str {
        MultiLayer::class_name(self)
    }

    fn config(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|e| Error::config(M::CLASS_NAME, e))
    }

    fn validate(&self) -> Result<()> {
        MultiLayer::validate(self)
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        refuse_text(self, inputs)?;
        MultiLayer::output_shapes(self, inputs)
    }

    fn input_names(&self) -> &'static [&'static str] {
        M::INPUTS
    }

    fn argument_names(&self) -> &'static [&'static str] {
        M::ARGUMENTS
    }

    fn shapes_of_call(&self, inputs: &[Shape], arguments: &Arguments) -> Result<Vec<Shape>> {
        refuse_text(self, inputs)?;
        MultiLayer::shapes_of_call(self, inputs, arguments)
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        MultiLayer::build_all(self, inputs, rng)
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Saved>)> {
        let (ys, saved) = MultiLayer::forward_all(self, xs, cx)?;
        Ok((ys, saved.map(|saved| Box::new(saved) as Saved)))
    }

    fn backward_all(
        &self,
        saved: Option<Saved>,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        MultiLayer::backward_all(self, own::<M>(saved)?, dys, dw)
    }

    fn output_masks(&self, xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        MultiLayer::output_masks(self, xs, masks)
    }

    fn masks_of_call(
        &self,
        xs: &[Tensor],
        masks: &[Option<Mask>],
        arguments: &Arguments,
    ) -> Result<Vec<Option<Mask>>> {
        MultiLayer::masks_of_call(self, xs, masks, arguments)
    }

    fn makes_mask(&self) -> bool {
        MultiLayer::makes_mask(self)
    }

    fn params(&self) -> Vec<&Param> {
        MultiLayer::params(self)
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        MultiLayer::params_mut(self)
    }

    fn parts(&self) -> Vec<Part<'_>> {
        MultiLayer::parts(self)
    }

    fn held(&self) -> Vec<(&'static str, &dyn Any)> {
        MultiLayer::held(self)
    }

    fn freeze(&mut self, frozen: bool) {
        MultiLayer::freeze(self, frozen);
    }

    fn set_held_trainable(&mut self, trainable: bool) {
        MultiLayer::set_held_trainable(self, trainable);
    }

    fn couples_samples(&self) -> bool {
        MultiLayer::couples_samples(self)
    }

    fn couples_always(&self) -> bool {
        MultiLayer::couples_always(self)
    }

    fn is_stateful(&self) -> bool {
        MultiLayer::is_stateful(self)
    }

    fn reset_state(&self) {
        MultiLayer::reset_state(self);
    }

    fn memories(&self) -> Vec<Vec<Tensor>> {
        MultiLayer::memories(self)
    }

    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        MultiLayer::remember(self, memories);
    }

    fn closing_activation(&self) -> Option<Closing> {
        MultiLayer::closing_activation(self)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let shapes = MultiLayer::output_shapes(self, std::slice::from_ref(input))?;
        let count = shapes.len();
        let mut shapes = shapes.into_iter();
        match (shapes.next(), shapes.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(Error::Model(format!("it has {count} outputs where one is wanted"))),
        }
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        MultiLayer::build_all(self, std::slice::from_ref(input), rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Saved>)> {
        let (y, saved) = self.forward_one(x, cx)?;
        Ok((y, saved.map(|saved| Box::new(saved) as Saved)))
    }

    fn backward(
        &self,
        saved: Option<Saved>,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        self.backward_one(own::<M>(saved)?, dy, dw)
    }

    fn forward_sums(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Vec<f64>>> {
        self.sums_forward(x, mask)
    }

    fn backward_sums(
        &self,
        saved: Option<&Saved>,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>> {
        let saved = saved.and_then(|saved| saved.downcast_ref());
        self.sums_backward(saved.ok_or_else(not_saved::<M>)?, dy, dw)
    }

    fn boxed_clone(&self) -> Box<dyn AnyLayer> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// Refuses strings for a layer that computes.
fn refuse_text(layer: &impl MultiLayer, inputs: &[Shape]) -> Result<()> {
    if layer.reads_text() || !inputs.iter().any(Shape::is_text) {
        return Ok(());
    }
    let expected = format!("numbers, which {} computes with", layer.class_name());
    let help = "put a StringLookup, a Hashing or a TextVectorization in between";
    Err(Error::argument("input", expected, "strings").with_help(help))
}

/// What the layer itself saved.
fn own<M: MultiLayer>(saved: Option<Saved>) -> Result<M::Saved> {
    let saved = saved.and_then(|saved| saved.downcast::<M::Saved>().ok());
    saved.map(|saved| *saved).ok_or_else(not_saved::<M>)
}

fn not_saved<M: MultiLayer>() -> Error {
    Error::Model(format!("{}: backward without a forward that saved", M::CLASS_NAME))
}

impl Clone for Box<dyn AnyLayer> {
    fn clone(&self) -> Self {
        (**self).boxed_clone()
    }
}
