//! Rescaling: brings numbers into another range.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::places::{Places, map_with};
use crate::Numbers;

/// y = x · scale + offset.
///
/// Lists give numbers of their own to the places along the last axis, lists of lists along the last
/// two, as NumPy broadcasts them.
///
/// ```
/// use ceratops_layers::{Input, Rescaling, sequential};
///
/// // Pixels of 0 to 255 become -1 to 1.
/// let model = sequential![Input::new([2]), Rescaling::new(1.0 / 127.5).offset(-1.0)]?;
/// assert_eq!(model.predict([[0.0, 255.0]])?, [[-1.0, 1.0]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Rescaling`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rescaling {
    /// What numbers are multiplied by.
    pub scale: Numbers,
    /// What is added then; 0 by default.
    pub offset: Numbers,
}

/// Without a scale, which `validate` refuses: Keras has no default for it.
impl Default for Rescaling {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Rescaling {
    /// The layer with this scale: `1.0 / 255.0`, or one for each channel.
    pub fn new(scale: impl Into<Numbers>) -> Self {
        Self { scale: scale.into(), offset: 0.0.into() }
    }

    /// Adds this to the scaled numbers.
    #[must_use]
    pub fn offset(self, offset: impl Into<Numbers>) -> Self {
        Self { offset: offset.into(), ..self }
    }

    /// Scale and offset, if both are single numbers.
    fn single(&self) -> Option<(f32, f32)> {
        match (self.scale.values(), self.offset.values()) {
            (&[scale], &[offset]) => Some((scale as f32, offset as f32)),
            _ => None,
        }
    }

    /// The scales and the offsets for samples of that shape, as patterns.
    fn patterns(&self, sample: &[usize]) -> Result<[Vec<f32>; 2]> {
        let places = |argument: &str, numbers: &Numbers| {
            let places = Places::new(numbers.shape(), sample);
            places.ok_or_else(|| unfit(argument, numbers, &Shape::of(sample)))
        };
        let (scale, offset) = (places("scale", &self.scale)?, places("offset", &self.offset)?);
        let period = scale.period().max(offset.period());
        let spread =
            |places: Places, numbers: &Numbers| places.widened(period).spread(&numbers.to_f32());
        Ok([spread(scale, &self.scale), spread(offset, &self.offset)])
    }
}

/// The error for numbers that cannot be stretched to samples of that shape.
fn unfit(argument: &str, numbers: &Numbers, sample: &Shape) -> Error {
    let expected = format!("a number, or lists that fit samples of shape {sample}");
    let found = format!("lists of shape {}", Shape::of(numbers.shape()));
    Error::argument(argument, expected, found)
        .with_help("give one number for each place along the last axis")
}

impl Layer for Rescaling {
    const CLASS_NAME: &'static str = "Rescaling";
    const KEEPS_MASK: bool = true;
    type Saved = ();

    fn validate(&self) -> Result<()> {
        self.scale.validate("scale")?;
        self.offset.validate("offset")
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let sample = input.axes().get(1..).unwrap_or_default();
        for (argument, numbers) in [("scale", &self.scale), ("offset", &self.offset)] {
            // Lengths that are not known yet take whatever there is.
            let own = numbers.shape().iter().rev();
            let fits = |(own, len): (&usize, &Option<usize>)| {
                *own == 1 || len.is_none_or(|len| len == *own)
            };
            let outer = numbers.shape().iter().rev().skip(sample.len());
            if !own.zip(sample.iter().rev()).all(fits) || !outer.copied().all(|len| len == 1) {
                return Err(unfit(argument, numbers, &sample.to_vec().into()));
            }
        }
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        let y = match self.single() {
            Some((scale, offset)) => x.map(move |x| x * scale + offset),
            None => {
                let [scale, offset] = self.patterns(x.shape().get(1..).unwrap_or_default())?;
                map_with(x, [&scale, &offset], |x, scale, offset| x * scale + offset)
            }
        };
        Ok((y, cx.save(|| ())))
    }

    fn backward(&self, (): (), dy: Tensor, dw: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        if !dw.wants_dx() {
            return Ok(None);
        }
        // dL/dx = scale · dy
        if let Some((scale, _)) = self.single() {
            return Ok(Some(dy.map(move |dy| dy * scale)));
        }
        let [scale, offset] = self.patterns(dy.shape().get(1..).unwrap_or_default())?;
        Ok(Some(map_with(dy, [&scale, &offset], |dy, scale, _| dy * scale)))
    }
}
