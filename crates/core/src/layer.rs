//! The `Layer` trait: what every layer is.

use std::{any::Any, fmt::Debug};

use serde::Serialize;

use crate::{Closing, Context, Gradients, Mask, Param, Part, Result, Rng, Shape, Tensor};

/// A layer: a config, weights, and a function with its gradient.
///
/// The struct itself is the Keras config: its public fields are serialised with Keras' names and
/// defaults, its weights are `#[serde(skip)]`. A layer does not know its name, nor whether it is
/// frozen; that is the container's business.
///
/// Implement it for your own struct and it trains, is summarised and is saved like the built-in
/// layers:
///
/// ```
/// use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
/// use serde::{Deserialize, Serialize};
///
/// /// y = factor * x
/// #[derive(Debug, Clone, Default, Serialize, Deserialize)]
/// struct Scale {
///     factor: f32,
/// }
///
/// impl Layer for Scale {
///     const CLASS_NAME: &'static str = "Scale";
///     type Saved = ();
///
///     fn output_shape(&self, input: &Shape) -> Result<Shape> {
///         Ok(input.clone())
///     }
///     fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
///         Ok((x.map(|x| self.factor * x), cx.save(|| ())))
///     }
///     fn backward(&self, _: (), dy: Tensor, _: &mut Gradients<'_>) -> Result<Option<Tensor>> {
///         Ok(Some(dy.map(|dy| self.factor * dy)))
///     }
/// }
///
/// let (y, _) = Scale { factor: 2.0 }.forward([1.0, 2.0].into(), &mut Context::inference())?;
/// assert_eq!(y, Tensor::from([2.0, 4.0]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub trait Layer: Debug + Clone + Serialize + Send + Sync + 'static {
    /// The name of the class, as Keras spells it.
    const CLASS_NAME: &'static str;

    /// Whether the input's mask is the output's too: Keras' `supports_masking`.
    const KEEPS_MASK: bool = false;

    /// Whether [`Layer::output_mask`] makes a mask where the input has none, as Masking does.
    const MAKES_MASK: bool = false;

    /// Whether the layer takes strings: a tensor that holds a [`Text`](crate::Text).
    const READS_TEXT: bool = false;

    /// What `backward` needs of what `forward` saw.
    type Saved: Send + 'static;

    /// Refuses a config that makes no sense, as Keras does.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// The shape of the output for an input of shape `input`, both with their batch axis.
    fn output_shape(&self, input: &Shape) -> Result<Shape>;

    /// Makes the weights for inputs of shape `input`. Building again starts afresh.
    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let _ = (input, rng);
        Ok(())
    }

    /// The output, and what `backward` will need, made with [`Context::save`].
    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)>;

    /// Adds the gradients of the weights to `dw` and returns that of the input. The latter may be
    /// left out (`None`) where [`Gradients::wants_dx`] says that nothing reads it.
    fn backward(
        &self,
        saved: Self::Saved,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>>;

    /// The mask of the output for the input `x` and its mask, which `forward` finds in
    /// [`Context::mask`].
    fn output_mask(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Mask>> {
        let _ = x;
        Ok(mask.filter(|_| Self::KEEPS_MASK).cloned())
    }

    /// [`Layer::MAKES_MASK`], where it depends on the config.
    fn makes_mask(&self) -> bool {
        Self::MAKES_MASK
    }

    /// The weights in Keras' order; empty before `build`.
    fn params(&self) -> Vec<&Param> {
        Vec::new()
    }

    /// The same weights, to be changed.
    fn params_mut(&mut self) -> Vec<&mut Param> {
        Vec::new()
    }

    /// The same weights by the object that keeps them: first the layer's own, then those of the
    /// objects that it holds, all in the order of `params`.
    fn parts(&self) -> Vec<Part<'_>> {
        vec![Part::own(self.params())]
    }

    /// The layers that it holds, each under its key in the config, for who writes files: they are
    /// `HeldLayer`s of ceratops-layers.
    fn held(&self) -> Vec<(&'static str, &dyn Any)> {
        Vec::new()
    }

    /// Freezes the weights, or lets them learn. Of layers that it holds, those that are frozen
    /// themselves stay so.
    fn freeze(&mut self, frozen: bool) {
        self.params_mut().into_iter().for_each(|param| param.set_frozen(frozen));
    }

    /// Tells the layers that it holds whether they learn, as its own container has told it: Keras'
    /// `layer.trainable = ...` reaches them too.
    fn set_held_trainable(&mut self, trainable: bool) {
        let _ = trainable;
    }

    /// Whether the samples of a batch depend on each other in training, as in
    /// BatchNormalization: such a layer sees the whole batch at once, unless it names the sums
    /// through which they do ([`Layer::forward_sums`]).
    fn couples_samples(&self) -> bool {
        false
    }

    /// Whether they do so in inference too: such a layer always sees all samples at once.
    fn couples_always(&self) -> bool {
        false
    }

    /// What the samples of `x`, a chunk of the batch, add to the sums that `forward` needs of the
    /// whole batch.
    ///
    /// Asked only of a layer that couples samples. With `Some`, it then sees the batch chunk by
    /// chunk like any other: `forward` finds the sums over all chunks in [`Context::sums`], and
    /// `backward` those of [`Layer::backward_sums`] in [`Gradients::sums`]. Where it finds none,
    /// what it sees is the whole batch.
    fn forward_sums(&self, x: &Tensor) -> Result<Option<Vec<f64>>> {
        let _ = x;
        Ok(None)
    }

    /// [`Layer::forward_sums`] of the steps of `x` that count.
    fn masked_sums(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Vec<f64>>> {
        let _ = mask;
        self.forward_sums(x)
    }

    /// What a chunk adds to the sums that `backward` needs of the whole batch.
    ///
    /// Such sums often are the gradients of the layer's weights: those of the chunk can be added
    /// to `dw` here, or in `backward`, but not in both.
    fn backward_sums(
        &self,
        saved: &Self::Saved,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>> {
        let _ = (saved, dy, dw);
        Ok(Vec::new())
    }

    /// Whether the layer begins a batch with what the one before left:
    /// [`MultiLayer::is_stateful`](crate::MultiLayer::is_stateful).
    fn is_stateful(&self) -> bool {
        false
    }

    /// Forgets what the batches before left.
    fn reset_state(&self) {}

    /// What the batches before left: [`MultiLayer::memories`](crate::MultiLayer::memories).
    fn memories(&self) -> Vec<Vec<Tensor>> {
        Vec::new()
    }

    /// Goes on from what [`Layer::memories`] told.
    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        let _ = memories;
    }

    /// The activation that closes the layer, if it can be left out when
    /// [`Context::wants_logits`].
    fn closing_activation(&self) -> Option<Closing> {
        None
    }
}
