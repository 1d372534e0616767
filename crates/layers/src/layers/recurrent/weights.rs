//! What all cells have: their arguments, their weights, what governs them.

use ceratops_core::{Error, Param, Result, Rng, Shape, Tensor};
use ceratops_weights::{Constraint, Initializer, Regularizer};

use super::{super::rules::Rules, gates::WEIGHTS};
use crate::AnyActivation;

/// The weights of a cell, once it is built.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    pub(in crate::layers) kernel: Option<Param>,
    pub(in crate::layers) recurrent_kernel: Option<Param>,
    pub(in crate::layers) bias: Option<Param>,
}

impl Weights {
    pub(in crate::layers) fn params(&self) -> Vec<&Param> {
        self.kernel.iter().chain(&self.recurrent_kernel).chain(&self.bias).collect()
    }

    pub(in crate::layers) fn params_mut(&mut self) -> Vec<&mut Param> {
        self.kernel.iter_mut().chain(&mut self.recurrent_kernel).chain(&mut self.bias).collect()
    }
}

/// What governs the kernel, the recurrent kernel and the bias of a cell.
#[derive(Debug)]
pub struct Governing<'a> {
    pub(in crate::layers) initializers: [&'a Initializer; WEIGHTS],
    pub(in crate::layers) regularizers: [&'a Option<Regularizer>; WEIGHTS],
    pub(in crate::layers) constraints: [&'a Option<Constraint>; WEIGHTS],
}

impl Governing<'_> {
    pub(in crate::layers) fn rules(&self, weight: usize) -> Rules<'_> {
        let Self { initializers, regularizers, constraints } = self;
        Rules::new(initializers[weight], regularizers[weight], constraints[weight])
    }

    pub(in crate::layers) fn validate(&self) -> Result<()> {
        (0..WEIGHTS).try_for_each(|weight| self.rules(weight).validate())
    }

    /// The kernel, the recurrent kernel and the bias, if there is one.
    pub(in crate::layers) fn draw(
        &self,
        [kernel, recurrent]: [&[usize]; 2],
        bias: impl FnOnce(&mut Rng) -> Result<Option<Tensor>>,
        rng: &mut Rng,
    ) -> Result<Weights> {
        let kernel = self.rules(0).weight("kernel", kernel, rng)?;
        let recurrent = self.rules(1).weight("recurrent_kernel", recurrent, rng)?;
        let bias = bias(rng)?.map(|bias| self.rules(2).of("bias", bias)).transpose()?;
        Ok(Weights { kernel: Some(kernel), recurrent_kernel: Some(recurrent), bias })
    }
}

/// Refuses a share that cannot be dropped.
pub(in crate::layers) fn check_rate(key: &str, rate: f64) -> Result<()> {
    if (0.0..=1.0).contains(&rate) {
        return Ok(());
    }
    Err(Error::argument(key, "a number from 0 to 1", rate))
}

/// Refuses a function that gives another shape than that of the state.
pub(in crate::layers) fn check_activation(
    key: &str,
    activation: &AnyActivation,
    state: &Shape,
) -> Result<()> {
    if activation.output_shape(state)? == *state {
        return Ok(());
    }
    let expected = "a function that keeps the shape of its input";
    Err(Error::argument(key, expected, activation.name()))
}

/// Builds an activation, which may be a layer, but not one that learns: it is applied several times
/// a step.
pub(in crate::layers) fn build_activation(
    key: &str,
    activation: &mut AnyActivation,
    state: &Shape,
    rng: &mut Rng,
) -> Result<()> {
    activation.build(state, rng)?;
    if activation.params().is_empty() {
        return Ok(());
    }
    Err(Error::argument(key, "an activation without weights of its own", activation.name()))
}

