//! TimeDistributed: a layer that looks at each step by itself.

use std::any::Any;

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Mask, Mode, Param, Part, Result, Rng, Saved, Shape,
    Tensor,
};
use serde::{Deserialize, Serialize};

use super::{shape_error, steps};
use crate::{HeldLayer, Registry, Resolve};

/// y\[t\] = layer(x\[t\]) for each step t: from (batch, time, ...) to (batch, time, ...).
///
/// All steps are given to the same layer, or the same model, whose weights are those of this layer. The
/// length of time may be open, and differ from batch to batch.
///
/// ```
/// use ceratops_layers::{Dense, Flatten, Input, TimeDistributed, sequential};
///
/// // Each image of a film, put into eight numbers
/// let model = sequential![
///     Input::new([None, Some(28), Some(28)]),
///     TimeDistributed::new(sequential![Flatten::new(), Dense::new(8)]?),
/// ]?;
/// assert_eq!(model.output_shape().unwrap().to_string(), "(None, None, 8)");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// In training, Dropout within draws anew for each step, and BatchNormalization within takes the
/// statistics of one step after the other, each over the batch; its moving statistics follow each. A
/// mask goes in step by step, and out as it came. As in Keras 3, an `activity_regularizer` of the layer
/// counts as nothing here; those of the layers of a model count.
///
/// Source: Keras, `keras.layers.TimeDistributed`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeDistributed {
    /// The layer, or the model, that each step is given to.
    pub layer: HeldLayer,
}

impl TimeDistributed {
    /// Gives each step to `layer`: a layer, a model, or one of them with a name of its own
    /// (`Dense::new(2).named("scores")`).
    pub fn new(layer: impl Into<HeldLayer>) -> Self {
        Self { layer: layer.into() }
    }

    /// Runs the layer on these steps. The penalty on its output does not count, as Keras calls it
    /// without asking.
    fn call(
        &self,
        x: Tensor,
        mask: Option<Mask>,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<Saved>)> {
        let is_model = self.layer.node()?.as_model().is_some();
        let penalizes = cx.set_penalizes(is_model);
        cx.set_masks(mask.into_iter().map(Some).collect());
        let made = self.layer.forward(x, cx, 0);
        cx.set_masks(Vec::new());
        cx.set_penalizes(penalizes);
        made
    }

    /// One step after the other, each with the whole batch.
    fn step_by_step(
        &self,
        x: &Tensor,
        mask: Option<Mask>,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<Vec<Option<Saved>>>)> {
        let (mut ys, mut saved) = (Vec::new(), Vec::new());
        for t in 0..x.shape()[1] {
            let mask = mask.as_ref().map(|mask| steps::step(mask.tensor(), t)).transpose()?;
            cx.enter_call(t);
            let made = self.call(steps::step(x, t)?, mask.map(Mask::from), cx);
            cx.leave_call();
            let (y, kept) = made?;
            ys.push(y);
            saved.push(kept);
        }
        Ok((steps::stack(&ys)?, cx.save(|| saved)))
    }
}

impl Resolve for TimeDistributed {
    fn resolve(&mut self, registry: &Registry) -> Result<()> {
        self.layer.resolve("layer", registry)
    }
}

/// What the layer saved, and the shape of the input.
#[derive(Debug)]
pub struct SavedTimeDistributed {
    shape: Vec<usize>,
    steps: Steps,
}

#[derive(Debug)]
enum Steps {
    /// Of all steps at once.
    Together(Option<Saved>),
    /// Of each.
    OneByOne(Vec<Option<Saved>>),
}

impl Layer for TimeDistributed {
    const CLASS_NAME: &'static str = "TimeDistributed";
    const KEEPS_MASK: bool = true;
    type Saved = SavedTimeDistributed;

