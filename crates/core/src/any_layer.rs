//! The object-safe twin of `Layer`, so that layers of many types stand in one list.

use std::{any::Any, fmt::Debug};

use serde_json::Value;

use crate::{Closing, Context, Error, Gradients, Layer, Param, Result, Rng, Shape, Tensor};

/// What a layer of some type saved for its `backward`.
pub type Saved = Box<dyn Any + Send>;

/// A [`Layer`] of any type. Every `Layer` is one; there is nothing to implement.
pub trait AnyLayer: Debug + Send + Sync {
    /// [`Layer::CLASS_NAME`].
    fn class_name(&self) -> &'static str;
    /// The config as JSON, with Keras' keys, without name.
    fn config(&self) -> Result<Value>;
    /// [`Layer::validate`].
    fn validate(&self) -> Result<()>;
    /// [`Layer::output_shape`].
    fn output_shape(&self, input: &Shape) -> Result<Shape>;
    /// [`Layer::build`].
    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()>;
    /// [`Layer::forward`].
    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Saved>)>;
    /// [`Layer::backward`].
    fn backward(
        &self,
        saved: Option<Saved>,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>>;
    /// [`Layer::params`].
    fn params(&self) -> Vec<&Param>;
    /// [`Layer::params_mut`].
    fn params_mut(&mut self) -> Vec<&mut Param>;
    /// [`Layer::couples_samples`].
    fn couples_samples(&self) -> bool;
    /// [`Layer::forward_sums`].
    fn forward_sums(&self, x: &Tensor) -> Result<Option<Vec<f64>>>;
    /// [`Layer::backward_sums`].
    fn backward_sums(
        &self,
        saved: Option<&Saved>,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>>;
    /// [`Layer::closing_activation`].
    fn closing_activation(&self) -> Option<Closing>;
    /// A copy, weights included.
    fn boxed_clone(&self) -> Box<dyn AnyLayer>;
    /// The layer itself, for `downcast_ref::<Dense>()`.
    fn as_any(&self) -> &dyn Any;
    /// The layer itself, for `downcast_mut::<Dense>()`.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<L: Layer> AnyLayer for L {
    fn class_name(&self) -> &'static str {
        L::CLASS_NAME
    }

    fn config(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|e| Error::config(L::CLASS_NAME, e))
    }

    fn validate(&self) -> Result<()> {
        Layer::validate(self)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Layer::output_shape(self, input)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        Layer::build(self, input, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Saved>)> {
        let (y, saved) = Layer::forward(self, x, cx)?;
        Ok((y, saved.map(|saved| Box::new(saved) as Saved)))
    }

    fn backward(
        &self,
        saved: Option<Saved>,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let saved = saved.and_then(|saved| saved.downcast::<L::Saved>().ok());
        Layer::backward(self, *saved.ok_or_else(not_saved::<L>)?, dy, dw)
    }

    fn params(&self) -> Vec<&Param> {
        Layer::params(self)
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        Layer::params_mut(self)
    }

    fn couples_samples(&self) -> bool {
        Layer::couples_samples(self)
    }

    fn forward_sums(&self, x: &Tensor) -> Result<Option<Vec<f64>>> {
        Layer::forward_sums(self, x)
    }

    fn backward_sums(
        &self,
        saved: Option<&Saved>,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>> {
        let saved = saved.and_then(|saved| saved.downcast_ref());
        Layer::backward_sums(self, saved.ok_or_else(not_saved::<L>)?, dy, dw)
    }

    fn closing_activation(&self) -> Option<Closing> {
        Layer::closing_activation(self)
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

fn not_saved<L: Layer>() -> Error {
    Error::Model(format!("{}: backward without a forward that saved", L::CLASS_NAME))
}

impl Clone for Box<dyn AnyLayer> {
    fn clone(&self) -> Self {
        (**self).boxed_clone()
    }
}
