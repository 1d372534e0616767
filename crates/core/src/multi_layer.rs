//! The `MultiLayer` trait: a layer of several inputs or outputs.

use std::{any::Any, fmt::Debug};

use serde::Serialize;

use crate::{
    Arguments, Closing, Context, Error, Gradients, Layer, Mask, Param, Part, Result, Rng, Shape,
    Tensor, Tensors,
};

/// A layer of several inputs or outputs, such as a sum of branches. Every [`Layer`] is one of one
/// input and one output; implement this trait where that is not enough.
///
/// ```
/// use ceratops_core::{Context, Error, Gradients, MultiLayer, Result, Shape, Tensor, Tensors};
/// use serde::{Deserialize, Serialize};
///
/// /// y = a - b
/// #[derive(Debug, Clone, Default, Serialize, Deserialize)]
/// struct Difference {}
///
/// impl MultiLayer for Difference {
///     const CLASS_NAME: &'static str = "Difference";
///     type Saved = ();
///
///     fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
///         match inputs {
///             [a, b] if a == b => Ok(vec![a.clone()]),
///             _ => Err(Error::Model("takes two tensors of one shape".into())),
///         }
///     }
///     fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<()>)> {
///         let (a, b) = xs.pair()?;
///         Ok((a.zip_map(&b, |a, b| a - b)?.into(), cx.save(|| ())))
///     }
///     fn backward_all(
///         &self,
///         _: (),
///         dys: Vec<Option<Tensor>>,
///         _: &mut Gradients<'_>,
///     ) -> Result<Vec<Option<Tensor>>> {
///         let Some(dy) = dys.into_iter().next().flatten() else { return Ok(vec![None, None]) };
///         Ok(vec![Some(dy.clone()), Some(dy.map(|dy| -dy))])
///     }
/// }
///
/// let xs = Tensors::from([Tensor::from([3.0]), Tensor::from([1.0])]);
/// let (ys, _) = Difference {}.forward_all(xs, &mut Context::inference())?;
/// assert_eq!(ys.single()?, Tensor::from([2.0]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub trait MultiLayer: Debug + Clone + Serialize + Send + Sync + 'static {
    /// The name of the class, as Keras spells it.
    const CLASS_NAME: &'static str;

    /// The names of the inputs, where each is an argument of its own and not one of a list.
    const INPUTS: &'static [&'static str] = &[];

    /// The arguments of a call besides the inputs that change what the layer computes; `forward_all`
    /// finds them in [`Context::arguments`].
    const ARGUMENTS: &'static [&'static str] = &[];

    /// [`Layer::KEEPS_MASK`], for a layer of one input.
    #[doc(hidden)]
    const KEEPS_MASK: bool = false;

    /// What `backward_all` needs of what `forward_all` saw.
    type Saved: Send + 'static;

    /// The name of this layer's class, where one type stands for several.
    fn class_name(&self) -> &'static str {
        Self::CLASS_NAME
    }

    /// Refuses a config that makes no sense, as Keras does.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// The shapes of the outputs for inputs of these shapes, all with their batch axis.
    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>>;

    /// The shapes of the outputs of a call with these arguments. `inputs` has the shapes of the tensors
    /// among these, too, which matter neither to [`MultiLayer::output_shapes`] nor to the weights.
    fn shapes_of_call(&self, inputs: &[Shape], arguments: &Arguments) -> Result<Vec<Shape>> {
        self.output_shapes(arguments.split(inputs).0)
    }

    /// Makes the weights for inputs of these shapes. Building again starts afresh.
    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        let _ = (inputs, rng);
        Ok(())
    }

    /// The outputs, and what `backward_all` will need, made with [`Context::save`].
    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Self::Saved>)>;

    /// Adds the gradients of the weights to `dw` and returns those of the inputs, one for each.
    /// There is no gradient of an output that nothing reads; that of an input may be left out where
    /// [`Gradients::wants_dx`] says that nothing reads it.
    fn backward_all(
        &self,
        saved: Self::Saved,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>>;

    /// The masks of the outputs for these inputs and their masks; by default they have none.
    fn output_masks(&self, xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        let _ = (xs, masks);
        Ok(Vec::new())
    }

    /// [`MultiLayer::output_masks`] of a call with these arguments, where they matter to it.
    fn masks_of_call(
        &self,
        xs: &[Tensor],
        masks: &[Option<Mask>],
        arguments: &Arguments,
    ) -> Result<Vec<Option<Mask>>> {
        let _ = arguments;
        self.output_masks(xs, masks)
    }

    /// Whether the layer takes strings: tensors that hold a [`Text`](crate::Text).
    fn reads_text(&self) -> bool {
        false
    }

    /// Whether the layer makes a mask of an input that has none.
    fn makes_mask(&self) -> bool {
        false
    }

    /// The weights in Keras' order; empty before `build_all`.
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

    /// Tells the layers that it holds whether they learn, as its own container has told it.
    fn set_held_trainable(&mut self, trainable: bool) {
        let _ = trainable;
    }

    /// Whether the samples of a batch depend on each other in training: such a layer sees the whole
    /// batch at once.
    fn couples_samples(&self) -> bool {
        false
    }

    /// Whether they do so in inference too.
    fn couples_always(&self) -> bool {
        false
    }

    /// Whether the layer begins a batch with the states that the one before left, sample by sample:
    /// Keras' `stateful=True`. Such a layer finds in [`Context::first_row`] which samples it sees.
    fn is_stateful(&self) -> bool {
        false
    }

    /// Forgets the states, so that the next batch begins anew.
    fn reset_state(&self) {}

    /// What the batches before left, so that a training can go on elsewhere: the states of each recurrent
    /// layer in it, none before its first batch.
    fn memories(&self) -> Vec<Vec<Tensor>> {
        Vec::new()
    }

    /// Goes on from what [`MultiLayer::memories`] told, as many lists as there are now.
    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        let _ = memories;
    }

    /// The activation that closes the layer, if it can be left out when
    /// [`Context::wants_logits`].
    fn closing_activation(&self) -> Option<Closing> {
        None
    }

    /// [`MultiLayer::forward_all`] for one input and one output, without a list.
    #[doc(hidden)]
    fn forward_one(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        let (ys, saved) = self.forward_all(x.into(), cx)?;
        Ok((ys.single()?, saved))
    }

    /// [`MultiLayer::backward_all`] for one input and one output.
    #[doc(hidden)]
    fn backward_one(
        &self,
        saved: Self::Saved,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        Ok(self.backward_all(saved, vec![Some(dy)], dw)?.into_iter().next().flatten())
    }

    /// [`Layer::forward_sums`].
    #[doc(hidden)]
    fn sums_forward(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Vec<f64>>> {
        let _ = (x, mask);
        Ok(None)
    }

    /// [`Layer::backward_sums`].
    #[doc(hidden)]
    fn sums_backward(
        &self,
        saved: &Self::Saved,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>> {
        let _ = (saved, dy, dw);
        Ok(Vec::new())
    }
}

/// A layer of one input and one output.
impl<L: Layer> MultiLayer for L {
    const CLASS_NAME: &'static str = L::CLASS_NAME;
    const KEEPS_MASK: bool = L::KEEPS_MASK;
    type Saved = L::Saved;

    fn validate(&self) -> Result<()> {
        Layer::validate(self)
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(only(inputs)?)?])
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        self.build(only(inputs)?, rng)
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<L::Saved>)> {
        let (y, saved) = self.forward(xs.single()?, cx)?;
        Ok((y.into(), saved))
    }

    fn backward_all(
        &self,
        saved: L::Saved,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        match dys.into_iter().next().flatten() {
            Some(dy) => Ok(vec![self.backward(saved, dy, dw)?]),
            None => Ok(vec![None]),
        }
    }

    fn output_masks(&self, xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        let mask = masks.first().and_then(Option::as_ref);
        xs.first().map_or(Ok(Vec::new()), |x| Ok(vec![self.output_mask(x, mask)?]))
    }

    fn reads_text(&self) -> bool {
        L::READS_TEXT
    }

    fn makes_mask(&self) -> bool {
        Layer::makes_mask(self)
    }

    fn params(&self) -> Vec<&Param> {
        Layer::params(self)
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        Layer::params_mut(self)
    }

    fn parts(&self) -> Vec<Part<'_>> {
        Layer::parts(self)
    }

    fn held(&self) -> Vec<(&'static str, &dyn Any)> {
        Layer::held(self)
    }

    fn freeze(&mut self, frozen: bool) {
        Layer::freeze(self, frozen);
    }

    fn set_held_trainable(&mut self, trainable: bool) {
        Layer::set_held_trainable(self, trainable);
    }

    fn couples_samples(&self) -> bool {
        Layer::couples_samples(self)
    }

    fn couples_always(&self) -> bool {
        Layer::couples_always(self)
    }

    fn is_stateful(&self) -> bool {
        Layer::is_stateful(self)
    }

    fn reset_state(&self) {
        Layer::reset_state(self);
    }

    fn memories(&self) -> Vec<Vec<Tensor>> {
        Layer::memories(self)
    }

    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        Layer::remember(self, memories);
    }

    fn closing_activation(&self) -> Option<Closing> {
        Layer::closing_activation(self)
    }

    fn forward_one(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<L::Saved>)> {
        self.forward(x, cx)
    }

    fn backward_one(
        &self,
        saved: L::Saved,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        self.backward(saved, dy, dw)
    }

    fn sums_forward(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Vec<f64>>> {
        self.masked_sums(x, mask)
    }

    fn sums_backward(
        &self,
        saved: &L::Saved,
        dy: &Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<f64>> {
        self.backward_sums(saved, dy, dw)
    }
}

/// The shape of the one input that a [`Layer`] takes.
fn only(inputs: &[Shape]) -> Result<&Shape> {
    match inputs {
        [only] => Ok(only),
        _ => Err(Error::argument("inputs", "one tensor", format!("{} tensors", inputs.len()))
            .with_help("merge them first, by Concatenate or Add")),
    }
}
