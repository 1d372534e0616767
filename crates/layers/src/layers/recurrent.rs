//! Recurrent layers: a cell that walks over a sequence, time by time.

#[macro_use]
mod weights;
mod cell;
mod drops;
mod gates;
mod kept;
mod memory;
mod pass;
mod sequence;

use std::ops::{Deref, DerefMut};

use ceratops_core::{
    Context, Error, Gradients, Mask, MultiLayer, Param, Part, Result, Rng, Shape, Tensor, Tensors,
};
use ceratops_weights::Regularizer;
use serde::{Deserialize, Serialize};

pub(crate) use self::cell::Cells;
pub(super) use self::{
    cell::{Back, Cell, Ran},
    drops::{Drops, Linear, dropped},
    gates::{WEIGHTS, back, columns_beside, combine, join, product, split},
    kept::Kept,
    memory::Memory,
    sequence::{put, repeat, reversed, take},
    weights::{Governing, Weights, build_activation, check_activation, check_rate},
};
use super::tail::{SavedTail, Tail};
use crate::AnyActivation;

/// A cell that walks over a sequence (batch, time, ...): what [`LSTM`](crate::LSTM),
/// [`GRU`](crate::GRU) and [`SimpleRNN`](crate::SimpleRNN) have in common. The arguments of the cell are
/// the layer's too: `LSTM::new(4).units`.
///
/// The output is that of the last time, or, with `return_sequences`, those of all times. The length of
/// time may be open, and differ from batch to batch. With `return_state` the states behind the last time
/// are further outputs. The states before the first time are zeros, or further inputs, which is
/// `initial_state=` in Keras: `layer.call_all([&x, &h, &c])`.
///
/// Dropping happens in training only. As in Keras, a pattern is drawn for each sample and holds
/// for all times: one for the features, or, where `recurrent_dropout` is not 0, one a gate for the
/// features and for h₋₁. A rate of 1 drops nothing, but everything in a SimpleRNN.
///
/// At a time that is masked the states stay as they were, so that the output repeats the last one (0 if
/// none was before); with `zero_output_for_mask` it is 0 there. The mask is passed on with
/// `return_sequences`, in the order of the input, and otherwise ends here.
///
/// With `stateful`, each sample of a batch begins with the states that the sample at its place in the batch
/// before left, in training and without it, until [`Model::reset_states`](crate::Model::reset_states); the
/// model's Input fixes the length of the batches. No gradient goes from one batch to the other. Files do
/// not hold the states, a copy of the model does.
///
/// Every `unroll` computes the same; Keras 3 itself takes the wrong times for
/// masked where `unroll`, `go_backwards`, `return_sequences` and `zero_output_for_mask` come together.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, bound(deserialize = "C: Cells"))]
pub struct Recurrent<C> {
    /// Whether to put out what every time gives, not the last one only.
    pub return_sequences: bool,
    /// Whether the states behind the last time are put out too.
    pub return_state: bool,
    /// Whether to begin with the last time; the outputs then stand in that order too.
    pub go_backwards: bool,
    /// Whether a batch begins with the states that the one before left.
    pub stateful: bool,
    /// How Keras computes the same: time by time in a loop, or written out.
    pub unroll: bool,
    /// Whether to put out 0 at times that are masked, and not the last output again.
    pub zero_output_for_mask: bool,
    /// A penalty on the outputs, divided by the number of samples.
    pub activity_regularizer: Option<Regularizer>,
    /// What is done at each time.
    #[serde(flatten)]
    pub cell: C,
    #[serde(skip)]
    pub(super) memory: Memory,
}

impl<C: Cells> Default for Recurrent<C> {
    fn default() -> Self {
        Self::over(C::default())
    }
}

impl<C> Deref for Recurrent<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.cell
    }
}

impl<C> DerefMut for Recurrent<C> {
    fn deref_mut(&mut self) -> &mut C {
        &mut self.cell
    }
}

impl<C> Recurrent<C> {
    /// The layer that runs this cell.
    pub(super) fn over(cell: C) -> Self {
        Self {
            return_sequences: false,
            return_state: false,
            go_backwards: false,
            stateful: false,
            unroll: false,
            zero_output_for_mask: false,
            activity_regularizer: None,
            cell,
            memory: Memory::default(),
        }
    }

    builders! { activity_regularizer }

