//! LSTM's defaults, and what sets its arguments.

use super::LSTM;

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

    builders! {
        activation recurrent_activation use_bias kernel_initializer recurrent_initializer
        bias_initializer kernel_regularizer recurrent_regularizer bias_regularizer
        activity_regularizer kernel_constraint recurrent_constraint bias_constraint seed
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

    /// Begins with a bias of 1 for the gate that forgets (the default), or with a drawn one.
    #[must_use]
    pub fn unit_forget_bias(self, unit_forget_bias: bool) -> Self {
        Self { unit_forget_bias, ..self }
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
}
