//! LSTM's defaults, and what sets its arguments.

use ceratops_weights::{Constraint, Initializer, Regularizer};

use super::LSTM;
use crate::AnyActivation;

impl Default for LSTM {
    fn default() -> Self {
        Self {
            return_sequences: false,
            go_backwards: false,
            zero_output_for_mask: false,
            units: 0,
            activation: "tanh".into(),
            recurrent_activation: "sigmoid".into(),
            use_bias: true,
            kernel_initializer: "glorot_uniform".into(),
            recurrent_initializer: "orthogonal".into(),
            bias_initializer: "zeros".into(),
            unit_forget_bias: true,
            kernel_regularizer: None,
            recurrent_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            kernel_constraint: None,
            recurrent_constraint: None,
            bias_constraint: None,
            dropout: 0.0,
            recurrent_dropout: 0.0,
            seed: None,
            kernel: None,
            recurrent_kernel: None,
            bias: None,
        }
    }
}

impl LSTM {
    /// A layer of `units` outputs with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self { units, ..Self::default() }
    }

    /// Puts out all times, or (the default) the last one.
    #[must_use]
    pub fn return_sequences(self, return_sequences: bool) -> Self {
        Self { return_sequences, ..self }
    }

    /// Begins with the last time, or (the default) with the first.
    #[must_use]
    pub fn go_backwards(self, go_backwards: bool) -> Self {
        Self { go_backwards, ..self }
    }

    /// Puts out 0 at times that are masked, or (the default) the last output again.
    #[must_use]
    pub fn zero_output_for_mask(self, zero_output_for_mask: bool) -> Self {
        Self { zero_output_for_mask, ..self }
    }

    /// Applies this to what is written to the memory and what is read of it.
    #[must_use]
    pub fn activation(self, activation: impl Into<AnyActivation>) -> Self {
        Self { activation: activation.into(), ..self }
    }

    /// Applies this to the gates.
    #[must_use]
    pub fn recurrent_activation(self, activation: impl Into<AnyActivation>) -> Self {
        Self { recurrent_activation: activation.into(), ..self }
    }

    /// Adds a bias (the default) or none.
    #[must_use]
    pub fn use_bias(self, use_bias: bool) -> Self {
        Self { use_bias, ..self }
    }

    /// Draws the kernel so.
    #[must_use]
    pub fn kernel_initializer(self, initializer: impl Into<Initializer>) -> Self {
        Self { kernel_initializer: initializer.into(), ..self }
    }

    /// Draws the recurrent kernel so.
    #[must_use]
    pub fn recurrent_initializer(self, initializer: impl Into<Initializer>) -> Self {
        Self { recurrent_initializer: initializer.into(), ..self }
    }

    /// Draws the bias so.
    #[must_use]
    pub fn bias_initializer(self, initializer: impl Into<Initializer>) -> Self {
        Self { bias_initializer: initializer.into(), ..self }
    }

    /// Begins with a bias of 1 for the gate that forgets (the default), or with a drawn one.
    #[must_use]
    pub fn unit_forget_bias(self, unit_forget_bias: bool) -> Self {
        Self { unit_forget_bias, ..self }
    }

    /// Puts a penalty on the kernel.
    #[must_use]
    pub fn kernel_regularizer(self, regularizer: impl Into<Regularizer>) -> Self {
        Self { kernel_regularizer: Some(regularizer.into()), ..self }
    }

    /// Puts a penalty on the recurrent kernel.
    #[must_use]
    pub fn recurrent_regularizer(self, regularizer: impl Into<Regularizer>) -> Self {
        Self { recurrent_regularizer: Some(regularizer.into()), ..self }
    }

    /// Puts a penalty on the bias.
    #[must_use]
    pub fn bias_regularizer(self, regularizer: impl Into<Regularizer>) -> Self {
        Self { bias_regularizer: Some(regularizer.into()), ..self }
    }

    /// Puts a penalty on the output.
    #[must_use]
    pub fn activity_regularizer(self, regularizer: impl Into<Regularizer>) -> Self {
        Self { activity_regularizer: Some(regularizer.into()), ..self }
    }

    /// Holds the kernel to a condition.
    #[must_use]
    pub fn kernel_constraint(self, constraint: impl Into<Constraint>) -> Self {
        Self { kernel_constraint: Some(constraint.into()), ..self }
    }

    /// Holds the recurrent kernel to a condition.
    #[must_use]
    pub fn recurrent_constraint(self, constraint: impl Into<Constraint>) -> Self {
        Self { recurrent_constraint: Some(constraint.into()), ..self }
    }

    /// Holds the bias to a condition.
    #[must_use]
    pub fn bias_constraint(self, constraint: impl Into<Constraint>) -> Self {
        Self { bias_constraint: Some(constraint.into()), ..self }
    }

    /// Drops this share of the features in training.
    #[must_use]
    pub fn dropout(self, rate: f64) -> Self {
        Self { dropout: rate, ..self }
    }

    /// Drops this share of what the time before put out in training.
    #[must_use]
    pub fn recurrent_dropout(self, rate: f64) -> Self {
        Self { recurrent_dropout: rate, ..self }
    }

    /// Tells the layer apart from others: two seeds, two patterns of what is dropped.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }
}