    /// Puts out all times, or (the default) the last one.
    #[must_use]
    pub fn return_sequences(self, return_sequences: bool) -> Self {
        Self { return_sequences, ..self }
    }

    /// Puts out the states behind the last time too, or (the default) does not.
    #[must_use]
    pub fn return_state(self, return_state: bool) -> Self {
        Self { return_state, ..self }
    }

    /// Begins with the last time, or (the default) with the first.
    #[must_use]
    pub fn go_backwards(self, go_backwards: bool) -> Self {
        Self { go_backwards, ..self }
    }

    /// Begins a batch with the states that the one before left, or (the default) with zeros.
    #[must_use]
    pub fn stateful(self, stateful: bool) -> Self {
        Self { stateful, ..self }
    }

    /// Puts out 0 at times that are masked, or (the default) the last output again.
    #[must_use]
    pub fn zero_output_for_mask(self, zero_output_for_mask: bool) -> Self {
        Self { zero_output_for_mask, ..self }
    }

    /// The penalty on an output, behind which no activation stands.
    fn tail<'a>(&'a self, linear: &'a AnyActivation) -> Tail<'a> {
        Tail { activation: linear, regularizer: self.activity_regularizer.as_ref(), own: WEIGHTS }
    }
}

/// What the gradient needs.
#[derive(Debug)]
pub struct SavedRecurrent<S> {
    pass: S,
    /// Whether the states before the first time were inputs.
    given: bool,
    kept: Option<Kept>,
    /// At which times the output is 0 in any case.
    sounding: Option<Kept>,
    /// What the penalty keeps of each output.
    tails: Vec<Option<SavedTail>>,
}

impl<C: Cells> Recurrent<C> {
    /// Where the output is 0: at masked times if that is wanted, and until a time counts, even where
    /// given states stand.
    fn sounding(&self, kept: Option<&Kept>, given: bool) -> Option<Kept> {
        kept.and_then(|kept| match self.zero_output_for_mask {
            true => Some(kept.clone()),
            false => given.then(|| kept.begun()),
        })
    }

    /// The output and the states behind the last time.
    fn walk(
        &self,
        x: Tensor,
        initial: Vec<Tensor>,
        cx: &mut Context,
    ) -> Result<Ran<SavedRecurrent<C::Saved>>> {
        // The sigmoids of the gates close no model.
        cx.set_wants_logits(false);
        let (samples, given) = (x.batch(), !initial.is_empty());
        let initial = match self.stateful && !given {
            true => self.memory.recall(samples, cx)?,
            false => initial,
        };
        let kept = Kept::of(cx.mask(), &x, self.go_backwards)?;
        let sounding = self.sounding(kept.as_ref(), !initial.is_empty());
        let x = if self.go_backwards { reversed(&x) } else { x };
        let Ran { mut y, mut states, saved } =
            self.cell.run(x, initial, kept.as_ref(), self.return_sequences, cx)?;
        if self.stateful {
            self.memory.keep(&states, samples, cx);
        }
        if let Some(sounding) = &sounding {
            sounding.silence(&mut y, self.return_sequences);
        }
        states.truncate(if self.return_state { states.len() } else { 0 });
        let mut tails = Vec::new();
        if self.activity_regularizer.is_some() {
            let linear = AnyActivation::default();
            for output in std::iter::once(&mut y).chain(&mut states) {
                let (same, tail) = self.tail(&linear).forward(output.clone(), cx)?;
                *output = same;
                tails.push(tail);
            }
        }
        let saved = saved.map(|pass| SavedRecurrent { pass, given, kept, sounding, tails });
        Ok(Ran { y, states, saved })
    }

