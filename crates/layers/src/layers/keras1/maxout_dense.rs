//! MaxoutDense: the largest of several affine maps.

use ceratops_core::{Context, Error, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::affine::{Affine, add_dbias, add_dkernel, inputs};
use crate::{
    AnyActivation,
    layers::{
        built,
        rules::Rules,
        tail::{SavedTail, Tail},
    },
};

/// y = max over k of x · kernel\[k\] + bias\[k\]: from (batch, inputs) to (batch, units).
///
/// Weights: `kernel` (features, inputs, units) and `bias` (features, units).
///
/// ```
/// use ceratops_layers::{Input, MaxoutDense, sequential};
///
/// let model = sequential![Input::new([4]), MaxoutDense::new(3).nb_feature(2)]?;
/// assert_eq!(model.count_params(), 2 * (4 * 3 + 3));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Goodfellow et al. 2013, "Maxout Networks"; Keras 1, `keras.layers.MaxoutDense`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct MaxoutDense {
    /// How many outputs.
    pub units: usize,
    /// Of how many maps each is the largest.
    pub nb_feature: usize,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// The kernel's first values.
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
    kernel: Option<Param>,
    #[serde(skip)]
    bias: Option<Param>,
}

impl Default for MaxoutDense {
    fn default() -> Self {
        Self {
            units: 0,
            nb_feature: 4,
            use_bias: true,
            kernel_initializer: "glorot_uniform".into(),
            kernel_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            kernel_constraint: None,
            bias_constraint: None,
            kernel: None,
            bias: None,
        }
    }
}

impl MaxoutDense {
    /// A layer of `units` outputs, each the largest of four, with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self { units, ..Self::default() }
    }

    builders! {
        use_bias kernel_initializer kernel_regularizer bias_regularizer activity_regularizer
        kernel_constraint bias_constraint
    }

    /// Sets of how many maps each output is the largest.
    #[must_use]
    pub fn nb_feature(self, nb_feature: usize) -> Self {
        Self { nb_feature, ..self }
    }

    fn kernel_rules(&self) -> Rules<'_> {
        Rules::new(&self.kernel_initializer, &self.kernel_regularizer, &self.kernel_constraint)
    }

    /// The penalty on the output.
    fn tail<'a>(&'a self, linear: &'a AnyActivation) -> Tail<'a> {
        let own = self.kernel.iter().chain(&self.bias).count();
        Tail { activation: linear, regularizer: self.activity_regularizer.as_ref(), own }
    }

    /// The maps.
    fn maps(&self) -> Result<impl Iterator<Item = Affine<'_>>> {
        let units = self.units.max(1);
        let kernel = built(self.kernel.as_ref())?.value();
        let kernels = kernel.as_slice().chunks_exact(kernel.sample_len().max(1));
        let bias = self.bias.as_ref().map(|bias| bias.value().as_slice());
        Ok(kernels.enumerate().map(move |(k, kernel)| {
            let bias = bias.and_then(|bias| bias.get(k * units..(k + 1) * units));
            Affine { kernel, bias, units }
        }))
    }
}

/// What the gradient needs: x, which map was the largest, and what the penalty keeps.
#[derive(Debug)]
pub struct SavedMaxoutDense {
    x: Tensor,
    largest: Vec<u32>,
    tail: SavedTail,
}

impl Layer for MaxoutDense {
    const CLASS_NAME: &'static str = "MaxoutDense";
    type Saved = SavedMaxoutDense;

    fn validate(&self) -> Result<()> {
        for (argument, value) in [("units", self.units), ("nb_feature", self.nb_feature)] {
            if value == 0 {
                return Err(Error::argument(argument, "a positive integer", value));
            }
        }
        self.tail(&AnyActivation::default()).validate()?;
        self.kernel_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        inputs(input).map(|_| input.with_axis(1, Some(self.units)))
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let shape = [self.nb_feature, inputs(input)?, self.units];
        self.kernel = Some(self.kernel_rules().weight("kernel", &shape, rng)?);
        self.bias = None;
        if self.use_bias {
            let zeros = Initializer::from("zeros");
            let rules = Rules::new(&zeros, &self.bias_regularizer, &self.bias_constraint);
            self.bias = Some(rules.weight("bias", &[self.nb_feature, self.units], rng)?);
        }
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedMaxoutDense>)> {
        let mut y = Tensor::full(&[x.batch(), self.units], f32::NEG_INFINITY);
        let mut largest = vec![0; y.len()];
        for (k, map) in (0u32..).zip(self.maps()?) {
            let z = map.of(&x)?;
            let all = y.as_mut_slice().iter_mut().zip(&mut largest).zip(z.as_slice());
            for ((y, largest), z) in all {
                // What is no number stays so.
                if *z > *y || z.is_nan() {
                    (*y, *largest) = (*z, k);
                }
            }
        }
        let (y, tail) = self.tail(&AnyActivation::default()).forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedMaxoutDense { x, largest, tail })))
    }

    fn backward(
        &self,
        SavedMaxoutDense { x, largest, tail }: SavedMaxoutDense,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.tail(&AnyActivation::default()).backward(tail, dy, dw)?;
        let mut dx = Tensor::zeros(x.shape());
        for (k, map) in self.maps()?.enumerate() {
            // dL/dz\[k\] is dL/dy where this map was the largest.
            let mut dz = dy.clone();
            for (dz, largest) in dz.as_mut_slice().iter_mut().zip(&largest) {
                if *largest as usize != k {
                    *dz = 0.0;
                }
            }
            if let Some(dkernel) = dw.get(0) {
                let len = map.kernel.len();
                add_dkernel(&x, &dz, &mut dkernel.as_mut_slice()[k * len..(k + 1) * len]);
            }
            if let (Some(_), Some(dbias)) = (&self.bias, dw.get(1)) {
                add_dbias(&dz, &mut dbias.as_mut_slice()[k * map.units..(k + 1) * map.units]);
            }
            map.add_dx(&dz, &mut dx);
        }
        Ok(Some(dx))
    }

    fn params(&self) -> Vec<&Param> {
        self.kernel.iter().chain(&self.bias).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.kernel.iter_mut().chain(&mut self.bias).collect()
    }
}
