//! What a recurrent layer runs: a cell, or several, one upon the other.

use std::fmt::Debug;

use ceratops_core::{Context, Gradients, Param, Part, Result, Rng, Shape, Tensor};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    drops::Linear,
    kept::Kept,
    weights::{Governing, Weights},
};
use crate::AnyActivation;

/// What a run over a sequence gives: the outputs of all times, or the last; the states behind the
/// last time; what the way back needs.
#[derive(Debug)]
pub struct Ran<S> {
    pub(in crate::layers) y: Tensor,
    pub(in crate::layers) states: Vec<Tensor>,
    pub(in crate::layers) saved: Option<S>,
}

/// What a layer of class [`Cells::LAYER`] runs over its sequence.
#[doc(hidden)]
pub trait Cells:
    Debug + Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The layer's class.
    const LAYER: &'static str;
    type Saved: Send + 'static;

    fn validate(&self) -> Result<()>;
    /// The shapes of the output of a time and of the states, for an input (batch, time, ...).
    fn shapes(&self, input: &Shape) -> Result<(Shape, Vec<Shape>)>;
    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()>;
    /// Runs over `x`, from these states, or from zeros if there are none.
    fn run(
        &self,
        x: Tensor,
        initial: Vec<Tensor>,
        kept: Option<&Kept>,
        all_times: bool,
        cx: &mut Context,
    ) -> Result<Ran<Self::Saved>>;
    /// The gradients of x, if it is wanted, and of the states before the first time; from those of the
    /// outputs and of the states behind the last.
    fn run_back(
        &self,
        saved: Self::Saved,
        dy: Option<Tensor>,
        states: Vec<Option<Tensor>>,
        kept: Option<&Kept>,
        dw: &mut Gradients<'_>,
    ) -> Result<(Option<Tensor>, Vec<Tensor>)>;
    fn params(&self) -> Vec<&Param>;
    fn params_mut(&mut self) -> Vec<&mut Param>;
    fn parts(&self) -> Vec<Part<'_>>;
    /// The activations, each with its key.
    fn activations_mut(&mut self) -> Vec<(String, &mut AnyActivation)>;
}

/// The gradients that a step gives.
#[derive(Debug)]
pub struct Back {
    /// Of what comes from the input.
    pub(in crate::layers) dz: Tensor,
    /// Of what comes from h₋₁ by the recurrent kernel, where it is another.
    pub(in crate::layers) recurrent: Option<Tensor>,
    /// What the gates behind [`Cell::direct_gates`] were multiplied with instead of h₋₁.
    pub(in crate::layers) inner: Option<Tensor>,
    /// Of h₋₁, besides what it gives by the recurrent kernel.
    pub(in crate::layers) direct: Option<Tensor>,
}

/// One step of a recurrent layer: the states before it and z = x · kernel + bias make those behind it.
/// The first state is the output.
#[doc(hidden)]
pub trait Cell:
    Debug + Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The class of the layer that runs it over a sequence.
    const LAYER: &'static str;
    /// Its own class.
    const CLASS_NAME: &'static str;
    /// How many states it has.
    const STATES: usize;
    /// How many gates, whose columns stand side by side.
    const GATES: usize;
    /// Whether a rate of 1 drops everything; Keras drops nothing at all then, but in a SimpleRNN.
    const DROPS_ALL: bool = false;
    /// What the way back needs of a step.
    type Step: Debug + Send + 'static;

    fn units(&self) -> usize;
    fn activations(&self) -> Vec<(&'static str, &AnyActivation)>;
    fn activations_mut(&mut self) -> Vec<(&'static str, &mut AnyActivation)>;
    fn governing(&self) -> Governing<'_>;
    fn weights(&self) -> &Weights;
    fn weights_mut(&mut self) -> &mut Weights;
    /// `dropout`, `recurrent_dropout` and `seed`.
    fn drops(&self) -> ([f64; 2], Option<u64>);
    /// The bias' first values, if there is a bias.
    fn first_bias(&self, rng: &mut Rng) -> Result<Option<Tensor>>;

    /// How many gates, of the first ones, the recurrent kernel gives of h₋₁ itself.
    fn direct_gates(&self) -> usize {
        Self::GATES
    }

    /// Takes the states a step further.
    fn step(
        &self,
        z: Tensor,
        states: &mut [Tensor],
        recurrent: &Linear<'_>,
        cx: &mut Context,
    ) -> Result<Option<Self::Step>>;

    /// The way back, where `states` hold the gradients of the states behind the step; all but the first
    /// then hold those of the states before it. `turned` is the recurrent kernel, rows for columns.
    fn step_back(
        &self,
        step: Self::Step,
        states: &mut [Tensor],
        recurrent: (&Linear<'_>, &Tensor),
        dw: &mut Gradients<'_>,
    ) -> Result<Back>;
}
