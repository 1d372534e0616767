//! Highway: a Dense layer with a way around it.

use ceratops_core::{Context, Gradients, Layer, Param, Part, Result, Rng, Shape, Tensor};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::affine::{Affine, add_dbias, add_dkernel, inputs};
use crate::{
    AnyActivation, WithActivation,
    any_activation::SavedActivation,
    layers::{
        built,
        rules::Rules,
        tail::{SavedTail, Tail},
    },
};

/// y = t · activation(x · kernel + bias) + (1 - t) · x, where t = sigmoid(x · carry_kernel + carry_bias) says how
/// much of x is transformed: from (batch, inputs) to the same.
///
/// Weights: `kernel` and `carry_kernel` (inputs, inputs), `bias` and `carry_bias` (inputs,).
///
/// ```
/// use ceratops_layers::{Highway, Input, sequential};
///
/// let model = sequential![Input::new([4]), Highway::new().activation("relu")]?;
/// assert_eq!(model.count_params(), 2 * (4 * 4 + 4));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Srivastava et al. 2015, "Highway Networks"; Keras 1, `keras.layers.Highway`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Highway {
    /// Applied to what is transformed.
    pub activation: AnyActivation,
    /// Whether there are biases.
    pub use_bias: bool,
    /// The kernels' first values.
    pub kernel_initializer: Initializer,
    /// A penalty on the kernel.
    pub kernel_regularizer: Option<Regularizer>,
    /// A penalty on the bias.
    pub bias_regularizer: Option<Regularizer>,
    /// A penalty on the output, divided by the number of samples.
    pub activity_regularizer: Option<Regularizer>,
    /// A condition on the kernel.
    pub kernel_constraint: Option<Constraint>,
    /// A condition on the bias.
    pub bias_constraint: Option<Constraint>,
    #[serde(skip)]
    weights: Vec<Param>,
}

impl Default for Highway {
    fn default() -> Self {
        Self {
            activation: AnyActivation::default(),
            use_bias: true,
            kernel_initializer: "glorot_uniform".into(),
            kernel_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            kernel_constraint: None,
            bias_constraint: None,
            weights: Vec::new(),
        }
    }
}

impl Highway {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    builders! {
        activation use_bias kernel_initializer kernel_regularizer bias_regularizer activity_regularizer
        kernel_constraint bias_constraint
    }

    fn kernel_rules(&self) -> Rules<'_> {
        Rules::new(&self.kernel_initializer, &self.kernel_regularizer, &self.kernel_constraint)
    }

    /// The map of a kernel, which stands at `place`, and of its bias two places on.
    fn affine(&self, place: usize) -> Result<Affine<'_>> {
        let kernel = built(self.weights.get(place))?.value();
        let bias = self.weights.get(place + 2).map(|bias| bias.value().as_slice());
        Ok(Affine { kernel: kernel.as_slice(), bias, units: kernel.sample_len() })
    }

    /// The penalty on the output.
    fn tail<'a>(&'a self, linear: &'a AnyActivation) -> Tail<'a> {
        let regularizer = self.activity_regularizer.as_ref();
        Tail { activation: linear, regularizer, own: self.weights.len() }
    }
}

impl WithActivation for Highway {
    fn activation_mut(&mut self) -> &mut AnyActivation {
        &mut self.activation
    }
}

/// What the gradient needs: x, t, the transformed h, and what activation and penalty keep.
#[derive(Debug)]
pub struct SavedHighway {
    x: Tensor,
    t: Tensor,
    h: Tensor,
    activation: Option<SavedActivation>,
    tail: SavedTail,
}

impl Layer for Highway {
    const CLASS_NAME: &'static str = "Highway";
    type Saved = SavedHighway;

    fn validate(&self) -> Result<()> {
        self.activation.validate()?;
        self.tail(&AnyActivation::default()).validate()?;
        self.kernel_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        inputs(input).map(|_| input.clone())
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let len = inputs(input)?;
        let (zeros, ones) = (Initializer::from("zeros"), Initializer::from("ones"));
        let carry = Rules::new(&self.kernel_initializer, &None, &None);
        let mut weights = vec![
            self.kernel_rules().weight("kernel", &[len, len], rng)?,
            carry.weight("carry_kernel", &[len, len], rng)?,
        ];
        if self.use_bias {
            let bias = Rules::new(&zeros, &self.bias_regularizer, &self.bias_constraint);
            weights.push(bias.weight("bias", &[len], rng)?);
            weights.push(Rules::new(&ones, &None, &None).weight("carry_bias", &[len], rng)?);
        }
        self.weights = weights;
        self.activation.build(input, rng)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedHighway>)> {
        let t = self.affine(1)?.of(&x)?.map(|z| 1.0 / (1.0 + (-z).exp()));
        let z = self.affine(0)?.of(&x)?;
        let (h, activation) = self.activation.forward(z, cx, self.weights.len())?;
        let moved = h.clone().zip_map(&x, |h, x| h - x)?.zip_map(&t, |moved, t| moved * t)?;
        let y = moved.zip_map(&x, |moved, x| moved + x)?;
        let (y, tail) = self.tail(&AnyActivation::default()).forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedHighway { x, t, h, activation, tail })))
    }

    fn backward(
        &self,
        SavedHighway { x, t, h, activation, tail }: SavedHighway,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.tail(&AnyActivation::default()).backward(tail, dy, dw)?;
        // dL/dh = t · dy, dL/dt = (h - x) · dy, dt = t · (1 - t) · dz
        let mut dz = dy.clone().zip_map(&t, |dy, t| dy * t)?;
        if let Some(saved) = activation {
            let inner = self.activation.params().len();
            let own = self.weights.len();
            dz = self.activation.backward(saved, dz, &mut dw.part(own, inner, true))?;
        }
        let dt = h.zip_map(&x, |h, x| h - x)?.zip_map(&dy, |moved, dy| moved * dy)?;
        let dt = dt.zip_map(&t, |dt, t| dt * t * (1.0 - t))?;
        for (place, dz) in [&dz, &dt].into_iter().enumerate() {
            if let Some(dkernel) = dw.get(place) {
                add_dkernel(&x, dz, dkernel.as_mut_slice());
            }
            if let (true, Some(dbias)) = (self.weights.len() > 2, dw.get(place + 2)) {
                add_dbias(dz, dbias.as_mut_slice());
            }
        }
        let mut dx = dy.zip_map(&t, |dy, t| dy * (1.0 - t))?;
        self.affine(0)?.add_dx(&dz, &mut dx);
        self.affine(1)?.add_dx(&dt, &mut dx);
        Ok(Some(dx))
    }

    fn params(&self) -> Vec<&Param> {
        self.weights.iter().chain(self.activation.params()).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.weights.iter_mut().chain(self.activation.params_mut()).collect()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        self.activation.parts_behind(self.weights.iter().collect())
    }

    fn couples_samples(&self) -> bool {
        self.activation.couples_samples()
    }
}
