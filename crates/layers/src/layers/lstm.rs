//! LSTM: a memory that is written, kept and read through gates, step by step.

mod builders;
mod cell;
mod kept;
mod masks;
mod sequence;
mod weights;

use ceratops_core::{
    Context, Error, Gradients, Layer, Mask, Param, Part, Result, Rng, Shape, Tensor,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use self::{
    cell::{Cell, State, Step},
    kept::Kept,
    masks::{Masks, turned},
    sequence::{Sizes, put, repeated, reversed, take},
};
use super::{
    built, expect_ndim,
    rules::Rules,
    shape_error,
    tail::{SavedTail, Tail},
};
use crate::{AnyActivation, WithActivation};

/// h = o · φ(c), c = f · c₋₁ + i · φ(z_c), i = σ(z_i), f = σ(z_f), o = σ(z_o), for each time, where
/// z = x · kernel + h₋₁ · recurrent_kernel + bias: from (batch, time, features) to (batch, units).
///
/// φ is `activation`, σ is `recurrent_activation`; h₋₁ and c₋₁ are those of the time before, 0 at
/// first. The output is the last h, or all of them, (batch, time, units), with `return_sequences`.
/// The length of time may be open, and differ from batch to batch.
///
/// Weights: `kernel` (features, 4 units), `recurrent_kernel` (units, 4 units) and `bias`
/// (4 units,), each with its columns in the order i, f, c, o.
///
/// ```
/// use ceratops_layers::{Dense, Input, LSTM, sequential};
///
/// let model = sequential![
///     Input::new([None, Some(3)]),
///     LSTM::new(8).return_sequences(true),
///     LSTM::new(4),
///     Dense::new(1),
/// ]?;
/// assert_eq!(model.layers()[0].output_shape().unwrap().to_string(), "(None, None, 8)");
/// assert_eq!(model.predict([[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]])?.shape(), [1, 1]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Dropping happens in training only. As in Keras, a pattern is drawn for each sample and holds
/// for all times: one for the features, or, where `recurrent_dropout` is not 0, four for the
/// features and four for h₋₁, one a gate. A rate of 1 drops nothing.
///
/// At a time that is masked h and c stay as they were, so that the output repeats the last one (0 if
/// none was before); with `zero_output_for_mask` it is 0 there. The mask is passed on with
/// `return_sequences`, in the order of the input, and otherwise ends here.
///
/// Not here: `return_state`, `stateful`. Every `unroll` computes the same; Keras 3 itself takes the
/// wrong times for masked where `unroll`, `go_backwards`, `return_sequences` and
/// `zero_output_for_mask` come together.
///
/// Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory"; Keras, `keras.layers.LSTM`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct LSTM {
    /// Whether to put out h of every time, not of the last one only.
    pub return_sequences: bool,
    /// Whether to begin with the last time; the outputs then stand in that order too.
    pub go_backwards: bool,
    /// Whether to put out 0 at times that are masked, and not the last output again.
    pub zero_output_for_mask: bool,
    /// How many outputs.
    pub units: usize,
    /// φ, applied to what is written to the memory, and to what is read of it.
    pub activation: AnyActivation,
    /// σ, applied to the gates.
    pub recurrent_activation: AnyActivation,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// The kernel's first values.
    pub kernel_initializer: Initializer,
    /// The recurrent kernel's first values.
    pub recurrent_initializer: Initializer,
    /// The bias' first values.
    pub bias_initializer: Initializer,
    /// Whether the bias of f is 1 at first, whatever the initializer: nothing is forgotten so far.
    pub unit_forget_bias: bool,
    /// A penalty on the kernel.
    pub kernel_regularizer: Option<Regularizer>,
    /// A penalty on the recurrent kernel.
    pub recurrent_regularizer: Option<Regularizer>,
    /// A penalty on the bias.
    pub bias_regularizer: Option<Regularizer>,
    /// A penalty on the output, divided by the number of samples.
    pub activity_regularizer: Option<Regularizer>,
    /// A condition on the kernel.
    pub kernel_constraint: Option<Constraint>,
    /// A condition on the recurrent kernel.
    pub recurrent_constraint: Option<Constraint>,
    /// A condition on the bias.
    pub bias_constraint: Option<Constraint>,
    /// The share of features that is dropped in training.
    pub dropout: f64,
    /// The share of h₋₁ that is dropped in training.
    pub recurrent_dropout: f64,
    /// Told apart by it, two layers drop different numbers; without, by their place.
    pub seed: Option<u64>,
    #[serde(skip)]
    kernel: Option<Param>,
    #[serde(skip)]
    recurrent_kernel: Option<Param>,
    #[serde(skip)]
    bias: Option<Param>,
}

