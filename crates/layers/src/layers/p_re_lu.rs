//! PReLU: a leaky rectifier that learns its slopes.

mod loops;

use std::borrow::Cow;

use ceratops_core::{Context, Error, Gradients, Layer, Param, Result, Rng, Shape, Tensor};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Deserializer, Serialize};

use self::loops::{gradients, rectify, rectify_into};
use super::{built, rules::Rules, shape_error};

/// f(x) = x for x > 0, alpha · x for x <= 0, with alphas that are learned.
///
/// Weight: `alpha`, of the shape of one sample, with length 1 along `shared_axes`: after a
/// convolution, `shared_axes([1, 2])` gives one alpha a channel. At x = 0 the gradients of x and
/// of alpha are 0, as in Keras.
///
/// ```
/// use ceratops_layers::{Input, PReLU, sequential};
///
/// let model = sequential![Input::new([28, 28, 8]), PReLU::new().shared_axes([1, 2])]?;
/// assert_eq!(model.get_weights()[0].shape(), [1, 1, 8]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: He et al. 2015, "Delving Deep into Rectifiers"; Keras, `keras.layers.PReLU`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct PReLU {
    /// The alphas' first values; zeros by default.
    pub alpha_initializer: Initializer,
    /// A penalty on the alphas.
    pub alpha_regularizer: Option<Regularizer>,
    /// A condition on the alphas.
    pub alpha_constraint: Option<Constraint>,
    /// The axes along which an alpha is shared, the batch being axis 0.
    #[serde(deserialize_with = "one_or_several")]
    pub shared_axes: Option<Vec<isize>>,
    #[serde(skip)]
    alpha: Option<Param>,
}

impl Default for PReLU {
    fn default() -> Self {
        Self {
            alpha_initializer: "zeros".into(),
            alpha_regularizer: None,
            alpha_constraint: None,
            shared_axes: None,
            alpha: None,
        }
    }
}

impl PReLU {
    /// The layer with an alpha for each number of a sample, all 0 at first.
    pub fn new() -> Self {
        Self::default()
    }

    builders! {
        alpha_initializer alpha_regularizer alpha_constraint
    }

    /// Shares each alpha along these axes.
    #[must_use]
    pub fn shared_axes(self, axes: impl Into<Vec<isize>>) -> Self {
        Self { shared_axes: Some(axes.into()), ..self }
    }

    fn alpha_rules(&self) -> Rules<'_> {
        Rules::new(&self.alpha_initializer, &self.alpha_regularizer, &self.alpha_constraint)
    }

    /// Whether the alphas are shared along `axis`.
    fn shares(&self, axis: usize) -> bool {
        self.shared_axes.iter().flatten().any(|&shared| usize::try_from(shared) == Ok(axis))
    }

    /// Refuses an input that the alphas do not fit.
    fn check(&self, x: &Tensor, alpha: &Tensor) -> Result<()> {
        let mut expected = vec![None];
        for (axis, &len) in alpha.shape().iter().enumerate() {
            expected.push(if self.shares(axis + 1) && len == 1 { None } else { Some(len) });
        }
        let expected = Shape::from(expected);
        if expected.admits(x.shape()) {
            return Ok(());
        }
        Err(Error::shape("input", expected, x.shape(), ""))
    }

    /// Which alpha belongs to each number of a sample; nothing if the alphas, one after another
    /// and again from the first, fit as they are.
    fn places(&self, sample: &[usize]) -> Option<Vec<usize>> {
        let mut own = (0..sample.len()).map(|axis| !self.shares(axis + 1));
        own.find(|own| *own);
        if own.all(|own| own) {
            return None;
        }
        let mut places = vec![0];
        for (axis, &len) in sample.iter().enumerate() {
            let (step, own) = if self.shares(axis + 1) { (1, 0) } else { (len, 1) };
            places = places
                .iter()
                .flat_map(|&place| (0..len).map(move |i| place * step + i * own))
                .collect();
        }
        Some(places)
    }
}

impl Layer for PReLU {
    const CLASS_NAME: &'static str = "PReLU";
    const KEEPS_MASK: bool = true;
    type Saved = Tensor;

