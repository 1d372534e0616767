//! The arguments that many layers share, each with its one builder: `builders! { activation use_bias }`
//! within an `impl` block writes the methods that set the fields of these names.

macro_rules! builders {
    ($($name:ident)*) => { $(builder!($name);)* };
}

macro_rules! builder {
    (activation) => {
        builder!(@into activation: AnyActivation, "Sets what is applied to the output.");
    };
    (recurrent_activation) => {
        builder!(@into recurrent_activation: AnyActivation, "Sets what is applied to the gates.");
    };
    (use_bias) => {
        builder!(@is use_bias: bool, "Adds a bias (the default) or none.");
    };
    (unit_forget_bias) => {
        builder!(@is unit_forget_bias: bool, "Begins with a bias of 1 for the gate that forgets (the default), or with a drawn one.");
    };
    (reset_after) => {
        builder!(@is reset_after: bool, "Resets behind the recurrent product (the default), or before it.");
    };
    (data_format) => {
        builder!(@is data_format: $crate::DataFormat, "Sets where the channels stand in the input and the output.");
    };
    (strides) => {
        builder!(@lengths strides, "Moves the window so far at each step.");
    };
    (dilation_rate) => {
        builder!(@lengths dilation_rate, "Spreads the kernel's taps so far apart.");
    };
    (padding) => {
        builder!(@is padding: $crate::Padding, "Treats the border so.");
    };
    (groups) => {
        builder!(@is groups: usize, "Splits the channels into so many groups.");
    };
    (depth_multiplier) => {
        builder!(@is depth_multiplier: usize, "Gives each channel so many filters.");
    };
    (activity_regularizer) => {
        builder!(@some activity_regularizer: Regularizer, "Sets the penalty on the output.");
    };
    (epsilon) => {
        builder!(@is epsilon: f64, "Sets what is added to the variance.");
    };
    (center) => {
        builder!(@is center: bool, "Adds a beta (the default) or none.");
    };
    (scale) => {
        builder!(@is scale: bool, "Multiplies by a gamma (the default) or not.");
    };
    (dropout) => {
        builder!(@is dropout: f64, "Drops this share of the scores in training.");
    };
    (use_gate) => {
        builder!(@is use_gate: bool, "Multiplies the heads' outputs by a gate, or not (the default).");
    };
    (sliding_window) => {
        builder!(@maybe sliding_window: usize, "Lets a query look at so many steps to either side, its own counted.");
    };
    (seed) => {
        builder!(@maybe seed: u64, "Sets the seed: two layers of different seeds draw different numbers.");
    };
    (output_mode) => {
        builder!(@is output_mode: $crate::OutputMode, "Sets in what form categories come out.");
    };
    (max_tokens) => {
        builder!(@maybe max_tokens: usize, "Allows so many numbers, the commonest first.");
    };
    (num_oov_indices) => {
        builder!(@is num_oov_indices: usize, "Sets how many numbers unknown tokens have.");
    };
    (pad_to_max_tokens) => {
        builder!(@is pad_to_max_tokens: bool, "Gives other forms than `Int` as many places as there may be tokens.");
    };
    (fft_length) => {
        builder!(@is fft_length: usize, "Transforms so many samples at a time.");
    };
    (sequence_stride) => {
        builder!(@is sequence_stride: usize, "Sets how far a frame is from the next.");
    };
    (sampling_rate) => {
        builder!(@is sampling_rate: usize, "Sets how many samples there are in a second.");
    };
    (num_mel_bins) => {
        builder!(@is num_mel_bins: usize, "Sets how many pitches there are.");
    };
    (min_freq) => {
        builder!(@is min_freq: f64, "Sets where the lowest pitch begins, in hertz.");
    };
    (power_to_db) => {
        builder!(@is power_to_db: bool, "Gives decibels (the default) or powers.");
    };
    (top_db) => {
        builder!(@is top_db: f64, "Sets how far below the loudest decibels end.");
    };
    (mag_exp) => {
        builder!(@is mag_exp: f64, "Sets the exponent of the magnitude.");
    };
    (min_power) => {
        builder!(@is min_power: f64, "Sets the least power that counts.");
    };
    (ref_power) => {
        builder!(@is ref_power: f64, "Sets the power of 0 decibels.");
    };
    (sequence_length) => {
        builder!(@maybe sequence_length: usize, "Lets the window cover so many samples.");
    };
    (max_freq) => {
        builder!(@maybe max_freq: f64, "Sets where the highest pitch ends, in hertz.");
    };
    (value_range) => {
        builder!(@is value_range: [f64; 2], "Sets the least and the largest value.");
    };
    (kernel_initializer) => {
        builder!(@into kernel_initializer: Initializer, "Sets the first values of the kernel.");
    };
    (recurrent_initializer) => {
        builder!(@into recurrent_initializer: Initializer, "Sets the first values of the recurrent kernel.");
    };
    (bias_initializer) => {
        builder!(@into bias_initializer: Initializer, "Sets the first values of the bias.");
    };
    (depthwise_initializer) => {
        builder!(@into depthwise_initializer: Initializer, "Sets the first values of the depthwise kernel.");
    };
    (pointwise_initializer) => {
        builder!(@into pointwise_initializer: Initializer, "Sets the first values of the pointwise kernel.");
    };
    (gamma_initializer) => {
        builder!(@into gamma_initializer: Initializer, "Sets the first values of gamma.");
    };
    (beta_initializer) => {
        builder!(@into beta_initializer: Initializer, "Sets the first values of beta.");
    };
    (moving_mean_initializer) => {
        builder!(@into moving_mean_initializer: Initializer, "Sets the first values of the moving mean.");
    };
    (moving_variance_initializer) => {
        builder!(@into moving_variance_initializer: Initializer, "Sets the first values of the moving variance.");
    };
    (alpha_initializer) => {
        builder!(@into alpha_initializer: Initializer, "Sets the first values of the alphas.");
    };
    (embeddings_initializer) => {
        builder!(@into embeddings_initializer: Initializer, "Sets the first values of the embeddings.");
    };
    (kernel_regularizer) => {
        builder!(@some kernel_regularizer: Regularizer, "Sets the penalty on the kernel.");
    };
    (recurrent_regularizer) => {
        builder!(@some recurrent_regularizer: Regularizer, "Sets the penalty on the recurrent kernel.");
    };
    (bias_regularizer) => {
        builder!(@some bias_regularizer: Regularizer, "Sets the penalty on the bias.");
    };
    (depthwise_regularizer) => {
        builder!(@some depthwise_regularizer: Regularizer, "Sets the penalty on the depthwise kernel.");
    };
    (pointwise_regularizer) => {
        builder!(@some pointwise_regularizer: Regularizer, "Sets the penalty on the pointwise kernel.");
    };
    (gamma_regularizer) => {
        builder!(@some gamma_regularizer: Regularizer, "Sets the penalty on gamma.");
    };
    (beta_regularizer) => {
        builder!(@some beta_regularizer: Regularizer, "Sets the penalty on beta.");
    };
    (alpha_regularizer) => {
        builder!(@some alpha_regularizer: Regularizer, "Sets the penalty on the alphas.");
    };
    (embeddings_regularizer) => {
        builder!(@some embeddings_regularizer: Regularizer, "Sets the penalty on the embeddings.");
    };
    (kernel_constraint) => {
        builder!(@some kernel_constraint: Constraint, "Sets the condition that the kernel must meet.");
    };
    (recurrent_constraint) => {
        builder!(@some recurrent_constraint: Constraint, "Sets the condition that the recurrent kernel must meet.");
    };
    (bias_constraint) => {
        builder!(@some bias_constraint: Constraint, "Sets the condition that the bias must meet.");
    };
    (depthwise_constraint) => {
        builder!(@some depthwise_constraint: Constraint, "Sets the condition that the depthwise kernel must meet.");
    };
    (pointwise_constraint) => {
        builder!(@some pointwise_constraint: Constraint, "Sets the condition that the pointwise kernel must meet.");
    };
    (gamma_constraint) => {
        builder!(@some gamma_constraint: Constraint, "Sets the condition that gamma must meet.");
    };
    (beta_constraint) => {
        builder!(@some beta_constraint: Constraint, "Sets the condition that beta must meet.");
    };
    (alpha_constraint) => {
        builder!(@some alpha_constraint: Constraint, "Sets the condition that the alphas must meet.");
    };
    (embeddings_constraint) => {
        builder!(@some embeddings_constraint: Constraint, "Sets the condition that the embeddings must meet.");
    };
    (@is $name:ident: $Type:ty, $doc:literal) => {
        #[doc = $doc]
        #[must_use]
        pub fn $name(mut self, $name: $Type) -> Self {
            self.$name = $name;
            self
        }
    };
    (@into $name:ident: $Type:ident, $doc:literal) => {
        #[doc = $doc]
        #[must_use]
        pub fn $name(mut self, $name: impl Into<builder!(@path $Type)>) -> Self {
            self.$name = $name.into();
            self
        }
    };
    (@lengths $name:ident, $doc:literal) => {
        #[doc = $doc]
        #[must_use]
        pub fn $name(mut self, $name: impl Into<$crate::Extent<R>>) -> Self {
            self.$name = $name.into();
            self
        }
    };
    (@some $name:ident: $Type:ident, $doc:literal) => {
        #[doc = $doc]
        #[must_use]
        pub fn $name(mut self, $name: impl Into<builder!(@path $Type)>) -> Self {
            self.$name = Some($name.into());
            self
        }
    };
    (@maybe $name:ident: $Type:ty, $doc:literal) => {
        #[doc = $doc]
        #[must_use]
        pub fn $name(mut self, $name: $Type) -> Self {
            self.$name = Some($name);
            self
        }
    };
    (@path AnyActivation) => { $crate::AnyActivation };
    (@path $Weights:ident) => { ceratops_weights::$Weights };
}