/// How many weights the layer has at most; its activations have none.
const WEIGHTS: usize = 3;
/// What to do about a sequence of length 0, of which Keras makes nothing either.
const NO_TIME: &str = "a sequence has at least one time";

impl LSTM {
    /// The penalty on the output, behind which no activation stands.
    fn tail<'a>(&'a self, linear: &'a AnyActivation) -> Tail<'a> {
        let regularizer = self.activity_regularizer.as_ref();
        Tail { activation: linear, regularizer, own: WEIGHTS }
    }

    /// The two functions.
    fn cell(&self) -> Cell<'_> {
        Cell { activation: &self.activation, recurrent_activation: &self.recurrent_activation }
    }

    /// The mask, if the output is 0 where it is.
    fn silenced<'a>(&self, kept: Option<&'a Kept>) -> impl Iterator<Item = &'a Kept> {
        kept.filter(|_| self.zero_output_for_mask).into_iter()
    }

    /// The lengths of an input, which must be those that the weights are for.
    fn sizes(&self, x: &Tensor) -> Result<Sizes> {
        let &[features, _] = built(self.kernel.as_ref())?.value().shape() else {
            return Err(Error::Model("the kernel of an LSTM has two axes".into()));
        };
        let units = built(self.recurrent_kernel.as_ref())?.value().shape()[0];
        match *x.shape() {
            [batch, time, last] if last == features && time > 0 => Ok(Sizes { batch, time, units }),
            _ => {
                let expected = format!("(batch, time, {features})");
                let help = if x.shape().get(1) == Some(&0) { NO_TIME } else { "" };
                Err(Error::shape("input", expected, x.shape(), help))
            }
        }
    }
}

impl WithActivation for LSTM {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }

    fn recurrent_activation_mut(&mut self) -> Option<&mut AnyActivation> {
        Some(&mut self.recurrent_activation)
    }
}

/// What the gradient needs: the input and every h₋₁, in the order of the steps, what was dropped of
/// them, and what each step and the penalty keep.
#[derive(Debug)]
pub struct SavedLSTM {
    x: Tensor,
    hidden: Tensor,
    masks: [Masks; 2],
    kept: Option<Kept>,
    steps: Vec<Step>,
    tail: Option<SavedTail>,
}

impl Layer for LSTM {
    const CLASS_NAME: &'static str = "LSTM";
    type Saved = SavedLSTM;