    /// The gradients of the input and of the states before the first time.
    fn walk_back(
        &self,
        saved: SavedRecurrent<C::Saved>,
        mut dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<(Option<Tensor>, Vec<Tensor>)> {
        let SavedRecurrent { pass, given, kept, sounding, tails } = saved;
        let linear = AnyActivation::default();
        for (dy, tail) in dys.iter_mut().zip(tails) {
            let Some(tail) = tail else { continue };
            // The penalty counts on an output that nothing reads, too.
            if let Some(gradient) = dy.take().or_else(|| tail.no_gradient()) {
                *dy = Some(self.tail(&linear).backward(tail, gradient, dw)?);
            }
        }
        let mut dys = dys.into_iter();
        let mut dy = dys.next().flatten();
        if let (Some(sounding), Some(dy)) = (sounding, &mut dy) {
            sounding.silence(dy, self.return_sequences);
        }
        let (dx, mut dinitial) = self.cell.run_back(pass, dy, dys.collect(), kept.as_ref(), dw)?;
        // The states that another batch left are no inputs.
        dinitial.truncate(if given { dinitial.len() } else { 0 });
        Ok((dx.map(|dx| if self.go_backwards { reversed(&dx) } else { dx }), dinitial))
    }
}

impl<C: Cells> MultiLayer for Recurrent<C> {
    const CLASS_NAME: &'static str = C::LAYER;
    type Saved = SavedRecurrent<C::Saved>;

    fn validate(&self) -> Result<()> {
        self.cell.validate()?;
        self.tail(&AnyActivation::default()).validate()
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let (input, given) = with_states(inputs)?;
        let (output, states) = self.cell.shapes(input)?;
        if !given.is_empty() && given.len() != states.len() {
            let expected = format!("a sequence, or it and {} states", states.len());
            let found = format!("{} tensors", inputs.len());
            return Err(Error::argument("inputs", expected, found));
        }
        for (given, state) in given.iter().zip(&states) {
            if given.axes().get(1..) != state.axes().get(1..) {
                let (expected, found) = (state.to_string(), given.to_string());
                let (what, help) = ("initial state".into(), String::new());
                return Err(Error::Shape { what, expected, found, help });
            }
        }
        let output = match (self.return_sequences, output.axes()) {
            (true, [batch, rest @ ..]) => Shape::from([&[*batch, input.axes()[1]], rest].concat()),
            _ => output,
        };
        let states = states.into_iter().filter(|_| self.return_state);
        Ok(std::iter::once(output).chain(states).collect())
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        self.memory.forget();
        self.cell.build(with_states(inputs)?.0, rng)
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Self::Saved>)> {
        forget_mask_beside_states(&xs, cx);
        let mut xs = xs.into_iter();
        let x = xs.next().ok_or_else(nothing)?;
        let Ran { y, states, saved } = self.walk(x, xs.collect(), cx)?;
        Ok((std::iter::once(y).chain(states).collect(), saved))
    }

    fn backward_all(
        &self,
        saved: Self::Saved,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let (dx, dinitial) = self.walk_back(saved, dys, dw)?;
        Ok(std::iter::once(dx).chain(dinitial.into_iter().map(Some)).collect())
    }

    fn forward_one(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        let Ran { y, states, saved } = self.walk(x, Vec::new(), cx)?;
        if !states.is_empty() {
            let expected = "a layer of one output";
            return Err(Error::argument("return_state", expected, "one with states"));
        }
        Ok((y, saved))
    }

    fn backward_one(
        &self,
        saved: Self::Saved,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        Ok(self.walk_back(saved, vec![Some(dy)], dw)?.0)
    }

    fn is_stateful(&self) -> bool {
        self.stateful
    }

    fn reset_state(&self) {
        self.memory.forget();
    }

    fn memories(&self) -> Vec<Vec<Tensor>> {
        if self.stateful { vec![self.memory.told()] } else { Vec::new() }
    }

    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        memories.into_iter().for_each(|states| self.memory.learn(states));
    }

    fn output_masks(&self, _: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        let mask = masks.first().cloned().flatten();
        Ok(vec![mask.filter(|_| self.return_sequences)])
    }

    fn params(&self) -> Vec<&Param> {
        self.cell.params()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.cell.params_mut()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        self.cell.parts()
    }
}

/// Keras 3 tells a layer nothing of masks that is called on a sequence and states. Where it is to know of
/// one all the same, it is told that of the sequence alone.
pub(super) fn forget_mask_beside_states(xs: &Tensors, cx: &mut Context) {
    if xs.len() > 1 && cx.masks().len() > 1 {
        cx.set_masks(Vec::new());
    }
}

/// The shape of the sequence, and those of the states before its first time.
fn with_states(inputs: &[Shape]) -> Result<(&Shape, &[Shape])> {
    inputs.split_first().ok_or_else(nothing)
}

fn nothing() -> Error {
    Error::argument("inputs", "a sequence", "none")
}
