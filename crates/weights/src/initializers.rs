//! What a weight's first values are.

mod constant;
mod glorot;
mod he;
mod identity;
mod lecun;
mod orthogonal;
mod random;
mod seeded;
mod truncated;
mod variance_scaling;

use ceratops_core::{Error, Purpose, Result, Rng, Tensor};
use ndarray::{ArrayD, IxDyn};
use ndarray_rand::{RandomExt, rand_distr};

use crate::kinds::kinds;

pub use constant::{Constant, Ones, Zeros};
pub use glorot::{GlorotNormal, GlorotUniform};
pub use he::{HeNormal, HeUniform};
pub use identity::Identity;
pub use lecun::{LecunNormal, LecunUniform};
pub use orthogonal::Orthogonal;
pub use random::{RandomNormal, RandomUniform};
pub use truncated::TruncatedNormal;
pub use variance_scaling::{Distribution, Mode, VarianceScaling};

/// What one class of initializer does.
trait Initialize {
    /// Refuses a config that makes no sense.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// The seed in the config.
    fn seed(&self) -> Option<i64> {
        None
    }

    /// The first values of a weight of that shape.
    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor>;
}

kinds! {
    /// What a weight's first values are (Keras: `keras.initializers`).
    ///
    /// ```
    /// use ceratops_core::rng;
    /// use ceratops_weights::{Initializer, initializers::Constant};
    ///
    /// let rng = &mut rng(42);
    /// let bias = Initializer::from(Constant::new(0.25)).draw(&[2], rng)?;
    /// assert_eq!(bias.as_slice(), [0.25, 0.25]);
    ///
    /// let kernel = Initializer::from("glorot_uniform").draw(&[3, 3, 64, 128], rng)?;
    /// assert!(kernel.as_slice().iter().all(|w| w.abs() < 0.059));
    ///
    /// let error = Initializer::from("glorot_unifrom").validate().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "unknown initializer `glorot_unifrom`; did you mean `GlorotUniform`?"
    /// );
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    Initializer, "initializer" in "keras.initializers", dyn Initialize {
        /// `w = 0`
        Zeros,
        /// `w = 1`
        Ones,
        /// `w = value`
        Constant,
        /// `w ~ N(mean, stddev)`
        RandomNormal,
        /// `w ~ U(minval, maxval)`
        RandomUniform,
        /// `w ~ N(mean, stddev)`, drawn again where it is off by more than two `stddev`
        TruncatedNormal,
        /// Of variance `scale / n`
        VarianceScaling,
        /// Of variance `2 / (fan_in + fan_out)`, normal
        GlorotNormal,
        /// Of variance `2 / (fan_in + fan_out)`, uniform
        GlorotUniform,
        /// Of variance `2 / fan_in`, normal
        HeNormal,
        /// Of variance `2 / fan_in`, uniform
        HeUniform,
        /// Of variance `1 / fan_in`, normal
        LecunNormal,
        /// Of variance `1 / fan_in`, uniform
        LecunUniform,
        /// `wᵀ w = gain² I`
        Orthogonal,
        /// `w = gain I`
        Identity,
    }
}

impl Initializer {
    /// Refuses an unknown name, and a config that makes no sense.
    pub fn validate(&self) -> Result<()> {
        match self {
            // Weights from a file need none.
            Self::Foreign(_) => Ok(()),
            _ => self.kind()?.validate(),
        }
    }

    /// Refuses a name and a class that are not known here.
    pub fn check_known(&self) -> Result<()> {
        self.kind().map(|_| ())
    }

    /// The first values of a weight of that shape, drawn from `rng`. A seed in the config wins
    /// over `rng`: such an initializer draws the same numbers every time, as in Keras. With
    /// [`Rng::blank`] they are zeros.
    ///
    /// # Errors
    /// Those of [`validate`](Self::validate); a shape that the initializer cannot fill, or that
    /// does not fit in memory.
    pub fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        self.validate()?;
        rng.count(shape)?;
        if rng.is_blank() {
            reserve::<f32>(shape)?;
            return Ok(Tensor::zeros(shape));
        }
        let kind = self.kind()?;
        match kind.seed() {
            Some(seed) => kind.draw(shape, &mut Purpose::Initializer.rng(seed.cast_unsigned())),
            None => kind.draw(shape, rng),
        }
    }

    /// Whether how large the numbers are depends on how many inputs and outputs the weight has.
    pub fn scales_variance(&self) -> bool {
        matches!(
            self,
            Self::VarianceScaling(_)
                | Self::GlorotNormal(_)
                | Self::GlorotUniform(_)
                | Self::HeNormal(_)
                | Self::HeUniform(_)
                | Self::LecunNormal(_)
                | Self::LecunUniform(_)
        )
    }

    /// The names of Keras 1, which all later versions still know.
    fn alias(name: &str) -> Option<Self> {
        match name {
            "normal" => Some(RandomNormal::default().into()),
            "uniform" => Some(RandomUniform::default().into()),
            "one" => Some(Ones.into()),
            "zero" => Some(Zeros.into()),
            _ => None,
        }
    }
}

/// Numbers drawn from `distribution`, or an error where memory does not suffice.
fn sample(
    shape: &[usize],
    distribution: impl rand_distr::Distribution<f32>,
    rng: &mut Rng,
) -> Result<Tensor> {
    reserve::<f32>(shape)?;
    Ok(ArrayD::random_using(IxDyn(shape), distribution, rng).into())
}

/// Refuses a shape whose numbers do not fit in memory: ndarray would end the program.
fn reserve<T>(shape: &[usize]) -> Result<()> {
    let too_large = || Error::argument("shape", "a size that fits in memory", format!("{shape:?}"));
    // ndarray counts an axis of length 0 as 1 when it asks whether the others fit.
    let len = shape.iter().try_fold(1usize, |len, &axis| len.checked_mul(axis.max(1)));
    let len = len.ok_or_else(too_large)?;
    Vec::<T>::new().try_reserve_exact(len).map_err(|_| too_large())
}