    fn validate(&self) -> Result<()> {
        if self.units == 0 {
            return Err(Error::argument("units", "a positive integer", self.units));
        }
        self.cell().validate()?;
        for (key, rate) in
            [("dropout", self.dropout), ("recurrent_dropout", self.recurrent_dropout)]
        {
            if !(0.0..=1.0).contains(&rate) {
                return Err(Error::argument(key, "a number from 0 to 1", rate));
            }
        }
        self.tail(&AnyActivation::default()).validate()?;
        self.rules().iter().try_for_each(Rules::validate)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let help = "if there are no times, put Reshape([1, -1]) before it";
        expect_ndim(input, 3, "(batch, time, features)", help)?;
        if input.axes()[1] == Some(0) {
            return Err(shape_error(input, "(batch, time, features)", NO_TIME));
        }
        let state = input.with_axis(2, Some(self.units));
        let (batch, units) = (state.axes()[0], state.axes()[2]);
        self.cell().check(&Shape::from([batch, units]))?;
        Ok(if self.return_sequences { state } else { Shape::from([batch, units]) })
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let features = input.last().ok_or_else(|| {
            Error::argument("input_shape", "a known length of the last axis", input)
                .with_help("set it in the Input: the kernel's size depends on it")
        })?;
        (self.kernel, self.recurrent_kernel, self.bias) = self.draw(features, rng)?;
        let state = Shape::batched([self.units]);
        cell::build("activation", &mut self.activation, &state, rng)?;
        cell::build("recurrent_activation", &mut self.recurrent_activation, &state, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedLSTM>)> {
        // The sigmoids of the gates close no model.
        cx.set_wants_logits(false);
        let sizes = self.sizes(&x)?;
        let kernel = built(self.kernel.as_ref())?.value();
        let recurrent = built(self.recurrent_kernel.as_ref())?.value();
        let x = if self.go_backwards { reversed(&x) } else { x };
        let (masks, kept) = (self.masks(&x, sizes, cx)?, Kept::of(cx, sizes, self.go_backwards)?);
        // z = bias + x · kernel, for all times at once
        let mut z = repeated(self.bias.as_ref().map(Param::value), sizes);
        masks[0].multiply(&x, kernel, &mut z);
        let mut state = State::zeros(sizes);
        let (mut steps, mut hidden) = (Vec::new(), cx.save(|| sizes.sequence()));
        let mut y = self.return_sequences.then(|| sizes.sequence());
        for t in 0..sizes.time {
            if let Some(hidden) = &mut hidden {
                put(&state.h, hidden, t);
            }
            // z + h₋₁ · recurrent_kernel
            let mut z = take(&z, t);
            if t > 0 {
                masks[1].multiply(&state.h, recurrent, &mut z);
            }
            let before = kept.as_ref().map(|kept| (kept, state.clone()));
            steps.extend(self.cell().forward(&z, &mut state, cx)?);
            // At a masked time h = h₋₁ and c = c₋₁
            if let Some((kept, before)) = before {
                kept.hold(t, &mut state, &before);
            }
            if let Some(y) = &mut y {
                put(&state.h, y, t);
            }
        }
        let mut y = y.unwrap_or(state.h);
        self.silenced(kept.as_ref()).for_each(|kept| kept.silence(&mut y));
        let (y, tail) = self.tail(&AnyActivation::default()).forward(y, cx)?;
        Ok((y, hidden.map(|hidden| SavedLSTM { x, hidden, masks, kept, steps, tail })))
    }

    fn backward(
        &self,
        saved: SavedLSTM,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let SavedLSTM { x, hidden, masks, kept, steps, tail } = saved;
        let sizes = self.sizes(&x)?;
        let recurrent = turned(built(self.recurrent_kernel.as_ref())?.value());
        let linear = AnyActivation::default();
        sizes.expect_output(self.return_sequences, &dy)?;
        let mut dy = match tail {
            Some(tail) => self.tail(&linear).backward(tail, dy, dw)?,
            None => dy,
        };
        self.silenced(kept.as_ref()).for_each(|kept| kept.silence(&mut dy));
        let mut dz = sizes.columns();
        let mut state = State::zeros(sizes);
        for (t, step) in steps.into_iter().enumerate().rev() {
            // What is put out at this time, besides what the next time makes of it
            if self.return_sequences {
                state.h.add_scaled(1.0, &take(&dy, t))?;
            } else if t + 1 == sizes.time {
                state.h = dy.clone();
            }
            let behind = kept.as_ref().map(|kept| (kept, state.clone()));
            let mut dz_t = self.cell().backward(step, &mut state, dw)?;
            if let Some(kept) = &kept {
                kept.clear(t, &mut dz_t);
            }
            put(&dz_t, &mut dz, t);
            // dL/dh₋₁ = dz · recurrent_kernelᵀ
            if t > 0 {
                state.h = masks[1].input_gradient(&dz_t, &recurrent)?;
            }
            // At a masked time dL/dh₋₁ = dL/dh and dL/dc₋₁ = dL/dc
            if let Some((kept, behind)) = behind {
                kept.hold(t, &mut state, &behind);
            }
        }
        self.add_gradients([&x, &hidden], &masks, &dz, dw);
        if !dw.wants_dx() {
            return Ok(None);
        }
        // dL/dx = dz · kernelᵀ
        let kernel = turned(built(self.kernel.as_ref())?.value());
        let dx = masks[0].input_gradient(&dz, &kernel)?;
        Ok(Some(if self.go_backwards { reversed(&dx) } else { dx }))
    }

    fn output_mask(&self, _: &Tensor, mask: Option<&Mask>) -> Result<Option<Mask>> {
        Ok(mask.filter(|_| self.return_sequences).cloned())
    }

    fn params(&self) -> Vec<&Param> {
        self.kernel.iter().chain(&self.recurrent_kernel).chain(&self.bias).collect()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        vec![Part::own(Vec::new()), Part::held("cell", "lstm_cell", Layer::params(self))]
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.kernel.iter_mut().chain(&mut self.recurrent_kernel).chain(&mut self.bias).collect()
    }
}