    fn validate(&self) -> Result<()> {
        self.alpha_rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let ndim = input.ndim();
        if ndim < 2 {
            let help = "give the input at least one axis behind the batch axis";
            return Err(shape_error(input, "(batch, ...)", help));
        }
        match self.shared_axes.iter().flatten().find(|&&axis| axis < 1 || axis >= ndim as isize) {
            None => Ok(input.clone()),
            // Keras takes -1 for another axis than the last; see its source.
            Some(axis) => {
                let expected = format!("axes from 1 to {} for an input of shape {input}", ndim - 1);
                Err(Error::argument("shared_axes", expected, axis)
                    .with_help("the batch is axis 0; count the others from 1, not from the end"))
            }
        }
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let mut shape = Vec::with_capacity(input.ndim());
        for (axis, len) in input.axes().iter().enumerate().skip(1) {
            shape.push(match len {
                _ if self.shares(axis) => 1,
                Some(len) => *len,
                None => {
                    let expected = format!("a known length of axis {axis}");
                    let help = format!("set it in the Input, or add {axis} to shared_axes");
                    return Err(Error::argument("input_shape", expected, input).with_help(help));
                }
            });
        }
        self.alpha = Some(self.alpha_rules().weight("alpha", &shape, rng)?);
        Ok(())
    }

    fn forward(&self, mut x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Tensor>)> {
        let alpha = built(self.alpha.as_ref())?.value();
        self.check(&x, alpha)?;
        let alphas = spread(alpha, self.places(&x.shape()[1..]).as_deref(), x.sample_len());
        let saved = cx.save(|| x.clone());
        match saved {
            // Where x is kept, y is written straight into memory of its own.
            Some(x) => {
                let mut y = Tensor::for_overwrite(x.shape());
                rectify_into(x.as_slice(), y.as_mut_slice(), &alphas);
                Ok((y, Some(x)))
            }
            None => {
                rectify(x.as_mut_slice(), &alphas);
                Ok((x, None))
            }
        }
    }

    fn backward(
        &self,
        x: Tensor,
        mut dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let places = self.places(&x.shape()[1..]);
        let alpha = built(self.alpha.as_ref())?.value();
        let alphas = spread(alpha, places.as_deref(), x.sample_len());
        let mut sums = vec![0.0; alphas.len()];
        gradients(x.as_slice(), dy.as_mut_slice(), &alphas, &mut sums);
        if let Some(dalpha) = dw.get(0) {
            let dalpha = dalpha.as_mut_slice();
            match places {
                // The alphas may stand in `alphas` several times over.
                None => {
                    for sums in sums.chunks_exact(dalpha.len().max(1)) {
                        dalpha.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
                    }
                }
                Some(places) => places.iter().zip(&sums).for_each(|(&i, sum)| dalpha[i] += sum),
            }
        }
        Ok(Some(dy))
    }

    fn params(&self) -> Vec<&Param> {
        self.alpha.iter().collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.alpha.iter_mut().collect()
    }
}

/// How many alphas make a loop worth while that begins anew behind them.
const LOOP: usize = 512;

/// The alphas in the order of a sample's numbers; those that fit as they are, if they are few, as
/// often as makes the loops over them long.
fn spread<'a>(alpha: &'a Tensor, places: Option<&[usize]>, sample: usize) -> Cow<'a, [f32]> {
    let alpha = alpha.as_slice();
    match places {
        Some(places) => places.iter().map(|&place| alpha[place]).collect(),
        None if alpha.len() < LOOP && alpha.len() < sample => {
            let times = (LOOP / alpha.len().max(1)).min(sample / alpha.len().max(1));
            alpha.repeat(times.max(1)).into()
        }
        None => Cow::Borrowed(alpha),
    }
}

/// Reads a list of axes, or one axis as a list of one.
fn one_or_several<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<isize>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected an axis or a list of axes")]
    enum Form {
        One(isize),
        Several(Vec<isize>),
    }
    Ok(Option::<Form>::deserialize(deserializer)?.map(|form| match form {
        Form::One(axis) => vec![axis],
        Form::Several(axes) => axes,
    }))
}