/// The struct of a cell: the arguments that all cells have, and its own.
macro_rules! cell {
    (
        $(#[$meta:meta])* $Cell:ident $([$R:ident: $Rank:path])?, $size:ident: $size_doc:literal,
        $($(#[$own_meta:meta])* $own:ident: $Own:ty = $value:expr,)*
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(default, bound = "")]
        pub struct $Cell $(<$R: $Rank>)? {
            #[doc = $size_doc]
            pub $size: usize,
            /// φ, applied to what is computed of the input and the state.
            pub activation: $crate::AnyActivation,
            $($(#[$own_meta])* pub $own: $Own,)*
            /// Whether there is a bias.
            pub use_bias: bool,
            /// The kernel's first values.
            pub kernel_initializer: ::ceratops_weights::Initializer,
            /// The recurrent kernel's first values.
            pub recurrent_initializer: ::ceratops_weights::Initializer,
            /// The bias' first values.
            pub bias_initializer: ::ceratops_weights::Initializer,
            /// A penalty on the kernel.
            pub kernel_regularizer: Option<::ceratops_weights::Regularizer>,
            /// A penalty on the recurrent kernel.
            pub recurrent_regularizer: Option<::ceratops_weights::Regularizer>,
            /// A penalty on the bias.
            pub bias_regularizer: Option<::ceratops_weights::Regularizer>,
            /// A condition on the kernel.
            pub kernel_constraint: Option<::ceratops_weights::Constraint>,
            /// A condition on the recurrent kernel.
            pub recurrent_constraint: Option<::ceratops_weights::Constraint>,
            /// A condition on the bias.
            pub bias_constraint: Option<::ceratops_weights::Constraint>,
            /// The share of features that is dropped in training.
            pub dropout: f64,
            /// The share of h₋₁ that is dropped in training.
            pub recurrent_dropout: f64,
            /// Told apart by it, two layers drop different numbers; without, by their place.
            pub seed: Option<u64>,
            #[serde(skip)]
            weights: $crate::layers::recurrent::Weights,
        }

        impl $(<$R: $Rank>)? Default for $Cell $(<$R>)? {
            fn default() -> Self {
                Self {
                    $size: 0,
                    activation: "tanh".into(),
                    $($own: $value,)*
                    use_bias: true,
                    kernel_initializer: "glorot_uniform".into(),
                    recurrent_initializer: "orthogonal".into(),
                    bias_initializer: "zeros".into(),
                    kernel_regularizer: None,
                    recurrent_regularizer: None,
                    bias_regularizer: None,
                    kernel_constraint: None,
                    recurrent_constraint: None,
                    bias_constraint: None,
                    dropout: 0.0,
                    recurrent_dropout: 0.0,
                    seed: None,
                    weights: Default::default(),
                }
            }
        }
    };
}

/// What governs the weights of a cell.
macro_rules! governing {
    ($cell:ident) => {
        Governing {
            initializers: [
                &$cell.kernel_initializer,
                &$cell.recurrent_initializer,
                &$cell.bias_initializer,
            ],
            regularizers: [
                &$cell.kernel_regularizer,
                &$cell.recurrent_regularizer,
                &$cell.bias_regularizer,
            ],
            constraints: [
                &$cell.kernel_constraint,
                &$cell.recurrent_constraint,
                &$cell.bias_constraint,
            ],
        }
    };
}

/// The methods of [`Cell`](super::recurrent::Cell) that say where its arguments are.
macro_rules! cell_arguments {
    ($size:ident, $($activation:ident)+) => {
        fn units(&self) -> usize {
            self.$size
        }

        fn activations(&self) -> Vec<(&'static str, &$crate::AnyActivation)> {
            vec![$((stringify!($activation), &self.$activation)),+]
        }

        fn activations_mut(&mut self) -> Vec<(&'static str, &mut $crate::AnyActivation)> {
            vec![$((stringify!($activation), &mut self.$activation)),+]
        }

        fn governing(&self) -> Governing<'_> {
            governing!(self)
        }

        fn weights(&self) -> &Weights {
            &self.weights
        }

        fn weights_mut(&mut self) -> &mut Weights {
            &mut self.weights
        }

        fn drops(&self) -> ([f64; 2], Option<u64>) {
            ([self.dropout, self.recurrent_dropout], self.seed)
        }
    };
}

/// The builders that all cells have, for a cell or for its layer, and its own.
macro_rules! cell_builders {
    ($Type:ty: $($own:ident)*) => { cell_builders!(@ [] $Type: $($own)*); };
    (@ [$($generic:tt)*] $Type:ty: $($own:ident)*) => {
        impl $($generic)* $Type {
            builders! {
                activation use_bias kernel_initializer recurrent_initializer bias_initializer
                kernel_regularizer recurrent_regularizer bias_regularizer kernel_constraint
                recurrent_constraint bias_constraint seed $($own)*
            }

            /// Drops this share of the features in training.
            #[must_use]
            pub fn dropout(mut self, rate: f64) -> Self {
                self.dropout = rate;
                self
            }

            /// Drops this share of what the time before put out in training.
            #[must_use]
            pub fn recurrent_dropout(mut self, rate: f64) -> Self {
                self.recurrent_dropout = rate;
                self
            }
        }
    };
}