    fn validate(&self) -> Result<()> {
        self.layer.validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let output = self.layer.output_shape(&step_shape(input)?)?;
        let each = output.axes().get(1..).unwrap_or_default();
        Ok([&input.axes()[..2], each].concat().into())
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        self.layer.build(&step_shape(input)?, rng)
    }

    fn forward(
        &self,
        x: Tensor,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<SavedTimeDistributed>)> {
        let shape = x.shape().to_vec();
        let &[batch, time, ref rest @ ..] = &shape[..] else {
            return Err(Error::shape("input", EXPECTED, x.shape(), ""));
        };
        let mask = cx.mask().filter(|mask| mask.tensor().ndim() >= 2).cloned();
        let (y, steps) = if self.layer.couples_samples(cx.mode()) || self.layer.is_stateful() {
            let (y, saved) = self.step_by_step(&x, mask, cx)?;
            (y, saved.map(Steps::OneByOne))
        } else {
            // No sample asks for another: each step of each is one.
            let x = x.reshape(&[&[batch * time], rest].concat())?;
            let mask = mask.map(steps::as_samples).transpose()?;
            let (y, saved) = self.call(x, mask, cx)?;
            let each = y.shape().get(1..).unwrap_or_default().to_vec();
            let y = y.reshape(&[&[batch, time], &each[..]].concat())?;
            (y, cx.save(|| Steps::Together(saved)))
        };
        Ok((y, steps.map(|steps| SavedTimeDistributed { shape, steps })))
    }

    fn backward(
        &self,
        SavedTimeDistributed { shape, steps }: SavedTimeDistributed,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        match steps {
            Steps::Together(saved) => {
                let each = dy.shape().get(2..).unwrap_or_default().to_vec();
                let dy = dy.reshape(&[&[shape[0] * shape[1]], &each[..]].concat())?;
                let dx = self.layer.backward(saved, dy, dw, 0)?;
                dx.map(|dx| dx.reshape(&shape)).transpose()
            }
            Steps::OneByOne(saved) => {
                let steps = saved
                    .into_iter()
                    .enumerate()
                    .map(|(t, saved)| self.layer.backward(saved, steps::step(&dy, t)?, dw, 0));
                let dxs: Option<Vec<Tensor>> = steps.collect::<Result<_>>()?;
                dxs.map(|dxs| steps::stack(&dxs)).transpose()
            }
        }
    }

    fn is_stateful(&self) -> bool {
        self.layer.is_stateful()
    }

    fn reset_state(&self) {
        self.layer.reset_state();
    }

    fn memories(&self) -> Vec<Vec<Tensor>> {
        self.layer.memories()
    }

    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        self.layer.remember(memories);
    }

    fn params(&self) -> Vec<&Param> {
        self.layer.params()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.layer.params_mut()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let own = [Part::own(Vec::new())].into_iter();
        own.chain(self.layer.parts("layer")).collect()
    }

    fn held(&self) -> Vec<(&'static str, &dyn Any)> {
        vec![("layer", &self.layer)]
    }

    fn freeze(&mut self, frozen: bool) {
        self.layer.freeze(frozen);
    }

    fn set_held_trainable(&mut self, trainable: bool) {
        self.layer.set_trainable(trainable);
    }

    fn couples_samples(&self) -> bool {
        self.layer.couples_samples(Mode::Training)
    }

    fn couples_always(&self) -> bool {
        self.layer.couples_samples(Mode::Inference)
    }

    fn closing_activation(&self) -> Option<Closing> {
        self.layer.closing_activation()
    }
}

const EXPECTED: &str = "(batch, time, ...) of three axes or more";

/// The shape of one step. How many samples come with it is open: it may be those of all steps.
fn step_shape(input: &Shape) -> Result<Shape> {
    match input.axes() {
        [_, _, rest @ ..] if !rest.is_empty() => Ok(Shape::batched(rest.to_vec())),
        _ => Err(shape_error(input, EXPECTED, "axis 1 is that of the steps")),
    }
}
